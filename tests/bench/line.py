"""a long line: what an upload, a status, a position, a snapshot, a claim and a cancel cost in it, and a start"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.settings import Settings
from tests.integration.store_contract import moves_of, new_task
from tests.live_server import Api
from tests.pictures import photo
from web.server import Server

DEPTHS = (10, 100_000)
OWNERS = 500
ROUNDS = 60
AT_ONCE = 2_000


async def measure(folder: Path) -> dict[str, float]:
    """Put so many in line, begin a server on them, and ask it in turn, so that both depths see the same noise."""
    servers = {depth: await _server(folder / str(depth), depth) for depth in DEPTHS}
    figures: dict[str, float] = {}
    print("  waiting         " + "".join(f"{depth:>14,}" for depth in DEPTHS))
    costs = await _costs(servers)
    for server, _ in servers.values():
        await server.stop()
    costs["claim, put back"] = await _claims([folder / str(depth) for depth in DEPTHS])
    for name, (few, many) in costs.items():
        figures |= {f"{name} at 10, ms": few, f"{name} at 100,000, ms": many}
        print(f"  {name:<16}{few:11.2f} ms{many:11.2f} ms   × {many / few:.2f} (goal: 1.3)")
    starts = [await _start(folder / str(depth)) for depth in DEPTHS]
    print(f"  start           {starts[0]:11.2f} s {starts[1]:11.2f} s    (goal: 2 s)")
    return {**figures, "start at 10, s": starts[0], "start at 100,000, s": starts[1]}


def _settings(folder: Path) -> Settings:
    limits = {"max_waiting": 0, "max_waiting_per_client": 0, "uploads_per_minute": 0}
    return Settings(data_dir=folder, port=0, model="tests.models.plain:WaitsForCancel", **limits)


async def _server(folder: Path, waiting: int) -> tuple[Server, Api]:
    pictures = folder / "pictures"
    pictures.mkdir(parents=True)
    store = TaskStore(folder / "leyline.db")
    moves = moves_of(store)
    for first in range(0, waiting, AT_ONCE):
        numbers = range(first, min(waiting, first + AT_ONCE))
        owners = {number: f"{number % OWNERS}" for number in numbers}
        await asyncio.gather(*(moves.enter(new_task(n, owner=owners[n], client=owners[n])) for n in numbers))
        for number in numbers:
            (pictures / f"{number:032x}.jpg").touch()
            (pictures / f"{number:032x}.thumbnail.jpg").touch()
    store.close()
    server = Server(_settings(folder))
    await server.moves.pause(True)
    return server, await Api(f"http://localhost:{await server.start()}").open_page()


async def _start(folder: Path) -> float:
    began = time.perf_counter()
    server = Server(_settings(folder))
    await server.start()
    seconds = time.perf_counter() - began
    await server.stop()
    return seconds


Ready = Callable[[], Awaitable[Any]]


async def _costs(servers: dict[int, tuple[Server, Api]]) -> dict[str, list[float]]:
    """Median milliseconds of each question, at each depth."""
    questions = {
        "upload": _upload,
        "status": _status,
        "position": _position,
        "snapshot": _snapshot,
        "cancel": _cancel,
    }
    return {name: await _medians(question, servers) for name, question in questions.items()}


async def _medians(question: Callable[..., Awaitable[Ready]], servers: dict[int, Any]) -> list[float]:
    taken: dict[int, list[float]] = {depth: [] for depth in servers}
    for number in range(ROUNDS):
        for depth, asked in servers.items():
            ready = await question(*asked, number)
            began = time.perf_counter()
            await ready()
            taken[depth].append(1000 * (time.perf_counter() - began))
    return [median(each) for each in taken.values()]


async def _upload(server: Server, api: Api, number: int) -> Ready:
    return lambda: api.upload(photo(number))


async def _status(server: Server, api: Api, number: int) -> Ready:
    task_id = _last(server)
    return lambda: api.status(task_id)


async def _position(server: Server, api: Api, number: int) -> Ready:
    async def position() -> None:
        assert server.line.standing(task_id)

    task_id = _last(server)
    return position


async def _snapshot(server: Server, api: Api, number: int) -> Ready:
    return lambda: api.call("GET", "/api/video/?since=")


async def _cancel(server: Server, api: Api, number: int) -> Ready:
    _, task = await api.upload(photo(1_000 + number))
    return lambda: api.call("POST", f"/api/video/{task['task_id']}/cancel", body=b"")


async def _claims(folders: list[Path]) -> list[float]:
    """Median milliseconds of a claim and a put back, at each depth; no server runs."""
    stores = [TaskStore(folder / "leyline.db") for folder in folders]
    asked = {number: (moves_of(store), None) for number, store in enumerate(stores)}
    for moves, _ in asked.values():
        await moves.fill_index()
        await moves.pause(False)
    costs = await _medians(_claim, asked)
    for store in stores:
        store.close()
    return costs


async def _claim(moves: Moves, _: None, number: int) -> Ready:
    async def claim() -> None:
        task = await moves.claim()
        assert task
        await moves.put_back(task, "bench", count_attempt=True)

    return claim


@functools.cache  # a list of all, made before each question, would leave cold caches
def _last(server: Server) -> str:
    """A task at the end of the line, which is of the one who asks."""
    return server.moves.index.state.waiting[-1].task_id
