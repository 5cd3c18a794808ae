"""Many clients of one server: uploads side by side, sockets that listen, and sockets that do not."""

import asyncio
import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.live_server import LiveServer
from tests.pictures import photo
from tests.raw import PING, PONG, TEXT, websocket_frame
from web.sockets import MOST_PER_SESSION

PIECE_BYTES = 64 * 1024
COMMENT_BYTES = 65_533  # the most that one comment segment of a JPEG holds

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Process:
    """A server's web process, as the kernel sees it."""

    def __init__(self, server: LiveServer) -> None:
        assert server.process
        self._folder = Path(f"/proc/{server.process.pid}")

    @property
    def resident_kb(self) -> int:
        return self._status("VmRSS")

    @property
    def peak_kb(self) -> int:
        """The most that it ever had."""
        return self._status("VmHWM")

    @property
    def cpu_seconds(self) -> float:
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    @property
    def descriptors(self) -> int:
        return len(list((self._folder / "fd").iterdir()))

    @property
    def packages(self) -> set[str]:
        """The installed packages whose libraries it has loaded."""
        return set(re.findall(r"/site-packages/(\w+)/", (self._folder / "maps").read_text()))

    def _status(self, name: str) -> int:
        found = re.search(rf"{name}:\s+(\d+) kB", (self._folder / "status").read_text())
        assert found
        return int(found[1])


def unlimited(folder: Path, **settings: Any) -> LiveServer:
    """A server whose limits on clients are out of the way."""
    nowhere_near = {"uploads_per_minute": 0, "max_waiting": 0, "max_waiting_per_client": 0}
    return LiveServer(folder, **nowhere_near, **{"model_seconds": 3600, **settings})


# Uploads


def padded(size_bytes: int) -> bytes:
    """A small picture in a large file: most of it comments."""
    picture = photo()
    comment = b"\xff\xfe\xff\xff" + b"x" * COMMENT_BYTES
    return picture[:2] + comment * ((size_bytes - len(picture)) // len(comment)) + picture[2:]


async def upload_together(server: LiveServer, count: int, picture: bytes, seconds: float = 0) -> Counter[int]:
    """Send the picture so many times at once, each in so many seconds; how often each status came back."""
    body = (
        b'--load\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        + picture
        + b"\r\n--load--\r\n"
    )
    return Counter(await asyncio.gather(*(_upload(server, body, seconds) for _ in range(count))))


async def _upload(server: LiveServer, body: bytes, seconds: float) -> int:
    head = f"Content-Type: multipart/form-data; boundary=load\r\nContent-Length: {len(body)}"
    async with connection(server) as (reader, writer):
        writer.write(f"POST /api/video/upload/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
        began, piece = time.monotonic(), max(1000, int(len(body) / seconds / 10)) if seconds else PIECE_BYTES
        for at in range(0, len(body), piece):
            writer.write(memoryview(body)[at : at + piece])
            await writer.drain()
            if seconds:
                await asyncio.sleep(max(0.0, began + seconds * at / len(body) - time.monotonic()))
        return int((await reader.readline()).split()[1])


@contextlib.asynccontextmanager
async def connection(server: LiveServer) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(server.url).port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def answer(server: LiveServer, path: str) -> bytes:
    """The whole answer to a GET."""
    async with connection(server) as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()


# Sockets


class Listener(asyncio.Protocol):
    """The client's end of one WebSocket. It answers pings, unless it is deaf: then it reads nothing at all.

    It has the session of its `cookie`, or it asks for the task `task_id`.
    """

    def __init__(self, server: LiveServer, cookie: str = "", *, task_id: str = "", deaf: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.greeted = loop.create_future()
        self.lost = loop.create_future()
        self.messages = 0
        self._host, self._port = urlsplit(server.url).netloc, urlsplit(server.url).port
        self._cookie = cookie
        self._task_id = task_id
        self._deaf = deaf
        self._heard = b""

    async def connect(self) -> None:
        """Connect, and wait to be greeted."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)
        await self.greeted

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(
            f"GET /api/video/events HTTP/1.1\r\nHost: {self._host}\r\nCookie: {self._cookie}\r\n"
            f"Origin: http://{self._host}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: bGV5bGluZS1sZXlsaW5lIQ==\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self.greeted.done():
            if b'"snapshot"' not in self._heard:
                return
            self.greeted.set_result(None)
            self._heard = self._heard.partition(b"\r\n\r\n")[2]
            if self._task_id:
                asked = {"event": "subscribe", "data": {"task_ids": [self._task_id]}}
                self.transport.write(websocket_frame(TEXT, json.dumps(asked).encode()))
            if self._deaf:
                self.transport.pause_reading()
        while self._take_frame():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.greeted, self.lost):
            if not future.done():
                future.set_result(None)

    def _take_frame(self) -> bool:
        head, heard = self._heard[:10], self._heard
        start = 2 if len(head) < 2 or head[1] < 126 else 4 if head[1] == 126 else 10
        if len(heard) < start:
            return False
        size = head[1] if start == 2 else int.from_bytes(heard[2:start], "big")
        if len(heard) < start + size:
            return False
        self._heard = heard[start + size :]
        if heard[0] & 0x0F == PING:
            self.transport.write(websocket_frame(PONG, heard[start : start + size]))
        self.messages += heard[0] & 0x0F == TEXT
        return True


@contextlib.asynccontextmanager
async def sockets(
    server: LiveServer, count: int, *, task_id: str = "", deaf: bool = False
) -> AsyncIterator[list[Listener]]:
    """So many open sockets, each greeted: of sessions, as many as it takes, or of nobody and for one task."""
    opened: list[Listener] = []
    try:
        while len(opened) < count:
            cookie = "" if task_id else await session(server)
            group = [
                Listener(server, cookie, task_id=task_id, deaf=deaf)
                for _ in range(min(MOST_PER_SESSION, count - len(opened)))
            ]
            opened += group
            await asyncio.gather(*(listener.connect() for listener in group))
        yield opened
    finally:
        for listener in opened:
            listener.transport.abort()


async def session(server: LiveServer) -> str:
    """The cookie of a new session."""
    found = re.search(rb"Set-Cookie: ([^;]+)", await answer(server, "/"))
    assert found
    return found[1].decode()


async def upload(server: LiveServer) -> str:
    """The id of a new task that belongs to nobody."""
    body = b'--load\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + photo() + b"\r\n--load--\r\n"
    head = f"Content-Type: multipart/form-data; boundary=load\r\nContent-Length: {len(body)}\r\nConnection: close"
    async with connection(server) as (reader, writer):
        writer.write(f"POST /api/video/upload/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + body)
        found = re.search(rb'"task_id":"(\w+)"', await reader.read())
    assert found
    return found[1].decode()


async def keep_uploading(server: LiveServer, per_second: float) -> None:
    """News of the line for every socket, again and again; endless."""
    async with asyncio.TaskGroup() as uploads:
        while True:
            uploads.create_task(upload(server))
            await asyncio.sleep(1 / per_second)


async def stopped(task: "asyncio.Task[None]") -> None:
    """End the endless."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until_only(server: LiveServer, count: int, seconds: float) -> float:
    """Wait until the server has no more than so many sockets, or the time is up; how long it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while await connected(server) > count:  # noqa: ASYNC110  # it is in another process: nothing tells us
            await asyncio.sleep(0.2)
    return time.monotonic() - began


async def connected(server: LiveServer) -> int:
    """How many sockets the server has."""
    found = re.search(rb"leyline_sockets (\d+)", await answer(server, "/metrics"))
    assert found
    return int(found[1])
