"""The fleet: all model processes that are given work. Who joins, who leaves, and how all of them are together.

One loop each is left to `runner`, who claims next to `claims`, what the model process does to whoever satisfies the
seam. Danger: there may be a thousand of them, each with several changes a second; what is known of all together is
counted as it changes, and people hear of numbers at most once a second.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Iterable
from typing import Any

from leyline.line.claims import Claims
from leyline.line.disk import Disk
from leyline.line.events import Events
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.recovery import Recovery
from leyline.line.retention import Retention
from leyline.line.run import Workshop
from leyline.line.runner import Runner
from leyline.line.store import TaskStore
from leyline.media import Media
from leyline.processes.seam import Member
from leyline.processes.states import ChildState

log = logging.getLogger("leyline.line")

NOBODY = "There is no model process. Pictures wait until one joins."
TOLD_SECONDS = 1.0  # between two words on how many do what, while all together are as they were
# What is said of several: the first of these that any of them is in.
BEST_FIRST = (
    *(ChildState.BUSY, ChildState.READY, ChildState.LOADING),
    *(ChildState.RESTARTING, ChildState.FAILED, ChildState.STOPPED),
)


class NameTaken(Exception):
    """Another model process of this fleet has that name."""


class _Count:
    """How many are in which state."""

    def __init__(self) -> None:
        self.by_state = Counter[ChildState]()
        self.state = ChildState.LOADING  # of all together; nobody is like one who is awaited

    def add(self, state: ChildState, number: int = 1) -> None:
        self.by_state[state] += number
        self.state = next((state for state in BEST_FIRST if self.by_state[state]), ChildState.LOADING)


class Fleet:
    """Works through the line with all its members, each with one task at a time, until stopped."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        events: Events,
        media: Media,
        retention: Retention,
        known: KnownSchema,
        *,
        max_attempts: int,
    ) -> None:
        self._events = events
        self._disk = Disk(media, retention)
        self._recovery = Recovery(store, moves, media, self._disk)
        claims = Claims(self._recovery, self._disk)
        self._workshop = Workshop(moves.persistent(), events, media, self._disk, claims, known, max_attempts)
        self._runners: dict[str, Runner] = {}  # the members' by name, in the order in which they joined
        self._ending: set[Runner] = set()  # of those that have left, with a task in hand
        self._at_work: dict[str, Runner] = {}  # by task
        self._farewells: set[asyncio.Task[None]] = set()
        self._all, self._takers = _Count(), _Count()
        self._has_started = False
        self._told_state: ChildState | None = None
        self._told_soon: asyncio.TimerHandle | None = None
        self.version = 0  # grows with every change of a member, and of who they are

    async def recover(self) -> None:
        """Mend what the last server left; before anything runs."""
        await self._recovery.begin()

    def start(self) -> None:
        """Begin to work, with those who are members by now and those who join."""
        self._has_started = True
        for runner in self._runners.values():
            runner.start()

    async def stop(self) -> None:
        """Stop working, and all members; running tasks go back to their places, and no attempt is counted."""
        if self._told_soon:
            self._told_soon.cancel()
        stopping = [self._seen_off(runner.stop()) for runner in (*self._runners.values(), *self._ending)]
        await asyncio.gather(*stopping, *self._farewells)
        self._disk.close()

    # Who is in it

    def join(self, member: Member) -> None:
        """Give it work from now on. Raises `NameTaken`."""
        if member.name in self._runners:
            raise NameTaken(member.name)
        runner = self._runners[member.name] = Runner(member, self._workshop, self._at_work, self._ended)
        self._all.add(runner.state)
        self._takers.add(runner.state)
        if self._has_started:
            runner.start()
        log.info("event=joined model=%r machine=%r", member.name, member.machine)
        self._change()

    def leave(self, member: Member) -> None:
        """It has gone, and is told of no more; its last run is seen to its end. Safe to call twice."""
        runner = self._runners.get(member.name)
        if runner and runner.member is member:
            self._remove(runner)
            self._ending.add(runner)
            runner.end()

    def drain(self, name: str) -> Runner | None:
        """It finishes what it has and takes no other, and is stopped and leaves then; None where there is none."""
        runner = self._runners.get(name)
        if runner and not runner.ends:
            self._takers.add(runner.state, -1)
            runner.end()
            log.info("event=draining model=%r", name)
            self._change()
        return runner

    def let_go(self, name: str) -> Runner | None:
        """The same at once: what it has goes back, first in line, and no attempt counts."""
        runner = self.drain(name)
        if runner:
            runner.let_go()  # which may be at its task
        return runner

    def _ended(self, runner: Runner) -> None:
        """Its loop has ended by itself."""
        self._ending.discard(runner)
        if self._runners.get(runner.member.name) is runner:  # drained, or let go
            self._remove(runner)
            farewell = asyncio.ensure_future(self._seen_off(runner.member.stop()))
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)

    async def _seen_off(self, stop: Coroutine[Any, Any, None]) -> None:
        """Whatever goes wrong with one of them, the others are stopped."""
        try:
            await stop
        except Exception:
            log.exception("event=bug in=fleet")

    def _remove(self, runner: Runner) -> None:
        del self._runners[runner.member.name]
        log.info("event=left model=%r machine=%r", runner.member.name, runner.member.machine)
        self._all.add(runner.state, -1)
        if not runner.ends:
            self._takers.add(runner.state, -1)
        self._change()

    # How they are

    def changed(self, name: str) -> None:
        """To be called whenever the member's state has changed; nothing for who is none (yet, or any more)."""
        runner = self._runners.get(name)
        if runner is None:
            return
        if runner.state is not runner.member.state:
            for count in (self._all, *(() if runner.ends else (self._takers,))):
                count.add(runner.state, -1)
                count.add(runner.member.state)
            runner.state, runner.since = runner.member.state, time.time()
        self._change()

    def _change(self) -> None:
        """People hear at once of another state of all together, and soon of other numbers."""
        self.version += 1
        if len(self._runners) == 1 or self.state is not self._told_state:
            self._tell()
        elif self._told_soon is None:
            self._told_soon = asyncio.get_running_loop().call_later(TOLD_SECONDS, self._tell)

    def _tell(self) -> None:
        if self._told_soon:
            self._told_soon.cancel()
            self._told_soon = None
        self._told_state = self.state
        self._events.model_changed()

    @property
    def members(self) -> list[Runner]:
        """In the order in which they joined."""
        return list(self._runners.values())

    @property
    def state(self) -> ChildState:
        """Of all together."""
        return self._all.state

    @property
    def detail(self) -> str:
        """Why none of them works, as a sentence for people; else ""."""
        if not self._runners:
            return NOBODY
        if self.state is not ChildState.FAILED:
            return ""
        details = (runner.member.detail for runner in self._runners.values())
        return next(filter(None, details), "")

    @property
    def counts(self) -> dict[ChildState, int]:
        """How many are in each state."""
        return {state: self._all.by_state[state] for state in ChildState}

    # What the estimates rest on

    @property
    def takers_state(self) -> ChildState:
        """Of all together that take another task after what they have in hand."""
        return self._takers.state

    def takers(self) -> Iterable[str | None]:
        """The task that each of those has, None for one that is idle; not those that do not work yet, or again."""
        for runner in self._runners.values():
            if runner.works and not runner.ends:
                yield runner.task.task_id if runner.task else None

    def is_made(self, task_id: str) -> bool:
        """Whether one of them is at it."""
        runner = self._at_work.get(task_id)
        return runner is not None and runner.works

    # What is asked of the one that has a task

    def cancel(self, task_id: str, run: int) -> None:
        """Ask whoever makes this run to stop it; nothing where nobody does."""
        with contextlib.suppress(KeyError):
            self._at_work[task_id].member.cancel(task_id, run)

    def last_lines(self, task_id: str, run: int) -> list[str]:
        """What the model has printed last in this run, while it is made."""
        runner = self._at_work.get(task_id)
        return runner.member.last_lines(task_id, run) if runner else []
