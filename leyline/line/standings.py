"""The waiting line: who stands where, and when each will be ready.

The order itself is the store's; how it is shown is left to `web`. Estimates are honest guesses: from the
running task's progress, else from the last runs, else from the configured prior; time spent waiting is
never counted as run time.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from leyline.line.events import Events, Live
from leyline.line.store import LineState, TaskStore
from leyline.line.tasks import Task

log = logging.getLogger("leyline.line")

PROGRESS_TO_TRUST = 5.0  # percent; below it the run's own speed says too little
STEADY_SECONDS = 1.0  # an estimate that moved by less is left as it was said
TICK_SECONDS = 1.0  # how often, at most, people hear of changes in the line
SETTLE_SECONDS = 0.05  # who enters an empty line leaves it at once for the model: one change, told once


class Basis(StrEnum):
    PRIOR = "prior"  # the configured guess: nothing has run yet
    HISTORY = "history"  # the median of the last runs
    PROGRESS = "progress"  # the run's own progress


@dataclass(frozen=True)
class Eta:
    """When a task will be ready, in seconds since 1970, and what the guess rests on."""

    ready_at: float
    basis: Basis


@dataclass(frozen=True)
class Standing:
    """Where one task stands: its position (1 = next; None when it runs), of how many, and its estimate."""

    position: int | None
    size: int
    eta: Eta


@dataclass(frozen=True)
class Told:
    """What people were told last: which version of the line, a newcomer's estimate, when (monotonic clock)."""

    version: int = -1
    ready_at: float = 0.0
    at: float = -math.inf


class LineView:
    """The line as it was at one instant, with any number of tasks running. Positions are a look-up; estimates
    are arithmetic over `live`, the states of the runs."""

    def __init__(self, state: LineState, prior_seconds: float, live: Mapping[str, Live]) -> None:
        self.size = len(state.waiting)
        self.running = len(state.running)
        self.paused = state.paused
        self.run_seconds = median(state.run_seconds) if state.run_seconds else prior_seconds
        self.basis = Basis.HISTORY if state.run_seconds else Basis.PRIOR
        self._live = live
        self._running = [running.task_id for running in state.running]
        self._positions = {waiting.task_id: place for place, waiting in enumerate(state.waiting, 1)}
        last_to_first = [*enumerate(state.waiting, 1)][::-1]
        self._first_of_client = {waiting.client: place for place, waiting in last_to_first}
        self._first_of_network = {waiting.network: place for place, waiting in last_to_first}
        self._of_owner: dict[str, list[str]] = {}
        for waiting in (*state.running, *state.waiting):
            if waiting.owner is not None:
                self._of_owner.setdefault(waiting.owner, []).append(waiting.task_id)

    def position(self, task_id: str) -> int | None:
        return self._positions.get(task_id)

    def runs(self, task_id: str) -> bool:
        return task_id in self._running

    def of_owner(self, owner: str | None) -> list[str]:
        """The owner's running and waiting tasks, first to last."""
        return self._of_owner.get(owner, []) if owner is not None else []

    def everybody(self) -> list[str]:
        """All running and waiting tasks, first to last."""
        return [*self._running, *self._positions]

    def has(self, task_id: str) -> bool:
        return task_id in self._positions or self.runs(task_id)

    def remaining_seconds(self, task_id: str) -> tuple[float, Basis]:
        """What is left of this task's run."""
        live = self._live.get(task_id)
        elapsed = time.monotonic() - live.started if live else 0.0
        if live and live.progress > PROGRESS_TO_TRUST:
            return elapsed * (100 - live.progress) / live.progress, Basis.PROGRESS
        return max(self.run_seconds - elapsed, 0.0), self.basis

    def seconds_until_start(self, position: int) -> float:
        """Until the task at this position is claimed, as long as the line is not paused: each run that ends
        makes room for the next in line, and each of those for another after its own run."""
        ends = sorted(self.remaining_seconds(task_id)[0] for task_id in self._running) or [0.0]
        rounds, turn = divmod(position - 1, len(ends))
        return ends[turn] + rounds * self.run_seconds

    def seconds_until_ready(self, position: int) -> float:
        """Until the task at this position has its video, as long as the line is not paused."""
        return self.seconds_until_start(position) + self.run_seconds

    def seconds_until_room(self, client: str | None, network: str | None) -> float:
        """Until one more may stand in line: when its first task starts, or the client's or network's own first."""
        first = self._first_of_client.get(client or "", self._first_of_network.get(network, 1) if network else 1)
        pause = self.run_seconds if self.paused else 0.0  # nobody knows; ask again then
        return self.seconds_until_start(first) + pause


