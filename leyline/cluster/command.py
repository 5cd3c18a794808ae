"""`leyline join-file`: makes what a worker needs to join, tells who may, and ends it.

The join file goes to standard output alone, everything for people to standard error. Danger: it is a secret; a
file that the shell has opened for it is closed to others before anything is written, and a terminal gets none.
"""

import os
import socket
import stat
import sys
from datetime import timedelta
from pathlib import Path

import click

from leyline import settings
from leyline.cluster import join_file
from leyline.cluster.certificates import Authority, Issued, day
from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE, fail, tell
from leyline.network import is_loopback

HELP = """Make the file with which a worker joins this front door: leyline join-file > worker.join

Whoever has that file can run code at the front door and on every worker: move it as you would a password, and make
one for each worker. The front door need not be started again for any of this.
"""
DEFAULT_PORT = 8786
EVERYWHERE = {"0.0.0.0", "::", ""}


@click.command("join-file", help=HELP, short_help="Make the file with which a worker joins.")
@click.option("--name", default="", help="What the worker is called.  [default: the first free worker-N]")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it can be used."
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="Where the worker reaches the front door.  [default: LEYLINE_CLUSTER, with this machine's name]",
)
@click.option("--list", "lists", is_flag=True, help="Show who may join, and until when.")
@click.option("--revoke", metavar="NAME", help="End what was made for this worker, and its connection.")
@click.option("--data-dir", metavar="FOLDER", help="The front door's data folder.  [LEYLINE_DATA_DIR]")
def join(name: str, days: int, address: str | None, lists: bool, revoke: str | None, data_dir: str | None) -> None:
    if lists and revoke is not None:
        fail("--list and --revoke are two commands: use one at a time.", WRONG_USAGE)
    try:
        folder = settings.load({"data_dir": data_dir}, os.environ).data_dir
        _refuse_a_stranger(folder)
        if lists:
            click.echo("\n".join(listed(Authority(folder).issued())))
        elif revoke is not None:
            _revoke(Authority(folder), revoke)
        else:
            _make(folder, name, days, address or _default_address())
    except settings.SettingError as error:
        fail(str(error), WRONG_USAGE)
    except StartupError as error:
        fail(error.detail, WRONG)


def _make(folder: Path, name: str, days: int, address: str) -> None:
    try:
        join_file.address(address)
    except ValueError:
        fail(f"--address={address!r} must be a host and a port, such as front.example.org:8786.", WRONG_USAGE)
    if sys.stdout.isatty():
        fail("The join file is a secret, and not for a screen: leyline join-file > worker.join", WRONG_USAGE)
    _close_to_others()
    made = Authority(folder).issue(address, name, timedelta(days=days))
    try:
        click.echo(made.text(), nl=False)
        sys.stdout.flush()
    except OSError as error:
        fail(
            f"The join file could not be written: {error.strerror}. Its name is taken; to free it: "
            f"leyline join-file --revoke {made.name}",
            WRONG,
        )
    if _is_of_this_machine(address):
        tell(f"At {address} only this machine itself can join; --address names another.")
    tell(
        f"Made for {made.name}, to join at {address} until {day(made.until)}.\n"
        "Whoever has this file can run code at the front door and on every worker: keep it like a password.\n"
        f"On the worker: leyline worker --join FILE\n"
        f"To end it: leyline join-file --revoke {made.name}"
    )


def _revoke(authority: Authority, name: str) -> None:
    ended = authority.revoke(name)
    tell(f"Revoked: {ended.name}. It cannot join again, and a connection that it has ends within five seconds.")


def listed(issued: list[Issued]) -> list[str]:
    """A line for each name, in columns."""
    rows = [(each.name, day(each.until), each.standing.value) for each in issued]
    if not rows:
        return ["Nobody may join: no join file was made."]
    width = max(len(name) for name, _, _ in rows)
    return [f"{name:<{width}}  until {until}  {standing}" for name, until, standing in rows]


def _default_address() -> str:
    """Where the front door listens, where that is one address; else this machine's name."""
    host, _, port = os.environ.get("LEYLINE_CLUSTER", "").rpartition(":")
    if host.strip("[]") in EVERYWHERE:
        host = socket.getfqdn()
    return f"{host}:{port if port.isdecimal() else DEFAULT_PORT}"


def _is_of_this_machine(address: str) -> bool:
    host, _ = join_file.address(address)
    return host == "localhost" or is_loopback(host)


def _close_to_others() -> None:
    """The file that the shell has made for standard output is for its owner alone."""
    status = os.fstat(sys.stdout.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
        os.fchmod(sys.stdout.fileno(), 0o600)


def _refuse_a_stranger(folder: Path) -> None:
    """Root would make files here that the server, who is somebody else, could not read."""
    if not folder.exists():
        return
    owner = folder.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        raise StartupError(
            f"The data folder {folder} is that of user {owner}: run this as that user, with sudo -u '#{owner}'."
        )
