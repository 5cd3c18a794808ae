"""What there is to be seen of a task over HTTP without watching it: its picture, small, and small stills.

Danger: none of them may be a video, nor so many that they were one.
"""

import asyncio
import re
from collections.abc import Callable

from leyline import errors
from web.parts import Parts
from web.tasks import TaskHandler

KEPT = "private, max-age=3600"  # by the browser; none of them is ever another


class StillHandler(TaskHandler):
    """The base of what there is to be seen of a task without watching it."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.media = parts.media

    async def send_jpeg(self, read: Callable[[str], bytes], key: str, missing: type[errors.Refusal]) -> None:
        try:
            data = await asyncio.to_thread(read, key)
        except OSError as error:  # not there, or damaged
            raise missing from error
        self.send(data)

    def send(self, jpeg: bytes) -> None:
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Content-Disposition", "inline")
        self.write(jpeg)


class ThumbnailHandler(StillHandler):
    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        if task.files_removed:
            raise errors.Expired
        read = {"320": self.media.read_thumbnail, "1280": self.media.read_poster}.get(
            self.get_query_argument("side", "320")
        )
        if read is None:
            raise errors.BadRequest("side must be 320 or 1280.")
        self.set_header("Cache-Control", KEPT)
        await self.send_jpeg(read, task_id, errors.PictureMissing)


class PreviewHandler(StillHandler):
    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        if task.finished:
            raise errors.PreviewOver
        await self.send_jpeg(self.media.read_preview, task.video_key, errors.NotReady)


class GlimpseHandler(StillHandler):
    """One of at most eight small stills of a finished video; asking for them is no view."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.glimpses = parts.glimpses

    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        eighth = self.get_query_argument("n", "0")
        if not re.fullmatch(r"[0-7]", eighth, re.ASCII):
            raise errors.BadRequest("n must be a whole number from 0 to 7.")
        still = await self.glimpses.read(task, int(eighth), self.caller.network)
        self.set_header("Cache-Control", KEPT)
        self.send(still)
