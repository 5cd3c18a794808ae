"""The threads in which what comes of runs is written to the disk, removed from it, or looked for.

What is done there is left to the callers. They are of their own, so that a finished video never waits behind a
hundred uploads' fsyncs.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from leyline.line.retention import Retention
from leyline.media import Media

log = logging.getLogger("leyline.line")

T = TypeVar("T")

LATER_SECONDS = 0.1
AT_ONCE = 4  # a disk gains nothing by more; of one model process never more than one is busy


class Disk:
    """The disk as runs use it, never on the event loop."""

    def __init__(self, media: Media, retention: Retention) -> None:
        self._media = media
        self._retention = retention
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="runs on disk")
        self._later: deque[tuple[Callable[..., None], tuple[object, ...]]] = deque()

    async def do(self, work: Callable[..., T], *args: object) -> T:
        """What `work` returns, or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    async def remove(self, removal: Callable[..., None], *args: object) -> None:
        """What cannot be removed now is swept at the next start."""
        await self.do(_removed, removal, *args)

    def remove_later(self, removal: Callable[..., None], *args: object) -> None:
        """The same a moment later, or before the end: nobody waits for it, nor the run that begins now."""
        self._later.append((removal, args))
        asyncio.get_running_loop().call_later(LATER_SECONDS, self._remove_next)

    def _remove_next(self) -> None:
        if self._later:
            removal, args = self._later.popleft()
            self._threads.submit(_removed, removal, *args)

    async def is_well(self) -> bool:
        """Whether it takes what runs write."""
        return await self.do(lambda: self._retention.has_room() and self._media.takes_files())

    def close(self) -> None:
        """Wait for what is being done, and for what was to be removed later."""
        while self._later:
            self._remove_next()
        self._threads.shutdown()


def _removed(removal: Callable[..., None], *args: object) -> None:
    try:
        removal(*args)
    except OSError as error:
        task_id = str(args[0]).partition("-")[0]  # of the run's video key
        log.error("event=removal_failed error=%r task=%s", str(error), task_id)
