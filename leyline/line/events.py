"""Who wants to know about which task, and the newest live state of each running one.

The truth stays in the store: an event is a hint ("this task changed") and may be merged with a later one, so
who gets it looks at the task's row as it is now, which its move has left in `rows`. Danger: nothing here may
wait for a subscriber; a slow one keeps one mark per task, never a queue. And there may be ten thousand of
them: they have their turns in groups, or the event loop would do nothing else for a second.
"""

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic

from leyline.line.rows import Rows
from leyline.line.tasks import LIVE_CHANGES_PER_MOVE

log = logging.getLogger("leyline.line")

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


Tell = Callable[[Changes], bool]


class Subscription:
    """One listener: hears of the tasks of its `owner`, of the tasks it watches by id, of the line and the model.

    Whoever waits in `changes` may say them without being woken: see `tell`.
    """

    def __init__(self, events: "Events", owner: str | None, tell: Tell | None = None) -> None:
        """`tell` takes out of the changes what it can say at once, and is False where some are left."""
        self._events = events
        self._tell = tell
        self._is_marked = self._is_urgent = False
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
        self._is_marked = self._is_urgent = False
        self._waiting = None
        taken, self._changes = self._changes, Changes()
        return taken

    def mark(self, is_urgent: bool = True) -> Changes:
        """What is news for it, to be added to. Urgent: not behind a crowd that hears of the line."""
        if not self._is_marked or (is_urgent and not self._is_urgent):
            self._is_marked, self._is_urgent = True, is_urgent
            if self._waiting:
                self._events.give_turn(self, is_urgent)
        return self._changes

    def take_turn(self) -> None:
        """Say it at once, or wake who waits; nothing where it has heard already, or its listener has left."""
        if not self._is_marked or self._waiting is None or self._waiting.done():
            return
        if self._tell and self._is_told_at_once(self._tell):
            self._is_marked = self._is_urgent = False
        else:
            self._waiting.set_result(None)

    def _is_told_at_once(self, tell: Tell) -> bool:
        try:
            return tell(self._changes)
        except Exception:  # a bug; whoever has their turn after this one must have it
            log.exception("event=bug in=events")
            return False

    def close(self) -> None:
        """Hear nothing any more; safe to call twice."""
        self._events.forget(self)
        self._tell = None  # which may know this one: a circle would outlive its socket


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
        self._urgent: OrderedDict[Subscription, None] = OrderedDict()
        self._others: OrderedDict[Subscription, None] = OrderedDict()

    def subscribe(self, owner: str | None = None, tell: Tell | None = None) -> Subscription:
        """Start to listen, as `owner` (a session's digest) or as nobody."""
        subscription = Subscription(self, owner, tell)
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

    def give_turn(self, subscription: Subscription, is_urgent: bool) -> None:
        """It hears when its turn comes, which is soon."""
        if not self._urgent and not self._others:
            asyncio.get_running_loop().call_soon(self._take_turns)
        if is_urgent:
            self._others.pop(subscription, None)  # or it would take a turn there for nothing
        (self._urgent if is_urgent else self._others)[subscription] = None

    def _take_turns(self) -> None:
        urgent = min(len(self._urgent), WOKEN_AT_ONCE - 1)  # one of the others always has its turn
        others = min(len(self._others), WOKEN_AT_ONCE - urgent)
        for queue, count in ((self._urgent, urgent), (self._others, others)):
            for _ in range(count):
                queue.popitem(last=False)[0].take_turn()
        if self._urgent or self._others:
            asyncio.get_running_loop().call_soon(self._take_turns)

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
            changes = subscription.mark(is_urgent=False)
            changes.line = True
            changes.deep = changes.deep or deep

    def tell_deep(self) -> None:
        """The positions that were not told of last time."""
        for subscription in self._all:
            subscription.mark(is_urgent=False).deep = True

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
