"""Turns at something that takes a few at a time: networks one after the other, and in each its clients, whatever
each has waiting.

Who a client is, and in which network, is left to the callers. Danger: who leaves while waiting, or in the very
moment when its turn comes, must not take the turn along.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


Asked = tuple[int, int, "asyncio.Future[None]"]  # rank, number of asking, and what tells that the turn has come


class Turns:
    """So many turns at a time; each client's own by rank, the lowest first, and in the order of asking."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._numbers = itertools.count()
        # By network and client, both in their order, whose turn it is next first; and of each client a heap.
        self._waiting: dict[str, dict[str, list[Asked]]] = {}

    @contextlib.asynccontextmanager
    async def turn(self, network: str, client: str) -> AsyncIterator[None]:
        """Wait for a turn of this client in this network; it lasts as long as the block."""
        await self.come(network, client)
        try:
            yield
        finally:
            self.pass_on(network, client)

    async def come(self, network: str, client: str, rank: int = 0) -> None:
        """Wait for a turn that lasts until it is passed on."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        own = self._waiting.setdefault(network, {}).setdefault(client, [])
        heapq.heappush(own, (rank, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came at this very moment
                self.pass_on(network, client)
            raise

    def pass_on(self, network: str, client: str) -> None:
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
        _, _, turn = heapq.heappop(waiting)
        if not waiting:
            del clients[client]
        if not clients:
            del self._waiting[network]
        return turn


def _put_last(waiting: dict[str, T], name: str) -> None:
    if name in waiting:
        waiting[name] = waiting.pop(name)
