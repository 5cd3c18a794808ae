"""Turns at something that takes a few at a time: networks one after the other, and in each its clients, whatever
each has waiting.

Who a client is, and in which network, is left to the callers. Danger: who leaves while waiting, or in the very
moment when its turn comes, must not take the turn along.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """So many turns at a time; each client's own in the order of asking."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        # By network and client; both in their order, whose turn it is next first.
        self._waiting: dict[str, dict[str, deque[asyncio.Future[None]]]] = {}

    @contextlib.asynccontextmanager
    async def turn(self, network: str, client: str) -> AsyncIterator[None]:
        """Wait for a turn of this client in this network; it lasts as long as the block."""
        await self._come(network, client)
        try:
            yield
        finally:
            self._pass_on(network, client)

    async def _come(self, network: str, client: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, {}).setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came at this very moment
                self._pass_on(network, client)
            raise

    def _pass_on(self, network: str, client: str) -> None:
        """This client's turn is over: it comes after all others of its network, and that after all others."""
        _put_last(self._waiting.get(network, {}), client)
        _put_last(self._waiting, network)
        while self._waiting:
            turn = self._next()
            if not turn.done():  # else who waited has left
                turn.set_result(None)
                return
        self._free += 1

    def _next(self) -> "asyncio.Future[None]":
        """Whose turn it is, taken out."""
        network, clients = next(iter(self._waiting.items()))
        client, waiting = next(iter(clients.items()))
        turn = waiting.popleft()
        if not waiting:
            del clients[client]
        if not clients:
            del self._waiting[network]
        return turn


def _put_last(waiting: dict[str, T], name: str) -> None:
    if name in waiting:
        waiting[name] = waiting.pop(name)
