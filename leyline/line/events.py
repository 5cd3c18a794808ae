"""Who wants to know about which task, and the newest live state of each running one.

The truth stays in the store: an event is a hint ("this task changed") and may be merged with a later one, so
who gets it looks at the task's row as it is now, which its move has left in `rows`. Danger: nothing here may
wait for a subscriber; a slow one keeps one mark per task, never a queue. And there may be ten thousand of
them: they are woken in groups, or the event loop would do nothing else for a second.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from time import monotonic

from leyline.line.rows import Rows
from leyline.line.tasks import LIVE_CHANGES_PER_MOVE

WOKEN_AT_ONCE = 25  # in one round of the event loop


@dataclass(frozen=True)
class Live:
    """What a running task is doing; gone with the run. `started` is by the monotonic clock."""

    task_id: str
    run: int
    started: float
    changes: int = 0
    progress: float | None = 0.0  # None while nobody knows its share
    reached: float = 0.0  # the highest share that was said
    is_measured: bool = True  # its share was always known: its speed says when it will be ready
    stage: str | None = None
    preview_revision: int = 0
    segments: int = 0  # of its video that can be watched, and how long they last
    seconds: float = 0.0
    unwanted: bool = False  # somebody asked it to stop


@dataclass
class Changes:
    """What happened since the last look: tasks whose row changed, tasks with news of their run only, and so on."""

    tasks: set[str] = field(default_factory=set)
    live: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    line: bool = False
    deep: bool = False  # the line for those who stand deep in it
    model: bool = False


class Subscription:
    """One listener: hears of the tasks of its `owner`, of the tasks it watches by id, of the line and the model."""

    def __init__(self, events: "Events", owner: str | None) -> None:
        self._events = events
        self._is_marked = False
        self._waiting: asyncio.Future[None] | None = None
        self._changes = Changes()
        self.owner = owner
        self.task_ids: set[str] = set()

    def follow(self, task_id: str) -> None:
        """Hear of this task too."""
        self.task_ids.add(task_id)
        self._events.by_task[task_id].add(self)

    async def changes(self) -> Changes:
        """Wait until something has happened, and take all of it at once."""
        if not self._is_marked:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        self._is_marked, self._waiting = False, None
        taken, self._changes = self._changes, Changes()
        return taken

    def mark(self) -> Changes:
        if not self._is_marked:
            self._is_marked = True
            if self._waiting:
                self._events.wake(self._waiting)
        return self._changes

    def close(self) -> None:
        """Hear nothing any more; safe to call twice."""
        self._events.forget(self)


class Events:
    """The one place where changes are told. All methods return at once."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.live: dict[str, Live] = {}
        self.line_version = 0  # grows with every change of the line
        self.times_told = 0  # of the line and the model, to everybody
        self._line_moved = asyncio.Event()  # a new one for each version
        self.by_task: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._by_owner: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._all: set[Subscription] = set()
        self._to_wake: deque[asyncio.Future[None]] = deque()

    def subscribe(self, owner: str | None = None) -> Subscription:
        """Start to listen, as `owner` (a session's digest) or as nobody."""
        subscription = Subscription(self, owner)
        self._all.add(subscription)
        if owner is not None:
            self._by_owner[owner].add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        self._all.discard(subscription)
        for task_id in subscription.task_ids:
            _discard(self.by_task, task_id, subscription)
        if subscription.owner is not None:
            _discard(self._by_owner, subscription.owner, subscription)

    def wake(self, waiting: "asyncio.Future[None]") -> None:
        """End this wait when its turn comes, which is soon."""
        if not self._to_wake:
            waiting.get_loop().call_soon(self._wake_some)
        self._to_wake.append(waiting)

    def _wake_some(self) -> None:
        for _ in range(min(WOKEN_AT_ONCE, len(self._to_wake))):
            waiting = self._to_wake.popleft()
            if not waiting.done():  # else its listener has left
                waiting.set_result(None)
        if self._to_wake:
            asyncio.get_running_loop().call_soon(self._wake_some)

    # What is told

    def task_changed(self, task_id: str, owner: str | None) -> None:
        """The task's row changed: it entered, moved, or lost its files."""
        for subscription in self._listeners(task_id, owner):
            subscription.mark().tasks.add(task_id)

    def task_gone(self, task_id: str, owner: str | None) -> None:
        """The task's row was deleted."""
        for subscription in self._listeners(task_id, owner):
            changes = subscription.mark()
            changes.tasks.discard(task_id)
            changes.gone.add(task_id)

    def run_started(self, task_id: str, run: int) -> None:
        """From now on the task has a live state."""
        self.live[task_id] = Live(task_id, run, monotonic())

    def run_advanced(self, task_id: str, run: int, owner: str | None, **news: float | str | int | None) -> None:
        """News of the run, by the names of `Live`'s fields; a late word of an earlier run is ignored."""
        live = self.live.get(task_id)
        if live is None or live.run != run:
            return
        changes = min(live.changes + 1, LIVE_CHANGES_PER_MOVE - 1)  # whatever a model does, the next move is newer
        self.live[task_id] = replace(live, changes=changes, **news)  # type: ignore[arg-type]
        for subscription in self._listeners(task_id, owner):
            subscription.mark().live.add(task_id)

    def run_unwanted(self, task_id: str, run: int) -> None:
        """Somebody asked the run to stop."""
        live = self.live.get(task_id)
        if live is not None and live.run == run:
            self.live[task_id] = replace(live, unwanted=True)

    def run_ended(self, task_id: str, run: int) -> None:
        """The run is over, however it ended."""
        live = self.live.get(task_id)
        if live is not None and live.run == run:
            del self.live[task_id]

    def line_changed(self) -> None:
        """Somebody entered, left or moved; people hear of it by `tell_line`, which is called less often."""
        self.line_version += 1
        moved, self._line_moved = self._line_moved, asyncio.Event()
        moved.set()

    async def line_beyond(self, version: int) -> None:
        """Wait until the line has changed since it had this `line_version`."""
        while self.line_version <= version:
            await self._line_moved.wait()

    def tell_line(self, deep: bool = True) -> None:
        """The line's numbers may have changed, and positions and estimates: of those near its front, or of all."""
        self.times_told += 1
        for subscription in self._all:
            changes = subscription.mark()
            changes.line = True
            changes.deep = changes.deep or deep

    def tell_deep(self) -> None:
        """The positions that were not told of last time."""
        for subscription in self._all:
            subscription.mark().deep = True

    def model_changed(self) -> None:
        """The model process is in another state."""
        self.times_told += 1
        for subscription in self._all:
            subscription.mark().model = True

    def _listeners(self, task_id: str, owner: str | None) -> set[Subscription]:
        listeners = self.by_task.get(task_id, set())
        return listeners | self._by_owner.get(owner, set()) if owner is not None else listeners


def _discard(index: defaultdict[str, set[Subscription]], key: str, subscription: Subscription) -> None:
    index[key].discard(subscription)
    if not index[key]:
        del index[key]
