"""The diagram of a task's life shows every move that there is, and none that there is not."""

import re
from pathlib import Path

from leyline.line.moves import Moves
from leyline.line.tasks import MOVES, TERMINAL, TaskStatus
from leyline.line.writer import Move, Writer
from leyline.processes import states
from leyline.processes.states import ChildState, Happening

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
    assert [name for name in vars(Writer) if name.isupper()] == ["KEEP_OUTPUT"]


# The processes that are kept


def table_of_kept_processes() -> list[list[str]]:
    """The cells of its table: a row of states, then a row for each thing that happens."""
    lines = STATES[STATES.index("| what happens |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def test_the_table_of_a_kept_process_is_the_one_that_it_obeys() -> None:
    (_, *befores), *rows = table_of_kept_processes()
    printed = {
        (before, happening): after
        for happening, *afters in rows
        for before, after in zip(befores, afters, strict=True)
        if after
    }
    assert printed == {
        (before.value, happening.value): after.value
        for before, moves in states.MOVES.items()
        for happening, after in moves.items()
    }


def test_every_state_and_happening_of_a_kept_process_is_in_its_table() -> None:
    (_, *befores), *rows = table_of_kept_processes()
    assert befores == [state.value for state in ChildState]
    assert [row[0] for row in rows] == [happening.value for happening in Happening]


def test_a_kept_process_begins_again_from_every_state_that_it_can_be_left_in() -> None:
    for before, moves in states.MOVES.items():
        if Happening.SPAWNED in moves:
            assert Happening.NOT_SPAWNED in moves
        else:
            assert Happening.DIED_UNPROVED in moves, before
