"""`TaskStore`: the truth about every task.

Its SQL is in `statements`, threads and commits are left to `database`. Every move is conditional on the
status and the run; it returns the task as it became, or None when the task had moved on before, and
only who gets the task may tell others about it. `now` is always the caller's wall clock in seconds.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leyline.line import statements
from leyline.line.database import Database
from leyline.line.tasks import NewTask, Task


@dataclass(frozen=True)
class InLine:
    """A task that waits or runs, as much of it as positions need."""

    task_id: str
    owner: str | None
    client: str


@dataclass(frozen=True)
class LineState:
    """The line at one instant: who waits, first to last; who runs; whether it is paused; recent run times."""

    waiting: tuple[InLine, ...]
    running: tuple[InLine, ...]
    paused: bool
    run_seconds: tuple[float, ...]


class TaskStore:
    """The tasks of one installation. Reads see every committed move; moves are durable when they return."""

    def __init__(self, path: Path) -> None:
        """Open the database file at `path`, or make it; raises `StartupError`."""
        self.database = Database(path)  # the links' table is in it too

    def close(self) -> None:
        self.database.close()

    # Into the line

    async def add(self, new: NewTask, now: float, place: int | None = None) -> Task:
        """Append to the line, or stand at `place`, the old place of a canceled task, and return the task."""

        def add(connection: sqlite3.Connection) -> Task:
            values = {**vars(new), "now": now, "place": place}
            connection.execute(statements.ADD, values)
            return Task.from_row(connection.execute(statements.TAKE_PLACE, values).fetchone())

        return await self.database.write(add)

    # Moves

    async def claim(self, now: float) -> Task | None:
        """Take the first task in line for processing, under a new run; None when none waits or it is paused."""
        return await self._move(statements.CLAIM, now=now)

    async def succeed(
        self,
        task: Task,
        *,
        width: int,
        height: int,
        seconds: float,
        bytes: int,
        run_seconds: float,
        now: float,
        expires_at: float | None,
    ) -> Task | None:
        """The run's video is durable; None also when a cancel was asked before."""
        values = {**_fence(task), "width": width, "height": height, "seconds": seconds, "bytes": bytes}
        values |= {"now": now, "expires_at": expires_at}

        def succeed(connection: sqlite3.Connection) -> Task | None:
            done = _one(connection, statements.SUCCEED, values)
            if done:
                connection.execute(statements.REMEMBER_RUN, (run_seconds,))
                connection.execute(statements.FORGET_RUNS)
            return done

        return await self.database.write(succeed)

    async def fail(self, task: Task, code: str, detail: str, now: float, expires_at: float | None) -> Task | None:
        """End the task, queued or processing as it was seen, with an error; None also when a cancel was asked."""
        return await self._move(
            statements.FAIL, **_fence(task), code=code, detail=detail, now=now, expires_at=expires_at
        )

    async def cancel(self, task: Task, now: float, expires_at: float | None) -> Task | None:
        """End the task, queued or processing as it was seen, as canceled."""
        return await self._move(statements.CANCEL, **_fence(task), now=now, expires_at=expires_at)

    async def request_cancel(self, task: Task) -> Task | None:
        """Write down that somebody asked the running task to stop: from now on it cannot succeed."""
        return await self._move(statements.REQUEST_CANCEL, **_fence(task))

    async def put_back(self, task: Task, *, count_attempt: bool) -> Task | None:
        """Return the running task to its old place in line; None also when a cancel was asked before."""
        return await self._move(statements.PUT_BACK, **_fence(task), attempts=int(count_attempt))

    async def count_view(self, task_id: str) -> Task | None:
        """One more view of the task's video."""
        return await self._move(statements.COUNT_VIEW, task_id=task_id)

    async def mark_files_removed(self, task: Task, expires_at: float | None) -> Task | None:
        """The finished task's files go; its row stays until `expires_at`."""
        return await self._move(statements.REMOVE_FILES, task_id=task.task_id, expires_at=expires_at)

    async def delete(self, task_id: str) -> Task | None:
        """Remove the row; None when it is processing or not there."""
        return await self._move(statements.DELETE, task_id=task_id)

    async def pause(self, paused: bool) -> None:
        """Stop or resume claiming; survives restarts."""
        await self.database.write(lambda connection: connection.execute(statements.SET_PAUSED, (paused,)))

    # Reads

    async def get(self, task_id: str) -> Task | None:
        return await self._find(statements.GET, task_id)

    async def some(self, task_ids: Iterable[str]) -> list[Task]:
        """Those of these tasks that there are."""
        return await self._select(statements.SOME, (json.dumps(list(task_ids)),))

    async def page(self, owner: str, before: str | None, limit: int) -> list[Task]:
        """At most `limit` of the owner's tasks, newest first, older than the task `before`."""
        values = {"owner": owner, "before": before, "before_all": None if before else 2**62, "limit": limit}
        return await self._select(statements.PAGE, values)

    async def live(self, owner: str, limit: int) -> list[Task]:
        """The owner's queued and processing tasks, newest first."""
        return await self._select(statements.LIVE, (owner, limit))

    async def finished(self, owner: str, limit: int) -> list[Task]:
        """The owner's finished tasks, newest first."""
        return await self._select(statements.FINISHED, (owner, limit))

    async def by_key(self, owner: str | None, idempotency_key: str, upload_sha256: str) -> Task | None:
        """The task that an earlier upload with this key made: of this owner, else of this very picture."""
        if owner is None:
            return await self._find(statements.BY_KEY_OF_PICTURE, idempotency_key, upload_sha256)
        return await self._find(statements.BY_KEY_OF_OWNER, owner, idempotency_key)

    async def knows_key(self, owner: str | None, idempotency_key: str) -> bool:
        """Whether an upload with this key may be a replay; without an owner only its picture can tell."""
        if owner is None:
            return bool(
                await self.database.read(
                    lambda c: c.execute(statements.KEY_WITHOUT_OWNER, (idempotency_key,)).fetchone()
                )
            )
        return await self._find(statements.BY_KEY_OF_OWNER, owner, idempotency_key) is not None

    async def count_waiting(self, client: str, but_not: Iterable[str] = ()) -> tuple[int, int]:
        """How many tasks wait besides those named: everybody's, and this client's."""
        values = {"client": client, "but_not": json.dumps(list(but_not))}

        def count(connection: sqlite3.Connection) -> tuple[int, int]:
            everybody, own = connection.execute(statements.COUNT_WAITING, values).fetchone()
            return everybody, own

        return await self.database.read(count)

    async def line(self) -> LineState:
        """The whole line at one instant."""

        def read(connection: sqlite3.Connection) -> LineState:
            connection.execute("BEGIN")  # one snapshot for all four
            try:
                return LineState(
                    waiting=tuple(InLine(*row) for row in connection.execute(statements.WAITING)),
                    running=tuple(InLine(*row) for row in connection.execute(statements.RUNNING)),
                    paused=bool(connection.execute(statements.PAUSED).fetchone()[0]),
                    run_seconds=tuple(row[0] for row in connection.execute(statements.RUN_SECONDS)),
                )
            finally:
                connection.execute("COMMIT")

        return await self.database.read(read)

    async def unfinished(self) -> list[Task]:
        """Every queued and processing task, for the start."""
        return await self._select(statements.ALL_PROCESSING, ()) + await self._select(statements.ALL_QUEUED, ())

    async def expired_files(self, now: float, limit: int) -> list[Task]:
        """Finished tasks whose files have been kept for their time, oldest first."""
        return await self._select(statements.EXPIRED_FILES, (now, limit))

    async def expired_rows(self, now: float, limit: int) -> list[Task]:
        """Tasks whose rows have been kept for as long again after their files went, oldest first."""
        return await self._select(statements.EXPIRED_ROWS, (now, limit))

    async def oldest_with_files(self, limit: int) -> list[Task]:
        """Finished tasks that still have files, who ended first first."""
        return await self._select(statements.OLDEST_WITH_FILES, (limit,))

    async def _move(self, statement: str, **values: Any) -> Task | None:
        return await self.database.write(lambda connection: _one(connection, statement, values))

    async def _find(self, statement: str, *values: Any) -> Task | None:
        return await self.database.read(lambda connection: _one(connection, statement, values))

    async def _select(self, statement: str, values: Any) -> list[Task]:
        return await self.database.read(
            lambda connection: [Task.from_row(row) for row in connection.execute(statement, values)]
        )


def _fence(task: Task) -> dict[str, Any]:
    """What must still be true of a task for a move of it: nobody moved it since it was read."""
    return {"task_id": task.task_id, "status": task.status.value, "run": task.run}


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Task | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Task.from_row(row)
