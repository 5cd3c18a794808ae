"""What people can choose for each picture, as the server knows it: by the model's JSON Schema alone."""
