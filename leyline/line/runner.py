"""The loop of one model process: it waits until that is idle, and for its turn, claims the first task, runs it.

What becomes of a claimed task is left to `run`, who else claims to `claims`, who is in the fleet to `fleet`.
Danger: what is in hand, a claim on its way or a task, is never dropped: who leaves goes while nothing is in it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from leyline.errors import DatabaseBusy, DiskLow
from leyline.line import claims
from leyline.line.run import Run, Workshop
from leyline.line.tasks import Task
from leyline.processes import protocol
from leyline.processes.seam import Crashed, Heard, Lost, Member, Outcome
from leyline.processes.states import ChildState

log = logging.getLogger("leyline.line")

LAST_MOVE_SECONDS = 2.0  # how long a stop may wait for a busy database
LET_GO = "the operator let it go"


class Runner:
    """Works through the line with one model process, one task at a time, until it is ended or stopped.

    While it has a task it stands for that in `at_work`. `on_end` is called once, when it has ended by itself.
    """

    def __init__(
        self,
        member: Member,
        workshop: Workshop,
        at_work: dict[str, "Runner"],
        on_end: Callable[["Runner"], None],
    ) -> None:
        self.member = member
        self._workshop = workshop
        self._at_work = at_work
        self._on_end = on_end
        self._loop: asyncio.Task[None] | None = None
        self._is_empty_handed = True  # and at a place where it can be ended at once
        self._has_turn = False
        self._is_at_model = False
        self._is_let_go = False
        self._is_stopped = False
        self.ends = False  # takes no other task
        self.task: Task | None = None
        self._next: Task | None = None  # claimed, and not in hand yet
        self._claiming: asyncio.Task[None] | None = None
        self._seen: str | None = None  # the task that was looked for meanwhile, and is ready
        self.state = member.state  # as it was told last, `since` when in seconds since 1970
        self.since = time.time()
        self.runs = 0  # that have ended
        self.failures = 0  # of these, without a video by an error or the end of the model process

    @property
    def works(self) -> bool:
        """Whether it is at a task, or takes one at once."""
        return self.state in (ChildState.READY, ChildState.BUSY)

    @property
    def restarts(self) -> int:
        """How often another process came in the place of the last."""
        return max(self.member.spawned - 1, 0)

    def start(self) -> None:
        """Begin to work; the model process may still be loading."""
        self._loop = asyncio.create_task(self._work())
        self._loop.add_done_callback(lambda loop: self._is_stopped or self._on_end(self))

    def end(self) -> None:
        """Take no other task: end at once, or after the one in hand."""
        self.ends = True
        if self._loop is None:
            self._on_end(self)
        elif self._is_empty_handed:
            self._loop.cancel()

    def let_go(self) -> None:
        """The same, but what the model process has in hand goes back first, and no attempt counts."""
        self._is_let_go = True
        if not self.ends:
            self.end()
        if self._loop and self._is_at_model:
            self._loop.cancel()

    async def stop(self) -> None:
        """Stop working; a running task goes back to its place in line, and no attempt is counted."""
        self.ends = self._is_stopped = True
        if self._loop:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        if self._claiming:
            await asyncio.wait([self._claiming], timeout=LAST_MOVE_SECONDS)
        await self.member.stop()
        for task in filter(None, (self.task, self._next)):
            with contextlib.suppress(DatabaseBusy, DiskLow, TimeoutError):  # the next start does it
                await asyncio.wait_for(self._run_of(task).give_up("stop"), LAST_MOVE_SECONDS)
        self._put_down()
        self._next = None

    # The loop

    async def _work(self) -> None:
        self._is_empty_handed = False
        while not self.ends or self.task or self._next:
            try:
                await self._work_on_next()
            except Exception:  # whatever it was, the line must go on
                of_task = f" task={self.task.task_id}" if self.task else ""
                log.exception("event=bug in=runner%s", of_task)
                await asyncio.sleep(claims.REST_SECONDS)

    async def _work_on_next(self) -> None:
        """Run the first task in line, once there is one."""
        if self.task:
            await self._run_of(self.task).give_up("bug")
            self._put_down()
            return
        try:
            if self._next is None:
                self._seen = None
                await self._take_first()
            self.task, self._next = self._next, None
            if self.task:
                await self._run(self.task)
        finally:
            if self._next is None:
                self._give_back_turn()
        self._put_down()

    async def _take_first(self) -> None:
        """Have the first task in hand, once there is one; none when the model process is not idle any more."""
        shop = self._workshop
        with self._empty_handed():
            await self.member.ready()
            await shop.claims.take()
        self._has_turn = True
        while self._next is None:
            with self._empty_handed():
                await shop.claims.open()
            if self.ends or not self.member.idle:
                return
            seen = shop.events.line_version  # noted before the claim: who comes meanwhile is not overlooked
            await self._at_hand(self._claim())
            if self._next is None and not self.ends:
                with self._empty_handed():
                    await shop.events.line_beyond(seen)

    def _at_hand(self, claim: Coroutine[Any, Any, None]) -> Awaitable[None]:
        """What is claimed is at hand, though a stop come at this moment: that waits for it, and puts it back."""
        self._claiming = asyncio.create_task(claim)
        return asyncio.shield(self._claiming)

    async def _claim(self) -> None:
        self._next = await self._workshop.moves.claim(self._workshop.known.settled)
        if self._next:
            self._at_work[self._next.task_id] = self

    def _take_next(self) -> Awaitable[None]:
        """Have the next task at hand as the one in hand ends, where that takes no wait."""
        return self._at_hand(self._claim_at_end())

    async def _claim_at_end(self) -> None:
        """Claim beside the end; the picture of the first in line is looked for meanwhile."""
        shop, first = self._workshop, self._workshop.moves.index.next
        if first is None or self.ends or not self.member.idle or not await shop.claims.take_at_once():
            return
        self._has_turn = True
        try:
            looking = asyncio.create_task(self._looked_for(first))
            await self._claim()  # handed in now, beside the end
            self._seen = await looking
        except Exception:  # the task in hand has its end all the same, and the next is claimed after it
            log.exception("event=bug in=runner")
        finally:
            if self._next is None:
                self._give_back_turn()

    async def _looked_for(self, task_id: str) -> str | None:
        """The task, if all is there that its run needs; None also where that is to be found out once more."""
        try:
            is_ready = await self._workshop.disk.do(self._workshop.media.ready_for_run, task_id)
        except Exception:  # whatever it was, it is met once more where it is dealt with
            return None
        return task_id if is_ready else None

    def _give_back_turn(self) -> None:
        """Once its task was begun, or has gone back: the next one is begun after it."""
        if self._has_turn:
            self._has_turn = False
            self._workshop.claims.give_back()

    def _put_down(self) -> None:
        if self.task and self._at_work.get(self.task.task_id) is self:  # put back, another may have it by now
            del self._at_work[self.task.task_id]
        self.task = None

    async def _run(self, task: Task) -> None:
        outcome = await self._run_of(task).carry_out()
        if outcome is not None:
            self.runs += 1
            self.failures += _is_its_failure(outcome)

    def _run_of(self, task: Task) -> Run:
        return Run(task, self.member, self._workshop, self._make, self._take_next, self._seen == task.task_id)

    async def _make(self, start: protocol.Start, heard: Heard) -> Outcome:
        if self._is_let_go:
            return Lost(LET_GO)
        self._is_at_model = True
        self._give_back_turn()  # whose turn is next goes on when this one has been told to start
        try:
            return await self.member.run(start, heard)
        except asyncio.CancelledError:
            if self._loop is None or not self._loop.cancelling():  # not ours: something on the way to it gave up
                return Lost("its run was canceled on the way")
            if not self._is_let_go or self._loop.uncancel():
                raise
            return Lost(LET_GO)
        finally:
            self._is_at_model = False

    @contextlib.contextmanager
    def _empty_handed(self) -> Iterator[None]:
        self._is_empty_handed = True
        try:
            yield
        finally:
            self._is_empty_handed = False


def _is_its_failure(outcome: Outcome) -> bool:
    match outcome:
        case protocol.Failed(code=code):
            return code in (protocol.MODEL_ERROR, protocol.MODEL_OUT_OF_MEMORY)
        case Crashed() | Lost():
            return True
    return False
