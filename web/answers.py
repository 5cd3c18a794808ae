"""One line in the log for each answer, and how many there were of each status.

What is answered is left to the handlers. Danger: an address may hold a viewing link's token, and clients write
into it what they like; the log has neither.
"""

import collections
import json
import logging
import re
from http import HTTPStatus

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler

from web.sessions import Caller

log = logging.getLogger("leyline.web")

LONGEST_PATH, LONGEST_METHOD = 200, 20  # characters that are logged
LINK_TOKEN = re.compile(r'/watch/[^/"]+')


class Answers:
    """Logs each answer, and counts it by its status; called by Tornado for each one."""

    def __init__(self) -> None:
        self.by_status: collections.Counter[int] = collections.Counter()

    def __call__(self, handler: RequestHandler) -> None:
        if not getattr(handler, "client_left", False):  # else it has been here already
            _log(handler)
            self.by_status[handler.get_status()] += 1


def _log(handler: RequestHandler) -> None:
    """One line, without query, token or body."""
    request = handler.request
    status = handler.get_status()
    caller: Caller | None = getattr(handler, "caller", None)  # none where the request was refused before
    log.log(
        logging.ERROR if status == HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO,
        "event=request method=%s path=%s status=%d ms=%.1f address=%s",
        (request.method or "")[:LONGEST_METHOD],
        logged_path(request),
        status,
        1000 * request.request_time(),
        caller.address if caller else request.remote_ip,
    )


def logged_path(request: HTTPServerRequest) -> str:
    """The path as the log may have it: quoted, so that it forges no line, and without a viewing link's token."""
    return LINK_TOKEN.sub("/watch/…", json.dumps(request.path[:LONGEST_PATH]))
