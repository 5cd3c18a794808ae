"""from the end of one task to the start of the next, with a backlog, against the bare disk sequence"""

import asyncio
import io
import os
import sqlite3
import time
from pathlib import Path
from statistics import median

from PIL import Image

from leyline.intake.reservations import Sender
from leyline.settings import Settings
from web.server import Server

TASKS = 100


async def measure(folder: Path) -> None:
    """Run a backlog through the real worker, store and model process, and time the pauses of the model."""
    settings = Settings(
        data_dir=folder / "data",
        port=0,
        model="tests.models.plain:Tiny",
        max_waiting=0,
        max_waiting_per_client=0,
    )
    server = Server(settings)
    ended: list[float] = []
    gaps: list[float] = []
    all_done = asyncio.Event()
    run = server.process.run

    async def timed_run(*arguments: object) -> object:
        if ended:
            gaps.append(1000 * (time.perf_counter() - ended[-1]))
        outcome = await run(*arguments)  # type: ignore[arg-type]
        ended.append(time.perf_counter())
        if len(ended) == TASKS:
            all_done.set()
        return outcome

    server.process.run = timed_run  # type: ignore[assignment,method-assign]
    await server.moves.pause(True)
    await server.start()
    for _ in range(TASKS):
        reservation = await server.intake.reserve(Sender(None, "bench"), 0)
        await server.intake.receive(reservation, _picture())
        await server.intake.finish(reservation, "bench")
    await server.moves.pause(False)
    await all_done.wait()
    size = max(path.stat().st_size for path in (settings.data_dir / "videos").iterdir())
    await server.stop()
    bare = [_bare_sequence(folder, size, number) for number in range(TASKS)]
    print(f"  the gap                {median(gaps):7.2f} ms median   {max(gaps):7.2f} ms most, of {len(gaps)}")
    print(f"  the bare disk sequence {median(bare):7.2f} ms median   {max(bare):7.2f} ms most")
    print(f"  above it               {median(gaps) - median(bare):7.2f} ms          (goal: 3 ms at most)")


def _bare_sequence(folder: Path, size: int, number: int) -> float:
    """Milliseconds of what durability costs anybody: fsync, rename, fsync of the folder, two commits."""
    part, kept = folder / f"{number}.part", folder / f"{number}.kept"
    part.write_bytes(os.urandom(size))
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS t (x)")
    started = time.perf_counter()
    _sync(part)
    part.rename(kept)
    _sync(folder)
    for _ in range(2):
        database.execute("INSERT INTO t VALUES (1)")
    taken = 1000 * (time.perf_counter() - started)
    database.close()
    return taken


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 60, 40)).save(file, "JPEG")
    return file.getvalue()
