"""The front door's TLS: who is let in, and who has to leave.

OpenSSL decides at the handshake: TLS 1.3, a certificate of this installation's authority that is for joining, in
time and not revoked. Here is told whom it refused and why; a connection that does not get through its handshake
is given up; and one that is open is ended when its certificate expires or is revoked, also by another process.
Who the connection is for, and what is said over it, is left to the engine.

Danger: the engine closes what it opened; here a socket is only shut down, under its TLS, which both ends see as
the connection's end. `SSLSocket.shutdown` would take the TLS away and let what still comes be read as if it were
plain.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, time
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from leyline.cluster.certificates import Authority
from leyline.errors import StartupError

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between two looks at what was revoked and what has expired
RENEW_SECONDS = 3600.0  # between two looks at the front door's own certificate
HANDSHAKE_SECONDS = 10.0  # for a handshake; who needs longer is no worker
MOST_HANDSHAKES = 256  # under way at once; beyond, the oldest is given up
TOLD_AT_ONCE, TOLD_A_SECOND = 20, 1.0  # refusals in the log: a port scan must not fill it

REASONS = {  # of OpenSSL, for a refused handshake: what people read
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it showed no certificate",
    "HTTP_REQUEST": "it spoke HTTP",
    "WRONG_VERSION_NUMBER": "it did not speak TLS",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS 1.3",
    "CERTIFICATE_EXPIRED": "its certificate has expired",
    "CERTIFICATE_REVOKED": "its certificate was revoked",
    "UNKNOWN_CA": "it does not trust this front door: its join file is of another installation",
}
VERDICTS = {  # of OpenSSL, on a certificate (X509_V_ERR_…)
    9: "its certificate is not valid yet: one of the two clocks is wrong",
    10: "its certificate has expired",
    18: "its certificate is of another authority",
    19: "its certificate is of another authority",
    20: "its certificate is of another authority",
    21: "its certificate is of another authority",
    23: "its certificate was revoked",
    26: "its certificate is not for joining",
    7: "its certificate is of another authority",
}
LEFT = "it left before it had shown who it is"


class Connection(ssl.SSLSocket):
    """An incoming connection, known to the door from its first byte to its end."""

    context: "DoorContext"
    peer = "unknown"  # its address
    has_begun = False  # its handshake

    def do_handshake(self, block: bool = False) -> None:
        """One step of it. What OpenSSL refuses is told here, and looks like an end to who called."""
        door = self.context.door
        door.begins(self)
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError as error:
            door.refuses(self, error)
            raise ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "refused at the door") from error
        door.enters(self)


class DoorContext(ssl.SSLContext):
    """As the standard library's, and its connections know the door."""

    door: "Door"
    sslsocket_class = Connection


