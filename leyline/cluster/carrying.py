"""Pictures from the front door and videos to it, on a member's side: connections of their own, chunk by chunk.

What they are about is left to `member`, the other end is `transfers`. Danger: the disk is read and written in
threads, and a front door that reads nothing holds the chunk that it was sent, not the video.
"""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from leyline.cluster.transfers import BRING, CHUNK_BYTES, FETCH, STALL_SECONDS

PATIENCE_SECONDS = 2 * STALL_SECONDS  # with a front door that has many others to hear
Connect = Callable[[], Awaitable[Any]]


class CarryingFailed(Exception):
    """What had to get there, or here, did not; the message is for the log."""


class Way:
    """How a run's files go: with whom, and whose they are."""

    def __init__(self, connect: Connect, member: str, task_id: str, run: int) -> None:
        self._connect = connect
        self._about = {"member": member, "task": task_id, "run": run, "reply": False}

    async def open(self, operation: str) -> Any:
        """A connection for one transfer; OSError when there is none to be had."""
        comm = await self._connect()
        await comm.write({"op": operation, **self._about})
        return comm


async def fetch(way: Way, path: Path) -> None:
    """Write the run's picture to `path`; `CarryingFailed` when it does not come whole."""
    try:
        comm = await way.open(FETCH)
    except OSError as error:
        raise CarryingFailed(f"no picture: {error}") from error
    digest, size = hashlib.sha256(), 0
    try:
        with await asyncio.to_thread(path.open, "xb") as file:
            while True:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    data = await comm.read()
                if not isinstance(data, bytes):
                    break
                await asyncio.to_thread(file.write, data)
                digest.update(data)
                size += len(data)
    except (OSError, TimeoutError) as error:
        raise CarryingFailed(f"no picture: {error}") from error
    finally:
        comm.abort()
    if data != {"bytes": size, "sha256": digest.hexdigest()}:
        raise CarryingFailed("no picture: it was not whole")


class Bringing:
    """The run's video on its way to the front door, as far as there is one yet."""

    def __init__(self, way: Way, path: Path) -> None:
        self._way = way
        self._path = path
        self._comm: Any = None
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._bytes = 0

    async def bring(self) -> None:
        """Bring all that lies there by now; it has arrived when this returns. `CarryingFailed` when it does not."""
        await self._tried(self._bring)

    async def finish(self) -> None:
        """Bring the rest of the finished video; all of it is there, and the same, when this returns."""
        await self._tried(self._finish)

    def close(self) -> None:
        if self._comm:
            self._comm.abort()
        if self._file:
            self._file.close()

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> None:
        """Once more from the beginning when the connection fails, and then no more."""
        try:
            try:
                await work()
            except (OSError, TimeoutError):
                self.close()
                self._comm = self._file = None
                await work()
        except (OSError, TimeoutError) as error:
            raise CarryingFailed(f"no video: {error or type(error).__name__}") from error

    async def _bring(self) -> None:
        await self._send_rest()
        told = await self._ask({"so_far": True})
        if told != {"bytes": self._bytes}:
            raise OSError("less has arrived than was sent")

    async def _finish(self) -> None:
        await self._send_rest()
        if await self._ask({"bytes": self._bytes, "sha256": self._digest.hexdigest()}) != {"whole": True}:
            raise OSError("it was not whole")

    async def _send_rest(self) -> None:
        if self._comm is None:
            self._comm = await self._way.open(BRING)
        if await asyncio.to_thread(self._is_another):
            await asyncio.to_thread(self._begin)
            await self._send({"again": True})
        while data := await asyncio.to_thread(self._read):
            await self._send(data)

    async def _send(self, message: object) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._comm.write(message)

    async def _ask(self, message: object) -> Any:
        await self._send(message)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._comm.read()

    def _is_another(self) -> bool:
        """Whether the model has begun a file that is not the one of which the beginning was brought."""
        there = self._path.stat()
        if self._file is None:
            return True
        held = os.fstat(self._file.fileno())
        return (there.st_dev, there.st_ino) != (held.st_dev, held.st_ino) or there.st_size < self._bytes

    def _begin(self) -> None:
        with suppress(AttributeError):
            self._file.close()  # type: ignore[union-attr]
        self._file = self._path.open("rb")
        self._digest, self._bytes = hashlib.sha256(), 0

    def _read(self) -> bytes:
        assert self._file
        data = self._file.read(CHUNK_BYTES)
        self._digest.update(data)
        self._bytes += len(data)
        return data
