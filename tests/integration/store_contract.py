"""What every store promises of its moves and of what it tells. A backend's own test module inherits `StoreContract`
and adds what is its own."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from leyline import errors
from leyline.line import failures
from leyline.line.events import Events
from leyline.line.holdings import Holding
from leyline.line.index import LineIndex
from leyline.line.moves import UNDO_SECONDS, Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import NewTask, Task, TaskStatus
from leyline.processes import protocol

NOW = 1_700_000_000.0


def new_task(number: int, **changes: Any) -> NewTask:
    """A task that no other test number has."""
    task = NewTask(
        task_id=f"{number:032x}",
        owner="owner",
        client="owner",
        client_id=None,
        retry_of=None,
        upload_sha256=f"{number:064x}",
        idempotency_key=None,
        image_name="photo.jpg",
        image_width=640,
        image_height=480,
        image_bytes=1000,
    )
    return replace(task, **changes)


class Clock:
    """Stands at `NOW` until a test moves it."""

    now = NOW

    def __call__(self) -> float:
        return self.now


def moves_of(
    store: TaskStore, clock: Clock | None = None, keep_seconds: float = 60, *, is_fair: bool = False
) -> Moves:
    """Moves whose news nobody hears."""
    options = {"clock": clock or Clock(), "index": LineIndex(is_fair=is_fair)}
    return Moves(store.database, Events(), keep_seconds=keep_seconds, **options)


async def added(moves: Moves, *numbers: int, **changes: Any) -> list[Task]:
    return [await moves.enter(new_task(number, **changes)) for number in numbers]


async def succeed(moves: Moves, task: Task, run_seconds: float = 30.0) -> Task | None:
    done = protocol.Done(task.task_id, task.run, width=1280, height=720, seconds=6.0)
    return await moves.succeed(task, done, 1000, run_seconds)


@pytest.mark.gen_test(timeout=30)
class StoreContract:
    """Needs a fixture `store` with an empty store."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def moves(self, store: TaskStore, clock: Clock) -> Iterator[Moves]:
        """Whatever a test does with them, the line in memory is the table's afterwards."""
        moves = moves_of(store, clock)
        yield moves
        assert moves.index.state == store.line_within(store.database._reader)

    async def test_claims_come_in_the_order_of_acceptance(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2, 3)
        claimed = [await moves.claim() for _ in range(4)]
        assert [task and int(task.task_id, 16) for task in claimed] == [1, 2, 3, None]

    async def test_a_claim_settles_the_parameters_and_a_task_put_back_keeps_them(self, moves: Moves) -> None:
        await added(moves, 1)
        await added(moves, 2, parameters='{"seed":1}')
        first, second = [await moves.claim(lambda task: task.parameters or '{"seed":7}') for _ in range(2)]
        assert (first.parameters, second.parameters) == ('{"seed":7}', '{"seed":1}')
        await moves.put_back(first, "crash")
        again = await moves.claim(lambda task: task.parameters or '{"seed":8}')
        assert (again.task_id, again.parameters) == (first.task_id, '{"seed":7}')

    async def test_each_claim_gives_the_task_a_new_run(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        first = await moves.claim()
        await moves.put_back(first, "test", count_attempt=False)
        clock.now += 5
        second = await moves.claim()
        assert (first.run, second.run) == (1, 2)
        assert (first.started_at, second.started_at) == (NOW, NOW + 5), "time in line between them is no run time"

    async def test_a_task_put_back_is_first_in_line_again(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2)
        first = await moves.claim()
        await moves.put_back(first, "test", count_attempt=True)
        again = await moves.claim()
        assert (again.task_id, again.attempt) == (first.task_id, 2)

    async def line(self, moves: Moves) -> list[int]:
        """Who waits, first to last, as it is claimed."""
        return [int(task_id, 16) for task_id in moves.index.everybody()]

    @pytest.mark.parametrize(
        ("moved", "before", "becomes"),
        [
            (4, 1, [4, 1, 2, 3]),
            (4, 3, [1, 2, 4, 3]),
            (1, 4, [2, 3, 1, 4]),
            (1, None, [2, 3, 4, 1]),
            (3, 4, [1, 2, 3, 4]),
        ],
    )
    async def test_a_task_is_moved_before_another_or_last(
        self, store: TaskStore, moves: Moves, moved: int, before: int | None, becomes: list[int]
    ) -> None:
        await added(moves, 1, 2, 3, 4)
        assert await moves.move(f"{moved:032x}", before and f"{before:032x}")
        assert await self.line(moves) == becomes
        await added(moves, 5)
        assert await self.line(moves) == [*becomes, 5], "who comes afterwards stands behind all"
        assert [int((await moves.claim()).task_id, 16) for _ in range(5)] == [*becomes, 5]

    async def test_whoever_is_put_back_is_first_whoever_was_moved_meanwhile(self, moves: Moves) -> None:
        await added(moves, 1, 2, 3, 4, 5)
        one, two = await moves.claim(), await moves.claim()
        for number in (4, 5):
            await moves.move(f"{number:032x}", f"{3 if number == 4 else 4:032x}")
        await moves.put_back(two, "stop")
        await moves.put_back(one, "stop")
        assert await self.line(moves) == [1, 2, 5, 4, 3]

    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
    async def test_those_that_are_put_back_keep_their_order(self, moves: Moves, order: tuple[int, ...]) -> None:
        await added(moves, 1, 2, 3, 4, 5)
        ran = {number: await moves.claim() for number in (1, 2, 3)}
        for number in order:
            await moves.put_back(ran[number], "stop")
        assert await self.line(moves) == [1, 2, 3, 4, 5]
        ran = {number: await moves.claim() for number in (1, 2, 3)}
        await moves.move(f"{5:032x}", f"{4:032x}")
        for number in order:
            await moves.put_back(ran[number], "stop")
        assert await self.line(moves) == [1, 2, 3, 5, 4], "before whoever was moved meanwhile, too"

    async def test_a_thousand_may_be_moved_to_the_front_one_after_the_other(self, moves: Moves) -> None:
        await added(moves, *range(1, 101))
        for _ in range(1_000):
            first, last = moves.index.everybody()[0], moves.index.everybody()[-1]
            assert await moves.move(last, first)
            assert moves.index.everybody()[0] == last

    async def test_two_may_change_places_a_thousand_times(self, moves: Moves) -> None:
        await added(moves, *range(1, 31))
        first = list(range(1, 31))
        for turn in range(1_000):
            back, front = (15, 14) if turn % 2 == 0 else (14, 15)
            assert await moves.move(f"{back:032x}", f"{front:032x}")
            assert await self.line(moves) == [*first[:13], back, front, *first[15:]], turn

    async def test_the_first_and_the_last_two_may_change_places_a_thousand_times(self, moves: Moves) -> None:
        await added(moves, 1, 2, 3)
        for _ in range(500):
            for before in (0, None):
                *_, one, last = await self.line(moves)
                target = before if before is None else (await self.line(moves))[0]
                moved = one if target is None else last
                assert await moves.move(f"{moved:032x}", target and f"{target:032x}")
                assert (await self.line(moves))[0 if target else -1] == moved
        await added(moves, 4)
        assert (await self.line(moves))[-1] == 4, "who comes afterwards stands behind all"

    async def test_whoever_moves_much_keeps_its_place_among_all_others(self, moves: Moves) -> None:
        chance = random.Random(7)
        await added(moves, *range(1, 41))
        expected = list(range(1, 41))
        for _ in range(1_000):  # within a few places, so that numbers get near to each other
            moved, before = chance.sample(expected[10:14], 2)
            assert await moves.move(f"{moved:032x}", f"{before:032x}")
            expected.remove(moved)
            expected.insert(expected.index(before), moved)
            assert await self.line(moves) == expected

    async def test_what_does_not_wait_is_not_moved(self, moves: Moves) -> None:
        await added(moves, 1, 2, 3)
        running = await moves.claim()
        assert await moves.move(running.task_id, f"{2:032x}") is None
        assert await moves.move(f"{9:032x}", None) is None
        for target in (running.task_id, f"{9:032x}", f"{2:032x}"):
            with pytest.raises(errors.LineMoved):
                await moves.move(f"{2:032x}", target)
        assert await self.line(moves) == [1, 2, 3]

    async def test_a_stop_counts_no_attempt(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        put_back = await moves.put_back(await moves.claim(), "test", count_attempt=False)
        assert (put_back.status, put_back.attempt) == (TaskStatus.QUEUED, 1)

    async def test_a_late_word_of_an_earlier_run_changes_nothing(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1)
        stale = await moves.claim()
        await moves.put_back(stale, "test", count_attempt=False)
        current = await moves.claim()
        assert await succeed(moves, stale) is None
        assert await moves.fail(stale, failures.ModelError("late")) is None
        assert await moves.cancel(stale) is None
        assert await moves.put_back(stale, "test", count_attempt=True) is None
        assert await store.get(current.task_id) == current

    @pytest.mark.parametrize("ending", ["succeeded", "failed", "canceled"])
    async def test_a_finished_task_never_changes_its_status(
        self, store: TaskStore, moves: Moves, clock: Clock, ending: str
    ) -> None:
        await added(moves, 1)
        task = await moves.claim()
        ends = {
            "succeeded": lambda: succeed(moves, task),
            "failed": lambda: moves.fail(task, failures.ModelError("no")),
            "canceled": lambda: moves.cancel(task),
        }
        assert (await ends.pop(ending)()).status == ending
        for end in ends.values():
            assert await end() is None
        assert await moves.put_back(task, "test") is None
        assert (await store.get(task.task_id)).status == ending

    async def test_of_two_racing_moves_one_wins(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        task = await moves.claim()
        moved = await asyncio.gather(succeed(moves, task), moves.cancel(task))
        assert sum(winner is not None for winner in moved) == 1

    @pytest.mark.parametrize(
        "ends",
        [
            succeed,
            lambda moves, task: moves.put_back(task, "test"),
            lambda moves, task: moves.fail(task, failures.ModelError()),
        ],
    )
    async def test_a_task_asked_to_cancel_is_canceled_however_it_ends(
        self, store: TaskStore, moves: Moves, ends: Any
    ) -> None:
        await added(moves, 1)
        task = await moves.claim()
        assert (await moves.request_cancel(task)).cancel_requested
        assert (await ends(moves, task)).status is TaskStatus.CANCELED

    async def test_version_grows_with_every_move(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        (task,) = await added(moves, 1)
        seen = [task.moves]
        claimed = await moves.claim()
        seen.append(claimed.moves)
        seen.append((await moves.put_back(claimed, "test", count_attempt=False)).moves)
        seen.append((await moves.claim()).moves)
        assert seen == sorted(set(seen))

    async def test_an_old_place_can_be_taken_again(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        first, _ = await added(moves, 1, 2)
        await moves.cancel(first)
        clock.now += UNDO_SECONDS
        undone, again = [await moves.enter(new_task(number, retry_of=first.task_id)) for number in (3, 4)]
        assert (undone.place, again.place) == (first.place, again.number), "an undo is spent once"
        assert (await moves.claim()).task_id == undone.task_id

    async def test_an_old_place_is_lost_after_a_minute(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        first, _ = await added(moves, 1, 2)
        await moves.cancel(first)
        clock.now += UNDO_SECONDS + 1
        late = await moves.enter(new_task(3, retry_of=first.task_id))
        assert late.place == late.number

    async def test_what_had_started_has_no_old_place(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1, 2)
        await moves.put_back(await moves.claim(), "test")
        first = await store.get(new_task(1).task_id)
        await moves.cancel(first)
        again = await moves.enter(new_task(3, retry_of=first.task_id))
        assert again.place == again.number

    async def test_a_retry_that_is_no_undo_goes_to_the_end_and_leaves_the_undo(self, moves: Moves) -> None:
        first, _ = await added(moves, 1, 2)
        await moves.cancel(first)
        changed = await moves.enter(new_task(3, retry_of=first.task_id), is_undo=False)
        undone = await moves.enter(new_task(4, retry_of=first.task_id))
        assert (changed.place, undone.place) == (changed.number, first.place)

    async def test_an_undo_whose_task_does_not_come_to_be_is_not_spent(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        first, _ = await added(moves, 1, 2)
        await moves.cancel(first)
        with pytest.raises(Exception, match="UNIQUE"):
            await moves.enter(new_task(2, retry_of=first.task_id))
        assert (await moves.enter(new_task(3, retry_of=first.task_id))).place == first.place

    async def test_a_deleted_number_is_never_given_again(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        first, second = await added(moves, 1, 2)
        await moves.delete(second.task_id)
        (third,) = await added(moves, 3)
        assert third.number > second.number
        assert await store.get(second.task_id) is None
        assert await store.get(first.task_id) == first

    async def test_many_tasks_are_found_by_their_ids(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        tasks = await added(moves, *range(500))
        wanted = [task.task_id for task in tasks[::2]]
        assert {task.task_id for task in await store.some([*wanted, "unknown"])} == set(wanted)

    async def test_a_running_task_is_not_deleted(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        task = await moves.claim()
        assert await moves.delete(task.task_id) is None
        assert await store.get(task.task_id) == task

    async def test_only_what_has_finished_goes_into_the_trash_and_its_status_stays(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2)
        running = await moves.claim()
        for task_id in (running.task_id, new_task(2).task_id):
            assert await moves.trash(task_id) is None
        done = await succeed(moves, running)
        clock.now += 5
        trashed = await moves.trash(done.task_id)
        assert trashed == replace(done, trashed_at=NOW + 5, moves=done.moves + 1)
        clock.now += 5
        assert await moves.trash(done.task_id) is None, "the hour does not begin anew"
        assert await store.get(done.task_id) == trashed

    async def test_what_is_restored_is_as_it_was(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        done = await succeed(moves, await moves.claim())
        assert await moves.restore(done.task_id) is None
        await moves.trash(done.task_id)
        assert await moves.restore(done.task_id) == replace(done, moves=done.moves + 2)

    async def test_the_trash_gives_up_only_what_still_lies_there_as_it_was_seen(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1)
        done = await succeed(moves, await moves.claim())
        assert await moves.empty(done) is None
        seen = await moves.trash(done.task_id)
        await moves.restore(done.task_id)
        clock.now += 1
        again = await moves.trash(done.task_id)
        assert await moves.empty(seen) is None, "it has an hour of its own again"
        assert await moves.empty(again) == again
        assert await store.get(done.task_id) is None

    async def test_a_task_counts_with_its_network_and_else_with_its_client(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        for number, network in ((1, "192.0.2.1"), (2, None), (3, "192.0.2.1")):
            (task,) = await added(moves, number, network=network, client="session")
            assert task.network == network
            clock.now += 1
            await succeed(moves, await moves.claim())
        assert await store.holdings() == {
            ("192.0.2.1", "session"): Holding(2000, NOW + 1),
            ("session", "session"): Holding(1000, NOW + 2),
        }
        assert (await store.oldest_video("192.0.2.1", "session")).task_id == new_task(1).task_id
        assert (await store.oldest_video("session", "session")).task_id == new_task(2).task_id
        assert await store.oldest_video("192.0.2.1", "another") is None

    async def test_pinning_is_no_news_the_second_time(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        done = await succeed(moves, await moves.claim())
        limits = {"most": 1000, "most_of_network": 1000}
        assert await moves.pin(done.task_id, most=999, most_of_network=1000) is None
        assert await moves.pin(done.task_id, most=1000, most_of_network=999) is None
        pinned = await moves.pin(done.task_id, **limits)
        assert pinned == replace(done, pinned=True, expires_at=None, moves=done.moves + 1)
        assert await moves.pin(done.task_id, **limits) is None
        clock.now += 5
        unpinned = await moves.unpin(done.task_id)
        assert unpinned == replace(done, expires_at=NOW + 65, moves=done.moves + 2)
        assert await moves.unpin(done.task_id) is None

    async def test_what_is_in_the_trash_is_listed_apart(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        for number in (1, 2, 3):
            await added(moves, number)
            await succeed(moves, await moves.claim())
        clock.now += 1
        await moves.trash(new_task(2).task_id)
        clock.now += 1
        await moves.trash(new_task(1).task_id)
        numbers = [
            [int(task.task_id, 16) for task in tasks]
            for tasks in (
                await store.finished("owner", 10),
                await store.trashed("owner", 10),
                await store.trashed("owner", 1),
                await store.page("owner", None, 10),
                await store.in_trash(clock.now, 10),
                await store.in_trash(clock.now - 1, 10),
            )
        ]
        assert numbers == [[3], [2, 1], [2], [3, 2, 1], [2, 1], [2]]

    async def test_a_view_of_what_is_in_the_trash_is_not_counted(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1)
        done = await succeed(moves, await moves.claim())
        trashed = await moves.trash(done.task_id)
        assert await moves.count_view(done.task_id) is None
        assert await store.get(done.task_id) == trashed

    async def test_nothing_is_claimed_while_paused(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1)
        await moves.pause(True)
        assert await moves.claim() is None
        assert (await store.line()).paused
        await moves.pause(False)
        assert await moves.claim() is not None

    async def test_pages_lead_through_the_owners_tasks_newest_first(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2, 3, 4, 5)
        await added(moves, 6, owner="somebody else")
        first = await store.page("owner", None, 2)
        second = await store.page("owner", first[-1].task_id, 2)
        third = await store.page("owner", second[-1].task_id, 2)
        assert [int(task.task_id, 16) for page in (first, second, third) for task in page] == [5, 4, 3, 2, 1]

    async def test_a_key_belongs_to_its_owner(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        (mine,) = await added(moves, 1, idempotency_key="key")
        assert await store.by_key("owner", "key", "whatever") == mine
        assert await store.by_key("somebody else", "key", mine.upload_sha256) is None
        assert not await store.knows_key(None, "key")

    async def test_a_key_without_owner_belongs_to_its_picture(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        (task,) = await added(moves, 1, owner=None, idempotency_key="key")
        assert await store.by_key(None, "key", task.upload_sha256) == task
        assert await store.by_key(None, "key", "another picture") is None
        assert await store.knows_key(None, "key")

    async def test_one_key_never_makes_two_tasks(self, store: TaskStore, moves: Moves, clock: Clock) -> None:
        await added(moves, 1, idempotency_key="key")
        with pytest.raises(Exception, match="UNIQUE"):
            await added(moves, 2, idempotency_key="key")
        assert await store.get(new_task(2).task_id) is None

    async def test_the_line_shows_who_waits_and_who_runs(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2, 3)
        running = await moves.claim()
        line = await store.line()
        assert [waiting.task_id for waiting in line.waiting] == [new_task(2).task_id, new_task(3).task_id]
        assert [waiting.task_id for waiting in line.running] == [running.task_id]

    async def test_the_last_twenty_run_times_are_remembered(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        for number in range(25):
            await added(moves, number)
            await succeed(moves, await moves.claim(), run_seconds=float(number))
        assert (await store.line()).run_seconds == tuple(float(number) for number in range(5, 25))

    async def test_files_expire_before_rows_and_live_tasks_never(
        self, store: TaskStore, moves: Moves, clock: Clock
    ) -> None:
        await added(moves, 1, 2)
        done = await succeed(moves, await moves.claim())
        assert [task.task_id for task in await store.expired_files(NOW + 61, 10)] == [done.task_id]
        assert await store.expired_rows(NOW + 61, 10) == []
        clock.now += 60
        await moves.remove_files(done)
        assert await store.expired_files(NOW + 121, 10) == []
        assert await store.expired_rows(NOW + 61, 10) == []
        assert [task.task_id for task in await store.expired_rows(NOW + 121, 10)] == [done.task_id]
