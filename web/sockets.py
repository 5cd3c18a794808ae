"""All open sockets: how many one may have, how much may come on each, whether it still lives, and their goodbye.

What is said on one is left to `socket`.
"""

import asyncio
import itertools
import logging
from collections import Counter
from typing import TYPE_CHECKING

from leyline import errors
from web.limits import RateLimit
from web.sessions import Caller

if TYPE_CHECKING:
    from web.socket import Socket

log = logging.getLogger("leyline.sockets")

PINGS_AT_ONCE = 100
FRAMES_PER_MINUTE, FRAMES_AT_ONCE = 600, 200  # from one socket
BYTES_PER_MINUTE, BYTES_AT_ONCE = 600_000, 200_000  # in these
MOST_PER_SESSION = 100  # what each has not read yet may be a snapshot of all its tasks
MOST_WITHOUT_SESSION = 100  # of one network
GOODBYE_SECONDS = 1.0


class Sockets:
    """The open sockets: pinged for ever, and told goodbye when the server stops."""

    ping_seconds = 15.0  # who reads nothing answers no ping, however much the kernel still takes for it

    def __init__(self) -> None:
        self.open: set[Socket] = set()
        self._of: Counter[str | None] = Counter()  # a session, or a network without one
        self._frames = RateLimit(FRAMES_PER_MINUTE, FRAMES_AT_ONCE)
        self._bytes = RateLimit(BYTES_PER_MINUTE, BYTES_AT_ONCE)
        self.numbers = itertools.count()

    def check(self, caller: Caller) -> None:
        """Raise `ClientLimit` when the session has as many sockets as one may, or the network without one."""
        has = self._of[_holder(caller)]
        if caller.owner is not None and has >= MOST_PER_SESSION:
            raise errors.ClientLimit(f"This browser has {MOST_PER_SESSION} pages open here. Close one of them.")
        if caller.owner is None and caller.network is not None and has >= MOST_WITHOUT_SESSION:
            raise errors.ClientLimit(
                f"Your network has {MOST_WITHOUT_SESSION} connections without a session open here. Close one."
            )

    def count(self, number: str, size_bytes: int, is_frame: bool) -> None:
        """Count what came on the socket of this number; `ClientLimit` for more than any page sends."""
        self._bytes.take(number, size_bytes)
        if is_frame:
            self._frames.take(number)

    def add(self, listener: "Socket") -> None:
        self.open.add(listener)
        self._of[_holder(listener.caller)] += 1

    def remove(self, listener: "Socket") -> None:
        """Safe to call for one that was never added."""
        if listener in self.open:
            holder = _holder(listener.caller)
            self.open.remove(listener)
            self._of[holder] -= 1
            if not self._of[holder]:
                del self._of[holder]

    async def ping_for_ever(self) -> None:
        """Ask each socket for a sign of life, and drop those that have given none since the last time."""
        while True:
            await asyncio.sleep(self.ping_seconds)
            for number, listener in enumerate(list(self.open)):
                try:
                    listener.ask_for_life()
                except Exception:  # a bug; without it the others would never be asked again
                    log.exception("event=bug in=sockets")
                if number % PINGS_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def close(self) -> None:
        """Say `bye` and close; who does not read is not waited for."""
        leaving = [asyncio.create_task(listener.leave()) for listener in self.open]
        if leaving:
            _, pending = await asyncio.wait(leaving, timeout=GOODBYE_SECONDS)
            for goodbye in pending:
                goodbye.cancel()


def _holder(caller: Caller) -> str | None:
    """Who is told that there are too many; None for who comes from this machine itself, without a session."""
    return caller.owner or caller.network
