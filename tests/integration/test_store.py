"""The SQLite store: the contract, and what is SQLite's own."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from leyline.errors import DatabaseBusy, StartupError
from leyline.line import database, migrations
from leyline.line.store import TaskStore
from tests.integration.store_contract import StoreContract, added, moves_of, new_task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leyline.db"


@pytest.fixture
def store(path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(path)
    yield opened
    opened.close()


class TestTaskStore(StoreContract):
    """The contract, on SQLite."""


@pytest.mark.gen_test(timeout=30)
async def test_writes_that_wait_together_share_a_commit(store: TaskStore, path: Path) -> None:
    commits = []
    store.database._writer.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    await asyncio.gather(*(moves_of(store).enter(new_task(number)) for number in range(200)))
    assert len((await store.line()).waiting) == 200
    assert len(commits) < 50


@pytest.mark.gen_test(timeout=30)
async def test_a_failing_write_undoes_itself_and_not_its_neighbours(store: TaskStore) -> None:
    results = await asyncio.gather(
        moves_of(store).enter(new_task(1)),
        moves_of(store).enter(new_task(1)),  # the same id again
        moves_of(store).enter(new_task(2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], sqlite3.IntegrityError)
    assert [waiting.task_id for waiting in (await store.line()).waiting] == [
        new_task(1).task_id,
        new_task(2).task_id,
    ]


@pytest.mark.gen_test(timeout=30)
async def test_a_cancelled_wait_does_not_take_back_its_write(store: TaskStore) -> None:
    waiting = asyncio.ensure_future(moves_of(store).enter(new_task(1)))
    await asyncio.sleep(0)  # handed to the writing thread
    waiting.cancel()
    await moves_of(store).enter(new_task(2))
    assert await store.get(new_task(1).task_id) is not None


@pytest.mark.gen_test(timeout=30)
async def test_moves_are_told_in_the_order_of_their_commits_though_nobody_waits(store: TaskStore) -> None:
    moves, told = moves_of(store), []
    moves._tell = lambda task, move: told.append((int(task.task_id, 16), move.value))
    entering = [asyncio.ensure_future(moves.enter(new_task(number))) for number in range(50)]
    await asyncio.sleep(0)  # handed to the writing thread
    for left in entering[::2]:
        left.cancel()
    await moves.claim()
    assert told == [*((number, "accepted") for number in range(50)), (0, "claimed")]


@pytest.mark.gen_test(timeout=30)
async def test_a_locked_database_refuses_writes_and_answers_reads(
    store: TaskStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(moves_of(store), 1)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            await added(moves_of(store), 2)
        assert await store.get(new_task(1).task_id) is not None
        other.execute("ROLLBACK")
        await added(moves_of(store), 2)
    finally:
        other.close()


def test_a_new_database_is_durable_private_and_ours(path: Path, store: TaskStore) -> None:
    writer = store.database._writer
    assert writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert writer.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert writer.execute("PRAGMA application_id").fetchone()[0] == database.APPLICATION_ID
    assert path.stat().st_mode & 0o777 == 0o600


def test_applying_the_migrations_twice_changes_nothing(path: Path, store: TaskStore) -> None:
    def schema() -> list[tuple[str, str]]:
        connection = sqlite3.connect(path)
        try:
            return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        finally:
            connection.close()

    before = schema()
    connection = sqlite3.connect(path)
    migrations.tasks.apply(Tables(connection))
    connection.close()
    assert schema() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"this is no database, and it is longer than a header would be " * 20, "damaged"),
        (None, "not a Leyline database"),
    ],
    ids=["zero-byte", "garbage", "foreign"],
)
def test_a_database_that_is_not_ours_is_refused_in_a_sentence(path: Path, content: bytes | None, says: str) -> None:
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StartupError, match=says):
        TaskStore(path)
    assert path.read_bytes() == before, "it was left as it was"


def test_a_truncated_database_is_refused(path: Path, io_loop: object) -> None:
    opened = TaskStore(path)
    opened.close()
    path.write_bytes(path.read_bytes()[:-8192])
    with pytest.raises(StartupError, match="damaged"):
        TaskStore(path)
