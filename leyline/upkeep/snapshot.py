"""A data folder as it is at one instant: a copy of its database, and every file that this promises.

What it is put into is left to `archive`. Danger: the server goes on meanwhile, and retention removes what has come
of age. So each file is held by a second name (a hard link) before and after the database is copied: whatever the
copy promises was there at one of the two moments, or the copy is made anew.
"""

import contextlib
import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATABASE = "leyline.db"
SECRET = re.compile(r"[a-z][a-z-]{2,60}")  # as `DataFolder.secret` names them
NO_SECRETS = frozenset({"lock", "ballast"})
CLUSTER = re.compile(r"cluster/(workers/)?[A-Za-z0-9][A-Za-z0-9._-]{0,70}\.pem")  # who may join
FOLDERS = ("pictures", "videos")
STAGE = "backup"  # beside them, so that links can be made
TRIES = 5
APPLICATION_ID = 0x4C45594C  # as `line.database` writes it
NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS)


class UpkeepError(Exception):
    """Why it did not work, and what to do, in a sentence."""


class InUse(UpkeepError):
    """Another process is at work there."""


@dataclass(frozen=True)
class Snapshot:
    """What was there at one instant: `files` by their names in the data folder."""

    files: dict[str, Path]
    tasks: int


@contextlib.contextmanager
def snapshot(data_dir: Path) -> Iterator[Snapshot]:
    """The data folder as it is now, until this ends; a server may run meanwhile. Raises `UpkeepError`."""
    if not (data_dir / DATABASE).is_file():
        raise UpkeepError(
            f"There is no installation in {data_dir}: no {DATABASE}. Name its folder with --data-dir."
        )
    with _stage(data_dir / STAGE) as stage:
        missing: set[str] = set()
        for _ in range(TRIES):
            held = _hold(data_dir, stage)
            copy = _copy_of_database(data_dir / DATABASE, stage / DATABASE)
            held |= _hold(data_dir, stage)
            promised, tasks = what_is_promised(copy)
            before, missing = missing, promised - held.keys()
            if not missing or missing == before:  # what is missing twice was not just removed: it has been lost
                break
        files = {name: held[name] for name in sorted(promised & held.keys())}
        yield Snapshot({**_secrets(data_dir), **files, DATABASE: copy}, tasks)


def is_secret(name: str) -> bool:
    """Whether a file of this name is one of the installation's own secrets."""
    return bool((SECRET.fullmatch(name) and name not in NO_SECRETS) or CLUSTER.fullmatch(name))


def _secrets(data_dir: Path) -> dict[str, Path]:
    candidates = [*data_dir.iterdir(), *data_dir.glob("cluster/*.pem"), *data_dir.glob("cluster/workers/*.pem")]
    named = {str(path.relative_to(data_dir)): path for path in candidates if path.is_file()}
    return {name: named[name] for name in sorted(named) if is_secret(name)}


def what_is_promised(database: Path) -> tuple[set[str], int]:
    """The files that this database says there are, and how many tasks it has. Raises `UpkeepError`."""
    with opened(database) as connection:
        rows = connection.execute("SELECT task_id, run, status FROM tasks WHERE files_removed = 0").fetchall()
        count: int = connection.execute("SELECT count(*) FROM tasks").fetchone()[0]
    names: set[str] = set()
    for task_id, run, status in rows:
        names |= {f"pictures/{task_id}.jpg", f"pictures/{task_id}.thumbnail.jpg"}
        if status == "succeeded":
            names.add(f"videos/{task_id}-{run}.mp4")
    return names, count


def newest_time(database: Path) -> float:
    """When the newest of its tasks came, in seconds since 1970; 0 of none. Raises `UpkeepError`."""
    with opened(database) as connection:
        newest = connection.execute("SELECT max(created_at) FROM tasks").fetchone()[0]
    return float(newest or 0)


def holder_of(data_dir: Path) -> str:
    """The server that has this data folder, by its own words; "" where none has, as far as this system tells.

    The lock itself is not tried: a server that starts at this moment would take that for another server.
    """
    lock = data_dir / "lock"
    try:
        status = lock.stat()
        held = f":{status.st_ino} "
        locks = Path("/proc/locks").read_text()
        if any("FLOCK" in line and held in line for line in locks.splitlines()):
            return lock.read_text(errors="replace").strip()[:200] or "another server"
    except OSError:
        pass
    return ""


def check_database(database: Path) -> None:
    """Raises `UpkeepError` where it is no whole database of ours."""
    with opened(database) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise UpkeepError(f"The database {database} is damaged: {found}.")
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise UpkeepError(f"{database} is no database of Leyline.")


@contextlib.contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads; raises `UpkeepError` for whatever SQLite says meanwhile."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UpkeepError(f"The database {database} cannot be read: {error}.") from None


@contextlib.contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """An empty folder of this process alone; what one that was killed has left is removed."""
    folder.mkdir(0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        _lock(lock, folder)
        try:
            for leftover in folder.iterdir():
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            for name in FOLDERS:
                (folder / name).mkdir(0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.path.samestat(os.fstat(lock), folder.stat())  # another may have just ended, and removed it
    except (BlockingIOError, FileNotFoundError):
        is_there = False
    if not is_there:
        raise InUse(f"Another backup is at work in {folder.parent}. Wait for its end.")


def _hold(data_dir: Path, stage: Path) -> dict[str, Path]:
    """A second name for each file that there is."""
    held: dict[str, Path] = {}
    for folder in FOLDERS:
        with contextlib.suppress(FileNotFoundError), os.scandir(data_dir / folder) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}"
                with contextlib.suppress(FileNotFoundError):  # it has been removed at this moment
                    if entry.is_file(follow_symlinks=False):
                        _hold_one(data_dir / name, stage / name)
                        held[name] = stage / name
    return held


def _hold_one(file: Path, name: Path) -> None:
    if name.exists():
        return
    try:
        os.link(file, name)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copyfile(file, name)  # this disk knows no links


def _copy_of_database(database: Path, copy: Path) -> Path:
    copy.unlink(missing_ok=True)
    with opened(database) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # all of it in one file
    return copy
