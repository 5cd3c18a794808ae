"""Viewing links over HTTP: made, listed and revoked by the owner; followed by whoever has one.

Who follows a link gets a page, a view, its stream and its key, and never the task's id: for a task
without an owner the id alone would open everything. Danger: the token is in these addresses; the log
leaves it out (`answers.logged_path`).
"""

import time
from typing import Any

from leyline import errors
from leyline.errors import BadRequest, LabelNotDrawable
from leyline.text import fit_to_show
from leyline.times import timestamp
from leyline.watching.links import Link
from web.page import STATIC
from web.socket import Socket
from web.videos import StreamHandler, WatchHandler, WatchTaskHandler, view_key

DEFAULT_SECONDS = 7 * 86_400
SHORTEST_SECONDS, LONGEST_SECONDS = 1, 366 * 86_400
MOST_VIEWS = 1_000_000
MAX_LABEL = 80
PROBLEM_PLACE = 'data-problem=""'  # where its page's script looks


class LinksHandler(WatchTaskHandler):
    """The viewing links of the caller's video."""

    async def post(self, task_id: str) -> None:
        task = await self.task(task_id)
        body = self.json_body()
        label, burn_label = _label(body.get("label")), body.get("burn_label", False)
        if type(burn_label) is not bool:
            raise BadRequest("burn_label must be true or false.")
        if burn_label and not body.get("label"):
            raise BadRequest("burn_label needs a label.")
        if burn_label and not label:
            raise LabelNotDrawable("There is nothing in that label that could be shown. Use other letters.")
        link, token = await self.watching.make_link(
            task,
            label=label,
            burn_label=burn_label,
            seconds=_whole(body, "seconds", SHORTEST_SECONDS, LONGEST_SECONDS) or DEFAULT_SECONDS,
            max_views=_whole(body, "max_views", 1, MOST_VIEWS),
        )
        url = f"{self.request.protocol}://{self.request.host}{self.prefix}/watch/{token}"
        self.write_json({**shown(link), "url": url}, 201)

    async def get(self, task_id: str) -> None:
        task = await self.task(task_id)
        self.write_json({"links": [shown(link) for link in await self.watching.links_of(task)]})


class LinkHandler(WatchTaskHandler):
    async def delete(self, task_id: str, link_id: str) -> None:
        await self.watching.revoke_link(await self.task(task_id), link_id)
        self.set_status(204)


class LinkPageHandler(WatchHandler):
    """The page of a link, which gives its visitor a session; where the link opens nothing, it says why."""

    needs_admission = False

    async def get(self, token: str) -> None:
        problem = ""
        try:
            _, task = await self.watching.follow(token, self.caller.owner)
            self.task_id = task.task_id
        except errors.Refusal as refusal:
            self.set_status(refusal.status)
            problem = refusal.code
        html = page_that_says((STATIC / "watch.html").read_text("utf-8"), problem)
        self.sessions.open(self)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.write(html)


class LinkViewHandler(WatchHandler):
    """Opens a view by a link."""

    needs_admission = False

    async def post(self, token: str) -> None:
        link, task = await self.watching.follow(token, self.caller.owner)
        self.task_id = task.task_id
        opening = await self.watching.open(task, self.caller.owner, link, network=self.caller.network)
        label = None if link.burn_label else link.label  # which stands in the picture then
        self.write_json({**self.opened(opening), "label": label})


class LinkKeyHandler(WatchHandler):
    """Tells the key of a view that came by a link, where no WebSocket passes."""

    needs_admission = False

    async def post(self, token: str) -> None:
        _, task = await self.watching.follow(token, self.caller.owner, begun=True)
        self.task_id = task.task_id
        self.write_json(await view_key(self.watching, self.caller, self.json_body()))


class LinkVideoHandler(StreamHandler):
    """A view that came by a link."""

    needs_admission = False

    async def get(self, token: str) -> None:
        link, task = await self.watching.follow(token, self.caller.owner, begun=True)
        self.task_id = task.task_id
        await self.send_view(task, link)


class LinkSocketHandler(Socket):
    """The socket of a link's page, which hears its view's key and nothing else."""

    needs_admission = False

    async def prepare(self) -> None:
        await super().prepare()
        _, task = await self.watching.follow(self.path_args[0], self.caller.owner, begun=True)
        self.task_id = task.task_id

    async def tell_all(self) -> None:
        await self.say("snapshot", {"tasks": [], "next": None})


def page_that_says(html: str, problem: str) -> str:
    """The page of links, which says why its link opens nothing ("" if it does); ValueError when it cannot."""
    before, place, after = html.partition(PROBLEM_PLACE)
    if not place:
        raise ValueError(f"the page of links has no {PROBLEM_PLACE}")
    return f'{before}data-problem="{problem}"{after}'


def shown(link: Link) -> dict[str, Any]:
    """A link as its owner sees it."""
    return {
        "link_id": link.link_id,
        "state": link.state(time.time()),
        "label": link.label,
        "burn_label": link.burn_label,
        "created_at": timestamp(link.created_at),
        "expires_at": timestamp(link.expires_at),
        "max_views": link.max_views,
        "views": link.views,
    }


def _label(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_LABEL:
        raise BadRequest(f"label must be a text of at most {MAX_LABEL} characters.")
    return fit_to_show(value, MAX_LABEL) or None


def _whole(body: dict[str, Any], name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    is_whole = type(value) is int or (type(value) is float and value.is_integer())  # JSON has one kind of number
    if not is_whole or not least <= value <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.")
    return int(value)
