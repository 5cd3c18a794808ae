"""The child processes that the server keeps: one child and its pipe, what is said on it, and the model's."""
