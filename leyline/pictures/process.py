"""The pictures' way to the helper process that decodes them: clients in turn, one answer for each picture.

How a helper is kept alive is left to `processes.kept`, what is done with a picture to `preparation`, which
runs over there. Danger: a hostile picture can crash, hang or blow up the helper; that costs this one
upload an answer, and nothing else.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from leyline import errors
from leyline.pictures import loop
from leyline.pictures.turns import Turns
from leyline.processes import protocol
from leyline.processes.kept import KeptChild
from leyline.processes.protocol import Prepared as Prepared  # what callers get
from leyline.processes.states import Cause, ChildState, Death

log = logging.getLogger("leyline.pictures")

WORK_SECONDS = 4.5  # one picture's working time; no upload waits longer for its own answer
LOAD_SECONDS = 10  # until a new helper says that it is ready
TRIES = 2  # a helper that was ended from outside, or could not start, is no fault of the picture
FROM_OUTSIDE = (0, -signal.SIGKILL, -signal.SIGTERM)  # no decoder ends its process like this

REFUSALS: dict[str, type[errors.Refusal]] = {
    refusal.code: refusal
    for refusal in (
        errors.EmptyFile,
        errors.NotAPicture,
        errors.UnsupportedFormat,
        errors.DamagedPicture,
        errors.TooManyPixels,
        errors.DiskLow,
        errors.Internal,
    )
}
TOO_SLOW = "Reading this picture takes too long. Make it smaller, or save it as JPEG, and send that."
CRASHED = "The picture is damaged in a way that stopped its reading. Export it again and send the new file."


class PictureProcess:
    """One helper process, kept alive. It takes one picture at a time, clients in turn."""

    def __init__(
        self,
        max_pixels: int,
        *,
        target: Callable[..., None] = loop.run,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        self._work_seconds = work_seconds
        self._turns = Turns()
        self._helper = KeptChild(
            target,
            (max_pixels,),
            name="picture_helper",
            conversation=protocol.PICTURES,
            on_aside=lambda message: self._helper.kill(Cause.NONSENSE),
            load_seconds=LOAD_SECONDS,
        )

    @property
    def pid(self) -> int | None:
        """The running helper, for tests and the log."""
        return self._helper.pid

    def start(self) -> None:
        """Spawn the helper; on the main thread, with the event loop running."""
        self._helper.start()

    async def prepare(
        self, source: Path, picture: Path, thumbnail: Path, client: str, network: str | None = None
    ) -> Prepared:
        """Have the picture in `source` written to `picture` and `thumbnail`, as `pictures.prepare` does.

        One `client`'s pictures are taken in the order of asking, and between two of them one of each other
        client's that waits; so it goes between the clients of one `network`, and between networks (None: the
        client's own). Raises the refusals named there; `DamagedPicture` also where the helper crashed on the
        picture or needed too long; `PicturesBusy` and `Stopping`. Once this returns or raises, even when
        canceled, nothing more is written.
        """
        request = protocol.Prepare(str(source), str(picture), str(thumbnail))
        async with self._turns.turn(network or client, client):
            work = asyncio.ensure_future(self._answer(request))
            try:
                answer = await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.gather(work, return_exceptions=True)
                raise
        if isinstance(answer, errors.Refusal):
            raise answer
        return answer

    async def stop(self) -> None:
        """End the helper and start no other; whoever waits gets `Stopping`."""
        await self._helper.stop()

    async def _answer(self, request: protocol.Prepare) -> Prepared | errors.Refusal:
        helper, seconds_left = self._helper, self._work_seconds
        for _ in range(TRIES):
            helper.hasten()
            await helper.settled()
            if not helper.idle:
                continue
            begin = monotonic()
            end = await helper.ask(request, silence_seconds=seconds_left)
            seconds_left -= monotonic() - begin
            match end:
                case Prepared():
                    return end
                case protocol.Refused():
                    return _refusal(end)
                case Death(cause=Cause.SILENCE):
                    return errors.DamagedPicture(TOO_SLOW)
                case Death() if end.cause is not Cause.NOT_BY_US or end.exitcode not in FROM_OUTSIDE:
                    return errors.DamagedPicture(CRASHED)
        return errors.Stopping() if helper.state is ChildState.STOPPED else errors.PicturesBusy()


def _refusal(refused: protocol.Refused) -> errors.Refusal:
    log.info("event=picture_refused code=%s reason=%r", refused.code, refused.reason)
    numbers = {"limit": refused.limit, "actual": refused.actual}
    told = {name: number for name, number in numbers.items() if number is not None}
    return REFUSALS[refused.code](refused.detail, **told)
