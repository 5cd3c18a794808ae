"""Pictures on their way to a server that may die or be full at any moment."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import urlsplit

from tests.live_server import DEADLINE_SECONDS, GONE, Api, LiveServer, eventually, form
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
            if task.get("code") == "key_in_flight":  # of a request that was given up here
                return
            assert code in (200, 202), task
            sent.answered_at, sent.task_id = time.monotonic(), task["task_id"]
        except GONE:
            pass
        finally:
            del self._under_way[sent]


class RawUpload:
    """One upload on a connection of its own, inside `async with`: its headers are sent, the rest is up to the test,
    which can stop anywhere: after its headers, in the middle, before its answer."""

    def __init__(
        self, url: str, picture: bytes, cookie: str = "", parameters: str | None = None, **headers: str
    ) -> None:
        self._address = urlsplit(url)
        fields = {} if parameters is None else {"parameters": parameters}
        self._body, content_type = form(picture, **fields)
        lines = {
            "Host": self._address.netloc,
            "Content-Type": content_type,
            "Content-Length": str(len(self._body)),
            **({"Cookie": cookie} if cookie else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._head = f"POST /api/video/upload/ HTTP/1.1\r\n{head}\r\n".encode()
        self._sent = 0

    async def __aenter__(self) -> "RawUpload":
        self._reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        self._writer.write(self._head)
        await self._writer.drain()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def send(self, share: float = 1.0) -> None:
        """Send the body up to this share of it."""
        upto = round(share * len(self._body))
        self._writer.write(self._body[self._sent : upto])
        self._sent = upto
        await self._writer.drain()

    async def answer(self) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON and headers of the answer."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, _, rest = head.partition(b"\r\n")
            headers = dict(BytesHeaderParser().parsebytes(rest).items())
            body = await self._reader.readexactly(int(headers["Content-Length"]))
        return int(first.split()[1]), json.loads(body), headers

    def leave(self) -> None:
        """Close the connection at once, whatever is under way."""
        self._writer.transport.abort()


@asynccontextmanager
async def half_sent(server: LiveServer, picture: bytes) -> AsyncIterator[RawUpload]:
    """An upload of which the first half has arrived."""
    async with RawUpload(server.url, picture) as upload:
        await upload.send(0.5)
        parts = server.data_dir / "tmp"
        await eventually(lambda: list(parts.glob("*.part")), "the first half has arrived")
        yield upload
