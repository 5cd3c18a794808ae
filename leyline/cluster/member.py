"""One model process of a worker, and its place at the front door: it joins, runs what it is given, and joins again.

How the process is kept alive is left to `processes.model`, files to `carrying`, how long to wait for a front door
to `worker`. Danger: the front door may go at any moment, and with it the run in hand, which is canceled then; the
model stays loaded. A run leaves nothing on this machine's disk.
"""

import asyncio
import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from leyline.cluster import carrying, messages
from leyline.cluster.carrying import Bringing, CarryingFailed, Way
from leyline.cluster.engine import Seat, Security, connect
from leyline.cluster.messages import Died, Goodbye, NotCarried, Printed, Refused, State
from leyline.cluster.stills import Stills
from leyline.processes import protocol
from leyline.processes.model import ModelProcess
from leyline.processes.seam import Crashed, News
from leyline.processes.states import ChildState

log = logging.getLogger("leyline.cluster")

CONNECT_SECONDS = 5
LINES_SECONDS = 1.0  # between two looks at what the model has printed
NO_VIDEO = "The model said that it was done but left no video."


class NotWanted(Exception):
    """The front door has refused it; the message is a sentence for people."""


class LetGo(Exception):
    """The front door needs it no more."""


class Member:
    """A model process with a place at the front door at `address`; one of a time.

    `model` is made by the worker, which says when its state changes: `tell_state`.
    """

    def __init__(self, address: str, security: Security | None, folder: Path) -> None:
        self.model: ModelProcess
        self.schema: str | None = None
        self._address, self._security = address, security
        self._folder = folder
        self._seat: Seat | None = None
        self._run: asyncio.Task[None] | None = None
        self._called_off: Exception | None = None

    async def sit(self, hello: str, on_seated: Callable[[], None]) -> None:
        """Have a place at the front door until that has gone; raises `NotWanted`, `LetGo`, and OSError for none.

        Until then the model runs what it is given.
        """
        self._called_off = None
        seat = Seat(self._address, uuid4().hex, self._security, hello=hello, on_said=self._hear)
        try:
            try:
                await seat
            except (RuntimeError, TimeoutError) as error:
                raise OSError(f"it was not let in: {error.__cause__ or error}") from error
            self._seat = seat
            on_seated()
            if self.schema is not None:
                seat.say(messages.encode(protocol.ModelReady(self.schema)))
            self.tell_state()
            await seat.finished()  # type: ignore[no-untyped-call]
        finally:
            self._seat = None
            await self._give_up_run()
            await seat.close(timeout=1, reason="over")
        if self._called_off:
            raise self._called_off

    async def leave(self, reason: str) -> None:
        """Say goodbye, and end the model process."""
        seat = self._seat
        if seat:
            seat.say(messages.encode(Goodbye(reason)))
            await seat.close(timeout=1, reason="leave")  # it sends what was said
        await self._give_up_run()
        await self.model.stop()

    def tell_state(self) -> None:
        """The model process is in another state, or its place is a new one."""
        model = self.model
        self._say(State(model.state.value, model.detail, model.spawned, model.pid))

    def tell_schema(self, schema: str) -> None:
        """The model has been loaded, and is about to be ready."""
        self.schema = schema
        self._say(protocol.ModelReady(schema))

    def _say(self, message: protocol.Said) -> None:
        if self._seat and not (isinstance(message, State) and message.state == ChildState.STOPPED):
            self._seat.say(messages.encode(message))

    async def _give_up_run(self) -> None:
        """The model hears of it as of a cancel; until it has listened, or is killed, it is busy."""
        if self._run:
            self._run.cancel()
            await asyncio.wait([self._run])
            self._run = None

    # What the front door says

    def _hear(self, text: str) -> None:
        try:
            message = messages.to_member(text)
        except protocol.ProtocolError as error:  # of another release, and still let in
            log.error("event=not_understood error=%r", str(error))
            self._call_off(OSError("what the front door said was not understood"))
            return
        match message:
            case protocol.Start():
                self._take(message)
            case protocol.Cancel(task_id=task_id, run=run):
                self.model.cancel(task_id, run)
            case protocol.Shutdown():
                self._call_off(LetGo())
            case Refused(reason=reason):
                self._call_off(NotWanted(reason))

    def _call_off(self, why: Exception) -> None:
        self._called_off = self._called_off or why
        if self._seat:
            asyncio.ensure_future(self._seat.close(timeout=1, reason="called off"))  # noqa: RUF006 - `sit` waits for it

    # A run

    def _take(self, start: protocol.Start) -> None:
        if self._run and not self._run.done():
            self._say(Died(start.task_id, start.run, "", "it was at work on another run", False))
            return
        seat = self._seat
        if seat:
            self._run = asyncio.create_task(self._work(start, seat))

    async def _work(self, start: protocol.Start, seat: Seat) -> None:
        """The whole run, from its picture to its video at the front door; nothing is left of it here."""
        log.info("event=started task=%s run=%d", start.task_id, start.run)
        way = Way(self._connect, seat.called, start.task_id, start.run)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="run-", dir=self._folder))
        try:
            end = await self._end_of(start, way, folder)
        except CarryingFailed as error:
            end = NotCarried(start.task_id, start.run, str(error))
        except OSError as error:  # this machine's disk
            end = NotCarried(start.task_id, start.run, f"the worker's disk: {error}")
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, True))
        log.info("event=ended task=%s run=%d end=%s", start.task_id, start.run, type(end).__name__)
        self._say_lines(start)
        self._say(end)

    async def _end_of(self, start: protocol.Start, way: Way, folder: Path) -> messages.End:
        ids = start.task_id, start.run
        paths = [folder / name for name in ("picture.jpg", "video.part", "preview.jpg")]
        await carrying.fetch(way, paths[0])
        if not self.model.idle:
            return Died(*ids, "", "the model process ended before the start", False)
        bringing = Bringing(way, paths[1])
        follower = _Follower(bringing, Stills(paths[2], self._say), self._say)
        lines = asyncio.create_task(self._say_lines_often(start))
        try:
            picture, video, preview = map(str, paths)
            here = protocol.Start(*ids, picture, video, preview, start.parameters)
            end = await self._run_model(here, follower.hear)
            await follower.end()
            if isinstance(end, Crashed):
                return Died(*ids, end.detail, end.reason, end.began)
            if isinstance(end, protocol.Done):
                if not await asyncio.to_thread(paths[1].exists):
                    return protocol.Failed(*ids, protocol.MODEL_ERROR, NO_VIDEO)
                await bringing.finish()
            elif end.code == protocol.DISK_FULL:
                return NotCarried(*ids, f"the worker's disk is full: {end.detail}")
            return end
        finally:
            lines.cancel()
            follower.stop()
            bringing.close()

    async def _run_model(
        self, start: protocol.Start, heard: Callable[[News], None]
    ) -> protocol.Done | protocol.Failed | Crashed:
        """How the model's run ends; when this is canceled the model is asked to stop, and stays loaded."""
        running = asyncio.ensure_future(self.model.run(start, heard))
        try:
            end = await asyncio.shield(running)
        except asyncio.CancelledError:
            self.model.cancel(start.task_id, start.run)
            await asyncio.wait([running])
            raise
        assert isinstance(end, protocol.Done | protocol.Failed | Crashed)
        return end

    async def _connect(self) -> object:
        arguments = self._security.get_connection_args("worker") if self._security else {}
        return await connect(self._address, timeout=CONNECT_SECONDS, **arguments)

    async def _say_lines_often(self, start: protocol.Start) -> None:
        before: list[str] = []
        while True:
            await asyncio.sleep(LINES_SECONDS)
            if (lines := self.model.last_lines(start.task_id, start.run)) != before:
                before = lines
                self._say_lines(start)

    def _say_lines(self, start: protocol.Start) -> None:
        lines = self.model.last_lines(start.task_id, start.run)
        self._say(Printed(start.task_id, start.run, "\n".join(lines)))


