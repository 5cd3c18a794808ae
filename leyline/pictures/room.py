"""Memory that several pictures share while they are decoded: whoever needs more than is free waits for it.

Danger: if small ones went past a large one that waits, it would
wait for ever; so all are served in the order of asking.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

BYTES_PER_PIXEL = 16  # measured: 11.6 for WebP, 12.7 for AVIF, 15.6 for a turned 16-bit TIFF with alpha
MOST_PIXELS = 16384**2  # where the setting has no limit; no WebP or AVIF has more


def needed_bytes(pixels: int, file_bytes: int) -> int:
    """Memory in which a picture of so many pixels (0: any number) can be prepared, whatever its file holds."""
    return BYTES_PER_PIXEL * (pixels or MOST_PIXELS) + 2 * file_bytes


class Room:
    """So many bytes for all together; who asks for more than there are gets them all, alone."""

    def __init__(self, total_bytes: int) -> None:
        self._total = self._free = total_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextlib.asynccontextmanager
    async def of(self, needed_bytes: int) -> AsyncIterator[None]:
        """Wait until so many are free; they are taken for as long as the block lasts."""
        taken = min(needed_bytes, self._total)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((taken, turn))
        self._admit()
        try:
            await turn
            yield
        finally:
            if turn.cancelled():
                self._waiting.remove((taken, turn))
            else:
                self._free += taken
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            taken, turn = self._waiting[0]
            if turn.cancelled():  # whoever leaves takes itself out, in a moment, and comes here again
                return
            self._waiting.popleft()
            self._free -= taken
            turn.set_result(None)
