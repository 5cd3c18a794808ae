"""Who claims and begins next: one idle model process after the other, so that runs begin in the order of the line.

The claim itself is left to whose turn it is. Danger: however many are idle, one picture that comes is one claim:
who has the turn waits for the line to change, and the others for the turn. And while the disk takes no video nobody
claims, or each would use up a run of the same picture to find that out.
"""

import asyncio

from leyline.line.disk import Disk
from leyline.line.recovery import Recovery

REST_SECONDS = 1.0  # before the next look at a full disk, and after an error of our own


class Claims:
    """The turn of a model process to claim and begin, and whether anything may be claimed at all."""

    def __init__(self, recovery: Recovery, disk: Disk) -> None:
        self._recovery = recovery
        self._disk = disk
        self._turn = asyncio.Lock()  # who came first is next
        self._waiting = 0  # for it
        self._disk_failures = 0
        self._is_disk_well = True

    async def take(self) -> None:
        """Wait for the turn, and have it until `give_back`."""
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    async def take_at_once(self) -> bool:
        """Have the turn where nobody has it or waits for it and claims make sense; whether it is had now."""
        if self._turn.locked() or self._waiting or not self._recovery.is_done or not self._is_disk_well:
            return False
        await self._turn.acquire()  # which is free
        return True

    def give_back(self) -> None:
        self._turn.release()

    async def open(self) -> None:
        """Wait until claims make sense: what the last server left is mended, and the disk takes files."""
        await self._recovery.finish()
        while not self._is_disk_well:
            seen = self._disk_failures
            await asyncio.sleep(REST_SECONDS)
            self._is_disk_well = await self._disk.is_well() and seen == self._disk_failures

    def disk_failed(self) -> None:
        """It did not take a run; to be said before that is put back."""
        self._disk_failures += 1
        self._is_disk_well = False
