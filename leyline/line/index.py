"""The line in memory, as the ordered set that it is: who waits, who runs, and how long the last runs took.

Every look-up is logarithmic, however many wait. What a place means for people is left to `standings`. Danger: this
may never differ from the table. It is filled from it, and from then on changed by committed moves only, in the
order of their commits; whatever does not fit is told, and then it is filled again.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from sortedcontainers import SortedDict

from leyline.line.store import InLine, LineState
from leyline.line.tasks import Task, TaskStatus

REMEMBERED_RUNS = 20  # estimates use the median of this many

Key = tuple[float, int]  # the place in line and the number, which tells two of one place apart


class _Queue:
    """Who waits of some kind, first to last."""

    def __init__(self, waiting: Iterable[InLine] = ()) -> None:
        self._order: SortedDict[Key, InLine] = SortedDict((each.key, each) for each in waiting)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[InLine]:
        return iter(self._order.values())

    def add(self, one: InLine) -> None:
        self._order[one.key] = one

    def remove(self, one: InLine) -> None:
        del self._order[one.key]

    @property
    def first(self) -> InLine | None:
        return self._order.peekitem(0)[1] if self._order else None

    def place_of(self, one: InLine) -> int:
        """1 for the first."""
        before: int = self._order.index(one.key)
        return before + 1


class _Queues(dict[str, _Queue]):
    """A queue for each name that somebody waits under, and none for any other."""

    @classmethod
    def of(cls, waiting: Iterable[tuple[str | None, InLine]]) -> "_Queues":
        """All at once, which takes a quarter of the time of one after the other."""
        found: defaultdict[str, list[InLine]] = defaultdict(list)
        for name, one in waiting:
            if name is not None:
                found[name].append(one)
        return cls((name, _Queue(those)) for name, those in found.items())

    def add(self, name: str, one: InLine) -> None:
        if name not in self:
            self[name] = _Queue()
        self[name].add(one)

    def remove(self, name: str, one: InLine) -> None:
        self[name].remove(one)
        if not self[name]:
            del self[name]


class LineIndex:
    """The line as the table had it after the last move that was told. On the event loop only."""

    def __init__(self, state: LineState | None = None) -> None:
        """Empty, or as it was read; that takes a second for a million, and may be done in a thread."""
        self.is_filled = state is not None  # and nothing has been seen since that does not fit
        state = state or LineState((), (), False, ())
        self.paused = state.paused
        self.run_seconds = deque(state.run_seconds, REMEMBERED_RUNS)
        self._running = {one.task_id: one for one in state.running}
        self._waiting = _Queue(state.waiting)
        self._by_id = {one.task_id: one for one in state.waiting}
        self._of_client = _Queues.of((one.client, one) for one in state.waiting)
        self._of_network = _Queues.of((one.network, one) for one in state.waiting)
        self._of_owner = _Queues.of((one.owner, one) for one in state.waiting)

    def take(self, other: "LineIndex") -> None:
        """Become what `other` is, which is not used any more."""
        self.__dict__.update(other.__dict__)

    # Changes

    def apply(self, task: Task) -> bool:
        """The task is as it is now, after a move; False where that could not come of what is known here."""
        known = self.remove(task.task_id)
        one = InLine(task.place, task.number, task.task_id, task.owner, task.client, task.network)
        match task.status:
            case TaskStatus.QUEUED:
                self._waiting.add(one)
                self._by_id[one.task_id] = one
                for queues, name in self._queues(one):
                    queues.add(name, one)
                return True
            case TaskStatus.PROCESSING:
                self._running[one.task_id] = one
        return known

    def remove(self, task_id: str) -> bool:
        """It is in the line no more; False where it was not."""
        one = self._by_id.pop(task_id, None)
        if one:
            self._waiting.remove(one)
            for queues, name in self._queues(one):
                queues.remove(name, one)
        return bool(self._running.pop(task_id, None) or one)

    def _queues(self, one: InLine) -> Iterator[tuple[_Queues, str]]:
        """In which it stands besides that of everybody."""
        names = (self._of_client, one.client), (self._of_network, one.network), (self._of_owner, one.owner)
        return ((queues, name) for queues, name in names if name is not None)

    # Look-ups

    @property
    def state(self) -> LineState:
        """All of it, to be compared with the table's."""
        running = sorted(self._running.values(), key=lambda one: one.number)
        return LineState(tuple(self._waiting), tuple(running), self.paused, tuple(self.run_seconds))

    @property
    def size(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def running(self) -> list[str]:
        """The tasks at work."""
        return list(self._running)

    def runs(self, task_id: str) -> bool:
        return task_id in self._running

    def waits(self, task_id: str) -> bool:
        return task_id in self._by_id

    def position(self, task_id: str) -> int | None:
        """1 for the task that is next; None for one that does not wait."""
        one = self._by_id.get(task_id)
        return self._waiting.place_of(one) if one else None

    def position_of_first(self, client: str | None) -> int | None:
        """Where the first of this client's tasks stands; None when none waits."""
        return self._place_of_first(self._of_client.get(client or ""))

    def position_of_first_in(self, network: str | None) -> int | None:
        """Where the first task of this network stands; None when none waits."""
        return self._place_of_first(self._of_network.get(network or ""))

    def _place_of_first(self, queue: _Queue | None) -> int | None:
        return self._waiting.place_of(queue.first) if queue and queue.first else None

    def count(self, client: str) -> int:
        """How many of this client's tasks wait."""
        return len(self._of_client.get(client, ()))

    def count_in(self, network: str) -> int:
        """How many tasks of this network wait."""
        return len(self._of_network.get(network, ()))

    def of_owner(self, owner: str | None) -> list[str]:
        """The owner's running and waiting tasks, first to last."""
        if owner is None:
            return []
        running = (one for one in self._running.values() if one.owner == owner)
        return [one.task_id for one in chain(running, self._of_owner.get(owner, ()))]

    def everybody(self) -> list[str]:
        """All running and waiting tasks, first to last."""
        return [one.task_id for one in chain(self._running.values(), self._waiting)]

    def first(self, running: int, waiting: int) -> list[str]:
        """At most so many of those at work, and of those who wait the first; whatever the length of the line."""
        shown = chain(islice(self._running.values(), running), islice(self._waiting, waiting))
        return [one.task_id for one in shown]

    def waiting_ids(self) -> frozenset[str]:
        """All that wait, in no order."""
        return frozenset(self._by_id)
