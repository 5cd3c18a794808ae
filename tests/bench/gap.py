"""from the end of one task to the start of the next, with a backlog, against the bare disk sequence"""

import asyncio
import contextlib
import io
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median, quantiles

from PIL import Image

from leyline.intake.reservations import Sender
from leyline.settings import Settings
from tests.live_server import Api
from web.server import Server
from web.serving import SWITCH_SECONDS

TASKS = 300
UPLOADERS = 16


async def measure(folder: Path) -> dict[str, float]:
    """Run a backlog through the real line, store and model process, and time the pauses of the model."""
    sys.setswitchinterval(SWITCH_SECONDS)  # as `serve` has it
    quiet, size = await _gaps(folder / "quiet")
    busy, _ = await _gaps(folder / "busy", uploaders=UPLOADERS)
    bare = [_bare_sequence(folder, size, number) for number in range(TASKS)]
    above = median(quiet) - median(bare)
    print(f"  the gap                {median(quiet):7.2f} ms median   {_at_99(quiet):7.2f} ms at 99 %")
    print(f"  the bare disk sequence {median(bare):7.2f} ms median   {_at_99(bare):7.2f} ms at 99 %")
    print(f"  above it               {above:7.2f} ms          (goal: 2 ms at most)")
    more = f"× {median(busy) / median(quiet):.1f} (goal: 3)"
    print(
        f"  while {UPLOADERS} upload       {median(busy):7.2f} ms median   {_at_99(busy):7.2f} ms at 99 %   {more}"
    )
    return {
        "gap, ms": median(quiet),
        "gap at 99 %, ms": _at_99(quiet),
        "bare disk sequence, ms": median(bare),
        "gap while others upload, ms": median(busy),
        "gap while others upload at 99 %, ms": _at_99(busy),
    }


def _at_99(each: list[float]) -> float:
    return quantiles(each, n=100)[-1]


async def _gaps(folder: Path, uploaders: int = 0) -> tuple[list[float], int]:
    """Milliseconds from the end of each run to the start of the next, and the size of a video."""
    settings = Settings(
        data_dir=folder,
        port=0,
        model="tests.models.plain:Tiny",
        max_waiting=0,
        max_waiting_per_client=0,
        uploads_per_minute=0,
    )
    server = Server(settings)
    ended: list[float] = []
    gaps: list[float] = []
    all_done = asyncio.Event()
    run = server.models.local[0].run

    async def timed_run(*arguments: object) -> object:
        if ended:
            gaps.append(1000 * (time.perf_counter() - ended[-1]))
        outcome = await run(*arguments)  # type: ignore[arg-type]
        ended.append(time.perf_counter())
        if len(ended) == TASKS:
            all_done.set()
        return outcome

    server.models.local[0].run = timed_run  # type: ignore[assignment,method-assign]
    await server.moves.pause(True)
    port = await server.start()
    for _ in range(TASKS):
        reservation = await server.intake.reserve(Sender(None, "bench"), 0)
        await server.intake.receive(reservation, _picture())
        await server.intake.finish(reservation, "bench")
    async with _others(port, uploaders) if uploaders else contextlib.nullcontext():
        await server.moves.pause(False)
        await all_done.wait()
    size = max(path.stat().st_size for path in (settings.data_dir / "videos").iterdir())
    await server.stop()
    return gaps, size


@contextlib.asynccontextmanager
async def _others(port: int, uploaders: int) -> AsyncIterator[None]:
    command = (sys.executable, "-m", "tests.bench.gap", str(port), str(uploaders))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    await process.stdout.readline()  # they have begun
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _upload_for_ever(port: int, uploaders: int) -> None:
    """From another process: what clients cost is theirs."""
    photo = _picture((2500, 1600))

    async def one() -> None:
        api = await Api(f"http://localhost:{port}").open_page()
        while True:
            await api.upload(photo)
            print("uploaded", flush=True)

    await asyncio.gather(*(one() for _ in range(uploaders)))


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


def _picture(size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    asyncio.run(_upload_for_ever(int(sys.argv[1]), int(sys.argv[2])))
