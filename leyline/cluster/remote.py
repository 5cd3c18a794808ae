"""A model process of another machine, as the line sees it: what the seam wants, over the engine.

What is said comes from `front`, files go by `transfers`, and how the process is kept alive is its own machine's
business. Danger: it may vanish, freeze or come back at any moment. Each run ends exactly once, what comes for it
later finds no run, and when `run` has returned nothing is written to its paths any more.
"""

import asyncio
import binascii
import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from leyline.cluster import messages
from leyline.cluster.messages import Died, Goodbye, NotCarried, Printed, State, Still
from leyline.cluster.transfers import Transfers
from leyline.processes import protocol
from leyline.processes.output import LAST_BYTES, LAST_LINES, shown
from leyline.processes.protocol import Said
from leyline.processes.seam import Crashed, Heard, Lost, News, Outcome
from leyline.processes.states import ChildState
from leyline.text import fit_to_show

log = logging.getLogger("leyline.cluster")

MAX_STILL_TEXT = 28_000  # of a JPEG of 20 kB, in Base64
MAX_DETAIL = 300
PATIENCE = (
    3  # so many times the stall limit, and the time of a stalled transfer, and a run without a word is given up
)
PATIENCE_SECONDS = 60.0
# Who cannot take pictures or bring videos, as with a full disk, rests: it is idle before everybody else, and would
# use up all runs of the whole line within seconds. Twice as long each time, until a video of it has arrived.
SHORTEST_REST_SECONDS, LONGEST_REST_SECONDS = 1.0, 60.0
RESTS = "Pictures do not reach this machine, or videos do not get back. It is tried again after a pause."
OPEN_STATES = {ChildState.LOADING, ChildState.READY, ChildState.BUSY, ChildState.RESTARTING, ChildState.FAILED}


class Run:
    """The run that a member is at work on."""

    def __init__(self, start: protocol.Start, heard: Heard, transfers: Transfers) -> None:
        self.start = start
        self.heard = heard
        self.picture_path, self.video_path = Path(start.picture_path), Path(start.video_path)
        self.preview_path = Path(start.preview_path)
        self.video_bytes = -1
        self.transfers: set[asyncio.Task[Any]] = set()
        self.end: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.last_sign = monotonic()
        self.is_over_there = False  # as the member has said
        self._files = transfers
        self._still: asyncio.Task[None] | None = None

    def stirs(self) -> None:
        self.last_sign = monotonic()

    def disk_failed(self, error: OSError) -> None:
        start = self.start
        self.ends(protocol.Failed(start.task_id, start.run, protocol.DISK_FULL, str(error)))

    def ends(self, outcome: Outcome) -> None:
        if not self.end.done():
            self.end.set_result(outcome)

    def tells(self, news: News) -> None:
        if not self.end.done():
            self.heard(news)

    def shows(self, still: Still) -> None:
        """Put a preview in its place, and tell of it then; who is faster than the disk skips some."""
        if len(still.picture) <= MAX_STILL_TEXT and (self._still is None or self._still.done()):
            self._still = asyncio.create_task(self._keep(still))
            self.transfers.add(self._still)
            self._still.add_done_callback(self.transfers.discard)

    async def _keep(self, still: Still) -> None:
        try:
            await self._files.keep_still(self.preview_path, still.picture)
        except (OSError, binascii.Error) as error:
            log.warning("event=preview_not_kept task=%s error=%r", still.task_id, str(error))
        else:
            self.tells(protocol.Preview(still.task_id, still.run, still.revision))

    async def close(self) -> None:
        """Nothing is written for it any more."""
        while self.transfers:
            for transfer in self.transfers:
                transfer.cancel()
            await asyncio.wait(self.transfers)


