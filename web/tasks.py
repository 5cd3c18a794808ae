"""One task over HTTP: its status, its stills, and what can be asked of it; and the list of the caller's own."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Any

from leyline import errors
from leyline.line.events import Changes
from leyline.line.tasks import Task, TaskStatus
from leyline.parameters import values
from leyline.parameters.values import Values
from web.base import JSON_TYPE, Handler
from web.greeting import Greeting, version
from web.parts import Parts
from web.representation import PATH
from web.waiting import WaitingHandler

MAX_PAGE = 100


class TaskHandler(Handler):
    """The base of the handlers of one task."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def task(self, task_id: str) -> Task:
        """The task of the address, if the caller may see it; else `NotFound`."""
        return await self.representation.visible(task_id, self.caller.owner)


class StatusHandler(WaitingHandler, TaskHandler):
    """The task as it is; or, to who waits, as it is after its next change."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self._bulletins = parts.bulletins.below(self.prefix)
        self._etag: str | None = None

    async def get(self, task_id: str) -> None:
        if self.wait_seconds:
            await self._get_later(task_id)
            return
        body, self._etag = self._bulletins.answer(await self.task(task_id))
        self.set_header("Content-Type", JSON_TYPE)
        self.write(body)

    def compute_etag(self) -> str | None:
        """Known already where the body was made for somebody before."""
        return self._etag or super().compute_etag()

    async def _get_later(self, task_id: str) -> None:
        # Heard from before the first reading, so that no change falls between that and the waiting.
        with contextlib.closing(self.events.subscribe()) as news:
            news.follow(task_id)
            shown = await self._shown(task_id)
            if shown["finished_at"] is None:
                seen = _seen(shown)
                shown = await self.next_after(
                    shown, news, lambda *_: self._shown(task_id), lambda shown: _seen(shown) != seen
                )
        self.write_json(shown)

    async def _shown(self, task_id: str) -> dict[str, Any]:
        return self.representation.full(await self.task(task_id))


class OutputHandler(TaskHandler):
    """What the model printed last for a task, whosever it is: the operator's view of it."""

    needs_admission = False  # the operator's token is worth more

    async def get(self, task_id: str) -> None:
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
        task = found(await self.representation.row(task_id))
        self.write_json(await self.representation.outputs(task))


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
        old, chosen = await self.task(task_id), self._chosen()
        self.rate.take(self.caller.client)
        task = await self.intake.retry(old, self.caller.client, self.caller.network, chosen)
        self.set_header("Location", f"{self.prefix}{PATH}/{task.task_id}/status")
        self.write_json(self.representation.full(task), 202)

    def _chosen(self) -> Values | None:
        """What is chosen anew; None where the old parameters are to be those of the new task."""
        if self.json_body().get("parameters") is None:
            return None
        return values.take(values.load(self.received)["parameters"])


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


class ListHandler(WaitingHandler):
    """The caller's tasks: a page of them, or all that the socket tells first, at the next change of any."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.store = parts.store
        self.representation = parts.representation.below(self.prefix)
        self.greeting = Greeting(parts, self.representation)

    async def get(self) -> None:
        limit = self.get_query_argument("limit", "50")
        if not re.fullmatch(r"\d{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
            raise errors.BadRequest(f"limit must be a whole number from 1 to {MAX_PAGE}.")
        before, since = self.get_query_argument("before", None), self.get_query_argument("since", None)
        follows = not before and (since is not None or self.wait_seconds)
        self.write_json(await (self._followed(since, int(limit)) if follows else self._page(before, int(limit))))

    async def _page(self, before: str | None, limit: int) -> dict[str, Any]:
        tasks: list[Task] = []
        if self.caller.owner is not None:
            tasks = await self.store.page(self.caller.owner, before, limit + 1)
            if before and not tasks:
                await self.representation.visible(before, self.caller.owner)  # or what is older than it is unknown
        shown = [self.representation.full(task) for task in tasks[:limit]]
        return {"tasks": shown, "next": shown[-1]["task_id"] if len(tasks) > limit else None}

    async def _followed(self, since: str | None, limit: int) -> dict[str, Any]:
        """All that there is once it is another `version` than `since`, or than now; at last as it is."""
        owner = self.caller.owner
        with contextlib.closing(self.events.subscribe(owner)) as news:  # before the first reading, as above
            shown = await self._all(limit)
            seen = shown["version"] if since is None else since
            if self.wait_seconds and seen == shown["version"]:

                async def read(shown: dict[str, Any], changes: Changes) -> dict[str, Any]:
                    if changes.tasks or changes.gone or changes.live or self._has_moved(shown):
                        return await self._all(limit)
                    return shown

                shown = await self.next_after(shown, news, read, lambda shown: shown["version"] != seen)
        return {**shown, "hello": self.greeting.hello(owner)}

    async def _all(self, finished: int) -> dict[str, Any]:
        told = await self.greeting.snapshot(self.caller.owner, finished)
        return {**told, "version": version(told["tasks"])}

    def _has_moved(self, shown: dict[str, Any]) -> bool:
        """Whether a task stands elsewhere in line now. Cheap, for this is asked whenever anybody's does."""
        places = {task["task_id"]: task["queue"]["position"] for task in shown["tasks"] if task["queue"]}
        standings = self.representation.standings(self.caller.owner)
        return places != {each["task_id"]: each["queue"]["position"] for each in standings if each["queue"]}


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
        read = {"320": self.media.read_thumbnail, "1280": self.media.read_poster}.get(
            self.get_query_argument("side", "320")
        )
        if read is None:
            raise errors.BadRequest("side must be 320 or 1280.")
        self.set_header("Cache-Control", "private, max-age=3600")
        await self.send_jpeg(read, task_id, errors.PictureMissing)


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
    """What a waiting call waits for. Not who comes behind, and not when it will be ready."""
    place = shown["queue"]
    return shown["status"], shown["stage"], shown["progress"], shown["watchable"], place and place["position"]
