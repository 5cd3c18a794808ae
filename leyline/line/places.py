"""Places in the line: behind all, in front of one, behind one; and room for them where there is none left.

A place is a number between two others, so nobody else's changes, until two are as near to each other as numbers
get. Then those around are spread, as few as will do, and keep their order. For use within a move's transaction.
Danger: a canceled task keeps the place that an undo gives back; where those around it were spread meanwhile, it may
come back a few places from there.
"""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from leyline.line.tasks import FIRST, Task

FEWEST_SPREAD = 8  # on either side
LEAST_APART = 2.0**-10  # once they are spread; numbers of the size of a million halve that 22 times


class Place(NamedTuple):
    """Where a task stands: by `place`, and of one place by number."""

    place: float
    number: int


class Places:
    """The places of those who wait, as the transaction sees them."""

    def __init__(self, connection: sqlite3.Connection, put: Callable[[int, float], Task]) -> None:
        """`put` gives the task of a number another place, and returns it."""
        self._connection = connection
        self._put = put
        self.spread: dict[str, Task] = {}  # by its id, who has another place now

    OF = "SELECT place, number FROM tasks WHERE task_id = ? AND status = 'queued'"

    def of(self, task_id: str) -> Place | None:
        """Where the task waits; None where it does not."""
        return self._one(self.OF, (task_id,))

    LAST = "SELECT place, number FROM tasks WHERE status = 'queued' ORDER BY place DESC, number DESC LIMIT 1"
    NEXT = "SELECT seq + 1 AS place, 0 AS number FROM sqlite_sequence WHERE name = 'tasks'"

    def last(self) -> float:
        """Behind all that wait, and before whoever comes next."""
        last, following = self._one(self.LAST, ()), self._next()
        if last is None:
            return following.place
        middle = (last.place + following.place) / 2
        if last.place < middle < following.place:
            return middle
        self._spread_around(last)
        return self.last()

    LAST_BEFORE_TURNS = f"""
        SELECT place, number FROM tasks
        WHERE status = 'queued' AND out_of_turn = {FIRST} AND out_of_turn != 0 AND task_id != :task_id
        ORDER BY place DESC, number DESC LIMIT 1
    """
    FIRST_OF_ALL = "SELECT place, number FROM tasks WHERE status = 'queued' ORDER BY place, number LIMIT 1"
    BEHIND = """
        SELECT place, number FROM tasks
        WHERE status = 'queued' AND (place, number) > (:place, :number) AND task_id != :task_id
        ORDER BY place, number LIMIT 1
    """

    def before_turns(self, task_id: str) -> float:
        """For this task, behind all others that stand before all turns."""
        last = self._one(self.LAST_BEFORE_TURNS, {"task_id": task_id})
        if last is None:
            first = self._one(self.FIRST_OF_ALL, ())
            return first.place - 1 if first else self.last()
        behind = self._one(self.BEHIND, {"task_id": task_id, **last._asdict()})
        return self.in_front_of(behind, task_id) if behind else self.last()

    IN_FRONT = """
        SELECT place, number FROM tasks
        WHERE status = 'queued' AND (place, number) < (:place, :number) AND task_id != :task_id
        ORDER BY place DESC, number DESC LIMIT 1
    """

    def in_front_of(self, one: Place, task_id: str) -> float:
        """For this task, between that place and whoever stands in front of it."""
        in_front = self._one(self.IN_FRONT, {"task_id": task_id, **one._asdict()})
        if in_front is None:
            return one.place - 1
        middle = (in_front.place + one.place) / 2
        if in_front.place < middle < one.place:
            return middle
        self._spread_around(one)
        return self.in_front_of(Place(self._place_of(one.number), one.number), task_id)

    # Room

    SOME_IN_FRONT = """
        SELECT place, number FROM tasks WHERE status = 'queued' AND (place, number) < (:place, :number)
        ORDER BY place DESC, number DESC LIMIT :most
    """
    SOME_FROM = """
        SELECT place, number FROM tasks WHERE status = 'queued' AND (place, number) >= (:place, :number)
        ORDER BY place, number LIMIT :most
    """
    PLACE_OF = "SELECT place, number FROM tasks WHERE number = ?"

    def _spread_around(self, one: Place) -> None:
        """Have those around this place stand apart, between the two at their ends, who stay."""
        most = FEWEST_SPREAD
        while True:
            values = {**one._asdict(), "most": most}
            in_front, behind = (list(self._all(each, values)) for each in (self.SOME_IN_FRONT, self.SOME_FROM))
            around = [*reversed(in_front), *behind]
            if len(behind) < most:
                around.append(self._next())
            low, high = around[0].place, around[-1].place
            if len(in_front) < most:  # before the first there is room without end
                low = min(low, high - len(around))
            apart = (high - low) / (len(around) - 1)
            if apart >= LEAST_APART:
                break
            most *= 2
        for number, each in enumerate(around[:-1]):
            if (place := low + number * apart) != each.place:
                task = self._put(each.number, place)
                self.spread[task.task_id] = task

    def _next(self) -> Place:
        """Of whoever comes next."""
        following = self._one(self.NEXT, ())
        return following or Place(1, 0)  # nobody has ever come

    def _place_of(self, number: int) -> float:
        found = self._one(self.PLACE_OF, (number,))
        assert found
        return found.place

    def _one(self, statement: str, values: Any) -> Place | None:
        return next(self._all(statement, values), None)

    def _all(self, statement: str, values: Any) -> Iterator[Place]:
        for place, number in self._connection.execute(statement, values):
            yield Place(place, number)
