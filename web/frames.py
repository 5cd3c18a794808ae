"""A client's WebSocket frames, held to the protocol where Tornado does not look, and counted as they come; and
ours, made once for whoever gets them.

How much may come is left to `sockets`, what a message means to `socket`. Danger: every frame costs something,
also a pong and an empty fragment, which no handler ever hears of.
"""

import struct
from asyncio import Future
from collections.abc import Callable, Coroutine
from typing import Any, cast

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from web.connections import Stream

MASKED = 0x80
WHOLE_TEXT = 0x81
CLOSE = 0x8
SHORT, MEDIUM = 125, 0xFFFF  # the most bytes of a frame whose head has 2, or 4
CLOSE_CODES = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}  # that may be sent (RFC 6455, 7.4)


class Frames(WebSocketProtocol13):
    """Tornado's end of the protocol. What must not come ends the connection, like what Tornado finds itself."""

    # Objects share a table of their attributes' names up to a size that Tornado's own fill: with one more in
    # `__dict__`, each of ten thousand sockets would have a table for itself, of nearly 2 kB.
    __slots__ = ("_begins", "_may_come")

    def __init__(self, handler: WebSocketHandler, params: Any, may_come: Callable[[int, bool], bool]) -> None:
        """`may_come` is asked for each piece: of how many bytes it was, and whether it began a frame."""
        super().__init__(handler, mask_outgoing=False, params=params)
        self._may_come = may_come
        self._begins = False

    def write_whole(self, frame: bytes) -> "Future[None]":
        """Write what `framed` made; done when it has left, which mostly is at once. `WebSocketClosedError`."""
        if self.is_closing():
            raise WebSocketClosedError
        self._wire_bytes_out += len(frame)
        try:
            return self.stream.write(frame)
        except StreamClosedError:
            raise WebSocketClosedError from None

    @property
    def is_free(self) -> bool:
        """Whether it may still be written to, and nothing waits to leave."""
        return not self.stream.writing() and not self.is_closing()

    def write_now(self, frame: bytes) -> None:
        """Write what `framed` made while it is free, without a word of when it has left."""
        self._wire_bytes_out += len(frame)
        cast(Stream, self.stream).write_now(frame)

    # Ten thousand sockets wait here: a coroutine of ours around Tornado's would cost each half a kilobyte.
    def _receive_frame(self) -> Coroutine[Any, Any, None]:
        self._begins = True
        return super()._receive_frame()

    async def _read_bytes(self, n: int) -> bytes:
        data = await self.stream.read_bytes(n)
        self._wire_bytes_in += n
        begins, self._begins = self._begins, False
        if not self._may_come(n, begins) or (begins and not data[1] & MASKED):
            raise StreamClosedError
        return data

    def _handle_message(self, opcode: int, data: bytes) -> "Future[None] | None":
        if opcode == CLOSE and not is_close(data):
            self._abort()
            return None
        return super()._handle_message(opcode, data)


def framed(text: str) -> bytes:
    """The text as one frame from the server, the same for every client: not masked, and nothing is compressed."""
    data = text.encode()
    size = len(data)
    if size <= SHORT:
        return struct.pack("!BB", WHOLE_TEXT, size) + data
    if size <= MEDIUM:
        return struct.pack("!BBH", WHOLE_TEXT, SHORT + 1, size) + data
    return struct.pack("!BBQ", WHOLE_TEXT, SHORT + 2, size) + data


def is_close(data: bytes) -> bool:
    """Whether a close frame may say this: nothing, or a code that may be sent, and a reason that is text."""
    if not data:
        return True
    try:
        data[2:].decode()
    except UnicodeDecodeError:
        return False
    return len(data) > 1 and struct.unpack("!H", data[:2])[0] in CLOSE_CODES
