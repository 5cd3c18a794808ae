"""The line in memory is the table's: after every move in any order, after a commit of unknown outcome, and flat."""

import asyncio
import contextlib
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leyline.errors import DiskLow, LineMoved
from leyline.line import failures
from leyline.line.index import LineIndex
from leyline.line.moves import Moves
from leyline.line.store import InLine, LineState, TaskStore
from leyline.line.tasks import Task, TaskStatus
from tests.integration.store_contract import Clock, added, moves_of, new_task, succeed
from tests.live_server import eventually

MOVES = 400
PLAIN = Task(**{each.name: None for each in fields(Task)} | {"status": TaskStatus.QUEUED, "out_of_turn": 0})
KINDS = "enter enter claim back succeed fail cancel ask undo delete expire view pause move".split()  # noqa: SIM905


@pytest.fixture
def store(tmp_path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(tmp_path / "leyline.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.gen_test(timeout=60)
async def test_after_every_move_in_any_order_it_is_the_tables(store: TaskStore, seed: int) -> None:
    chance, clock = random.Random(seed), Clock()
    moves = moves_of(store, clock)
    await moves.fill_index()
    live: list[Task] = []
    over: list[Task] = []
    longest = 0
    for number in range(MOVES):
        match chance.choice(KINDS):
            case "enter":
                client = chance.choice("abc")
                whose = {"owner": chance.choice((client, None)), "network": chance.choice(("192.0.2.1", None))}
                live += await added(moves, number, client=client, **whose)
            case "claim":
                claimed = await moves.claim()
                live = [claimed if claimed and task.task_id == claimed.task_id else task for task in live]
            case "undo" if over:
                task = over.pop(chance.randrange(len(over)))
                live += await added(moves, number, owner=task.owner, client=task.client, retry_of=task.task_id)
            case "delete" if over:
                await moves.delete(over.pop(chance.randrange(len(over))).task_id)
            case "expire" if over:
                await moves.remove_files(chance.choice(over))
            case "view" if over:
                await moves.count_view(chance.choice(over).task_id)
            case "pause":
                await moves.pause(chance.random() < 0.3)
            case "move" if live:
                with contextlib.suppress(LineMoved):
                    before = chance.choice((None, chance.choice(live).task_id))
                    await moves.move(chance.choice(live).task_id, before)
            case "back" | "succeed" | "fail" | "cancel" | "ask" as kind if live:
                task = live[chance.randrange(len(live))]
                await _one_move(kind, moves, task)
                now = await store.get(task.task_id)
                assert now
                live = [now if each.task_id == task.task_id else each for each in live]
                over += [each for each in live if each.finished]
                live = [each for each in live if not each.finished]
        clock.now += chance.random()
        assert moves.index.is_filled, "and nobody saw a difference"
        assert moves.index.state == await store.line(), number
        longest = max(longest, moves.index.size)
    assert longest > 3 and over, "much has happened"


async def _one_move(kind: str, moves: Moves, task: Task) -> None:
    match kind:
        case "back":
            await moves.put_back(task, "test", count_attempt=True)
        case "succeed":
            await succeed(moves, task)
        case "fail":
            await moves.fail(task, failures.Interrupted())
        case "cancel":
            await moves.cancel(task)
        case "ask":
            await moves.request_cancel(task)


class Unsure:
    """The writing connection of a database, whose next commit is made and reported as broken."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.breaks = True

    def execute(self, statement: str, *values: Any) -> Any:
        answer = self._connection.execute(statement, *values)
        if statement == "COMMIT" and self.breaks:
            self.breaks = False
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.gen_test(timeout=30)
async def test_after_a_commit_of_unknown_outcome_it_is_read_again(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves = moves_of(store)
    await moves.fill_index()
    monkeypatch.setattr(store.database, "_writer", Unsure(store.database._writer))
    leaving = asyncio.ensure_future(moves.enter(new_task(1)))
    await asyncio.sleep(0)
    leaving.cancel()  # nobody waits for its answer
    with pytest.raises(DiskLow):
        await moves.enter(new_task(2))
    await eventually(lambda: moves.index.is_filled, "it was read again")
    assert moves.index.state == await store.line()
    assert moves.index.waits(new_task(1).task_id), "it is there, whatever its sender was told"


@pytest.mark.gen_test(timeout=30)
async def test_a_difference_that_shows_is_mended(store: TaskStore) -> None:
    moves, stranger = moves_of(store), moves_of(store)
    await moves.fill_index()
    await added(stranger, 1, 2)
    await moves.claim()
    assert not moves.index.is_filled
    await eventually(lambda: moves.index.is_filled, "it was read again")
    assert moves.index.state == await store.line()


@pytest.mark.gen_test(timeout=30)
async def test_moves_are_applied_in_the_order_of_their_commits_though_those_who_asked_have_left(
    store: TaskStore,
) -> None:
    moves = moves_of(store)
    await moves.fill_index()
    asked = [asyncio.ensure_future(moves.enter(new_task(number))) for number in range(5)]
    asked += [asyncio.ensure_future(moves.claim())]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    for each in asked:
        each.cancel()
    await added(moves, 9)
    assert moves.index.state == await store.line()
    assert (moves.index.size, len(moves.index.running)) == (5, 1)


@cache
def long_line(waiting: int, *, is_fair: bool) -> LineIndex:
    clients = [str(number) for number in range(50)]
    owned = (
        InLine(n, n, f"{n:032x}", clients[n % 50], clients[n % 50], f"network {n % 50 % 7}") for n in range(waiting)
    )
    return LineIndex(LineState(tuple(owned), (), False, ()), is_fair=is_fair)


def as_claimed(index: LineIndex) -> None:
    one = index._order.first
    assert one
    index.apply(replace(PLAIN, task_id=one.task_id, number=one.number, status=TaskStatus.PROCESSING))


def as_sent(index: LineIndex) -> None:
    index.apply(replace(PLAIN, task_id="new", number=10**9, place=10**9, client="1", network="network 1"))


QUESTIONS: dict[str, Callable[[LineIndex, str], object]] = {
    "position": lambda index, task_id: index.position(task_id),
    "position of a newcomer": lambda index, task_id: index.position_for("1", "network 1"),
    "who is next": lambda index, task_id: index.next,
    "first of a client": lambda index, task_id: index.position_of_first("1"),
    "first of a network": lambda index, task_id: index.position_of_first_in("network 1"),
    "count of a client": lambda index, task_id: index.count("1"),
    "who is first": lambda index, task_id: index.first(50, 50),
    "leave": lambda index, task_id: index.remove(task_id),
    "claim": lambda index, task_id: as_claimed(index),
    "come": lambda index, task_id: as_sent(index),
}


@pytest.mark.parametrize("is_fair", [False, True], ids=["first-come", "fair"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_asked_costs_about_the_same_in_a_line_a_thousand_times_as_long(
    question: str, is_fair: bool
) -> None:
    few, many = (
        _calls(QUESTIONS[question], long_line(waiting, is_fair=is_fair), f"{waiting // 2:032x}")
        for waiting in (100, 100_000)
    )
    assert many <= 2 * few + 40


def _calls(question: Callable[[LineIndex, str], object], index: LineIndex, task_id: str) -> int:
    """How many functions are called for an answer, the built-in ones among them."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    question(long_line(10, is_fair=index.is_fair), f"{5:032x}")
    index.position(task_id)  # what is made once for many is made by now
    sys.setprofile(count)
    question(index, task_id)
    sys.setprofile(None)
    return steps
