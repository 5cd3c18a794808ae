"""`TaskStore`: what can be asked about tasks and the line. Changing them is left to `moves`.

Danger: position, status and list are asked all the time and must use an index whatever lies in history; a test
reads their query plans.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leyline.line.database import Database
from leyline.line.holdings import Holder, Holding
from leyline.line.tasks import IN_TURN, Task

_IN_LINE_COLUMNS = "place, number, task_id, owner, client, network, out_of_turn * :is_fair"
_IN_LINE = f"SELECT {_IN_LINE_COLUMNS} FROM tasks"
MOST_BEGUN = 1000  # of the last runs that have ended, whose turn it was is remembered at a start


@dataclass(frozen=True, slots=True)
class InLine:
    """A task that waits or runs, as much of it as positions need."""

    place: float
    number: int
    task_id: str
    owner: str | None
    client: str
    network: str | None = None
    out_of_turn: int = IN_TURN  # the task's own in the fair order; first come, first served, there is no turn

    @property
    def key(self) -> tuple[int, float, int]:
        """What those who take no turns are sorted by: the number tells two of one place apart."""
        return self.out_of_turn, self.place, self.number

    @classmethod
    def of(cls, task: Task, *, is_fair: bool) -> "InLine":
        names = task.owner, task.client, task.network
        return cls(task.place, task.number, task.task_id, *names, task.out_of_turn if is_fair else IN_TURN)


@dataclass(frozen=True)
class LineState:
    """The line at one instant: who waits, by place; who runs; whether it is paused; recent run times.

    For the fair order, whose runs began last too, in the order in which they did; not of all time.
    """

    waiting: tuple[InLine, ...]
    running: tuple[InLine, ...]
    paused: bool
    run_seconds: tuple[float, ...]
    begun: tuple[InLine, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class RunOutput:
    """The last lines that the model printed in a run of a task; `ended_at` as a task's times."""

    run: int
    ended_at: float
    lines: list[str]


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

    PAGE_OF_BATCH = PAGE.replace("WHERE owner = :owner\n", "WHERE owner = :owner AND batch_id = :batch_id\n", 1)

    async def page(self, owner: str, before: str | None, limit: int, batch_id: str | None = None) -> list[Task]:
        """At most `limit` of the owner's tasks, newest first, older than the task `before`; or of a batch."""
        values = {"owner": owner, "before": before, "before_all": None if before else 2**62, "limit": limit}
        if batch_id is None:
            return await self._select(self.PAGE, values)
        return await self._select(self.PAGE_OF_BATCH, {**values, "batch_id": batch_id})

    LIVE = """
        SELECT * FROM tasks WHERE owner = ? AND status IN ('queued', 'processing') ORDER BY number DESC LIMIT ?
    """

    async def live(self, owner: str, limit: int) -> list[Task]:
        """The owner's queued and processing tasks, newest first."""
        return await self._select(self.LIVE, (owner, limit))

    FINISHED = """
        SELECT * FROM tasks WHERE owner = ? AND status NOT IN ('queued', 'processing') AND trashed_at IS NULL
        ORDER BY number DESC LIMIT ?
    """

    async def finished(self, owner: str, limit: int) -> list[Task]:
        """The owner's finished tasks without those in the trash, newest first."""
        return await self._select(self.FINISHED, (owner, limit))

    TRASHED = "SELECT * FROM tasks WHERE owner = ? AND trashed_at IS NOT NULL ORDER BY number DESC LIMIT ?"

    async def trashed(self, owner: str, limit: int) -> list[Task]:
        """The owner's tasks in the trash, newest first."""
        return await self._select(self.TRASHED, (owner, limit))

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

    WAITING = f"{_IN_LINE} WHERE status = 'queued' ORDER BY place, number"
    RUNNING = f"{_IN_LINE} WHERE status = 'processing' ORDER BY number"
    PAUSED = "SELECT paused FROM line"
    RUN_SECONDS = "SELECT seconds FROM durations ORDER BY number"

    BEGUN = f"""
        SELECT started_at, {_IN_LINE_COLUMNS} FROM tasks WHERE number IN (
            SELECT number FROM tasks WHERE status = 'processing'
            UNION ALL
            SELECT number FROM tasks WHERE status = 'queued' AND out_of_turn = -1 AND out_of_turn != 0
            UNION ALL
            SELECT number FROM (
                SELECT number FROM tasks WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT {MOST_BEGUN}
            )
        ) AND started_at IS NOT NULL
    """

    async def line(self, *, is_fair: bool = False) -> LineState:
        """The whole line at one instant. For a start, and for tests: who asks at other times asks the index."""

        def read(connection: sqlite3.Connection) -> LineState:
            connection.execute("BEGIN")  # one snapshot for all of it
            try:
                return self.line_within(connection, is_fair=is_fair)
            finally:
                connection.execute("COMMIT")

        return await self.database.read(read)

    @classmethod
    def line_within(cls, connection: sqlite3.Connection, *, is_fair: bool = False) -> LineState:
        """The whole line, in the transaction that the connection is in."""

        def in_line(statement: str) -> tuple[InLine, ...]:
            return tuple(InLine(*row) for row in connection.execute(statement, {"is_fair": is_fair}))

        return LineState(
            waiting=in_line(cls.WAITING),
            running=in_line(cls.RUNNING),
            paused=bool(connection.execute(cls.PAUSED).fetchone()[0]),
            run_seconds=tuple(row[0] for row in connection.execute(cls.RUN_SECONDS)),
            begun=cls._begun(connection) if is_fair else (),
        )

    @classmethod
    def _begun(cls, connection: sqlite3.Connection) -> tuple[InLine, ...]:
        rows = sorted(map(tuple, connection.execute(cls.BEGUN, {"is_fair": True})))
        return tuple(InLine(*row) for _, *row in rows)

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

    IN_TRASH = "SELECT * FROM tasks WHERE trashed_at <= ? ORDER BY trashed_at LIMIT ?"

    async def in_trash(self, until: float, limit: int) -> list[Task]:
        """Everybody's tasks that have lain in the trash since this time or longer, the longest first."""
        return await self._select(self.IN_TRASH, (until, limit))

    ENDED_WITHOUT_VIDEO = """
        SELECT * FROM tasks WHERE finished_at IS NOT NULL AND status IN ('failed', 'canceled') AND files_removed = 0
        ORDER BY finished_at LIMIT ?
    """

    async def ended_without_video(self, limit: int) -> list[Task]:
        """Failed and canceled tasks that still have their pictures, who ended first first."""
        return await self._select(self.ENDED_WITHOUT_VIDEO, (limit,))

    HOLDINGS = """
        SELECT coalesce(network, client), client, sum(video_bytes), min(finished_at) FROM tasks
        WHERE status = 'succeeded' AND files_removed = 0
        GROUP BY coalesce(network, client), client
    """

    async def holdings(self) -> dict[Holder, Holding]:
        """What each network and client has here of videos, pinned ones too.

        A task whose network tells nobody apart, or is not known, counts as if its client were a network.
        """
        return await self.database.read(
            lambda connection: {
                (network, client): Holding(held, since)
                for network, client, held, since in connection.execute(self.HOLDINGS)
            }
        )

    OLDEST_VIDEO = """
        SELECT * FROM tasks
        WHERE coalesce(network, client) = ? AND client = ? AND status = 'succeeded' AND files_removed = 0
            AND NOT pinned
        ORDER BY finished_at LIMIT 1
    """

    async def oldest_video(self, network: str, client: str) -> Task | None:
        """The first made of the videos that this client has here, without those that are pinned."""
        return await self._find(self.OLDEST_VIDEO, network, client)

    ENDED = """
        SELECT * FROM tasks WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ?
    """

    async def ended(self, limit: int) -> list[Task]:
        """The tasks that ended last, the last first."""
        return await self._select(self.ENDED, (limit,))

    FAILED = """
        SELECT * FROM tasks WHERE status = 'failed' AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ?
    """

    async def failed(self, limit: int) -> list[Task]:
        """The tasks that failed last, the last first."""
        return await self._select(self.FAILED, (limit,))

    NEXT_TO_EXPIRE = """
        SELECT * FROM tasks WHERE files_removed = 0 AND expires_at IS NOT NULL AND trashed_at IS NULL
        ORDER BY expires_at LIMIT ?
    """

    async def next_to_expire(self, limit: int) -> list[Task]:
        """Finished tasks, without those in the trash, whose files will have been kept for their time first."""
        return await self._select(self.NEXT_TO_EXPIRE, (limit,))

    PROCESSING = "SELECT * FROM tasks WHERE status = 'processing' ORDER BY number"

    async def processing(self) -> list[Task]:
        """Every task at work, first to last."""
        return await self._select(self.PROCESSING, ())

    OUTPUTS = "SELECT run, ended_at, lines FROM outputs WHERE task_id = ? ORDER BY run"

    async def outputs(self, task_id: str) -> list[RunOutput]:
        """What the model printed last in each of the task's runs that have ended, first to last."""
        return await self.database.read(
            lambda connection: [
                RunOutput(run, ended_at, json.loads(lines))
                for run, ended_at, lines in connection.execute(self.OUTPUTS, (task_id,))
            ]
        )

    async def _find(self, statement: str, *values: Any) -> Task | None:
        return await self.database.read(lambda connection: _one(connection, statement, values))

    async def _select(self, statement: str, values: Any) -> list[Task]:
        return await self.database.read(
            lambda connection: [Task.from_row(row) for row in connection.execute(statement, values)]
        )


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Task | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Task.from_row(row)
