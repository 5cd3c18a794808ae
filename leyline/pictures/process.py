"""The parent's end of the helper process that decodes pictures: start it, ask it, kill it, start it again.

What is done with a picture is left to `pictures`, which runs over there. Danger: a hostile picture can
crash, hang or blow up the helper; that costs this one upload an answer, and nothing else.
"""

import asyncio
import json
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from leyline import errors
from leyline.pictures import loop
from leyline.pictures.turns import Turns
from leyline.processes.child import Child

log = logging.getLogger("leyline.pictures")

WORK_SECONDS = 4.5  # one picture's working time; no upload waits longer for its own answer
START_SECONDS = 10  # until a new helper says that it is ready
END_SECONDS = 2  # until a killed helper has ended
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
NUMBERS = {"limit", "actual"}  # what a refusal may add to its sentence
TOO_SLOW = "Reading this picture takes too long. Make it smaller, or save it as JPEG, and send that."
CRASHED = "The picture is damaged in a way that stopped its reading. Export it again and send the new file."


@dataclass(frozen=True)
class Prepared:
    """Width and height of the picture that was sent, turned upright, in pixels."""

    width: int
    height: int


Answer = Prepared | errors.Refusal


class PictureProcess:
    """One helper process at a time, kept alive. It takes one picture at a time, clients in turn."""

    def __init__(
        self,
        max_pixels: int,
        *,
        target: Callable[..., None] = loop.run,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        self._max_pixels = max_pixels
        self._target = target
        self._work_seconds = work_seconds
        self._turns = Turns()
        self._child: Child | None = None
        self._is_ready: asyncio.Future[bool] | None = None  # of this child; False: it ended before
        self._answer: asyncio.Future[Answer | None] | None = None  # to the picture in work; None: there is none
        self._begun = False  # this child has had a picture
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The running helper, for tests and the log."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Spawn the helper; on the main thread, with the event loop running."""
        child = Child(
            self._target,
            (self._max_pixels,),
            name="leyline pictures",
            max_message_bytes=loop.MAX_MESSAGE_BYTES,
            on_message=self._heard,
            on_gone=self._gone,
        )
        child.start()
        self._child, self._begun = child, False
        self._is_ready = asyncio.get_running_loop().create_future()

    async def prepare(self, source: Path, picture: Path, thumbnail: Path, client: str) -> Prepared:
        """Have the picture in `source` written to `picture` and `thumbnail`, as `pictures.prepare` does.

        One `client`'s pictures are taken in the order of asking, and between two of them one of each other
        client's that waits. Raises the refusals named there; `DamagedPicture` also where the helper crashed
        on the picture or needed too long; `PicturesBusy` and `Stopping`. Once this returns or raises, even
        when canceled, nothing more is written.
        """
        async with self._turns.turn(client):
            work = asyncio.ensure_future(self._work(source, picture, thumbnail))
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
        self._stopping = True
        if self._child:
            self._child.kill()
            await self._child.wait(END_SECONDS)

    async def _work(self, *paths: Path) -> Answer:
        request = json.dumps(dict(zip(loop.PATHS, map(str, paths), strict=True))).encode()
        seconds_left = self._work_seconds
        for _ in range(2):  # a helper that was ended from outside is no fault of this picture
            if self._stopping:
                return errors.Stopping()
            if child := await self._ready_child():
                begin = monotonic()
                answer = await self._ask(child, request, seconds_left)
                if answer:
                    return answer
                seconds_left -= monotonic() - begin
        return errors.Stopping() if self._stopping else errors.PicturesBusy()

    async def _ready_child(self) -> Child | None:
        if self._child is None and not self._started():
            return None
        child, is_ready = self._child, self._is_ready
        assert child is not None and is_ready is not None
        done, _ = await asyncio.wait([is_ready], timeout=START_SECONDS)
        if not done:
            log.error("event=picture_helper_not_ready seconds=%g", START_SECONDS)
            child.kill()
        elif is_ready.result() and child is self._child:  # it may have gone while we waited
            return child
        return None

    async def _ask(self, child: Child, request: bytes, seconds: float) -> Answer | None:
        """What the helper says of one picture; None when it was ended from outside."""
        self._answer = asyncio.get_running_loop().create_future()
        child.send(request)
        try:
            return await asyncio.wait_for(self._answer, seconds)
        except BaseException as error:  # the time is over, or the server ends
            child.kill()
            await child.wait(END_SECONDS)
            if not isinstance(error, TimeoutError):
                raise
            log.warning("event=picture_too_slow seconds=%g", self._work_seconds)
            return errors.DamagedPicture(TOO_SLOW)
        finally:
            self._answer = None

    def _started(self) -> bool:
        try:
            self.start()
        except OSError as error:  # no process or no descriptor is to be had
            log.error("event=picture_helper_not_started reason=%r", error)
            return False
        return True

    # What the helper says

    def _heard(self, data: bytes) -> None:
        assert self._child is not None and self._is_ready is not None
        message = _parse(data)
        if message == loop.READY and not self._is_ready.done():
            self._is_ready.set_result(True)
        elif message == loop.BEGUN and self._answer:
            self._begun = True
        elif isinstance(message, Answer) and self._answer and self._begun:
            self._answered(message)
        else:
            log.error("event=picture_helper_killed reason='broke the protocol'")
            self._answered(errors.DamagedPicture(CRASHED))
            self._child.kill()

    def _gone(self) -> None:
        assert self._child is not None and self._is_ready is not None
        exitcode, self._child = self._child.exitcode, None
        if not self._stopping:  # with 0 it ended by itself, to be replaced
            log.log(logging.ERROR if exitcode else logging.INFO, "event=picture_helper_gone exitcode=%s", exitcode)
        if not self._is_ready.done():
            self._is_ready.set_result(False)
        if self._begun and not self._stopping:
            self._started()  # at once, but only after one that had worked: others might die at their start for ever
        self._answered(errors.DamagedPicture(CRASHED) if exitcode not in FROM_OUTSIDE else None)

    def _answered(self, answer: Answer | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(answer)


def _parse(data: bytes) -> str | Answer | None:
    """One of the helper's messages, checked as if a decoder had been taken over; None for anything else."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return None
    match message:
        case str():
            return message
        case {"width": int(width), "height": int(height)} if width > 0 and height > 0:
            return Prepared(width, height)
        case {"code": str(code), "detail": str(detail), "numbers": dict(numbers), "reason": str(reason)} if (
            code in REFUSALS and {*numbers} <= NUMBERS and all(type(number) is int for number in numbers.values())
        ):
            log.info("event=picture_refused code=%s reason=%r", code, reason)
            return REFUSALS[code](detail, **numbers)
    return None
