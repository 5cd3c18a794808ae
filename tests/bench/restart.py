"""a front door killed at work, with thousands of tasks: when it answers again, and when its workers are back"""

import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.acceptance.test_standby import Standby
from tests.bench.cluster import NO_LIMITS
from tests.bench.scale import Cost, Operator, crowds, filled
from tests.cluster.machines import free_port, front_door
from tests.live_server import LiveServer

TASKS = 5_000
MEMBERS = 8
KILLS = 3


Back = tuple[float, float, float]  # seconds until it answers, of a processor until then, until all are at work


async def measure(folder: Path) -> dict[str, float]:
    """Killed and started again at once; then killed with another one that stands by."""
    ports = {"port": free_port(), "cluster": f"127.0.0.1:{free_port()}"}
    settings = {**NO_LIMITS, **ports, "worker_silence_seconds": 30, "local_models": 0}
    await filled(folder / "data", TASKS)
    with ExitStack() as stack:
        server = stack.enter_context(front_door(folder / "data", **settings))
        await Operator(server).resume()
        stack.enter_context(crowds(folder, server, MEMBERS, "--seconds", "1", "--megabytes", "0.5"))
        await Operator(server).members(MEMBERS)
        again = [await _started_again(server) for _ in range(KILLS)]
        over = []
        for number in range(KILLS):
            standby = Standby(folder / "data", f"standby-{number}", **settings)
            stack.push(standby.__exit__)
            over.append(await _taken_over(server, standby))
            server = standby
    figures = {}
    for how, times in (("started again", again), ("taken over", over)):
        whats = ("it answers", "of which processor", "all members are back")
        for what, each in zip(whats, zip(*times, strict=True), strict=True):
            figures[f"{how}, {what}, s"] = median(each)
            print(f"  {how}, {what:<22}{median(each):7.2f} s   ({min(each):.2f}–{max(each):.2f})")
    return figures


async def _started_again(server: LiveServer) -> Back:
    killed_at = time.monotonic()
    server.kill()
    server.start()
    return await _back(server, killed_at, 0)


async def _taken_over(server: LiveServer, standby: Standby) -> Back:
    standby.launch()
    await standby.stands_by()
    used, killed_at = Cost.now(standby).all_threads, time.monotonic()
    server.kill()
    await standby.serves()
    return await _back(standby, killed_at, used)


async def _back(server: LiveServer, killed_at: float, used: float) -> Back:
    api = Operator(server)
    assert (await api.call("GET", "/api/queue"))[0] == 200
    answers, used = time.monotonic() - killed_at, Cost.now(server).all_threads - used
    await api.members(MEMBERS)
    return answers, used, time.monotonic() - killed_at
