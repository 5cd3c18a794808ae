"""Pins: videos that are kept until somebody says otherwise, neither their age nor others' room counting.

What goes instead is left to `retention`. Danger: pins are kept for ever, so without a limit of each network and of
all, a few would leave no room for anybody's next video.
"""

import math

from leyline.errors import Expired, InTrash, NotReady, PinLimit
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus


def part_of_network(keep_gb: float) -> float | None:
    """How many bytes of pinned videos one network may have, of what all finished tasks may; None for any."""
    return keep_gb * 1e9 / 4 or None


class Pins:
    """What people can do to a video that they want to keep."""

    def __init__(self, store: TaskStore, moves: Moves, keep_gb: float) -> None:
        """`keep_gb` is what all finished tasks may have, 0 without a limit; pins may have a part of it."""
        self._store = store
        self._moves = moves
        most_of_network = part_of_network(keep_gb) or math.inf
        self._limits = {"most_of_network": most_of_network, "most": 3 * most_of_network}

    async def pin(self, task_id: str) -> Task | None:
        """The task, whose video is kept from now on; safe to call twice. None when there is no such task.

        Raises `NotReady`, `InTrash` or `Expired` where there is no video to keep, or `PinLimit`.
        """
        if moved := await self._moves.pin(task_id, **self._limits):
            return moved
        task = await self._store.get(task_id)
        if task is None or task.pinned:
            return task
        if task.status is not TaskStatus.SUCCEEDED:
            raise NotReady("There is no video to pin.")
        if task.is_trashed:
            raise InTrash
        raise Expired if task.files_removed else PinLimit

    async def unpin(self, task_id: str) -> Task | None:
        """The task, which is kept like any other; safe to call twice. None when there is no such task."""
        return await self._moves.unpin(task_id) or await self._store.get(task_id)
