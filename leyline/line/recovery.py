"""What the last server left is mended: its runs go back into the line, before anything runs.

How a task moves is left to `moves`.
"""

import contextlib

from leyline.errors import DatabaseBusy, DiskLow
from leyline.line import failures
from leyline.line.disk import Disk
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.media import Media


class Recovery:
    """Mends once: at the start; before the first claim what the disk or the database did not take."""

    def __init__(self, store: TaskStore, moves: Moves, media: Media, disk: Disk) -> None:
        self._store = store
        self._moves = moves
        self._media = media
        self._disk = disk
        self.is_done = False

    async def begin(self) -> None:
        """Read the line, and mend what can be mended now: put the last server's tasks back, or end them."""
        index = self._moves.index
        index.take(await self._store.line(is_fair=index.is_fair))  # nobody writes yet
        with contextlib.suppress(DatabaseBusy, DiskLow):
            await self._mend(self._moves)

    async def finish(self) -> None:
        """Mend the rest, however long that takes; at once where there is none."""
        if not self.is_done:
            await self._mend(self._moves.persistent())

    async def _mend(self, moves: Moves) -> None:
        if not moves.index.is_filled:
            await moves.fill_index()
        for task in await self._store.processing():
            await moves.put_back(task, "restart")
        pictures = await self._disk.do(self._media.pictures)
        for task in await self._store.some(moves.index.waiting_ids() - pictures):
            await moves.fail(task, failures.PictureLost())
        self.is_done = True
