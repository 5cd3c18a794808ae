"""Watching a video: the one place that decides whether a view may be opened and its key told.

Tickets and ciphertext are left to `views`, a link's own rules to `links`, and whose task it is to the
caller. Danger: a key is told only after its view was counted, so that a limit holds under a race.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from leyline.errors import Expired, LinkOver, NoSession, NotFound, NotReady, VideoMissing
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.watching.links import Link, Links
from leyline.watching.views import View, Views

log = logging.getLogger("leyline.watch")


class Watching:
    """Opens views, by their owner or by a link, and tells each view's key once."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        links: Links,
        media: Media,
        views: Views,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._links = links
        self._media = media
        self._moves = moves
        self._now = wall_clock
        self.views = views

    async def check(self, task: Task, session: str | None) -> str:
        """The session, if there is a video for it to watch.

        Raises `NotReady`, `Expired` or `VideoMissing`, then `NoSession`.
        """
        await self._must_have_video(task)
        if session is None:
            raise NoSession
        return session

    async def open(self, task: Task, session: str | None, link: Link | None = None) -> View:
        """A new view of the task's video, by its owner or by the `link` that its caller has.

        Raises what `check` does, then `ViewsBusy`.
        """
        session = await self.check(task, session)
        master = self._media.video(task.video_key)
        return await self.views.open(task.task_id, session, master, link.link_id if link else None)

    async def make_link(
        self, task: Task, *, label: str | None, seconds: float, max_views: int | None
    ) -> tuple[Link, str]:
        """A link to the task's video and its token; raises what `check` does, `TooManyLinks`, `NotFound`."""
        await self._must_have_video(task)
        now = self._now()
        return await self._links.add(
            task.task_id, label=label, expires_at=now + seconds, max_views=max_views, now=now
        )

    async def links_of(self, task: Task) -> list[Link]:
        """All links of the task, the oldest first."""
        return await self._links.of_task(task.task_id)

    async def revoke_link(self, task: Task, link_id: str) -> None:
        """End the link and the views that came by it; safe to call twice. `NotFound` for another task's link."""
        await self._links.revoke(task.task_id, link_id)
        self.views.end_link(link_id)

    async def follow(self, token: str, *, begun: bool = False) -> tuple[Link, Task]:
        """The link with this token, and its task; raises `NotFound` or `LinkOver`.

        Who has `begun` to watch may go on when the link's last view is spent, but not when it was revoked.
        """
        link = await self._links.find(token)
        state = link.state(self._now())
        if state != "open" and not (begun and state == "spent"):
            raise LinkOver
        task = await self._store.get(link.task_id)
        if task is None:
            raise NotFound
        return link, task

    async def tell_key(self, ticket: str, session: str | None) -> View:
        """The view whose key its asker may have now; the view is counted.

        Raises `NoSession`, `TicketRefused`, `KeyUsed`, `LinkOver`, or `NotFound` for a task deleted meanwhile.
        """
        if session is None:
            raise NoSession
        view = self.views.take_key(ticket, session)
        counted = self._links.counted(view.link_id, self._now())
        task = await self._moves.count_view(view.task_id, counted)
        if task is None:
            raise NotFound
        log.info("event=view task=%s session=%s view=%s link=%s", task.task_id, session, view.view_id, view.link_id)
        return view

    async def _must_have_video(self, task: Task) -> None:
        if task.status in (TaskStatus.FAILED, TaskStatus.CANCELED):
            raise NotReady("This task ended without a video.")
        if task.status is not TaskStatus.SUCCEEDED:
            raise NotReady
        if task.files_removed:
            raise Expired
        if not await asyncio.to_thread(self._media.video(task.video_key).is_file):
            raise VideoMissing