class Line:
    """The newest view of the line, read again when something changed."""

    def __init__(self, store: TaskStore, events: Events, prior_seconds: float) -> None:
        self._store = store
        self._events = events
        self._prior_seconds = prior_seconds
        self._reading: asyncio.Future[LineView] | None = None
        self._reading_version = 0
        self._said: dict[str, Eta] = {}

    async def announce(self) -> None:
        """Tell everybody when the line or its estimates changed: at once, and at most every second. Endless."""
        told = Told()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):  # an estimate drifts without any move
                    await self._events.line_beyond(told.version)
            await asyncio.sleep(max(SETTLE_SECONDS, told.at + TICK_SECONDS - time.monotonic()))
            try:
                told = await self._tell_after(told)
            except Exception:  # a reading that failed; without a next one the page would stand still
                log.exception("event=bug in=line")

    async def _tell_after(self, told: Told) -> Told:
        """Tell people unless what they were told last still holds; what they know now."""
        version = self._events.line_version  # noted before reading: a change meanwhile is told next
        ready_at = time.time() + await self.seconds_for_newcomer()
        moved = abs(ready_at - told.ready_at) > STEADY_SECONDS and self._events.live
        if version == told.version and not moved:
            return told
        self._events.tell_line()
        return Told(version, ready_at, time.monotonic())

    async def view(self) -> LineView:
        """The line as it is now. Who asks at the same moment shares one reading."""
        version = self._events.line_version
        if self._reading is None or self._reading_version != version:
            self._reading, self._reading_version = asyncio.ensure_future(self._read()), version
        try:
            return await asyncio.shield(self._reading)
        except Exception:
            self._reading = None
            raise

    async def _read(self) -> LineView:
        view = LineView(await self._store.line(), self._prior_seconds, self._events.live)
        self._said = {task_id: eta for task_id, eta in self._said.items() if view.has(task_id)}
        return view

    async def standing(self, task: Task) -> Standing | None:
        """Where the task stands; None when it is neither in line nor running."""
        return None if task.finished else self.standing_in(await self.view(), task.task_id)

    def standing_in(self, view: LineView, task_id: str) -> Standing | None:
        """Where the task stands in this view of the line."""
        if view.runs(task_id):
            return Standing(None, view.size, self._steady(task_id, *view.remaining_seconds(task_id)))
        position = view.position(task_id)
        if position is None:
            return None
        eta = self._steady(task_id, view.seconds_until_ready(position), view.basis)
        return Standing(position, view.size, eta)

    async def seconds_for_newcomer(self) -> float:
        """Until a picture sent now would have its video."""
        view = await self.view()
        return view.seconds_until_ready(view.size + 1)

    async def seconds_until_room(self, client: str | None = None, network: str | None = None) -> float:
        """Until one more may stand in line, or one more of this client or network: for those who find it full."""
        return max((await self.view()).seconds_until_room(client, network), 1.0)

    def _steady(self, task_id: str, seconds: float, basis: Basis) -> Eta:
        """Say the same time again until it has moved by more than a second, so that no clock jitters."""
        eta = Eta(time.time() + seconds, basis)
        said = self._said.get(task_id)
        if said and said.basis is basis and abs(said.ready_at - eta.ready_at) <= STEADY_SECONDS:
            return said
        self._said[task_id] = eta
        return eta
