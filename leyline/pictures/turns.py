"""Turns at something that takes a few at a time: clients one after the other, whatever each has waiting.

Who a client is is left to the callers. Danger: who leaves while waiting, or in the very moment when its
turn comes, must not take the turn along.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator


class Turns:
    """So many turns at a time; each client's own in the order of asking."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # whose turn it is next first

    @contextlib.asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn of this client; it lasts as long as the block."""
        await self._come(client)
        try:
            yield
        finally:
            self._pass_on(client)

    async def _come(self, client: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came at this very moment
                self._pass_on(client)
            raise

    def _pass_on(self, client: str) -> None:
        """This client's turn is over."""
        if client in self._waiting:
            self._waiting[client] = self._waiting.pop(client)  # behind all others
        while self._waiting:
            first, waiting = next(iter(self._waiting.items()))
            turn = waiting.popleft()
            if not waiting:
                del self._waiting[first]
            if not turn.done():  # else who waited has left
                turn.set_result(None)
                return
        self._free += 1
