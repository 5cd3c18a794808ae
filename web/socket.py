"""The server's end of one WebSocket: its handshake, JSON frames both ways, what its client may ask, its end.

What is said is left to `live` and `visitors`. Danger: a reader may be slow, deaf or gone; each socket writes
one frame at a time and is dropped when it does not drain, or gives no sign of life.
"""

import asyncio
import contextlib
import logging
import re
import socket
import time
from http import HTTPStatus
from typing import Any, ClassVar

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from leyline import errors
from leyline.errors import BadRequest, LeylineError
from leyline.times import timestamp
from web.base import Answering, json_object
from web.bulletins import text
from web.frames import Frames, framed
from web.parts import Parts
from web.videos import view_key

log = logging.getLogger("leyline.socket")

SLOW_READER_SECONDS = 30
SEND_BUFFER_BYTES = 64 * 1024  # what a slow reader gets late; more of it waits here, where the latest wins
KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
MAX_MESSAGE_BYTES = 4096
GOING_AWAY = 1001


class Socket(Answering, WebSocketHandler):
    """The base of both kinds of socket. Told apart by this object, never by anything that the client says."""

    commands: ClassVar[dict[str, str]] = {"view_key": "_view_key", "ping": "_ping"}  # command → method

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.sockets = parts.sockets
        self.watching = parts.watching
        self._number = str(next(self.sockets.numbers))  # id() may be given to another socket, later
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
        if headers.get("Sec-WebSocket-Version") != "13":
            raise BadRequest("This server speaks version 13 of the WebSocket protocol.")
        if not KEY.fullmatch(headers.get("Sec-WebSocket-Key", "")):
            raise BadRequest("Sec-WebSocket-Key must be 16 bytes in base64 (RFC 6455, 4.1).")
        if self._check_cross_origin(self.check_origin) is not None:
            raise errors.CrossOrigin
        self.sockets.check(self.caller)

    async def open(self, *_: str) -> None:
        if self._is_closed:  # the client left before the handshake was over
            return
        self._limit_buffer()
        self._forget_request()
        self.sockets.add(self)
        self._telling = asyncio.create_task(self._tell())
        # It must listen before the first command is read, which may have come with the handshake.
        await asyncio.sleep(0)

    def get_websocket_protocol(self) -> WebSocketProtocol13:
        tornados = super().get_websocket_protocol()
        assert isinstance(tornados, WebSocketProtocol13)  # as `begin` has made sure
        return Frames(self, tornados.params, self._may_come)

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

    def cut(self) -> None:
        """End it now: the command that it is for was disconnected."""
        self._is_closed = True
        self._drop() if self.ws_connection else super().cut()

    def on_finish(self) -> None:
        if self.get_status() != HTTPStatus.SWITCHING_PROTOCOLS:  # else it has just begun
            super().on_finish()

    def on_close(self) -> None:
        self._is_closed = True
        self.sessions.connected.remove(self)
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
        """Write one message and wait until it has left; TimeoutError when the reader does not drain."""
        await self.write_frame(framed(text(event, data)))

    async def write_frame(self, frame: bytes) -> None:
        """The same with a frame that is made already. While the reader keeps up, this returns without a pause."""
        if self.ws_connection is None:
            raise WebSocketClosedError
        assert isinstance(self.ws_connection, Frames)
        written = self.ws_connection.write_whole(frame)
        try:
            if written.done():
                written.result()
                return
            async with asyncio.timeout(SLOW_READER_SECONDS):  # wait_for may swallow the cancel of a closed socket
                await written
        except StreamClosedError:
            raise WebSocketClosedError from None

    def _drop(self) -> None:
        """End the connection without a closing handshake, which a reader that does not read cannot make."""
        if self.ws_connection:
            self.ws_connection._abort()

    # From the client

    async def on_message(self, message: str | bytes) -> None:
        try:
            await self._obey(message)
        except (WebSocketClosedError, TimeoutError):
            self._drop()

    def _may_come(self, size_bytes: int, is_frame: bool) -> bool:
        """False for who floods the connection, which then ends: no page says so much."""
        try:
            self.sockets.count(self._number, size_bytes, is_frame)
        except errors.ClientLimit:
            log.info("event=flood address=%s", self.caller.address)
            return False
        return True

    async def _obey(self, message: str | bytes) -> None:
        try:
            name, data = _parse(message)
            if name not in self.commands:
                raise BadRequest(f"There is no command {name[:40]!r}.")
            await getattr(self, self.commands[name])(data)
        except LeylineError as error:
            self.answers.by_code[error.code] += 1
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
        await self.say("view_key", await view_key(self.watching, self.caller, data))


def _parse(message: str | bytes) -> tuple[str, dict[str, Any]]:
    body = json_object(message, "The message")
    if not isinstance(body.get("event"), str):
        raise BadRequest('A message must be {"event": …, "data": …}.')
    data = body.get("data", {})
    if not isinstance(data, dict):
        raise BadRequest("A message's data must be an object.")
    return body["event"], data
