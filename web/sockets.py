"""All open sockets: how many a session may have, whether each still lives, and their goodbye.

What is said on one is left to `socket`.
"""

import asyncio
import itertools
from collections import Counter
from typing import TYPE_CHECKING

from leyline import errors
from web.limits import RateLimit

if TYPE_CHECKING:
    from web.socket import Socket

PINGS_AT_ONCE = 100
MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE = 600, 200  # from one socket
MOST_PER_SESSION = 100  # what each has not read yet may be a snapshot of all its tasks
GOODBYE_SECONDS = 1.0


class Sockets:
    """The open sockets: pinged for ever, and told goodbye when the server stops."""

    ping_seconds = 15.0  # who reads nothing answers no ping, however much the kernel still takes for it

    def __init__(self) -> None:
        self.open: set[Socket] = set()
        self._by_owner: Counter[str | None] = Counter()
        self.messages = RateLimit(MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE)
        self.numbers = itertools.count()

    def check(self, owner: str | None) -> None:
        """Raise `ClientLimit` when the session has as many sockets as one may."""
        if owner is not None and self._by_owner[owner] >= MOST_PER_SESSION:
            raise errors.ClientLimit(f"This browser has {MOST_PER_SESSION} pages open here. Close one of them.")

    def add(self, listener: "Socket") -> None:
        self.open.add(listener)
        self._by_owner[listener.caller.owner] += 1

    def remove(self, listener: "Socket") -> None:
        """Safe to call for one that was never added."""
        if listener in self.open:
            owner = listener.caller.owner
            self.open.remove(listener)
            self._by_owner[owner] -= 1
            if not self._by_owner[owner]:
                del self._by_owner[owner]

    async def ping_for_ever(self) -> None:
        """Ask each socket for a sign of life, and drop those that have given none since the last time."""
        while True:
            await asyncio.sleep(self.ping_seconds)
            for number, listener in enumerate(list(self.open)):
                listener.ask_for_life()
                if number % PINGS_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def close(self) -> None:
        """Say `bye` and close; who does not read is not waited for."""
        leaving = [asyncio.create_task(listener.leave()) for listener in self.open]
        if leaving:
            _, pending = await asyncio.wait(leaving, timeout=GOODBYE_SECONDS)
            for goodbye in pending:
                goodbye.cancel()
