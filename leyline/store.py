"""`TaskStore`: the truth about every task; with `links`, the only file that speaks SQL.

Threads and commits are left to `database`. Every move is one conditional UPDATE with the status and
the run in its WHERE; it returns the task as it became, or None when the task had moved on before, and
only who gets the task may tell others about it. `now` is always the caller's wall clock in seconds.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leyline.database import Database
from leyline.links import Links
from leyline.tasks import Task

REMEMBERED_RUNS = 20  # estimates use the median of this many


@dataclass(frozen=True)
class NewTask:
    """What is known of a task before it has a number."""

    task_id: str
    owner: str | None
    client: str
    client_id: str | None
    retry_of: str | None
    upload_sha256: str | None
    idempotency_key: str | None
    image_name: str
    image_width: int
    image_height: int
    image_bytes: int


@dataclass(frozen=True)
class Waiting:
    """A task in line, as much of it as positions need."""

    task_id: str
    owner: str | None


@dataclass(frozen=True)
class LineState:
    """The line at one instant: who waits, first to last; who runs; whether it is paused; recent run times."""

    waiting: tuple[Waiting, ...]
    running: tuple[Waiting, ...]
    paused: bool
    run_seconds: tuple[float, ...]


NEW_COLUMNS = ", ".join(NewTask.__dataclass_fields__)
NEW_VALUES = ", ".join(f":{name}" for name in NewTask.__dataclass_fields__)

ADD = f"""
    INSERT INTO tasks (place, status, created_at, {NEW_COLUMNS})
    VALUES (coalesce(:place, 0), 'queued', :now, {NEW_VALUES})
"""
TAKE_PLACE = "UPDATE tasks SET place = coalesce(:place, number) WHERE task_id = :task_id RETURNING *"

CLAIM = """
    UPDATE tasks SET status = 'processing', run = run + 1, moves = moves + 1,
        started_at = coalesce(started_at, :now)
    WHERE number = (SELECT number FROM tasks WHERE status = 'queued' ORDER BY place, number LIMIT 1)
        AND NOT (SELECT paused FROM line)
    RETURNING *
"""
SUCCEED = """
    UPDATE tasks SET status = 'succeeded', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
        video_width = :width, video_height = :height, video_seconds = :seconds, video_bytes = :bytes
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""
FAIL = """
    UPDATE tasks SET status = 'failed', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
        error_code = :code, error_detail = :detail
    WHERE task_id = :task_id AND status = :status AND run = :run
    RETURNING *
"""
CANCEL = """
    UPDATE tasks SET status = 'canceled', moves = moves + 1, finished_at = :now, expires_at = :expires_at
    WHERE task_id = :task_id AND status = :status AND run = :run
    RETURNING *
"""
REQUEST_CANCEL = """
    UPDATE tasks SET cancel_requested = 1, moves = moves + 1
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""
PUT_BACK = """
    UPDATE tasks SET status = 'queued', moves = moves + 1, attempt = attempt + :attempts
    WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
    RETURNING *
"""
COUNT_VIEW = "UPDATE tasks SET views = views + 1, moves = moves + 1 WHERE task_id = :task_id RETURNING *"
REMOVE_FILES = """
    UPDATE tasks SET files_removed = 1, moves = moves + 1, expires_at = :expires_at
    WHERE task_id = :task_id AND status IN ('succeeded', 'failed', 'canceled') AND NOT files_removed
    RETURNING *
"""
DELETE = "DELETE FROM tasks WHERE task_id = :task_id AND status != 'processing' RETURNING *"

GET = "SELECT * FROM tasks WHERE task_id = ?"
PAGE = """
    SELECT * FROM tasks WHERE owner = :owner
        AND number < coalesce((SELECT number FROM tasks WHERE task_id = :before AND owner = :owner), :before_all)
    ORDER BY number DESC LIMIT :limit
"""
LIVE = """
    SELECT * FROM tasks WHERE owner = ? AND status IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
"""
FINISHED = """
    SELECT * FROM tasks WHERE owner = ? AND status NOT IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
"""
BY_KEY_OF_OWNER = "SELECT * FROM tasks WHERE owner = ? AND idempotency_key = ?"
BY_KEY_OF_PICTURE = """
    SELECT * FROM tasks WHERE owner IS NULL AND idempotency_key = ? AND upload_sha256 = ?
