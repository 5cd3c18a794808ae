"""Requests to a running Leyline, and what its answers mean.

What is asked is left to `client` and `following`. Danger: no answer does not mean that nothing
happened there, so what may not happen twice needs an Idempotency-Key.

    ClientError
    ├── Unreachable          no answer, or the connection was lost
    │   └── Unsafe           no connection that both sides trust and understand (TLS)
    ├── PictureUnreadable    the file on this side cannot be read
    └── Refused              the server's answer: status, code, detail
"""

import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

ANSWER_SECONDS = 30  # for an answer that needs no work
PING_SECONDS = 20  # a peer that vanished without a word is noticed within two of these

Task = dict[str, Any]

TRUST = "Name its authority's file in SSL_CERT_FILE, if you know that it is the right one."
BAD_CERTIFICATES = {  # by OpenSSL's X509_V_ERR_ numbers (x509_vfy.h)
    9: "its certificate is not valid yet. Look at the clocks of both machines.",
    10: "its certificate has expired. Whoever runs the server has to renew it; or this machine's clock is wrong.",
    18: f"its certificate is signed by itself. {TRUST}",
    19: f"its certificate comes from an authority that this machine does not know. {TRUST}",
    20: f"its certificate comes from an authority that this machine does not know. {TRUST}",
    62: "its certificate is for another name. Use the name that it was made for.",
    64: "its certificate is for another name. Use the name that it was made for.",
}
ON_THE_WAY = {  # what a proxy says by itself, in a page of its own
    401: "wants a name and a password",
    403: "does not let this through",
    407: "wants a name and a password",
    413: "takes no files of this size",
    429: "has had too many requests",
    502: "cannot reach Leyline",
    503: "cannot reach Leyline at the moment",
    504: "waited too long for Leyline",
}
BAD_TLS = {
    "WRONG_VERSION_NUMBER": "what answers there does not speak TLS. Try the address with http://.",
    "HTTP_REQUEST": "what answers there does not speak TLS. Try the address with http://.",
    "UNSUPPORTED_PROTOCOL": "it speaks only versions of TLS that are too old to be safe.",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it speaks no version of TLS that this machine does.",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the two found no way to encrypt that both know.",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants a certificate of the client, and this command has none.",
}


class ClientError(Exception):
    """What went wrong, in a sentence for people."""

    may_pass = False  # the same call may succeed later
    retry_after_seconds: float | None = None


class Unreachable(ClientError):
    """The server gave no answer."""

    may_pass = True


class Unsafe(Unreachable):
    """TLS failed; trying again would not help."""

    may_pass = False


class PictureUnreadable(ClientError):
    """The picture's file cannot be read."""


class Refused(ClientError):
    """The server's answer when it is no 2xx; `str` of it is the detail.

    `errors` are what is wrong with the parameters: a sentence each, by its JSON pointer ("/seconds", "" for all).
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after_seconds: float | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.errors = dict(errors or {})
        self.may_pass = status in (429, 502, 503, 504, 507) or code == "key_in_flight"


class RemoteServer:
    """One server, by its address. `open` it on the event loop before the first call, and `close` it."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url.rstrip("/"))
        userinfo, _, host = parts.netloc.rpartition("@")
        self.url = parts._replace(netloc=host).geturl()  # what is shown: a password in an address is a secret
        self._headers = {"User-Agent": "leyline"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif userinfo:  # for a proxy on the way (RFC 7617)
            self._headers["Authorization"] = f"Basic {b64encode(unquote(userinfo).encode()).decode()}"

    def open(self) -> None:
        self._http = SimpleAsyncHTTPClient(force_instance=True)

    def close(self) -> None:
        self._http.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        fits: Callable[[dict[str, Any]], bool] = lambda answer: True,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = ANSWER_SECONDS,
        may_be_empty: bool = False,
        **request: Any,
    ) -> dict[str, Any]:
        """The JSON object that the server answers with, else `Unreachable` or `Refused`.

        An object that does not fit what was asked for is refused as not Leyline's. `request` goes on to
        Tornado's HTTPRequest: `body`, or `body_producer`.
        """
        http_request = HTTPRequest(
            self.url + path,
            method,
            {**self._headers, **(headers or {})},
            connect_timeout=ANSWER_SECONDS,
            request_timeout=timeout_seconds,
            follow_redirects=False,  # a redirected upload would become a GET
            **request,
        )
        try:
            response = await self._http.fetch(http_request, raise_error=False)
        except (OSError, HTTPClientError, UnicodeError) as error:
            raise self._unreachable(error) from None
        answer = {} if may_be_empty and response.code == 204 else _json_object(response.body)
        if not 200 <= response.code < 300 or answer is None or not fits(answer):
            raise self._refused(response)
        return answer

    async def socket(self, path: str) -> WebSocketClientConnection:
        """An open WebSocket, which the caller closes, else `Unreachable` or `Refused`."""
        request = HTTPRequest(
            "ws" + self.url.removeprefix("http") + path,
            headers=self._headers,
            connect_timeout=ANSWER_SECONDS,
            request_timeout=ANSWER_SECONDS,
        )
        try:
            return await websocket_connect(request, ping_interval=PING_SECONDS, ping_timeout=PING_SECONDS)
        except (OSError, HTTPClientError, WebSocketError, UnicodeError) as error:
            if isinstance(error, HTTPClientError) and error.response and error.code != 599:
                raise self._refused(error.response) from None
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> Unreachable:
        error = getattr(error, "real_error", None) or error  # a stream's end has its reason
        if isinstance(error, ssl.SSLError):
            return Unsafe(f"{self.url} cannot be reached safely: {_advice(error)}")
        if isinstance(error, ConnectionResetError | BrokenPipeError | StreamClosedError | HTTPClientError):
            return Unreachable(f"The connection to {self.url} was lost.")
        return Unreachable(f"Nothing answers at {self.url}.")

    def _refused(self, response: HTTPResponse) -> Refused:
        problem = _json_object(response.body) or {}
        if "code" not in problem:
            problem = {"code": "not_leyline", "detail": self._stranger(response)}
        detail = str(problem.get("detail") or problem.get("title"))
        if problem["code"] == "token_needed" and "Authorization" in self._headers:
            detail = "The server does not accept the access token that was sent; it needs another."
        code, errors = str(problem["code"]), _errors(problem.get("errors"))
        return Refused(response.code, code, detail, _retry_after_seconds(response), errors)

    def _stranger(self, response: HTTPResponse) -> str:
        if 300 <= response.code < 400 and "Location" in response.headers:
            return f"The server has moved: it points to {response.headers['Location']}."
        if response.code in ON_THE_WAY:
            return f"A server on the way {ON_THE_WAY[response.code]} ({response.code})."
        told = self.not_leyline(response.code)
        speaks_tls = response.code == 400 and self.url.startswith("http:")  # so do nginx, Apache and Go complain
        return f"{told} Perhaps it speaks TLS: try the address with https://." if speaks_tls else told

    def not_leyline(self, status: int) -> str:
        """What is said of a server that does not speak as Leyline does."""
        return f"What answers at {self.url} is not Leyline (status {status})."


