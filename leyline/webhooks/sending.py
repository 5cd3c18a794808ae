"""One try of one message: an HTTP request to its receiver, and what came of it.

When it is tried is left to `delivery`. No redirect is followed, no proxy of the environment is used, and the body
of the answer is thrown away as it comes. Danger: the receiver may be hostile or dead: all of a try, from looking up
its name to the last byte of its answer, ends within `PATIENCE_SECONDS`.
"""

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from weakref import WeakSet

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import IOStream
from tornado.netutil import Resolver
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient
from tornado.tcpclient import TCPClient

from leyline.push.sealing import Sealer
from leyline.webhooks.addresses import Addresses, CheckedResolver, Lookup, PrivateAddress, look_up
from leyline.webhooks.messages import DAY_SECONDS, ID, Message
from leyline.webhooks.signing import Signer

PATIENCE_SECONDS = 15.0
MOST_ANSWER_BYTES = 64 * 1024  # an answer has nothing to say but its status
LONGEST_RETRY_AFTER = 3600.0
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Try:
    """What a try came to: the status that was answered, or None and why there was none."""

    status: int | None
    error: str
    seconds: float
    retry_after_seconds: float = 0.0
    is_gone: bool = False  # it wants nothing more

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def shown(self, at: str) -> dict[str, Any]:
        """For the operator."""
        return {"at": at, "status": self.status, "error": self.error, "seconds": round(self.seconds, 3)}


class Letter(NamedTuple):
    """A message as it goes."""

    headers: dict[str, str]
    body: bytes
    over: tuple[int, ...]  # the statuses by which its receiver wants nothing more


class Sender:
    """Sends messages, each signed anew at each try, and what is for a browser sealed besides."""

    def __init__(
        self,
        signer: Signer,
        addresses: Addresses,
        *,
        sealer: Sealer | None = None,
        look_up: Lookup = look_up,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`sealer`: None where no browsers are told."""
        self._signer = signer
        self._sealer = sealer
        self._patience_seconds = patience_seconds
        self._resolver = CheckedResolver(addresses=addresses, look_up=look_up)
        self._connections = _Connections(resolver=self._resolver)
        self._client = SimpleAsyncHTTPClient(
            force_instance=True,
            max_clients=10_000,  # how many there are is `delivery`'s to say
            resolver=self._resolver,
            max_header_size=MOST_ANSWER_BYTES,
            max_body_size=MOST_ANSWER_BYTES,
        )
        self._client.tcp_client = self._connections

    async def send(self, message: Message, now: float) -> Try:
        """Never raises for what a receiver does, but for what goes wrong here. `now` stands in the signature."""
        letter = await self._letter(message, now)
        if letter is None:
            return Try(None, "The browser is not subscribed any more.", 0.0, is_gone=True)
        heard: list[str] = []  # the answer's head, line by line
        request = HTTPRequest(
            message.url,
            "POST",
            {"User-Agent": "Leyline", **letter.headers},
            letter.body,
            connect_timeout=self._patience_seconds,
            request_timeout=self._patience_seconds,
            follow_redirects=False,
            decompress_response=False,
            header_callback=heard.append,
            streaming_callback=lambda chunk: None,
        )
        began = time.monotonic()
        error = ""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._client.fetch(request, raise_error=False)
        except PrivateAddress:
            error = "The host has no address that messages may go to."
        except (TimeoutError, HTTPTimeoutError):
            error = f"No answer within {self._patience_seconds:g} s."
        except (OSError, HTTPClientError, ValueError) as reason:
            error = f"No connection: {str(reason)[:200] or type(reason).__name__}."
        except Exception as reason:  # whatever Tornado makes of an answer that is none
            error = f"No HTTP: {type(reason).__name__}."
        return _try(heard, error, time.monotonic() - began, letter.over)

    async def _letter(self, message: Message, now: float) -> Letter | None:
        """None for a browser that is not subscribed any more."""
        if message.push_id is None:
            body = message.body.encode()
            signed = self._signer.headers(message.message_id, int(now), body)
            return Letter({"Content-Type": "application/json", **signed}, body, (HTTPStatus.GONE,))
        assert self._sealer, "what is for browsers was refused at the start"
        left_seconds = message.created_at + DAY_SECONDS - now
        topic = message.message_id.removeprefix(ID)
        sealed = await self._sealer.sealed(message.push_id, message.body, topic, now, left_seconds)
        return sealed and Letter(*sealed, (HTTPStatus.GONE, HTTPStatus.NOT_FOUND))

    def close(self) -> None:
        """Cut off what is still being sent."""
        self._connections.cut()
        self._client.close()
        self._resolver.close()


class _Connections(TCPClient):
    """Knows which are open: of a request that was cancelled, Tornado would leave its own so."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolver=resolver)
        self._open: WeakSet[IOStream] = WeakSet()

    async def connect(self, *arguments: Any, **options: Any) -> IOStream:
        stream = await super().connect(*arguments, **options)
        self._open.add(stream)
        return stream

    def cut(self) -> None:
        for stream in list(self._open):
            stream.close()


def _try(heard: list[str], error: str, seconds: float, over: tuple[int, ...]) -> Try:
    """An answer counts by its status, once all of its head has come, whatever becomes of its body."""
    is_whole = bool(heard) and not heard[-1].strip()
    words = heard[0].split(None, 2) if is_whole else []
    if len(words) < 2 or not words[1].isdigit():
        return Try(None, error or "No HTTP.", seconds)
    status = int(words[1])
    named = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in heard[1:])}
    after = named.get("retry-after", "")
    pause = min(float(after), LONGEST_RETRY_AFTER) if status in BUSY and after.isdecimal() else 0.0
    said = "" if 200 <= status < 300 else f"Answered {status}."
    return Try(status, said, seconds, pause, status in over)
