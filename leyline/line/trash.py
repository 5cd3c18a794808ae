"""The trash: where people put finished tasks that they do not want any more, and take them back from.

Emptying it is left to `retention`, and ending who watches to `watching`. Danger: both commands may be asked twice,
and race with each other and with the end of the hour; whoever asks is told what is true afterwards.
"""

from collections.abc import Callable

from leyline.errors import TaskNotFinished
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task


class Trash:
    """What people can do to a finished task instead of deleting it."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        *,
        on_put: Callable[[str], None] = lambda task_id: None,
        on_taken_back: Callable[[str], None] = lambda task_id: None,
    ) -> None:
        """`on_put` and `on_taken_back` hear of each task that really moved, in the order of the commits."""
        self._store = store
        self._moves = moves
        self._on_put = on_put
        self._on_taken_back = on_taken_back

    async def put(self, task_id: str) -> Task | None:
        """The task, which lies in the trash from now on; safe to call twice.

        None when there is no such task; raises `TaskNotFinished`.
        """
        while True:  # until its move wins against a restore
            if moved := await self._moves.trash(task_id):
                self._on_put(task_id)
                return moved
            task = await self._store.get(task_id)
            if task is None or task.is_trashed:
                return task
            if not task.finished:
                raise TaskNotFinished

    async def take_back(self, task_id: str) -> Task | None:
        """The task, which is not in the trash any more; safe to call twice. None when there is no such task."""
        if moved := await self._moves.restore(task_id):
            self._on_taken_back(task_id)
            return moved
        return await self._store.get(task_id)