"""
KEY_WITHOUT_OWNER = "SELECT 1 FROM tasks WHERE owner IS NULL AND idempotency_key = ? LIMIT 1"
WAITING = "SELECT task_id, owner FROM tasks WHERE status = 'queued' ORDER BY place, number"
RUNNING = "SELECT task_id, owner FROM tasks WHERE status = 'processing' ORDER BY number"
COUNT_WAITING = "SELECT count(*) FROM tasks WHERE status = 'queued'"
COUNT_WAITING_OF_CLIENT = "SELECT count(*) FROM tasks WHERE status = 'queued' AND client = ?"
ALL_QUEUED = "SELECT * FROM tasks WHERE status = 'queued'"
ALL_PROCESSING = "SELECT * FROM tasks WHERE status = 'processing'"
EXPIRED_FILES = """
    SELECT * FROM tasks WHERE files_removed = 0 AND expires_at <= ? ORDER BY expires_at LIMIT ?
"""
EXPIRED_ROWS = "SELECT * FROM tasks WHERE files_removed = 1 AND expires_at <= ? ORDER BY expires_at LIMIT ?"
OLDEST_WITH_FILES = """
    SELECT * FROM tasks WHERE files_removed = 0 AND expires_at IS NOT NULL ORDER BY expires_at LIMIT ?
