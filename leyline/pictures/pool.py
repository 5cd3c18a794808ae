"""The pictures' way to the helper processes that decode them: clients in turn, one answer for each picture.

There are as many helpers as processors, where the room for them suffices; each is started when all before it
are at work. What one helper does is left to `process`. Danger: pictures share the memory in which they are
decoded, so that ever so many helpers need no more than the largest picture alone.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from leyline.pictures import loop
from leyline.pictures.process import WORK_SECONDS, PictureProcess
from leyline.pictures.room import Room, needed_bytes
from leyline.processes.protocol import Prepared as Prepared  # what callers get
from leyline.turns import Turns

ROOM_OF_A_HELPER_BYTES = 64 * 2**20  # with less for each, more helpers would only wait for one another


class PicturePool:
    """Helper processes that are kept alive; each takes one picture at a time, clients in turn.

    There are `most` of them, or as many as there are processors and room.
    """

    def __init__(
        self,
        max_pixels: int,
        *,
        most: int | None = None,
        target: Callable[..., None] = loop.run,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        room_bytes = needed_bytes(max_pixels, 0)
        number = most or max(1, min(len(os.sched_getaffinity(0)), room_bytes // ROOM_OF_A_HELPER_BYTES))
        self._processes = [PictureProcess(max_pixels, target, work_seconds) for _ in range(number)]
        self._idle = self._processes[::-1]  # the last first
        self._turns = Turns(number)
        self._room = Room(room_bytes)

    @property
    def pids(self) -> list[int]:
        """The running helpers, for tests and the log."""
        return [process.pid for process in self._processes if process.pid]

    def start(self) -> None:
        """Spawn the first helper; on the main thread, with the event loop running."""
        self._processes[0].start()

    async def prepare(
        self,
        source: Path,
        picture: Path,
        thumbnail: Path,
        client: str,
        network: str | None = None,
        poster: Path | None = None,
    ) -> Prepared:
        """Have the picture in `source` written to `picture`, `thumbnail` and `poster`, as `preparation` says.

        One `client`'s pictures are taken in the order of asking, and between two of them one of each other
        client's that waits; so it goes between the clients of one `network`, and between networks (None: the
        client's own). Raises the refusals named there; `DamagedPicture` also where the helper crashed on the
        picture or needed too long; `PicturesBusy` and `Stopping`. Once this returns or raises, even when
        canceled, nothing more is written.
        """
        async with self._turns.turn(network or client, client):
            process = self._idle.pop()
            work = asyncio.ensure_future(process.prepare(source, (picture, thumbnail, poster), self._room))
            try:
                answer = await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.gather(work, return_exceptions=True)
                raise
            finally:
                self._idle.append(process)
        if isinstance(answer, Prepared):
            return answer
        raise answer

    async def stop(self) -> None:
        """End the helpers and start no others; whoever waits gets `Stopping`."""
        await asyncio.gather(*(process.stop() for process in self._processes))
