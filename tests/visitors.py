"""Somebody with a viewing link, and the owner who made it, for tests over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from tests.live_server import Api
from tests.watch_site import WatchSite


class Visitor:
    """Somebody with a link: a browser session of their own, made by opening the link's page."""

    def __init__(self, site: WatchSite, token: str) -> None:
        self.site, self.token, self.api = site, token, Api(site.url)

    async def open_page(self) -> "Visitor":
        answer = await self.page()
        self.api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return self

    async def page(self) -> Any:
        """The answer with the link's page."""
        return await self.api.request("GET", f"/watch/{self.token}")

    async def shown(self) -> Any:
        """What the link shows at this moment."""
        status, told = await self.api.call("GET", f"/api/watch/{self.token}")
        assert status == 200, told
        return told

    async def still(self, query: str = "") -> Any:
        """The answer to who asks for a still."""
        return await self.api.request("GET", f"/api/watch/{self.token}/still{query}")

    async def view(self, video: int | None = None) -> tuple[int, Any]:
        body = "" if video is None else json.dumps({"video": video})
        return await self.api.call("POST", f"/api/watch/{self.token}/view", body=body)

    async def watch(self, video: int | None = None) -> Any:
        """What comes of pressing play: the answer with the view's key, or the problem."""
        status, view = await self.view(video)
        return await self.key(view["ticket"]) if status == 200 else view

    async def stream(self, ticket: str, token: str = "") -> int:
        address = f"/api/watch/{token or self.token}/video"
        return (await self.api.request("GET", address, headers={"X-Leyline-Ticket": ticket})).code

    async def key(self, ticket: str) -> dict[str, Any]:
        socket = await self.site.connect(self.api, f"/api/watch/{self.token}/events")
        return await self.site.ask_key(socket, ticket)


async def make_link(api: Api, task_id: str, **asked: Any) -> dict[str, Any]:
    status, link = await api.call("POST", f"/api/video/{task_id}/links", body=json.dumps(asked))
    assert status == 201, link
    return link


async def share(api: Api, *task_ids: str, **asked: Any) -> dict[str, Any]:
    """One link to several videos."""
    status, link = await api.call("POST", "/api/links", body=json.dumps({"task_ids": task_ids, **asked}))
    assert status == 201, link
    return link


async def visitor(site: WatchSite, link: dict[str, Any]) -> Visitor:
    return await Visitor(site, token_of(link)).open_page()


def token_of(link: dict[str, Any]) -> str:
    return str(link["url"].rpartition("/")[2])


async def owned(site: WatchSite, master: Path) -> tuple[Api, str]:
    """An owner and a video of theirs."""
    api = await site.api()
    return api, await site.add_video(master, site.owner(api))


async def assert_over(site: WatchSite, guest: Visitor) -> None:
    """The link opens nothing any more, and its page says so."""
    assert (await guest.view())[1]["code"] == "link_over"
    page = await guest.page()
    assert page.code == 410 and b'data-problem="link_over"' in page.body
    with pytest.raises(HTTPClientError):
        await site.connect(guest.api, f"/api/watch/{guest.token}/events")
