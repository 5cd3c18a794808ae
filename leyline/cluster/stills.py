"""Previews on their way to the front door: small enough to be said, at most one a second, the newest.

Danger: the model writes them as it likes; one that is too large is made smaller in a thread, or left out.
"""

import asyncio
import base64
import io
import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from leyline.cluster.messages import Still
from leyline.processes import protocol

log = logging.getLogger("leyline.cluster")

MAX_STILL_BYTES = 20_000
STILL_SECONDS = 1.0
QUALITIES = (70, 50, 30, 15)  # tried until one is small enough


class Stills:
    """The previews of one run, which lie at `path` one after the other."""

    def __init__(self, path: Path, say: Callable[[Still], None]) -> None:
        self._path = path
        self._say = say
        self._newest: protocol.Preview | None = None
        self._said_at = -STILL_SECONDS
        self._at_work: asyncio.Task[None] | None = None

    def show(self, news: protocol.Preview) -> None:
        """A newer one lies there."""
        self._newest = news
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._send())

    async def end(self) -> None:
        """Say nothing more; what is under way is waited for, unless it is waiting itself."""
        self._newest = None
        self.stop()
        if self._at_work:
            await asyncio.wait([self._at_work])

    def stop(self) -> None:
        if self._at_work:
            self._at_work.cancel()

    async def _send(self) -> None:
        while self._newest:
            await asyncio.sleep(self._said_at + STILL_SECONDS - monotonic())
            news, self._newest = self._newest, None
            try:
                picture = await asyncio.to_thread(small, self._path)
            except (OSError, ValueError) as error:
                log.warning("event=preview_left_out task=%s error=%r", news.task_id, str(error))
                continue
            self._said_at = monotonic()
            self._say(Still(news.task_id, news.run, news.revision, base64.b64encode(picture).decode()))


def small(path: Path) -> bytes:
    """The JPEG at this path in at most 20 kB; OSError or ValueError for what cannot be made so small."""
    data = path.read_bytes()
    if len(data) <= MAX_STILL_BYTES:
        return data
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        for quality in QUALITIES:
            made = io.BytesIO()
            picture.convert("RGB").save(made, "JPEG", quality=quality)
            if made.tell() <= MAX_STILL_BYTES:
                return made.getvalue()
    raise ValueError(f"a preview of {len(data)} bytes")
