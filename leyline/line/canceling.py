"""Canceling a task, wherever it is: in line, between two moves, or in the middle of its run.

Ending the run is left to its model process, and what becomes of the task then to `run`.
"""

from leyline.errors import TaskFinished
from leyline.line.fleet import Fleet
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus


class Canceling:
    """What people can do to a task that they do not want any more."""

    def __init__(self, store: TaskStore, moves: Moves, fleet: Fleet) -> None:
        self._store = store
        self._moves = moves
        self._fleet = fleet

    async def cancel(self, task_id: str) -> Task | None:
        """Cancel a task: canceled already when it was in line, `cancel_requested` when it runs.

        None when there is no such task; raises `TaskFinished` when it had ended otherwise.
        """
        while True:  # until one move wins against the runner's
            task = await self._store.get(task_id)
            if task is None or task.status is TaskStatus.CANCELED:
                return task
            if task.finished:
                raise TaskFinished
            if task.cancel_requested:
                return task
            if moved := await self._cancel_as_seen(task):
                return moved

    async def _cancel_as_seen(self, task: Task) -> Task | None:
        if task.status is TaskStatus.QUEUED:
            return await self._moves.cancel(task)
        moved = await self._moves.request_cancel(task)
        if moved:  # its run has been started and is stopped here, or has yet to be and is found unwanted
            self._fleet.cancel(moved.task_id, moved.run)
        return moved
