"""One run of one task by one model process: from its claim to what becomes of it.

The only place that decides what becomes of a claimed task. The moves themselves are left to `moves`, who claims to
`runner`, a cancel to `canceling`. Danger: the order video durable → row committed → told to people must hold at
every step, whatever ends in between.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from leyline.line import failures
from leyline.line.claims import Claims
from leyline.line.disk import Disk
from leyline.line.events import Events
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.processes import protocol
from leyline.processes.seam import Crashed, Heard, Lost, Member, News, Outcome
from leyline.text import fit_to_show

log = logging.getLogger("leyline.line")


@dataclass(frozen=True)
class Workshop:
    """What all runs are made with."""

    moves: Moves  # each tried until the disk takes it
    events: Events
    media: Media
    disk: Disk
    claims: Claims
    known: KnownSchema
    max_attempts: int


class Run:
    """The run of `task`, which was claimed for `member`. `make` has the model process make it, as `Member.run`.

    `take_next` claims another task for it in the commit that records the end of this one, and never raises.
    `is_ready` where `Media.ready_for_run` was asked already.
    """

    def __init__(
        self,
        task: Task,
        member: Member,
        workshop: Workshop,
        make: Callable[[protocol.Start, Heard], Awaitable[Outcome]],
        take_next: Callable[[], Awaitable[None]],
        is_ready: bool = False,
    ) -> None:
        self._task = task
        self._member = member
        self._make = make
        self._take_next = take_next
        self._is_ready = is_ready
        self._moves = workshop.moves
        self._events = workshop.events
        self._media = workshop.media
        self._disk = workshop.disk
        self._claims = workshop.claims
        self._known = workshop.known
        self._max_attempts = workshop.max_attempts

    async def carry_out(self) -> Outcome | None:
        """How it ended, once its task has been moved accordingly; None when no model process heard of it."""
        began = time.monotonic()
        try:
            has_picture = self._is_ready or await self._disk.do(self._media.ready_for_run, self._task.task_id)
        except OSError as error:
            await self._put_back_for_disk(str(error))
            return None
        if not has_picture:
            await self._moves.fail(self._task, failures.PictureLost())
            return None
        if changed := self._known.changed(self._task.parameters):
            await self._moves.fail(self._task, failures.ParametersChanged(changed))
            return None
        try:
            outcome = await self._outcome()
        except protocol.ProtocolError as error:  # the pipe does not carry what was chosen; the model heard nothing
            too_long = failures.ParametersChanged("What was chosen is too long for the model. Send it with less.")
            await self._moves.fail(self._task, too_long, str(error))
            return None
        await self._end(outcome, time.monotonic() - began)
        return outcome

    async def _outcome(self) -> Outcome:
        """How the run ends, if it can be begun at all: much may happen between the claim and the start."""
        task = self._task
        if self._events.live[task.task_id].unwanted:
            return protocol.Failed(task.task_id, task.run, protocol.CANCELED, "")
        if not self._member.idle:
            return Crashed(reason="the model process ended before the start", began=False)
        ids = task.task_id, task.run, task.attempt
        log.info("event=started task=%s run=%d attempt=%d by=%r", *ids, self._member.name)
        return await self._make(self._start(), lambda news: tell(self._events, task, news))

    def _start(self) -> protocol.Start:
        task, media = self._task, self._media
        return protocol.Start(
            task.task_id,
            task.run,
            picture_path=str(media.picture(task.task_id).absolute()),
            video_path=str(media.video_part(task.video_key).absolute()),
            preview_path=str(media.preview(task.video_key).absolute()),
            parameters=json.loads(task.parameters or "{}"),
        )

    # How it ends

    async def _end(self, outcome: Outcome, run_seconds: float) -> None:
        moved = await self._move(outcome, run_seconds)
        if moved is None or moved.status is not TaskStatus.SUCCEEDED:
            await self._disk.remove(self._media.remove_run, self._task.video_key)
        else:
            self._disk.remove_later(self._media.remove_parts_of, self._task.video_key)

    async def _move(self, outcome: Outcome, run_seconds: float) -> Task | None:
        """The task as it becomes."""
        task = self._task
        match outcome:
            case protocol.Done():
                return await self._publish(outcome, run_seconds)
            case protocol.Failed(code=protocol.UNSUITABLE, detail=detail):  # its own words, and meant for people
                said = fit_to_show(detail, protocol.MAX_SENTENCE_LENGTH)
                return await self._moves.fail(task, failures.Unsuitable(said), output=self._printed())
            case protocol.Failed(code=protocol.CANCELED):
                return await self._moves.cancel(task, self._printed())
            case protocol.Failed(code=protocol.DISK_FULL):
                return await self._put_back_for_disk(outcome.detail)
            case protocol.Failed(code=code, detail=detail):
                failure = failures.by_code()[code]()  # the model's own words may hold paths: they are for the log
                return await self._moves.fail(task, failure, detail, self._printed())
            case Crashed():
                return await self._crashed(outcome)
            case Lost(reason=reason):
                log.error("event=lost task=%s run=%d reason=%r", task.task_id, task.run, reason)
                return await self._moves.put_back(task, "lost", output=self._printed())

    async def _publish(self, done: protocol.Done, run_seconds: float) -> Task | None:
        """Durable first, then committed, then told."""
        task = self._task
        self._events.run_advanced(task.task_id, task.run, task.owner, stage="saving")
        try:
            size = await self._disk.do(self._media.keep_video, task.video_key)
        except FileNotFoundError:
            missing = failures.ModelError("The model said that it was done but left no video.")
            return await self._moves.fail(task, missing, output=self._printed())
        except OSError as error:
            # Never tried again: after a failed fsync the kernel may call pages clean that never reached the disk.
            return await self._put_back_for_disk(str(error))
        succeed = asyncio.create_task(self._moves.succeed(task, done, size, run_seconds, self._printed()))
        moved, _ = await asyncio.gather(succeed, self._take_next())  # handed in at the same moment, this one first
        return moved

    async def _crashed(self, crash: Crashed) -> Task | None:
        task = self._task
        ids = task.task_id, task.run, task.attempt
        log.error("event=crashed task=%s run=%d attempt=%d reason=%r", *ids, crash.reason)
        if crash.began and task.attempt >= self._max_attempts:
            failure = failures.ModelCrashed(crash.detail)
            return await self._moves.fail(task, failure, crash.reason, self._printed())
        return await self._moves.put_back(task, "crash", count_attempt=crash.began, output=self._printed())

    async def _put_back_for_disk(self, reason: str) -> Task | None:
        """The disk did not take it: keep the task first in line, and have nobody claim until there may be room."""
        task = self._task
        log.error("event=disk_failed task=%s run=%d reason=%r", task.task_id, task.run, reason)
        self._claims.disk_failed()
        await self._disk.remove(self._media.remove_run, task.video_key)
        return await self._moves.put_back(task, "disk", output=self._printed())

    async def give_up(self, reason: str) -> None:
        """End what is over before its end, for which no picture is to blame."""
        is_back = await self._moves.put_back(self._task, reason, output=self._printed())
        removal = self._media.remove_run if is_back else self._media.remove_parts_of  # if it has a video
        await self._disk.remove(removal, self._task.video_key)

    def _printed(self) -> list[str]:
        """What the model printed last in this run."""
        return self._member.last_lines(self._task.task_id, self._task.run)


def tell(events: Events, task: Task, news: News) -> None:
    """What the model says of its run is news for whoever follows the task."""
    match news:
        case protocol.Progress(progress=progress, stage=stage):
            stage = fit_to_show(stage, protocol.MAX_STAGE_LENGTH)  # the model's process is not trusted with it
            share = _share(events, task, progress)
            events.run_advanced(task.task_id, task.run, task.owner, stage=stage, **share)
        case protocol.Preview(revision=revision):
            events.run_advanced(task.task_id, task.run, task.owner, preview_revision=revision)
        case protocol.Grown(segments=segments, seconds=seconds):
            grown = {"segments": segments, "seconds": seconds}
            events.run_advanced(task.task_id, task.run, task.owner, **grown)


def _share(events: Events, task: Task, progress: float | None) -> dict[str, float | None]:
    """What a word on progress means for the task's `Live`."""
    live = events.live[task.task_id]
    if progress is None:
        return {"progress": None, "is_measured": False}
    reached = max(live.reached, min(progress, 99.0))
    return {"progress": reached, "reached": reached}
