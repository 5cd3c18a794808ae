"""The worker on a real database and a real disk; a scripted process stands in for the model's."""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leyline import errors, moves, protocol, worker
from leyline.events import Events
from leyline.media import Media
from leyline.model_process import Crashed
from leyline.retention import Retention
from leyline.store import TaskStore
from leyline.tasks import Task, TaskStatus
from leyline.undo import Undo
from leyline.worker import Worker
from tests.integration.store_contract import NOW, new_task
from tests.live_server import eventually

CRASHED = Crashed("The model process was ended by signal 9.")
DEAD_BEFORE = Crashed("The model process was ended by signal 9.", began=False)


class ScriptedProcess:
    """Says of each task what the test tells it to."""

    def __init__(self) -> None:
        self.idle = True
        self.starts: asyncio.Queue[protocol.Start] = asyncio.Queue()
        self.current: protocol.Start | None = None
        self.canceled: list[tuple[str, int]] = []
        self._outcome: asyncio.Future[Any]

    async def ready(self) -> None:
        """Always."""

    async def run(self, start: protocol.Start, heard: Callable[[Any], None]) -> Any:
        self.heard, self.current = heard, start
        self._outcome = asyncio.get_running_loop().create_future()
        self.starts.put_nowait(start)
        try:
            return await self._outcome
        finally:
            self.current = None

    def cancel(self, task_id: str, run: int) -> None:
        if self.current and (self.current.task_id, self.current.run) == (task_id, run):
            self.canceled.append((task_id, run))

    async def stop(self) -> None:
        """Nothing runs any more."""

    # What a test says

    async def started(self) -> protocol.Start:
        return await asyncio.wait_for(self.starts.get(), 30)

    def progress(self, progress: float, stage: str = "generating") -> None:
        self.heard(protocol.Progress(self.current.task_id, self.current.run, progress, stage))

    def ends(self, outcome: Any) -> None:
        self._outcome.set_result(outcome)

    def breaks(self, error: Exception) -> None:
        self._outcome.set_exception(error)

    async def finishes(self) -> None:
        """The video is written, and it says so."""
        assert self.current
        await asyncio.to_thread(Path(self.current.video_path).write_bytes, b"video")
        self.ends(protocol.Done(self.current.task_id, self.current.run, 16, 16, 1.0))

    def fails(self, code: str, detail: str = "because") -> None:
        assert self.current
        self.ends(protocol.Failed(self.current.task_id, self.current.run, code, detail))


class Works:
    """A worker with everything that it works with."""

    def __init__(self, folder: Path) -> None:
        self.store = TaskStore(folder / "leyline.db")
        self.media = Media(folder)
        self.events = Events()
        self.process = ScriptedProcess()
        self.undo = Undo()
        self.retention = Retention(self.store, self.media, self.events, keep_days=7, keep_gb=0, reserve_mb=0)
        self.worker = Worker(
            self.store, self.events, self.media, self.process, self.retention, self.undo, max_attempts=3
        )
        self.news = self.events.subscribe("owner")

    async def queued(self, *numbers: int) -> list[Task]:
        new = [new_task(number) for number in numbers]
        for task in new:
            for path in (self.media.picture(task.task_id), self.media.thumbnail(task.task_id)):
                await asyncio.to_thread(path.write_bytes, b"picture")
        tasks = [await self.store.add(task, NOW) for task in new]
        self.worker.wake()
        return tasks

    async def told(self, task: Task, status: TaskStatus) -> Task:
        """The task once it was told that it has this status."""
        async with asyncio.timeout(30):
            while True:
                changes = await self.news.changes()
                now = await self.store.get(task.task_id)
                if task.task_id in changes.tasks and now.status is status:
                    return now

    def videos(self) -> list[str]:
        return sorted(path.stem for path in (self.media.root / "videos").iterdir())

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in (self.media.root / "tmp").iterdir())

    async def tidied(self, videos: int) -> None:
        """Files go after the news: wait until nothing but so many videos is left."""
        await eventually(lambda: (len(self.videos()), self.leftovers()) == (videos, []), "the run's files are gone")


@asynccontextmanager
async def works(folder: Path) -> AsyncIterator[Works]:
    built = Works(folder)
    await built.worker.recover()
    built.worker.start()
    try:
        yield built
    finally:
        await built.worker.stop()
        built.store.close()


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


# Runs that do not


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
    monkeypatch.setattr(moves, "RETRY_SECONDS", 0.01)
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        succeed, refusals = at.store.succeed, iter([errors.DatabaseBusy(), errors.DiskLow()])

        async def busy_twice(*args: Any, **values: Any) -> Task | None:
            for refusal in refusals:
                raise refusal
            return await succeed(*args, **values)

        monkeypatch.setattr(at.store, "succeed", busy_twice)
        await at.process.finishes()
        done = await at.told(task, TaskStatus.SUCCEEDED)
        assert (done.run, at.videos()) == (1, [done.video_key])


