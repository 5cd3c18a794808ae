"""These need PyTorch, too large for `make test`: `make test-models` runs them in an environment of its own."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") and find_spec("diffusers") else ["*"]
