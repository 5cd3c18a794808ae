"""Who is asking: the browser's session, a bearer's token, and the address whose limits count.

What they may do is left to the handlers. Danger: a session's id is a credential; it never leaves its
cookie, and everything stored or logged is its digest.
"""

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler

from leyline.settings import networks
from web.limits import RateLimit

COOKIE_DAYS = 400  # the longest that browsers keep one
RENEW_DAYS = 30  # an older cookie is written anew when its page is opened
NEW_SESSIONS_PER_MINUTE, NEW_SESSIONS_AT_ONCE = 120, 200  # of one address
WRONG_TOKENS_PER_MINUTE, WRONG_TOKENS_AT_ONCE = 10, 20  # of one address


@dataclass(frozen=True)
class Caller:
    """Who sent a request. `owner` is the digest of their session; None for a caller without one."""

    owner: str | None
    address: str
    admitted: bool  # by a token, or because none is needed

    @property
    def client(self) -> str:
        """Whose limits count."""
        return self.owner or network(self.address)


class Sessions:
    """Reads and writes the session cookie of one installation, and judges its two tokens."""

    def __init__(self, secret: str, token: str, operator_token: str, trusted_proxies: str) -> None:
        """`token` admits people, "" admits all; `trusted_proxies` lists addresses or networks, commas between."""
        # Two servers on one host share a cookie jar whatever their ports, so each has a name of its own.
        self.cookie_name = f"leyline_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
        self._admission = hmac.digest(secret.encode(), token.encode(), "sha256").hex()[:32]
        self._token = token
        self._operator_token = operator_token
        self._proxies = networks(trusted_proxies)
        self._new_sessions = RateLimit(NEW_SESSIONS_PER_MINUTE, NEW_SESSIONS_AT_ONCE)
        self._wrong_tokens = RateLimit(WRONG_TOKENS_PER_MINUTE, WRONG_TOKENS_AT_ONCE)

    def caller(self, handler: RequestHandler) -> Caller:
        """The caller of a request; `ClientLimit` for who has tried too many wrong tokens."""
        session_id, _, admission = self._read(handler, COOKIE_DAYS).partition(".")
        admitted = (
            not self._token
            or _same(admission, self._admission)
            or self._bears(handler, self._token, self._operator_token)
        )
        owner = hashlib.sha256(session_id.encode()).hexdigest()[:32] if session_id else None
        return Caller(owner, self.address(handler.request), admitted)

    def open(self, handler: RequestHandler) -> None:
        """Give the browser a session if it brought no valid one, and renew an old one.

        Raises `ClientLimit` when its address has had too many new ones.
        """
        value = self._read(handler, COOKIE_DAYS)
        if not value:
            self._new_sessions.take(network(self.address(handler.request)))
        if not value or not self._read(handler, RENEW_DAYS):
            self._write(handler, value or f"{secrets.token_hex(16)}.")

    def admit(self, handler: RequestHandler, token: str) -> bool:
        """Let the browser's session in if the access token is right; `ClientLimit` after too many wrong ones."""
        if not self._token:
            return True
        if not self._is_right(handler, token, self._token):
            return False
        session_id = self._read(handler, COOKIE_DAYS).partition(".")[0] or secrets.token_hex(16)
        self._write(handler, f"{session_id}.{self._admission}")
        return True

    def is_operator(self, handler: RequestHandler) -> bool:
        """Whether the request bears the operator's token; `ClientLimit` after too many wrong ones."""
        return self._bears(handler, self._operator_token)

    def address(self, request: HTTPServerRequest) -> str:
        """The caller's address: the nearest one on the way that is not a trusted proxy's."""
        address = request.remote_ip or "unknown"
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            if not self._is_proxy(address) or not _is_address(hop.strip()):
                break
            address = hop.strip()
        return address

    def is_secure(self, request: HTTPServerRequest) -> bool:
        """Whether the browser speaks https, to us or to a trusted proxy."""
        if self._is_proxy(request.remote_ip or ""):
            return request.headers.get("X-Forwarded-Proto", request.protocol) == "https"
        return request.protocol == "https"

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in proxy for proxy in self._proxies)

    def _read(self, handler: RequestHandler, days: float) -> str:
        value = handler.get_signed_cookie(self.cookie_name, max_age_days=days)
        return value.decode("ascii", "replace") if value else ""

    def _write(self, handler: RequestHandler, value: str) -> None:
        secure = self.is_secure(handler.request)
        handler.set_signed_cookie(
            self.cookie_name, value, COOKIE_DAYS, httponly=True, samesite="Lax", path="/", secure=secure
        )

    def _bears(self, handler: RequestHandler, *tokens: str) -> bool:
        scheme, _, given = handler.request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._is_right(handler, given.strip(), *tokens)

    def _is_right(self, handler: RequestHandler, given: str, *tokens: str) -> bool:
        """Whether it is one of these. A wrong guess counts; who made too many is not told about the next one."""
        guesser = network(self.address(handler.request))
        self._wrong_tokens.check(guesser)
        if not any(known and _same(given, known) for known in (self._token, self._operator_token)):
            self._wrong_tokens.take(guesser)
        return any(token and _same(given, token) for token in tokens)


def network(address: str) -> str:
    """What one client can choose its addresses from: an IPv6 address counts as its /64."""
    if ":" not in address or not _is_address(address):
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
