"""`leyline submit`: a batch of pictures from the command line in, a sentence and an exit code out."""

import asyncio
import contextlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from leyline.client import display, submission, wording
from leyline.client.client import LeylineClient
from leyline.client.remote import ClientError
from leyline.flags import INTERRUPTED, WRONG, WRONG_USAGE, fail

HELP = """Send pictures, and the pictures in folders, to a running server.

Of a folder, files that are named as pictures are (.jpg, .png, .webp, …) are sent; folders in it are left out.
Whoever has a viewing link can watch that one video, for a week; the task's page can revoke it.
Leaving with Ctrl-C takes nothing back: what was sent stays in line, and its page shows it.
"""


@click.command(help=HELP, short_help="Send pictures to a running server.")
@click.argument(
    "paths", metavar="PICTURE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--url", envvar="LEYLINE_URL", default="http://localhost:3000", show_default=True, help="The server.")
@click.option("--token", envvar="LEYLINE_TOKEN", help="Its access token, where it needs one.  [LEYLINE_TOKEN]")
@click.option(
    "--wait/--no-wait",
    "waits",
    default=True,
    help="Follow the pictures to their videos (default), or only send them.",
)
@click.option("--link", "makes_links", is_flag=True, help="Print a viewing link of each finished video.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per picture, for programs.")
def submit(
    paths: tuple[Path, ...], url: str, token: str | None, waits: bool, makes_links: bool, as_json: bool
) -> None:
    pictures = submission.pictures_in(paths)
    if not pictures:
        fail(f"There are no pictures in {', '.join(map(str, paths))}.", WRONG_USAGE)
    if makes_links and not waits:
        fail("--link needs a finished video: leave out --no-wait.", WRONG_USAGE)
    left_out = submission.left_out(paths)
    client = LeylineClient(address(url), sendable(token))
    sent = submission.Submission(pictures, client, waits=waits, makes_links=makes_links)
    shown = display.display_for(sent, os.environ, as_json=as_json)
    try:
        with contextlib.closing(shown):  # whatever comes, the terminal is given back as it was
            asyncio.run(sent.run(shown))
    except ClientError as error:
        fail(wording.advice(error), WRONG)
    except KeyboardInterrupt:
        fail("\n".join(wording.farewell(sent)), INTERRUPTED)
    if sent.problem:
        fail("\n".join([wording.printable(sent.problem), *wording.farewell(sent)]), WRONG)
    if as_json:
        click.echo(wording.outcome(sent, left_out), err=True)
    else:
        shown.say(wording.outcome(sent, left_out))
    if shown.unheard and not isinstance(shown.unheard, BrokenPipeError):  # who reads the head only wants no more
        fail(f"Not all could be shown here: {shown.unheard.strerror}. {wording.outcome(sent, left_out)}", WRONG)
    sys.exit(0 if sent.succeeded else WRONG)


def address(url: str) -> str:
    """The server's address out of what people type or paste: no scheme, or a page's address."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # ValueError too, where a part has no letters or too many
    except ValueError:
        is_address = False
    if not is_address or not url.isprintable() or " " in url:  # urlsplit drops a line's end in silence
        shown = re.sub(r"//[^/@]*@", "//…@", url)  # a password is not repeated
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
