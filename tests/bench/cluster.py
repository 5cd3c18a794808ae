"""from the end of one video to the start of the next on workers, progress from there, and what each worker costs"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import Api, LiveServer, tab
from tests.pictures import photo

MEMBERS = (1, 4, 16)
TASKS_EACH = 25
IDLE = 300
IDLE_SECONDS = 20
NO_LIMITS = {"uploads_per_minute": 0, "max_waiting": 0, "max_waiting_per_client": 0}


async def measure(folder: Path) -> dict[str, float]:
    """Real front doors, and members that pretend to have a model; in a few processes, on this machine."""
    figures: dict[str, float] = {}
    for name in (*map(str, MEMBERS), "progress", "idle"):
        (folder / name).mkdir()
    for members in MEMBERS:
        gaps, a_second = await _gaps(folder / str(members), members)
        shown = f"{median(gaps):7.1f} ms gap   {_at_99(gaps):7.1f} ms at 99 %   {a_second:6.1f} videos/s"
        print(f"  {members:3} members         {shown}")
        figures |= {
            f"gap with {members} members, ms": median(gaps),
            f"gap with {members} members at 99 %, ms": _at_99(gaps),
            f"videos of no time at all with {members} members, 1/s": a_second,
        }
    delays = await _delays(folder / "progress")
    print(f"  progress, to a socket  {median(delays):7.1f} ms median   {_at_99(delays):7.1f} ms at 99 %")
    kilobytes, share = await _cost(folder / "idle")
    print(
        f"  each of {IDLE} that are idle costs the front door {kilobytes:.0f} kB and {share:.3f} % of a processor"
    )
    return figures | {
        "progress, ms": median(delays),
        "progress at 99 %, ms": _at_99(delays),
        "memory for a member, kB": kilobytes,
        "processor for a member, %": share,
    }


@asynccontextmanager
async def _crowded(folder: Path, members: int, *words: str) -> AsyncIterator[tuple[LiveServer, Api]]:
    """A front door with so many members, that are idle."""
    with front_door(folder / "data", **NO_LIMITS, worker_silence_seconds=10) as server:
        api = Api(server.url)
        with crowd(folder / "crowd", server, "--members", str(members), *words):
            await until_members(api, server, all_ready(members), "all have joined")
            yield server, api


def crowd(folder: Path, server: LiveServer, *words: str) -> LiveWorker:
    """Members of one process without a model."""
    worker = LiveWorker(folder, where(server), *words)
    worker.words = (sys.executable, "-m", "tests.cluster.crowd", *worker.words[4:])
    return worker


async def _gaps(folder: Path, members: int) -> tuple[list[float], float]:
    """Milliseconds that a model waits between two runs with a backlog, and how many videos are made in a second."""
    told = folder / "told"
    async with _crowded(folder, members, "--seconds", "0", "--megabytes", "0.02", "--tell", str(told)) as (
        server,
        api,
    ):
        token = (server.data_dir / "operator-token").read_text().strip()
        operator = {"Authorization": f"Bearer {token}"}
        await api.call("POST", "/api/queue/pause", headers=operator)
        tasks = [(await api.upload(photo(n)))[1]["task_id"] for n in range(TASKS_EACH * members)]
        await api.call("POST", "/api/queue/resume", headers=operator)
        for task in tasks:
            await api.finished(task)
    runs = defaultdict(list)
    for line in told.read_text().splitlines():
        number, began, ended = line.split()
        runs[number].append((float(began), float(ended)))
    each = [1000 * (after[0] - before[1]) for of_one in runs.values() for before, after in pairwise(sorted(of_one))]
    times = [moment for of_one in runs.values() for run in of_one for moment in run]
    return each, len(tasks) / (max(times) - min(times))


async def _delays(folder: Path) -> list[float]:
    """Milliseconds from a member's word on its progress to a client that has heard it, with four at work."""
    async with _crowded(folder, 4, "--seconds", "20") as (server, _), tab(server) as (api, socket):
        for number in range(4):
            await api.upload(photo(number))
        delays: list[float] = []
        while len(delays) < 100:
            message = await socket.next()
            stage = message["data"].get("stage") if message["event"] == "task_status" else None
            if stage and stage.replace(".", "").isdecimal():
                delays.append(1000 * (time.time() - float(stage)))
        return delays


async def _cost(folder: Path) -> tuple[float, float]:
    """Kilobytes and per cent of a processor for each member that is idle."""
    with front_door(folder / "data", worker_silence_seconds=10) as server:
        api = Api(server.url)
        await asyncio.sleep(1)
        before = _kilobytes(server)
        with crowd(folder / "crowd", server, "--members", str(IDLE)):
            await until_members(api, server, all_ready(IDLE), "all have joined")
            await asyncio.sleep(5)
            seconds = _processor_seconds(server)
            await asyncio.sleep(IDLE_SECONDS)
            share = 100 * (_processor_seconds(server) - seconds) / IDLE_SECONDS / IDLE
            return (_kilobytes(server) - before) / IDLE, share


def _kilobytes(server: LiveServer) -> int:
    assert server.process
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _processor_seconds(server: LiveServer) -> float:
    assert server.process
    numbers = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / 100


def _at_99(each: list[float]) -> float:
    return quantiles(each, n=100)[-1]
