"""The page, its files, and its door. The page's answer is what gives a browser its session.

Danger: a page asks for its parts when it needs them, and there may be another release by then. So it names them by
its own, and gets them of that one or not at all: browsers keep them for good, and never mix them.
"""

import functools
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import tornado.web

from leyline import errors
from web.base import Handler
from web.parts import Parts
from web.problems import SECURITY_HEADERS

# Comments that have their lines to themselves.
COMMENT = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
# And of modules, those behind code that has no more than whole texts in quotation marks before them.
BEHIND = re.compile(rb"""^((?:[^"`'\n/]|"[^"\n]*"|/(?!/))*?)[ \t]+//[^\n]*$""", re.MULTILINE)
# Of styles, those behind anything: no text in them has their signs.
BEHIND_STYLES = re.compile(rb"[ \t]+/\*(?:(?!\*/)[^\n])*\*/[ \t]*$", re.MULTILINE)
INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)
FORM = 'data-form=""'
# It may register one worker, its own, by the one policy of that name (static/phone/phone.js).
PAGE_POLICY = SECURITY_HEADERS["Content-Security-Policy"].replace("trusted-types 'none'", "trusted-types worker")
STATIC = Path(__file__).parent / "static"  # a link to the checkout's own; in a wheel, the files
NOTE = re.compile(r"<!--.*?-->\n", re.DOTALL)
OF_RELEASE = re.compile(r"~([0-9a-f]{16})/(.*)", re.DOTALL)  # behind /static/
YEAR_SECONDS = 31_536_000


class PageHandler(Handler):
    """The page, which starts a session."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.known = parts.known

    async def get(self) -> None:
        if not self.request.path:  # the addresses in the page are relative to a folder
            self.redirect(f"{self.prefix}/", status=HTTPStatus.PERMANENT_REDIRECT)
            return
        self.sessions.open(self)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "private, no-cache")  # it may bring a cookie
        self.set_header("Content-Security-Policy", PAGE_POLICY)
        schema = self.known.schema
        html = served(str(STATIC / "index.html")).decode()
        self.write(page_of_release(page_with_room(html, schema.body if schema else None)))


def page_with_room(html: str, schema: Mapping[str, Any] | None) -> str:
    """The page with room for the form that its scripts will make of this schema: nothing moves when it comes.

    While nobody knows the schema, there is room for the line of a form with nothing large. Which field is the large
    one is `largest`'s in `static/parameters/schema.js`.
    """
    if html.count(FORM) != 1:
        raise ValueError(f"the page has no single place that says {FORM}")
    properties = {} if schema is None else schema["properties"]
    large = any(
        "maxLength" in each and (name == "prompt" or each["x-lines"] > 1) for name, each in properties.items()
    )
    more = schema is None or len(properties) > large
    said = " ".join(word for word, is_there in (("large", large), ("more", more)) if is_there)
    return html.replace(FORM, FORM.replace('""', f'"{said}"'))


def page_of_release(html: str) -> str:
    """The page with its parts named by their release; what is said to who reads its file stays there."""
    return NOTE.sub("", html).replace('="static/', f'="static/~{release()}/')


class StaticHandler(Handler, tornado.web.StaticFileHandler):
    """The page's modules, styles and pictures; browsers ask each time whether theirs are still good.

    Those of `~release/` are good for ever, and there are none of another release.

    Modules and styles travel without their comments and what their lines are indented by, a fourth of their weight,
    and with each line at its number.
    """

    needs_admission = False
    keeps = "no-cache"

    def initialize(self, parts: Parts) -> None:  # type: ignore[override]
        Handler.initialize(self, parts)
        tornado.web.StaticFileHandler.initialize(self, str(STATIC))

    async def begin(self) -> None:
        await super().begin()
        if "\0" in self.path_args[0]:
            raise errors.NotFound

    async def get(self, path: str, include_body: bool = True) -> None:
        of_release = OF_RELEASE.fullmatch(path)
        if of_release:
            if of_release[1] != release():
                raise errors.NotFound("This is of another release. Load the page again.")
            path = of_release[2]
            self.keeps = f"public, max-age={YEAR_SECONDS}, immutable"
        try:
            await super().get(path, include_body)
        except tornado.web.HTTPError as error:  # Tornado calls a folder, and a way out of it, forbidden
            raise errors.NotFound from error
        if self.get_status() == errors.RangeNotSatisfiable.status:
            self.write_problem(errors.RangeNotSatisfiable("The file has no bytes in that range."))

    @classmethod
    def get_content(  # type: ignore[override]  # Tornado takes bytes as well
        cls, abspath: str, start: int | None = None, end: int | None = None
    ) -> bytes:
        return served(abspath)[start:end]

    def get_content_size(self) -> int:
        assert self.absolute_path
        return len(served(self.absolute_path))

    async def head(self, *arguments: str) -> None:
        await tornado.web.StaticFileHandler.head(self, *arguments)

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", self.keeps)


@functools.cache
def release() -> str:
    """What tells these files from any others. Reads all of them at once, so that they belong together."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        content = served(str(path))
        digest.update(f"{path.relative_to(STATIC)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


@functools.cache
def served(path: str) -> bytes:
    """A file as it travels."""
    content = Path(path).read_bytes()
    own = Path(path).suffix in (".js", ".css") and Path(path).parent.name != "vendor"
    if not own:
        return content
    code = COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), content)
    return INDENT.sub(b"", BEHIND.sub(rb"\1", code) if path.endswith(".js") else BEHIND_STYLES.sub(b"", code))


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
