"""The newest rows of the tasks that people ask for, kept in memory as the one writer committed them.

Whoever asks for one that is not kept reads it. Danger: what is kept here must never be older than what was told.
Each move that is told goes through here; and what was read is kept only where no move was told meanwhile.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from leyline.line.tasks import Task

# About 1.5 kB each, and what was chosen, which has a limit; who was asked for longest ago makes room.
MOST_ROWS = 2000


class Rows:
    """Tasks by their ids. On the event loop only."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Task] = OrderedDict()
        self._told = 0  # moves, and doubts

    def get(self, task_id: str) -> Task | None:
        """The task as it was told last; None where it is not kept."""
        task = self._kept.get(task_id)
        if task is not None:
            self._kept.move_to_end(task_id)
        return task

    async def read(self, task_id: str, read: Callable[[str], Awaitable[Task | None]]) -> Task | None:
        """The task, by `read` where it is not kept; None where there is none."""
        kept = self.get(task_id)
        if kept is not None:
            return kept
        told = self._told
        task = await read(task_id)
        if task is not None and told == self._told:
            self._keep(task)
        return task

    def moved(self, task: Task) -> None:
        """The task is like this now."""
        self._told += 1
        self._keep(task)

    def gone(self, task_id: str) -> None:
        """There is no such task any more."""
        self._told += 1
        self._kept.pop(task_id, None)

    def doubt(self) -> None:
        """Nobody knows what became of a move: each is read again."""
        self._told += 1
        self._kept.clear()

    def _keep(self, task: Task) -> None:
        self._kept[task.task_id] = task
        self._kept.move_to_end(task.task_id)
        if len(self._kept) > MOST_ROWS:
            self._kept.popitem(last=False)
