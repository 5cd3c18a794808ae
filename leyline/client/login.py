"""`leyline login | logout`: the command acts for a person's page, and does so no more.

As OAuth's device authorization grant has it (RFC 8628). What the page says is left to the server, where the token
lies to `credentials`. Danger: the code goes to the person's eyes and the token to the file; neither has an address.
"""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from leyline.client import credentials, leaving, wording
from leyline.client.client import LeylineClient
from leyline.client.configuration import ConfigurationError
from leyline.client.credentials import Credential
from leyline.client.remote import ClientError, Refused, Unreachable, Unsafe
from leyline.client.server_flags import server_of, url_flag
from leyline.flags import WRONG, WRONG_USAGE, fail, tell
from leyline.text import fit_to_show

LONGEST_NAME = 64
SLOWER_SECONDS = 5  # as RFC 8628 (3.5) has it
LONGEST_PAUSE_SECONDS = 60
TOKEN_IS_SET = (
    "LEYLINE_TOKEN is set, and counts before what is connected here: with it, what you send is not on your page."
)

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, for programs.")


@click.command(
    short_help="Have what you send on your page too.",
    help="""Connect this command to your page: what it sends from then on is yours there, to be seen, canceled,
watched and deleted, and it needs no access token any more.

It shows a code. In your browser, on the server's page, choose “Connect the command line” at its foot, type the code
within ten minutes, and look at what asks before you confirm. The page can disconnect the command again, at once.

\b
Examples:
  leyline login
  leyline login --url https://leyline.example.org
  leyline login --name "nightly job"         what the page calls this command

The token is kept in ~/.config/leyline/logins.json, for you alone. Connected again, the token from before ends.

\b
Exit codes:
  0  connected
  1  the token cannot be kept here
  4  somebody said no on the page, or nobody typed the code in time
  5  no server answers
""",
)
@url_flag
@click.option("--name", help="What the page calls this command, else the machine's name.")
@_json
def login(url: str | None, name: str | None, as_json: bool) -> None:
    server, known = server_of(url), _known()
    name = (name or socket.gethostname())[:LONGEST_NAME]
    client = LeylineClient(server)
    shows = _shows_json(server) if as_json else _shows(server)
    given = _answered(_connect(client, name, shows))
    new = Credential(given["token"], given["login_id"], given["session"], name)
    try:
        credentials.keep(os.environ, server, new)
    except ConfigurationError as error:
        _answered(_take_leave(server, new), is_needed=False)
        fail(str(error), WRONG)
    if server in known:
        _answered(_take_leave(server, known[server]), is_needed=False)
    if as_json:
        _print({"connected": True, "server": client.url, "login_id": new.login_id, "name": name})
    else:
        click.echo(f"Connected. What this command sends to {client.url} is on your page, too.")
    if os.environ.get("LEYLINE_TOKEN"):
        tell(TOKEN_IS_SET)


@click.command(
    short_help="Disconnect this command from your page.",
    help="""Disconnect this command: its token is worth nothing any more. What it sent stays on the page.

\b
Examples:
  leyline logout
  leyline logout --url https://leyline.example.org
  leyline logout --forget         without asking the server, which is gone for good
""",
)
@url_flag
@click.option("--forget", is_flag=True, help="Only forget the token here; the page still has it listed.")
@_json
def logout(url: str | None, forget: bool, as_json: bool) -> None:
    server, known = server_of(url), _known()
    shown = LeylineClient(server).url
    if server in known:
        if not forget:
            _answered(_take_leave(server, known[server]))
        try:
            credentials.forget(os.environ, server)
        except ConfigurationError as error:
            fail(str(error), WRONG)
    if as_json:
        _print({"connected": False, "server": shown})
    else:
        was = "is not connected any more to" if server in known else "was not connected to"
        click.echo(f"This command {was} {shown}.")


async def _connect(client: LeylineClient, name: str, show: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """What the server gives once the code was typed. Raises `ClientError`."""
    async with client:
        codes = await client.ask_login(name)
        show(codes)
        return await token(client, codes)


async def token(client: LeylineClient, codes: dict[str, Any]) -> dict[str, Any]:
    """Ask until the code was typed, never oftener than the server wants (RFC 8628, 3.5). Raises `ClientError`."""
    interval, pause = float(codes["interval"]), 0.0
    ends = time.monotonic() + codes["expires_in"]
    while time.monotonic() < ends:
        await asyncio.sleep(max(interval, pause))
        try:
            return await client.take_token(codes["device_code"])
        except Unsafe:
            raise
        except Unreachable:  # a server that is started again meanwhile still knows the code
            pause = min(2 * max(interval, pause), LONGEST_PAUSE_SECONDS)
        except Refused as refused:
            pause = refused.retry_after_seconds or 0.0
            if refused.code == "slow_down":
                interval += SLOWER_SECONDS
            elif refused.code != "authorization_pending" and not refused.may_pass:
                raise
    raise ClientError("The code was not typed in time. leyline login shows another.")


async def _take_leave(server: str, credential: Credential) -> dict[str, Any]:
    """The token is worth nothing afterwards; fine where it was so before. Raises `ClientError`."""
    async with LeylineClient(server, credential.token) as client:
        try:
            await client.log_out()
        except Refused as refused:
            if refused.code != "login_over":
                raise
    return {}


def _shows(server: str) -> Callable[[dict[str, Any]], None]:
    def show(codes: dict[str, Any]) -> None:
        minutes = round(codes["expires_in"] / 60)
        where = urlsplit(LeylineClient(server).url)
        click.echo(
            f"In your browser, at the foot of the page of {where.netloc}{where.path}, choose “Connect the command "
            f"line” and type this code within {minutes} minutes:\n\n    {fit_to_show(codes['user_code'])}\n"
        )
        sys.stdout.flush()

    return show


def _shows_json(server: str) -> Callable[[dict[str, Any]], None]:
    shown = LeylineClient(server).url
    return lambda codes: _print(
        {"user_code": codes["user_code"], "expires_in": codes["expires_in"], "server": shown}
    )


def _print(said: dict[str, Any]) -> None:
    click.echo(json.dumps(said))
    sys.stdout.flush()


def _known() -> dict[str, Credential]:
    try:
        return credentials.load(os.environ)
    except ConfigurationError as error:
        fail(str(error), WRONG_USAGE)


def _answered(work: Any, *, is_needed: bool = True) -> dict[str, Any]:
    """What comes of it; ends the command where nothing does, if it is needed."""
    try:
        answer: dict[str, Any] = leaving.run(work)
        return answer
    except ClientError as error:
        if is_needed:
            fail(wording.advice(error), wording.exit_code(error))
        tell(wording.advice(error))
        return {}
    except leaving.Left as left:
        sys.exit(left.exit_code)
