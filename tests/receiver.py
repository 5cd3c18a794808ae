"""A receiver of webhooks as they are: it takes what comes, or fails, hangs, answers byte by byte, points away."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from tests.live_server import DEADLINE_SECONDS

ANSWERS = {
    "takes": b"HTTP/1.1 204 No Content\r\n\r\n",
    "fails": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    "is busy": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1800\r\nContent-Length: 0\r\n\r\n",
    "is gone": b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
    "does not know": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "speaks otherwise": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "says too much": b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + bytes(200_000),
    "has endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 20_000 + b"\r\n",
}


@dataclass(frozen=True)
class Heard:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Listens at `url`, and does as `how` says."""

    how: str = "takes"
    heard: list[Heard] = field(default_factory=list)
    elsewhere: str = ""  # where it sends whoever comes, when it redirects
    port: int = 0
    open_now: int = 0
    most_open: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/hook"

    @property
    def types(self) -> list[str]:
        return [each.said["type"] for each in self.heard]

    async def until(self, count: int) -> list[Heard]:
        """The requests, once so many have come."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_now -= 1
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        self.heard.append(Heard(headers, await reader.readexactly(int(headers["content-length"]))))
        self._news.set()
        if self.how == "hangs":
            await reader.read()  # until the other side has enough
        elif self.how == "trickles":
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Long: a\r\n" * 10_000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)
        elif self.how == "sends elsewhere":
            writer.write(
                f"HTTP/1.1 307 Elsewhere\r\nLocation: {self.elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
            )
        elif self.how != "hangs up":
            writer.write(ANSWERS[self.how])
        await writer.drain()


@contextlib.asynccontextmanager
async def receiver(how: str = "takes", host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Receiver]:
    """One that listens until the block ends."""
    found = Receiver(how)
    server = await asyncio.start_server(found.serve, host, port)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        serving = list(found._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
