"""`TaskStore`: what can be asked about tasks and the line. Changing them is left to `moves`.

Danger: position, status and list are asked all the time and must use an index whatever lies in history; a test
reads their query plans.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leyline.line.database import Database
from leyline.line.tasks import Task


@dataclass(frozen=True)
class InLine:
    """A task that waits or runs, as much of it as positions need."""

    task_id: str
    owner: str | None
    client: str
    network: str | None = None


@dataclass(frozen=True)
class LineState:
    """The line at one instant: who waits, first to last; who runs; whether it is paused; recent run times."""

    waiting: tuple[InLine, ...]
    running: tuple[InLine, ...]
    paused: bool
    run_seconds: tuple[float, ...]


class TaskStore:
    """The tasks of one installation. What is read has been committed, and whatever was is seen."""

    def __init__(self, path: Path) -> None:
        """Open the database file at `path`, or make it; raises `StartupError`."""
        self.database = Database(path)  # the links' table is in it too

    def close(self) -> None:
        self.database.close()

    GET = "SELECT * FROM tasks WHERE task_id = ?"

    async def get(self, task_id: str) -> Task | None:
        return await self._find(self.GET, task_id)

    SOME = "SELECT * FROM tasks WHERE task_id IN (SELECT value FROM json_each(?))"

    async def some(self, task_ids: Iterable[str]) -> list[Task]:
        """Those of these tasks that there are."""
        return await self._select(self.SOME, (json.dumps(list(task_ids)),))

    PAGE = """
        SELECT * FROM tasks WHERE owner = :owner
            AND number < coalesce(
                (SELECT number FROM tasks WHERE task_id = :before AND owner = :owner), :before_all
            )
        ORDER BY number DESC LIMIT :limit
    """

    async def page(self, owner: str, before: str | None, limit: int) -> list[Task]:
        """At most `limit` of the owner's tasks, newest first, older than the task `before`."""
        values = {"owner": owner, "before": before, "before_all": None if before else 2**62, "limit": limit}
        return await self._select(self.PAGE, values)

    LIVE = """
        SELECT * FROM tasks WHERE owner = ? AND status IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
    """

    async def live(self, owner: str, limit: int) -> list[Task]:
        """The owner's queued and processing tasks, newest first."""
        return await self._select(self.LIVE, (owner, limit))

    FINISHED = """
        SELECT * FROM tasks WHERE owner = ? AND status NOT IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
    """

    async def finished(self, owner: str, limit: int) -> list[Task]:
        """The owner's finished tasks, newest first."""
        return await self._select(self.FINISHED, (owner, limit))

    BY_KEY_OF_OWNER = "SELECT * FROM tasks WHERE owner = ? AND idempotency_key = ?"
    BY_KEY_OF_PICTURE = """
        SELECT * FROM tasks WHERE owner IS NULL AND idempotency_key = ? AND upload_sha256 = ?
    """

    async def by_key(self, owner: str | None, idempotency_key: str, upload_sha256: str) -> Task | None:
        """The task that an earlier upload with this key made: of this owner, else of this very picture."""
        if owner is None:
            return await self._find(self.BY_KEY_OF_PICTURE, idempotency_key, upload_sha256)
        return await self._find(self.BY_KEY_OF_OWNER, owner, idempotency_key)

    KEY_WITHOUT_OWNER = "SELECT 1 FROM tasks WHERE owner IS NULL AND idempotency_key = ? LIMIT 1"

    async def knows_key(self, owner: str | None, idempotency_key: str) -> bool:
        """Whether an upload with this key may be a replay; without an owner only its picture can tell."""
        if owner is None:
            return bool(
                await self.database.read(lambda c: c.execute(self.KEY_WITHOUT_OWNER, (idempotency_key,)).fetchone())
            )
        return await self._find(self.BY_KEY_OF_OWNER, owner, idempotency_key) is not None

    COUNT_WAITING = """
        SELECT count(*), count(*) FILTER (WHERE network = :network), count(*) FILTER (WHERE client = :client)
        FROM tasks WHERE status = 'queued' AND task_id NOT IN (SELECT value FROM json_each(:but_not))
    """

    async def count_waiting(
        self, client: str, network: str | None = None, but_not: Iterable[str] = ()
    ) -> tuple[int, int, int]:
        """How many tasks wait besides those named: everybody's, this network's (none for None), this client's."""
        values = {"client": client, "network": network, "but_not": json.dumps(list(but_not))}

        def count(connection: sqlite3.Connection) -> tuple[int, int, int]:
            everybody, of_network, own = connection.execute(self.COUNT_WAITING, values).fetchone()
            return everybody, of_network, own

        return await self.database.read(count)

    WAITING = "SELECT task_id, owner, client, network FROM tasks WHERE status = 'queued' ORDER BY place, number"
    RUNNING = "SELECT task_id, owner, client, network FROM tasks WHERE status = 'processing' ORDER BY number"
    PAUSED = "SELECT paused FROM line"
    RUN_SECONDS = "SELECT seconds FROM durations"

    async def line(self) -> LineState:
        """The whole line at one instant."""

        def read(connection: sqlite3.Connection) -> LineState:
            connection.execute("BEGIN")  # one snapshot for all four
            try:
                return LineState(
                    waiting=tuple(InLine(*row) for row in connection.execute(self.WAITING)),
                    running=tuple(InLine(*row) for row in connection.execute(self.RUNNING)),
                    paused=bool(connection.execute(self.PAUSED).fetchone()[0]),
                    run_seconds=tuple(row[0] for row in connection.execute(self.RUN_SECONDS)),
                )
            finally:
                connection.execute("COMMIT")

        return await self.database.read(read)

    ALL_PROCESSING = "SELECT * FROM tasks WHERE status = 'processing' ORDER BY number"
    ALL_QUEUED = "SELECT * FROM tasks WHERE status = 'queued' ORDER BY place, number"

    async def unfinished(self) -> list[Task]:
        """Every queued and processing task, for the start."""
        return await self._select(self.ALL_PROCESSING, ()) + await self._select(self.ALL_QUEUED, ())

    EXPIRED_FILES = """
        SELECT * FROM tasks WHERE files_removed = 0 AND expires_at <= ? ORDER BY expires_at LIMIT ?
    """

    async def expired_files(self, now: float, limit: int) -> list[Task]:
        """Finished tasks whose files have been kept for their time, oldest first."""
        return await self._select(self.EXPIRED_FILES, (now, limit))

    EXPIRED_ROWS = "SELECT * FROM tasks WHERE files_removed = 1 AND expires_at <= ? ORDER BY expires_at LIMIT ?"

    async def expired_rows(self, now: float, limit: int) -> list[Task]:
        """Tasks whose rows have been kept for as long again after their files went, oldest first."""
        return await self._select(self.EXPIRED_ROWS, (now, limit))

    OLDEST_WITH_FILES = """
        SELECT * FROM tasks WHERE files_removed = 0 AND finished_at IS NOT NULL ORDER BY finished_at LIMIT ?
    """

    async def oldest_with_files(self, limit: int) -> list[Task]:
        """Finished tasks that still have files, who ended first first."""
        return await self._select(self.OLDEST_WITH_FILES, (limit,))

    async def _find(self, statement: str, *values: Any) -> Task | None:
        return await self.database.read(lambda connection: _one(connection, statement, values))

    async def _select(self, statement: str, values: Any) -> list[Task]:
        return await self.database.read(
            lambda connection: [Task.from_row(row) for row in connection.execute(statement, values)]
        )


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Task | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Task.from_row(row)
