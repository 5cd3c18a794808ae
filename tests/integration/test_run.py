"""Runs on a real database and a real disk; a scripted process stands in for the model's."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leyline import errors
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.processes import protocol
from leyline.processes.seam import Crashed
from tests.integration.scripted_fleet import Works, works
from web.representation import PATH, changing, video

CRASHED = Crashed(reason="ended from outside (exit code -9)")
DEAD_BEFORE = Crashed(reason="ended from outside (exit code -9)", began=False)


# A run that goes well


@pytest.mark.gen_test(timeout=60)
async def test_who_is_told_of_a_video_finds_it_on_disk_and_in_the_database(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        assert start.picture_path == str(at.media.picture(task.task_id))
        await at.process.finishes()
        done = await at.told(task, TaskStatus.SUCCEEDED)
        assert at.media.video(done.video_key).read_bytes() == b"video"
        assert (done.video_bytes, done.run, done.attempt) == (5, 1, 1)
        assert at.events.live == {}
        await at.tidied(videos=1)
        assert len((await at.store.line()).run_seconds) == 1


@pytest.mark.gen_test(timeout=60)
async def test_progress_never_falls_and_is_whole_only_when_the_video_is_safe(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        shown = []
        for progress in (10.0, 60.0, 30.0, 100.0):
            at.process.progress(progress)
            shown.append(at.events.live[task.task_id].progress)
        assert shown == [10.0, 60.0, 60.0, 99.0]
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("sound", [True, False])
async def test_a_task_tells_whether_there_is_something_to_hear(tmp_path: Path, sound: bool) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        await asyncio.to_thread(Path(start.video_path).write_bytes, b"video")
        at.process.ends(protocol.Done(task.task_id, start.run, 16, 16, 1.0, sound))
        told = video(await at.told(task, TaskStatus.SUCCEEDED))
        assert told is not None and told["sound"] is sound


@pytest.mark.gen_test(timeout=60)
async def test_a_share_that_nobody_knows_is_null_and_a_number_after_it_does_not_fall(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        shown = []
        for progress in (40.0, None, None, 10.0, 50.0):
            at.process.progress(progress)
            live = at.events.live[task.task_id]
            shown.append(changing(task, live, PATH)["progress"])
        assert shown == [40, None, None, 40, 50]
        assert not live.is_measured


@pytest.mark.gen_test(timeout=60)
async def test_what_a_model_process_calls_its_stage_is_not_trusted(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        at.process.progress(10.0, "\u202egnitniap\x1b[2J\n" + "x" * 1000)
        assert at.events.live[task.task_id].stage == f"gnitniap[2J {'x' * 28}"
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)


# Cancel


@pytest.mark.gen_test(timeout=60)
async def test_a_cancel_names_a_run_and_is_told_to_it_alone(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        asked = await at.canceling.cancel(first.task_id)
        assert (asked.status, asked.cancel_requested) == (TaskStatus.PROCESSING, True)
        assert at.process.canceled == [(first.task_id, 1)]
        assert (await at.canceling.cancel(first.task_id)) == asked, "asking twice asks once"
        at.process.fails(protocol.CANCELED)
        await at.told(first, TaskStatus.CANCELED)
        await at.process.started()
        assert (await at.canceling.cancel(first.task_id)).status is TaskStatus.CANCELED
        assert at.process.canceled == [(first.task_id, 1)]
        await at.process.finishes()
        await at.told(second, TaskStatus.SUCCEEDED)
        with pytest.raises(errors.TaskFinished):
            await at.canceling.cancel(second.task_id)
        assert await at.canceling.cancel("f" * 32) is None


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("end", ["done", "error", "crash", "canceled"])
async def test_a_task_that_was_asked_to_cancel_is_canceled_however_its_run_ends(tmp_path: Path, end: str) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        for _ in range(2):  # the third crash would be a failure
            await at.process.started()
            at.process.ends(CRASHED)
        await at.process.started()
        await at.canceling.cancel(task.task_id)
        match end:
            case "done":
                await at.process.finishes()
            case "error":
                at.process.fails(protocol.MODEL_ERROR)
            case "crash":
                at.process.ends(CRASHED)
            case "canceled":
                at.process.fails(protocol.CANCELED)
        canceled = await at.told(task, TaskStatus.CANCELED)
        assert canceled.error_code is None
        await at.tidied(videos=0)


@pytest.mark.gen_test(timeout=60)
async def test_a_cancel_that_comes_before_the_model_was_told_to_start_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path) as at:
        claim = at.fleet._workshop.moves.claim

        async def claim_and_cancel(*settle: Any) -> Task | None:
            task = await claim(*settle)
            if task:
                await at.canceling.cancel(task.task_id)
            return task

        monkeypatch.setattr(at.fleet._workshop.moves, "claim", claim_and_cancel)
        (task,) = await at.queued(1)
        await at.told(task, TaskStatus.CANCELED)
        assert at.process.starts.empty()


@pytest.mark.gen_test(timeout=60)
async def test_of_many_cancels_at_once_one_is_told(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        await at.moves.pause(True)
        (task,) = await at.queued(1)
        answers = await asyncio.gather(*(at.canceling.cancel(task.task_id) for _ in range(20)))
        assert {(answer.status, answer.moves) for answer in answers} == {(TaskStatus.CANCELED, 2)}


# Pause


@pytest.mark.gen_test(timeout=60)
async def test_a_paused_line_finishes_its_run_and_begins_no_other_until_it_is_resumed(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        await at.moves.pause(True)
        await at.process.finishes()
        await at.told(first, TaskStatus.SUCCEEDED)
        await at.queued(3)
        line = await at.store.line()
        assert (line.paused, len(line.waiting), line.running) == (True, 2, ())
        await at.moves.pause(False)
        assert (await at.process.started()).task_id == second.task_id


# Stop and start


@pytest.mark.gen_test(timeout=60)
async def test_a_stopped_fleet_puts_its_task_back_first_and_counts_no_attempt(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        start = await at.process.started()
        await asyncio.to_thread(Path(start.preview_path).write_bytes, b"preview")
    assert at.leftovers() == []
    store = TaskStore(tmp_path / "leyline.db")
    line = await store.line()
    back = await store.get(first.task_id)
    store.close()
    assert [waiting.task_id for waiting in line.waiting] == [first.task_id, second.task_id]
    assert (back.status, back.run, back.attempt) == (TaskStatus.QUEUED, 1, 1)


@pytest.mark.gen_test(timeout=60)
async def test_a_stop_between_a_video_and_its_tidying_leaves_the_video_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        await asyncio.to_thread(Path(start.preview_path).write_bytes, b"preview")
        succeed, has_succeeded = Moves.succeed, asyncio.Event()

        async def and_no_further(moves: Moves, *arguments: Any) -> Task | None:
            await succeed(moves, *arguments)
            has_succeeded.set()
            return await asyncio.get_running_loop().create_future()  # until the stop

        monkeypatch.setattr(Moves, "succeed", and_no_further)
        await at.process.finishes()
        await asyncio.wait_for(has_succeeded.wait(), 30)
    assert at.videos() == [task.task_id + "-1"]
    assert at.leftovers() == []


@pytest.mark.gen_test(timeout=60)
async def test_a_start_mends_what_the_last_server_left(tmp_path: Path) -> None:
    left = Works(tmp_path)
    running, unwanted, lost, waiting = await left.queued(1, 2, 3, 4)
    for _ in range(2):
        await left.moves.claim()
    await left.moves.request_cancel(replace(unwanted, status=TaskStatus.PROCESSING, run=1))
    left.media.remove_task(lost.task_id)
    left.store.close()
    async with works(tmp_path) as at:
        assert (await at.process.started()).task_id == running.task_id
        now = {task.number: await at.store.get(task.task_id) for task in (running, unwanted, lost, waiting)}
        await at.process.finishes()
        await at.told(running, TaskStatus.SUCCEEDED)
    assert [task.status.value for task in now.values()] == ["processing", "canceled", "failed", "queued"]
    assert (now[running.number].run, now[running.number].attempt) == (2, 1)
    assert now[lost.number].error_code == "picture_lost"


@pytest.mark.gen_test(timeout=60)
async def test_a_task_that_takes_every_server_down_ends_after_ten_runs(tmp_path: Path) -> None:
    for run in range(1, 11):
        at = Works(tmp_path)
        if run == 1:
            (task,) = await at.queued(1)
        await at.fleet.recover()
        assert (await at.moves.claim()).run == run  # and then the server dies
        at.store.close()
    async with works(tmp_path) as at:
        ended = await at.store.get(task.task_id)
    assert (ended.status, ended.error_code, ended.attempt) == (TaskStatus.FAILED, "interrupted", 1)
