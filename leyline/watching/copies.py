"""Copies of videos with a viewing link's label burned into their picture: made when first wanted, one at a time.

What is drawn and encoded is left to the label helper, a process of its own and of low priority that lives while it
has something to do; who may watch, to `watching`. A copy belongs to its task, and goes with its link. Danger: a
link or a task may end at any moment while its copy is made, and then nothing of it may stay, nor come back.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import monotonic

from leyline.errors import DiskLow, LabelNotDrawable, LinkNotReady, Refusal, VideoMissing, ViewsBusy
from leyline.line.events import Events
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from leyline.media import Media
from leyline.processes import protocol
from leyline.processes.kept import KeptChild
from leyline.processes.states import Cause
from leyline.watching.links import Link, Links

log = logging.getLogger("leyline.watch")

MAX_WAITING = 20  # copies that wait to be made; and as many labels that are tried
LOAD_SECONDS = 20  # until a new helper says that it is ready
SILENCE_SECONDS = 30  # without a frame
EACH_SECONDS, LONGEST_SECONDS = 3, 30  # what people are told to wait, for each copy before theirs, and at most
NOT_MADE = "The label could not be put into the video just now. It is tried again in a minute."
PAUSE_SECONDS = 60  # after one that could not be made, before it is tried again
SWEEP_SECONDS = 60  # between two looks for copies whose links have ended


def copy_key(task: Task, link_id: str) -> str:
    """The name of the link's copy among the videos."""
    return f"{task.video_key}.{link_id}"


