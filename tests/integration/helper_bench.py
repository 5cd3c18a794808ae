"""A running helper process with files for it, and a file that it reads for as long as a test likes."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from leyline import errors
from leyline.pictures.process import PictureProcess, Prepared
from tests.picture_samples import sample

LIMIT = 50_000_000
DEADLINE = 120  # seconds, for what should come in a fraction of that


class HelperBench:
    """A running `PictureProcess`, and files for it."""

    def __init__(self, folder, process):
        self.folder, self.process = folder, process
        self.picture, self.thumbnail = folder / "picture.part", folder / "thumbnail.part"

    async def send(self, file, client="somebody"):
        source = file if isinstance(file, Path) else self.folder / "source.part"
        if source is not file:
            source.write_bytes(file)
        return await self.process.prepare(source, self.picture, self.thumbnail, client)

    async def refusal(self, file):
        with pytest.raises(errors.Refusal) as caught:
            await self.send(file)
        return caught.value

    async def works(self):
        assert await self.send(sample("jpeg")) == Prepared(96, 64)
        return True


@contextlib.asynccontextmanager
async def running(folder, **options):
    process = PictureProcess(options.pop("max_pixels", LIMIT), **options)
    process.start()
    try:
        yield HelperBench(folder, process)
    finally:
        await process.stop()


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
