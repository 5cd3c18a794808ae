"""Undo of a cancel: who canceled a task that had not started can have its place in line back for a while.

The page offers it for ten seconds, and longer while somebody reaches for it; it stops well within the minute.
Canceling is left to `worker` and the new task to `intake`. Danger: a place is given back once only, or
one cancel would bring a whole folder of pictures to the front.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from leyline.line.tasks import Task

UNDO_SECONDS = 60


class Undo:
    """The cancels of the last minute, by the monotonic clock. A restart forgets them."""

    def __init__(self) -> None:
        self._canceled_at: dict[str, float] = {}

    def remember(self, task: Task) -> None:
        """The task was canceled just now; nothing for one that had started."""
        self._canceled_at = {task_id: at for task_id, at in self._canceled_at.items() if _is_recent(at)}
        if task.started_at is None:
            self._canceled_at[task.task_id] = time.monotonic()

    @contextmanager
    def place_of(self, task: Task) -> Iterator[int | None]:
        """The task's old place, None when it cannot be had back. It is spent unless the block raises."""
        at = self._canceled_at.pop(task.task_id, None)
        try:
            yield task.place if at is not None and _is_recent(at) else None
        except BaseException:
            if at is not None:
                self._canceled_at[task.task_id] = at
            raise


def _is_recent(at: float) -> bool:
    return time.monotonic() - at <= UNDO_SECONDS
