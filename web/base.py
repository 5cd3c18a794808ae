"""What every handler shares: who is asking, JSON out, errors as problem+json, one line in the log.

Danger: bodies are streamed to every handler, because Tornado would buffer them whole before anybody
could refuse; and a refusal is sent before the body is read, then a little of the body is drained, since
a browser whose upload is cut off shows a broken connection instead of the answer.
"""

import asyncio
import json
import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import tornado.web
from tornado.httputil import HTTPServerRequest

from leyline import errors
from leyline.errors import Refusal
from web.sessions import Caller, Sessions

log = logging.getLogger("leyline.web")

MAX_BODY_BYTES = 16 * 1024  # of everything but uploads
DRAIN_BYTES, DRAIN_SECONDS = 1_000_000, 2.0
UNLIMITED_BYTES = 1 << 62

BY_STATUS: dict[int, type[Refusal]] = {
    400: errors.BadRequest,
    403: errors.CrossOrigin,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
}

LINK_TOKEN = re.compile(r'/watch/[^/"]+')

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def problem(refusal: Refusal) -> dict[str, Any]:
    """The refusal as an RFC 9457 problem."""
    return {
        "type": f"urn:leyline:error:{refusal.code}",
        "title": refusal.title(),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "retryable": refusal.retryable,
    }


def secure_headers(handler: tornado.web.RequestHandler) -> None:
    """What every answer carries; and no banner of the server's version."""
    handler.clear_header("Server")
    for name, value in SECURITY_HEADERS.items():
        handler.set_header(name, value)


@tornado.web.stream_request_body
class Handler(tornado.web.RequestHandler):
    """The base of all handlers but the WebSocket's. A handler raises a `Refusal`; it never writes one."""

    sessions: Sessions
    caller: Caller
    needs_admission = True  # False for what everybody may have where an access token is set

    def initialize(self, sessions: Sessions, **parts: Any) -> None:
        self.sessions = sessions
        self.received = b""
        self._refused = False
        self._drained_bytes = 0
        for name, part in parts.items():
            setattr(self, name, part)

    def set_default_headers(self) -> None:
        secure_headers(self)
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        self.request.connection.set_max_body_size(UNLIMITED_BYTES)  # type: ignore[union-attr]
        try:
            self.identify()
            await self.begin()
        except Refusal as refusal:
            await self.refuse(refusal)

    def identify(self) -> None:
        """Find out who is asking, and refuse who needs the access token first."""
        self.caller = self.sessions.caller(self)
        if self.needs_admission and not self.caller.admitted:
            raise errors.Unauthorized

    async def begin(self) -> None:
        """Whatever can be decided at the headers."""
        self.check_length(MAX_BODY_BYTES)

    def check_length(self, limit_bytes: int) -> None:
        if self.declared_bytes() > limit_bytes:
            raise errors.TooLarge(f"The request's body may have at most {limit_bytes} bytes.")

    def declared_bytes(self) -> int:
        """The body's length as the client said it; 0 when it did not."""
        length = self.request.headers.get("Content-Length", "")
        return int(length) if length.isascii() and length.isdigit() else 0

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the body; what comes after a refusal is drained."""
        if self._refused:
            self._drain(len(chunk))
            return
        try:
            await self.receive(chunk)
        except Refusal as refusal:
            await self.refuse(refusal)

    async def receive(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        if len(self.received) + len(chunk) > MAX_BODY_BYTES:
            raise errors.TooLarge(f"The request's body may have at most {MAX_BODY_BYTES} bytes.")
        self.received += chunk

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with the refusal now; when a body is still coming, end only after some of it was drained."""
        if not self._body_is_coming():
            raise refusal
        self._refused = True
        # Tornado calls the method once the body has come, refused or not.
        setattr(self, (self.request.method or "").lower(), self._finish_refused)
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._finish_refused)
        self.set_header("Connection", "close")
        body = self._write_problem(refusal)
        self.set_header("Content-Length", len(body))
        await self.flush()

    def _body_is_coming(self) -> bool:
        headers = self.request.headers
        if "Expect" in headers:  # the client waits to be told to go on, and is not told
            return False
        return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers

    def _drain(self, size: int) -> None:
        self._drained_bytes += size
        if self._drained_bytes > DRAIN_BYTES:
            self._finish_refused()

    def _finish_refused(self, *_: str) -> None:
        if not self._finished:
            self.finish()

    def json_body(self) -> dict[str, Any]:
        """The body, a JSON object; {} when there is none."""
        try:
            body = json.loads(self.received or b"{}")
        except (ValueError, RecursionError):
            raise errors.BadRequest("The request's body is not JSON.") from None
        if not isinstance(body, dict):
            raise errors.BadRequest("The request's body is not a JSON object.")
        return body

    def write_json(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")))

    # Errors

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(error, Refusal):
            error = BY_STATUS.get(status_code, errors.Internal)()
        if isinstance(error, errors.MethodNotAllowed):
            self.set_header("Allow", ", ".join(_methods(type(self))))
        self._write_problem(error)
        self.finish()

    def _write_problem(self, refusal: Refusal) -> bytes:
        self.set_status(refusal.status)
        self.set_header("Content-Type", "application/problem+json; charset=UTF-8")
        if refusal.retry_after_seconds is not None:
            self.set_header("Retry-After", str(max(1, round(refusal.retry_after_seconds))))
        if refusal.status == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        body = json.dumps(problem(refusal), ensure_ascii=False).encode()
        self.write(body)
        return body

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, Refusal | tornado.web.HTTPError):
            log.error("event=bug path=%s", logged_path(self.request), exc_info=(typ, value, tb))  # type: ignore[arg-type]


def _methods(handler: type[tornado.web.RequestHandler]) -> Iterable[str]:
    base = tornado.web.RequestHandler
    return (
        method
        for method in handler.SUPPORTED_METHODS
        if getattr(handler, method.lower()) is not getattr(base, method.lower())
    )


class NothingHere(Handler):
    """Every address that is not in the table of routes."""

    needs_admission = False

    async def begin(self) -> None:
        raise errors.NotFound


def log_request(handler: tornado.web.RequestHandler) -> None:
    """One line per request, without query, token or body."""
    request: HTTPServerRequest = handler.request
    status = handler.get_status()
    level = logging.ERROR if status == HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
    log.log(
        level,
        "event=request method=%s path=%s status=%d ms=%.1f address=%s",
        request.method,
        logged_path(request),
        status,
        1000 * request.request_time(),
        request.remote_ip,
    )


def logged_path(request: HTTPServerRequest) -> str:
    """The path as the log may have it: quoted, so that it forges no line, and without a viewing link's token."""
    return LINK_TOKEN.sub("/watch/…", json.dumps(request.path[:200]))
