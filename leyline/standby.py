"""A server that stands by: it waits until nobody has the data folder any more, and then it has it.

What the lock is is left to `data_folder`, and what is served to `web`. A standby listens on nothing, so that
whatever stands in front of both servers knows which one serves. Danger: it never makes a data folder. Where the
disk that it shares is not there it must not serve an empty line in its place.
"""

import asyncio
import contextlib
import logging
import time
from concurrent.futures import Future
from pathlib import Path

from leyline.data_folder import LOCK, DataFolder
from leyline.errors import FolderInUse, StartupError
from leyline.service import Service

log = logging.getLogger("leyline.standby")

LOOK_SECONDS = 0.25  # between two tries


async def folder_of_the_last(root: Path, service: Service, told_to_end: Future[None]) -> DataFolder | None:
    """The data folder as soon as it is free; None if told to end before. `StartupError` where there is none."""
    began = time.monotonic()
    waits = False
    ends = asyncio.wrap_future(told_to_end)
    while not ends.done():
        try:
            folder = _taken(root)
        except FolderInUse as error:
            holder = error.extra["holder"]
            if not waits:
                _say(root, holder, service)
                waits = True
            service.ping(time.monotonic(), f"STATUS=Standing by for {holder}")
            await asyncio.wait([ends], timeout=LOOK_SECONDS)
        else:
            if waits:
                log.info("event=taking_over after_seconds=%.1f", time.monotonic() - began)
            return folder
    return None


def _taken(root: Path) -> DataFolder:
    """Right here, on the event loop: until this is done it has nothing else to do."""
    if not (root / LOCK).exists():
        raise StartupError(
            f"There is no installation in {root} to stand by for. If its disk is not mounted, do that first; "
            "if it is a new one, start it once without --standby."
        )
    return DataFolder(root)


def _say(root: Path, holder: str, service: Service) -> None:
    log.info("event=standing_by data_dir=%r holder=%r", str(root), holder)
    with contextlib.suppress(OSError):  # nobody hears it: it stands by all the same
        print(f"Leyline stands by: {root} is in use by {holder}.", flush=True)
    service.tell("READY=1", f"STATUS=Standing by for {holder}")  # or its manager would take the wait for a hang
