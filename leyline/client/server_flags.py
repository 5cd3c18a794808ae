"""Which server a command speaks to, and with which token: a flag, else the environment, else the person's file.

What the file may say is left to `configuration`. Danger: the file's tokens are for the file's server; to another
one, that a flag or a variable names, they are not sent.
"""

import logging
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from leyline.client.client import LeylineClient
from leyline.client.configuration import DEFAULT_URL, Configuration, ConfigurationError, load
from leyline.flags import WRONG_USAGE, fail


def server_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `url` and `token`."""
    token = click.option(
        "--token", envvar="LEYLINE_TOKEN", help="Its access token, if it needs one.  [LEYLINE_TOKEN]"
    )
    return _url(token(command))


def operator_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `url` and, as `token`, the operator's."""
    token = click.option(
        "--token",
        envvar=["LEYLINE_OPERATOR_TOKEN", "LEYLINE_TOKEN"],
        help="The operator's token, as in the data folder's operator-token.  [LEYLINE_OPERATOR_TOKEN]",
    )
    return _url(token(command))


_url = click.option(
    "--url", envvar="LEYLINE_URL", help=f"The server, else the file's, else {DEFAULT_URL}.  [LEYLINE_URL]"
)


def client_of(url: str | None, token: str | None, *, is_operators: bool = False) -> LeylineClient:
    """The server that these flags name, else the file; ends the command where they name none."""
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # what it warns of is told in our words
    try:
        said = Configuration() if url and token else load(os.environ)
    except ConfigurationError as error:
        fail(str(error), WRONG_USAGE)
    own = address(said.url or DEFAULT_URL, "url in config.toml")
    chosen = own if url is None else address(url)
    if not token and chosen == own:
        token = (is_operators and said.operator_token) or said.token
    return LeylineClient(chosen, sendable(token))


def address(url: str, said_by: str = "--url") -> str:
    """The server's address out of what people type or paste: no scheme, or a page's address."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # ValueError too, where a part has no letters or too many
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or " " in url:  # urlsplit drops a line's end in silence
        shown = re.sub(r"^(\w+://)?.*@", r"\1…@", url, flags=re.DOTALL)  # a password is not repeated
        fail(f"{said_by}={shown!r} is not the address of a server, such as http://localhost:3000.", WRONG_USAGE)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def sendable(token: str | None) -> str | None:
    """The token, if it can be sent in a header at all. It is a secret, so it is not repeated."""
    try:
        is_sendable = not token or (token.isprintable() and bool(token.encode("latin-1")))
    except UnicodeError:
        is_sendable = False
    if not is_sendable:
        fail(
            "The access token (--token, LEYLINE_TOKEN, or in config.toml) has a line's end, or a letter that no "
            "request can carry.",
            WRONG_USAGE,
        )
    return token
