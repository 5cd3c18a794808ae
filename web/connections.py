"""Connections, before a handler has anything to say: how many there may be, how slow and how malformed.

Parsing is Tornado's, requests are the handlers'. Danger: everything here is decided for people who may
want to break the server; nothing may wait for them without an end, or keep what they send without a limit.
"""

import asyncio
import logging
import re
import resource
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import tornado.netutil
from tornado.http1connection import HTTP1Connection, HTTP1ServerConnection, is_transfer_encoding_chunked
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from leyline import errors
from leyline.errors import Refusal, StartupError
from leyline.network import network_of
from web import problems
from web.answers import Answers
from web.forwarded import PREFIX_HEADER, Proxies
from web.hosts import Hosts
from web.reading import LEAST_BYTES, MOST_BYTES, Body, Reading

log = logging.getLogger("leyline.connections")

MAX_HEADER_BYTES = 16 * 1024
MAX_PARSED_BYTES = 2 * MAX_HEADER_BYTES  # up to here a request that is too large is answered; beyond, it is cut off
MAX_CHUNK_LINE_BYTES = MAX_HEADER_BYTES  # up to here a chunk's size that is none is answered; beyond, it is cut off
MAX_BUFFERED_BODY_BYTES = 16 * 1024  # of what is not streamed to its handler
CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
BARE_REFUSAL = b"HTTP/1.1 400 Bad Request\r\n\r\n"  # all that Tornado says to a malformed request
END_OF_HEADERS = b"\r\n\r\n"
TLS_HANDSHAKE = 0x16  # how a TLS client begins; no request does
GO_ON = b"HTTP/1.1 100 (Continue)\r\n\r\n"  # no answer: that is yet to come

DESCRIPTORS = 65_536  # asked for; what the system allows may be less
DESCRIPTORS_FOR_FILES = 2_000  # kept free of connections: uploads, the database, the pipes
BACKLOG = 1024  # connections that wait to be accepted
FULL_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Patience:
    """How many seconds a client may take. Tests have less."""

    idle: float = 75  # until it has sent a request with all of its headers
    read: float = 30  # between two pieces of a body
    body: float = 300  # for all of a body
    write: float = 60  # without taking any of an answer


