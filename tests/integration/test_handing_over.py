"""From the end of one task to the start of the next: operations are counted here, not time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from leyline.line.database import Database
from leyline.line.disk import Disk
from leyline.line.moves import Moves
from leyline.line.tasks import Task, TaskStatus
from tests.integration.scripted_fleet import Works, works
from tests.live_server import eventually

HAND_OVERS = 8


async def seen(at: Works, task: Task) -> Task:
    found = await at.store.get(task.task_id)
    assert found
    return found


@pytest.mark.gen_test(timeout=60)
async def test_the_next_is_claimed_in_the_commit_that_records_the_end_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    commit = Database._commit

    def counted(database: Database, batch: list[Any]) -> None:
        commits.append(len(batch))
        commit(database, batch)

    async with works(tmp_path) as at:
        tasks = await at.queued(*range(HAND_OVERS + 1))
        assert (await at.process.started()).task_id == tasks[0].task_id
        monkeypatch.setattr(Database, "_commit", counted)
        for task in tasks[1:]:
            await at.process.finishes()
            assert (await at.process.started()).task_id == task.task_id
        monkeypatch.undo()
        assert sum(commits) == 2 * HAND_OVERS, "an end and a claim each"
        assert len(commits) <= HAND_OVERS + 1, "together; the system may part two once"


@pytest.mark.gen_test(timeout=60)
async def test_nothing_but_the_video_is_waited_for_on_the_disk_between_two_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[str] = []
    do = Disk.do

    async def noted(disk: Disk, work: Any, *arguments: object) -> Any:
        waited.append(work.__name__)
        return await do(disk, work, *arguments)

    async with works(tmp_path) as at:
        tasks = await at.queued(1, 2)
        await at.process.started()
        monkeypatch.setattr(Disk, "do", noted)
        await at.process.finishes()
        assert (await at.process.started()).task_id == tasks[1].task_id
        assert waited == ["keep_video", "ready_for_run"], "the second beside the commit; the rest goes later"
        await at.process.finishes()
        await at.tidied(videos=2)


@pytest.mark.gen_test(timeout=60)
async def test_what_a_run_left_is_removed_before_a_stop_is_over(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        await asyncio.to_thread(Path(start.preview_path).write_bytes, b"still")
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)
    assert at.leftovers() == []


@pytest.mark.gen_test(timeout=60)
async def test_the_next_has_its_turn_though_the_one_before_it_was_canceled_as_it_was_done(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        await at.moves.request_cancel(await seen(at, first))
        await at.process.finishes()
        assert (await at.process.started()).task_id == second.task_id
        assert (await seen(at, first)).status is TaskStatus.CANCELED
        await at.process.finishes()
        await at.told(second, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
async def test_a_stop_puts_back_what_was_claimed_as_another_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        await at.moves.request_cancel(await seen(at, first))
        cancel, is_canceling = Moves.cancel, asyncio.Event()

        async def held_up_once(moves: Moves, task: Task, *arguments: Any) -> Task | None:
            if is_canceling.is_set():
                return await cancel(moves, task, *arguments)
            is_canceling.set()
            await asyncio.Event().wait()
            return None

        monkeypatch.setattr(Moves, "cancel", held_up_once)
        await at.process.finishes()
        await is_canceling.wait()
        await at.told(second, TaskStatus.PROCESSING)
        await at.fleet.stop()
        assert (await seen(at, first)).status is TaskStatus.CANCELED
        back = await seen(at, second)
        assert (back.status, back.run, back.attempt) == (TaskStatus.QUEUED, 1, 1)


@pytest.mark.gen_test(timeout=60)
async def test_a_next_without_its_picture_ends_and_the_one_after_it_is_made(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        tasks = await at.queued(1, 2, 3)
        await at.process.started()
        await asyncio.to_thread(at.media.picture(tasks[1].task_id).unlink)
        await at.process.finishes()
        assert (await at.process.started()).task_id == tasks[2].task_id
        assert (await seen(at, tasks[1])).error_code == "picture_lost"


@pytest.mark.gen_test(timeout=60)
async def test_who_is_drained_claims_nothing_as_it_ends(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        at.fleet.drain(at.process.name)
        await at.process.finishes()
        await at.told(first, TaskStatus.SUCCEEDED)
        assert (await seen(at, second)).run == 0


@pytest.mark.gen_test(timeout=60)
async def test_who_waits_for_a_turn_has_it_before_who_ends(tmp_path: Path) -> None:
    async with works(tmp_path, 2) as at:
        tasks = await at.queued(1)
        await eventually(lambda: any(each.current for each in at.processes), "one of them has it")
        busy = next(each for each in at.processes if each.current)
        idle = next(each for each in at.processes if each is not busy)
        await busy.finishes()
        await at.told(tasks[0], TaskStatus.SUCCEEDED)
        (late,) = await at.queued(2)
        await at.told(late, TaskStatus.PROCESSING)
        await eventually(lambda: idle.current or busy.current, "one of them has the next")
        assert idle.current and idle.current.task_id == late.task_id
