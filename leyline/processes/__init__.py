"""The child processes that the server keeps: how one is kept alive, what is said to it, and the model's."""
