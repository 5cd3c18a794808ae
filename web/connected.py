"""What connected commands have under way here: their requests and sockets, which end when one is disconnected.

Danger: a token is looked for off the event loop, so a request is known here before that, and forgotten at its end.
"""

from typing import Protocol


class UnderWay(Protocol):
    """A request, or a socket."""

    def cut(self) -> None:
        """End it now, whatever it does."""


class Connected:
    """The requests and sockets of commands at this moment, by the digests of their tokens."""

    def __init__(self) -> None:
        self._under_way: dict[UnderWay, str] = {}

    def add(self, one: UnderWay, token_hash: str) -> None:
        """Until it is removed, it can be cut."""
        self._under_way[one] = token_hash

    def remove(self, one: UnderWay) -> None:
        """Safe to call twice, and for one that was never added."""
        self._under_way.pop(one, None)

    def is_cut(self, one: UnderWay) -> bool:
        """Whether it is known no more, though it was added."""
        return one not in self._under_way

    def cut(self, token_hash: str) -> None:
        """End all that goes by this token."""
        for one in [one for one, known_by in self._under_way.items() if known_by == token_hash]:
            self.remove(one)
            one.cut()
