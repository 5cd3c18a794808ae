"""WS /api/video/events: one socket per page, everything live on it.

What happened is told by `events`, what it looks like by `representation`, what comes first by `greeting`, and how
it gets there is left to `socket`. Danger: a reader may be slow; each socket keeps one mark per task, never a queue.
A change of state is never dropped: it is read from the store when there is room.
"""

import contextlib
from typing import Any, ClassVar

from leyline import errors
from leyline.errors import BadRequest
from leyline.line.events import Changes, Subscription
from web.greeting import Greeting
from web.parts import Parts
from web.socket import Socket

MAX_IDS_PER_MESSAGE = 100
MAX_IDS_PER_SOCKET = 1000


class LiveHandler(Socket):
    """The socket of one page: all of its caller's tasks, the line and the model."""

    commands: ClassVar[dict[str, str]] = {**Socket.commands, "subscribe": "_subscribe"}

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self._events = parts.events
        self._store = parts.store
        self._representation = parts.representation.below(self.prefix)
        self._greeting = Greeting(parts, self._representation)
        self._news: Subscription

    async def tell_all(self) -> None:
        # Heard from before the snapshot is read, so that no change falls between the two.
        with contextlib.closing(self._events.subscribe(self.caller.owner)) as self._news:
            await self._greet()
            while True:
                await self._tell_changes(await self._news.changes())

    async def _greet(self) -> None:
        await self.say("hello", self._greeting.hello(self.caller.owner))
        await self.say("snapshot", await self._greeting.snapshot(self.caller.owner))

    async def _tell_changes(self, changes: Changes) -> None:
        if changes.model:
            await self.say("model", self._representation.model())
        for task_id in changes.gone:
            await self.say("task_gone", {"task_id": task_id})
        for task_id in changes.tasks:
            task = await self._store.get(task_id)
            if task:
                await self.say("task_status", self._representation.full(task))
            else:  # deleted; who asked to hear of it only now may have missed that
                await self.say("task_gone", {"task_id": task_id})
        for task_id in changes.live - changes.tasks:
            progress = await self._representation.progress(task_id)
            if progress:
                await self.say("task_status", progress)
        if changes.line or changes.model:  # with the model's state go the times that nobody knows any more
            tasks = self._representation.standings(self.caller.owner, self._news.task_ids)
            await self.say("queue", {**self._representation.line(), "tasks": tasks})

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
            await self._representation.visible(task_id, self.caller.owner)
        except errors.NotFound:
            return False
        if self._is_closed:  # meanwhile; who listens from now on would never be forgotten
            return True
        self._news.follow(task_id)
        self._news.mark().tasks.add(task_id)
        return True
