"""One task over HTTP: its status, and what can be asked of it; and the list of the caller's own."""

import contextlib
import re
from typing import Any

from tornado.httputil import HTTPHeaders

from leyline import errors
from leyline.line import own_moves
from leyline.line.events import Changes
from leyline.line.own_moves import To
from leyline.line.tasks import Task, TaskStatus
from leyline.parameters import values
from leyline.parameters.values import Values
from web.base import JSON_TYPE, MAX_BODY_BYTES, Handler
from web.call import TASK_ID
from web.greeting import Greeting, version
from web.parts import Parts
from web.representation import MAX_BATCH_ID_LENGTH, PATH
from web.waiting import WaitingHandler

MAX_PAGE = 100
MOST_AMONG = 1000  # ids that a move may name


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

    async def get(self, task_id: str) -> None:
        if self.wait_seconds:
            await self._get_later(task_id)
            return
        body, etag = self._bulletins.answer(await self.task(task_id))
        self._headers["Etag"] = etag  # by which Tornado knows that this is done
        if self.request.headers.get("If-None-Match") == etag or self.check_etag_header():
            self._say_that_it_is_the_same()
        else:
            self._headers["Content-Type"] = JSON_TYPE
            self.write(body)

    def _say_that_it_is_the_same(self) -> None:
        """Without what says how to treat a body: it was said with that (RFC 9110, 15.4.5)."""
        self.set_status(304)
        said, self._headers = self._headers, HTTPHeaders()
        for name in ("Date", "Cache-Control", "Etag"):
            self._headers[name] = said[name]

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


class MoveHandler(TaskHandler):
    """Moves a waiting task among the places that its owner's tasks have."""

    most_body_bytes = 3 * MAX_BODY_BYTES  # it may name many

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.moves = parts.moves

    async def post(self, task_id: str) -> None:
        task = await self.task(task_id)
        body = self.json_body()
        try:
            to, among = To(str(body.get("to"))), body.get("among", [])
        except ValueError:
            raise errors.BadRequest(f"to must be one of {', '.join(To)}.") from None
        if not isinstance(among, list) or not all(
            isinstance(each, str) and TASK_ID.fullmatch(each) for each in among
        ):
            raise errors.BadRequest("among must be a list of task ids.")
        if len(among) > MOST_AMONG:
            raise errors.BadRequest(f"among has at most {MOST_AMONG} task ids.")
        theirs = await self._own(among) if task.owner is None else self.moves.index.of_owner(task.owner)
        self.write_json(self.representation.full(await own_moves.move(self.moves, task, to, theirs)))

    async def _own(self, task_ids: list[str]) -> list[str]:
        """Those without an owner, which are of whoever knows their ids."""
        rows = [await self.representation.row(task_id) for task_id in dict.fromkeys(task_ids)]
        return [row.task_id for row in rows if row and row.owner is None]


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
        limit = page_size(self)
        before, since = self.get_query_argument("before", None), self.get_query_argument("since", None)
        batch_id = self.get_query_argument("batch_id", None)
        if batch_id is not None and len(batch_id) > MAX_BATCH_ID_LENGTH:
            raise errors.BadRequest(f"batch_id may have at most {MAX_BATCH_ID_LENGTH} characters.")
        if not (before or batch_id) and (since is not None or self.wait_seconds):
            self.write_json(await self._followed(since, limit))
        else:
            self.write_json(await self._page(before, limit, batch_id or None))

    async def _page(self, before: str | None, limit: int, batch_id: str | None) -> dict[str, Any]:
        tasks: list[Task] = []
        if self.caller.owner is not None:
            tasks = await self.store.page(self.caller.owner, before, limit + 1, batch_id)
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
        return {**shown, "hello": self.greeting.hello(self.caller)}

    async def _all(self, finished: int) -> dict[str, Any]:
        told = await self.greeting.snapshot(self.caller.owner, finished)
        return {**told, "version": version(told["tasks"])}

    def _has_moved(self, shown: dict[str, Any]) -> bool:
        """Whether a task stands elsewhere in line now. Cheap, for this is asked whenever anybody's does."""
        places = {task["task_id"]: task["queue"]["position"] for task in shown["tasks"] if task["queue"]}
        standings = self.representation.standings(self.caller.owner)
        return places != {each["task_id"]: each["queue"]["position"] for each in standings if each["queue"]}


def page_size(handler: Handler) -> int:
    """How many are asked for at most."""
    limit = handler.get_query_argument("limit", "50")
    if not re.fullmatch(r"\d{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
        raise errors.BadRequest(f"limit must be a whole number from 1 to {MAX_PAGE}.")
    return int(limit)


def found(task: Task | None) -> Task:
    """The task, which may have been deleted since the caller looked."""
    if task is None:
        raise errors.NotFound
    return task


def _seen(shown: dict[str, Any]) -> tuple[Any, ...]:
    """What a waiting call waits for. Not who comes behind, and not when it will be ready."""
    place = shown["queue"]
    return shown["status"], shown["stage"], shown["progress"], shown["watchable"], place and place["position"]
