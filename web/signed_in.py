"""Who is the operator: by the token that a request bears, or by a browser that was signed in with it.

What the operator may do is left to the handlers. Danger: this cookie commands everything, so it is stricter than a
session's. No other site's page can have it sent, it goes to the operator's own calls only, no script reads it, and
it is worth nothing once it is twelve hours old, its browser has signed out, or the server was started again.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from tornado.web import RequestHandler

from leyline import errors
from web.forwarded import PREFIX_HEADER
from web.sessions import Sessions

PATH = "/api/admin"
LIFE_SECONDS = 12 * 60 * 60
MOST_SIGNED_IN = 50  # who signed in first is signed out


class SignedIn:
    """The browsers that are signed in, by the digests of what their cookies hold."""

    def __init__(self, secret: str, sessions: Sessions, clock: Callable[[], float] = time.monotonic) -> None:
        # Two servers on one host share a cookie jar whatever their ports.
        self.name = f"leyline_operator_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
        self._sessions = sessions
        self._clock = clock
        self._ends: OrderedDict[str, float] = OrderedDict()
        self.open_pages = 0  # of the operator's, live at this moment

    def sign_in(self, handler: RequestHandler, token: str) -> None:
        """Give the browser its cookie; `OperatorOnly` for a wrong token, `ClientLimit` after too many of them."""
        if not self._sessions.is_operators(handler, token):
            raise errors.OperatorOnly("This is not the operator's token of this server.")
        value = secrets.token_hex(32)
        self._ends[_digest(value)] = self._clock() + LIFE_SECONDS
        if len(self._ends) > MOST_SIGNED_IN:
            self._ends.popitem(last=False)
        secure = handler.request.protocol == "https"
        handler.set_cookie(
            self._name(secure),
            value,
            max_age=LIFE_SECONDS,
            path=_path(handler),
            httponly=True,
            secure=secure,
            samesite="Strict",
        )

    def sign_out(self, handler: RequestHandler) -> None:
        """The browser's cookie is worth nothing any more, wherever it is; fine when it had none."""
        self._ends.pop(self.key(handler), None)
        handler.clear_cookie(self._name(handler.request.protocol == "https"), path=_path(handler))

    def key(self, handler: RequestHandler) -> str:
        """What `is_signed_in` knows the browser by, whose request may be over by then."""
        return _digest(handler.get_cookie(self._name(handler.request.protocol == "https")) or "")

    def is_signed_in(self, key: str) -> bool:
        return self._ends.get(key, float("-inf")) > self._clock()

    def check(self, handler: RequestHandler) -> None:
        """Raise `OperatorOnly` for everybody else, and `ClientLimit` for who has borne too many wrong tokens."""
        if not self.is_signed_in(self.key(handler)) and not self._sessions.is_operator(handler):
            raise errors.OperatorOnly

    def _name(self, secure: bool) -> str:
        return f"__Secure-{self.name}" if secure else self.name


def _path(handler: RequestHandler) -> str:
    return handler.request.headers.get(PREFIX_HEADER, "") + PATH


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
