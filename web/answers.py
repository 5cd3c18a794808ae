"""One line in the log for each answer, and how many there were of each status and of each refusal.

What is answered is left to the handlers. Danger: an address may hold a viewing link's token, also a
mistyped one, and clients write into it what they like; the log has neither.
"""

import collections
import functools
import json
import logging
import re
from http import HTTPStatus

from tornado.web import RequestHandler

from web.sessions import Caller

log = logging.getLogger("leyline.web")

LONGEST_PATH, LONGEST_METHOD = 200, 20  # characters that are logged
PATHS_KNOWN = 1024  # whose form in the log is remembered: most are asked for again and again
HIDDEN = "…"
QUOTED = json.dumps(HIDDEN)[1:-1]
OF_TASK = re.compile(r"/api/video/([0-9a-f]{32})(?=/|$)")
# What opens something to whoever reads it: where a link's token belongs, and what looks like one anywhere else.
SECRET = re.compile(r"(?<=/watch/)[^/]+|(?:[0-9a-f]|%[0-9a-f]{2}){32,}", re.IGNORECASE)


class Answers:
    """Logs each answer, and counts it by its status; called by Tornado for each one."""

    def __init__(self) -> None:
        self.by_status: collections.Counter[int] = collections.Counter()
        self.by_code: collections.Counter[str] = collections.Counter()  # refusals, those on sockets too

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
        "event=request method=%s path=%s status=%d ms=%.1f address=%s%s",
        (request.method or "")[:LONGEST_METHOD],
        logged_path(request.path),
        status,
        1000 * request.request_time(),
        caller.address if caller else request.remote_ip,
        of_task(handler),
    )


def of_task(handler: RequestHandler) -> str:
    """Which task a request was about, the one that it found or its path's, for a line of the log; "" for none."""
    task_id: str = getattr(handler, "task_id", "")
    named = OF_TASK.match(handler.request.path)
    return f" task={task_id or named[1]}" if task_id or named else ""  # type: ignore[index]


def logged_path(path: str) -> str:
    """A path as the log may have it: quoted, so that it forges no line, and without a viewing link's token.

    Of what looks like one, only the id in a task's own address stays.
    """
    return _quoted(path) if len(path) <= LONGEST_PATH else _quoted.__wrapped__(path)


@functools.lru_cache(PATHS_KNOWN)
def _quoted(path: str) -> str:
    task = OF_TASK.match(path)
    begin = task.end() if task else 0
    shown = path[:begin] + SECRET.sub(HIDDEN, path[begin:])
    return json.dumps(shown[:LONGEST_PATH]).replace(QUOTED, HIDDEN)
