"""What every handler shares: who is asking, JSON out, errors as problem+json.

Danger: bodies are streamed to every handler, because Tornado would buffer them whole before anybody
could refuse; and a refusal is sent before the body is read, then a little of the body is drained, since
a browser whose upload is cut off shows a broken connection instead of the answer.
"""

import asyncio
import contextlib
import functools
import json
import logging
import time
from collections.abc import Callable
from typing import Any, cast

import tornado.web
from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, format_timestamp
from tornado.iostream import StreamClosedError

from leyline import errors
from leyline.errors import Refusal
from web import problems
from web.answers import logged_path, of_task
from web.forwarded import PREFIX_HEADER
from web.parts import Parts
from web.sessions import Caller

log = logging.getLogger("leyline.web")

MAX_BODY_BYTES = 16 * 1024  # of everything but uploads
DRAIN_BYTES, DRAIN_SECONDS = 1_000_000, 2.0
UNLIMITED_BYTES = 1 << 62
PAGE_HEADER = "X-Leyline-Page"  # which no other site's page can send: a browser would ask for leave first
JSON_TYPE = "application/json; charset=UTF-8"
OTHER_TOKEN = "The access token is another one since this command was connected. leyline login connects it anew."
CLIENT_LEFT = 499  # for the log: no answer could be given

OF_EVERY_ANSWER = {"Cache-Control": "no-store", **problems.SECURITY_HEADERS}
BY_STATUS: dict[int, type[Refusal]] = {
    400: errors.BadRequest,
    403: errors.CrossOrigin,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
}


class Answering(tornado.web.RequestHandler):
    """What a handler of any kind has. It raises a `Refusal`; it never writes one."""

    caller: Caller
    needs_admission = True  # False for what everybody may have where an access token is set
    most_body_bytes = MAX_BODY_BYTES
    client_left = False
    task_id = ""  # what it is about, for the log, where the path does not say

    def initialize(self, parts: Parts) -> None:
        """Take what is used of the parts; a handler that uses more overrides this."""
        self.sessions, self.answers = parts.sessions, parts.answers

    @property
    def prefix(self) -> str:
        """The path below which the browser sees this server, "" for the root; it stands before every address."""
        return self.request.headers.get(PREFIX_HEADER, "")

    def clear(self) -> None:
        """As Tornado has it, which would spell out the time for each answer, and name itself."""
        self._headers = HTTPHeaders()
        self._headers["Content-Type"] = "text/html; charset=UTF-8"
        self._headers["Date"] = _date(int(time.time()))
        self.set_default_headers()
        self._write_buffer = []
        self._status_code, self._reason = 200, "OK"

    def set_default_headers(self) -> None:
        for name, value in OF_EVERY_ANSWER.items():  # `set_header` would look through each of them again
            self._headers[name] = value

    async def prepare(self) -> None:
        """Refuse what the address does not answer to, find out who is asking, and decide at the headers."""
        if self.request.method not in self.methods():
            raise errors.MethodNotAllowed
        self.caller = await self.sessions.caller(self)
        if self.needs_admission and not self.caller.admitted:
            raise errors.LoginOver(OTHER_TOKEN) if self.caller.login_id else errors.Unauthorized
        await self.begin()

    async def begin(self) -> None:
        """Whatever can be decided at the headers."""

    def cut(self) -> None:
        """End it now: the command that it is for was disconnected."""
        connection = cast(HTTP1Connection, self.request.connection)
        if connection and connection.stream:
            connection.stream.close()

    def on_finish(self) -> None:
        self.sessions.connected.remove(self)

    async def head(self, *arguments: str) -> None:
        await self.get(*arguments)  # type: ignore[misc]  # Tornado sends the headers only

    @classmethod
    def methods(cls) -> list[str]:
        """What this address answers to, as Allow has it."""
        return _methods(cls)  # type: ignore[arg-type]  # a class can be hashed

    def write_json(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", JSON_TYPE)
        self.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")))

    # Errors

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(error, Refusal):
            error = BY_STATUS.get(status_code, errors.Internal)()
        self.write_problem(error)
        self.finish()

    def write_problem(self, refusal: Refusal) -> bytes:
        """Make the answer this refusal; the body as it was written."""
        self.answers.by_code[refusal.code] += 1
        self.set_status(refusal.status)
        if isinstance(refusal, errors.MethodNotAllowed):
            self.set_header("Allow", ", ".join(self.methods()))
        for name, value in problems.headers(refusal).items():
            self.set_header(name, value)
        body = problems.body(refusal)
        self.write(body)
        return body

    def _check_cross_origin(self, check: Callable[[str], bool]) -> str | None:
        """Why the request is another site's, or None.

        On plain http only its Origin tells; where a proxy has changed the host that it is held against, our own
        page says so itself.
        """
        headers = self.request.headers
        if PAGE_HEADER in headers and "Sec-Fetch-Site" not in headers:
            return None
        try:
            return super()._check_cross_origin(check)
        except ValueError:  # an Origin that cannot be parsed
            return "malformed Origin"

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, Refusal | tornado.web.HTTPError):
            found = logged_path(self.request.path), of_task(self)
            log.error("event=bug path=%s%s", *found, exc_info=(typ, value, tb))  # type: ignore[arg-type]


