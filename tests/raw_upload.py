"""An upload by hand, which a test can stop anywhere: after its headers, in the middle, before its answer."""

import asyncio
import contextlib
import json
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import urlsplit

from tests.live_server import DEADLINE_SECONDS, form


class RawUpload:
    """One request on a connection of its own, inside `async with`: its headers are sent, the rest is up to you."""

    def __init__(self, url: str, picture: bytes, cookie: str = "", **headers: str) -> None:
        self._address = urlsplit(url)
        self._body, content_type = form(picture)
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
