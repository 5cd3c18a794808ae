"""The diagram of a task's life shows every move that there is, and none that there is not."""

import re
from pathlib import Path

import pytest

from leyline.line import statements
from leyline.line.tasks import MOVES, TERMINAL, TaskStatus

STATES = (Path(__file__).parents[2] / "docs" / "states.md").read_text()
MOVING = ("ADD", "CLAIM", "PUT_BACK", "SUCCEED", "FAIL", "REQUEST_CANCEL", "CANCEL", "REMOVE_FILES", "DELETE")


def test_the_diagram_shows_every_legal_move_and_no_other() -> None:
    drawn = set(re.findall(r"^ +(\w+) --> (\w+):", STATES, re.M))
    assert drawn == {(before.value, after.value) for before, afters in MOVES.items() for after in afters}


def test_the_diagram_begins_in_line_and_ends_in_every_end() -> None:
    assert re.findall(r"^ +\[\*\] --> (\w+):", STATES, re.M) == [TaskStatus.QUEUED.value]
    assert set(re.findall(r"^ +(\w+) --> \[\*\]:", STATES, re.M)) == {status.value for status in TERMINAL}


def test_the_table_has_a_row_for_each_move() -> None:
    listed = set(re.findall(r"^\| `(\w+)` → `(\w+)` \|", STATES, re.M))
    assert listed == {(before.value, after.value) for before, afters in MOVES.items() for after in afters}


@pytest.mark.parametrize("name", MOVING)
def test_each_statement_that_moves_a_task_is_in_the_table(name: str) -> None:
    assert hasattr(statements, name)
    assert re.search(rf"^\|.*`{name}`", STATES, re.M)


def test_every_statement_that_the_table_names_exists() -> None:
    named = set(re.findall(r"`([A-Z_]{3,})`", STATES)) - {"LEYLINE_MAX_ATTEMPTS"}
    assert {name for name in named if not hasattr(statements, name)} == set()
