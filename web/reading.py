"""How much of a body is read at a time: much of a few, little of many, so that all together stay within bounds.

Each piece costs its way through parser and handler whatever its size, so 20 MB in small ones take twice the time.
Danger: a piece is in memory until its handler has taken it, and there may be thousands of slow senders.
"""

ALL_BYTES = 10 * 1024 * 1024  # of all bodies that come, unless they are so many that each gets the least
LEAST_BYTES, MOST_BYTES = 32 * 1024, 256 * 1024


class Reading:
    """The bodies that come, and the share of each."""

    def __init__(self) -> None:
        self._bodies = 0

    def begin(self) -> None:
        self._bodies += 1

    def end(self) -> None:
        self._bodies -= 1

    @property
    def share(self) -> int:
        """How many bytes of one of them may be read next."""
        return min(max(ALL_BYTES // max(1, self._bodies), LEAST_BYTES), MOST_BYTES)
