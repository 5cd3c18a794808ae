"""People's own moves: a waiting picture of theirs stands elsewhere among the places that their pictures have.

Nobody else stands elsewhere, in either order of the line: who moves one has the same places afterwards. Whose tasks
those are is left to who asks; how it is written to `moves`. Danger: between what is seen here and what is written
somebody may have been claimed; then nothing is written, and it is looked again.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from leyline.errors import LineMoved, MoveTooFar, TaskNotWaiting
from leyline.line.moves import Moves
from leyline.line.orders import Change
from leyline.line.store import InLine
from leyline.line.tasks import Task

MOST_PASSED = 1000  # each has its row written
LOOKS = 5


class To(StrEnum):
    """Whither, among one's own."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"
    LAST = "last"


async def move(moves: Moves, task: Task, to: To, among: Iterable[str]) -> Task:
    """The task as it is now, moved among these; where it stands there already, nothing happens.

    Raises `TaskNotWaiting`, `MoveTooFar`, and `LineMoved` when the line moves all the time.
    """
    named = {task.task_id, *among}
    for _ in range(LOOKS):
        changes = _changes(moves.index.standing(named), task.task_id, to)
        if not changes:
            return task
        try:
            return await moves.take_places(task.task_id, changes)
        except LineMoved:  # what it met has been told by now
            continue
    raise LineMoved


def _changes(stand: list[InLine], task_id: str, to: To) -> list[Change]:
    """Who takes whose place."""
    at = next((number for number, one in enumerate(stand) if one.task_id == task_id), None)
    if at is None:
        raise TaskNotWaiting
    target = {To.FIRST: 0, To.UP: max(at - 1, 0), To.DOWN: min(at + 1, len(stand) - 1), To.LAST: len(stand) - 1}[to]
    if abs(target - at) > MOST_PASSED:
        raise MoveTooFar
    low, high = min(at, target), max(at, target)
    order = stand[low : high + 1]
    order.insert(target - low, order.pop(at - low))
    return [
        (one, replace(place, number=one.number, task_id=one.task_id, owner=one.owner))
        for one, place in zip(order, stand[low : high + 1], strict=True)
        if one is not place
    ]
