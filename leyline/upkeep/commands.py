"""`leyline backup` and `leyline restore`: all of an installation into one file, and back.

What belongs to it is left to `snapshot`, the file to `archive`. Danger: a restore may be ended at any instant, and
half an installation must not look like a whole one: the database comes last, and without it no server starts.
"""

import contextlib
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

from leyline.data_folder import DataFolder, sync
from leyline.errors import StartupError
from leyline.flags import IN_USE, WRONG, fail, load_settings
from leyline.upkeep import archive
from leyline.upkeep.archive import Contents
from leyline.upkeep.snapshot import DATABASE, FOLDERS, InUse, Snapshot, UpkeepError, is_secret, snapshot

RESTORING = "restoring"  # the folder that says that a restore has begun here
CLUSTER = "cluster"
OF_THE_FOLDER = frozenset({"lock", "ballast"})  # which any data folder has as soon as it is held
ROOM_BYTES = 50_000_000  # that is left besides

_data_dir = click.option("--data-dir", metavar="FOLDER", help="The data folder.  [data; LEYLINE_DATA_DIR]")


class Ended(BaseException):
    """A signal asks for the end; nothing on the way may take it for an error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@click.command(
    short_help="Put all of an installation into one file.",
    help="""Put all of an installation into FILE: database, pictures, videos and secrets, as they are at one
instant. The server may run meanwhile. FILE is read back and its database opened before it gets its name.

\b
Examples:
  leyline backup leyline.tar
  leyline backup /mnt/backups/leyline-$(date +%F).tar --data-dir /var/lib/leyline

FILE holds secrets, so only its owner can read it; it is as large as the data folder. Exit codes: 1 it did not work,
and nothing half is left; 6 another backup is at work.
""",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_data_dir
@click.option("--force", is_flag=True, help="Replace FILE, if it is there.")
def backup(file: Path, data_dir: str | None, force: bool) -> None:
    settings = load_settings({"data_dir": data_dir}, ())
    root = settings.data_dir
    with _told(file), _ended_in_order(), snapshot(root) as found:
        leave_room(found, file, root, settings.disk_reserve_mb * 1_000_000)
        contents = archive.write(found, file, replaces=force)
    click.echo(f"{file} has {_counted(contents)}. It was read back and is whole.")
    if contents.missing:
        click.echo(f"{contents.missing} files were missing in {root} before. leyline doctor says more.", err=True)


@click.command(
    short_help="Make an installation out of a backup.",
    help="""Make an installation out of FILE, in a data folder that is empty or not there yet. All of FILE is read
before anything is written.

\b
Examples:
  leyline restore leyline.tar
  leyline restore leyline.tar --data-dir /var/lib/leyline

What waited in line waits again, and what ran runs again. Interrupted, the same command again does all of it. Exit
codes: 1 it did not work; 6 a server is at work with that folder.
""",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_data_dir
def restore(file: Path, data_dir: str | None) -> None:
    root = load_settings({"data_dir": data_dir}, ()).data_dir
    with _told(root), _ended_in_order():
        contents = archive.verify(file)
        folder = _held(root)
        try:
            put_back(file, root, contents)
        finally:
            folder.release()
    click.echo(f"{root} has {_counted(contents)} again. leyline serve --data-dir {root} starts it.")


def leave_room(found: Snapshot, file: Path, root: Path, reserve_bytes: int) -> None:
    """Raises `UpkeepError` where the backup would take the disk from the server; one of its own may be filled."""
    needed = sum(path.stat().st_size for path in found.files.values())
    free = shutil.disk_usage(file.absolute().parent).free
    if file.absolute().parent.stat().st_dev == root.stat().st_dev and free - needed < reserve_bytes:
        raise UpkeepError(
            f"{file} would take {_size(needed)} of the server's own disk, where {_size(free)} are free. "
            "Make room, or name a file on another disk."
        )


def put_back(file: Path, root: Path, contents: Contents) -> None:
    """A verified archive into a data folder that this process holds. Raises `UpkeepError`, OSError."""
    _make_empty(root)
    free = shutil.disk_usage(root).free
    if free < contents.total_bytes + ROOM_BYTES:
        raise UpkeepError(
            f"{file} needs {_size(contents.total_bytes)} in {root}, and there are {_size(free)}. Make room first."
        )
    stage = root / RESTORING
    try:
        stage.mkdir(0o700)
        sync(root)
        archive.extract(file, stage)
        for path in sorted(stage.iterdir()):
            if path.name != DATABASE:
                path.rename(root / path.name)
        sync(root)
        (stage / DATABASE).rename(root / DATABASE)  # from here on it is an installation
    except BaseException:
        with contextlib.suppress(UpkeepError, OSError):
            _make_empty(root)
        raise
    sync(root)
    shutil.rmtree(stage, ignore_errors=True)


def _make_empty(root: Path) -> None:
    """Raises `UpkeepError` where there is anything but what an interrupted restore has left, which is removed."""
    names = {path.name for path in root.iterdir()} - OF_THE_FOLDER
    if DATABASE in names or (names and RESTORING not in names):
        raise UpkeepError(
            f"{root} is not empty ({', '.join(sorted(names)[:3])}). Move it away, or name another --data-dir."
        )
    for name in names - {RESTORING}:
        if name in (*FOLDERS, CLUSTER):
            shutil.rmtree(root / name)
        elif is_secret(name):
            (root / name).unlink()
    shutil.rmtree(root / RESTORING, ignore_errors=True)  # last: it says that the others are a restore's


def _held(root: Path) -> DataFolder:
    try:
        return DataFolder(root)
    except StartupError as error:
        fail(str(error), IN_USE if "is in use" in str(error) else WRONG)


@contextlib.contextmanager
def _told(place: Path) -> Iterator[None]:
    """What goes wrong is one sentence and an exit code."""
    try:
        yield
    except UpkeepError as error:
        fail(str(error), IN_USE if isinstance(error, InUse) else WRONG)
    except OSError as error:
        fail(f"It did not work at {error.filename or place}: {error.strerror}. Nothing half was left.", WRONG)
    except Ended as ended:
        click.echo("Interrupted. The same command again begins anew.", err=True)
        sys.exit(ended.exit_code)


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Signals end what is under way by an exception, so that it cleans up behind itself."""

    def end(number: int, _: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)  # a second one would disturb the cleaning
        raise Ended(number)

    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, end)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _counted(contents: Contents) -> str:
    tasks = "1 task" if contents.tasks == 1 else f"{contents.tasks:,} tasks"
    return f"{tasks} and {len(contents.files):,} files ({_size(contents.total_bytes)})"


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
