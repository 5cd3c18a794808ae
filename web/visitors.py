"""What whoever has a viewing link gets: a page, what it shows, views of it, their streams and keys.

Making links is left to `links`, the page's text to `link_page`. Never the task's id: for a task without an owner
the id alone would open everything; so a link's videos go by their numbers. Danger: the token is in these
addresses; the log leaves it out (`answers.logged_path`). And nothing here but a key spends a view.
"""

import asyncio
from typing import Any

from leyline import errors
from leyline.errors import BadRequest
from leyline.line.tasks import Task
from leyline.watching.links import Link, Poster
from leyline.watching.sharing import Shown
from web import link_page
from web.parts import Parts
from web.socket import Socket
from web.videos import TICKET_HEADER, StreamHandler, WatchHandler, view_key

NO_NUMBER = "video must be the number of one of the link's videos."
SIDES = {"320": 320, "1280": 1280}
NOT_INDEXED = "X-Robots-Tag", "noindex, nofollow"


class VisitorHandler(WatchHandler):
    """The base of what a link leads to."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.sharing, self.media = parts.sharing, parts.media

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header(*NOT_INDEXED)

    async def follow(self, token: str, *, begun: bool = False) -> Link:
        return await self.sharing.follow(token, self.caller.browser, begun=begun)

    async def video(self, link: Link, number: int | None = None) -> Task:
        """The task whose video is meant, for the log as well."""
        task = await self.sharing.video(link, number)
        self.task_id = task.task_id
        return task

    def number(self) -> int | None:
        """The video that the query names."""
        asked = self.get_query_argument("video", None)
        if asked is None:
            return None
        if not (asked.isascii() and asked.isdecimal() and len(asked) < 7):
            raise BadRequest(NO_NUMBER)
        return int(asked)


class LinkPageHandler(VisitorHandler):
    """The page of a link, which gives its visitor a session; where the link opens nothing, it says why."""

    async def get(self, token: str) -> None:
        html = link_page.template()
        try:
            link = await self.follow(token)
            shows = await self.sharing.shown(link)
            if not shows.videos and not shows.coming:
                await self.video(link)  # which says why
            at = f"{self.request.protocol}://{self.request.host}{self.prefix}/api/watch/{token}/still?side=1280"
            html = link_page.filled(html, told(link, shows), link_page.card(link, shows, at))
        except errors.Refusal as refusal:
            self.set_status(refusal.status)
            html = link_page.that_says(html, refusal.code)
        self.sessions.open(self)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.write(html)


class ShownHandler(VisitorHandler):
    """What a link shows at this moment: asked again by its page while videos are still being made."""

    async def get(self, token: str) -> None:
        link = await self.follow(token)
        self.write_json(told(link, await self.sharing.shown(link)))


class LinkStillHandler(VisitorHandler):
    """A video as its owner lets it be seen before it plays. It spends no view and gives no cookie."""

    async def get(self, token: str) -> None:
        side, number = self.get_query_argument("side", "1280"), self.number()
        if side not in SIDES:
            raise BadRequest("side must be 320 or 1280.")
        link = await self.follow(token)
        if link.poster is Poster.NONE:
            raise errors.NotFound("Whoever made this viewing link lets nothing be seen before a video plays.")
        task = await self.video(link, number)
        try:
            self.write(await asyncio.to_thread(self._read, task, link.poster, SIDES[side]))
        except OSError as error:  # not there, or damaged
            raise errors.PictureMissing from error
        self.set_header("Content-Type", "image/jpeg")
        self.set_header("Content-Disposition", "inline")

    def _read(self, task: Task, poster: Poster, side: int) -> bytes:
        if poster is Poster.BLURRED:
            from leyline.pictures.blurred import blurred  # loads Pillow, which few servers' own process needs

            return blurred(self.media.read_thumbnail(task.task_id))
        return self.media.read_poster(task.task_id) if side > 320 else self.media.read_thumbnail(task.task_id)


class LinkViewHandler(VisitorHandler):
    """Opens a view by a link: of the video that is named, else of its first."""

    async def post(self, token: str) -> None:
        number = self.json_body().get("video")
        if not (number is None or type(number) is int or (type(number) is float and number.is_integer())):
            raise BadRequest(NO_NUMBER)
        link = await self.follow(token)
        task = await self.video(link, None if number is None else int(number))
        opening = await self.watching.open(task, self.caller.browser, link, network=self.caller.network)
        label = None if link.burn_label else link.label  # which stands in the picture then
        self.write_json({**self.opened(opening), "label": label})


class LinkKeyHandler(VisitorHandler):
    """Tells the key of a view that came by a link, where no WebSocket passes."""

    async def post(self, token: str) -> None:
        link, question = await self.follow(token, begun=True), self.json_body()
        ticket = question.get("ticket")
        if isinstance(ticket, str):
            self.task_id = (await self.sharing.video_of(link, self.caller.browser, ticket)).task_id
        self.write_json(await view_key(self.watching, self.caller, question))


class LinkVideoHandler(StreamHandler, VisitorHandler):
    """A view that came by a link."""

    async def get(self, token: str) -> None:
        link = await self.follow(token, begun=True)
        task = await self.sharing.video_of(link, self.caller.browser, self.request.headers.get(TICKET_HEADER))
        self.task_id = task.task_id
        await self.send_view(task, link)


class LinkSocketHandler(Socket):
    """The socket of a link's page, which hears its views' keys and nothing else."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.sharing = parts.sharing

    async def prepare(self) -> None:
        await super().prepare()
        link = await self.sharing.follow(self.path_args[0], self.caller.browser, begun=True)
        shows = await self.sharing.shown(link)
        self.task_id = next((task.task_id for task in shows.videos.values()), "")

    async def tell_all(self) -> None:
        await self.say("snapshot", {"tasks": [], "next": None})


def told(link: Link, shows: Shown) -> dict[str, Any]:
    """What a visitor is told of the link."""
    return {
        "message": link.message,
        "poster": link.poster.value,
        "videos": [_video(number, task) for number, task in shows.videos.items()],
        "coming": shows.coming,
    }


def _video(number: int, task: Task) -> dict[str, Any]:
    return {
        "number": number,
        "width": task.video_width,
        "height": task.video_height,
        "seconds": task.video_seconds,
        "sound": task.video_sound,
    }
