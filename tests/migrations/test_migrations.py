"""Databases of earlier releases, kept here as SQL: each opens, with all its tasks, in today's schema."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from leyline.errors import StartupError
from leyline.line import migrations
from leyline.line.database import Database
from leyline.line.store import TaskStore
from tests.integration.store_contract import moves_of
from tests.live_server import ROOT
from web.representation import error

# What each release knows of a link; which videos it shows is told elsewhere.
LINKS = """
    SELECT link_id, token_hash, label, created_at, expires_at, max_views, views, revoked FROM links ORDER BY link_id
"""
RELEASES = sorted(Path(__file__).parent.glob("*.sql"))


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database as this release left it."""
    found = tmp_path / "leyline.db"
    with closing(sqlite3.connect(found)) as connection:
        connection.executescript(request.param.read_text())
    return found


def query(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def schema(path: Path) -> list[Any]:
    return sorted(query(path, "SELECT type, name, tbl_name, sql FROM sqlite_master"), key=str)


def open_and_close(path: Path) -> None:
    Database(path).close()


def test_there_is_a_fixture_of_a_release() -> None:
    assert RELEASES


def test_a_migrated_schema_is_the_same_as_a_fresh_one(path: Path, tmp_path: Path) -> None:
    open_and_close(path)
    open_and_close(tmp_path / "fresh.db")
    assert schema(path) == schema(tmp_path / "fresh.db")


def test_every_row_is_kept(path: Path) -> None:
    tables = ("tasks", "line", "durations")
    before = {table: query(path, f"SELECT * FROM {table}") for table in tables}
    links = query(path, LINKS)
    open_and_close(path)
    after = {table: query(path, f"SELECT * FROM {table}") for table in tables}
    assert all(before.values())
    for table in tables:  # a later schema may add columns at the end
        assert [row[: len(old)] for row, old in zip(after[table], before[table], strict=True)] == before[table]
    assert links and query(path, LINKS) == links


def test_each_link_still_shows_its_one_video_and_is_listed_to_its_owner(path: Path) -> None:
    shown = query(path, "SELECT link_id, task_id, owner FROM links JOIN tasks USING (task_id) ORDER BY link_id")
    open_and_close(path)
    assert shown == query(
        path, "SELECT link_id, task_id, owner FROM links JOIN link_videos USING (link_id) ORDER BY link_id"
    )
    assert query(path, "SELECT DISTINCT number FROM link_videos") == [(1,)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("DELETE FROM tasks")
        assert connection.execute("SELECT count(*) FROM links").fetchone() == (0,), "they go with their videos"


def test_tasks_of_an_earlier_release_count_with_their_session(path: Path) -> None:
    open_and_close(path)
    assert query(path, "SELECT count(*) FROM tasks WHERE network IS NOT NULL OR pinned OR trashed_at") == [(0,)]


def test_tasks_of_an_earlier_release_have_no_parameters_until_their_run_begins(path: Path) -> None:
    async def claimed() -> tuple[str | None, str | None]:
        store = TaskStore(path)
        moves = moves_of(store)
        await moves.pause(False)
        (first, *_) = (await store.line()).waiting
        before, task = (
            await store.get(first.task_id),
            await moves.claim(lambda task: task.parameters or '{"seed":7}'),
        )
        assert before and task and before.task_id == task.task_id
        store.close()
        return before.parameters, task.parameters

    assert asyncio.run(claimed()) == (None, '{"seed":7}')


def test_the_line_goes_on_where_it_was(path: Path) -> None:
    async def go_on() -> tuple[bool, tuple[int, int], list[int]]:
        store = TaskStore(path)
        paused = (await store.line()).paused
        line = await store.line()
        moves = moves_of(store)
        await moves.pause(False)
        claimed = [task.number for _ in range(2) if (task := await moves.claim())]
        store.close()
        return paused, (len(line.running), len(line.waiting)), claimed

    assert asyncio.run(go_on()) == (True, (1, 2), [6, 7])


# The migration that does not exist yet


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """The migrations of a later release, which first adds a column and fills it."""
    later = Migrations("leyline")
    for migration in migrations.tasks.pending(Tables(memory=True)):
        later(name=migration.name)(migration.fn)

    @later()
    def add_mood(db: Tables) -> None:
        db.execute("ALTER TABLE tasks ADD COLUMN mood TEXT")
        db.execute("UPDATE tasks SET mood = 'good'")

    monkeypatch.setattr(migrations, "tasks", later)
    return later


def test_a_later_migration_reaches_every_row_and_runs_once(path: Path, later: Migrations) -> None:
    count = query(path, "SELECT count(*) FROM tasks")
    for _ in range(2):
        open_and_close(path)
        assert query(path, "SELECT count(*) FROM tasks WHERE mood = 'good'") == count


def test_a_migration_that_fails_leaves_the_old_schema(path: Path, later: Migrations) -> None:
    @later()
    def break_down(db: Tables) -> None:
        db.execute("DROP TABLE links")
        db.execute("SELECT * FROM nothing")

    before = query(path, LINKS)
    with pytest.raises(StartupError):
        open_and_close(path)
    assert query(path, LINKS) == before
    assert "mood" in schema_of(path, "tasks"), "the one before it is a step of its own"


def schema_of(path: Path, table: str) -> str:
    return str(query(path, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")[0][0])


KILLED = """
import os, signal, sys
from pathlib import Path
from leyline.line import migrations
from leyline.line.database import Database

@migrations.tasks()
def die(db):
    db.execute("UPDATE tasks SET place = 0")
    db.execute("DROP TABLE links")
    os.kill(os.getpid(), signal.SIGKILL)

Database(Path(sys.argv[1]))
"""


def test_a_server_killed_in_the_middle_of_a_migration_has_changed_nothing(path: Path) -> None:
    tasks, links = query(path, "SELECT * FROM tasks"), query(path, LINKS)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, timeout=60)
    assert killed.returncode < 0
    open_and_close(path)
    after = query(path, "SELECT * FROM tasks")
    assert [row[: len(old)] for row, old in zip(after, tasks, strict=True)] == tasks
    assert query(path, LINKS) == links


def test_a_database_of_a_newer_release_is_refused_and_left_alone(
    path: Path, later: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_close(path)
    monkeypatch.undo()
    before = schema(path)
    with pytest.raises(StartupError, match="was made by a newer Leyline"):
        Database(path)
    assert schema(path) == before


def test_a_crash_that_an_earlier_release_told_as_a_signal_is_told_in_plain_words(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        (task_id,) = connection.execute("SELECT task_id FROM tasks WHERE status = 'failed'").fetchone()
        told = ("model_crashed", "The model process was ended by signal 9.", task_id)
        connection.execute("UPDATE tasks SET error_code = ?, error_detail = ? WHERE task_id = ?", told)

    async def shown() -> Any:
        store = TaskStore(path)
        task = await store.get(task_id)
        store.close()
        return task and error(task)

    assert asyncio.run(shown())["detail"] == "The model crashed on this picture every time it was tried."
