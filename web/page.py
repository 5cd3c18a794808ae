"""The page and its files. The page's answer is what gives a browser its session."""

from pathlib import Path
from typing import Any

import tornado.web

from leyline.errors import NotFound
from web.base import Handler, problem, secure_headers


class PageHandler(Handler):
    """An HTML page that starts a session."""

    needs_admission = False
    page: Path

    async def get(self, *_: str) -> None:
        self.sessions.open(self)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache")
        self.write(self.page.read_bytes())


class StaticHandler(tornado.web.StaticFileHandler):
    """The page's modules, styles and pictures; browsers ask each time whether theirs are still good."""

    def set_default_headers(self) -> None:
        secure_headers(self)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "application/problem+json; charset=UTF-8")
        self.finish(problem(NotFound()))
