"""Undo of a cancel: for a minute by the monotonic clock, once, and only of what had not started."""

from dataclasses import replace
from typing import Any

import pytest

from leyline.line import undo
from leyline.line.tasks import Task
from leyline.line.undo import Undo

BLANK: dict[str, Any] = dict.fromkeys(Task.__dataclass_fields__)
TASK = Task(**{**BLANK, "task_id": "a" * 32, "number": 9, "place": 4})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, to be turned by hand."""
    now = [1000.0]
    monkeypatch.setattr(undo.time, "monotonic", lambda: now[0])
    return now


def place_of(remembered: Undo, task: Task = TASK) -> int | None:
    with remembered.place_of(task) as place:
        return place


def test_a_canceled_task_has_its_place_back_for_a_minute(clock: list[float]) -> None:
    remembered = Undo()
    remembered.remember(TASK)
    clock[0] += 59.9
    assert place_of(remembered) == 4


def test_after_a_minute_the_place_is_gone(clock: list[float]) -> None:
    remembered = Undo()
    remembered.remember(TASK)
    clock[0] += 60.1
    assert place_of(remembered) is None


def test_a_place_is_given_back_once(clock: list[float]) -> None:
    remembered = Undo()
    remembered.remember(TASK)
    assert (place_of(remembered), place_of(remembered)) == (4, None)


def test_an_undo_that_failed_does_not_spend_the_place(clock: list[float]) -> None:
    remembered = Undo()
    remembered.remember(TASK)
    with pytest.raises(RuntimeError), remembered.place_of(TASK):
        raise RuntimeError
    assert place_of(remembered) == 4


def test_a_task_that_had_started_has_no_place_to_have_back(clock: list[float]) -> None:
    remembered = Undo()
    remembered.remember(replace(TASK, started_at=999.0))
    assert place_of(remembered) is None


def test_old_cancels_are_forgotten(clock: list[float]) -> None:
    remembered = Undo()
    for number in range(1000):
        clock[0] += 1
        remembered.remember(replace(TASK, task_id=f"{number:032x}"))
    assert len(remembered._canceled_at) <= 61
