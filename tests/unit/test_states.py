"""The diagram of a task's life shows every move that there is, and none that there is not."""

import re
from pathlib import Path

from leyline.line.moves import Move, Moves
from leyline.line.tasks import MOVES, TERMINAL, TaskStatus

STATES = (Path(__file__).parents[2] / "docs" / "states.md").read_text()


def test_the_diagram_shows_every_legal_move_and_no_other() -> None:
    drawn = set(re.findall(r"^ +(\w+) --> (\w+):", STATES, re.M))
    assert drawn == {(before.value, after.value) for before, afters in MOVES.items() for after in afters}


def test_the_diagram_begins_in_line_and_ends_in_every_end() -> None:
    assert re.findall(r"^ +\[\*\] --> (\w+):", STATES, re.M) == [TaskStatus.QUEUED.value]
    assert set(re.findall(r"^ +(\w+) --> \[\*\]:", STATES, re.M)) == {status.value for status in TERMINAL}


def test_the_table_has_a_row_for_each_move() -> None:
    table = "\n".join(line.split("|")[2] for line in STATES.splitlines() if line.startswith("| `"))
    listed = set(re.findall(r"`(\w+)` → `(\w+)`", table))
    assert listed == {(before.value, after.value) for before, afters in MOVES.items() for after in afters}


def rows() -> list[tuple[str, list[str]]]:
    """Each move of the table by its name in the log, and the statements that it is made of."""
    return [
        (name, re.findall(r"`([A-Z_]+)`", made_of))
        for name, made_of in re.findall(r"^\| `(\w+)` \|(?:[^|]*\|){3}([^|]*)\|", STATES, re.M)
    ]


def test_the_table_is_the_contents_of_the_one_writer() -> None:
    """The same moves in the same order: the log's names, and the statements as they stand in the file."""
    assert [name for name, _ in rows()] == [move.value for move in Move]
    named = [name for _, made_of in rows() for name in made_of]
    assert named == [name for name in vars(Moves) if name.isupper()][: len(named)]
    assert [name for name in vars(Moves) if name.isupper()][len(named) :] == ["PAUSE"]
