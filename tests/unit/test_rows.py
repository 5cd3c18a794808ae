"""Rows that are kept: never older than what was told, and never more than there is room for."""

from dataclasses import replace
from typing import Any

import pytest

from leyline.line import rows
from leyline.line.rows import Rows
from leyline.line.tasks import Task, TaskStatus


def task(task_id: str = "task", **changes: Any) -> Task:
    fields: dict[str, Any] = dict.fromkeys(Task.__dataclass_fields__)
    return replace(Task(**{**fields, "task_id": task_id, "status": TaskStatus.QUEUED, "moves": 0}), **changes)


class Store:
    """Counts what is read, and lets something happen meanwhile."""

    def __init__(self, found: Task | None) -> None:
        self.found = found
        self.read = 0
        self.meanwhile = lambda: None

    async def get(self, task_id: str) -> Task | None:
        self.read += 1
        self.meanwhile()
        return self.found


@pytest.mark.gen_test
async def test_a_row_is_read_once_and_each_move_brings_the_newest() -> None:
    kept, store = Rows(), Store(task())
    for _ in range(3):
        assert await kept.read("task", store.get) == task()
    kept.moved(task(moves=1))
    assert await kept.read("task", store.get) == task(moves=1)
    assert store.read == 1


@pytest.mark.gen_test
async def test_what_is_gone_or_in_doubt_is_read_again() -> None:
    kept, store = Rows(), Store(None)
    for forget in (lambda: kept.gone("task"), kept.doubt):
        kept.moved(task())
        forget()
        assert kept.get("task") is None
        assert await kept.read("task", store.get) is None
    assert store.read == 2


@pytest.mark.gen_test
async def test_what_was_read_while_something_moved_is_not_kept() -> None:
    """It may be from before the move."""
    kept, store = Rows(), Store(task())
    for happens in (lambda: kept.gone("task"), kept.doubt, lambda: kept.moved(task("other"))):
        store.meanwhile = happens
        await kept.read("task", store.get)
        assert kept.get("task") is None
    store.meanwhile = lambda: kept.moved(task(moves=2))
    await kept.read("task", store.get)
    assert kept.get("task") == task(moves=2)


@pytest.mark.gen_test
async def test_there_is_room_for_so_many_and_who_is_asked_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 2)
    kept = Rows()
    for name in ("asked for", "not asked for"):
        kept.moved(task(name))
    assert kept.get("asked for")
    kept.moved(task("new"))
    assert [kept.get(name) is not None for name in ("asked for", "not asked for", "new")] == [True, False, True]
