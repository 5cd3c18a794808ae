"""The SQLite file: opening it safely, one writing thread with shared commits, one reading thread.

What the tables mean is left to `store` and `migrations`. Danger: a write that was handed in is carried
out even when nobody waits for its answer any more (a cancelled await cannot take back a commit).
"""

import asyncio
import contextlib
import logging
import os
import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from leyline.data_folder import sync
from leyline.errors import DatabaseBusy, DiskLow, StartupError
from leyline.line import migrations
from leyline.line.tables import Database as Tables

log = logging.getLogger("leyline.database")

T = TypeVar("T")

APPLICATION_ID = 0x4C45594C  # "LEYL", so that somebody else's database is never taken for ours
BUSY_SECONDS = 5  # another process may hold the lock this long before a write is refused
BUSY_STEP_SECONDS = 0.25
MAX_PENDING_WRITES = 10_000
MAX_WRITES_PER_COMMIT = 256
FULL_CHECK_BYTES = 64 * 1024 * 1024  # a larger file is checked for its size only: a start takes < 1 s
LITTLE_BYTES = 256 * 1024  # with less than this on the disk, whatever SQLite says of an error means that it is full
WAL_LIMIT_BYTES = 16 * 1024 * 1024
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
UNWRITABLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
A_WAY_OUT = "Put a backup in its place, or move the whole data folder away to begin anew."


@dataclass
class _Write:
    work: Callable[[sqlite3.Connection], Any]
    answer: Callable[[Any, Exception | None, bool], None]  # what came of it, or an error and whether that is sure


class Database:
    """An open database file. `write` and `read` run functions of a connection off the event loop."""

    def __init__(self, path: Path) -> None:
        """Open `path`, create it when it is not there, bring its schema up to date; else `StartupError`."""
        with _plain_startup_errors(path):
            if not path.exists():
                _create(path)
            _check_header(path)
            self._writer = _connect(path)
            with _closed_on_failure(self._writer):
                _check_content(self._writer, path)
                _migrate(self._writer, path)
            self._reader = _connect(path)
            self._reader.execute("PRAGMA query_only=1")
        # So short that a server that has to stop waits no longer; `_begin` adds them up.
        self._writer.execute(f"PRAGMA busy_timeout={round(1000 * BUSY_STEP_SECONDS)}")
        self._closing = False
        self._pending: queue.Queue[_Write | None] = queue.Queue(MAX_PENDING_WRITES)
        # A daemon, so that a server that could not start ends without having been closed.
        self._writing = threading.Thread(target=self._write_until_closed, name="database writer", daemon=True)
        self._writing.start()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="database reader")

    async def write(
        self,
        work: Callable[[sqlite3.Connection], T],
        then: Callable[[T], None] = lambda result: None,
        in_doubt: Callable[[], None] = lambda: None,
    ) -> T:
        """Run `work` in a transaction; return its result once that is durable on disk.

        Writes that wait at the same moment share one commit, each in a savepoint of its own, in the
        order in which they came. In the same order `then` gets their results on the event loop, whoever has
        left meanwhile. Raises `DatabaseBusy` or `DiskLow`, and then nothing was written; where the disk broke
        in the middle of the commit itself, and the next reader alone will know, `in_doubt` is called first.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T, error: Exception | None, is_sure: bool) -> None:
            if not is_sure:
                in_doubt()
            if error is None:
                try:
                    then(result)
                except Exception as bug:  # whoever waits must hear of it, or would wait for ever
                    error = bug
            if future.cancelled():  # the awaiter left; the commit stands all the same
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        def answer(result: T, error: Exception | None, is_sure: bool) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(settle, result, error, is_sure)

        try:
            self._pending.put_nowait(_Write(work, answer))
        except queue.Full:
            raise DatabaseBusy from None
        return await future

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the reading connection; it sees all that was committed and never waits for a writer."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, work, self._reader)

    def applied_at(self, migration: str) -> float:
        """When this file got the migration of this name, in seconds since 1970. Blocks; for the start."""
        applied = {each.name: each.applied_at for each in migrations.tasks.applied(Tables(self._reader))}
        return datetime.fromisoformat(applied[migration]).timestamp()

    def close(self) -> None:
        """Finish the writes handed in so far, without waiting for other programs any more, then close the file."""
        self._closing = True
        self._pending.put(None)
        self._writing.join()
        self._reading.shutdown()
        self._reader.close()
        self._writer.close()

    def _write_until_closed(self) -> None:
        closing = False
        while not closing:
            batch = [self._pending.get()]
            while len(batch) < MAX_WRITES_PER_COMMIT and not self._pending.empty():
                batch.append(self._pending.get())
            closing = None in batch
            self._commit([write for write in batch if write is not None])

    def _commit(self, batch: list[_Write]) -> None:
        """Carry out a batch in one transaction, then tell each writer how its own part went."""
        answers: list[tuple[_Write, Any, Exception | None]] = []
        committing = False
        try:
            self._begin()
            for write in batch:
                answers.append((write, *self._in_savepoint(write)))
            committing = True
            self._writer.execute("COMMIT")
            committing = False
        except Exception as error:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            answers = [(write, None, _refusal(error)) for write in batch]
        for write, result, failure in answers:
            write.answer(result, failure, not committing)

    def _begin(self) -> None:
        give_up_at = monotonic() + BUSY_SECONDS
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if _code(error) not in LOCKED or self._closing or monotonic() >= give_up_at:
                    raise
            else:
                return

    def _in_savepoint(self, write: _Write) -> tuple[Any, Exception | None]:
        self._writer.execute("SAVEPOINT one")
        try:
            result = write.work(self._writer)
        except Exception as error:
            if not self._writer.in_transaction:  # SQLite itself undid everything, as on a full disk
                raise
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            return None, _refusal(error) if isinstance(error, sqlite3.OperationalError) else error
        self._writer.execute("RELEASE one")
        return result, None


@contextlib.contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    """A file that turns out to be no database of ours is let go of."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level=None: transactions begin where we say so, not where the driver guesses.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    with _closed_on_failure(connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")  # a deleted task takes its links with it
        connection.execute(f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}")
        connection.execute("PRAGMA cache_size=-4096")
    return connection


