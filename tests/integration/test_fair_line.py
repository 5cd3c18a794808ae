"""The line in its fair order, on a real database: claims, restarts, estimates, and who may move what."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline.errors import InTurn, LineMoved, TaskNotWaiting
from leyline.line import own_moves
from leyline.line.events import Events
from leyline.line.moves import Moves
from leyline.line.own_moves import To
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from tests.integration.store_contract import added, moves_of, new_task, succeed
from tests.steady_models import SteadyModels

pytestmark = pytest.mark.gen_test(timeout=60)
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def store(tmp_path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(tmp_path / "leyline.db")
    yield opened
    opened.close()


@pytest.fixture
def moves(store: TaskStore) -> Iterator[Moves]:
    """Whatever a test does with them, the line in memory is the table's afterwards."""
    moves = moves_of(store, is_fair=True)
    yield moves
    assert moves.index.state == store.line_within(store.database._reader, is_fair=True)


@pytest.fixture(params=[False, True], ids=["first-come", "fair"])
def either(request: pytest.FixtureRequest, store: TaskStore) -> Iterator[Moves]:
    """In either order."""
    moves = moves_of(store, is_fair=request.param)
    yield moves
    assert moves.index.state == store.line_within(store.database._reader, is_fair=request.param)


async def come(moves: Moves, session: str, *numbers: int, network: str | None = None) -> None:
    await added(moves, *numbers, owner=session, client=session, network=network)


def line(moves: Moves) -> list[int]:
    return [int(task_id, 16) for task_id in moves.index.everybody() if moves.index.waits(task_id)]


async def claimed(moves: Moves, count: int) -> list[int]:
    tasks = [await moves.claim() for _ in range(count)]
    return [int(task.task_id, 16) for task in tasks if task]


async def task(store: TaskStore, number: int) -> Task:
    found = await store.get(f"{number:032x}")
    assert found
    return found


async def test_claims_come_in_turns_and_places_are_untouched(store: TaskStore, moves: Moves) -> None:
    await come(moves, "a", *range(1, 6), network=HERE)
    await come(moves, "b", 6, 7, network=HERE)
    await come(moves, "c", 8, network=THERE)
    assert line(moves) == [1, 8, 6, 2, 7, 3, 4, 5]
    assert await claimed(moves, 8) == [1, 8, 6, 2, 7, 3, 4, 5]
    assert [(await task(store, number)).place for number in range(1, 9)] == list(range(1, 9))
    assert await moves.claim() is None


async def test_several_who_claim_at_once_have_one_each_in_the_order_of_the_turns(moves: Moves) -> None:
    await come(moves, "a", *range(1, 5))
    await come(moves, "b", *range(5, 9))
    found = await asyncio.gather(*(moves.claim() for _ in range(6)))
    assert sorted(int(task.task_id, 16) for task in found if task) == [1, 2, 3, 5, 6, 7]
    assert line(moves) == [4, 8]


async def test_nothing_is_claimed_while_it_is_paused_or_gone(store: TaskStore, moves: Moves) -> None:
    await come(moves, "a", 1, 2)
    await moves.pause(True)
    assert await moves.claim() is None
    await moves.pause(False)
    leaving = asyncio.ensure_future(moves.cancel(await task(store, 1)))
    await asyncio.sleep(0)
    assert [await claimed(moves, 1), (await leaving) is not None] == [[2], True], "the cancel was first"


async def test_who_is_put_back_is_first_and_that_is_nobodys_turn(moves: Moves) -> None:
    await come(moves, "a", 1, 2, 3)
    await come(moves, "b", 4, 5)
    one, two = await moves.claim(), await moves.claim()
    assert one and two
    await moves.put_back(two, "stop")
    await moves.put_back(one, "crash", count_attempt=True)
    assert line(moves) == [1, 4, 2, 5, 3]
    await come(moves, "c", 6)
    assert await claimed(moves, 4) == [1, 4, 6, 2]


async def test_a_restart_goes_on_with_whom_it_would_have_been(store: TaskStore, moves: Moves) -> None:
    await come(moves, "a", *range(1, 6))
    await come(moves, "b", *range(6, 10))
    await come(moves, "c", *range(10, 13))
    running = await moves.claim()
    done = await moves.claim()
    assert running and done and int(done.task_id, 16) == 6
    await succeed(moves, done)
    again = moves_of(store, is_fair=True)
    await again.fill_index()
    await again.put_back(running, "restart")
    assert line(again) == [1, 10, 2, 7, 11, 3, 8, 12, 4, 9, 5], "c has had no turn yet; a began before b"
    await moves.fill_index()


