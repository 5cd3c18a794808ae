"""The `leyline` command: words from the command line in, a sentence and an exit code out.

What the commands do is left to web.server, submission and systemd. They are imported when they are
asked for and never above: the model process runs this file again at its start (that is how `spawn`
works) and must hold neither tornado nor SQLite.

Exit codes: 0 all well, 1 it did not work, 2 the command line is wrong, 130 Ctrl-C.
"""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from leyline import settings

WRONG, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def fail(sentence: str, exit_code: int) -> NoReturn:
    """End the command with a sentence for people."""
    click.echo(sentence, err=True)
    sys.exit(exit_code)


def setting_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command one flag per setting; None where it is not given."""
    for field in reversed(settings.rows()):
        unit, default = field.metadata["unit"], field.default
        shown = f"{default:g} {unit}".strip() if isinstance(default, int | float) else str(default)
        text = f"{field.metadata['help']}  [{'; '.join(filter(None, [shown, settings.variable(field.name)]))}]"
        metavar = unit.upper() or ("NUMBER" if isinstance(default, int) else "TEXT")
        command = click.option(settings.flag(field.name), field.name, metavar=metavar, help=text)(command)
    return command


def load_settings(flags: dict[str, str | None]) -> settings.Settings:
    try:
        return settings.load(flags, os.environ)
    except settings.SettingError as error:
        fail(str(error), WRONG_USAGE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="leyline")
def main() -> None:
    """The front door to a slow image-to-video model: send pictures, see where they stand, watch the videos."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a file's name may have what this terminal cannot show


@main.command()
@setting_flags
def serve(**flags: str | None) -> None:
    """Run the server until Ctrl-C or SIGTERM.

    Each flag is also a variable, named behind its default; a flag wins.
    """
    loaded = load_settings(flags)
    from leyline.errors import StartupError
    from web import server

    try:
        exit_code = server.main(loaded)
    except StartupError as error:
        fail(str(error), WRONG)
    sys.exit(exit_code)


@main.command(short_help="Send pictures to a running server.")
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
    """Send pictures, and the pictures in folders, to a running server.

    Of a folder, files that are named as pictures are (.jpg, .png, .webp, …) are sent; folders in it are left out.
    Whoever has a viewing link can watch that one video, for a week; the task's page can revoke it.
    Leaving with Ctrl-C takes nothing back: what was sent stays in line, and its page shows it.
    """
    import asyncio

    from leyline.client import LeylineClient
    from leyline.remote import ClientError
    from leyline.submit import display, submission, wording

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
        asyncio.run(sent.run(shown))
    except ClientError as error:
        fail(wording.advice(error), WRONG)
    except KeyboardInterrupt:
        shown.close()
        fail("\n".join(wording.farewell(sent)), INTERRUPTED)
    shown.close()
    if sent.problem:
        fail("\n".join([wording.printable(sent.problem), *wording.farewell(sent)]), WRONG)
    click.echo(wording.outcome(sent, left_out), err=as_json)
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
        fail(f"--url={url!r} is not the address of a server, such as http://localhost:3000.", WRONG_USAGE)
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


@main.command("systemd-unit")
@click.option("--user", help="Who the service runs as.  [default: who runs this command]")
@setting_flags
def systemd_unit(user: str | None, **flags: str | None) -> None:
    """Print the systemd unit of this installation.

    The flags given here are written into it, except for tokens, which belong in /etc/leyline.env.
    """
    import getpass

    from leyline import systemd

    loaded = load_settings(flags)
    given = {settings.flag(name): text for name, text in flags.items() if text is not None}
    if "--token" in given or "--operator-token" in given:
        fail("A unit can be read by everybody: put tokens into /etc/leyline.env instead.", WRONG_USAGE)
    given.pop("--data-dir", None)
    user = user or getpass.getuser()
    if not systemd.is_user(user):
        click.echo(f"There is no user {user} on this machine: create one, or name another with --user.", err=True)
    if user == "root":
        click.echo("This unit runs as root. It need not: --user names somebody else.", err=True)
    program = Path(sys.executable).absolute().parent / "leyline"
    checkout = Path(__file__).resolve().parent.parent
    click.echo(systemd.unit(program, checkout, loaded.data_dir.absolute(), user, loaded.port, given), nl=False)


if __name__ == "__main__":
    main()
