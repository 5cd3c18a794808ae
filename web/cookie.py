"""The session's cookie: under which name and path it travels, and which of those that come are believed.

What its value means is left to `sessions`. Danger: a sibling host (evil.example.org beside leyline.example.org)
can plant cookies for us. On https a `__Host-` name keeps it from that; on plain http nothing can.
"""

import hashlib
import time

from tornado.web import RequestHandler

from web.forwarded import PREFIX_HEADER

COOKIE_DAYS = 400  # the longest that browsers keep one
RENEW_DAYS = 30  # an older cookie is written anew when its page is opened
DAY_SECONDS = 86_400


class Cookie:
    """Reads and writes the one cookie of an installation; its value is signed by the server's secret."""

    def __init__(self, secret: str, renamed_at: float) -> None:
        """`renamed_at`: until then (seconds since 1970) https had the name that plain http has still."""
        # Two servers on one host share a cookie jar whatever their ports, so each has a name of its own.
        self.name = f"leyline_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
        self._renamed_at = renamed_at

    def read(self, handler: RequestHandler) -> str:
        """The value, "" for none that counts."""
        if "Cookie" not in handler.request.headers:
            return ""
        name = self._name(handler)
        if _is_secure(handler):
            given = _values(handler, name)
            if len(given) > 1:  # one of them was planted, and nobody knows which
                return ""
            if not given:
                return self._from_before(handler)
        return self._signed(handler, name, COOKIE_DAYS)

    def is_old(self, handler: RequestHandler) -> bool:
        """Whether a value that counts should be written anew."""
        return not self._signed(handler, self._name(handler), RENEW_DAYS)

    def write(self, handler: RequestHandler, value: str) -> None:
        """Give the browser this value, and take the old name's from it where that was taken over."""
        secure = _is_secure(handler)
        handler.set_signed_cookie(
            self._name(handler),
            value,
            COOKIE_DAYS,
            httponly=True,
            samesite="Lax",
            path="/" if secure else handler.request.headers[PREFIX_HEADER] + "/",
            secure=secure,
        )
        if secure and handler.get_cookie(self.name) is not None:
            handler.clear_cookie(self.name, path="/")

    def _name(self, handler: RequestHandler) -> str:
        return f"__Host-{self.name}" if _is_secure(handler) else self.name

    def _from_before(self, handler: RequestHandler) -> str:
        """The value of a cookie that was signed before the name changed: nobody loses their tasks by that."""
        days_since = max((time.time() - self._renamed_at) / DAY_SECONDS, 0)
        if self._signed(handler, self.name, days_since):
            return ""
        return self._signed(handler, self.name, COOKIE_DAYS)

    def _signed(self, handler: RequestHandler, name: str, days: float) -> str:
        values = _values(handler, name)
        if not values:
            return ""
        value = handler.get_signed_cookie(name, values[0], max_age_days=days)
        return value.decode("ascii", "replace") if value else ""


def _is_secure(handler: RequestHandler) -> bool:
    return handler.request.protocol == "https"


def _values(handler: RequestHandler, name: str) -> list[str]:
    """All values that came under the name, the one with the longest path first (RFC 6265, 5.4)."""
    pairs = (pair.partition("=") for line in handler.request.headers.get_list("Cookie") for pair in line.split(";"))
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == name]
