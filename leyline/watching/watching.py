"""Watching a video: the one place that decides whether a view may be opened and its key told.

Tickets and keys are left to `views`, bytes to `masters`, counting to `ledger`, whom a link lets in to `sharing`,
and whose task it is to the caller. Danger: a key leaves last, when its view was counted, so that a limit holds
under a race; and whatever fails before that has cost nobody a view.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from leyline.errors import (
    Expired,
    InTrash,
    NoSession,
    NotFound,
    NotReady,
    NoVideo,
    TicketRefused,
    VideoMissing,
    ViewEnded,
)
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.watching.copies import Copies
from leyline.watching.exchange import Wrapped, wrap
from leyline.watching.ledger import CountedAlready, Ledger
from leyline.watching.links import Link
from leyline.watching.master import Layout, Master
from leyline.watching.masters import Masters
from leyline.watching.views import Showing, View, Views

log = logging.getLogger("leyline.watch")


@dataclass(frozen=True)
class Opened:
    """A view as its opener needs it."""

    view: View
    ticket: str
    layout: Layout


class Watching:
    """Opens views, by their owner or by a link, and tells each view's key once."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        media: Media,
        views: Views,
        copies: Copies,
    ) -> None:
        self._store = store
        self._ledger = Ledger(store.database)
        self._masters = Masters(media)
        self._media = media
        self._moves = moves
        self._copies = copies
        self.views = views

    async def told_lately(self) -> int:
        """How many views' keys were told within the last hour or so."""
        return await self._ledger.count(self.views.clock())

    async def close(self) -> None:
        """Lay out and burn in nothing any more."""
        await self._copies.stop()
        self._masters.close()

    async def check(self, task: Task, session: str | None, ticket: str | None = None) -> str:
        """The session, if there is a video for it to watch; whether its file is there, and how much of it, shows
        when it is opened.

        Raises `NotReady`, `NoVideo`, `InTrash` or `Expired`; without a session `VideoMissing`, then `NoSession`.
        Whoever has a view's `ticket` gets `ViewEnded` instead of the first two: its run came to nothing.
        """
        try:
            must_have_video(task, or_begun=True)
        except (NotReady, NoVideo):
            if session and ticket:
                with contextlib.suppress(TicketRefused):
                    self.views.find(ticket, task.task_id, session)
                    raise ViewEnded from None
            raise
        if session is None:
            if not task.is_being_made:
                await must_have_file(self._media, task)
            raise NoSession
        return session

    async def open(
        self, task: Task, session: str | None, link: Link | None = None, *, network: str | None = None
    ) -> Opened:
        """A new view of the task's video, by its owner or by the `link` that its caller has. Its owner may watch it
        while it is being made, as far as it has got.

        `network` is whence they come, None where that tells nobody apart.

        Raises what `check` does, `VideoMissing`, `ViewsBusy`, `ClientLimit`, `DiskLow` for a video of an earlier
        release, or `LinkNotReady` while its label is burned in.
        """
        session = await self.check(task, session)
        await self._ledger.check_room(session, network, self.views.clock())
        with await self._master(task, link, network) as master:
            layout = master.layout
        view = self.views.open(task.task_id, task.run, session, link.link_id if link else None)
        return Opened(view, self.views.ticket(view), layout)

    async def open_again(self, task: Task, session: str | None, ticket: str) -> Opened:
        """The owner's view that this ticket opens, with what there is of its video by now.

        Raises what `check` and `find` do, and what opening it does.
        """
        view = self.find(ticket, task, await self.check(task, session, ticket))
        async with self.show(task, view) as showing:
            return Opened(view, ticket, showing.layout)

    def find(self, ticket: str, task: Task, session: str, link: Link | None = None) -> View:
        """The view of the task's video that the ticket opens in this session, by the `link` that it came by.

        Raises `TicketRefused`, or `ViewEnded` when the run that it showed came to nothing.
        """
        view = self.views.find(ticket, task.task_id, session, link.link_id if link else None)
        if view.run != task.run:
            raise ViewEnded
        return view

    @contextlib.asynccontextmanager
    async def show(self, task: Task, view: View, link: Link | None = None) -> AsyncIterator[Showing]:
        """The bytes of a view of the task's video, by the `link` that it came by; raises what opening it does."""
        try:
            master = await self._master(task, link)
        except NotReady:  # it was when the view was opened: its run has just been given up
            raise ViewEnded from None
        with master:
            yield Showing(self.views, view, master)

    async def _master(self, task: Task, link: Link | None, network: str | None = None) -> Master:
        if task.is_being_made:
            return await self._masters.open_growing(task.video_key)
        return await self._masters.open(await self._key_of(task, link), network)

    async def _key_of(self, task: Task, link: Link | None) -> str:
        """The file that is watched: the video itself, or the copy of a link whose label is burned in."""
        return await self._copies.ready(task, link) if link and link.burn_label else task.video_key

    async def tell_key(
        self, ticket: str, session: str | None, public: bytes, *, network: str | None = None
    ) -> tuple[View, Wrapped]:
        """The view, and its key for whoever has the private half of `public`; the view is counted, and durably so.

        Raises `NoSession`, `TicketRefused`, `BadRequest`, `KeyUsed`, `LinkOver`, `ViewEnded`, `ViewsBusy`,
        `ClientLimit`, or `NotFound` for a task deleted or trashed meanwhile. Whatever it raises, nothing was
        counted, and the key may be asked for again.
        """
        if session is None:
            raise NoSession
        view = self.views.of_ticket(ticket, session)
        wrapped = wrap(self.views.key(view), ticket, public)  # before it counts, for what is asked may be nonsense
        await self._count(view, network)
        log.info("event=view task=%s session=%s view=%s link=%s", view.task_id, session, view.view_id, view.link_id)
        return view, wrapped

    async def _count(self, view: View, network: str | None) -> None:
        now = self.views.clock()
        while not await self._ledger.tell_again(view, network, now):
            with contextlib.suppress(CountedAlready):  # by another page of the same browser, just now
                if not await self._moves.count_view(view.task_id, self._ledger.telling(view, network, now)):
                    raise NotFound
                return


def must_have_video(task: Task, *, or_begun: bool = False) -> None:
    """Raise `NotReady`, `NoVideo`, `InTrash` or `Expired` where the task has no video to be watched."""
    if or_begun and task.is_being_made:
        return
    if task.status in (TaskStatus.FAILED, TaskStatus.CANCELED):
        raise NoVideo
    if task.status is not TaskStatus.SUCCEEDED:
        raise NotReady
    if task.is_trashed:
        raise InTrash
    if task.files_removed:
        raise Expired


async def must_have_file(media: Media, task: Task) -> None:
    """Raise `VideoMissing` where its file is not there."""
    if not await asyncio.to_thread(media.video(task.video_key).is_file):
        raise VideoMissing
