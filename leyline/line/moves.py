"""The moves of tasks that the worker makes: each is committed, and then told.

When which is made is left to `worker`. Danger: a cancel that was asked comes first; no other move wins
against it, and then the task is canceled. And a move that the disk refuses is tried again, never skipped.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from leyline import errors
from leyline.line import failures
from leyline.line.events import Events
from leyline.line.retention import Retention
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.processes import protocol

log = logging.getLogger("leyline.worker")

T = TypeVar("T")

RETRY_SECONDS = 1.0  # between two tries of a move that the disk or the database refused
MOST_FREE_RUNS = 10  # that count no attempt: a task that takes the whole server down with it must end as well


class Moves:
    """Each returns the task as it became, or None when somebody else has moved it since it was read."""

    def __init__(self, store: TaskStore, events: Events, retention: Retention) -> None:
        self._store = store
        self._events = events
        self._retention = retention

    async def put_back(self, task: Task, reason: str, *, count_attempt: bool = False) -> Task | None:
        """First in line again, the log is told why; failed when it was run too often; canceled when asked."""
        free_runs = task.run - task.attempt + 1  # this one included
        if not count_attempt and free_runs >= MOST_FREE_RUNS:
            return await self.fail(task, failures.Interrupted())
        moved = await self._store.put_back(task, count_attempt=count_attempt)
        if moved:
            log.info("event=put_back task=%s run=%d reason=%s", task.task_id, task.run, reason)
        return self.tell(moved) or await self.cancel(task)

    async def succeed(self, task: Task, done: protocol.Done, size_bytes: int, run_seconds: float) -> Task | None:
        """Its video is durable; canceled when that was asked."""
        moved = await self._store.succeed(
            task,
            width=done.width,
            height=done.height,
            seconds=done.seconds,
            bytes=size_bytes,
            run_seconds=run_seconds,
            now=time.time(),
            expires_at=self._retention.expiry(),
        )
        if moved:
            log.info(
                "event=succeeded task=%s run=%d seconds=%.3f bytes=%d",
                *(task.task_id, task.run, run_seconds, size_bytes),
            )
        return self.tell(moved) or await self.cancel(task)

    async def fail(self, task: Task, failure: failures.Failure, reason: str = "") -> Task | None:
        """Ended with an error, of which the log gets the `reason`; canceled when that was asked."""
        moved = await self._store.fail(task, failure.code, failure.detail, time.time(), self._retention.expiry())
        if moved:
            words = reason or failure.detail
            log.error("event=failed task=%s run=%d code=%s reason=%r", task.task_id, task.run, failure.code, words)
        return self.tell(moved) or await self.cancel(task)

    async def cancel(self, task: Task) -> Task | None:
        """Ended because somebody did not want it any more."""
        moved = await self._store.cancel(task, time.time(), self._retention.expiry())
        if moved:
            log.info("event=canceled task=%s run=%d", task.task_id, task.run)
        return self.tell(moved)

    async def request_cancel(self, task: Task) -> Task | None:
        """Still running, but from now on it can only be canceled; None also when that was asked before."""
        return self.tell(await self._store.request_cancel(task))

    def tell(self, moved: Task | None) -> Task | None:
        """Tell people of a move that was won, and only then."""
        if moved is None:
            return None
        if moved.status is not TaskStatus.PROCESSING:
            self._events.run_ended(moved.task_id, moved.run)
        self._events.task_changed(moved.task_id, moved.owner)
        self._events.line_changed()
        return moved


async def persist(move: Callable[[], Awaitable[T]]) -> T:
    """Try until the disk and the database take it: an outcome is never dropped for want of room."""
    while True:
        try:
            return await move()
        except (errors.DatabaseBusy, errors.DiskLow) as error:
            log.error("event=persist_retry error=%r", str(error))
            await asyncio.sleep(RETRY_SECONDS)
