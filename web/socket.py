"""The server's end of a WebSocket: JSON text frames both ways, whoever is at the other end.

What is said is left to `live` and `links`. Danger: a reader may be slow, deaf or gone; each socket writes
one frame at a time and is dropped when it does not drain, or gives no sign of life.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import socket
import time
from collections import Counter
from typing import Any, ClassVar

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from leyline import errors
from leyline.errors import BadRequest, LeylineError
from leyline.watching.watching import Watching
from web.base import Answering, json_object
from web.limits import RateLimit
from web.representation import timestamp
from web.sessions import Sessions
from web.videos import view_key

log = logging.getLogger("leyline.socket")

SLOW_READER_SECONDS = 30
PINGS_AT_ONCE = 100
SEND_BUFFER_BYTES = 64 * 1024  # what a slow reader gets late; more of it waits here, where the latest wins
MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE = 600, 200  # from one socket
MOST_PER_SESSION = 100  # what each has not read yet may be a snapshot of all its tasks
MAX_MESSAGE_BYTES = 4096
GOODBYE_SECONDS = 1.0
GOING_AWAY = 1001


class Sockets:
    """The open sockets: pinged for ever, and told goodbye when the server stops."""

    ping_seconds = 15.0  # who reads nothing answers no ping, however much the kernel still takes for it

    def __init__(self) -> None:
        self.open: set[Socket] = set()
        self._by_owner: Counter[str | None] = Counter()
        self.messages = RateLimit(MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE)
        self.numbers = itertools.count()

    def check(self, owner: str | None) -> None:
        """Raise `ClientLimit` when the session has as many sockets as one may."""
        if owner is not None and self._by_owner[owner] >= MOST_PER_SESSION:
            raise errors.ClientLimit(f"This browser has {MOST_PER_SESSION} pages open here. Close one of them.")

    def add(self, listener: "Socket") -> None:
        self.open.add(listener)
        self._by_owner[listener.caller.owner] += 1

    def remove(self, listener: "Socket") -> None:
        """Safe to call for one that was never added."""
        if listener in self.open:
            owner = listener.caller.owner
            self.open.remove(listener)
            self._by_owner[owner] -= 1
            if not self._by_owner[owner]:
                del self._by_owner[owner]

    async def ping_for_ever(self) -> None:
        """Ask each socket for a sign of life, and drop those that have given none since the last time."""
        while True:
            await asyncio.sleep(self.ping_seconds)
            for number, listener in enumerate(list(self.open)):
                listener.ask_for_life()
                if number % PINGS_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def close(self) -> None:
        """Say `bye` and close; who does not read is not waited for."""
        leaving = [asyncio.create_task(listener.leave()) for listener in self.open]
        if leaving:
            _, pending = await asyncio.wait(leaving, timeout=GOODBYE_SECONDS)
            for goodbye in pending:
                goodbye.cancel()


class Socket(Answering, WebSocketHandler):
    """The base of both kinds of socket. Told apart by this object, never by anything that the client says."""

    commands: ClassVar[dict[str, str]] = {"view_key": "_view_key", "ping": "_ping"}  # command → method

    def initialize(self, sessions: Sessions, sockets: Sockets, watch: Watching) -> None:  # type: ignore[override]
        super().initialize(sessions)
        self.sockets = sockets
        self.watch = watch
        self._number = str(next(sockets.numbers))  # id() may be given to another socket, later
        self._is_alive = True
        self._is_closed = False
        self._telling: asyncio.Task[None] | None = None

    @property
    def max_message_size(self) -> int:
        return MAX_MESSAGE_BYTES

    @classmethod
    def methods(cls) -> list[str]:
        return ["GET"]

    async def begin(self) -> None:
        """Refuse in our own words whatever Tornado would refuse in its own."""
        headers = self.request.headers
        connection = [token.strip() for token in headers.get("Connection", "").lower().split(",")]
        if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in connection:
            raise BadRequest("This address is a WebSocket's, and this request does not ask for one.")
        if headers.get("Sec-WebSocket-Version") != "13" or not headers.get("Sec-WebSocket-Key"):
            raise BadRequest("This server speaks version 13 of the WebSocket protocol.")
        if self._check_cross_origin(self.check_origin) is not None:
            raise errors.CrossOrigin
        self.sockets.check(self.caller.owner)

    async def open(self, *_: str) -> None:
        if self._is_closed:  # the client left before the handshake was over
            return
        self.set_nodelay(True)
        self._limit_buffer()
        self._forget_request()
        self.sockets.add(self)
        self._telling = asyncio.create_task(self._tell())
        # It must listen before the first command is read, which may have come with the handshake.
        await asyncio.sleep(0)

    def _limit_buffer(self) -> None:
        assert self.ws_connection
        if self.ws_connection.stream and self.ws_connection.stream.socket:
            self.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def _forget_request(self) -> None:
        """Ten thousand idle sockets are kept; what asked for each would weigh more than the socket does."""
        self.request.headers.clear()  # Tornado's own frames hold them, too
        self._headers = self.request.headers
        self.request.__dict__.pop("_cookies", None)
        self.request.connection = self.request.server_connection = None
        self._transforms = []

    def on_close(self) -> None:
        self._is_closed = True
        self.sockets.remove(self)
        if self._telling:
            self._telling.cancel()
            self._telling = None  # or the two would hold each other until a distant garbage collection

    def ask_for_life(self) -> None:
        """Ping; drop the connection instead when the last ping has had no answer."""
        if not self._is_alive:
            self._drop()
            return
        self._is_alive = False
        with contextlib.suppress(WebSocketClosedError):
            self.ping()

    def on_pong(self, data: bytes) -> None:
        self._is_alive = True

    async def leave(self) -> None:
        """Say goodbye before a planned end."""
        if self._telling:
            self._telling.cancel()
        await self.say("bye", {})
        self.close(GOING_AWAY)

    # To the client

    async def _tell(self) -> None:
        try:
            await self.tell_all()
        except (WebSocketClosedError, TimeoutError):
            self._drop()
        except Exception:
            log.exception("event=bug in=socket")
            self.close(1011)

    async def tell_all(self) -> None:
        """Say everything that is to be said without being asked."""

    async def say(self, event: str, data: dict[str, Any]) -> None:
        """Write one frame and wait until it has left; TimeoutError when the reader does not drain."""
        frame = json.dumps({"event": event, "data": data}, ensure_ascii=False, separators=(",", ":"))
        async with asyncio.timeout(SLOW_READER_SECONDS):  # wait_for may swallow the cancel of a closed socket
            await self.write_message(frame)

    def _drop(self) -> None:
        """End the connection without a closing handshake, which a reader that does not read cannot make."""
        if self.ws_connection:
            self.ws_connection._abort()

    # From the client

    async def on_message(self, message: str | bytes) -> None:
        try:
            self._count()
            await self._obey(message)
        except (WebSocketClosedError, TimeoutError):
            self._drop()

    def on_ping(self, data: bytes) -> None:
        self._count()

    def _count(self) -> None:
        """End the connection of who floods it: no page says so much."""
        try:
            self.sockets.messages.take(self._number)
        except errors.ClientLimit:
            log.info("event=flood address=%s", self.caller.address)
            self._drop()

    async def _obey(self, message: str | bytes) -> None:
        try:
            name, data = _parse(message)
            if name not in self.commands:
                raise BadRequest(f"There is no command {name[:40]!r}.")
            await getattr(self, self.commands[name])(data)
        except LeylineError as error:
            told = {
                "code": error.code,
                "title": error.title(),
                "detail": error.detail,
                "retryable": error.retryable,
            }
            await self.say("error", {**told, **error.extra})

    async def _ping(self, data: dict[str, Any]) -> None:
        await self.say("pong", {"server_time": timestamp(time.time())})

    async def _view_key(self, data: dict[str, Any]) -> None:
        await self.say("view_key", await view_key(self.watch, self.caller.owner, data))


def _parse(message: str | bytes) -> tuple[str, dict[str, Any]]:
    body = json_object(message, "The message")
    if not isinstance(body.get("event"), str):
        raise BadRequest('A message must be {"event": …, "data": …}.')
    data = body.get("data", {})
    if not isinstance(data, dict):
        raise BadRequest("A message's data must be an object.")
    return body["event"], data
