"""What is asked all the time goes by an index, whatever lies in history."""

import ast
import inspect
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator

import pytest
from sqlite_utils import Database

from leyline.line import migrations, moves, places, store, videos
from leyline.line.moves import Moves
from leyline.line.places import Places
from leyline.line.store import TaskStore
from leyline.line.videos import Videos

ROOMS = {moves: "Moves", places: "Places", store: "TaskStore", videos: "Videos"}
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b")

# These read a partial index from end to end: it holds no more than what waits or runs; what is pinned; or what has
# a video, which is asked only where room is needed.
READ_FROM_END_TO_END = ("tasks_in_line", "tasks_running", "tasks_pinned", "tasks_with_video")

OFTEN = {
    name: statement
    for room in (Moves, Places, TaskStore, Videos)
    for name, statement in vars(room).items()
    if name.isupper() and isinstance(statement, str) and "tasks" in statement
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:")
    migrations.tasks.apply(Database(opened))
    yield opened
    opened.close()


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    values = defaultdict(lambda: None) if ":" in statement else (None,) * statement.count("?")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def test_every_statement_has_a_name_by_which_it_is_looked_at() -> None:
    assert len(OFTEN) >= 20
    for room in ROOMS:
        tree = ast.parse(inspect.getsource(room))
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        begins = [text for text in texts if isinstance(text, str) and STATEMENT.match(text)]
        named = [text for text in vars(room.__dict__[ROOMS[room]]).values() if isinstance(text, str)]
        assert begins and all(any(begin.strip() in text for text in named) for begin in begins)


@pytest.mark.parametrize("name", OFTEN)
def test_no_statement_reads_through_history(connection: sqlite3.Connection, name: str) -> None:
    for step in plan(connection, OFTEN[name]):
        if step.startswith("SCAN tasks"):
            assert any(f"INDEX {index}" in step for index in READ_FROM_END_TO_END), step
        assert "USE TEMP B-TREE" not in step, f"{name} sorts by itself: {step}"


@pytest.mark.parametrize(
    "name", ["GET", "COUNT_VIEW", "DELETE", "SUCCEED", "FAIL", "CANCEL", "PUT_BACK", "REQUEST_CANCEL"]
)
def test_one_task_is_found_by_its_id(connection: sqlite3.Connection, name: str) -> None:
    assert any("task_id=?" in step for step in plan(connection, OFTEN[name]))


def test_the_claim_takes_the_first_of_the_line_and_looks_no_further(connection: sqlite3.Connection) -> None:
    steps = plan(connection, Moves.CLAIM)
    assert any("tasks_in_line" in step for step in steps)
    assert any("INTEGER PRIMARY KEY" in step for step in steps)