"""

PAUSED = "SELECT paused FROM line"
SET_PAUSED = "UPDATE line SET paused = ?"
RUN_SECONDS = "SELECT seconds FROM durations"
REMEMBER_RUN = "INSERT INTO durations (seconds) VALUES (?)"
FORGET_RUNS = f"DELETE FROM durations WHERE number <= (SELECT max(number) FROM durations) - {REMEMBERED_RUNS}"


class TaskStore:
    """The tasks of one installation. Reads see every committed move; moves are durable when they return."""

    def __init__(self, path: Path) -> None:
        """Open the database file at `path`, or make it; raises `StartupError`."""
        self._database = Database(path)
        self.links = Links(self._database)

    def close(self) -> None:
        self._database.close()

    # Into the line

    async def add(self, new: NewTask, now: float, place: int | None = None) -> Task:
        """Append to the line, or stand at `place`, the old place of a canceled task, and return the task."""

        def add(connection: sqlite3.Connection) -> Task:
            values = {**vars(new), "now": now, "place": place}
            connection.execute(ADD, values)
            return Task.from_row(connection.execute(TAKE_PLACE, values).fetchone())

        return await self._database.write(add)

    # Moves

    async def claim(self, now: float) -> Task | None:
        """Take the first task in line for processing, under a new run; None when none waits or it is paused."""
        return await self._move(CLAIM, now=now)

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
            done = _one(connection, SUCCEED, values)
            if done:
                connection.execute(REMEMBER_RUN, (run_seconds,))
                connection.execute(FORGET_RUNS)
            return done

        return await self._database.write(succeed)

    async def fail(self, task: Task, code: str, detail: str, now: float, expires_at: float | None) -> Task | None:
        """End the task, queued or processing as it was seen, with an error."""
        return await self._move(FAIL, **_fence(task), code=code, detail=detail, now=now, expires_at=expires_at)

    async def cancel(self, task: Task, now: float, expires_at: float | None) -> Task | None:
        """End the task, queued or processing as it was seen, as canceled."""
        return await self._move(CANCEL, **_fence(task), now=now, expires_at=expires_at)

    async def request_cancel(self, task: Task) -> Task | None:
        """Write down that somebody asked the running task to stop: from now on it cannot succeed."""
        return await self._move(REQUEST_CANCEL, **_fence(task))

    async def put_back(self, task: Task, *, count_attempt: bool) -> Task | None:
        """Return the running task to its old place in line; None also when a cancel was asked before."""
        return await self._move(PUT_BACK, **_fence(task), attempts=int(count_attempt))

    async def count_view(self, task_id: str) -> Task | None:
        """One more view of the task's video."""
        return await self._move(COUNT_VIEW, task_id=task_id)

    async def mark_files_removed(self, task: Task, expires_at: float | None) -> Task | None:
        """The finished task's files go; its row stays until `expires_at`."""
        return await self._move(REMOVE_FILES, task_id=task.task_id, expires_at=expires_at)

    async def delete(self, task_id: str) -> Task | None:
        """Remove the row; None when it is processing or not there."""
        return await self._move(DELETE, task_id=task_id)

    async def pause(self, paused: bool) -> None:
        """Stop or resume claiming; survives restarts."""
        await self._database.write(lambda connection: connection.execute(SET_PAUSED, (paused,)))

    # Reads

    async def get(self, task_id: str) -> Task | None:
        return await self._find(GET, task_id)

    async def page(self, owner: str, before: str | None, limit: int) -> list[Task]:
        """At most `limit` of the owner's tasks, newest first, older than the task `before`."""
        values = {"owner": owner, "before": before, "before_all": None if before else 2**62, "limit": limit}
        return await self._select(PAGE, values)

    async def live(self, owner: str, limit: int) -> list[Task]:
        """The owner's queued and processing tasks, newest first."""
        return await self._select(LIVE, (owner, limit))

    async def finished(self, owner: str, limit: int) -> list[Task]:
        """The owner's finished tasks, newest first."""
        return await self._select(FINISHED, (owner, limit))

    async def by_key(self, owner: str | None, idempotency_key: str, upload_sha256: str) -> Task | None:
        """The task that an earlier upload with this key made: of this owner, else of this very picture."""
        if owner is None:
            return await self._find(BY_KEY_OF_PICTURE, idempotency_key, upload_sha256)
        return await self._find(BY_KEY_OF_OWNER, owner, idempotency_key)

    async def knows_key(self, owner: str | None, idempotency_key: str) -> bool:
        """Whether an upload with this key may be a replay; without an owner only its picture can tell."""
        if owner is None:
            return bool(
                await self._database.read(lambda c: c.execute(KEY_WITHOUT_OWNER, (idempotency_key,)).fetchone())
            )
        return await self._find(BY_KEY_OF_OWNER, owner, idempotency_key) is not None

    async def count_waiting(self, client: str) -> tuple[int, int]:
        """How many tasks wait: everybody's, and this client's."""

        def count(connection: sqlite3.Connection) -> tuple[int, int]:
            everybody = connection.execute(COUNT_WAITING).fetchone()[0]
            return everybody, connection.execute(COUNT_WAITING_OF_CLIENT, (client,)).fetchone()[0]

        return await self._database.read(count)

    async def line(self) -> LineState:
        """The whole line at one instant."""

        def read(connection: sqlite3.Connection) -> LineState:
            connection.execute("BEGIN")  # one snapshot for all four
            try:
                return LineState(
                    waiting=tuple(Waiting(*row) for row in connection.execute(WAITING)),
                    running=tuple(Waiting(*row) for row in connection.execute(RUNNING)),
                    paused=bool(connection.execute(PAUSED).fetchone()[0]),
                    run_seconds=tuple(row[0] for row in connection.execute(RUN_SECONDS)),
                )
            finally:
                connection.execute("COMMIT")

        return await self._database.read(read)

    async def unfinished(self) -> list[Task]:
        """Every queued and processing task, for the start."""
        return await self._select(ALL_PROCESSING, ()) + await self._select(ALL_QUEUED, ())

    async def expired(self, now: float, limit: int) -> tuple[list[Task], list[Task]]:
        """Tasks whose files, and tasks whose rows, have been kept for their time; oldest first."""
        return await self._select(EXPIRED_FILES, (now, limit)), await self._select(EXPIRED_ROWS, (now, limit))

    async def oldest_with_files(self, limit: int) -> list[Task]:
        """Finished tasks that still have files, the next to expire first."""
        return await self._select(OLDEST_WITH_FILES, (limit,))

    async def _move(self, statement: str, **values: Any) -> Task | None:
        return await self._database.write(lambda connection: _one(connection, statement, values))

    async def _find(self, statement: str, *values: Any) -> Task | None:
        return await self._database.read(lambda connection: _one(connection, statement, values))

    async def _select(self, statement: str, values: Any) -> list[Task]:
        return await self._database.read(
            lambda connection: [Task.from_row(row) for row in connection.execute(statement, values)]
        )


def _fence(task: Task) -> dict[str, Any]:
    """What must still be true of a task for a move of it: nobody moved it since it was read."""
    return {"task_id": task.task_id, "status": task.status.value, "run": task.run}


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Task | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Task.from_row(row)
