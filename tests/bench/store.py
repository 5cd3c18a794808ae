"""the database: what claim, position, status and list cost after a little and after much history; shared commits"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from leyline.line.standings import Line
from leyline.line.store import TaskStore
from tests.integration.store_contract import NOW, added, moves_of, new_task
from tests.live_server import Api
from tests.pictures import photo
from tests.steady_models import SteadyModels

HISTORIES = (10, 1_000_000)
OWN = 10  # tasks of the owner who asks, in either history
OWNER = "owner 0"
WAITING = 40  # of which the first are put back too often, and fail
ROUNDS = 200
UPLOADS = 256

# Finished tasks, as many as there should be; each owner has as many as the one who asks.
FILL = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO tasks (place, task_id, owner, client, status, moves, run, upload_sha256, image_name, image_width,
        image_height, image_bytes, video_width, video_height, video_seconds, video_bytes, created_at, started_at,
        finished_at, expires_at)
    SELECT i, lower(hex(randomblob(16))), 'owner ' || (i % :owners), 'owner ' || (i % :owners), 'succeeded', 3, 1,
        lower(hex(randomblob(32))), 'photo.jpg', 4000, 3000, 5000000, 1280, 720, 6.0, 2000000, i, i, i, :expires_at
    FROM n
"""


async def measure(folder: Path) -> dict[str, float]:
    """Ask the same of a small and of a large database; then add to one as fast as it goes."""
    costs = {history: await _costs(folder / f"{history}.db", history) for history in HISTORIES}
    print("  history (rows)  " + "".join(f"{history:>14,}" for history in HISTORIES))
    for name in costs[HISTORIES[0]]:
        print(f"  {name:<16}" + "".join(f"{costs[history][name]:11.3f} ms" for history in HISTORIES))
    for at_once in (1, 8, 64):
        await _commits(folder / f"commits-{at_once}.db", at_once)
    await _uploads(folder / "data")
    return {
        f"{name} after {history:,}, ms": milliseconds
        for history, each in costs.items()
        for name, milliseconds in each.items()
    }


async def _costs(path: Path, history: int) -> dict[str, float]:
    """Median milliseconds of each question."""
    TaskStore(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(FILL, {"count": history, "owners": history // OWN, "expires_at": NOW + 1e9})
        (known,) = connection.execute("SELECT task_id FROM tasks ORDER BY random() LIMIT 1").fetchone()
    store = TaskStore(path)
    moves = moves_of(store)
    line = Line(moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index))
    tasks = await added(moves, *range(WAITING), owner=OWNER, client=OWNER)

    async def claim() -> None:
        task = await moves.claim()
        assert task
        await moves.put_back(task, "bench")

    async def position() -> None:
        assert line.standing(tasks[-1].task_id)

    found = {
        "claim, put back": await _median(claim),
        "position": await _median(position),
        "status": await _median(lambda: store.get(known)),
        "list": await _median(lambda: store.page(OWNER, None, 50)),
        "newest finished": await _median(lambda: store.finished(OWNER, 50)),
        "what expires": await _median(lambda: store.expired_files(NOW, OWN)),
        "who holds what": await _median(store.holdings),
    }
    store.close()
    return found


async def _median(question: Callable[[], Awaitable[Any]]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await question()
        seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds)


async def _commits(path: Path, at_once: int) -> None:
    """Add tasks from several sides at once."""
    store = TaskStore(path)
    numbers = iter(range(UPLOADS))

    async def add_some() -> None:
        for number in numbers:
            await moves_of(store).enter(new_task(number))

    commits, seconds = await _counted(store, asyncio.gather(*(add_some() for _ in range(at_once))))
    store.close()
    print(f"  {at_once:3} at once     {UPLOADS / seconds:8.0f} tasks/s in {commits / seconds:6.0f} commits/s")


async def _uploads(folder: Path) -> None:
    """Send small pictures to a whole server in this process, from many sides at once."""
    from leyline.settings import Settings
    from web.server import Server

    settings = Settings(port=0, data_dir=folder, uploads_per_minute=0, max_waiting_per_client=0)
    server = Server(settings)
    await server.moves.pause(True)
    api = Api(f"http://localhost:{await server.start()}")
    pictures = [photo(number) for number in range(UPLOADS)]
    uploads = asyncio.gather(*(api.upload(picture) for picture in pictures))
    commits, seconds = await _counted(server.store, uploads)
    assert {code for code, _ in uploads.result()} == {202}
    print(f"  whole uploads   {UPLOADS / seconds:8.0f} uploads/s in {commits / seconds:4.0f} commits/s")
    await server.stop()


async def _counted(store: TaskStore, work: Awaitable[Any]) -> tuple[int, float]:
    """The commits that wrote something, and the seconds, that the work took."""
    connection = store.database._writer
    changes = [connection.total_changes]

    def trace(sql: str) -> None:
        if sql == "COMMIT" and connection.total_changes != changes[-1]:
            changes.append(connection.total_changes)

    connection.set_trace_callback(trace)
    began = time.perf_counter()
    await work
    seconds = time.perf_counter() - began
    connection.set_trace_callback(None)
    return len(changes) - 1, seconds