class Connections(HTTPServer):
    """Tornado's server with Leyline's manners."""

    patience = Patience()

    def initialize(  # type: ignore[override]
        self, application: Any, hosts: Hosts, proxies: Proxies, answers: Answers
    ) -> None:
        self.hosts = hosts
        self.proxies = proxies
        self.answers = answers
        self._at_work: set[IOStream] = set()  # of which a request has come, and its answer has not gone
        self._all_answered = asyncio.Event()
        self._is_stopping = False
        self._reading = Reading()
        super().initialize(
            application,
            max_header_size=MAX_PARSED_BYTES,
            max_body_size=MAX_BUFFERED_BODY_BYTES,
            chunk_size=MOST_BYTES,  # what its stream reads at a time is less without a turn
            idle_connection_timeout=self.patience.idle,
            body_timeout=self.patience.body,
        )

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        # Linux ends a connection whose other end takes nothing for so long; elsewhere only pings do.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = round(1000 * self.patience.write)
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        super().handle_stream(Stream(stream.socket, address[0], self.answers), address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        application = super().start_request(server_conn, request_conn)
        connection = cast(HTTP1Connection, request_conn)
        cast(Stream, connection.stream).is_answered = False
        self._end(connection.stream)  # of the request before it
        return Request(application, connection, self.hosts, self.proxies, self.patience, self._reading, self._begin)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        self._end(cast(HTTP1ServerConnection, server_conn).stream)

    def stop(self) -> None:
        """Accept nothing more; each connection ends with the answer to what it asks from now on."""
        self._is_stopping = True
        super().stop()

    async def all_answered(self) -> None:
        """Wait until every request that has come has its answer."""
        while self._at_work:
            self._all_answered.clear()
            await self._all_answered.wait()

    def _begin(self, connection: HTTP1Connection) -> None:
        self._at_work.add(connection.stream)
        if self._is_stopping:
            connection._disconnect_on_finish = True  # so the next request goes to the next server

    def _end(self, stream: IOStream) -> None:
        self._at_work.discard(stream)
        if not self._at_work:
            self._all_answered.set()


class Stream(IOStream):
    """A connection's bytes. Where Tornado refuses with a bare status, it says the refusal in full, once.

    Danger: a body may turn out to be malformed when its request has been answered. A second answer would be taken
    for the next request's.
    """

    def __init__(self, connection: socket.socket, address: str, answers: Answers) -> None:
        super().__init__(connection, read_chunk_size=LEAST_BYTES)
        super().set_nodelay(True)
        self.peer = self.address = address
        self._answers = answers
        self.refusal: Refusal | None = None
        self.is_answered = False  # the request that comes now: something of its answer was written
        self._has_begun = False
        self._is_early = False  # something has come that nobody has asked for yet

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """As IOStream has it; but who speaks TLS here is refused now: no end of its headers would come."""
        count = super().read_from_fd(buf)
        if count and not self._has_begun:
            self._has_begun = True
            if buf[0] == TLS_HANDSHAKE and count >= len(END_OF_HEADERS):
                buf[: len(END_OF_HEADERS)] = END_OF_HEADERS
        return count

    def set_nodelay(self, value: bool) -> None:
        """It never delays: Tornado would have it changed twice for each answer, by a system call each."""

    def _handle_events(self, fd: Any, events: int) -> None:
        """As IOStream has it; but what comes while nobody reads is left for one pass of the loop: mostly it is the
        next request, which is read by then. To listen no more, and then again, would be two system calls."""
        self._is_early = events == IOLoop.READ and not self.reading() and not self._is_early
        if not self._is_early:
            super()._handle_events(fd, events)

    @property
    def has_more(self) -> bool:
        """Whether something more has come than was read."""
        try:
            return not self.closed() and bool(self.socket.recv(1, socket.MSG_PEEK))
        except OSError:  # nothing, or nobody
            return False

    def write(self, data: bytes | memoryview) -> "asyncio.Future[None]":
        if data == BARE_REFUSAL:
            data = b"" if self.is_answered else self._whole_refusal()
        self.is_answered = self.is_answered or data != GO_ON
        return super().write(data)

    def write_now(self, data: bytes) -> None:
        """Write where nothing waits to be written, straight to the kernel: a buffer and a future for each cost a
        thousand watchers more than that."""
        try:
            sent = self.socket.send(data)
        except OSError:  # full, or gone: an ordinary write finds out which
            sent = 0
        if sent < len(data):
            super().write(data[sent:])

    def _whole_refusal(self) -> bytes:
        refusal = self.refusal or errors.BadRequest()
        log.info("event=refused code=%s address=%s", refusal.code, self.address)
        self._answers.by_code[refusal.code] += 1
        return problems.whole(refusal)

    def read_until(self, delimiter: bytes, max_bytes: int | None = None) -> "Awaitable[bytes]":
        """As Tornado has it, which reads only a chunk's size by it, and would cut off a longer line unanswered."""
        return super().read_until(delimiter, max_bytes and MAX_CHUNK_LINE_BYTES)


class Request(HTTPMessageDelegate):
    """One request on its way in: checked before the application hears of it, and ended when it stops coming."""

    def __init__(
        self,
        application: HTTPMessageDelegate,
        connection: HTTP1Connection,
        hosts: Hosts,
        proxies: Proxies,
        patience: Patience,
        reading: Reading,
        on_begin: Callable[[HTTP1Connection], None],
    ) -> None:
        self._on_begin = on_begin
        self._application = application
        self._connection = connection
        self._hosts = hosts
        self._proxies = proxies
        self._patience = patience
        self._reading = reading
        self._body: Body | None = None  # of which pieces come
        self._is_in_chunks = False
        self._timer: asyncio.TimerHandle | None = None

    async def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        self._on_begin(self._connection)
        start_line = self._as_asked(cast(RequestStartLine, start_line), headers)
        try:
            self._check(start_line, headers)
        except Refusal as refusal:
            cast(Stream, self._connection.stream).refusal = refusal
            raise HTTPInputError(refusal.code) from refusal
        prepared = self._application.headers_received(start_line, headers)
        if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
            return  # nothing more comes that would have to wait until its handler is prepared
        if prepared is not None:
            await prepared
        self._body = self._reading.begin(network_of(cast(Stream, self._connection.stream).address))
        self._is_in_chunks = "Content-Length" not in headers
        self._go_on()

    def _as_asked(self, start_line: RequestStartLine, headers: HTTPHeaders) -> RequestStartLine:
        """Make the request what its browser sent, whatever proxies between have made of it."""
        stream = cast(Stream, self._connection.stream)
        asked = self._proxies.asked(stream.peer, headers)
        stream.address = asked.address  # for the log
        context = cast(Any, self._connection.context)  # from which Tornado makes the request
        context.remote_ip, context.protocol = asked.address, asked.scheme
        if asked.host != headers.get("Host", ""):
            headers["Host"] = asked.host
        headers[PREFIX_HEADER] = asked.prefix
        path = self._proxies.within(start_line.path)
        return start_line if path is start_line.path else start_line._replace(path=path)

    def _check(self, start_line: RequestStartLine, headers: HTTPHeaders) -> None:
        """Refuse what is too large, what could be read in two ways, and what is meant for another host."""
        size = len(start_line.path) + sum(len(name) + len(value) + 4 for name, value in headers.get_all())
        if size > MAX_HEADER_BYTES:
            raise errors.HeadersTooLarge(
                f"A request's address and headers may be at most {MAX_HEADER_BYTES} bytes long."
            )
        if not CONTENT_LENGTH.fullmatch(headers.get("Content-Length", "0")):
            raise errors.BadRequest("The request's Content-Length is not a valid number.")
        try:
            is_unclear = is_transfer_encoding_chunked(headers) and start_line.version == "HTTP/1.0"
        except HTTPInputError:
            is_unclear = True
        if is_unclear:
            raise errors.BadRequest("It is not clear where the request's body ends.")
        if "Host" in headers:
            self._hosts.check(headers["Host"])

    async def data_received(self, chunk: bytes) -> None:
        self._stop_waiting()
        assert self._body is not None
        await self._body.advance(len(chunk))
        if self._body.is_over:  # its sender left meanwhile
            return
        taken = self._application.data_received(chunk)
        if taken is not None:
            await taken
        if not self._has_more:
            self._body.rest()
        self._go_on()

    @property
    def _has_more(self) -> bool:
        """Whether the next piece is there; of a body in chunks, half the line before one might be all there is."""
        stream = cast(Stream | None, self._connection.stream)
        return stream is not None and not self._is_in_chunks and stream.has_more

    def finish(self) -> None:
        self._end()
        self._application.finish()

    def on_connection_close(self) -> None:
        self._end()
        self._application.on_connection_close()

    def _end(self) -> None:
        """Nothing more of it comes."""
        self._stop_waiting()
        if self._body:
            self._body.end()
            self._read_at_most(LEAST_BYTES)

    def _go_on(self) -> None:
        """Wait for the next piece of the body, and not for ever."""
        assert self._body is not None
        self._read_at_most(self._body.piece_bytes)
        if self._connection.stream is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._patience.read, self._connection.stream.close)

    def _read_at_most(self, size: int) -> None:
        if self._connection.stream is not None:
            self._connection.stream.read_chunk_size = size

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


