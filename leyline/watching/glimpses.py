"""Glimpses: a few small stills of a finished video, by which its owner sees what it shows without watching it.

What takes them out of the video is left to the glimpse helper, a process of low priority that lives while it has
something to do, and a little longer. They are made once, when first wanted, and lie beside the video as long as it
does. Danger: a task may end at any moment while they are made, and then nothing of it may stay, nor come back; and
there are never more than eight, or they would be the video.
"""

import asyncio
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from leyline.errors import ClientLimit, DiskLow, Expired, Refusal, VideoMissing, ViewsBusy
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from leyline.media import Media
from leyline.network import share_of_network
from leyline.processes import protocol
from leyline.processes.kept import KeptChild
from leyline.processes.states import Cause
from leyline.watching.watching import must_have_video

log = logging.getLogger("leyline.watch")

MOST = 8  # of one video
MOST_BYTES = 1_000_000  # room for them: of 320 pixels they have a fourth of that at most
MAX_WAITING = 50  # videos whose glimpses wait to be made
LOAD_SECONDS = 20  # until a new helper says that it is ready
SILENCE_SECONDS = 20  # for the glimpses of one video
WAIT_SECONDS = 25  # how long somebody waits for theirs
LINGER_SECONDS = 30  # for the next wish, before the helper ends: people point at one video after the other
PAUSE_SECONDS = 60  # after a video of which none could be made, before it is tried again
NOT_MADE = "No stills could be taken of this video just now. It is tried again in a minute."


@dataclass
class _Wanted:
    task: Task
    network: str | None  # that asked first
    made: asyncio.Future[Refusal | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Glimpses:
    """The glimpses of one installation. `helper` runs in a child process; `has_room` blocks on the disk."""

    def __init__(
        self, store: TaskStore, media: Media, helper: Callable[..., None], *, has_room: Callable[[int], bool]
    ) -> None:
        self._store = store
        self._media = media
        self._helper = helper
        self._has_room = has_room
        self._wanted: dict[str, _Wanted] = {}  # by video key; the first is being made
        self._news = asyncio.Event()  # that there is one more
        self._paused: dict[str, float] = {}  # of which none could be made, until when
        self._making: asyncio.Task[None] | None = None

    async def read(self, task: Task, eighth: int, network: str | None) -> bytes:
        """The JPEG, ≤ 320 px, of this eighth of the task's video, 0–7; of a video of fewer frames the one before.

        `network` is whence it is asked for. Raises `NotReady`, `NoVideo`, `InTrash`, `Expired`, `VideoMissing`,
        `ViewsBusy`, `ClientLimit` or `DiskLow`.
        """
        must_have_video(task)
        path = self._media.glimpses(task.video_key)
        try:
            return await asyncio.to_thread(_read, path, eighth)
        except OSError:
            await self._made(task, network)
        try:
            return await asyncio.to_thread(_read, path, eighth)
        except OSError:  # removed in this moment
            raise Expired from None

    async def stop(self) -> None:
        """Make none any more; whoever waits is told that the server is busy."""
        if self._making:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    # How they are made

    async def _made(self, task: Task, network: str | None) -> None:
        """Have them made, and wait for that; raises why they are not."""
        key = task.video_key
        if key not in self._wanted:
            if not await asyncio.to_thread(self._media.video(key).is_file):
                raise VideoMissing
            if self._paused.get(key, 0) > monotonic():
                raise _not_made()
            if not await asyncio.to_thread(self._has_room, MOST_BYTES):
                raise DiskLow
            self._queue(task, network)
        try:
            refusal = await asyncio.wait_for(asyncio.shield(self._wanted[key].made), WAIT_SECONDS)
        except TimeoutError:
            raise ViewsBusy from None
        if refusal:
            raise refusal

    def _queue(self, task: Task, network: str | None) -> None:
        if task.video_key in self._wanted:  # by somebody else, meanwhile
            return
        if len(self._wanted) >= MAX_WAITING:
            raise ViewsBusy
        of_network = sum(wanted.network == network for wanted in self._wanted.values())
        if network is not None and of_network >= share_of_network(MAX_WAITING):
            raise ClientLimit("Your network is looking at many new videos at this moment.")
        self._wanted[task.video_key] = _Wanted(task, network)
        self._news.set()
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make_all())

    async def _make_all(self) -> None:
        try:
            while self._wanted:  # somebody may ask while a helper says goodbye
                await self._make_by_a_helper()
        finally:
            for wanted in self._wanted.values():
                if not wanted.made.done():
                    wanted.made.set_result(ViewsBusy())
            self._wanted.clear()

    async def _make_by_a_helper(self) -> None:
        """Until nobody has asked for a while."""
        helper = KeptChild(
            self._helper,
            (),
            name="glimpse_helper",
            conversation=protocol.GLIMPSES,
            on_aside=lambda message: helper.kill(Cause.NONSENSE),
            load_seconds=LOAD_SECONDS,
        )
        helper.start()
        try:
            while await self._has_more():
                key, wanted = next(iter(self._wanted.items()))
                wanted.made.set_result(await self._make(helper, wanted))
                del self._wanted[key]
        finally:
            await helper.stop()

    async def _has_more(self) -> bool:
        """Whether any are wanted, now or soon."""
        self._news.clear()
        if not self._wanted:
            try:
                await asyncio.wait_for(self._news.wait(), LINGER_SECONDS)
            except TimeoutError:
                return bool(self._wanted)
        return True

    async def _make(self, helper: KeptChild, wanted: _Wanted) -> Refusal | None:
        """Why there are none now; None where there are."""
        task, part = wanted.task, self._media.part()
        source = str(self._media.video(task.video_key))
        try:
            await helper.settled()
            if not helper.idle:
                return ViewsBusy()
            request = protocol.Glimpse(source, str(part.path), MOST)
            end = await helper.ask(request, silence_seconds=SILENCE_SECONDS)
            if isinstance(end, protocol.Glimpsed):
                await asyncio.to_thread(self._media.keep_glimpses, task.video_key, part)
                return await self._unless_gone(task)
            log.error("event=not_glimpsed task=%s reason=%r", task.task_id, str(end))
            if isinstance(end, protocol.NotGlimpsed) and end.disk_full:
                return DiskLow()
        except FileNotFoundError:
            return VideoMissing()
        except OSError:
            return DiskLow()
        except Exception:  # the next ones wait
            log.exception("event=bug in=glimpses task=%s", task.task_id)
        finally:
            await asyncio.to_thread(part.remove)
        self._pause(task.video_key)
        return _not_made()

    async def _unless_gone(self, task: Task) -> Refusal | None:
        """Who removed the video within this moment has looked for its glimpses already."""
        now = await self._store.get(task.task_id)
        if now and not now.files_removed:
            return None
        await asyncio.to_thread(self._media.remove_parts, self._media.glimpses(task.video_key))
        return Expired()

    def _pause(self, key: str) -> None:
        now = monotonic()
        self._paused = {paused: until for paused, until in self._paused.items() if until > now}
        self._paused[key] = now + PAUSE_SECONDS


def _not_made() -> ViewsBusy:
    refusal = ViewsBusy(NOT_MADE)
    refusal.retry_after_seconds = PAUSE_SECONDS
    return refusal


def _read(path: Path, eighth: int) -> bytes:
    """OSError when there are none there, or they are damaged."""
    try:
        with zipfile.ZipFile(path) as kept:
            names = kept.namelist()
            return kept.read(names[eighth * len(names) // MOST])
    except (zipfile.BadZipFile, IndexError) as error:
        raise OSError("damaged glimpses") from error
