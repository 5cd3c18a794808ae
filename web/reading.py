"""Whose body is read next, and how much of it: a few advance at a time, those that began first before the others.

What is read of them is left to `connections`. Danger: two hundred large files that all came together would be
unfinished together: all of them on the disk, and no picture of them yet at work. But who sends slowly must hold up
nobody, so a turn is only theirs of whom there is something to read.
"""

import itertools

from leyline.turns import Turns

AT_ONCE = 4  # bodies that advance: as many as fill what is held until it is worth writing
FREE_BYTES = 1024 * 1024  # of each body, for which nobody waits: most are no longer
# A piece is in memory until its handler has taken it, and there may be thousands of slow senders; but each costs
# its way through parser and handler whatever its size.
LEAST_BYTES, MOST_BYTES = 32 * 1024, 256 * 1024


class Reading:
    """The bodies that come."""

    def __init__(self) -> None:
        self._turns = Turns(AT_ONCE)
        self._numbers = itertools.count()

    def begin(self, network: str) -> "Body":
        """One more comes, from there."""
        return Body(self._turns, network, next(self._numbers))


class Body:
    """One body on its way in; networks have turns, and in each who began first goes first."""

    def __init__(self, turns: Turns, network: str, number: int) -> None:
        self._turns = turns
        self._network = network
        self._number = number
        self._read_bytes = 0
        self._has_turn = False
        self.is_over = False  # nothing more of it comes

    @property
    def piece_bytes(self) -> int:
        """How many of its bytes may be read at once."""
        return MOST_BYTES if self._has_turn else LEAST_BYTES

    async def advance(self, count: int) -> None:
        """So many bytes were read: wait until they may be taken."""
        self._read_bytes += count
        if self._has_turn or self.is_over or self._read_bytes <= FREE_BYTES:
            return
        await self._turns.come(self._network, "", self._number)
        self._has_turn = True
        if self.is_over:  # its sender left while it waited
            self.rest()

    def rest(self) -> None:
        """There is nothing of it to read for now: others may."""
        if self._has_turn:
            self._has_turn = False
            self._turns.pass_on(self._network, "")

    def end(self) -> None:
        """Nothing more of it comes."""
        self.is_over = True
        self.rest()