def _advice(error: ssl.SSLError) -> str:
    """What is wrong with the server's TLS, and what can be done about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return BAD_CERTIFICATES.get(error.verify_code, f"its certificate is not trusted ({error.verify_message}).")
    return BAD_TLS.get(error.reason, f"TLS failed ({error.reason or error.strerror}).")


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _retry_after_seconds(response: HTTPResponse) -> float | None:
    """As the server or a proxy says it: in seconds, or as the time when to come back (RFC 9110, 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal() and text.isascii() and len(text) < 10:
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((then.astimezone(UTC) - datetime.now(UTC)).total_seconds(), 1.0)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _errors(told: Any) -> dict[str, str]:
    """What a problem's `errors` say, as far as they are of the right kinds."""
    pairs = [(each.get("pointer"), each.get("detail")) for each in _list(told) if isinstance(each, dict)]
    return {pointer: detail for pointer, detail in pairs if isinstance(pointer, str) and isinstance(detail, str)}


def is_model(answer: dict[str, Any]) -> bool:
    """Whether this says what may be chosen of a model, or that nobody knows yet."""
    schema = answer.get("schema", "")
    return isinstance(answer.get("name"), str) and (schema is None or _has_properties(schema))


def _has_properties(schema: Any) -> bool:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return isinstance(properties, dict) and all(isinstance(each, dict) for each in properties.values())


def is_task(answer: dict[str, Any]) -> bool:
    """Whether this is a whole task, with all that is counted on or shown."""
    return {"task_id", "status", "progress"} <= answer.keys() and are_a_tasks(answer)


def are_a_tasks(fields: dict[str, Any]) -> bool:
    """Whether these fields can be a task's, each of its kind; there may be more of them, or fewer."""
    return all(KINDS[name](value) for name, value in fields.items() if name in KINDS)


def _is_moment(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        return moment.utcoffset() is not None and bool(moment.astimezone())
    except (TypeError, ValueError, OverflowError):
        return False


def _is_moment_or_none(value: Any) -> bool:
    return value is None or _is_moment(value)


def _is_place(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), int) for name in ("position", "size"))


KINDS: dict[str, Callable[[Any], bool]] = {
    "task_id": lambda value: isinstance(value, str),
    "status": lambda value: isinstance(value, str),
    "version": lambda value: isinstance(value, int),
    "progress": lambda value: value is None or (isinstance(value, int | float) and 0 <= value <= 100),
    "queue": lambda value: value is None or _is_place(value),
    "eta": lambda value: value is None or (isinstance(value, dict) and _is_moment_or_none(value.get("ready_at"))),
    "parameters": lambda value: value is None or isinstance(value, dict),
    "error": lambda value: value is None or isinstance(value, dict),
    "started_at": _is_moment_or_none,
    "finished_at": _is_moment_or_none,
}
