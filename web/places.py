"""How many requests may wait for a change at a time: of one client, and of one network.

Danger: each holds a connection and is told of every change, for up to a minute, and asking costs nothing.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

from leyline.errors import ClientLimit
from web.sessions import Caller

MOST_OF_CLIENT, MOST_OF_NETWORK = 100, 1_000  # of a client as many as it may have sockets
RETRY_AFTER_SECONDS = 5


class Places:
    """The requests that wait at this moment, by client and by network."""

    def __init__(self) -> None:
        self.of_client: Counter[str] = Counter()
        self.of_network: Counter[str] = Counter()
        self._waits: set[asyncio.Timeout] = set()
        self._is_closed = False

    @contextlib.contextmanager
    def held(self, wait: asyncio.Timeout) -> Iterator[None]:
        """The block lasts until then, or until the server stops."""
        self._waits.add(wait)
        try:
            if self._is_closed:
                wait.reschedule(0)
            yield
        finally:
            self._waits.discard(wait)

    def close(self) -> None:
        """End each wait, now and from now on: the server stops, and who waits is answered with what there is."""
        self._is_closed = True
        for wait in self._waits:
            with contextlib.suppress(RuntimeError):  # it is over just now
                wait.reschedule(0)

    @contextlib.contextmanager
    def taken(self, caller: Caller) -> Iterator[None]:
        """A place of this caller's for as long as the block lasts; `ClientLimit` where too many do."""
        client, network = caller.client, caller.network
        if self.of_client[client] >= MOST_OF_CLIENT:
            raise _limited(f"{MOST_OF_CLIENT} of your requests wait here already.")
        if network is not None and self.of_network[network] >= MOST_OF_NETWORK:
            raise _limited(f"{MOST_OF_NETWORK:,} requests of your network wait here already.")
        taken = [(self.of_client, client)] + ([(self.of_network, network)] if network is not None else [])
        for counter, name in taken:
            counter[name] += 1
        try:
            yield
        finally:
            for counter, name in taken:
                counter[name] -= 1
                if not counter[name]:
                    del counter[name]


def _limited(sentence: str) -> ClientLimit:
    limit = ClientLimit(f"{sentence} Ask without waiting, or close some.")
    limit.retry_after_seconds = RETRY_AFTER_SECONDS
    return limit
