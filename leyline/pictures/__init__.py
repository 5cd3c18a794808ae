"""Pictures: which files are any, and the helper process that reads them under limits."""
