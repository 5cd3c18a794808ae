"""One helper process that decodes pictures: what it is asked, and what people are told of its end.

How a helper is kept alive is left to `processes.kept`, which helper takes which picture to `pool`, what is
done with a picture to `preparation`, which runs over there. Danger: a hostile picture can crash, hang or
blow up the helper; that costs this one upload an answer, and nothing else.
"""

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from leyline import errors
from leyline.pictures.room import Room
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
    """One helper process, kept alive. It takes one picture at a time."""

    def __init__(self, max_pixels: int, target: Callable[..., None], work_seconds: float) -> None:
        self._work_seconds = work_seconds
        self._is_to_run = False
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
        """Spawn the helper, unless that was done; on the main thread, with the event loop running."""
        if not self._is_to_run:
            self._is_to_run = True
            self._helper.start()

    async def prepare(
        self, source: Path, to: tuple[Path, Path, Path | None], room: Room
    ) -> Prepared | errors.Refusal:
        """What became of the picture in `source`; see `PicturePool.prepare`, which raises what this returns."""
        steps = protocol.Measure(str(source)), protocol.Prepare(*(str(path or "") for path in to))
        work = _Work(self._work_seconds)
        self.start()
        for _ in range(TRIES):
            self._helper.hasten()
            await self._helper.settled()
            if self._helper.idle and (answer := await self._at_one_try(work, *steps, room)):
                return answer
        return errors.Stopping() if self._helper.state is ChildState.STOPPED else errors.PicturesBusy()

    async def stop(self) -> None:
        """End the helper and start no other, from now on."""
        self._is_to_run = True
        await self._helper.stop()

    async def _at_one_try(
        self, work: "_Work", measure: protocol.Measure, prepare: protocol.Prepare, room: Room
    ) -> Prepared | errors.Refusal | None:
        """What came of the picture, or None where that was no fault of it."""
        end = await work.ask(self._helper, measure)
        if isinstance(end, protocol.Measured):
            async with room.of(end.memory_bytes):
                if not self._helper.idle:  # it has ended while the picture waited
                    return None
                end = await work.ask(self._helper, prepare)
        match end:
            case Prepared():
                return end
            case protocol.Refused():
                return _refusal(end)
            case Death(cause=Cause.SILENCE):
                return errors.DamagedPicture(TOO_SLOW)
            case Death() if end.cause is not Cause.NOT_BY_US or end.exitcode not in FROM_OUTSIDE:
                return errors.DamagedPicture(CRASHED)
        return None


class _Work:
    """The time that one picture has, of all its steps and tries together."""

    def __init__(self, seconds: float) -> None:
        self._seconds_left = seconds

    async def ask(self, helper: KeptChild, request: protocol.FromParent) -> protocol.FromChild | Death:
        begin = monotonic()
        end = await helper.ask(request, silence_seconds=max(0.0, self._seconds_left))
        self._seconds_left -= monotonic() - begin
        return end


def _refusal(refused: protocol.Refused) -> errors.Refusal:
    log.info("event=picture_refused code=%s reason=%r", refused.code, refused.reason)
    numbers = {"limit": refused.limit, "actual": refused.actual}
    told = {name: number for name, number in numbers.items() if number is not None}
    return REFUSALS[refused.code](refused.detail, **told)