class _Follower:
    """Brings the video as it grows, and tells of each growth when it has arrived; and of all else at once."""

    def __init__(self, bringing: Bringing, stills: Stills, say: Callable[[protocol.Said], None]) -> None:
        self._bringing, self._stills, self._say = bringing, stills, say
        self._newest: protocol.Grown | None = None
        self._at_work: asyncio.Task[None] | None = None

    def hear(self, news: News) -> None:
        match news:
            case protocol.Progress():
                self._say(news)
            case protocol.Preview():
                self._stills.show(news)
            case protocol.Grown():
                self._newest = news
                if self._at_work is None or self._at_work.done():
                    self._at_work = asyncio.create_task(self._bring())

    async def _bring(self) -> None:
        while self._newest:
            news, self._newest = self._newest, None
            try:
                await self._bringing.bring()
            except CarryingFailed as error:  # the end tries again
                log.warning("event=growth_not_brought task=%s error=%r", news.task_id, str(error))
                return
            self._say(news)

    async def end(self) -> None:
        """The model is done: what is under way is waited for, nothing new is begun."""
        self._newest = None
        if self._at_work:
            await asyncio.wait([self._at_work])
        await self._stills.end()

    def stop(self) -> None:
        self._newest = None
        self._stills.stop()
        if self._at_work:
            with contextlib.suppress(RuntimeError):
                self._at_work.cancel()
