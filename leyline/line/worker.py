"""The loop that claims the first task in line, has the model process make its video, and publishes it.

The only place that decides what becomes of a claimed task. The moves themselves are left to `moves`, how a
model process is kept alive to `processes`, a cancel to `canceling`. Danger: the order video durable → row
committed → told to people must hold at every step, whatever ends in between.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from leyline.errors import DatabaseBusy, DiskLow
from leyline.line import failures
from leyline.line.events import Events
from leyline.line.index import LineIndex
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.processes import protocol
from leyline.processes.model import Crashed, ModelProcess, News, Outcome
from leyline.text import fit_to_show

log = logging.getLogger("leyline.worker")

T = TypeVar("T")

LAST_MOVE_SECONDS = 2.0  # how long a stop may wait for a busy database
REST_SECONDS = 1.0  # before the next look at a full disk, and after an error of our own


class Worker:
    """Works through the line with one model process, one task at a time, until stopped."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        events: Events,
        media: Media,
        process: ModelProcess,
        retention: Retention,
        known: KnownSchema,
        *,
        max_attempts: int,
    ) -> None:
        self._store = store
        self._events = events
        self._media = media
        self._process = process
        self._retention = retention
        self._known = known
        self._moves = moves
        self._kept_moves = moves.persistent()
        self._max_attempts = max_attempts
        # Of its own, so that a finished video never waits behind a hundred uploads' fsyncs.
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="worker disk")
        self._loop_task: asyncio.Task[None] | None = None
        self._current: Task | None = None
        self._mended = False

    async def recover(self) -> None:
        """Mend what the last server left: before anything runs, put its tasks back or end them.

        What a full disk or a locked database does not take now is mended before the first claim.
        """
        self._moves.index.take(LineIndex(await self._store.line()))  # nobody writes yet
        with contextlib.suppress(DatabaseBusy, DiskLow):
            await self._mend(self._moves)

    async def _mend(self, moves: Moves) -> None:
        if not moves.index.is_filled:
            await moves.fill_index()
        for task in await self._store.processing():
            await moves.put_back(task, "restart")
        pictures = await self._on_disk(self._media.pictures)
        for task in await self._store.some(moves.index.waiting_ids() - pictures):
            await moves.fail(task, failures.PictureLost())
        self._mended = True

    def start(self) -> None:
        """Begin to work; the model process may still be loading."""
        self._loop_task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop working; a running task goes back to its place in line, and no attempt is counted."""
        if self._loop_task:
            self._loop_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop_task
        await self._process.stop()
        if self._current:
            with contextlib.suppress(DatabaseBusy, DiskLow, TimeoutError):  # the next start does it
                await asyncio.wait_for(
                    self._moves.put_back(self._current, "stop", output=self._printed(self._current)),
                    LAST_MOVE_SECONDS,
                )
        self._disk.shutdown()

    # The loop

    async def _work(self) -> None:
        while True:
            try:
                await self._work_on_next()
            except Exception:  # whatever it was, the line must go on
                of_task = f" task={self._current.task_id}" if self._current else ""
                log.exception("event=bug in=worker%s", of_task)
                await asyncio.sleep(REST_SECONDS)

    async def _work_on_next(self) -> None:
        """Run the first task in line, or wait until there may be one."""
        if not self._mended:
            await self._mend(self._kept_moves)
        if self._current:  # an error of our own ended its run, for which no picture is to blame
            await self._end_after_bug(self._current)
            self._current = None
        await self._process.ready()
        seen = self._events.line_version  # noted before the claim: who comes meanwhile is not overlooked
        self._current = await self._kept_moves.claim(self._known.settled)
        if self._current is None:
            await self._events.line_beyond(seen)
        else:
            await self._run(self._current)
            self._current = None

    async def _run(self, task: Task) -> None:
        began = time.monotonic()
        try:
            has_picture = await self._on_disk(self._media.ready_for_run, task.task_id)
        except OSError as error:
            await self._wait_for_disk(task, str(error))
            return
        if not has_picture:
            await self._kept_moves.fail(task, failures.PictureLost())
            return
        if changed := self._known.changed(task.parameters):
            await self._kept_moves.fail(task, failures.ParametersChanged(changed))
            return
        try:
            outcome = await self._outcome(task)
        except protocol.ProtocolError as error:  # the pipe does not carry what was chosen; the model heard nothing
            too_long = failures.ParametersChanged("What was chosen is too long for the model. Send it with less.")
            await self._kept_moves.fail(task, too_long, str(error))
            return
        await self._end(task, outcome, time.monotonic() - began)

    async def _outcome(self, task: Task) -> Outcome:
        """How the run ends, if it can be begun at all: much may happen between the claim and the start."""
        if self._events.live[task.task_id].unwanted:
            return protocol.Failed(task.task_id, task.run, protocol.CANCELED, "")
        if not self._process.idle:
            return Crashed(reason="the model process ended before the start", began=False)
        log.info("event=started task=%s run=%d attempt=%d", task.task_id, task.run, task.attempt)
        return await self._process.run(self._start_of(task), lambda message: self._heard(task, message))

    def _start_of(self, task: Task) -> protocol.Start:
        return protocol.Start(
            task.task_id,
            task.run,
            picture_path=str(self._media.picture(task.task_id).absolute()),
            video_path=str(self._media.video_part(task.video_key).absolute()),
            preview_path=str(self._media.preview(task.video_key).absolute()),
            parameters=json.loads(task.parameters or "{}"),
        )

    def _heard(self, task: Task, message: News) -> None:
        match message:
            case protocol.Progress(progress=progress, stage=stage):
                stage = fit_to_show(stage, protocol.MAX_STAGE_LENGTH)  # the model's process is not trusted with it
                share = self._share(task, progress)
                self._events.run_advanced(task.task_id, task.run, task.owner, stage=stage, **share)
            case protocol.Preview(revision=revision):
                self._events.run_advanced(task.task_id, task.run, task.owner, preview_revision=revision)
            case protocol.Grown(segments=segments, seconds=seconds):
                news = {"segments": segments, "seconds": seconds}
                self._events.run_advanced(task.task_id, task.run, task.owner, **news)

    def _share(self, task: Task, progress: float | None) -> dict[str, float | None]:
        """What a word on progress means for the task's `Live`."""
        live = self._events.live[task.task_id]
        if progress is None:
            return {"progress": None, "is_measured": False}
        reached = max(live.reached, min(progress, 99.0))
        return {"progress": reached, "reached": reached}

    # How a run ends

    async def _end(self, task: Task, outcome: Outcome, run_seconds: float) -> None:
        match outcome:
            case protocol.Done():
                moved = await self._publish(task, outcome, run_seconds)
            case protocol.Failed(code=protocol.MODEL_ERROR | protocol.MODEL_OUT_OF_MEMORY as code, detail=detail):
                failure = failures.by_code()[code]()  # the model's own words may hold paths: they are for the log
                moved = await self._kept_moves.fail(task, failure, detail, self._printed(task))
            case protocol.Failed(code=protocol.UNSUITABLE, detail=detail):  # its own words, and meant for people
                said = fit_to_show(detail, protocol.MAX_SENTENCE_LENGTH)
                moved = await self._kept_moves.fail(task, failures.Unsuitable(said), output=self._printed(task))
            case protocol.Failed(code=protocol.CANCELED):
                moved = await self._kept_moves.cancel(task, self._printed(task))
            case protocol.Failed(code=protocol.DISK_FULL):
                moved = await self._wait_for_disk(task, outcome.detail)
            case Crashed():
                moved = await self._crashed(task, outcome)
        if moved is None or moved.status is not TaskStatus.SUCCEEDED:
            await self._remove(self._media.remove_run, task.video_key)
        else:
            await self._remove(self._media.remove_parts_of, task.video_key)

    async def _end_after_bug(self, task: Task) -> None:
        if await self._kept_moves.put_back(
            task, "bug", output=self._printed(task)
        ):  # else it may have got its video just before
            await self._remove(self._media.remove_run, task.video_key)

    async def _publish(self, task: Task, done: protocol.Done, run_seconds: float) -> Task | None:
        """Durable first, then committed, then told."""
        self._events.run_advanced(task.task_id, task.run, task.owner, stage="saving")
        try:
            size = await self._on_disk(self._media.keep_video, task.video_key)
        except FileNotFoundError:
            missing = failures.ModelError("The model said that it was done but left no video.")
            return await self._kept_moves.fail(task, missing, output=self._printed(task))
        except OSError as error:
            # Never tried again: after a failed fsync the kernel may call pages clean that never reached the disk.
            return await self._wait_for_disk(task, str(error))
        return await self._kept_moves.succeed(task, done, size, run_seconds, self._printed(task))

    async def _crashed(self, task: Task, crash: Crashed) -> Task | None:
        ids = task.task_id, task.run, task.attempt
        log.error("event=crashed task=%s run=%d attempt=%d reason=%r", *ids, crash.reason)
        if crash.began and task.attempt >= self._max_attempts:
            failure = failures.ModelCrashed(crash.detail)
            return await self._kept_moves.fail(task, failure, crash.reason, self._printed(task))
        output = self._printed(task)
        return await self._kept_moves.put_back(task, "crash", count_attempt=crash.began, output=output)

    async def _wait_for_disk(self, task: Task, reason: str) -> Task | None:
        """The disk did not take a run: keep the task first in line and begin again when there may be room."""
        log.error("event=disk_failed task=%s run=%d reason=%r", task.task_id, task.run, reason)
        await self._remove(self._media.remove_run, task.video_key)
        moved = await self._kept_moves.put_back(task, "disk", output=self._printed(task))
        await asyncio.sleep(REST_SECONDS)
        while not await self._on_disk(self._disk_is_well):  # noqa: ASYNC110 - a disk sends no event
            await asyncio.sleep(REST_SECONDS)
        return moved

    def _printed(self, task: Task) -> list[str]:
        """What the model printed last in this run."""
        return self._process.last_lines(task.task_id, task.run)

    def _disk_is_well(self) -> bool:
        return self._retention.has_room() and self._media.takes_files()

    async def _remove(self, removal: Callable[..., None], *args: object) -> None:
        """What cannot be removed now is swept at the next start."""
        try:
            await self._on_disk(removal, *args)
        except OSError as error:
            task_id = str(args[0]).partition("-")[0]  # of the run's video key
            log.error("event=removal_failed error=%r task=%s", str(error), task_id)

    async def _on_disk(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work, *args)