@pytest.mark.gen_test(timeout=60)
async def test_an_error_of_our_own_is_not_blamed_on_the_picture_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REST_SECONDS", 0.01)
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
    monkeypatch.setattr(worker, "REST_SECONDS", 0.01)
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
    monkeypatch.setattr(worker, "REST_SECONDS", 0.01)
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
    monkeypatch.setattr(worker, "REST_SECONDS", 0.01)
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
async def test_the_log_says_why_a_task_was_put_back_and_only_when_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leyline.worker")
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        at.process.ends(CRASHED)
        await at.process.started()
        await at.worker.cancel(task.task_id)
        at.process.ends(CRASHED)
        await at.told(task, TaskStatus.CANCELED)
    said = [record.message for record in caplog.records if "put_back" in record.message]
    assert said == [f"event=put_back task={task.task_id} run=1 reason=crash"]


# Cancel


@pytest.mark.gen_test(timeout=60)
async def test_a_cancel_names_a_run_and_is_told_to_it_alone(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        asked = await at.worker.cancel(first.task_id)
        assert (asked.status, asked.cancel_requested) == (TaskStatus.PROCESSING, True)
        assert at.process.canceled == [(first.task_id, 1)]
        assert (await at.worker.cancel(first.task_id)) == asked, "asking twice asks once"
        at.process.fails(protocol.CANCELED)
        await at.told(first, TaskStatus.CANCELED)
        await at.process.started()
        assert (await at.worker.cancel(first.task_id)).status is TaskStatus.CANCELED
        assert at.process.canceled == [(first.task_id, 1)]
        await at.process.finishes()
        await at.told(second, TaskStatus.SUCCEEDED)
        with pytest.raises(errors.TaskFinished):
            await at.worker.cancel(second.task_id)
        assert await at.worker.cancel("f" * 32) is None


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("end", ["done", "error", "crash", "canceled"])
async def test_a_task_that_was_asked_to_cancel_is_canceled_however_its_run_ends(tmp_path: Path, end: str) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        for _ in range(2):  # the third crash would be a failure
            await at.process.started()
            at.process.ends(CRASHED)
        await at.process.started()
        await at.worker.cancel(task.task_id)
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
        claim = at.store.claim

        async def claim_and_cancel(now: float) -> Task | None:
            task = await claim(now)
            if task:
                await at.worker.cancel(task.task_id)
            return task

        monkeypatch.setattr(at.store, "claim", claim_and_cancel)
        (task,) = await at.queued(1)
        await at.told(task, TaskStatus.CANCELED)
        assert at.process.starts.empty()


@pytest.mark.gen_test(timeout=60)
async def test_of_many_cancels_at_once_one_is_told(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        await at.worker.pause(True)
        (task,) = await at.queued(1)
        answers = await asyncio.gather(*(at.worker.cancel(task.task_id) for _ in range(20)))
        assert {(answer.status, answer.moves) for answer in answers} == {(TaskStatus.CANCELED, 2)}


# Pause


@pytest.mark.gen_test(timeout=60)
async def test_a_paused_line_ends_its_run_and_begins_no_other_until_it_is_resumed(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
        await at.worker.pause(True)
        await at.process.finishes()
        await at.told(first, TaskStatus.SUCCEEDED)
        await at.queued(3)
        line = await at.store.line()
        assert (line.paused, len(line.waiting), line.running) == (True, 2, ())
        await at.worker.pause(False)
        assert (await at.process.started()).task_id == second.task_id


# Stop and start


@pytest.mark.gen_test(timeout=60)
async def test_a_stopped_worker_puts_its_task_back_first_and_counts_no_attempt(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        first, second = await at.queued(1, 2)
        await at.process.started()
    store = TaskStore(tmp_path / "leyline.db")
    line = await store.line()
    back = await store.get(first.task_id)
    store.close()
    assert [waiting.task_id for waiting in line.waiting] == [first.task_id, second.task_id]
    assert (back.status, back.run, back.attempt) == (TaskStatus.QUEUED, 1, 1)


@pytest.mark.gen_test(timeout=60)
async def test_a_start_mends_what_the_last_server_left(tmp_path: Path) -> None:
    left = Works(tmp_path)
    running, unwanted, lost, waiting = await left.queued(1, 2, 3, 4)
    for _ in range(2):
        await left.store.claim(NOW)
    await left.store.request_cancel(replace(unwanted, status=TaskStatus.PROCESSING, run=1))
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
        await at.worker.recover()
        assert (await at.store.claim(NOW)).run == run  # and then the server dies
        at.store.close()
    async with works(tmp_path) as at:
        ended = await at.store.get(task.task_id)
    assert (ended.status, ended.error_code, ended.attempt) == (TaskStatus.FAILED, "interrupted", 1)
