"""What every store promises. A backend's own test module inherits `StoreContract` and adds what is its own."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from leyline.line.store import NewTask, TaskStore
from leyline.line.tasks import Task, TaskStatus

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


async def added(store: TaskStore, *numbers: int, **changes: Any) -> list[Task]:
    return [await store.add(new_task(number, **changes), NOW) for number in numbers]


async def succeed(store: TaskStore, task: Task, run_seconds: float = 30.0) -> Task | None:
    return await store.succeed(
        task,
        width=1280,
        height=720,
        seconds=6.0,
        bytes=1000,
        run_seconds=run_seconds,
        now=NOW,
        expires_at=NOW + 60,
    )


@pytest.mark.gen_test(timeout=30)
class StoreContract:
    """Needs a fixture `store` with an empty store."""

    async def test_claims_come_in_the_order_of_acceptance(self, store: TaskStore) -> None:
        await added(store, 1, 2, 3)
        claimed = [await store.claim(NOW) for _ in range(4)]
        assert [task and int(task.task_id, 16) for task in claimed] == [1, 2, 3, None]

    async def test_each_claim_gives_the_task_a_new_run(self, store: TaskStore) -> None:
        await added(store, 1)
        first = await store.claim(NOW)
        await store.put_back(first, count_attempt=False)
        second = await store.claim(NOW + 5)
        assert (first.run, second.run) == (1, 2)
        assert (first.started_at, second.started_at) == (NOW, NOW + 5), "time in line between them is no run time"

    async def test_a_task_put_back_is_first_in_line_again(self, store: TaskStore) -> None:
        await added(store, 1, 2)
        first = await store.claim(NOW)
        await store.put_back(first, count_attempt=True)
        again = await store.claim(NOW)
        assert (again.task_id, again.attempt) == (first.task_id, 2)

    async def test_a_stop_counts_no_attempt(self, store: TaskStore) -> None:
        await added(store, 1)
        put_back = await store.put_back(await store.claim(NOW), count_attempt=False)
        assert (put_back.status, put_back.attempt) == (TaskStatus.QUEUED, 1)

    async def test_a_late_word_of_an_earlier_run_changes_nothing(self, store: TaskStore) -> None:
        await added(store, 1)
        stale = await store.claim(NOW)
        await store.put_back(stale, count_attempt=False)
        current = await store.claim(NOW)
        assert await succeed(store, stale) is None
        assert await store.fail(stale, "model_error", "late", NOW, None) is None
        assert await store.cancel(stale, NOW, None) is None
        assert await store.put_back(stale, count_attempt=True) is None
        assert await store.get(current.task_id) == current

    @pytest.mark.parametrize("ending", ["succeeded", "failed", "canceled"])
    async def test_a_finished_task_never_changes_its_status(self, store: TaskStore, ending: str) -> None:
        await added(store, 1)
        task = await store.claim(NOW)
        moves = {
            "succeeded": lambda: succeed(store, task),
            "failed": lambda: store.fail(task, "model_error", "no", NOW, None),
            "canceled": lambda: store.cancel(task, NOW, None),
        }
        assert (await moves.pop(ending)()).status == ending
        for move in moves.values():
            assert await move() is None
        assert await store.put_back(task, count_attempt=False) is None
        assert (await store.get(task.task_id)).status == ending

    async def test_of_two_racing_moves_one_wins(self, store: TaskStore) -> None:
        await added(store, 1)
        task = await store.claim(NOW)
        moved = await asyncio.gather(succeed(store, task), store.cancel(task, NOW, None))
        assert sum(winner is not None for winner in moved) == 1

    async def test_a_task_asked_to_cancel_cannot_succeed_or_go_back(self, store: TaskStore) -> None:
        await added(store, 1)
        task = await store.claim(NOW)
        assert (await store.request_cancel(task)).cancel_requested
        assert await succeed(store, task) is None
        assert await store.put_back(task, count_attempt=False) is None
        assert (await store.cancel(task, NOW, None)).status is TaskStatus.CANCELED

    async def test_version_grows_with_every_move(self, store: TaskStore) -> None:
        (task,) = await added(store, 1)
        seen = [task.moves]
        claimed = await store.claim(NOW)
        seen.append(claimed.moves)
        seen.append((await store.put_back(claimed, count_attempt=False)).moves)
        seen.append((await store.claim(NOW)).moves)
        assert seen == sorted(set(seen))

    async def test_an_old_place_can_be_taken_again(self, store: TaskStore) -> None:
        first, _ = await added(store, 1, 2)
        await store.cancel(first, NOW, None)
        undone = await store.add(new_task(3, retry_of=first.task_id), NOW, place=first.place)
        assert (await store.claim(NOW)).task_id == undone.task_id

    async def test_a_deleted_number_is_never_given_again(self, store: TaskStore) -> None:
        first, second = await added(store, 1, 2)
        await store.delete(second.task_id)
        (third,) = await added(store, 3)
        assert third.number > second.number
        assert await store.get(second.task_id) is None
        assert await store.get(first.task_id) == first

    async def test_many_tasks_are_found_by_their_ids(self, store: TaskStore) -> None:
        tasks = await added(store, *range(500))
        wanted = [task.task_id for task in tasks[::2]]
        assert {task.task_id for task in await store.some([*wanted, "unknown"])} == set(wanted)

    async def test_a_running_task_is_not_deleted(self, store: TaskStore) -> None:
        await added(store, 1)
        task = await store.claim(NOW)
        assert await store.delete(task.task_id) is None
        assert await store.get(task.task_id) == task

    async def test_nothing_is_claimed_while_paused(self, store: TaskStore) -> None:
        await added(store, 1)
        await store.pause(True)
        assert await store.claim(NOW) is None
        assert (await store.line()).paused
        await store.pause(False)
        assert await store.claim(NOW) is not None

    async def test_pages_lead_through_the_owners_tasks_newest_first(self, store: TaskStore) -> None:
        await added(store, 1, 2, 3, 4, 5)
        await added(store, 6, owner="somebody else")
        first = await store.page("owner", None, 2)
        second = await store.page("owner", first[-1].task_id, 2)
        third = await store.page("owner", second[-1].task_id, 2)
        assert [int(task.task_id, 16) for page in (first, second, third) for task in page] == [5, 4, 3, 2, 1]

    async def test_a_key_belongs_to_its_owner(self, store: TaskStore) -> None:
        (mine,) = await added(store, 1, idempotency_key="key")
        assert await store.by_key("owner", "key", "whatever") == mine
        assert await store.by_key("somebody else", "key", mine.upload_sha256) is None
        assert not await store.knows_key(None, "key")

    async def test_a_key_without_owner_belongs_to_its_picture(self, store: TaskStore) -> None:
        (task,) = await added(store, 1, owner=None, idempotency_key="key")
        assert await store.by_key(None, "key", task.upload_sha256) == task
        assert await store.by_key(None, "key", "another picture") is None
        assert await store.knows_key(None, "key")

    async def test_one_key_never_makes_two_tasks(self, store: TaskStore) -> None:
        await added(store, 1, idempotency_key="key")
        with pytest.raises(Exception, match="UNIQUE"):
            await added(store, 2, idempotency_key="key")
        assert await store.get(new_task(2).task_id) is None

    async def test_the_line_shows_who_waits_and_who_runs(self, store: TaskStore) -> None:
        await added(store, 1, 2, 3)
        running = await store.claim(NOW)
        line = await store.line()
        assert [waiting.task_id for waiting in line.waiting] == [new_task(2).task_id, new_task(3).task_id]
        assert [waiting.task_id for waiting in line.running] == [running.task_id]

    async def test_the_last_twenty_run_times_are_remembered(self, store: TaskStore) -> None:
        for number in range(25):
            await added(store, number)
            await succeed(store, await store.claim(NOW), run_seconds=float(number))
        assert (await store.line()).run_seconds == tuple(float(number) for number in range(5, 25))

    async def test_waiting_tasks_are_counted_by_client(self, store: TaskStore) -> None:
        await added(store, 1, 2)
        await added(store, 3, owner="other", client="other")
        assert await store.count_waiting("owner") == (3, 2)
        assert await store.count_waiting("owner", but_not=[new_task(1).task_id, "unknown"]) == (2, 1)

    async def test_files_expire_before_rows_and_live_tasks_never(self, store: TaskStore) -> None:
        await added(store, 1, 2)
        done = await succeed(store, await store.claim(NOW))
        assert [task.task_id for task in await store.expired_files(NOW + 61, 10)] == [done.task_id]
        assert await store.expired_rows(NOW + 61, 10) == []
        await store.mark_files_removed(done, NOW + 120)
        assert await store.expired_files(NOW + 121, 10) == []
        assert await store.expired_rows(NOW + 61, 10) == []
        assert [task.task_id for task in await store.expired_rows(NOW + 121, 10)] == [done.task_id]