@dataclass
class _Wanted:
    task: Task
    link_id: str
    label: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Copies:
    """The copies of one installation. `helper` runs in a child process; `has_room` blocks on the disk."""

    def __init__(
        self,
        store: TaskStore,
        links: Links,
        media: Media,
        events: Events,
        helper: Callable[..., None],
        *,
        codec: str,
        has_room: Callable[[int], bool],
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._links = links
        self._media = media
        self._events = events
        self._helper = helper
        self._codec = codec
        self._has_room = has_room
        self._clock = clock  # by which links end
        self._wanted: dict[str, _Wanted] = {}  # by key; the first is being made
        self._paused: dict[str, tuple[float, Refusal]] = {}  # what could not be made: until when, and what is said
        self._making: asyncio.Task[None] | None = None
        self._trying = asyncio.Lock()
        self._tries = 0

    # What is asked

    async def check_label(self, label: str) -> None:
        """Raise `LabelNotDrawable` where no font has its letters, `ViewsBusy` where that cannot be found out."""
        if self._tries >= MAX_WAITING:
            raise ViewsBusy
        self._tries += 1
        try:
            async with self._trying, self._child() as helper:
                tried = await helper.ask(protocol.TryLabel(label), silence_seconds=SILENCE_SECONDS)
        finally:
            self._tries -= 1
        if not isinstance(tried, protocol.Tried):
            raise ViewsBusy
        if not tried.drawable:
            raise LabelNotDrawable

    async def ready(self, task: Task, link: Link) -> str:
        """The key of the link's copy, once there is one; until then `LinkNotReady`, and it is being made.

        Raises `ViewsBusy` where too many wait, `VideoMissing` and `DiskLow`.
        """
        key = copy_key(task, link.link_id)
        if await asyncio.to_thread(self._media.video(key).is_file):
            return key
        video = self._media.video(task.video_key)
        if not await asyncio.to_thread(video.is_file):
            raise VideoMissing
        self._check_pause(key)
        if key not in self._wanted:
            if len(self._wanted) >= MAX_WAITING:
                raise ViewsBusy
            if not await asyncio.to_thread(lambda: self._has_room(2 * video.stat().st_size)):
                raise DiskLow
            self._wanted.setdefault(key, _Wanted(task, link.link_id, link.label or ""))
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make_all())
        not_ready = LinkNotReady()
        before = list(self._wanted).index(key)
        not_ready.retry_after_seconds = min(LONGEST_SECONDS, EACH_SECONDS * (1 + before))
        raise not_ready

    async def end(self, link_id: str) -> None:
        """The link has ended: its copies go, and are not made any more."""
        for wanted in self._wanted.values():
            if wanted.link_id == link_id:
                wanted.ended.set()
        await asyncio.to_thread(self._media.remove_copies_of, link_id)

    async def sweep_for_ever(self) -> None:
        """Remove the copies whose links have ended, now and every minute."""
        while True:
            try:
                await self.sweep()
            except Exception:  # without a next look they would stay
                log.exception("event=bug in=copies")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Remove the copies whose links have ended, or are not there any more."""
        copies = await asyncio.to_thread(lambda: list(self._media.copies()))
        open_links = await self._links.burned({link_id for link_id, _ in copies}, self._clock())
        over = [path for link_id, path in copies if link_id not in open_links]
        await asyncio.to_thread(self._media.remove_parts, *over)

    async def stop(self) -> None:
        """Make none any more; what is half made is gone when this returns."""
        if self._making:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    # How one is made

    async def _make_all(self) -> None:
        while self._wanted:
            key, wanted = next(iter(self._wanted.items()))
            try:
                await self._make(key, wanted)
            except Refusal as refusal:
                self._pause(key, refusal)
            except Exception:  # the next ones wait
                log.exception("event=bug in=copies task=%s", wanted.task.task_id)
                self._pause(key, LinkNotReady(NOT_MADE))
            finally:
                self._wanted.pop(key, None)

    async def _make(self, key: str, wanted: _Wanted) -> None:
        if await asyncio.to_thread(self._media.video(key).is_file):
            return  # made while it was asked for once more
        part = self._media.part()
        making = asyncio.create_task(self._burn(wanted, str(part.path)))
        unwanted = asyncio.create_task(self._until_unwanted(wanted))
        try:
            await asyncio.wait({making, unwanted}, return_when=asyncio.FIRST_COMPLETED)
            failure = None if unwanted.done() else making.result()
            if not unwanted.done() and failure is None:
                await asyncio.to_thread(self._media.keep_copy, key, wanted.task.video_key, part)
                log.info("event=label_burned task=%s link=%s", wanted.task.task_id, wanted.link_id)
                # Who ended it within this moment has looked for the file already.
                if not await self._is_wanted(wanted):
                    await asyncio.to_thread(self._media.remove_parts, self._media.video(key))
            elif failure:
                self._pause(key, failure)
        except FileNotFoundError:
            pass  # the video is gone, and so is the wish for its copy
        except OSError as error:
            raise DiskLow from error
        finally:
            for work in (making, unwanted):
                work.cancel()
            await asyncio.gather(making, unwanted, return_exceptions=True)
            await asyncio.to_thread(part.remove)

    async def _burn(self, wanted: _Wanted, copy_path: str) -> Refusal | None:
        """Have the helper make the copy; what people are told where it has not, and the log why."""
        task = wanted.task
        source = str(self._media.video(task.video_key))
        request = protocol.Burn(task.task_id, task.run, wanted.label, source, copy_path, self._codec)
        async with self._child() as helper:
            end = await helper.ask(request, silence_seconds=SILENCE_SECONDS)
        if isinstance(end, protocol.Burned):
            return None
        log.error("event=label_not_burned task=%s link=%s reason=%r", task.task_id, wanted.link_id, str(end))
        return DiskLow() if isinstance(end, protocol.NotBurned) and end.disk_full else LinkNotReady(NOT_MADE)

    async def _until_unwanted(self, wanted: _Wanted) -> None:
        """Wait until the link or its task has ended."""
        with contextlib.closing(self._events.subscribe()) as news:
            news.follow(wanted.task.task_id)
            while await self._is_wanted(wanted):
                changed = asyncio.create_task(news.changes())
                ended = asyncio.create_task(wanted.ended.wait())
                try:
                    await asyncio.wait({changed, ended}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for each in (changed, ended):
                        each.cancel()

    async def _is_wanted(self, wanted: _Wanted) -> bool:
        task = await self._store.get(wanted.task.task_id)
        if task is None or task.files_removed or task.is_trashed or wanted.ended.is_set():
            return False
        return wanted.link_id in await self._links.burned({wanted.link_id}, self._clock())

    def _pause(self, key: str, refusal: Refusal) -> None:
        now = monotonic()
        self._paused = {paused: said for paused, said in self._paused.items() if said[0] > now}
        self._paused[key] = now + PAUSE_SECONDS, refusal

    def _check_pause(self, key: str) -> None:
        until, refusal = self._paused.get(key, (0.0, None))
        if refusal and (left := until - monotonic()) > 0:
            refusal.retry_after_seconds = left
            raise refusal

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[KeptChild]:
        """A helper that is ready, for as long as the block lasts; `ViewsBusy` where there is none to be had."""
        helper = KeptChild(
            self._helper,
            (),
            name="label_helper",
            conversation=protocol.LABELS,
            on_aside=lambda message: helper.kill(Cause.NONSENSE),
            load_seconds=LOAD_SECONDS,
        )
        helper.start()
        try:
            await helper.settled()
            if not helper.idle:
                raise ViewsBusy
            yield helper
        finally:
            await helper.stop()
