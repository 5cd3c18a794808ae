"""The way into the line: an upload, from its headers to its task."""
