"""The waiting line: who stands where, and when each will be ready.

The order itself is the index's, who makes what the fleet's; how it is shown is left to `web`. Estimates are honest
guesses: from the running task's progress where it has always told its share, else from the last runs, else from the
configured prior; time spent waiting is never counted as run time. While nobody can know when the next run begins
there is none, but the reason.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from statistics import median
from typing import Protocol

from leyline.line.ends import Ends
from leyline.line.events import Events
from leyline.line.index import LineIndex
from leyline.processes.states import ChildState

log = logging.getLogger("leyline.line")

PROGRESS_TO_TRUST = 5.0  # percent; below it the run's own speed says too little
STEADY_SECONDS = 1.0  # an estimate that moved by less is left as it was said
TICK_SECONDS = 1.0  # how often, at most, people hear of changes in the line
FORGOTTEN_TOGETHER = 100
DEEP_SECONDS = 5.0  # how often, at most, those hear of theirs who are deep in it
NEAR_FRONT = 10  # positions that are not deep
FEW_MODELS = 4  # whose ends are reckoned for each who asks; of more they hold for a moment
ENDS_SECONDS = 0.1
SETTLE_SECONDS = 0.05  # who enters an empty line leaves it at once for the model: one change, told once


class Basis(StrEnum):
    PRIOR = "prior"  # the configured guess: nothing has run yet
    HISTORY = "history"  # the median of the last runs
    PROGRESS = "progress"  # the run's own progress


class EtaReason(StrEnum):
    """Why nobody knows when a task will be ready."""

    PAUSED = "paused"  # the operator paused the line
    MODEL_LOADING = "model_loading"  # the model is being started, or started again
    MODEL_FAILED = "model_failed"  # the model does not start


BEGINS_NOTHING = {
    ChildState.STOPPED: EtaReason.MODEL_LOADING,
    ChildState.LOADING: EtaReason.MODEL_LOADING,
    ChildState.RESTARTING: EtaReason.MODEL_LOADING,
    ChildState.FAILED: EtaReason.MODEL_FAILED,
}


@dataclass(frozen=True)
class Eta:
    """When a task will be ready, in seconds since 1970, and what the guess rests on."""

    ready_at: float
    basis: Basis


@dataclass(frozen=True)
class Standing:
    """Where one task stands: its position (1 = next; None when it runs), of how many, and when it will be ready."""

    position: int | None
    size: int
    eta: Eta | EtaReason


@dataclass(frozen=True)
class Told:
    """What people were told last: which version of the line, a newcomer's estimate, when (monotonic clock); when
    those deep in the line were, too, and whether they have yet to hear of something."""

    version: int = -1
    eta: Eta | EtaReason = EtaReason.PAUSED
    at: float = -math.inf
    deep_at: float = -math.inf
    owes_deep: bool = False


class Models(Protocol):
    """What estimates rest on of the model processes, all together: the fleet as it is seen here."""

    @property
    def version(self) -> int:
        """Another one after each change."""

    @property
    def takers_state(self) -> ChildState:
        """Of all together that take another task after what they have in hand."""

    def takers(self) -> Iterable[str | None]:
        """The task that each of those has, None for one that is idle; not those that do not work yet, or again."""

    def is_made(self, task_id: str) -> bool:
        """Whether one of them is at it."""


class Line:
    """Where everybody stands at this moment: positions are look-ups in the index, estimates are arithmetic over
    `live`, the states of the runs. Nothing here waits."""

    def __init__(
        self,
        index: LineIndex,
        events: Events,
        prior_seconds: float,
        models: Models,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is by which people are told."""
        self._index = index
        self._events = events
        self._prior_seconds = prior_seconds
        self._models = models
        self._clock = clock
        self._said: dict[str, Eta] = {}
        self._ends: tuple[object, float, Ends] | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._index.size

    @property
    def running(self) -> int:
        """How many run."""
        return len(self._index.running)

    @property
    def paused(self) -> bool:
        return self._index.paused

    @property
    def is_fair(self) -> bool:
        return self._index.is_fair

    @property
    def run_seconds(self) -> float:
        """How long a run takes, by the last ones; the configured guess before the first."""
        return median(self._index.run_seconds) if self._index.run_seconds else self._prior_seconds

    @property
    def basis(self) -> Basis:
        return Basis.HISTORY if self._index.run_seconds else Basis.PRIOR

    def standing(self, task_id: str) -> Standing | None:
        """Where the task stands; None when it is neither in line nor running."""
        if self._index.runs(task_id):
            waits_for = None if self._models.is_made(task_id) else self._models_begin_nothing
            eta = waits_for or self._steady(task_id, *self.remaining_seconds(task_id))
            return Standing(None, self.waiting, eta)
        position = self._index.position(task_id)
        if position is None:
            return None
        eta = self._nothing_begins or self._steady(task_id, self.seconds_until_ready(position), self.basis)
        return Standing(position, self.waiting, eta)

    def of_owner(self, owner: str | None, task_ids: Iterable[str] = ()) -> list[str]:
        """The owner's running and waiting tasks, first to last, and of those named who is in line."""
        named = (task_id for task_id in task_ids if self._index.runs(task_id) or self._index.waits(task_id))
        return list(dict.fromkeys(chain(self._index.of_owner(owner), named)))

    def is_near(self, task_id: str) -> bool:
        """Whether it is at work or near the front of the line, and hears of each change at once."""
        position = self._index.position(task_id)
        return position is None or position <= NEAR_FRONT

    def everybody(self) -> list[str]:
        """All running and waiting tasks, first to last."""
        return self._index.everybody()

    def first(self, running: int, waiting: int) -> list[str]:
        """At most so many of those who run, and of those who wait the first."""
        return self._index.first(running, waiting)

    # Estimates

    def position_for(self, client: str = "", network: str | None = None) -> int:
        """Where a picture of this client would stand that was sent now; by default, of one who has none here."""
        return self._index.position_for(client, network)

    def for_newcomer(self, position: int | None = None) -> Eta | EtaReason:
        """When a picture sent now would have its video, or why nobody knows; `position` is that for its sender."""
        seconds = self.seconds_until_ready(position or self.position_for())
        return self._nothing_begins or Eta(time.time() + seconds, self.basis)

    @property
    def _nothing_begins(self) -> EtaReason | None:
        """Why nobody knows when the next run begins."""
        return EtaReason.PAUSED if self.paused else self._models_begin_nothing

    @property
    def _models_begin_nothing(self) -> EtaReason | None:
        """The same where the model is the reason: then what is told to run, and is not, is about to begin anew."""
        return BEGINS_NOTHING.get(self._models.takers_state)

    def remaining_seconds(self, task_id: str) -> tuple[float, Basis]:
        """What is left of this task's run."""
        live = self._events.live.get(task_id)
        elapsed = time.monotonic() - live.started if live else 0.0
        share = live.progress if live and live.is_measured else None
        if share and share > PROGRESS_TO_TRUST:
            return elapsed * (100 - share) / share, Basis.PROGRESS
        return max(self.run_seconds - elapsed, 0.0), self.basis

    def seconds_until_start(self, position: int) -> float:
        """Until the task at this position is claimed, as long as the line is not paused: each run that ends
        makes room for the next in line, and each of those for another after its own run. What has yet to be loaded
        makes none."""
        return self._ends_now().start_of(position)

    def _ends_now(self) -> Ends:
        version, now = (self._events.line_version, self._models.version), time.monotonic()
        if self._ends and self._ends[0] == version and now < self._ends[1]:
            return self._ends[2]
        left = (self.remaining_seconds(task_id)[0] if task_id else 0.0 for task_id in self._models.takers())
        ends = Ends(left, self.run_seconds)
        self._ends = (version, now + ENDS_SECONDS, ends) if len(ends) > FEW_MODELS else None
        return ends

    def seconds_until_ready(self, position: int) -> float:
        """Until the task at this position has its video, as long as the line is not paused."""
        return self.seconds_until_start(position) + self.run_seconds

    def seconds_until_room(self, client: str | None = None, network: str | None = None) -> float:
        """Until one more may stand in line, or one more of this client or network: for those who find it full."""
        first = self._index.position_of_first(client) or self._index.position_of_first_in(network)
        pause = self.run_seconds if self.paused else 0.0  # nobody knows; ask again then
        return max(self.seconds_until_start(first or 1) + pause, 1.0)

    def _steady(self, task_id: str, seconds: float, basis: Basis) -> Eta:
        """Say the same time again until it has moved by more than a second, so that no clock jitters."""
        eta = Eta(time.time() + seconds, basis)
        said = self._said.get(task_id)
        if said and said.basis is basis and abs(said.ready_at - eta.ready_at) <= STEADY_SECONDS:
            return said
        self._said[task_id] = eta
        self._forget_who_left()
        return eta

    def _forget_who_left(self) -> None:
        """Now and then, so that it costs each who comes the same, however many have come."""
        if len(self._said) > 2 * (self.waiting + self.running) + FORGOTTEN_TOGETHER:
            self._said = {
                task_id: eta
                for task_id, eta in self._said.items()
                if self._index.waits(task_id) or self._index.runs(task_id)
            }

    # Telling people

    async def announce(self) -> None:
        """Tell everybody when the line or its estimates changed: at once, and at most every second; those who are
        deep in the line, at most every few seconds. Endless."""
        told = Told()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):  # an estimate drifts without any move
                    await self._events.line_beyond(told.version)
            await asyncio.sleep(max(SETTLE_SECONDS, told.at + TICK_SECONDS - self._clock()))
            try:
                told = self._tell_after(told)
            except Exception:  # a bug; without a next time the page would stand still
                log.exception("event=bug in=line")

    def _tell_after(self, told: Told) -> Told:
        """Tell people unless what they were told last still holds; what they know now."""
        now, eta = self._clock(), self.for_newcomer()
        is_news = self._events.line_version != told.version or self._has_moved(told.eta, eta)
        owes_deep = is_news or told.owes_deep
        deep = owes_deep and now >= told.deep_at + DEEP_SECONDS
        if not is_news and not deep:
            return told
        if is_news:
            self._events.tell_line(deep)
        else:
            self._events.tell_deep()
        deep_at = now if deep else told.deep_at
        eta_told, at = (eta, now) if is_news else (told.eta, told.at)
        return Told(self._events.line_version, eta_told, at, deep_at, owes_deep and not deep)

    def _has_moved(self, told: Eta | EtaReason, now: Eta | EtaReason) -> bool:
        if isinstance(told, Eta) and isinstance(now, Eta):  # with nobody running it drifts, and that is no news
            return bool(self._events.live) and abs(now.ready_at - told.ready_at) > STEADY_SECONDS
        return told != now
