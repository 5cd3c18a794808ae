"""Who is asking: the browser's session, a command that is connected to one, a bearer's token, and the address whose
limits count.

What they may do is left to the handlers. Danger: a session's id is a credential; it never leaves its
cookie, and everything stored or logged is its digest.
"""

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, NamedTuple

from tornado.web import RequestHandler

from leyline import logins
from leyline.errors import LoginOver
from leyline.logins import Logins
from leyline.network import is_loopback, network_of
from web.connected import Connected
from web.cookie import Cookie
from web.limits import RateLimit

if TYPE_CHECKING:
    from web.base import Answering

NEW_SESSIONS_PER_MINUTE, NEW_SESSIONS_AT_ONCE = 120, 200  # of one address
WRONG_TOKENS_PER_MINUTE, WRONG_TOKENS_AT_ONCE = 10, 20  # of one address


class Caller(NamedTuple):
    """Who sent a request. `owner` is the digest of their session; None for a caller without one."""

    owner: str | None
    address: str
    admitted: bool  # by a token, or because none is needed
    limits_networks: bool = True
    login_id: str | None = None  # of a command that acts for the session

    @property
    def browser(self) -> str | None:
        """The session where it is the browser itself that asks: what no command of it may do needs this."""
        return None if self.login_id else self.owner

    @property
    def client(self) -> str:
        """Whose limits count."""
        return self.owner or network_of(self.address)

    @property
    def network(self) -> str | None:
        """Whence they come; None where that tells nobody apart: here, or where people share one network."""
        return None if is_loopback(self.address) or not self.limits_networks else network_of(self.address)


class Sessions:
    """Reads and writes the session cookie of one installation, and judges its two tokens."""

    def __init__(
        self,
        secret: str,
        token: str,
        operator_token: str,
        logins: Logins,
        *,
        renamed_at: float,
        limits_networks: bool,
    ) -> None:
        """`token` admits people, "" admits all; `renamed_at` is `Cookie`'s."""
        self._logins = logins
        self.connected = Connected()
        self._limits_networks = limits_networks
        self.cookie = Cookie(secret, renamed_at)
        self.admission = hmac.digest(secret.encode(), token.encode(), "sha256").hex()[:32]
        # Tells a server that has begun anew from the one that a client knew; the secret cannot be had from it.
        self.installation = hmac.digest(secret.encode(), b"installation", "sha256").hex()[:32]
        self._token = token
        self._operator_token = operator_token
        self._new_sessions = RateLimit(NEW_SESSIONS_PER_MINUTE, NEW_SESSIONS_AT_ONCE)
        self._wrong_tokens = RateLimit(WRONG_TOKENS_PER_MINUTE, WRONG_TOKENS_AT_ONCE)

    async def caller(self, handler: "Answering") -> Caller:
        """The caller of a request; `ClientLimit` for who has tried too many wrong tokens, `LoginOver` for a command
        that is not connected any more."""
        token = _bearer(handler)
        if logins.TOKEN.fullmatch(token):
            return await self._command(handler, logins.digest(token))
        session_id, _, admission = self.cookie.read(handler).partition(".")
        admitted = (
            not self._token
            or _same(admission, self.admission)
            or self._bears(handler, self._token, self._operator_token)
        )
        owner = hashlib.sha256(session_id.encode()).hexdigest()[:32] if session_id else None
        return Caller(owner, handler.request.remote_ip or "unknown", admitted, self._limits_networks)

    async def _command(self, handler: "Answering", token_hash: str) -> Caller:
        """The session's, for which the command was connected while the access token was the one that it is now."""
        self.connected.add(handler, token_hash)  # before it is looked for: who is cut off meanwhile is cut off
        login = await self._logins.find(token_hash)
        if login is None or self.connected.is_cut(handler):
            raise LoginOver
        admitted = not self._token or _same(login.admission or "", self.admission)
        address = handler.request.remote_ip or "unknown"
        return Caller(login.owner, address, admitted, self._limits_networks, login.login_id)

    def open(self, handler: RequestHandler) -> None:
        """Give the browser a session if it brought no valid one, and renew an old one.

        Raises `ClientLimit` when its address has had too many new ones.
        """
        value = self.cookie.read(handler)
        if not value:
            self._new_sessions.take(_network(handler))
        if not value or self.cookie.is_old(handler):
            self.cookie.write(handler, value or f"{secrets.token_hex(16)}.")

    def admit(self, handler: RequestHandler, token: str) -> bool:
        """Let the browser's session in if the access token is right; `ClientLimit` after too many wrong ones."""
        if not self._token:
            return True
        if not self._is_right(handler, token, self._token):
            return False
        session_id = self.cookie.read(handler).partition(".")[0] or secrets.token_hex(16)
        self.cookie.write(handler, f"{session_id}.{self.admission}")
        return True

    def is_operators(self, handler: RequestHandler, token: str) -> bool:
        """Whether this is the operator's token; `ClientLimit` after too many wrong ones."""
        return self._is_right(handler, token.strip(), self._operator_token)

    def is_operator(self, handler: RequestHandler) -> bool:
        """Whether the request bears the operator's token; `ClientLimit` after too many wrong ones."""
        return self._bears(handler, self._operator_token)

    def _bears(self, handler: RequestHandler, *tokens: str) -> bool:
        given = _bearer(handler)
        if not given or logins.TOKEN.fullmatch(given):  # no guess at one of the two
            return False
        return self._is_right(handler, given, *tokens)

    def _is_right(self, handler: RequestHandler, given: str, *tokens: str) -> bool:
        """Whether it is one of these. A wrong guess counts; who made too many is not told about the next one."""
        guesser = _network(handler)
        self._wrong_tokens.check(guesser)
        if not any(known and _same(given, known) for known in (self._token, self._operator_token)):
            self._wrong_tokens.take(guesser)
        return any(token and _same(given, token) for token in tokens)


def _network(handler: RequestHandler) -> str:
    return network_of(handler.request.remote_ip or "unknown")


def _bearer(handler: RequestHandler) -> str:
    """The token that the request bears; "" for none."""
    scheme, _, given = handler.request.headers.get("Authorization", "").partition(" ")
    return _as_meant(given.strip()) if given and scheme.lower() == "bearer" else ""


def _as_meant(header: str) -> str:
    """What a header says whose bytes were read as ISO 8859-1, though most clients send UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