class Listener(socket.socket):
    """A listening socket that leaves descriptors for files, and does not spin when there are none."""

    most = DESCRIPTORS

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection; as socket.accept, but BlockingIOError also when there is no room for one."""
        try:
            connection, address = super().accept()
        except (BlockingIOError, ConnectionAbortedError):
            raise
        except OSError as error:  # no descriptors, no memory: it would be tried again without an end
            log.warning("event=cannot_accept reason=%r", error.strerror)
            self._pause()
            raise BlockingIOError from error
        # The kernel gives the lowest number that is free, so a high one tells that nearly all are taken.
        if connection.fileno() >= self.most:
            connection.close()
            raise ConnectionAbortedError
        return connection, address

    def _pause(self) -> None:
        loop = IOLoop.current()
        loop.update_handler(self, 0)
        loop.call_later(FULL_PAUSE_SECONDS, self._go_on)

    def _go_on(self) -> None:
        if self.fileno() >= 0:
            IOLoop.current().update_handler(self, IOLoop.READ)


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on a port, or on any free one for 0; `StartupError` when that cannot be."""
    both = host == "::"  # which people mean by it, and Tornado keeps a socket for IPv6 to itself
    try:
        bound = tornado.netutil.bind_sockets(port, None if both else host, backlog=BACKLOG)
    except OSError as error:
        raise StartupError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another --port or --host."
        ) from error
    return listeners(bound)


def listeners(listening: Iterable[socket.socket]) -> list[socket.socket]:
    """These listening sockets, with our manners."""
    descriptors = _raise_descriptor_limit()
    made = [Listener(fileno=each.detach()) for each in listening]
    for listener in made:
        listener.most = descriptors - min(DESCRIPTORS_FOR_FILES, descriptors // 2)
    return cast(list[socket.socket], made)


def _raise_descriptor_limit() -> int:
    """Take as many file descriptors as there may be, up to `DESCRIPTORS`; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
