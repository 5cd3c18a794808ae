"""Watching over HTTP: opening a view, its encrypted stream in ranges, and its key over the WebSocket.

Danger: what is sent here must never be a file that plays, so there is no way to the master in this module.
"""

import asyncio
import base64
import re
import time
from typing import Any

from tornado.iostream import StreamClosedError

from leyline.errors import BadRequest, Refusal, TicketRefused, WatchOnly
from leyline.views import FIRST_USE_SECONDS, View
from leyline.watch import Watch
from web.base import Handler, problem
from web.representation import timestamp
from web.tasks import TaskHandler

TICKET_HEADER = "X-Leyline-Ticket"
PIECE_BYTES = 64 * 1024  # sent at a time, so that a slow reader holds no more of it than this
STALLED_SECONDS = 60.0  # a reader that takes nothing for so long is cut off

# What browsers say of a fetch by the page's own script. "Save video as…" is a navigation.
BY_SCRIPT = {
    "Sec-Fetch-Site": {"same-origin"},
    "Sec-Fetch-Mode": {"cors", "same-origin"},
    "Sec-Fetch-Dest": {"empty"},
}


class ViewHandler(TaskHandler):
    """Opens a view of the caller's own video."""

    watch: Watch

    async def post(self, task_id: str) -> None:
        view = await self.watch.open(await self.task(task_id), self.caller.owner)
        self.write_json(opened(view))


class StreamHandler(Handler):
    """The base of the handlers that send a view's ciphertext."""

    watch: Watch

    @property
    def ticket(self) -> str:
        """The ticket that came with the request; refuses what is not a fetch by the page's script."""
        for name, expected in BY_SCRIPT.items():
            if self.request.headers.get(name, "") not in expected | {""}:
                raise WatchOnly
        ticket = self.request.headers.get(TICKET_HEADER)
        if not ticket:
            raise WatchOnly
        return ticket

    async def send(self, view: View) -> None:
        """Answer with the range that was asked for, or with all of it."""
        start, end = self._range(view.size)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "inline")
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Length", end - start)
        try:
            for at in range(start, end, PIECE_BYTES):
                self.write(self.watch.views.read(view, at, min(at + PIECE_BYTES, end)))
                await asyncio.wait_for(self.flush(), STALLED_SECONDS)
        except (TicketRefused, TimeoutError, StreamClosedError):
            self.request.connection.close()  # the rest is not to be had; only a cut tells so
