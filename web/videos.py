"""Watching over HTTP: opening a view, its encrypted stream in ranges, and its key.

Danger: what is sent here must never be a file that plays, so there is no way to the master in this module.
"""

import asyncio
import re
from typing import Any

from tornado.iostream import StreamClosedError

from leyline.errors import BadRequest, RangeNotSatisfiable, Refusal, WatchOnly
from leyline.line.tasks import Task
from leyline.times import timestamp
from leyline.watching.links import Link
from leyline.watching.views import Showing, base64url, from_base64url
from leyline.watching.watching import Opened, Watching
from web.base import Handler
from web.parts import Parts
from web.sessions import Caller
from web.tasks import TaskHandler

TICKET_HEADER = "X-Leyline-Ticket"
RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})|bytes=-(\d{1,18})", re.ASCII)
PIECE_BYTES = 64 * 1024  # sent at a time, so that a slow reader holds no more of it than this
STALLED_SECONDS = 60.0  # a reader that takes nothing for so long is cut off

# What browsers say of a fetch by the page's own script. "Save video as…" is a navigation.
BY_SCRIPT = {
    "Sec-Fetch-Site": {"same-origin"},
    "Sec-Fetch-Mode": {"cors", "same-origin"},
    "Sec-Fetch-Dest": {"empty"},
}


class WatchHandler(Handler):
    """The base of whatever leads to a view."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.watching = parts.watching
        self._without_eme = parts.settings.watch_without_eme == "yes"

    def opened(self, opening: Opened) -> dict[str, Any]:
        """A view as its opener sees it. `expires_at`: when its ticket is over."""
        return {
            "ticket": opening.ticket,
            "kid": base64url(opening.view.kid),
            "codec": opening.layout.codec,
            "size": opening.layout.size,
            "seconds": opening.layout.seconds,
            "segments": opening.layout.segments,
            "complete": opening.layout.complete,
            "without_eme": self._without_eme,
            "expires_at": timestamp(opening.view.ends),
        }


class WatchTaskHandler(WatchHandler, TaskHandler):
    """The same for the caller's own videos."""


class ViewHandler(WatchTaskHandler):
    """Opens a view of the caller's own video, or tells the same view again: of a video that grows there is more."""

    async def post(self, task_id: str) -> None:
        task, caller, ticket = await self.task(task_id), self.caller, self.json_body().get("ticket")
        if ticket is None:
            opening = await self.watching.open(task, caller.browser, network=caller.network)
        elif isinstance(ticket, str):
            opening = await self.watching.open_again(task, caller.browser, ticket)
        else:
            raise BadRequest("ticket must be a text.")
        self.write_json(self.opened(opening))


class KeyHandler(WatchTaskHandler):
    """Tells the key of a view of the caller's own video, where no WebSocket passes."""

    async def post(self, task_id: str) -> None:
        await self.task(task_id)
        self.write_json(await view_key(self.watching, self.caller, self.json_body()))


class StreamHandler(WatchHandler):
    """The base of the handlers that send a view's ciphertext."""

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

    async def send_view(self, task: Task, link: Link | None = None) -> None:
        """Answer with the view of this video, by its owner or by the link, that the request's ticket opens."""
        sent = self.request.headers.get(TICKET_HEADER)
        session = await self.watching.check(task, self.caller.browser, sent)
        view = self.watching.find(self.ticket, task, session, link)
        async with self.watching.show(task, view, link) as showing:
            await self._send(showing)

    async def _send(self, showing: Showing) -> None:
        """Answer with the range that was asked for, or with all of it; of what grows, with what there is."""
        # There is no validator that an If-Range could name.
        asked = None if "If-Range" in self.request.headers else self.request.headers.get("Range")
        size = showing.layout.size
        whole = size if showing.layout.complete else "*"  # nobody knows how long it will be
        found = byte_range(asked or "", size)
        start, end = found or (0, size)
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("Accept-Ranges", "bytes")
        if start >= end:
            self.set_header("Content-Range", f"bytes */{size}")
            self.write_problem(RangeNotSatisfiable())
            return
        if found:
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {start}-{end - 1}/{whole}")
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "inline")
        self.set_header("Content-Length", end - start)
        await self._send_pieces(showing, start, end)

    async def _send_pieces(self, showing: Showing, start: int, end: int) -> None:
        try:
            for at in range(start, end, PIECE_BYTES):
                self.write(await showing.read(at, min(at + PIECE_BYTES, end)))
                await asyncio.wait_for(self.flush(), STALLED_SECONDS)
        except (Refusal, TimeoutError, StreamClosedError):
            self.detach().close()  # the rest is not to be had; only a cut tells so


class VideoHandler(StreamHandler, WatchTaskHandler):
    """A view of the caller's own video."""

    async def get(self, task_id: str) -> None:
        await self.send_view(await self.task(task_id))


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """The one range of a Range header (RFC 9110) as (first, end), empty when it lies past the end.

    None, meaning all of it, for no header, a malformed one, or several ranges.
    """
    found = RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size


async def view_key(watching: Watching, caller: Caller, data: dict[str, Any]) -> dict[str, str]:
    """The answer to `view_key {ticket, public}`; a refusal names the ticket that it is about."""
    ticket, public = data.get("ticket"), data.get("public")
    if not isinstance(ticket, str):
        raise BadRequest("view_key needs a ticket.")
    try:
        view, key = await watching.tell_key(ticket, caller.browser, _bytes(public), network=caller.network)
    except Refusal as refusal:
        refusal.extra["ticket"] = ticket
        raise
    return {"kid": base64url(view.kid), "public": base64url(key.public), "wrapped": base64url(key.wrapped)}


def _bytes(text: object) -> bytes:
    """What it says in base64url; nothing where it is something else."""
    try:
        return from_base64url(text) if isinstance(text, str) else b""
    except ValueError:
        return b""
