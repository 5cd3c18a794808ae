"""The threads in which what comes of runs is written to the disk, removed from it, or looked for.

What is done there is left to the callers. They are of their own, so that a finished video never waits behind a
hundred uploads' fsyncs.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from leyline.line.retention import Retention
from leyline.media import Media

log = logging.getLogger("leyline.line")

T = TypeVar("T")

AT_ONCE = 4  # a disk gains nothing by more; of one model process never more than one is busy


class Disk:
    """The disk as runs use it, never on the event loop."""

    def __init__(self, media: Media, retention: Retention) -> None:
        self._media = media
        self._retention = retention
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="runs on disk")

    async def do(self, work: Callable[..., T], *args: object) -> T:
        """What `work` returns, or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    async def remove(self, removal: Callable[..., None], *args: object) -> None:
        """What cannot be removed now is swept at the next start."""
        try:
            await self.do(removal, *args)
        except OSError as error:
            task_id = str(args[0]).partition("-")[0]  # of the run's video key
            log.error("event=removal_failed error=%r task=%s", str(error), task_id)

    async def is_well(self) -> bool:
        """Whether it takes what runs write."""
        return await self.do(lambda: self._retention.has_room() and self._media.takes_files())

    def close(self) -> None:
        """Wait for what is being done."""
        self._threads.shutdown()
