"""A Leyline server from outside: `LeylineClient` for programs, and the batch that `leyline submit` sends.

What a person sees of a batch is here too; the command's flags are left to `leyline.cli`. Needs none of the
server's rooms.
"""

from leyline.client.client import LeylineClient

__all__ = ["LeylineClient"]