class Door:
    """The TLS of one front door. `context` is for its listener; `keep` has to run as long as that."""

    def __init__(self, authority: Authority, wall_clock: Callable[[], float] = time) -> None:
        self._authority = authority
        self._clock = wall_clock
        self.context = DoorContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.door = self
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
        self.context.num_tickets = 0  # with a ticket somebody would come back without showing a certificate
        self.context.options |= ssl.OP_NO_TICKET
        self.context.load_verify_locations(cadata=authority.certificate)
        self._revoked: frozenset[int] = frozenset()
        self._handshakes: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()  # since when, oldest first
        self._inside: WeakSet[Connection] = WeakSet()
        self._told = Told()
        self._seen: tuple[int, ...] | None = None
        self._show(authority.own())
        self._renewed_at = monotonic()
        self.read_revocations()

    async def keep(self) -> None:
        """End what has to end, within seconds, and renew the own certificate in time, until canceled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except StartupError as error:  # what was known goes on counting
                if self._told.is_new(error.detail):
                    log.error("event=certificates_unreadable reason=%r", error.detail)
            except Exception:
                log.exception("event=bug in=door")
            self.sweep()

    async def _look(self) -> None:
        await asyncio.to_thread(self.read_revocations)
        if monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renewed_at = monotonic()
            self._show(await asyncio.to_thread(self._authority.own))

    def _show(self, own: Path) -> None:
        """Show this certificate from the next handshake on. In the loop's thread: no handshake is under way."""
        self.context.load_cert_chain(own)

    def read_revocations(self) -> None:
        """Take in what was revoked since, by whatever process; the file is read when it is another one."""
        path = self._authority.revocations_file
        try:
            status = path.stat()
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        except OSError:
            seen = None  # reading it says what is wrong
        if seen is None or seen != self._seen:
            self._revoked = self._authority.revoked_serials()
            self.context.load_verify_locations(path)
            self._seen = seen

    def sweep(self) -> None:
        """End each connection that is over its time: of its handshake, or of its certificate."""
        for connection, since in list(self._handshakes.items()):
            if monotonic() - since > HANDSHAKE_SECONDS:
                _end(connection)
        for connection in list(self._inside):
            if connection.fileno() == -1:
                self._inside.discard(connection)
            elif (reason := self._over(connection)) is not None:
                self._inside.discard(connection)
                log.warning(
                    "event=connection_ended peer=%s name=%s reason=%r",
                    connection.peer,
                    name_in(connection.getpeercert() or {}),
                    reason,
                )
                _end(connection)

    def _over(self, connection: Connection) -> str | None:
        """Why this connection may be open no more, if it may not."""
        shown = connection.getpeercert() or {}
        if int(str(shown["serialNumber"]), 16) in self._revoked:
            return VERDICTS[23]
        return VERDICTS[10] if ssl.cert_time_to_seconds(str(shown["notAfter"])) <= self._clock() else None

    # As a connection comes

    def begins(self, connection: Connection) -> None:
        """Called at each step of its handshake."""
        if connection.has_begun:  # perhaps given up since: it does not count again
            return
        connection.has_begun = True
        while len(self._handshakes) >= MOST_HANDSHAKES:
            oldest = next(iter(self._handshakes))
            del self._handshakes[oldest]
            _end(oldest)
        with contextlib.suppress(OSError):  # it has gone already
            connection.peer = connection.getpeername()[0]
        self._handshakes[connection] = monotonic()

    def refuses(self, connection: Connection, error: OSError) -> None:
        self._handshakes.pop(connection, None)
        if self._told.is_time():
            log.warning("event=join_refused peer=%s reason=%r", connection.peer, reason_of(error))

    def enters(self, connection: Connection) -> None:
        self._handshakes.pop(connection, None)
        self._inside.add(connection)


def reason_of(error: OSError) -> str:
    """Why OpenSSL ended a handshake, for people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return VERDICTS.get(error.verify_code, f"its certificate is not good: {error.verify_message}")
    if not isinstance(error, ssl.SSLError) or error.args[0] in (ssl.SSL_ERROR_EOF, ssl.SSL_ERROR_ZERO_RETURN):
        return LEFT
    what = error.reason or "UNKNOWN"
    return next((words for part, words in REASONS.items() if part in what), f"its TLS failed: {what.lower()}")


def name_in(certificate: Mapping[str, Any]) -> str:
    """The name that this certificate, as `getpeercert` tells it, was made for."""
    names = (value for part in certificate.get("subject", ()) for key, value in part if key == "commonName")
    return next(names, "")


def _end(connection: Connection) -> None:
    with contextlib.suppress(OSError):  # it has gone
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Told:
    """What goes to the log about people who may come as often as they like."""

    def __init__(self) -> None:
        self._room, self._room_at, self._left_out = float(TOLD_AT_ONCE), monotonic(), 0
        self._last = ""

    def is_time(self) -> bool:
        """Whether there is room for another line; if so, what was left out since the last one is told first."""
        now = monotonic()
        self._room = min(TOLD_AT_ONCE, self._room + (now - self._room_at) * TOLD_A_SECOND)
        self._room_at = now
        if self._room < 1:
            self._left_out += 1
            return False
        self._room -= 1
        if self._left_out:
            log.warning("event=joins_refused_untold count=%d", self._left_out)
            self._left_out = 0
        return True

    def is_new(self, what: str) -> bool:
        """Whether this is not what was told last."""
        is_new, self._last = what != self._last, what
        return is_new
