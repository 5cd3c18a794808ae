"""A Leyline server from outside: `LeylineClient` for programs, and the batch that `leyline submit` sends.

What a person sees of a batch is here too, and what is chosen for its pictures. Needs none of the server's rooms
but what both hold parameters to.
"""

from leyline.client.client import LeylineClient

__all__ = ["LeylineClient"]
