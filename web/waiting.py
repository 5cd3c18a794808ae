"""Requests that are answered at the next change where they ask to be (`Prefer: wait`, RFC 7240).

What they wait for is left to their handlers, how many may to `places`. Danger: a client may leave at any moment,
and nothing may go on waiting for one that has left.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from leyline.line.events import Changes, Subscription
from web.base import Handler
from web.parts import Parts

T = TypeVar("T")

MAX_WAIT_SECONDS = 60
WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")


class WaitingHandler(Handler):
    """The base of the handlers that answer at the next change where they are asked to."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.events = parts.events
        self._places = parts.places
        self._patience: asyncio.Timeout | None = None  # while it waits

    @property
    def wait_seconds(self) -> int:
        """How long the client wants to wait, at most a minute; 0 where it does not."""
        found = WAIT.search(self.request.headers.get("Prefer", ""))
        return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0

    async def next_after(
        self,
        shown: T,
        news: Subscription,
        read: Callable[[T, Changes], Awaitable[T]],
        differs: Callable[[T], bool],
    ) -> T:
        """What is to be shown once it `differs`, or as it is when the time is up or the client has left.

        `read` gives what is to be shown after some changes of what was shown before. Raises `ClientLimit`.
        """
        if self.client_left:
            return shown
        with self._places.taken(self.caller), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.wait_seconds) as self._patience:
                with self._places.held(self._patience):
                    while not differs(shown):
                        shown = await read(shown, await news.changes())
        self.set_header("Preference-Applied", f"wait={self.wait_seconds}")
        return shown

    def on_connection_close(self) -> None:
        """The client left: its time is up."""
        super().on_connection_close()
        if self._patience:
            with contextlib.suppress(RuntimeError):  # it does not wait any more
                self._patience.reschedule(0)
