"""Runs that end without a video: what becomes of the task, its attempts and its files."""

import asyncio
import errno
import logging
from pathlib import Path
from typing import Any

import pytest

from leyline import errors
from leyline.line import claims, failures, moves, writer
from leyline.line.tasks import Task, TaskStatus
from leyline.processes import protocol
from leyline.processes.seam import Crashed
from tests.integration.scripted_fleet import works
from tests.live_server import eventually
from web.representation import error

CRASHED = Crashed(reason="ended from outside (exit code -9)")
DEAD_BEFORE = Crashed(reason="ended from outside (exit code -9)", began=False)


@pytest.mark.gen_test(timeout=60)
async def test_what_the_pipe_does_not_carry_fails_in_a_sentence_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path) as at:
        run = at.process.run

        async def run_what_fits(start: protocol.Start, heard: Any) -> Any:
            protocol.encode(start)
            return await run(start, heard)

        monkeypatch.setattr(at.process, "run", run_what_fits)
        await at.moves.pause(True)
        too_long, after = await at.queued(1, 2, parameters={1: '{"prompt":"' + "x" * 40_000 + '"}'})
        await at.moves.pause(False)
        failed = await at.told(too_long, TaskStatus.FAILED)
        assert (failed.error_code, failed.run) == ("parameters_changed", 1)
        assert failed.error_detail == "What was chosen is too long for the model. Send it with less."
        assert (await at.process.started()).task_id == after.task_id
        await at.process.finishes()
        await at.told(after, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_that_crashes_the_model_is_tried_three_times_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    async with works(tmp_path) as at:
        poison, after = await at.queued(1, 2)
        for attempt in (1, 2, 3):
            start = await at.process.started()
            assert (start.task_id, start.run) == (poison.task_id, attempt)
            at.process.ends(CRASHED)
        failed = await at.told(poison, TaskStatus.FAILED)
        assert (failed.error_code, failed.attempt, failed.run) == ("model_crashed", 3, 3)
        assert (await at.process.started()).task_id == after.task_id
        await at.process.finishes()
        await at.told(after, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
async def test_a_process_that_was_dead_before_counts_no_attempt(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        for _ in range(4):
            await at.process.started()
            at.process.ends(DEAD_BEFORE)
        await at.process.started()
        assert (await at.store.get(task.task_id)).attempt == 1
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("code", [protocol.MODEL_ERROR, protocol.MODEL_OUT_OF_MEMORY])
async def test_a_model_that_says_no_is_not_asked_again(tmp_path: Path, code: str) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        at.process.fails(code, "/secret/path of the model")
        failed = await at.told(task, TaskStatus.FAILED)
        assert (failed.error_code, failed.attempt) == (code, 1)
        assert "secret" not in (failed.error_detail or "")


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("No face was found.", "No face was found."),
        ("No face\u202e\x1b[2J\n was found.", "No face[2J was found."),  # no more of its process is trusted
        ("a" * 1000, "a" * protocol.MAX_SENTENCE_LENGTH),
        ("\x00", failures.Unsuitable.title()),
    ],
)
async def test_a_model_that_says_why_fails_the_task_in_its_own_words_and_is_not_asked_again(
    tmp_path: Path, said: str, shown: str
) -> None:
    async with works(tmp_path) as at:
        task, after = await at.queued(1, 2)
        await at.process.started()
        at.process.fails(protocol.UNSUITABLE, said)
        failed = await at.told(task, TaskStatus.FAILED)
        assert (failed.attempt, failed.run) == (1, 1)
        told = error(failed)
        assert (told["code"], told["detail"], told["retryable"]) == ("unsuitable", shown, False)
        assert (await at.process.started()).task_id == after.task_id


@pytest.mark.gen_test(timeout=60)
async def test_a_done_without_a_video_is_a_failure(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        at.process.ends(protocol.Done(start.task_id, start.run, 16, 16, 1.0))
        assert (await at.told(task, TaskStatus.FAILED)).error_code == "model_error"


@pytest.mark.gen_test(timeout=60)
async def test_a_busy_database_delays_a_video_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        write, refusals = at.store.database.write, iter([errors.DatabaseBusy(), errors.DiskLow()])

        async def busy_twice(*work: Any, **options: Any) -> Task | None:
            for refusal in refusals:
                raise refusal
            return await write(*work, **options)

        monkeypatch.setattr(at.store.database, "write", busy_twice)
        await at.process.finishes()
        done = await at.told(task, TaskStatus.SUCCEEDED)
        assert (done.run, at.videos()) == (1, [done.video_key])


@pytest.mark.gen_test(timeout=60)
async def test_an_error_of_our_own_is_not_blamed_on_the_picture_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        start = await at.process.started()
        await asyncio.to_thread(Path(start.video_path).write_bytes, b"half a video")
        at.process.breaks(RuntimeError("a bug"))
        again = await at.process.started()
        assert (again.task_id, again.run) == (task.task_id, 2)
        assert (await at.store.get(task.task_id)).attempt == 1
        assert at.leftovers() == []
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_that_always_meets_an_error_of_our_own_ends_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    async with works(tmp_path) as at:
        unlucky, after = await at.queued(1, 2)
        for _ in range(moves.MOST_FREE_RUNS):
            assert (await at.process.started()).task_id == unlucky.task_id
            at.process.breaks(RuntimeError("a bug"))
        failed = await at.told(unlucky, TaskStatus.FAILED)
        assert (failed.error_code, failed.attempt) == ("interrupted", 1)
        assert (await at.process.started()).task_id == after.task_id


@pytest.mark.gen_test(timeout=60)
async def test_an_error_after_the_success_takes_no_video_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(at.media, "remove_parts_of", broken)
        await at.process.finishes()
        done = await at.told(first, TaskStatus.SUCCEEDED)
        assert (await at.process.started()).task_id == second.task_id
        assert at.videos() == [done.video_key]


@pytest.mark.gen_test(timeout=60)
async def test_a_run_that_finds_the_disk_full_waits_for_room_and_counts_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    async with works(tmp_path) as at:
        ready_for_run, looks = at.media.ready_for_run, iter([False, False, True])

        def full_once(task_id: str) -> bool:
            monkeypatch.setattr(at.media, "ready_for_run", ready_for_run)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(at.media, "ready_for_run", full_once)
        monkeypatch.setattr(at.retention, "has_room", lambda: next(looks))
        (task,) = await at.queued(1)
        start = await at.process.started()
        assert (start.task_id, start.run, list(looks)) == (task.task_id, 2, [])
        assert (await at.store.get(task.task_id)).attempt == 1
        await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)


@pytest.mark.gen_test(timeout=60)
async def test_a_disk_that_has_room_but_takes_no_files_uses_up_no_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    looks = []
    async with works(tmp_path) as at:
        folder, takes_files = at.media.part().path.parent, at.media.takes_files
        monkeypatch.setattr(at.media, "takes_files", lambda: looks.append(takes_files()) or looks[-1])
        folder.rmdir()
        folder.write_text("in its way")
        (task,) = await at.queued(1)
        await eventually(lambda: len(looks) > 20, "many looks")
        folder.unlink()
        start = await at.process.started()
        assert (start.task_id, start.run) == (task.task_id, 2)
        assert not any(looks[:-1])


@pytest.mark.gen_test(timeout=60)
async def test_the_log_says_why_a_task_was_put_back_and_only_when_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leyline.line")
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        at.process.ends(CRASHED)
        await at.process.started()
        await at.canceling.cancel(task.task_id)
        at.process.ends(CRASHED)
        await at.told(task, TaskStatus.CANCELED)
    said = [record.message for record in caplog.records if "put_back" in record.message]
    assert said == [f"event=put_back task={task.task_id} run=1 reason='crash'"]
