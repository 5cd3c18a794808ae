"""pictures: what one costs bare, how many uploads a second are taken, and two hundred of the largest at once"""

import asyncio
import io
import os
import time
from pathlib import Path
from statistics import median, quantiles

import cv2
import numpy as np
from PIL import Image

from tests.crowd import upload_together
from tests.live_server import Api, LiveServer
from tests.photographs import photograph

CLIENTS, UPLOADS = 16, 160
LARGE, LARGE_BYTES = 200, 19_900_000
NO_LIMITS = {"max_waiting": 0, "max_waiting_per_client": 0, "uploads_per_minute": 0}


async def measure(folder: Path) -> dict[str, float]:
    """Upload a photograph of 2500 × 1600 from one client, from sixteen, and with filler behind it."""
    photo = _photo()
    cv2.setNumThreads(1)  # what one processor does with it, as each helper has one
    bare_ms = median(_bare_ms(photo) for _ in range(9))
    goal = 0.6 * len(os.sched_getaffinity(0)) / (bare_ms / 1000)
    print(f"  the photograph         {len(photo) / 1e6:7.2f} MB; bare {bare_ms:.1f} ms")
    with LiveServer(folder / "data", model="tests.models.plain:WaitsForCancel", **NO_LIMITS) as server:
        alone = await _uploads(server, [photo], 20, clients=1)
        began = time.perf_counter()
        together = await _uploads(server, [photo], UPLOADS, clients=CLIENTS)
        rate = UPLOADS / (time.perf_counter() - began)
        began = time.perf_counter()
        answers = await upload_together(server, LARGE, photo + bytes(LARGE_BYTES - len(photo)))
        large_seconds = time.perf_counter() - began
        assert answers == {202: LARGE}, answers
    slowest, one = quantiles(together, n=100)[-1], median(alone)
    print(f"  one client             {one:7.1f} ms median")
    print(f"  {CLIENTS} clients             {rate:7.1f} uploads/s (goal: {goal:.1f})")
    print(f"                         {slowest:7.0f} ms at 99 % (goal: {10 * one:.0f})")
    print(f"  {LARGE} of {LARGE_BYTES / 1e6:.1f} MB         {large_seconds:7.1f} s (goal: 20)")
    return {
        "bare picture, ms": bare_ms,
        "one client, ms": one,
        "16 clients, uploads/s": rate,
        "16 clients, goal, uploads/s": goal,
        "16 clients at 99 %, ms": slowest,
        "200 of 19.9 MB, s": large_seconds,
    }


async def _uploads(server: LiveServer, files: list[bytes], number: int, *, clients: int) -> list[float]:
    """Milliseconds of each of so many uploads, from so many clients that each send one after the other."""
    numbers = iter(range(number))
    taken = []

    async def client() -> None:
        api = await Api(server.url).open_page()
        for each in numbers:
            began = time.perf_counter()
            status, answer = await api.upload(files[each % len(files)])
            assert status == 202, answer
            taken.append(1000 * (time.perf_counter() - began))

    await asyncio.gather(*(client() for _ in range(clients)))
    return taken


def _photo() -> bytes:
    """A photograph of 2500 × 1600 with about two megabytes."""
    grain = np.random.default_rng(1).normal(0, 11, (1600, 2500, 1))
    pixels = (photograph(7, 2500, 1600) + grain).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def _bare_ms(photo: bytes) -> float:
    """What nobody can do without: the same libraries, and nothing around them."""
    began = time.perf_counter()
    with Image.open(io.BytesIO(photo)) as image:
        pixels = np.asarray(image)
    small = cv2.resize(pixels, (2048, 1311), interpolation=cv2.INTER_AREA)
    Image.fromarray(small).save(io.BytesIO(), "JPEG", quality=98, subsampling=0)
    thumbnail = cv2.resize(small, (320, 205), interpolation=cv2.INTER_AREA)
    Image.fromarray(thumbnail).save(io.BytesIO(), "JPEG", quality=85)
    return 1000 * (time.perf_counter() - began)
