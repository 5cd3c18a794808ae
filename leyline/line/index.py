"""The line in memory, as the ordered set that it is: who waits, who runs, and how long the last runs took.

Its order is by place (`orders`), or the fair one (`fair`); then it is the index that picks who is next. Every
look-up is logarithmic, however many wait. What a place means for people is left to `standings`. Danger: this may
never differ from the table. It is filled from it, and from then on changed by committed moves only, in the order of
their commits; whatever does not fit is told, and then it is filled again.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from leyline.errors import InTurn, LineMoved
from leyline.line.fair import InTurns
from leyline.line.orders import ByPlace, Named, Order
from leyline.line.store import InLine, LineState
from leyline.line.tasks import FIRST, IN_TURN, LAST, Task, TaskStatus

REMEMBERED_RUNS = 20  # estimates use the median of this many
LAST_OF_ALL = 2.0**62  # a place behind all, of somebody who has yet to come


class LineIndex:
    """The line as the table had it after the last move that was told. On the event loop only."""

    def __init__(self, state: LineState | None = None, *, is_fair: bool = False) -> None:
        """Empty, or as it was read; that takes a second for a million, and may be done in a thread."""
        self.is_filled = state is not None  # and nothing has been seen since that does not fit
        self.is_fair = is_fair
        state = state or LineState((), (), False, ())
        self.paused = state.paused
        self.run_seconds = deque(state.run_seconds, REMEMBERED_RUNS)
        self._running = {one.task_id: one for one in state.running}
        self._turns = InTurns(state.waiting, state.begun) if is_fair else None
        self._order: Order = ByPlace(state.waiting) if self._turns is None else self._turns
        self._by_id = {one.task_id: one for one in state.waiting}
        self._of_client = Named.of((one.client, one) for one in state.waiting)
        self._of_network = Named.of((one.network, one) for one in state.waiting)
        self._of_owner = Named.of((one.owner, one) for one in state.waiting)

    def take(self, state: LineState) -> None:
        """Become what was read."""
        self.take_over(LineIndex(state, is_fair=self.is_fair))

    def take_over(self, other: "LineIndex") -> None:
        """Become what `other` is, which is not used any more."""
        self.__dict__.update(other.__dict__)

    # Changes

    def apply(self, task: Task) -> bool:
        """The task is as it is now, after a move; False where that could not come of what is known here."""
        if task.status is TaskStatus.QUEUED:
            return self.stand([task])
        one, known = InLine.of(task, is_fair=self.is_fair), self._by_id.get(task.task_id)
        if known and task.status is TaskStatus.PROCESSING:
            self._order.take(known)
            self._forget(known)
            self._running[one.task_id] = one
            return True
        is_known = self.remove(task.task_id)
        if task.status is TaskStatus.PROCESSING:
            self._running[one.task_id] = one
        return is_known

    def stand(self, tasks: list[Task]) -> bool:
        """These wait where they stand now: one that has come, or some that have changed their places at once."""
        changes = []
        for task in tasks:
            one, before = InLine.of(task, is_fair=self.is_fair), self._by_id.get(task.task_id)
            self._running.pop(task.task_id, None)
            if before:
                self._forget(before)
                changes.append((before, one))
            else:
                self._order.add(one)
            self._by_id[one.task_id] = one
            for queues, name in self._queues(one):
                queues.add(name, one)
        self._order.change(changes)
        return True

    def remove(self, task_id: str) -> bool:
        """It is in the line no more; False where it was not."""
        one = self._by_id.get(task_id)
        if one:
            self._order.remove(one)
            self._forget(one)
        return bool(self._running.pop(task_id, None) or one)

    def _forget(self, one: InLine) -> None:
        """Where else than in the order it stands."""
        del self._by_id[one.task_id]
        for queues, name in self._queues(one):
            queues.remove(name, one)

    def _queues(self, one: InLine) -> Iterator[tuple[Named, str]]:
        """In which it stands besides that of everybody."""
        names = (self._of_client, one.client), (self._of_network, one.network), (self._of_owner, one.owner)
        return ((queues, name) for queues, name in names if name is not None)

    # Look-ups

    @property
    def state(self) -> LineState:
        """All of it, to be compared with the table's."""
        running = sorted(self._running.values(), key=lambda one: one.number)
        waiting = sorted(self._by_id.values(), key=lambda one: (one.place, one.number))
        return LineState(tuple(waiting), tuple(running), self.paused, tuple(self.run_seconds))

    @property
    def size(self) -> int:
        """How many wait."""
        return len(self._order)

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
        return self._order.place_of(one) if one else None

    @property
    def next(self) -> str | None:
        """Who is to be claimed next."""
        return self._order.first.task_id if self._order.first else None

    def position_for(self, client: str, network: str | None) -> int:
        """Where a picture of this client would stand that came now."""
        return self._order.place_for(InLine(LAST_OF_ALL, 0, "", None, client, network))

    def position_of_first(self, client: str | None) -> int | None:
        """Where the first of this client's tasks stands; None when none waits."""
        first = self._of_client.first(client)
        return self._order.place_of(first) if first else None

    def position_of_first_in(self, network: str | None) -> int | None:
        """Where the first task of this network stands; None when none waits."""
        first = self._of_network.first(network)
        if first is None:
            return None
        return self._order.place_of(first) if self._turns is None else self._turns.place_of_first_in(first)

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
        return [one.task_id for one in chain(self._running.values(), self._order)]

    def first(self, running: int, waiting: int) -> list[str]:
        """At most so many of those at work, and of those who wait the first; whatever the length of the line."""
        shown = chain(islice(self._running.values(), running), islice(self._order, waiting))
        return [one.task_id for one in shown]

    def waiting_ids(self) -> frozenset[str]:
        """All that wait, in no order."""
        return frozenset(self._by_id)

    # What a move needs

    def out_of_turn_before(self, before: str | None) -> int:
        """Where the operator puts who is to stand before this task, or last, in the fair order.

        Raises `InTurn` where others' turns would have to change for it, `LineMoved` where that one does not wait.
        """
        if self._turns is None:
            return IN_TURN
        if before is None:
            return LAST
        one = self._by_id.get(before)
        if one is None:
            raise LineMoved
        if one.out_of_turn != IN_TURN:
            return one.out_of_turn
        if self.position(before) != self._turns.before_turns + 1:
            raise InTurn
        return FIRST

    def takes_turns(self, task_id: str | None) -> bool:
        """Whether it waits for a turn of the fair order."""
        one = self._by_id.get(task_id or "")
        return one is not None and one.out_of_turn == IN_TURN

    def standing(self, task_ids: Iterable[str]) -> list[InLine]:
        """How those of these tasks stand that wait, first to last."""
        waiting = (self._by_id[task_id] for task_id in task_ids if task_id in self._by_id)
        return sorted(waiting, key=self._order.place_of)