async def test_another_order_after_a_restart_takes_the_line_as_it_is(store: TaskStore, moves: Moves) -> None:
    await come(moves, "a", 1, 2, 3)
    await come(moves, "b", 4)
    await moves.move(f"{3:032x}", f"{1:032x}")
    plain = moves_of(store)
    await plain.fill_index()
    assert line(moves) == [3, 1, 4, 2] and line(plain) == [3, 1, 2, 4]
    assert await claimed(plain, 1) == [3]
    await moves.fill_index()


@pytest.mark.parametrize("seed", range(3))
async def test_after_every_move_the_told_places_are_those_at_which_claims_come(
    store: TaskStore, moves: Moves, seed: int
) -> None:
    chance, number = random.Random(seed), 0
    running: list[Task] = []
    for _ in range(200):
        waiting = line(moves)
        match chance.choice(["come"] * 4 + ["claim", "claim", "back", "cancel", "move", "own"]):
            case "come":
                number += 1
                session, network = chance.choice("aaabc"), chance.choice((None, HERE, THERE))
                told = moves.index.position_for(session, network)
                await come(moves, session, number, network=network)
                assert moves.index.position(f"{number:032x}") == told
            case "claim" if waiting:
                running += [found] if (found := await moves.claim()) else []
                assert int(running[-1].task_id, 16) == waiting[0]
            case "back" if running:
                await moves.put_back(running.pop(), "test")
            case "cancel" if waiting:
                await moves.cancel(await task(store, chance.choice(waiting)))
            case "move" if waiting:
                before = chance.choice((None, f"{waiting[0]:032x}"))
                if before != (moved := f"{chance.choice(waiting):032x}"):
                    await moves.move(moved, before)
                    assert line(moves)[0 if before else -1] == int(moved, 16)
            case "own" if waiting:
                mine = await task(store, chance.choice(waiting))
                await own_moves.move(moves, mine, chance.choice(list(To)), moves.index.of_owner(mine.owner))
        assert [moves.index.position(f"{each:032x}") for each in line(moves)] == list(
            range(1, len(line(moves)) + 1)
        )
        assert moves.index.state == await store.line(is_fair=True)
    waiting = line(moves)
    assert len(waiting) > 10 and await claimed(moves, len(waiting)) == waiting


async def test_when_a_picture_sent_now_would_be_ready_depends_on_who_sends_it_and_is_true(moves: Moves) -> None:
    shown = Line(moves.index, Events(), prior_seconds=10, models=SteadyModels(moves.index))
    await come(moves, "a", *range(1, 201), network=HERE)
    await moves.claim()
    for session, network, place in (("b", THERE, 1), ("a", HERE, 200), ("b", HERE, 1), ("a", None, 1)):
        assert shown.position_for(session, network) == place
        eta = shown.for_newcomer(place)
        assert round(eta.ready_at - time.time(), 0) == 10 * (place + 1), "after the one that runs"
    assert shown.seconds_until_room(network=HERE) == shown.seconds_until_room("a")


async def test_the_operator_puts_anybodys_first_or_last_and_nowhere_between_turns(moves: Moves) -> None:
    await come(moves, "a", 1, 2, 3)
    await come(moves, "b", 4, 5)
    assert line(moves) == [1, 4, 2, 5, 3]
    with pytest.raises(InTurn):
        await moves.move(f"{5:032x}", f"{2:032x}")
    await moves.move(f"{5:032x}", f"{1:032x}")
    await moves.move(f"{3:032x}", f"{1:032x}")
    assert line(moves) == [5, 3, 1, 4, 2], "the second of them behind the first"
    await moves.move(f"{3:032x}", f"{5:032x}")
    await moves.move(f"{1:032x}", None)
    assert line(moves) == [3, 5, 2, 4, 1]
    await come(moves, "c", 6)
    assert line(moves)[-1] == 1, "who comes afterwards is not behind the last: that is behind all turns"
    with pytest.raises(LineMoved):
        await moves.move(f"{2:032x}", f"{99:032x}")
    assert await moves.move(f"{99:032x}", None) is None


# One's own