class RemoteModel:
    """One member of the fleet that has joined. `on_state` is called at each change of `state`, `idle` or `detail`.

    `say` says something to it, `on_schema` gets what its model lets people choose, before it is ready, and answers
    with a sentence when it may not stay. `on_last` is called when its connection has
    to end, `on_stop` when it is let go.
    """

    def __init__(
        self,
        name: str,
        machine: str,
        transfers: Transfers,
        *,
        stall_seconds: float,
        say: Callable[[Said], None],
        on_state: Callable[[], None],
        on_schema: Callable[[str], str | None],
        on_last: Callable[[], None],
        on_stop: Callable[[], None],
    ) -> None:
        self.name, self.machine = name, machine
        self.spawned = 0
        self.pid: int | None = None
        self.schema: str | None = None  # as it said itself
        self._told, self._detail = ChildState.LOADING, ""
        self._transfers = transfers
        self._patience = PATIENCE * stall_seconds + PATIENCE_SECONDS
        self._say, self._on_state, self._on_schema = say, on_state, on_schema
        self._on_last, self._on_stop = on_last, on_stop
        self._running: Run | None = None
        self._lines: tuple[str, int, list[str]] = "", 0, []  # of the run at work, or that ended last
        self.left = ""  # why it has gone
        self._rest: asyncio.TimerHandle | None = None  # while it lasts
        self._rest_seconds = SHORTEST_REST_SECONDS  # of the next one
        self._idle = asyncio.Event()

    @property
    def state(self) -> ChildState:
        if self.left:
            return ChildState.STOPPED
        if self._told is ChildState.READY and self._running:
            return ChildState.BUSY  # it is on its way there, or back
        if self._told is ChildState.READY and self._rest:
            return ChildState.FAILED
        return self._told

    @property
    def detail(self) -> str:
        if self.state is not ChildState.FAILED:
            return ""
        return self._detail if self._told is ChildState.FAILED else RESTS

    @property
    def idle(self) -> bool:
        return self.state is ChildState.READY

    @property
    def running(self) -> Run | None:
        return self._running

    async def ready(self) -> None:
        """Wait until the model is loaded and idle; for ever, once it has left."""
        await self._idle.wait()

    async def run(self, start: protocol.Start, heard: Heard) -> Outcome:
        """Give the idle member a run, and wait for its end."""
        if not self.idle:  # it has left since the claim
            return Lost(self.left or "it was not idle any more")
        nowhere = protocol.Start(start.task_id, start.run, "", "", "", start.parameters)
        messages.encode(nowhere)  # a `ProtocolError`, before anything has begun
        self._running = run = Run(start, heard, self._transfers)
        self._lines = start.task_id, start.run, []
        self._say(nowhere)
        self._changed()
        try:
            return await self._end_of(run)
        finally:
            if not run.is_over_there:
                run.end.cancel()
                self._say(protocol.Cancel(start.task_id, start.run))  # nobody wants it any more
            self._running = None  # what comes now finds no run
            await run.close()
            self._changed()

    async def _end_of(self, run: Run) -> Outcome:
        while True:
            left = run.last_sign + self._patience - monotonic()
            if left <= 0:
                self._on_last()
                return Lost(f"its machine said nothing of the run for {self._patience:g} s")
            done, _ = await asyncio.wait([run.end], timeout=left)
            if done:
                return run.end.result()

    def cancel(self, task_id: str, run: int) -> None:
        """Have its machine ask the model to stop this run; nothing for any other."""
        if self._is_at(task_id, run):
            self._say(protocol.Cancel(task_id, run))

    def last_lines(self, task_id: str, run: int) -> list[str]:
        return self._lines[2] if self._lines[:2] == (task_id, run) else []

    async def stop(self) -> None:
        """Let it go: it ends its model process, and leaves."""
        if not self.left:
            self._on_stop()

    # What it says

    def hear(self, message: messages.FromMember) -> None:
        """It said something; `ProtocolError` for what it may not say."""
        match message:
            case State():
                self._hear_state(message)
            case protocol.ModelReady(schema=schema):
                self.schema = schema
                refusal = self._on_schema(schema)
                if refusal:
                    self.refuse(refusal)
            case Goodbye(reason=reason):
                self.leave(f"it left: {fit_to_show(reason, MAX_DETAIL)}")
                self._on_last()
            case _:
                self._hear_of_run(message)

    def refuse(self, sentence: str) -> None:
        """It may not stay."""
        log.error("event=member_refused member=%r reason=%r", self.name, sentence)
        self._say(messages.Refused(sentence))
        self.leave("it was refused")
        self._on_last()

    def leave(self, reason: str) -> None:
        """It has gone; the run that it had is lost."""
        if self.left:
            return
        self.left = reason
        if self._rest:
            self._rest.cancel()
        if self._running:
            self._running.ends(Lost(reason))
        self._changed()

    def _hear_state(self, told: State) -> None:
        if told.state not in OPEN_STATES:
            raise protocol.ProtocolError("a state of a member that is none")
        self._told = ChildState(told.state)
        self._detail = fit_to_show(told.detail, MAX_DETAIL)
        self.spawned, self.pid = told.spawned, told.pid
        self._changed()

    def _hear_of_run(self, message: messages.OfARun) -> None:
        run = self._running
        if run is None or not self._is_at(message.task_id, message.run):
            return  # too late
        run.stirs()
        run.is_over_there = isinstance(message, messages.ENDS)
        match message:
            case protocol.Progress() | protocol.Grown():
                run.tells(message)
            case Still():
                run.shows(message)
            case Printed(lines=lines):
                printed = lines.encode("utf-8", "replace")[-LAST_BYTES:].split(b"\n")[-LAST_LINES:]
                self._lines = message.task_id, message.run, list(filter(None, map(shown, printed)))
            case protocol.Done():
                arrived = run.video_bytes >= 0
                if arrived:
                    self._rest_seconds = SHORTEST_REST_SECONDS
                run.ends(message if arrived else Lost("it said that it was done before its video had arrived"))
            case protocol.Failed():
                run.ends(message)
            case Died(detail=detail, reason=reason, began=began):
                run.ends(Crashed(fit_to_show(detail, MAX_DETAIL), fit_to_show(reason, MAX_DETAIL), began))
            case NotCarried(reason=reason):
                self._begin_rest()
                run.ends(Lost(fit_to_show(reason, MAX_DETAIL)))

    def _begin_rest(self) -> None:
        if self._rest:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self._rest_seconds, self._end_rest)
        self._rest_seconds = min(2 * self._rest_seconds, LONGEST_REST_SECONDS)

    def _end_rest(self) -> None:
        self._rest = None
        self._changed()

    def _is_at(self, task_id: str, run: int) -> bool:
        return self._running is not None and (self._running.start.task_id, self._running.start.run) == (
            task_id,
            run,
        )

    def _changed(self) -> None:
        if self.idle:
            self._idle.set()
        else:
            self._idle.clear()
        self._on_state()
