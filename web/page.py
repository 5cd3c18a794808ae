"""The page, its files, and its door. The page's answer is what gives a browser its session."""

from http import HTTPStatus
from pathlib import Path

import tornado.web

from leyline import errors
from web.base import Handler
from web.parts import Parts

STATIC = Path(__file__).parent / "static"  # a link to the checkout's own; in a wheel, the files


class PageHandler(Handler):
    """The page, which starts a session."""

    needs_admission = False

    async def get(self) -> None:
        if not self.request.path:  # the addresses in the page are relative to a folder
            self.redirect(f"{self.prefix}/", status=HTTPStatus.PERMANENT_REDIRECT)
            return
        self.sessions.open(self)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "private, no-cache")  # it may bring a cookie
        self.write((STATIC / "index.html").read_bytes())


class StaticHandler(Handler, tornado.web.StaticFileHandler):
    """The page's modules, styles and pictures; browsers ask each time whether theirs are still good."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:  # type: ignore[override]
        Handler.initialize(self, parts)
        tornado.web.StaticFileHandler.initialize(self, str(STATIC))

    async def begin(self) -> None:
        await super().begin()
        if "\0" in self.path_args[0]:
            raise errors.NotFound

    async def get(self, path: str, include_body: bool = True) -> None:
        try:
            await super().get(path, include_body)
        except tornado.web.HTTPError as error:  # Tornado calls a folder, and a way out of it, forbidden
            raise errors.NotFound from error
        if self.get_status() == errors.RangeNotSatisfiable.status:
            self.write_problem(errors.RangeNotSatisfiable("The file has no bytes in that range."))

    async def head(self, *arguments: str) -> None:
        await tornado.web.StaticFileHandler.head(self, *arguments)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")


class SessionHandler(Handler):
    """Admits the browser's session where an access token is set."""

    needs_admission = False

    async def post(self) -> None:
        token = self.json_body().get("token")
        if not isinstance(token, str):
            raise errors.BadRequest("The request's body needs a token.")
        if not self.sessions.admit(self, token):
            raise errors.Unauthorized("This is not the access token of this server.")
        self.set_status(204)
