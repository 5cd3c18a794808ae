"""Viewing links over HTTP, for their owner: made of one video or of several, listed, revoked.

What whoever has one sees is left to `visitors`. Danger: an address with a token is told once, in the answer that
made its link; nothing else may carry it.
"""

import time
from typing import Any

from leyline.errors import BadRequest, LabelNotDrawable, NotFound
from leyline.line.tasks import Task
from leyline.text import fit_to_show
from leyline.times import timestamp
from leyline.watching.links import MAX_VIDEOS, Link, Poster, Terms
from web.base import MAX_BODY_BYTES
from web.parts import Parts
from web.tasks import TaskHandler

DEFAULT_SECONDS = 7 * 86_400
SHORTEST_SECONDS, LONGEST_SECONDS = 1, 366 * 86_400
MOST_VIEWS = 1_000_000
MAX_LABEL = 80
MAX_MESSAGE = 280
OF_WHAT = "Name the videos by task_ids, a list of their tasks' ids, or by the batch_id that they were sent with."


class SharingHandler(TaskHandler):
    """The base of the calls by which owners share their videos."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.sharing, self.store = parts.sharing, parts.store

    def write_new(self, link: Link, token: str) -> None:
        """Answer with a link that was just made, and its address."""
        url = f"{self.request.protocol}://{self.request.host}{self.prefix}/watch/{token}"
        self.write_json({**shown(link), "url": url}, 201)

    def write_all(self, links: list[Link]) -> None:
        self.write_json({"links": [shown(link) for link in links]})


class LinksHandler(SharingHandler):
    """The viewing links of the caller's video."""

    async def post(self, task_id: str) -> None:
        task = await self.task(task_id)
        self.write_new(*await self.sharing.share(task, terms(self.json_body()), self.caller.owner))

    async def get(self, task_id: str) -> None:
        self.write_all(await self.sharing.of_task(await self.task(task_id)))


class LinkHandler(SharingHandler):
    async def delete(self, task_id: str, link_id: str) -> None:
        await self.sharing.revoke(link_id, await self.sharing.of_task(await self.task(task_id)))
        self.set_status(204)


class AllLinksHandler(SharingHandler):
    """The caller's viewing links, each to one video or several."""

    most_body_bytes = 2 * MAX_BODY_BYTES  # it may name many

    async def post(self) -> None:
        body = self.json_body()
        chosen = terms(body)
        self.write_new(*await self.sharing.share_all(await self._tasks(body), chosen, self.caller.owner))

    async def get(self) -> None:
        self.write_all(await self.sharing.of_owner(self.caller.owner))

    async def _tasks(self, body: dict[str, Any]) -> list[Task]:
        """The caller's tasks that the body names, in its order; of a batch, in the order that they came in."""
        task_ids, batch_id = body.get("task_ids"), body.get("batch_id")
        if ("task_ids" in body) == ("batch_id" in body):
            raise BadRequest(OF_WHAT)
        if "batch_id" in body:
            return await self._batch(batch_id)
        if not isinstance(task_ids, list) or not task_ids or not all(isinstance(each, str) for each in task_ids):
            raise BadRequest(OF_WHAT)
        _check_number(len(task_ids))
        return await self.representation.all_visible(task_ids, self.caller.owner)

    async def _batch(self, batch_id: object) -> list[Task]:
        if not isinstance(batch_id, str) or not batch_id:
            raise BadRequest(OF_WHAT)
        owner = self.caller.owner
        tasks = await self.store.page(owner, None, MAX_VIDEOS + 1, batch_id) if owner else []
        if not tasks:
            raise NotFound("Nothing was sent with this batch_id, or it is not yours.")
        _check_number(len(tasks))
        return tasks[::-1]


class OwnLinkHandler(SharingHandler):
    """One of the links that the caller has made."""

    async def delete(self, link_id: str) -> None:
        await self.sharing.revoke(link_id, await self.sharing.own(link_id, self.caller.owner))
        self.set_status(204)


def shown(link: Link) -> dict[str, Any]:
    """A link as its owner sees it."""
    return {
        "link_id": link.link_id,
        "state": link.state(time.time()),
        "videos": link.videos,
        "label": link.label,
        "burn_label": link.burn_label,
        "message": link.message,
        "poster": link.poster.value,
        "created_at": timestamp(link.created_at),
        "expires_at": timestamp(link.expires_at),
        "max_views": link.max_views,
        "views": link.views,
    }


def terms(body: dict[str, Any]) -> Terms:
    """What the body says of how the link is to be; raises `BadRequest` or `LabelNotDrawable`."""
    label, burn_label = _text(body, "label", MAX_LABEL), body.get("burn_label", False)
    if type(burn_label) is not bool:
        raise BadRequest("burn_label must be true or false.")
    if burn_label and not body.get("label"):
        raise BadRequest("burn_label needs a label.")
    if burn_label and not label:
        raise LabelNotDrawable("There is nothing in that label that could be shown. Use other letters.")
    return Terms(
        seconds=_whole(body, "seconds", SHORTEST_SECONDS, LONGEST_SECONDS) or DEFAULT_SECONDS,
        label=label,
        burn_label=burn_label,
        max_views=_whole(body, "max_views", 1, MOST_VIEWS),
        message=_text(body, "message", MAX_MESSAGE),
        poster=_poster(body.get("poster")),
    )


def _text(body: dict[str, Any], name: str, most: int) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise BadRequest(f"{name} must be a text of at most {most} characters.")
    return fit_to_show(value, most) or None


def _poster(value: Any) -> Poster:
    try:
        return Poster.NONE if value is None else Poster(value)
    except ValueError:
        raise BadRequest(f"poster must be one of {', '.join(Poster)}.") from None


def _check_number(videos: int) -> None:
    if videos > MAX_VIDEOS:
        raise BadRequest(f"A viewing link shows at most {MAX_VIDEOS} videos. Make several.")


def _whole(body: dict[str, Any], name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    is_whole = type(value) is int or (type(value) is float and value.is_integer())  # JSON has one kind of number
    if not is_whole or not least <= value <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.")
    return int(value)
