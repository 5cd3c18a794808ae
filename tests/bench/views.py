"""what watching costs: opening a view, its bytes, and a thousand people who watch one link at once"""

import asyncio
import io
import itertools
import json
import os
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from PIL import Image
from tornado.web import create_signed_value

from leyline.watching.master import Master
from leyline.watching.views import base64url
from tests.live_server import Api, LiveServer
from tests.watch_site import KeyPair
from web.cookie import Cookie
from web.videos import PIECE_BYTES

VIEWERS = 1000
OPENINGS = 300
CLIP = {"clip_seconds": 6, "clip_height": 720, "model_seconds": 0}


async def measure(folder: Path) -> dict[str, float]:
    """Make one video, and have it watched."""
    figures: dict[str, float] = {}
    with LiveServer(folder / "data", **CLIP) as server:
        api = await Api(server.url).open_page()
        task_id = (await api.upload(_photo()))[1]["task_id"]
        await api.finished(task_id)
        figures |= _bytes(server.data_dir / "videos" / f"{task_id}-1.mp4")
        _, link = await api.call("POST", f"/api/video/{task_id}/links", body="{}")
        path = link["url"].removeprefix(server.url).replace("/watch/", "/api/watch/")
        viewers = [Viewer(server, path) for _ in range(max(VIEWERS, OPENINGS))]
        figures |= await _openings(server, viewers[:OPENINGS])
        figures |= await _together(server, viewers[:VIEWERS])
    return figures


def _bytes(video: Path) -> dict[str, float]:
    with Master(video) as master:
        size, key = master.layout.size, os.urandom(16)

        def view() -> None:
            for at in range(0, size, PIECE_BYTES):
                master.read(at, min(at + PIECE_BYTES, size), key, key)

        seconds = _quickest(view)
    encryptor, data = Cipher(AES(key), CTR(bytes(16))).encryptor(), os.urandom(size)
    bare = _quickest(lambda: encryptor.update(data))
    for words, taken in ((f"a view of {size / 1e6:.1f} MB", seconds), ("AES alone", bare)):
        print(f"  {words:22} {1000 * taken:7.2f} ms, {size / taken / 1e6:5.0f} MB/s")
    return {"bytes of a view, ms": 1000 * seconds, "AES alone, ms": 1000 * bare}


async def _openings(server: LiveServer, viewers: list["Viewer"]) -> dict[str, float]:
    """One after the other, as CPU time of the server's process."""
    figures: dict[str, float] = {}
    for words, ask in (
        ("the shortest answer", Viewer.ask_life),
        ("a view opened", Viewer.open),
        ("a key told", Viewer.ask_key),
    ):
        before = _cpu_seconds(server)
        for viewer in viewers:
            await ask(viewer)
        each = 1000 * (_cpu_seconds(server) - before) / len(viewers)
        bare = next(iter(figures.values()), each)
        print(f"  {words:22} {each:7.2f} ms of the server's CPU, {each - bare:.2f} above the shortest")
        figures[f"{words}, ms of CPU"] = each
    return figures


async def _together(server: LiveServer, viewers: list["Viewer"]) -> dict[str, float]:
    before_kb, cpu, began = _memory_kb(server, "VmRSS"), _cpu_seconds(server), time.perf_counter()
    received = await asyncio.gather(*(viewer.watch() for viewer in viewers))
    seconds, cpu = time.perf_counter() - began, _cpu_seconds(server) - cpu
    more_mb = (_memory_kb(server, "VmHWM") - before_kb) / 1000
    rate = sum(received) / seconds / 1e6
    print(f"  {len(viewers)} viewers at once    {seconds:7.2f} s, {rate:5.0f} MB/s, all of them served")
    print(f"  the server's part      {cpu:7.2f} s of CPU, {more_mb:.0f} MB more at its peak")
    return {"viewers at once, s": seconds, "viewers at once, s of CPU": cpu, "viewers at once, MB more": more_mb}


class Viewer:
    """Somebody with the link, in a session of their own. Plain HTTP, for a thousand of them must cost little."""

    def __init__(self, server: LiveServer, path: str) -> None:
        secret = (server.data_dir / "secret").read_text().strip()
        name = Cookie(secret, 0).name
        self._cookie = f"{name}={create_signed_value(secret, name, os.urandom(16).hex() + '.').decode()}"
        self._path = path
        self._port = int(server.url.rpartition(":")[2])
        self._view: dict[str, Any] = {}

    async def ask_life(self) -> None:
        await self._ask("GET", "/healthz")

    async def open(self) -> None:
        self._view = json.loads(await self._ask("POST", f"{self._path}/view"))

    async def ask_key(self) -> None:
        question = {"ticket": self._view["ticket"], "public": base64url(KeyPair().public)}
        await self._ask("POST", f"{self._path}/view/key", json.dumps(question))

    async def watch(self) -> int:
        """A whole view, in the ranges that the page asks for; how many bytes came."""
        await self.open()
        await self.ask_key()
        edges = [0, *(edge for _, edge in self._view["segments"][1:]), self._view["size"]]
        ranges = [f"bytes={start}-{end - 1}" for start, end in itertools.pairwise(edges)]
        return sum([len(await self._ask("GET", f"{self._path}/video", asked=wanted)) for wanted in ranges])

    async def _ask(self, method: str, path: str, body: str = "", asked: str = "") -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Cookie: {self._cookie}"]
        lines += [f"Content-Length: {len(body)}", "Connection: close"]
        if asked:
            lines += [f"Range: {asked}", f"X-Leyline-Ticket: {self._view['ticket']}"]
        writer.write("\r\n".join([*lines, "", body]).encode())
        answer = await reader.read(-1)
        writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        assert int(head.split()[1]) in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT), answer[:500]
        return content


def _photo() -> bytes:
    """A picture with much in it, so that its video is as large as that of a photograph."""
    coarse = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((1280, 720), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def _quickest(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some tries: what it takes where nobody else works."""
    times = []
    for _ in range(20):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def _cpu_seconds(server: LiveServer) -> float:
    assert server.process
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_kb(server: LiveServer, name: str) -> int:
    assert server.process
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))
