"""Pictures to members and videos from them, at the front door: chunk by chunk, never whole in memory.

Each is a connection of its own that the member opens; what it is about is left to `remote`. All of them together
hold no more than a budget, whatever their number and size: who has the next chunk waits for a place, first come,
first served. Danger: who was given up may come back at any moment with what it still had to say; a transfer is
about one run of one member while that run is on, and when the run has ended nothing of it is written any more.
"""

import asyncio
import base64
import contextlib
import hashlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from leyline.cluster.engine import CommClosedError
from leyline.cluster.wire import next_message

log = logging.getLogger("leyline.cluster")

BUDGET_BYTES = 64_000_000  # for all transfers together
CHUNK_BYTES = 512 * 1024  # and at the worst as much again, on its way to or from the system
STALL_SECONDS = 30  # for one chunk
DISKS = 4  # threads
FETCH, BRING = "leyline-fetch", "leyline-bring"  # what the engine calls the two

T = TypeVar("T")


class Carried(Protocol):
    """A run as transfers see it."""

    picture_path: Path
    video_path: Path
    transfers: set[asyncio.Task[Any]]
    video_bytes: int  # whole there, and as the member has it; -1 before

    def stirs(self) -> None:
        """Something of it has arrived, or has gone."""

    def disk_failed(self, error: OSError) -> None:
        """The front door's disk did not take it."""


class Transfers:
    """All of them. `find` gives the run that a member is at work on, by the member's address, task and run."""

    def __init__(self, find: Callable[[str, str, int], Carried | None]) -> None:
        self._find = find
        self._room = asyncio.Semaphore(BUDGET_BYTES // (2 * CHUNK_BYTES))
        self._disk = ThreadPoolExecutor(DISKS, thread_name_prefix="transfer")
        self.calls = {FETCH: self.fetch, BRING: self.bring}

    def close(self) -> None:
        self._disk.shutdown(cancel_futures=True)

    async def fetch(self, comm: Any, *, member: str, task: str, run: int) -> None:
        """Send the picture: chunks, and then how many bytes they were with their SHA-256."""
        carried = self._find(member, task, run)
        if carried is None:
            comm.abort()
            return
        with _part_of(carried):
            reading = _Reading()
            try:
                await self.on_disk(reading.open, carried.picture_path)
                while True:
                    async with self._room, asyncio.timeout(STALL_SECONDS):
                        if not (data := await self.on_disk(reading.next)):
                            break
                        await comm.write(data)
                    carried.stirs()
                await comm.write(reading.total())
            except (OSError, TimeoutError) as error:
                log.warning("event=transfer_failed task=%s run=%d what=picture error=%r", task, run, str(error))
                comm.abort()
            finally:
                reading.close()

    async def bring(self, comm: Any, *, member: str, task: str, run: int) -> None:
        """Take the video as it grows, and in the end as a whole: chunks, and questions between them."""
        carried = self._find(member, task, run)
        if carried is None:
            comm.abort()
            return
        with _part_of(carried):
            writing = _Writing(carried.video_path)
            try:
                while await self._take_next(comm, writing, carried):
                    carried.stirs()
            except (OSError, TimeoutError) as error:
                log.warning("event=transfer_failed task=%s run=%d what=video error=%r", task, run, str(error))
                comm.abort()
            finally:
                writing.close()

    async def _take_next(self, comm: Any, writing: "_Writing", carried: Carried) -> bool:
        """Whether there may be more."""
        try:
            size = await comm.next_size()
        except CommClosedError:
            return False  # it has said what it had to, or has gone, which its run hears of by itself
        async with next_message(comm, size, self._room, STALL_SECONDS) as message:
            if isinstance(message, bytes):
                carried.video_bytes = -1
                try:
                    await self.on_disk(writing.append, message)
                except OSError as error:
                    carried.disk_failed(error)
                    raise
                return True
        if not isinstance(message, dict):
            raise OSError("it said what nobody understands")
        if "again" in message:  # the model began another file
            await self.on_disk(writing.begin)
        elif "so_far" in message:
            await comm.write({"bytes": writing.bytes})
        else:
            is_whole = message == writing.total()
            carried.video_bytes = writing.bytes if is_whole else -1
            await comm.write({"whole": is_whole})
        return True

    async def keep_still(self, path: Path, picture: str) -> None:
        """Put a preview in its place; OSError, and ValueError for what is none."""
        await self.on_disk(_keep_still, path, base64.b64decode(picture, validate=True))

    async def on_disk(self, work: Callable[..., T], *args: object) -> T:
        """What has begun on the disk is over when this returns, also when it is canceled."""
        working = asyncio.get_running_loop().run_in_executor(self._disk, work, *args)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])
            raise


@contextlib.contextmanager
def _part_of(carried: Carried) -> Any:
    """While this lasts, the end of the run ends the transfer."""
    task = asyncio.current_task()
    assert task
    carried.transfers.add(task)
    try:
        yield
    finally:
        carried.transfers.discard(task)


class _Reading:
    """A file that is read once, and what it was in all."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._is_closed = False

    def open(self, path: Path) -> None:
        self._file = path.open("rb")
        if self._is_closed:  # who wanted it left while a thread opened it
            self._file.close()

    def next(self) -> bytes:
        assert self._file
        data = self._file.read(CHUNK_BYTES)
        self._digest.update(data)
        self._bytes += len(data)
        return data

    def total(self) -> dict[str, Any]:
        return {"bytes": self._bytes, "sha256": self._digest.hexdigest()}

    def close(self) -> None:
        self._is_closed = True
        if self._file:
            self._file.close()


class _Writing:
    """A file in the making, and what it is by now; there is none before its first chunk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self.bytes = 0

    def begin(self) -> None:
        """From its beginning, a new file: who reads the old one reads on in that."""
        self.close()
        self._path.unlink(missing_ok=True)
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._digest, self.bytes = hashlib.sha256(), 0

    def append(self, data: bytes) -> None:
        if self._file is None:
            self.begin()
        assert self._file
        left = memoryview(data)
        while left:  # a disk that fills up takes a part of it first, and only then says so
            left = left[self._file.write(left) :]
        self._digest.update(data)
        self.bytes += len(data)

    def total(self) -> dict[str, Any]:
        return {"bytes": self.bytes, "sha256": self._digest.hexdigest()}

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def _keep_still(path: Path, picture: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(picture)
    part.replace(path)
