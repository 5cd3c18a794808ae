"""Pictures on their way to a server that may die or be full at any moment."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.live_server import GONE, Api, LiveServer, eventually, form
from tests.pictures import photo


@dataclass(eq=False)
class Sent:
    """One picture: when it was first sent and when it was answered, by the monotonic clock; 0 before."""

    number: int
    sent_at: float = 0.0
    answered_at: float = 0.0
    task_id: str = ""


class Uploads:
    """All pictures of one session: each is sent again, with its key, until it is answered.

    `api` gives the server as it is by now.
    """

    def __init__(self, api: Callable[[], Api], name: str) -> None:
        self.sent: list[Sent] = []
        self._api = api
        self._name = name
        self._under_way: dict[Sent, asyncio.Task[None]] = {}

    @property
    def accepted(self) -> set[str]:
        """The ids of all tasks that were promised."""
        return {sent.task_id for sent in self.sent if sent.task_id}

    @property
    def under_way(self) -> bool:
        """Whether a picture is on its way at this moment."""
        return bool(self._under_way)

    def begin(self, new: int) -> None:
        """Send so many new pictures, and again all that had no answer."""
        self.sent += [Sent(len(self.sent) + number) for number in range(new)]
        for sent in self.sent:
            if not sent.task_id and sent not in self._under_way:
                self._under_way[sent] = asyncio.create_task(self._send(sent))

    async def settle(self) -> None:
        """Wait until nothing is on its way; what had no answer is not sent again."""
        await asyncio.gather(*self._under_way.values())

    async def all_answered(self) -> None:
        """Send again what had no answer, until everything has."""
        await self.settle()
        while len(self.accepted) < len(self.sent):
            self.begin(0)
            await self.settle()

    async def _send(self, sent: Sent) -> None:
        sent.sent_at = sent.sent_at or time.monotonic()
        try:
            key = f"{self._name}-{sent.number}"
            code, task = await self._api().upload(photo(sent.number), f"{sent.number}.jpg", Idempotency_Key=key)
            assert code in (200, 202), task
            sent.answered_at, sent.task_id = time.monotonic(), task["task_id"]
        except GONE:
            pass
        finally:
            del self._under_way[sent]


@asynccontextmanager
async def half_sent(server: LiveServer, picture: bytes) -> AsyncIterator[tuple[socket.socket, bytes]]:
    """An upload of which the first half has arrived: its connection, and the other half."""
    body, content_type = form(picture)
    address = urlsplit(server.url)
    head = f"POST /api/video/upload/ HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {content_type}\r\n"
    half = len(body) // 2
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:half])
        parts = server.data_dir / "tmp"
        await eventually(lambda: list(parts.glob("*.part")), "the first half has arrived")
        yield connection, body[half:]
