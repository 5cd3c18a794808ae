"""One task over HTTP: its status, its stills, and what can be asked of it; and the list of the caller's own."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Any

from leyline import errors
from leyline.line.events import Subscription
from leyline.line.tasks import Task, TaskStatus
from web.base import Handler
from web.parts import Parts
from web.representation import PATH

MAX_WAIT_SECONDS = 60
MAX_PAGE = 100


class TaskHandler(Handler):
    """The base of the handlers of one task."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def task(self, task_id: str) -> Task:
        """The task of the address, if the caller may see it; else `NotFound`."""
        return await self.representation.visible(task_id, self.caller.owner)


class StatusHandler(TaskHandler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.events = parts.events
        self._patience = asyncio.timeout(None)

    async def get(self, task_id: str) -> None:
        wait_seconds = _preferred_wait(self.request.headers.get("Prefer", ""))
        # Heard from before the first reading, so that no change falls between that and the waiting.
        with contextlib.closing(self.events.subscribe()) as news:
            news.follow(task_id)
            shown = self.representation.full(await self.task(task_id))
            if wait_seconds and shown["finished_at"] is None and not self.client_left:
                shown = await self._next(task_id, shown, news, wait_seconds)
                self.set_header("Preference-Applied", f"wait={wait_seconds}")
        self.write_json(shown)

    async def _next(
        self, task_id: str, shown: dict[str, Any], news: Subscription, wait_seconds: int
    ) -> dict[str, Any]:
        """The task at its next change that people see, or as it is when the time is up."""
        seen = _seen(shown)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds) as self._patience:
                while _seen(shown) == seen:
                    await news.changes()
                    shown = self.representation.full(await self.task(task_id))
        return shown

    def on_connection_close(self) -> None:
        """The client left: its time is up."""
        super().on_connection_close()
        with contextlib.suppress(RuntimeError):  # it was not waiting
            self._patience.reschedule(0)


class CancelHandler(TaskHandler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.canceling = parts.canceling

    async def post(self, task_id: str) -> None:
        await self.task(task_id)
        canceled = found(await self.canceling.cancel(task_id))
        status = 200 if canceled.status is TaskStatus.CANCELED else 202
        self.write_json(self.representation.full(canceled), status)


class RetryHandler(TaskHandler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.intake, self.rate = parts.intake, parts.retries_rate

    async def post(self, task_id: str) -> None:
        old = await self.task(task_id)
        self.rate.take(self.caller.client)
        task = await self.intake.retry(old, self.caller.client, self.caller.network)
        self.set_header("Location", f"{self.prefix}{PATH}/{task.task_id}/status")
        self.write_json(self.representation.full(task), 202)


class TrashHandler(TaskHandler):
    """Puts a finished task into the trash."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.trash = parts.trash

    async def post(self, task_id: str) -> None:
        await self.task(task_id)
        self.write_json(self.representation.full(found(await self.move(task_id))))

    async def move(self, task_id: str) -> Task | None:
        return await self.trash.put(task_id)


class RestoreHandler(TrashHandler):
    """Takes a task out of the trash."""

    async def move(self, task_id: str) -> Task | None:
        return await self.trash.take_back(task_id)


class PinHandler(TaskHandler):
    """Keeps a video until somebody says otherwise."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.pins = parts.pins

    async def post(self, task_id: str) -> None:
        await self.task(task_id)
        self.write_json(self.representation.full(found(await self.move(task_id))))

    async def move(self, task_id: str) -> Task | None:
        return await self.pins.pin(task_id)


class UnpinHandler(PinHandler):
    """Keeps a video only as long as any other."""

    async def move(self, task_id: str) -> Task | None:
        return await self.pins.unpin(task_id)


class DeleteHandler(TaskHandler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.retention = parts.retention

    async def delete(self, task_id: str) -> None:
        await self.retention.delete(await self.task(task_id))
        self.set_status(204)


class ListHandler(Handler):
    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.store, self.representation = parts.store, parts.representation

    async def get(self) -> None:
        limit = self.get_query_argument("limit", "50")
        if not re.fullmatch(r"\d{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
            raise errors.BadRequest(f"limit must be a whole number from 1 to {MAX_PAGE}.")
        tasks: list[Task] = []
        if self.caller.owner is not None:
            before = self.get_query_argument("before", None)
            tasks = await self.store.page(self.caller.owner, before, int(limit) + 1)
            if before and not tasks:
                await self.representation.visible(before, self.caller.owner)  # or what is older than it is unknown
        shown = [self.representation.full(task) for task in tasks[: int(limit)]]
        self.write_json({"tasks": shown, "next": shown[-1]["task_id"] if len(tasks) > int(limit) else None})


class StillHandler(TaskHandler):
    """The base of the two small pictures of a task."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.media = parts.media

    async def send_jpeg(self, read: Callable[[str], bytes], key: str, missing: type[errors.Refusal]) -> None:
        try:
            data = await asyncio.to_thread(read, key)
        except OSError as error:  # not there, or damaged
            raise missing from error
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Content-Disposition", "inline")
        self.write(data)


class ThumbnailHandler(StillHandler):
    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        if task.files_removed:
            raise errors.Expired
        self.set_header("Cache-Control", "private, max-age=3600")
        await self.send_jpeg(self.media.read_thumbnail, task_id, errors.PictureMissing)


class PreviewHandler(StillHandler):
    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        if task.finished:
            raise errors.PreviewOver
        await self.send_jpeg(self.media.read_preview, task.video_key, errors.NotReady)


def found(task: Task | None) -> Task:
    """The task, which may have been deleted since the caller looked."""
    if task is None:
        raise errors.NotFound
    return task


def _seen(shown: dict[str, Any]) -> tuple[Any, ...]:
    """What a waiting call waits for: status, stage, progress, position. Not who comes behind."""
    place = shown["queue"]
    return shown["status"], shown["stage"], shown["progress"], place and place["position"]


def _preferred_wait(prefer: str) -> int:
    """The seconds of `Prefer: wait=25` (RFC 7240), at most a minute."""
    found = re.search(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])", prefer)
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0