@pytest.mark.parametrize(
    ("number", "to", "becomes"),
    [
        (7, To.FIRST, [7, 1, 3, 5]),
        (5, To.UP, [1, 5, 3, 7]),
        (3, To.DOWN, [1, 5, 3, 7]),
        (1, To.LAST, [3, 5, 7, 1]),
        (1, To.UP, [1, 3, 5, 7]),
        (7, To.LAST, [1, 3, 5, 7]),
    ],
)
async def test_owners_move_theirs_among_the_places_that_they_have(
    store: TaskStore, either: Moves, number: int, to: To, becomes: list[int]
) -> None:
    for each in range(1, 9):
        await come(either, "mine" if each % 2 else "theirs", each)
    before = line(either)
    moved = await own_moves.move(either, await task(store, number), to, either.index.of_owner("mine"))
    after = line(either)
    assert int(moved.task_id, 16) == number
    assert [each for each in after if each % 2] == becomes
    assert [each if each % 2 == 0 else None for each in after] == [
        each if each % 2 == 0 else None for each in before
    ]
    assert await claimed(either, 8) == after


async def test_who_came_from_two_networks_moves_theirs_among_the_turns_of_both(
    store: TaskStore, moves: Moves
) -> None:
    await come(moves, "mine", 1, 2, 3, network=HERE)
    await come(moves, "theirs", 4, 5, network=HERE)
    await come(moves, "mine", 6, network=THERE)
    assert line(moves) == [1, 6, 4, 2, 5, 3]
    await own_moves.move(moves, await task(store, 3), To.FIRST, moves.index.of_owner("mine"))
    assert line(moves) == [3, 1, 4, 6, 5, 2]
    assert moves.index.count_in(HERE) == 5 and moves.index.count_in(THERE) == 1, "limits count as before"


async def test_nobody_else_stands_elsewhere_by_whom_was_put_back_and_has_come_from_two_networks(
    store: TaskStore, moves: Moves
) -> None:
    await come(moves, "mine", 1, network=HERE)
    first = await moves.claim()
    await come(moves, "mine", 2, network=HERE)
    await come(moves, "theirs", 3, network="2001:db8:3::/64")
    await come(moves, "mine", 4, network=THERE)
    await come(moves, "theirs", 5, network="2001:db8:3::/64")
    assert first and await moves.put_back(first, "stop")
    before = line(moves)
    moved = await own_moves.move(moves, await task(store, 1), To.LAST, moves.index.of_owner("mine"))
    assert int(moved.task_id, 16) == 1
    after = line(moves)
    assert before == [1, 2, 3, 4, 5] and after != before
    assert [after.index(each) for each in (3, 5)] == [before.index(each) for each in (3, 5)], (before, after)


async def test_in_the_plain_order_a_move_changes_nothing_but_the_place(store: TaskStore) -> None:
    moves = moves_of(store, is_fair=False)
    await come(moves, "mine", 1, 2, network=HERE)
    await come(moves, "mine", 3, network=THERE)
    await own_moves.move(moves, await task(store, 3), To.FIRST, moves.index.of_owner("mine"))
    assert line(moves) == [3, 1, 2]
    assert [(await task(store, number)).network for number in (1, 2, 3)] == [HERE, HERE, THERE]


async def test_a_thousand_own_moves_take_no_place_from_anybody(store: TaskStore, either: Moves) -> None:
    chance = random.Random(1)
    for each in range(1, 13):
        await come(either, "mine" if each % 3 else "theirs", each)
    before = line(either)
    for _ in range(1_000):
        mine = await task(store, chance.choice([each for each in before if each % 3]))
        await own_moves.move(either, mine, chance.choice(list(To)), either.index.of_owner("mine"))
    after = line(either)
    assert sorted(after) == sorted(before)
    assert [each for each in after if each % 3 == 0] == [each for each in before if each % 3 == 0]
    assert [each % 3 == 0 for each in after] == [each % 3 == 0 for each in before]


async def test_a_claim_that_comes_between_is_no_hindrance(store: TaskStore, either: Moves) -> None:
    await come(either, "mine", 1, 2, 3, 4)
    last = await task(store, 4)
    claim = asyncio.ensure_future(either.claim())
    await asyncio.sleep(0)
    moved = await own_moves.move(either, last, To.FIRST, either.index.of_owner("mine"))
    found = await claim
    assert found and int(found.task_id, 16) == 1, "which was committed first"
    assert moved.task_id == last.task_id and line(either) == [4, 2, 3]
    with pytest.raises(TaskNotWaiting):
        await own_moves.move(either, found, To.UP, either.index.of_owner("mine"))


async def test_one_that_has_nobody_beside_it_stays_where_it_is(store: TaskStore, either: Moves) -> None:
    await come(either, "theirs", 1, 2)
    await either.enter(new_task(3, owner=None, client="192.0.2.9"))
    alone = await task(store, 3)
    assert await own_moves.move(either, alone, To.FIRST, []) == alone
