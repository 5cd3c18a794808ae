"""Which server a command speaks to, and with which token: a flag, else the environment, else the person's file.

What the file may say is left to `configuration`, what a page has given this command to `credentials`. Danger: the
file's tokens are for the file's server, and each page's for its own; to another one, that a flag or a variable
names, they are not sent.
"""

import logging
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from leyline.client import credentials
from leyline.client.client import LeylineClient
from leyline.client.configuration import DEFAULT_URL, Configuration, ConfigurationError, load
from leyline.flags import WRONG_USAGE, fail


def server_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `url` and `token`."""
    token = click.option(
        "--token", envvar="LEYLINE_TOKEN", help="Its access token, if it needs one.  [LEYLINE_TOKEN]"
    )
    return url_flag(token(command))


def operator_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `url` and, as `token`, the operator's."""
    token = click.option(
        "--token",
        envvar=["LEYLINE_OPERATOR_TOKEN", "LEYLINE_TOKEN"],
        help="The operator's token, as in the data folder's operator-token.  [LEYLINE_OPERATOR_TOKEN]",
    )
    return url_flag(token(command))


url_flag = click.option(
    "--url", envvar="LEYLINE_URL", help=f"The server, else the file's, else {DEFAULT_URL}.  [LEYLINE_URL]"
)


def client_of(url: str | None, token: str | None, *, is_operators: bool = False) -> LeylineClient:
    """The server that these flags name, else the file; ends the command where they name none.

    It bears the token that was given, else the one of the page that the command is connected to, else the file's.
    """
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # what it warns of is told in our words
    if url and token:
        return LeylineClient(address(url), sendable(token))
    said, chosen = _said(), server_of(url)
    if token:
        return LeylineClient(chosen, sendable(token))
    own = said if chosen == _own(said) else Configuration()
    if is_operators and own.operator_token:
        return LeylineClient(chosen, sendable(own.operator_token))
    try:
        login = credentials.load(os.environ).get(chosen)
    except ConfigurationError as error:
        fail(str(error), WRONG_USAGE)
    if login:
        return LeylineClient(chosen, login.token, session=login.session)
    return LeylineClient(chosen, sendable(own.token))


def server_of(url: str | None) -> str:
    """The server that the flag names, else the file; ends the command where it is none."""
    return address(url) if url is not None else _own(_said())


def _said() -> Configuration:
    try:
        return load(os.environ)
    except ConfigurationError as error:
        fail(str(error), WRONG_USAGE)


def _own(said: Configuration) -> str:
    return address(said.url or DEFAULT_URL, "url in config.toml")


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
