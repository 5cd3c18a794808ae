"""One run with one seed: a front door, four workers, and faults while they work, each by itself or all at once."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster_runs import checks
from tests.cluster_runs.faults import FAULTS, MOST, Stage
from tests.cluster_runs.machines import Front, Worker, new_mark
from tests.live_server import GONE
from tests.uploads import Uploads

WORKERS = 4
ALL = "all at once"
TASKS_END_SECONDS = 300
PAUSE_SECONDS = 4.0  # between two strikes of one kind, at most


@dataclass
class Report:
    """What a run has done and found."""

    seed: int
    strikes: dict[str, int] = field(default_factory=dict)
    tasks: int = 0
    displacement: int = 0
    attempts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)  # by phase

    def line(self) -> str:
        times_of = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        struck = ", ".join(f"{name} {times}" for name, times in self.strikes.items())
        return (
            f"seed {self.seed}: {self.tasks} tasks; strikes: {struck}; phases: {times_of}; "
            f"first starts at most {self.displacement} places away, {self.attempts} attempts more than one"
        )


class Run:
    """Raises `AssertionError` at the first promise that is broken; `folder` keeps all logs then."""

    def __init__(self, folder: Path, seed: int, cut_seconds: float) -> None:
        self.report = Report(seed)
        self._mark = new_mark()
        self._folder = folder
        self._front = Front(folder, self._mark)
        self._random = random.Random(seed)
        self._cut_seconds = cut_seconds
        self._uploads = Uploads(self._front.api, f"cluster-{seed}")
        self._blameless: set[str] = set()  # tasks that no killed model can have had

    async def run(self, phases: list[str], tasks: int, tasks_at_last: int) -> Report:
        """Each phase has so many tasks, and that of all faults at once so many."""
        async with self._stage() as stage:
            for phase in phases:
                await self._phase(stage, phase, tasks_at_last if phase == ALL else tasks)
            await self._stop(stage)
        self._check(stage)
        return self.report

    @contextlib.asynccontextmanager
    async def _stage(self) -> AsyncIterator[Stage]:
        await self._front.start()  # which makes the authority
        workers: list[Worker] = []
        try:
            for number in range(1, WORKERS + 2):
                workers.append(await asyncio.to_thread(Worker, number, self._folder, self._front, self._mark))
            *workers_at_work, guest = workers
            for worker in workers_at_work:
                worker.start()
            for worker in workers_at_work:
                await worker.joined()
            yield Stage(self._front, workers_at_work, guest, self._random, self._cut_seconds)
        finally:
            for worker in workers:
                worker.bury()
            self._front.server.__exit__()

    async def _phase(self, stage: Stage, phase: str, tasks: int) -> None:
        began, reloaded, before = time.monotonic(), stage.reloaded, self._uploads.accepted
        names = list(FAULTS) if phase == ALL else [phase]
        self._uploads.begin(tasks)
        working = asyncio.create_task(self._all_ended())
        striking = [asyncio.create_task(self._strike(stage, name, working)) for name in names]
        try:
            await asyncio.gather(working, *striking)
        finally:
            for each in (working, *striking):
                each.cancel()
            await asyncio.gather(working, *striking, return_exceptions=True)
        if stage.reloaded == reloaded:
            self._blameless |= self._uploads.accepted - before
        self.report.seconds[phase] = time.monotonic() - began

    async def _strike(self, stage: Stage, name: str, working: "asyncio.Task[None]") -> None:
        """Once at least, and again as long as there is work."""
        for strike in range(MOST.get(name, 1000)):
            await stage.pause(PAUSE_SECONDS if strike else 1)
            await FAULTS[name](stage)
            self.report.strikes[name] = self.report.strikes.get(name, 0) + 1
            if working.done():
                return

    async def _all_ended(self) -> None:
        """Until each picture was accepted, and each task has ended; while the front door is away nobody knows."""
        async with asyncio.timeout(TASKS_END_SECONDS):
            while True:
                await self._front.is_up.wait()
                self._uploads.begin(0)  # what had no answer
                await self._uploads.settle()
                with contextlib.suppress(*GONE):
                    if await self._have_ended():
                        return

    async def _have_ended(self) -> bool:
        if len(self._uploads.accepted) < len(self._uploads.sent):
            return False
        api = self._front.api()
        for sent in self._uploads.sent:
            while (await api.status(sent.task_id))["finished_at"] is None:  # noqa: ASYNC110 - GONE ends it
                await asyncio.sleep(0.1)
        return True

    async def _stop(self, stage: Stage) -> None:
        """Everybody ends cleanly: half of the workers before the front door, half after it."""
        half = WORKERS // 2
        await asyncio.gather(*(worker.stop() for worker in stage.workers[:half]))
        assert await asyncio.to_thread(self._front.server.stop) == 0, "the front door did not end cleanly"
        await asyncio.gather(*(worker.stop() for worker in stage.workers[half:]))

    def _check(self, stage: Stage) -> None:
        everyone = [*stage.workers, stage.guest]
        log = self._front.server.log()
        rows = checks.whole(self._front.data_dir, self._uploads)
        checks.ended_once(rows, log)
        self.report.tasks = len(rows)
        self.report.displacement = checks.in_order(rows, log, WORKERS + 1)
        self.report.attempts = checks.attempts(rows, self._blameless, stage.reloaded)
        checks.nothing_left(self._mark, [self._front.disk, *(worker.disk for worker in everyone)])
        checks.nothing_untoward(dict(self._logs(everyone)) | {"front door": log})

    @staticmethod
    def _logs(workers: list[Worker]) -> Iterator[tuple[str, str]]:
        for worker in workers:
            if worker.was_started:
                yield worker.name, worker.log()
