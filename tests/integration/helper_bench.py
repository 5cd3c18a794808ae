"""A running pool of one helper process with files for it, and a file that it reads for as long as a test likes."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from leyline import errors
from leyline.pictures.pool import PicturePool, Prepared
from tests.picture_samples import sample

LIMIT = 50_000_000
DEADLINE = 120  # seconds, for what should come in a fraction of that


class HelperBench:
    """A running pool of helpers, one unless more are asked for, and files for it."""

    def __init__(self, folder, pool):
        self.folder, self.pool = folder, pool
        self.picture, self.thumbnail = folder / "picture.part", folder / "thumbnail.part"

    @property
    def pid(self):
        """The first helper; None while there is none."""
        return next(iter(self.pool.pids), None)

    async def send(self, file, client="somebody"):
        source = file if isinstance(file, Path) else self.folder / "source.part"
        if source is not file:
            source.write_bytes(file)
        return await self.pool.prepare(source, self.picture, self.thumbnail, client)

    async def refusal(self, file):
        with pytest.raises(errors.Refusal) as caught:
            await self.send(file)
        return caught.value

    async def works(self):
        assert await self.send(sample("jpeg")) == Prepared(96, 64)
        return True


@contextlib.asynccontextmanager
async def running(folder, **options):
    pool = PicturePool(options.pop("max_pixels", LIMIT), **{"most": 1, **options})
    pool.start()
    try:
        yield HelperBench(folder, pool)
    finally:
        await pool.stop()


class Slow:
    """A file that the helper is reading for as long as we like: a named pipe."""

    def __init__(self, folder):
        self.path = folder / "slow.part"
        os.mkfifo(self.path)

    async def is_read(self):
        """Wait until the helper has begun with it; what is returned ends the file when closed."""
        return await asyncio.wait_for(asyncio.to_thread(open, self.path, "wb", 0), DEADLINE)


def lives(pid):
    return Path(f"/proc/{pid}").exists()
