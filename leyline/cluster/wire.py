"""What the engine's connections carry here: plain values as MessagePack, in frames of a bounded size, nothing else.

The engine's own frames may hold pickles, which run code where they are read, and may say that they are as long as
they like; so its two transports are replaced by these, for every connection of this process. Who is at the other
end is left to TLS, what is said to `engine`. Danger: everything here comes from outside. What is not exactly a
frame ends its connection, and costs no more memory than a frame.
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import AsyncIterator
from typing import Any

import msgpack
from distributed.comm import registry
from distributed.comm.core import CommClosedError, Listener
from distributed.comm.registry import Backend
from distributed.comm.tcp import (
    TCP,
    TLS,
    BaseTCPListener,
    TCPBackend,
    TCPConnector,
    TCPListener,
    TLSBackend,
    TLSConnector,
    TLSListener,
)
from tornado.iostream import IOStream, StreamClosedError

from leyline.cluster.door import Told

log = logging.getLogger("leyline.cluster")

MAX_FRAME_BYTES = 2_000_000  # a chunk of a video, or some messages that were said within milliseconds
LENGTH = struct.Struct("!Q")
GREETING_SECONDS = 10  # from a connection to the end of its greeting; a port scan says nothing at all
MAX_GREETINGS = 1000  # at once
NOWHERE = "member"  # scheme of an address at which nobody listens: a worker is never called, it calls


_told = Told()


class _Plain:
    """The engine's transport with frames of ours."""

    stream: Any
    _closed: bool

    async def read(self, deserializers: object = None) -> Any:
        """The next message; `CommClosedError` when there is none, or what came is no frame."""
        try:
            return _loads(await self._read_bytes(await self.next_size()))
        except ValueError as error:
            self.abort()
            raise CommClosedError(f"no frame: {error}") from error

    async def next_size(self) -> int:
        """Wait for the next frame, and say of how many bytes it is; nothing of it is read by then."""
        (size,) = LENGTH.unpack(await self._read_bytes(LENGTH.size))
        if not 0 < size <= MAX_FRAME_BYTES:
            self.abort()
            raise CommClosedError(f"a frame of {size} bytes")
        return int(size)

    async def read_sized(self, size: int) -> Any:
        """The message of the frame that `next_size` has told of."""
        try:
            return _loads(await self._read_bytes(size))
        except ValueError as error:
            self.abort()
            raise CommClosedError(f"no frame: {error}") from error

    async def _read_bytes(self, size: int) -> bytes:
        stream: IOStream | None = self.stream
        if stream is None:
            raise CommClosedError("closed")
        try:
            return await stream.read_bytes(size)
        except StreamClosedError as error:
            self.stream, self._closed = None, True
            raise CommClosedError(str(error.real_error or "closed")) from (error.real_error or error)
        except BaseException:  # how much of the frame was read nobody knows
            self.abort()
            raise

    async def write(self, msg: object, serializers: object = None, on_error: object = None) -> int:
        """Send a message, and wait until the system has taken it; `CommClosedError` when the other end has gone."""
        stream: IOStream | None = self.stream
        if stream is None:
            raise CommClosedError("closed")
        data = msgpack.packb(msg, use_bin_type=True)
        try:
            await stream.write(LENGTH.pack(len(data)) + data)
        except StreamClosedError as error:
            self.stream, self._closed = None, True
            raise CommClosedError(str(error.real_error or "closed")) from (error.real_error or error)
        except BaseException:
            self.abort()
            raise
        return len(data)

    def abort(self) -> None:
        raise NotImplementedError


class PlainTCP(_Plain, TCP):
    """A connection without TLS."""

    abort = TCP.abort


class PlainTLS(_Plain, TLS):
    """A connection with TLS."""

    abort = TLS.abort


def _loads(data: bytes) -> Any:
    """ValueError for what is no message; there are no objects in it but the plain ones."""
    try:
        return msgpack.unpackb(data, raw=False, use_list=False, strict_map_key=False)
    except (msgpack.UnpackException, ValueError, TypeError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


class _Guarded(BaseTCPListener):
    """A listener whose port may be scanned: who does not greet in time, or at all, is gone and was told of once."""

    _greeting = 0

    @property
    def contact_address(self) -> str:
        """Where it would be called from elsewhere: that is in join files, and the engine need not look for it."""
        return str(self.listen_address)

    async def _handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        if self._greeting >= MAX_GREETINGS:
            stream.close()
            return
        self._greeting += 1
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                await super()._handle_stream(stream, address)  # type: ignore[no-untyped-call]
        except TimeoutError:
            refuse(stream, address, "it did not greet in time")
        except Exception as error:  # what it said is no greeting
            refuse(stream, address, f"it did not greet as a worker does: {error}")
        finally:
            self._greeting -= 1

    async def on_connection(self, comm: Any, handshake_overrides: dict[str, Any] | None = None) -> None:
        try:
            await super().on_connection(comm, handshake_overrides)
        except CommClosedError as error:
            tell_refused(comm.peer_address, f"no greeting: {error}")
            raise


def tell_refused(peer: str, reason: str) -> None:
    if _told.is_time():
        log.warning("event=connection_refused from=%s reason=%r", peer, reason)


def refuse(stream: IOStream, address: tuple[Any, ...], reason: str) -> None:
    tell_refused(f"{address[0]}:{address[1]}", reason)
    stream.close()


class _TCPListener(_Guarded, TCPListener):
    comm_class = PlainTCP


class _TLSListener(_Guarded, TLSListener):
    comm_class = PlainTLS


class _TCPConnector(TCPConnector):
    comm_class = PlainTCP


class _TLSConnector(TLSConnector):
    comm_class = PlainTLS


class _TCPBackend(TCPBackend):
    _connector_class = _TCPConnector
    _listener_class = _TCPListener


class _TLSBackend(TLSBackend):
    _connector_class = _TLSConnector
    _listener_class = _TLSListener


class _NowhereListener(Listener):
    """Listens to nobody: the engine wants its worker to have an address."""

    prefix = f"{NOWHERE}://"

    def __init__(self, name: str) -> None:
        self._address = f"{self.prefix}{name}"

    async def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def listen_address(self) -> str:
        return self._address

    @property
    def contact_address(self) -> str:
        return self._address


class _NowhereBackend(Backend):
    """Addresses that are names only, and different on all machines."""

    def get_connector(self) -> Any:
        raise OSError("a worker is never called")

    def get_listener(self, loc: str, handle_comm: Any, deserialize: bool, **connection_args: Any) -> Any:
        return _NowhereListener(loc)

    def get_address_host(self, loc: str) -> str:
        return loc

    def get_address_host_port(self, loc: str) -> tuple[str, int]:
        return loc, 0

    def resolve_address(self, loc: str) -> str:
        return loc

    def get_local_address_for(self, loc: str) -> str:
        return loc


def use() -> None:
    """From now on all connections of this process are of these."""
    registry.backends.update(tcp=_TCPBackend(), tls=_TLSBackend())
    registry.backends[NOWHERE] = _NowhereBackend()


@contextlib.asynccontextmanager
async def next_message(comm: Any, size: int, room: asyncio.Semaphore, stall_seconds: float) -> AsyncIterator[Any]:
    """The message of the frame that `next_size` has told of; until it is dealt with it takes its place in `room`.

    TimeoutError when it does not end within `stall_seconds`.
    """
    async with room:
        async with asyncio.timeout(stall_seconds):
            message = await comm.read_sized(size)
        yield message