@tornado.web.stream_request_body
class Handler(Answering):
    """The base of all handlers but the sockets': its request's body comes in pieces."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.received = b""
        self._refused = False
        self._drained_bytes = 0

    async def prepare(self) -> None:
        self.request.connection.set_max_body_size(UNLIMITED_BYTES)  # type: ignore[union-attr]
        try:
            await super().prepare()
        except Refusal as refusal:
            await self.refuse(refusal)

    async def begin(self) -> None:
        self.check_length(self.most_body_bytes)

    def check_length(self, limit_bytes: int) -> None:
        if (self.declared_bytes() or 0) > limit_bytes:
            raise errors.TooLarge(f"The request's body may have at most {limit_bytes} bytes.")

    def declared_bytes(self) -> int | None:
        """The body's length as the client said it; None when it did not."""
        length = self.request.headers.get("Content-Length")
        return None if length is None else int(length)

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
        if len(self.received) + len(chunk) > self.most_body_bytes:
            raise errors.TooLarge(f"The request's body may have at most {self.most_body_bytes} bytes.")
        self.received += chunk

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with the refusal now; when a body is still coming, end only after some of it was drained."""
        self.let_go()
        if not self._body_is_coming():
            self.write_problem(refusal)
            self.finish()
            return
        self._refused = True
        self.request.headers.pop("Expect", None)  # or Tornado would ask for the body after the answer
        # Tornado calls the method once the body has come, refused or not.
        setattr(self, self._method, self._finish_refused)
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._finish_refused)
        self.set_header("Connection", "close")
        body = self.write_problem(refusal)
        self.set_header("Content-Length", len(body))
        with contextlib.suppress(StreamClosedError):  # who is gone needs no answer
            await self.flush()

    @property
    def _method(self) -> str:
        return (self.request.method or "").lower()

    def _body_is_coming(self) -> bool:
        headers = self.request.headers
        return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers

    def _drain(self, size: int) -> None:
        self._drained_bytes += size
        if self._drained_bytes > DRAIN_BYTES:
            self._finish_refused()

    def _finish_refused(self, *_: str) -> None:
        if not self._finished:
            delattr(self, self._method)  # or it would hold its handler, until a distant garbage collection
            self.finish()
            cast(HTTP1Connection, self.request.connection).close()  # as was said; Tornado would keep it

    def let_go(self) -> None:
        """Give back what this request holds: it is refused, has its answer, or its client left; called twice."""

    def on_finish(self) -> None:
        super().on_finish()
        self.let_go()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.sessions.connected.remove(self)
        self.let_go()
        if not self._finished:
            if not self._refused:
                self.set_status(CLIENT_LEFT)
            self.application.log_request(self)
            self.client_left = True

    def json_body(self) -> dict[str, Any]:
        """The body, a JSON object; {} when there is none."""
        return json_object(self.received or b"{}", "The request's body")


class NothingHere(Handler):
    """Every address that is not in the table of routes."""

    needs_admission = False

    async def begin(self) -> None:
        raise errors.NotFound

    @classmethod
    def methods(cls) -> list[str]:
        return list(cls.SUPPORTED_METHODS)


@functools.cache
def _methods(handler: type[Answering]) -> list[str]:
    """What it has a method of its own for; found once, for each request asks."""
    answered = {
        name
        for name in handler.SUPPORTED_METHODS
        if getattr(handler, name.lower()) is not getattr(tornado.web.RequestHandler, name.lower())
    }
    return sorted(answered if "GET" in answered else answered - {"HEAD"})


_date = functools.lru_cache(1)(format_timestamp)  # all answers of a second have the same


def json_object(text: str | bytes, what: str) -> dict[str, Any]:
    """The JSON object that the client sent, with texts that can be stored and sent on; else `BadRequest`."""
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # a half of a surrogate pair cannot be UTF-8
    except (ValueError, RecursionError):
        raise errors.BadRequest(f"{what} is not JSON.") from None
    if not isinstance(found, dict):
        raise errors.BadRequest(f"{what} is not a JSON object.")
    return found
