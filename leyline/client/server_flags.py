"""Which server a command speaks to: its address and its token, as flags or from the environment."""

import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from leyline.client.client import LeylineClient
from leyline.flags import WRONG_USAGE, fail


def server_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `url` and `token`."""
    token = click.option(
        "--token", envvar="LEYLINE_TOKEN", help="Its access token, if it needs one.  [LEYLINE_TOKEN]"
    )
    url = click.option(
        "--url", envvar="LEYLINE_URL", default="http://localhost:3000", show_default=True, help="The server."
    )
    return url(token(command))


def client_of(url: str, token: str | None) -> LeylineClient:
    """The server that these flags name; ends the command where they name none."""
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # what it warns of is told in our words
    return LeylineClient(address(url), sendable(token))


def address(url: str) -> str:
    """The server's address out of what people type or paste: no scheme, or a page's address."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # ValueError too, where a part has no letters or too many
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or " " in url:  # urlsplit drops a line's end in silence
        shown = re.sub(r"^(\w+://)?.*@", r"\1…@", url, flags=re.DOTALL)  # a password is not repeated
        fail(f"--url={shown!r} is not the address of a server, such as http://localhost:3000.", WRONG_USAGE)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def sendable(token: str | None) -> str | None:
    """The token, if it can be sent in a header at all. It is a secret, so it is not repeated."""
    try:
        is_sendable = not token or (token.isprintable() and bool(token.encode("latin-1")))
    except UnicodeError:
        is_sendable = False
    if not is_sendable:
        fail("--token or LEYLINE_TOKEN has a line's end or a letter that no request can carry.", WRONG_USAGE)
    return token
