"""What is deleted, and when: by age, by total size, and when somebody asks.

Files go first, the row as long again after them; what lies in the trash goes at once with all that it has, when its
hour is over, and before anything else where room is needed. After it go the pictures of what ended without a video,
and then videos of whoever holds most. Never touches a task that waits or runs, nor a video that is pinned.
"""

import asyncio
import logging
import math
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from leyline import errors
from leyline.line.holdings import Holdings
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import TRASH_SECONDS, Task, TaskStatus
from leyline.media import Media

log = logging.getLogger("leyline.retention")

DAY_SECONDS = 86_400
SWEEP_SECONDS = 60  # between two looks at what has expired; fewer when little time is kept
BATCH = 100  # tasks removed at a time
MOST_FOR_ROOM = 1000  # tasks of the trash that are looked at when the disk is nearly full
FILES_AT_ONCE = 1000  # looked up at a time at the start
ROOM_FOR_ONE_VIDEO_BYTES = 20_000_000


class ToGo(NamedTuple):
    """A task whose files will be removed, or all of it; `at` as a task's times."""

    task: Task
    why: str  # "trash" or "age"
    at: float | None


class Retention:
    """Keeps the data folder within its limits."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        media: Media,
        *,
        keep_days: float,
        keep_gb: float,
        reserve_mb: int,
    ) -> None:
        self._store = store
        self._media = media
        self._moves = moves
        self._keep_seconds = keep_days * DAY_SECONDS
        self._keep_bytes = keep_gb * 1e9
        self._reserve_bytes = reserve_mb * 1_000_000
        self._loop_task: asyncio.Task[None] | None = None
        self.kept_bytes: float | None = None  # as the last sweep found it; None before the first

    def has_room(self, wanted_bytes: int = ROOM_FOR_ONE_VIDEO_BYTES) -> bool:
        """Whether `wanted_bytes` fit on the disk and leave the reserve free. Blocks on the disk."""
        return self._media.free_bytes() >= wanted_bytes + self._reserve_bytes

    async def next_to_go(self, limit: int) -> list[ToGo]:
        """What will be removed next because it was kept for its time, first to last."""
        trashed = [ToGo(task, "trash", task.kept_until) for task in await self._trash(limit)]
        kept = [ToGo(task, "age", task.expires_at) for task in await self._store.next_to_expire(limit)]
        return sorted((*trashed, *kept), key=lambda each: each.at or math.inf)[:limit]

    async def first_to_go_for_room(self) -> Task | None:
        """What is removed first as soon as the limits need room; None where nothing can be."""
        for first_to_go in (self._trash, self._store.ended_without_video):
            if tasks := await first_to_go(1):
                return tasks[0]
        holdings = Holdings(await self._store.holdings())
        while holder := holdings.heaviest():
            if task := await self._store.oldest_video(*holder):
                return task
            holdings.give_nothing_more(holder)
        return None

    def start(self) -> None:
        """Look at what has expired, now and every minute."""
        self._loop_task = asyncio.create_task(self._sweep_for_ever())

    def stop(self) -> None:
        if self._loop_task:
            self._loop_task.cancel()

    async def delete(self, task: Task) -> None:
        """Remove a task's row and files now; raises `TaskRunning` while it is processing, `NotFound` afterwards."""
        if not await self._forget(task):
            raise errors.TaskRunning if await self._store.get(task.task_id) else errors.NotFound

    async def make_room(self, wanted_bytes: int = ROOM_FOR_ONE_VIDEO_BYTES) -> bool:
        """As `has_room`, once the trash has given what is needed of it: nothing where all of it is not enough."""
        if await asyncio.to_thread(self.has_room, wanted_bytes):
            return True
        free_bytes = await asyncio.to_thread(self._media.free_bytes)
        for task in await self._trash_of(wanted_bytes + self._reserve_bytes - free_bytes):
            await self._empty(task)
        return await asyncio.to_thread(self.has_room, wanted_bytes)

    async def remove_orphans(self) -> None:
        """Remove parts, and kept files that no row promises; only before anything runs."""
        await asyncio.to_thread(self._media.sweep_parts)
        kept = self._media.kept(but_not_pictures_of=self._moves.index.waits)
        while files := await asyncio.to_thread(lambda: list(islice(kept, FILES_AT_ONCE))):
            found = await self._store.some({task_id for task_id, _, _ in files})
            tasks = {task.task_id: task for task in found}
            orphans = [file for file in files if not _is_promised(tasks.get(file[0]), file[1])]
            for task_id, _, path in orphans:
                log.info("event=orphan_removed file=%s task=%s", path.name, task_id)
            await asyncio.to_thread(self._media.remove_parts, *(path for _, _, path in orphans))

    async def sweep(self) -> None:
        """Remove what has been kept for its time, then what goes first until all fits in the limits."""
        now = time.time()
        while tasks := await self._store.in_trash(now - TRASH_SECONDS, BATCH):
            await asyncio.gather(*map(self._empty, tasks))  # together they share a commit
        while tasks := await self._store.expired_files(now, BATCH):
            await asyncio.gather(*map(self._remove_files, tasks))
        while tasks := await self._store.expired_rows(now, BATCH):
            await asyncio.gather(*map(self._forget, tasks))
        await self.make_room()
        self.kept_bytes = await asyncio.to_thread(self._media.total_bytes)
        if self._keep_bytes:
            await self._shrink(self.kept_bytes - self._keep_bytes)

    async def _shrink(self, excess: float) -> None:
        for first_to_go, remove in (
            (self._trash, self._empty),
            (self._store.ended_without_video, self._remove_files),
        ):
            while excess > 0 and (tasks := await first_to_go(BATCH)):
                for task in tasks:
                    if excess <= 0:
                        return
                    excess -= await asyncio.to_thread(self._media.bytes_of, task.task_id, task.video_key)
                    await remove(task)
        if excess > 0:
            await self._remove_videos(excess)

    async def _remove_videos(self, excess_bytes: float) -> None:
        """One by one, each the oldest of who holds most at that moment: nobody pays for another's churn.

        The copies that links have of a video count as its own; of what is pinned, they alone go.
        """
        of_copies = await asyncio.to_thread(self._media.bytes_of_copies)
        copied = [each for some in _batches(of_copies) for each in await self._store.some(some)]
        holdings = Holdings(await self._store.holdings())
        for each in copied:
            holdings.add(each.holder, of_copies[each.task_id])
        while excess_bytes > 0 and (holder := holdings.heaviest()):
            task = await self._store.oldest_video(*holder)
            if task is None:
                holdings.give_nothing_more(holder)
                for pinned in [each for each in copied if each.holder == holder and each.pinned]:
                    excess_bytes -= of_copies[pinned.task_id]
                    await asyncio.to_thread(self._media.remove_copies, pinned.video_key)
                continue
            excess_bytes -= await asyncio.to_thread(self._media.bytes_of, task.task_id, task.video_key)
            holdings.give(holder, (task.video_bytes or 0) + of_copies.get(task.task_id, 0))
            await self._remove_files(task)

    async def _trash(self, limit: int) -> list[Task]:
        """Everybody's tasks in the trash, the longest there first."""
        return await self._store.in_trash(math.inf, limit)

    async def _trash_of(self, lacking_bytes: float) -> list[Task]:
        """What has lain in the trash the longest and has so many bytes; nothing when all of it has not."""
        chosen: list[Task] = []
        for task in await self._trash(MOST_FOR_ROOM):
            if lacking_bytes <= 0:
                break
            chosen.append(task)
            lacking_bytes -= await asyncio.to_thread(self._media.bytes_of, task.task_id, task.video_key)
        return chosen if lacking_bytes <= 0 else []

    async def _empty(self, task: Task) -> None:
        """Remove row and files of what still lies in the trash."""
        if await self._moves.empty(task):
            await asyncio.to_thread(self._media.remove_task, task.task_id)

    async def _remove_files(self, task: Task) -> None:
        """First the row says so, then the files go: nobody is promised a file that is not there."""
        if await self._moves.remove_files(task):
            await asyncio.to_thread(self._media.remove_task, task.task_id)

    async def _forget(self, task: Task) -> bool:
        """Remove row and files; False for a task that is processing or not there any more."""
        if await self._moves.delete(task.task_id) is None:
            return False
        await asyncio.to_thread(self._media.remove_task, task.task_id)
        return True

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except (errors.Refusal, OSError) as error:
                log.error("event=sweep_failed error=%r", str(error))
            except Exception:  # a bug; without a next sweep the disk would fill up
                log.exception("event=bug in=retention")
            await asyncio.sleep(sweep_seconds(self._keep_seconds))


def sweep_seconds(keep_seconds: float) -> float:
    """How long between two looks: nobody who keeps things for a minute waits a minute for them to go."""
    return min(SWEEP_SECONDS, max(keep_seconds / 10, 1)) if keep_seconds else SWEEP_SECONDS


def _batches(task_ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(task_ids)
    while batch := list(islice(left, BATCH)):
        yield batch


def _is_promised(task: Task | None, video_key: str | None) -> bool:
    """Whether the task has a right to its video of this key, or with None to its picture."""
    if task is None or task.files_removed:
        return False
    return video_key is None or (task.status is TaskStatus.SUCCEEDED and task.video_key == video_key)
