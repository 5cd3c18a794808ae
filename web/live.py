"""WS /api/video/events: one socket per page, everything live on it.

What happened is told by `events`, what is said of it by `bulletins`, what comes first by `greeting`, and how it
gets there is left to `socket`. Danger: a reader may be slow; each socket keeps one mark per task, never a queue.
A change of state is never dropped: what the task is by then is said when there is room.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from leyline import errors
from leyline.errors import BadRequest
from leyline.line.events import Changes, Subscription
from web.bulletins import Bulletin
from web.frames import Frames
from web.greeting import Greeting
from web.parts import Parts
from web.representation import Place
from web.socket import Socket

MAX_IDS_PER_MESSAGE = 100
MAX_IDS_PER_SOCKET = 1000
TASKS_IN_A_TURN = 25  # that are told before others have theirs


class Told:
    """What one socket was told last of the line: its public frame, and where each of its own tasks stood."""

    __slots__ = ("line", "places")

    def __init__(self) -> None:
        self.line = b""
        self.places: dict[str, Place] = {}

    def take(self, task_id: str, place: Place | None) -> None:
        """The task was told to stand there; None for one that is not in line."""
        if place is None:
            self.places.pop(task_id, None)
        else:
            self.places[task_id] = place

    def keep_only(self, in_line: Iterable[str]) -> None:
        """Forget all others."""
        self.places = {task_id: self.places[task_id] for task_id in in_line if task_id in self.places}


class LiveHandler(Socket):
    """The socket of one page: all of its caller's tasks, the line and the model."""

    commands: ClassVar[dict[str, str]] = {**Socket.commands, "subscribe": "_subscribe"}

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self._events = parts.events
        self._bulletins = parts.bulletins.below(self.prefix)
        self._greeting = Greeting(parts, self._bulletins.representation)
        self._news: Subscription
        self._told = Told()

    async def tell_all(self) -> None:
        # Heard from before the snapshot is read, so that no change falls between the two.
        with contextlib.closing(self._events.subscribe(self.caller.owner, self._tell_at_once)) as self._news:
            await self._greet()
            while True:
                await self._tell_changes(await self._news.changes())

    async def _greet(self) -> None:
        await self.say("hello", self._greeting.hello(self.caller))
        snapshot = await self._greeting.snapshot(self.caller.owner)
        for task_id in self._in_line():
            self._told.take(task_id, self._bulletins.representation.place(task_id))
        await self.say("snapshot", snapshot)

    async def _tell_changes(self, changes: Changes) -> None:
        if changes.model:
            await self.write_frame(self._bulletins.model())
        for task_id in changes.gone:
            await self._tell_of(task_id, self._bulletins.gone(task_id))
        for number, task_id in enumerate(changes.tasks, 1):
            await self._tell_of(
                task_id, await self._bulletins.task(task_id)
            )  # that it is gone to who came too late
            if number % TASKS_IN_A_TURN == 0:
                await asyncio.sleep(0)
        for task_id in changes.live - changes.tasks:
            await self._tell_of(task_id, await self._bulletins.progress(task_id))
        if changes.line or changes.deep or changes.model:
            news = self._line_news(deep=changes.deep or changes.model)  # with its state, times become (un)known
            if news:
                await self.write_frame(news)

    def _tell_at_once(self, changes: Changes) -> bool:
        """What nearly all that is told is, to a reader who keeps up: news of runs, and of the line."""
        if self.ws_connection is None or changes.tasks or changes.gone or changes.model:
            return False
        connection = cast(Frames, self.ws_connection)
        while changes.live and connection.is_free:
            task_id = changes.live.pop()
            task = self._events.rows.get(task_id)
            if task is None:
                changes.live.add(task_id)  # it has to be read, off the event loop
                return False
            bulletin = self._bulletins.progress_of(task)
            if bulletin:
                self._told.take(task_id, bulletin.place)
                connection.write_now(bulletin.frame)
        if changes.line or changes.deep:
            if not connection.is_free:
                return False
            frame = self._line_news(changes.deep)
            changes.line = changes.deep = False
            if frame:
                connection.write_now(frame)
        return not changes.live

    async def _tell_of(self, task_id: str, bulletin: Bulletin | None) -> None:
        if bulletin:
            self._told.take(task_id, bulletin.place)
            await self.write_frame(bulletin.frame)

    def _line_news(self, deep: bool) -> bytes | None:
        """The public numbers, and where its own tasks stand that have moved; None where nothing is new."""
        position = self._bulletins.representation.position_for(self.caller.client, self.caller.network)
        own, line = self._moved(deep), self._bulletins.line(position)
        if not own and line is self._told.line:
            return None
        self._told.line = line
        return self._bulletins.line_and(position, own) if own else line

    def _moved(self, deep: bool) -> list[dict[str, Any]]:
        told, in_line = self._told, self._in_line()
        own = []
        for place, said in self._bulletins.representation.moved(in_line, told.places, deep):
            told.take(said["task_id"], place)
            own.append(said)
        if len(told.places) > len(in_line):
            told.keep_only(in_line)
        return own

    def _in_line(self) -> list[str]:
        return self._bulletins.representation.in_line(self.caller.owner, self._news.task_ids)

    async def _subscribe(self, data: dict[str, Any]) -> None:
        task_ids = data.get("task_ids")
        if not isinstance(task_ids, list) or not all(isinstance(task_id, str) for task_id in task_ids):
            raise BadRequest("subscribe needs task_ids, a list of task ids.")
        if len(task_ids) > MAX_IDS_PER_MESSAGE:
            raise BadRequest(f"subscribe takes at most {MAX_IDS_PER_MESSAGE} ids at once.")
        if len(self._news.task_ids | set(task_ids)) > MAX_IDS_PER_SOCKET:
            raise BadRequest(f"One socket hears of at most {MAX_IDS_PER_SOCKET} tasks by id.")
        unknown = [task_id for task_id in dict.fromkeys(task_ids) if not await self._watch(task_id)]
        if unknown:
            raise errors.NotFound("These tasks are not known, or not yours.", task_ids=unknown)

    async def _watch(self, task_id: str) -> bool:
        """Hear of the task from now on, beginning with all of it; False when it is not visible."""
        try:
            await self._bulletins.representation.visible(task_id, self.caller.owner)
        except errors.NotFound:
            return False
        if self._is_closed:  # meanwhile; who listens from now on would never be forgotten
            return True
        self._news.follow(task_id)
        self._news.mark().tasks.add(task_id)
        return True