def _create(path: Path) -> None:
    """Make a complete database under another name first: a crash never leaves an empty one behind."""
    part = path.with_suffix(".db.new")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        migrations.tasks.apply(Tables(connection))
    part.rename(path)
    sync(path.parent)


def _check_header(path: Path) -> None:
    """Refuse what is not ours before SQLite opens it: opening would already change the file."""
    with path.open("r+b") as file:  # to write as well: SQLite would quietly make do with reading
        header = file.read(100)
    if not header:
        raise StartupError(f"The database {path} is empty (0 bytes). {A_WAY_OUT}")
    if not header.startswith(b"SQLite format 3\0"):
        raise StartupError(f"The database {path} is damaged. {A_WAY_OUT}")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StartupError(f"{path} is not a Leyline database. Name another data folder.")


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size <= FULL_CHECK_BYTES:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; never touch one that is ahead of us."""
    tables = Tables(connection)
    known = {migration.name for migration in migrations.tasks.pending(Tables(memory=True))}
    if not known.issuperset(migration.name for migration in migrations.tasks.applied(tables)):
        raise StartupError(
            f"The database {path} was made by a newer Leyline. Install that one, or a newer one still."
        )
    migrations.tasks.apply(tables)


@contextlib.contextmanager
def _plain_startup_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        log.error("event=database_unusable error=%r", str(error))
        raise StartupError(f"The database {path} {_trouble(path, error)}") from error
    except OSError as error:
        raise StartupError(f"The database {path} cannot be used: {error.strerror}.") from error


def _trouble(path: Path, error: sqlite3.DatabaseError) -> str:
    if not isinstance(error, sqlite3.OperationalError):
        return f"is damaged. {A_WAY_OUT}"
    if _code(error) in LOCKED:
        return "is locked by another program. Close that program and start again."
    if _code(error) == sqlite3.SQLITE_FULL or shutil.disk_usage(path.parent).free < LITTLE_BYTES:
        return "cannot be written: the disk is full. Make room and start again."
    return "cannot be opened for writing. Check its permissions and its disk."


def _refusal(error: Exception) -> Exception:
    """What people are told when SQLite cannot write."""
    log.error("event=write_failed error=%r", str(error))
    if _code(error) in LOCKED:
        return DatabaseBusy()
    if _code(error) in UNWRITABLE:
        return DiskLow("The server cannot write to its disk. Try again when its operator has made room.")
    return error


def _code(error: Exception) -> int | None:
    """SQLite's primary result code; None for an error that is not SQLite's own."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the extended code says more in its higher bytes
