"""The operator's page: its door, what it shows, live on a socket of its own, and what it commands.

Who the operator is, is `signed_in`'s to say, what is shown `overview`'s. Danger: each handler here checks the
former first; the page itself holds nothing, so everybody may have it.
"""

import asyncio
import contextlib
from typing import Any

from leyline import errors
from web.base import Handler
from web.call import TASK_ID
from web.overview import Overview, changed
from web.page import STATIC
from web.parts import Parts
from web.socket import Socket

TICK_SECONDS = 1.0  # how often, at most, what has changed is told
MOST_SOCKETS = 10
GONE = 1008  # why a socket is closed: it is not the operator's any more


class AdminPageHandler(Handler):
    """The page for the operator. It asks for the token where its browser is not signed in."""

    needs_admission = False

    async def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.write((STATIC / "admin.html").read_text("utf-8"))


class SignInHandler(Handler):
    """Signs the operator's browser in and out."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.signed_in = parts.signed_in

    async def post(self) -> None:
        token = self.json_body().get("token")
        if not isinstance(token, str):
            raise errors.BadRequest("The request's body needs a token.")
        self.signed_in.sign_in(self, token)
        self.set_status(204)

    async def delete(self) -> None:
        self.signed_in.sign_out(self)
        self.set_status(204)


class AdminHandler(Handler):
    """The base of what only the operator may ask."""

    needs_admission = False  # the operator's token is worth more

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.signed_in = parts.signed_in
        self.overview = Overview(parts)

    async def begin(self) -> None:
        self.signed_in.check(self)
        await super().begin()


class StateHandler(AdminHandler):
    """All that the page shows, for scripts, and where no socket passes."""

    async def get(self) -> None:
        self.write_json(await self.overview.sections())


class AdminCancelHandler(AdminHandler):
    """Cancels anybody's task."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.canceling = parts.canceling

    async def post(self, task_id: str) -> None:
        if await self.canceling.cancel(task_id) is None:
            raise errors.NotFound("There is no such task.")
        self.set_status(204)


class AdminMoveHandler(AdminHandler):
    """Moves anybody's waiting task before another one, or to the end."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.moves = parts.moves

    async def post(self, task_id: str) -> None:
        body = self.json_body()
        before = body.get("before")
        if "before" not in body or not (before is None or (isinstance(before, str) and TASK_ID.fullmatch(before))):
            raise errors.BadRequest(
                "The request's body needs before, a task's id, or null for the end of the line."
            )
        if await self.moves.move(task_id, before) is None:
            raise errors.TaskNotWaiting
        self.set_status(204)


class AdminSocketHandler(Socket):
    """The page's own socket: everything at first, and then each second the sections that have changed."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.signed_in = parts.signed_in
        self.overview = Overview(parts)

    async def begin(self) -> None:
        self.signed_in.check(self)
        self._key = self.signed_in.key(self)
        self._came_signed_in = self.signed_in.is_signed_in(self._key)
        if self.signed_in.open_pages >= MOST_SOCKETS:
            raise errors.ClientLimit(f"The operator's page is open {MOST_SOCKETS} times. Close one of them.")
        await super().begin()

    async def tell_all(self) -> None:
        self.signed_in.open_pages += 1
        try:
            await self._tell_for_ever()
        finally:
            self.signed_in.open_pages -= 1

    async def _tell_for_ever(self) -> None:
        told: dict[str, Any] = {}
        while self._is_operators():
            now = told
            with contextlib.suppress(errors.Refusal):  # the database may be busy for a moment
                now = await self.overview.sections()
            if not told:
                await self.say("snapshot", now)
            elif news := changed(told, now):
                await self.say("changed", news)
            told = now
            await asyncio.sleep(TICK_SECONDS)
        self.close(GONE)

    def _is_operators(self) -> bool:
        """Still: its browser may have signed out, or its time be over."""
        return not self._came_signed_in or self.signed_in.is_signed_in(self._key)
