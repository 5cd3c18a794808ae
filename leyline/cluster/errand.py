"""One run on a worker: the picture is fetched, the model makes its video, and that is brought to the front door.

How files go is left to `carrying`, how the model is kept alive to `processes.model`. Danger: it may be canceled at
each step, by people or because the front door has gone; whatever happens, its end is said once, and nothing of it
is left on this machine's disk by then.
"""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from leyline.cluster import carrying, messages
from leyline.cluster.carrying import Bringing, CarryingFailed, Way
from leyline.cluster.messages import Died, NotCarried, Printed
from leyline.cluster.stills import Stills
from leyline.processes import protocol
from leyline.processes.model import ModelProcess
from leyline.processes.seam import Crashed, News

log = logging.getLogger("leyline.cluster")

LINES_SECONDS = 1.0  # between two looks at what the model has printed
# Slurm, for one, ends all processes of a job at once. A model that died of that is not to blame: when this worker
# has heard of its own end, which it does within this time, the run is canceled.
SAME_MOMENT_SECONDS = 0.5
NO_VIDEO = "The model said that it was done but left no video."
NOT_IDLE = "the model process ended before the start"

Say = Callable[[protocol.Said], None]


class _Canceled(Exception):
    """Nobody wants the video any more."""


class Errand:
    """The run that `start` describes. What is to be said of it goes to `say`, its end last."""

    def __init__(self, start: protocol.Start, model: ModelProcess, way: Way, folder: Path, say: Say) -> None:
        self._start = start
        self._ids = start.task_id, start.run
        self._model = model
        self._way = way
        self._folder = folder
        self._say = say
        self._canceled = asyncio.Event()

    def cancel(self, task_id: str, run: int) -> None:
        """People do not want it any more; nothing for any other run."""
        if (task_id, run) == self._ids:
            self._canceled.set()
            self._model.cancel(task_id, run)

    async def carry_out(self) -> None:
        """The whole run. When this is canceled its end is not said, and the model stays loaded if it listens."""
        log.info("event=started task=%s run=%d", *self._ids)
        end = await self._end()
        log.info("event=ended task=%s run=%d end=%s", *self._ids, type(end).__name__)
        self._say_lines()
        self._say(end)

    async def _end(self) -> messages.End:
        try:
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="run-", dir=self._folder))
            try:
                return await self._made_in(folder)
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, True))
        except CarryingFailed as error:
            return NotCarried(*self._ids, str(error))
        except _Canceled:
            return protocol.Failed(*self._ids, protocol.CANCELED, "")
        except OSError as error:
            return NotCarried(*self._ids, f"the worker's disk: {error}")
        except Exception as error:  # whatever it was, the front door must hear of it
            log.exception("event=bug in=errand")
            return NotCarried(*self._ids, f"a bug of the worker: {type(error).__name__}")

    async def _made_in(self, folder: Path) -> messages.End:
        picture, video, preview = (folder / name for name in ("picture.jpg", "video.part", "preview.jpg"))
        await self._unless_canceled(carrying.fetch(self._way, picture))
        if not self._model.idle:
            return Died(*self._ids, "", NOT_IDLE, False)
        bringing = Bringing(self._way, video)
        follower = _Follower(bringing, Stills(preview, self._say), self._say)
        lines = asyncio.create_task(self._say_lines_often())
        try:
            here = protocol.Start(*self._ids, str(picture), str(video), str(preview), self._start.parameters)
            end = await self._run_model(here, follower.hear)
            if isinstance(end, Crashed):
                await asyncio.sleep(SAME_MOMENT_SECONDS)
                return Died(*self._ids, end.detail, end.reason, end.began)
            if isinstance(end, protocol.Done):
                await self._unless_canceled(self._bring_rest(follower, bringing, video))
            elif end.code == protocol.DISK_FULL:
                return NotCarried(*self._ids, f"the worker's disk is full: {end.detail}")
            return end
        except FileNotFoundError:
            return protocol.Failed(*self._ids, protocol.MODEL_ERROR, NO_VIDEO)
        finally:
            lines.cancel()
            follower.stop()
            bringing.close()

    async def _bring_rest(self, follower: "_Follower", bringing: Bringing, video: Path) -> None:
        """FileNotFoundError where the model has left no video."""
        await follower.end()
        await asyncio.to_thread(video.stat)
        await bringing.finish()

    async def _unless_canceled(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it; `_Canceled` when people do not want it any more."""
        working = asyncio.ensure_future(work)
        canceled = asyncio.ensure_future(self._canceled.wait())
        try:
            await asyncio.wait([working, canceled], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise _Canceled
            working.result()
        finally:
            canceled.cancel()
            working.cancel()
            await asyncio.wait([working])  # its hands are off the files

    async def _run_model(
        self, start: protocol.Start, heard: Callable[[News], None]
    ) -> protocol.Done | protocol.Failed | Crashed:
        """How the model's run ends; when this is canceled the model is asked to stop, and stays loaded."""
        running = asyncio.ensure_future(self._model.run(start, heard))
        try:
            end = await asyncio.shield(running)
        except asyncio.CancelledError:
            self._model.cancel(*self._ids)
            await asyncio.wait([running])
            raise
        assert isinstance(end, protocol.Done | protocol.Failed | Crashed)
        return end

    async def _say_lines_often(self) -> None:
        before: list[str] = []
        while True:
            await asyncio.sleep(LINES_SECONDS)
            if (lines := self._model.last_lines(*self._ids)) != before:
                before = lines
                self._say_lines()

    def _say_lines(self) -> None:
        self._say(Printed(*self._ids, "\n".join(self._model.last_lines(*self._ids))))


class _Follower:
    """Brings the video as it grows, and tells of each growth when it has arrived; and of all else at once."""

    def __init__(self, bringing: Bringing, stills: Stills, say: Say) -> None:
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
            self._at_work.cancel()
