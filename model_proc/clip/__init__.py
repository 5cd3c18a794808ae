"""What a model makes, frame by frame or of a finished file, written as a master that can be kept."""
