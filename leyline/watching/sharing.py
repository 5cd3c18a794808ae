"""Sharing videos by viewing links: who may make one of what, and what whoever has one may see.

A link's own rules are left to `links`, watching to `watching`, and whose tasks they are to the caller. Danger: who
has a link never learns a task's id, which may open everything; so its videos are told by their numbers.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from leyline.errors import LinkOver, NotFound, NoVideo, TicketRefused
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.watching.copies import Copies
from leyline.watching.ledger import Ledger
from leyline.watching.links import Link, Links, Terms
from leyline.watching.views import Views
from leyline.watching.watching import must_have_file, must_have_video


@dataclass(frozen=True)
class Shown:
    """What a link shows at this moment: whose video under which number, in their order; how many may follow yet."""

    videos: dict[int, Task]
    coming: int


class Sharing:
    """Makes links, ends them, and lets in who has one."""

    def __init__(self, store: TaskStore, links: Links, media: Media, views: Views, copies: Copies) -> None:
        self._store = store
        self._links = links
        self._media = media
        self._views = views
        self._copies = copies
        self._ledger = Ledger(store.database)

    # The owner's side

    async def share(self, task: Task, terms: Terms, owner: str | None = None) -> tuple[Link, str]:
        """A link to the task's video, which there is, and its token; it is listed to this `owner`.

        Raises `NotReady`, `NoVideo`, `InTrash`, `Expired`, `VideoMissing`, `TooManyLinks`, or `NotFound` for a task
        deleted or trashed meanwhile; for a label to be burned in `LabelNotDrawable` or `ViewsBusy`.
        """
        must_have_video(task)
        await must_have_file(self._media, task)
        return await self._make([task], terms, owner)

    async def share_all(self, tasks: Sequence[Task], terms: Terms, owner: str | None = None) -> tuple[Link, str]:
        """A link to the videos of these tasks, and its token: those that there are, and those that there will be.

        What lies in the trash is left out. Raises as above; `NoVideo` where none of them has one, or may have.
        """
        tasks = [task for task in tasks if not task.is_trashed]
        if not any(has_video(task) or not task.finished for task in tasks):
            raise NoVideo
        return await self._make(tasks, terms, owner)

    async def _make(self, tasks: Sequence[Task], terms: Terms, owner: str | None) -> tuple[Link, str]:
        if terms.burn_label and terms.label:
            await self._copies.check_label(terms.label)
        ids = list(dict.fromkeys(task.task_id for task in tasks))
        return await self._links.add(ids, terms, owner=owner, now=self._views.clock())

    async def of_task(self, task: Task) -> list[Link]:
        """All links by which the task's video can be watched, the oldest first."""
        return await self._links.of_task(task.task_id)

    async def of_owner(self, owner: str | None) -> list[Link]:
        """The owner's links, the newest first."""
        return [] if owner is None else await self._links.of_owner(owner)

    async def own(self, link_id: str, owner: str | None) -> list[Link]:
        """The link of this id, however old, where it is the owner's; else none."""
        return [] if owner is None else await self._links.own(link_id, owner)

    async def revoke(self, link_id: str, among: Sequence[Link]) -> None:
        """End this one of these links, and the views that came by it; safe to call twice. Or `NotFound`."""
        if link_id not in {link.link_id for link in among}:
            raise NotFound
        await self._links.revoke(link_id)
        self._views.end(link_id)
        await self._copies.end(link_id)

    # The visitor's side

    async def follow(self, token: str, session: str | None, *, begun: bool = False) -> Link:
        """The link with this token; raises `NotFound` or `LinkOver`.

        Who has `begun` to watch may go on when the link's last view is spent, and so may the `session` that it was
        counted for, for that view is still the same; but not when the link was revoked. While all that it shows
        lies in the trash a link opens nothing.
        """
        link = await self._links.find(token)
        state = link.state(self._views.clock())
        may_go_on = state == "spent" and (begun or await self._has_counted(link, session))
        if link.in_trash or not (state == "open" or may_go_on):
            raise LinkOver
        return link

    async def _has_counted(self, link: Link, session: str | None) -> bool:
        if session is None:
            return False
        return await self._ledger.is_counted(session, link.link_id, self._views.clock())

    async def shown(self, link: Link) -> Shown:
        """What there is to be watched by the link, and how much of it is still to come."""
        numbers = await self._tasks(link)
        videos = {number: task for number, tries in numbers.items() if has_video(task := _best(tries))}
        coming = sum(not _best(tries).finished for number, tries in numbers.items() if number not in videos)
        return Shown(videos, coming)

    async def video(self, link: Link, number: int | None = None) -> Task:
        """The task whose video the link shows under this number, without one the first that there is.

        Raises `NotFound`; or where it has none (yet) `NotReady`, `NoVideo` or `Expired`.
        """
        numbers = {each: _best(tries) for each, tries in (await self._tasks(link)).items()}
        there_is = (each for each, task in numbers.items() if has_video(task))
        task = numbers.get(next(there_is, min(numbers, default=0)) if number is None else number)
        if task is None:
            raise NotFound("This viewing link shows no such video, or not any more.")
        must_have_video(task)
        return task

    async def video_of(self, link: Link, session: str | None, ticket: str | None) -> Task:
        """Whose video the view of this ticket shows, by the link; without one that of the link's first video."""
        try:
            view = self._views.of_ticket(ticket or "", session or "")
        except TicketRefused:
            return await self.video(link)
        if view.link_id != link.link_id:
            raise TicketRefused
        task = await self._store.get(view.task_id)
        if task is None:
            raise NotFound
        return task

    async def _tasks(self, link: Link) -> dict[int, list[Task]]:
        """The tries at each number's video, the newest last."""
        numbers = await self._links.videos(link)
        tasks = {task.task_id: task for task in await self._store.some(itertools.chain(*numbers.values()))}
        tries = {number: [tasks[id_] for id_ in ids if id_ in tasks] for number, ids in numbers.items()}
        return {number: found for number, found in tries.items() if found}


def has_video(task: Task) -> bool:
    """Whether there is a video of it to be watched."""
    return task.status is TaskStatus.SUCCEEDED and not task.files_removed and not task.is_trashed


def _best(tries: list[Task]) -> Task:
    """The newest that has a video; where none has, the newest."""
    return next((task for task in reversed(tries) if has_video(task)), tries[-1])
