"""a front door with a thousand workers: what each costs it, how late its loop is, when the next task is begun"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from leyline.line.store import TaskStore
from tests.bench.cluster import NO_LIMITS, crowd
from tests.cluster.machines import front_door
from tests.integration.store_contract import moves_of, new_task
from tests.live_server import Api, LiveServer
from tests.pictures import photo, snapshot

MEMBERS = 1_300
BUSY = 300
OF_ONE_PROCESS = 250
UPLOADS, UPLOADERS, PHOTOGRAPH = 64, 8, (2500, 1600)
RUN_SECONDS = 20
ROUNDS = 3  # of tasks for each member
MORE = 40  # uploads while others are busy
QUICK_MEMBERS, QUICK_TASKS = 16, 400
REST_SECONDS = 20
PATIENCE_SECONDS = 400  # a thousand members of a few processes do not join at once
LATE_SECONDS = (0.01, 0.05, 0.25)


@dataclass(frozen=True)
class Cost:
    """What a front door has used so far, in seconds; `waited` is for a processor that others had."""

    at: float
    loop: float
    waited: float
    all_threads: float

    @classmethod
    def now(cls, server: LiveServer) -> "Cost":
        assert server.process
        process = Path(f"/proc/{server.process.pid}")
        ran, waited, _ = (process / "task" / process.name / "schedstat").read_text().split()
        ticks = (process / "stat").read_text().rpartition(") ")[2].split()
        return cls(time.monotonic(), int(ran) / 1e9, int(waited) / 1e9, (int(ticks[11]) + int(ticks[12])) / 100)

    def __sub__(self, before: "Cost") -> "Cost":
        return Cost(
            self.at - before.at,
            self.loop - before.loop,
            self.waited - before.waited,
            self.all_threads - before.all_threads,
        )


async def measure(folder: Path) -> dict[str, float]:
    """Real front doors, and members that pretend to have a model, in a few processes of this machine."""
    figures: dict[str, float] = {}
    parts = {"uploads": _uploads, "quick": _quick, "busy": _with_a_backlog, "many": _many}
    for name, part in parts.items():
        (folder / name).mkdir()
        found = await part(folder / name)
        figures |= {f"{name}: {what}": figure for what, figure in found.items()}
        for what, figure in found.items():
            print(f"  {name:<8} {what:<52}{figure:10.3f}")
    return figures


async def _uploads(folder: Path) -> dict[str, float]:
    """What a photograph costs the front door itself, and the helpers that read it."""
    pictures = [snapshot(number, PHOTOGRAPH) for number in range(UPLOADS)]
    with front_door(folder / "data", **NO_LIMITS) as server:
        api = Api(server.url)
        await asyncio.gather(*(api.upload(picture) for picture in pictures[:UPLOADERS]))  # the helpers have begun
        before, helpers = Cost.now(server), _of_children(server)
        waiting = iter(pictures)

        async def client() -> None:
            for picture in waiting:
                status, _ = await api.upload(picture)
                assert status == 202

        await asyncio.gather(*(client() for _ in range(UPLOADERS)))
        spent = Cost.now(server) - before
        helpers = _of_children(server) - helpers
    return {
        "processor of the server for an upload, ms": 1000 * spent.all_threads / UPLOADS,
        "of that on the event loop, ms": 1000 * spent.loop / UPLOADS,
        "processor of the helpers for an upload, ms": 1000 * helpers / UPLOADS,
        "uploads a second": UPLOADS / spent.at,
    }


async def _quick(folder: Path) -> dict[str, float]:
    """Models that take no time: what a task costs the front door, from its claim to its video."""
    await filled(folder / "data", QUICK_TASKS)
    with front_door(folder / "data", **NO_LIMITS, worker_silence_seconds=30) as server:
        api = Operator(server)
        with crowds(folder, server, QUICK_MEMBERS, "--seconds", "0", "--megabytes", "0.02"):
            await api.members(QUICK_MEMBERS)
            spent = await _all_made(api, server)
    return {
        "processor of a task, ms": 1000 * spent.all_threads / QUICK_TASKS,
        "of that on the event loop, ms": 1000 * spent.loop / QUICK_TASKS,
        "tasks a second": QUICK_TASKS / spent.at,
        "share of the time spent waiting for a processor": spent.waited / spent.at,
    }


async def _with_a_backlog(folder: Path) -> dict[str, float]:
    """All are busy, and more waits: from the end of a run to the start of the next."""
    await filled(folder / "data", BUSY * ROUNDS)
    words = ("--seconds", str(RUN_SECONDS), "--megabytes", "0.5", "--tell")
    with front_door(folder / "data", **NO_LIMITS, worker_silence_seconds=30) as server:
        api = Operator(server)
        with crowds(folder, server, BUSY, *words, tells=True):
            await api.members(BUSY)
            before = await api.lags()
            spent = await _all_made(api, server)
            late = _late(before, await api.lags())
    gaps = _gaps(folder)
    return {
        "gap between two runs, ms": median(gaps),
        "gap between two runs at 99 %, ms": quantiles(gaps, n=100)[-1],
        "processor of a task, ms": 1000 * spent.all_threads / (BUSY * ROUNDS),
        "share of a processor of the event loop": spent.loop / spent.at,
        "share of the time spent waiting for a processor": spent.waited / spent.at,
        **late,
    }


async def _many(folder: Path) -> dict[str, float]:
    """A thousand idle, then 300 busy besides, and somebody uploads."""
    await filled(folder / "data", BUSY)
    with front_door(folder / "data", **NO_LIMITS, worker_silence_seconds=30) as server:
        api = Operator(server)
        await asyncio.sleep(1)
        kilobytes, began = _kilobytes(server), time.monotonic()
        with crowds(folder, server, MEMBERS, "--seconds", "30", "--megabytes", "0.5"):
            await api.members(MEMBERS)
            joined_within = time.monotonic() - began
            await asyncio.sleep(5)
            before, rested = await api.lags(), Cost.now(server)
            await asyncio.sleep(REST_SECONDS)
            rested = Cost.now(server) - rested
            at_rest = _late(before, await api.lags())
            each = (_kilobytes(server) - kilobytes) / MEMBERS
            await api.resume()
            await api.queue(lambda line: line["waiting"] == 0)
            before = await api.lags()
            delays = [await _delay(api, number) for number in range(MORE)]
            busy = _late(before, await api.lags())
    return {
        "memory of a member, kB": each,
        "processor of an idle member, %": 100 * rested.all_threads / rested.at / MEMBERS,
        "all have joined within, s": joined_within,
        "at rest, share waiting for a processor": rested.waited / rested.at,
        **{f"at rest, {what}": share for what, share in at_rest.items()},
        "from accepted to claimed, ms": median(delays),
        "from accepted to claimed at 99 %, ms": quantiles(delays, n=100)[-1],
        **{f"300 busy, {what}": share for what, share in busy.items()},
    }


async def filled(data: Path, tasks: int) -> None:
    """A data folder with so many tasks in line, and paused."""
    (data / "pictures").mkdir(parents=True)
    store = TaskStore(data / "leyline.db")
    moves = moves_of(store)
    await asyncio.gather(*(moves.enter(new_task(n)) for n in range(tasks)))
    await moves.pause(True)
    store.close()
    picture = photo()
    for number in range(tasks):
        (data / "pictures" / f"{number:032x}.jpg").write_bytes(picture)
        (data / "pictures" / f"{number:032x}.thumbnail.jpg").write_bytes(picture)


@contextmanager
def crowds(folder: Path, server: LiveServer, members: int, *words: str, tells: bool = False) -> Iterator[None]:
    """So many members, in a few processes, gone with the block."""
    with ExitStack() as stack:
        for number, first in enumerate(range(0, members, OF_ONE_PROCESS)):
            told = (str(folder / f"told-{number}"),) if tells else ()
            some = str(min(OF_ONE_PROCESS, members - first))
            stack.enter_context(crowd(folder / f"crowd-{number}", server, "--members", some, *words, *told))
        yield


class Operator(Api):
    """Who may ask a front door everything."""

    def __init__(self, server: LiveServer) -> None:
        super().__init__(server.url)
        token = (server.data_dir / "operator-token").read_text().strip()
        self._may = {"Authorization": f"Bearer {token}"}

    async def resume(self) -> None:
        await self.call("POST", "/api/queue/resume", headers=self._may)

    async def members(self, number: int) -> None:
        """Wait until so many work, or would."""

        def at_work(line: dict[str, Any]) -> bool:
            found = line["model"]["processes"]
            return bool(found.get("ready", 0) + found.get("busy", 0) == number)

        await self.queue(at_work)

    async def queue(self, matches: Any) -> None:
        """Wait until what is told of the line matches."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not matches((await self.call("GET", "/api/queue"))[1]):  # noqa: ASYNC110
                await asyncio.sleep(0.25)

    async def lags(self) -> dict[float, float]:
        """How many beats of the event loop were late by at most so many seconds."""
        text = (await self.request("GET", "/metrics", headers=self._may)).body.decode()
        found = re.findall(r'leyline_event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
        return {float(most): float(count) for most, count in found}


def _late(before: dict[float, float], after: dict[float, float]) -> dict[str, float]:
    """The share of beats that were later than each of `LATE_SECONDS`."""
    beats = {most: after[most] - before[most] for most in after}
    return {
        f"beats later than {1000 * most:.0f} ms": 1 - beats[most] / beats[float("inf")] for most in LATE_SECONDS
    }


async def _all_made(api: Operator, server: LiveServer) -> Cost:
    """What it costs to make all that waits."""
    before = Cost.now(server)
    await api.resume()
    await api.queue(lambda line: line["waiting"] + line["running"] == 0)
    return Cost.now(server) - before


async def _delay(api: Operator, number: int) -> float:
    """Milliseconds from an upload's acceptance to its claim, by the front door's own clock."""
    _, task = await api.upload(photo(number))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (told := await api.status(task["task_id"]))["started_at"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    accepted, claimed = (datetime.fromisoformat(told[name]) for name in ("created_at", "started_at"))
    return 1000 * (claimed - accepted).total_seconds()


def _gaps(folder: Path) -> list[float]:
    runs = defaultdict(list)
    for told in folder.glob("told-*"):
        for line in told.read_text().splitlines():
            number, began, ended = line.split()
            runs[told.name, number].append((float(began), float(ended)))
    return [1000 * (after[0] - before[1]) for each in runs.values() for before, after in pairwise(sorted(each))]


def _of_children(server: LiveServer) -> float:
    """Seconds of a processor that its living children have used."""
    stats = [Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2].split() for child in server.children()]
    return sum(int(each[11]) + int(each[12]) for each in stats) / 100


def _kilobytes(server: LiveServer) -> int:
    assert server.process
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
