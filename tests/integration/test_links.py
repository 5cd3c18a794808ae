"""Viewing links over HTTP: one video for whoever has the link, nothing else, as long as its owner likes."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from leyline.errors import DatabaseBusy, NotFound, TooManyLinks
from leyline.watching import ledger as ledger_module
from leyline.watching import links as links_module
from leyline.watching.views import base64url, from_base64url
from tests.live_server import Api
from tests.watch_site import KeyPair, WatchSite, make_master
from web.links import page_that_says
from web.page import STATIC


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4")


@pytest.fixture
def site(io_loop: Any, tmp_path: Path) -> Iterator[WatchSite]:
    site = WatchSite(tmp_path / "data")
    io_loop.run_sync(site.start)
    yield site
    io_loop.run_sync(site.stop)


class Visitor:
    """Somebody with a link: a browser session of their own, made by opening the link's page."""

    def __init__(self, site: WatchSite, token: str) -> None:
        self.site, self.token, self.api = site, token, Api(site.url)

    async def open_page(self) -> "Visitor":
        answer = await self.api.request("GET", f"/watch/{self.token}")
        self.api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return self

    async def view(self) -> tuple[int, Any]:
        return await self.api.call("POST", f"/api/watch/{self.token}/view", body="")

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


async def visitor(site: WatchSite, link: dict[str, Any]) -> Visitor:
    return await Visitor(site, token_of(link)).open_page()


def token_of(link: dict[str, Any]) -> str:
    return str(link["url"].rpartition("/")[2])


async def owned(site: WatchSite, master: Path) -> tuple[Api, str]:
    """An owner and a video of theirs."""
    api = await site.api()
    return api, await site.add_video(master, site.owner(api))


@pytest.mark.gen_test
async def test_a_link_lets_somebody_else_watch(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, label="  Anna \n \u202eExample\x07 ")
    assert link["url"].startswith(f"{site.url}/watch/") and len(token_of(link)) == 32
    guest = await visitor(site, link)
    status, view = await guest.view()
    assert (status, view["label"]) == (200, "Anna Example")
    assert await guest.stream(view["ticket"]) == 200
    assert "key" in await guest.key(view["ticket"])
    assert (await owner.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_links_are_listed_with_their_counts_and_never_with_their_address(
    site: WatchSite, master: Path
) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=5)
    guest = await visitor(site, link)
    await guest.key((await guest.view())[1]["ticket"])
    listed = (await owner.call("GET", f"/api/video/{task_id}/links"))[1]["links"]
    assert [(row["link_id"], row["views"], row["max_views"], row["state"]) for row in listed] == [
        (link["link_id"], 1, 5, "open")
    ]
    assert token_of(link) not in json.dumps(listed)


@pytest.mark.gen_test
async def test_opening_a_links_page_spends_no_view(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=1)
    for _ in range(3):
        await (await visitor(site, link)).view()
    assert "key" in await (guest := await visitor(site, link)).key((await guest.view())[1]["ticket"])


@pytest.mark.gen_test
async def test_a_link_opens_nothing_but_its_video(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    other = await site.add_video(master, site.owner(owner))
    link, other_link = await make_link(owner, task_id), await make_link(owner, other)
    guest = await visitor(site, link)
    for method, path in (
        ("GET", f"/api/video/{task_id}/status"),
        ("GET", f"/api/video/{task_id}/thumbnail"),
        ("GET", f"/api/video/{task_id}/links"),
        ("POST", f"/api/video/{task_id}/view"),
        ("POST", f"/api/video/{task_id}/links"),
        ("POST", f"/api/video/{other}/view"),
        ("DELETE", f"/api/video/{task_id}"),
        ("DELETE", f"/api/video/{task_id}/links/{link['link_id']}"),
    ):
        body = "" if method == "POST" else None
        assert (await guest.api.request(method, path, body=body)).code == 404, path
    assert (await guest.api.call("GET", "/api/video/"))[1]["tasks"] == []
    ticket = (await guest.view())[1]["ticket"]
    assert await guest.stream(ticket, token_of(other_link)) == 403
    assert (await owner.request("DELETE", f"/api/video/{other}/links/{link['link_id']}")).code == 404


@pytest.mark.gen_test
async def test_a_tickets_purpose_cannot_be_changed(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    guest = Visitor(site, token_of(link))
    guest.api.cookie = owner.cookie
    by_link = (await guest.view())[1]["ticket"]
    own = (await owner.call("POST", f"/api/video/{task_id}/view", body=""))[1]["ticket"]
    assert await guest.stream(own) == 403
    answer = await owner.request("GET", f"/api/video/{task_id}/video", headers={"X-Leyline-Ticket": by_link})
    assert answer.code == 403
    assert await guest.stream(by_link) == 200


@pytest.mark.gen_test
async def test_a_visitor_never_learns_the_tasks_id(site: WatchSite, master: Path) -> None:
    """The id of a task that was made without a session is all that it takes to delete it."""
    task_id = await site.add_video(master)
    link = await make_link(await site.api(), task_id)
    guest = await visitor(site, link)
    said = json.dumps([link, await guest.view()])
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    await socket.say("ping")
    await socket.until("pong")
    await socket.say("subscribe", task_ids=[task_id])
    assert (await socket.next())["data"]["code"] == "bad_request"
    said += json.dumps([message for message in socket.heard if message["event"] != "error"])
    said += (await guest.api.request("GET", f"/watch/{guest.token}")).body.decode()
    assert task_id not in said


@pytest.mark.gen_test
async def test_a_visitor_gets_a_session_and_an_owner_keeps_theirs(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    fresh = await Api(site.url).request("GET", f"/watch/{token_of(link)}")
    assert "HttpOnly" in fresh.headers["Set-Cookie"]
    again = await owner.request("GET", f"/watch/{token_of(link)}")
    assert again.code == 200 and "Set-Cookie" not in again.headers
    assert (await owner.status(task_id))["task_id"] == task_id


@pytest.mark.gen_test
async def test_a_revoked_link_stops_at_once(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    guest = await visitor(site, link)
    watching, unopened = (await guest.view())[1]["ticket"], (await guest.view())[1]["ticket"]
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    assert await guest.stream(watching) == 200
    for _ in range(2):
        assert (await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")).code == 204
    assert await guest.stream(watching) == 410
    assert (await site.ask_key(socket, unopened))["code"] == "ticket_refused"
    await assert_over(site, guest)


@pytest.mark.gen_test
async def test_an_expired_link_stops(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id, seconds=60))
    ticket = (await guest.view())[1]["ticket"]
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    site.clock.seconds += 60
    assert await guest.stream(ticket) == 410
    assert (await site.ask_key(socket, ticket))["code"] == "link_over"
    await assert_over(site, guest)


@pytest.mark.gen_test
async def test_a_spent_link_lets_its_last_viewer_finish_and_nobody_else_begin(
    site: WatchSite, master: Path
) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=1)
    guest, late = await visitor(site, link), await visitor(site, link)
    ticket, late_ticket = (await guest.view())[1]["ticket"], (await late.view())[1]["ticket"]
    assert "key" in await guest.key(ticket)
    assert (await late.key(late_ticket))["code"] == "link_over"
    assert await guest.stream(ticket) == 200
    assert (await late.view())[1]["code"] == "link_over"
    assert (await owner.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_a_links_only_view_is_not_spent_by_a_reload(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=1)
    guest, late = await visitor(site, link), await visitor(site, link)
    for passed in (0, 1800, 1799):
        site.clock.seconds += passed
        page = await guest.api.request("GET", f"/watch/{guest.token}")
        assert page.code == 200 and b'data-problem=""' in page.body
        ticket = (await guest.view())[1]["ticket"]
        assert "key" in await guest.key(ticket)
        assert await guest.stream(ticket) == 200
        assert (await late.view())[1]["code"] == "link_over"
    assert [listed.views for listed in await site.server.links.of_task(task_id)] == [1]
    assert (await owner.status(task_id))["views"] == 1
    site.clock.seconds += 1
    assert (await guest.view())[1]["code"] == "link_over"
    assert (await guest.api.request("GET", f"/watch/{guest.token}")).code == 410


@pytest.mark.gen_test
async def test_a_view_by_one_link_is_no_view_by_another_or_ones_own(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    links = [await make_link(owner, task_id, max_views=1) for _ in range(2)]
    for link in links:
        guest = Visitor(site, token_of(link))
        guest.api.cookie = owner.cookie
        assert "key" in await guest.key((await guest.view())[1]["ticket"])
    own = (await owner.call("POST", f"/api/video/{task_id}/view", body=""))[1]["ticket"]
    assert "key" in await site.ask_key(await site.connect(owner), own)
    assert [listed.views for listed in await site.server.links.of_task(task_id)] == [1, 1]
    assert (await owner.status(task_id))["views"] == 3


@pytest.mark.gen_test
async def test_an_expired_link_gives_no_key_again_for_what_was_counted(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id, seconds=60))
    first, second = (await guest.view())[1]["ticket"], (await guest.view())[1]["ticket"]
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    assert "key" in await site.ask_key(socket, first)
    site.clock.seconds += 60
    assert (await site.ask_key(socket, second))["code"] == "link_over"


@pytest.mark.gen_test
async def test_a_key_that_cannot_be_counted_for_its_link_is_counted_nowhere(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id, max_views=1))
    ticket = (await guest.view())[1]["ticket"]

    def busy(*_: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(ledger_module, "_tell", busy)
    assert (await guest.key(ticket))["code"] == "database_busy"
    assert [listed.views for listed in await site.server.links.of_task(task_id)] == [0]
    assert (await owner.status(task_id))["views"] == 0
    monkeypatch.undo()
    assert "key" in await guest.key(ticket)


@pytest.mark.gen_test
async def test_a_limit_of_views_holds_when_all_come_at_once(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=2)
    guests = [await visitor(site, link) for _ in range(5)]
    tickets = [(await guest.view())[1]["ticket"] for guest in guests]
    answers = await asyncio.gather(*(guest.key(ticket) for guest, ticket in zip(guests, tickets, strict=True)))
    assert sum("key" in answer for answer in answers) == 2


@pytest.mark.gen_test
async def test_a_link_that_never_was_is_not_found(site: WatchSite) -> None:
    nobody = Visitor(site, "0" * 32)
    answer = await nobody.api.request("GET", f"/watch/{nobody.token}")
    assert answer.code == 404 and b'data-problem="not_found"' in answer.body
    nobody.api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert (await nobody.view())[1]["code"] == "not_found"
    for unwell in ("short", "A" * 32, "0" * 33, "../" * 8):
        assert (await nobody.api.request("GET", f"/watch/{unwell}")).code == 404


@pytest.mark.gen_test
async def test_a_deleted_video_takes_its_links_with_it(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id))
    ticket = (await guest.view())[1]["ticket"]
    assert (await owner.request("DELETE", f"/api/video/{task_id}")).code == 204
    assert await guest.stream(ticket) == 404
    assert (await guest.view())[0] == 404
    assert await site.server.links.of_task(task_id) == []


@pytest.mark.gen_test
async def test_views_and_links_end_while_their_video_is_in_the_trash_and_come_back_with_it(
    site: WatchSite, master: Path
) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=1)
    guest = await visitor(site, link)
    mine, theirs = (await owner.call("POST", f"/api/video/{task_id}/view", body=""))[1], (await guest.view())[1]
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    assert (await owner.call("POST", f"/api/video/{task_id}/trash", body=""))[0] == 200

    status, problem = await owner.call("POST", f"/api/video/{task_id}/view", body="")
    assert (status, problem["code"]) == (409, "in_trash")
    status, problem = await owner.call("POST", f"/api/video/{task_id}/links", body="{}")
    assert (status, problem["code"]) == (409, "in_trash")
    status, problem = await guest.view()
    assert (status, problem["code"]) == (410, "link_over")
    assert (await guest.api.request("GET", f"/watch/{guest.token}")).code == 410
    assert (await guest.stream(theirs["ticket"]), await stream(owner, task_id, mine["ticket"])) == (410, 409)
    assert (await site.ask_key(socket, theirs["ticket"]))["code"] == "ticket_refused", "it was connected before"
    assert (await owner.call("GET", f"/api/video/{task_id}/links"))[1]["links"][0]["views"] == 0

    assert (await owner.call("POST", f"/api/video/{task_id}/restore", body=""))[0] == 200
    assert (
        await stream(owner, task_id, (await owner.call("POST", f"/api/video/{task_id}/view", body=""))[1]["ticket"])
        == 200
    )
    assert "key" in await guest.key((await guest.view())[1]["ticket"])


async def stream(api: Api, task_id: str, ticket: str) -> int:
    return (await api.request("GET", f"/api/video/{task_id}/video", headers={"X-Leyline-Ticket": ticket})).code


@pytest.mark.gen_test
async def test_a_key_of_what_was_trashed_after_a_look_at_it_is_not_told(site: WatchSite, master: Path) -> None:
    """Neither is it counted: the transaction that would count it decides."""
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    with pytest.raises(NotFound):
        await ticket_then_trash(site, owner, task_id)
    assert (await owner.status(task_id))["views"] == 0
    with pytest.raises(NotFound):
        await site.server.watching.make_link(
            await trashed_since(site, task_id), label=None, seconds=60, max_views=None
        )
    assert len((await owner.call("GET", f"/api/video/{task_id}/links"))[1]["links"]) == 1
    assert link["views"] == 0


async def ticket_then_trash(site: WatchSite, owner: Api, task_id: str) -> None:
    """Ask for a view's key when only the database knows yet that its task was trashed."""
    ticket = (await owner.call("POST", f"/api/video/{task_id}/view", body=""))[1]["ticket"]
    await site.server.moves.trash(task_id)
    await site.server.watching.tell_key(ticket, site.owner(owner), KeyPair().public)


async def trashed_since(site: WatchSite, task_id: str) -> Any:
    """The task as it was before it was trashed."""
    await site.server.moves.restore(task_id)
    task = await site.server.store.get(task_id)
    await site.server.moves.trash(task_id)
    return task


@pytest.mark.gen_test
async def test_a_link_to_a_video_that_expired_says_so(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id))
    await site.server.moves.remove_files(await site.server.store.get(task_id))
    assert (await guest.view())[1]["code"] == "expired"


@pytest.mark.gen_test
async def test_a_token_is_kept_nowhere(site: WatchSite, master: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    guest = await visitor(site, link)
    view = (await guest.view())[1]
    await guest.stream(view["ticket"])
    await guest.key(view["ticket"])
    for beside in (f"/watch/{guest.token}.", f"/watch/{guest.token}/", f"/api/watch/{guest.token}"):
        assert (await guest.api.request("GET", beside)).code == 404
    kept = b"".join(path.read_bytes() for path in site.server.media.root.rglob("leyline.db*"))
    assert link["link_id"].encode() in kept
    assert token_of(link).encode() not in kept
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("leyline"))
    assert "/watch/…" in log
    assert token_of(link) not in log


def test_a_links_page_without_a_place_for_its_problem_is_a_mistake_that_is_told() -> None:
    html = (STATIC / "watch.html").read_text("utf-8")
    assert 'data-problem="link_over"' in page_that_says(html, "link_over")
    assert page_that_says(html, "") == html
    for changed in (html.replace(' data-problem=""', ""), html.replace("data-problem", "data-trouble")):
        with pytest.raises(ValueError, match="data-problem"):
            page_that_says(changed, "link_over")


@pytest.mark.gen_test
async def test_a_link_can_be_made_only_of_a_finished_video_of_ones_own(site: WatchSite, master: Path) -> None:
    _, task_id = await owned(site, master)
    stranger = await site.api()
    assert (await stranger.call("POST", f"/api/video/{task_id}/links", body=""))[0] == 404
    waiting = (await site.add_task()).task_id
    assert (await stranger.call("POST", f"/api/video/{waiting}/links", body=""))[1]["code"] == "not_ready"


@pytest.mark.gen_test
async def test_a_link_made_with_nonsense_is_refused(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    for asked in (
        {"max_views": 0},
        {"max_views": "3"},
        {"max_views": True},
        {"max_views": 1.5},
        {"seconds": -1},
        {"seconds": 10**12},
        {"label": "x" * 81},
        {"label": 7},
    ):
        status, refusal = await owner.call("POST", f"/api/video/{task_id}/links", body=json.dumps(asked))
        assert (status, refusal["code"]) == (400, "bad_request"), asked


@pytest.mark.gen_test
async def test_links_of_one_video_have_a_limit(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_module, "MAX_LINKS_OF_TASK", 2)
    owner, task_id = await owned(site, master)
    await make_link(owner, task_id)
    await make_link(owner, task_id)
    status, refusal = await owner.call("POST", f"/api/video/{task_id}/links", body="")
    assert (status, refusal["code"]) == (409, "too_many_links")


@pytest.mark.gen_test
async def test_a_link_that_was_revoked_or_has_expired_makes_room_for_another(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_module, "MAX_LINKS_OF_TASK", 2)
    _, task_id = await owned(site, master)
    links, day = site.server.links, 86_400.0
    kept, _ = await links.add(task_id, label=None, expires_at=3 * day, max_views=None, now=1.0)
    await links.add(task_id, label=None, expires_at=day, max_views=None, now=2.0)
    replaced, _ = await links.add(task_id, label=None, expires_at=3 * day, max_views=None, now=2 * day)
    assert [link.link_id for link in await links.of_task(task_id)] == [kept.link_id, replaced.link_id]
    await links.revoke(task_id, kept.link_id)
    assert [link.link_id for link in await links.of_task(task_id)] == [kept.link_id, replaced.link_id]
    newest, _ = await links.add(task_id, label=None, expires_at=3 * day, max_views=None, now=2 * day)
    assert {link.link_id for link in await links.of_task(task_id)} == {replaced.link_id, newest.link_id}
    with pytest.raises(TooManyLinks):
        await links.add(task_id, label=None, expires_at=3 * day, max_views=None, now=2 * day)


@pytest.mark.gen_test
async def test_a_video_that_is_deleted_while_its_link_is_made_is_not_found(site: WatchSite, master: Path) -> None:
    _, task_id = await owned(site, master)
    task = await site.server.store.get(task_id)
    await site.server.moves.delete(task_id)
    with pytest.raises(NotFound):
        await site.server.watching.make_link(task, label=None, seconds=60, max_views=None)


@pytest.mark.gen_test
async def test_where_an_access_token_is_needed_a_link_still_opens(
    io_loop: Any, tmp_path: Path, master: Path
) -> None:
    site = await WatchSite(tmp_path / "closed", token="secret").start()
    try:
        task_id = await site.add_video(master)
        insider = await site.api()
        assert (await insider.call("POST", f"/api/video/{task_id}/links", body=""))[0] == 401
        status, link = await insider.call(
            "POST", f"/api/video/{task_id}/links", body="", headers={"Authorization": "Bearer secret"}
        )
        assert status == 201
        guest = await visitor(site, link)
        ticket = (await guest.view())[1]["ticket"]
        assert await guest.stream(ticket) == 200
        assert "key" in await guest.key(ticket)
        assert (await guest.api.request("GET", "/api/queue")).code == 401
        with pytest.raises(HTTPClientError):
            await site.connect(guest.api)
    finally:
        await site.stop()


async def assert_over(site: WatchSite, guest: Visitor) -> None:
    """The link opens nothing any more, and its page says so."""
    assert (await guest.view())[1]["code"] == "link_over"
    page = await guest.api.request("GET", f"/watch/{guest.token}")
    assert page.code == 410 and b'data-problem="link_over"' in page.body
    with pytest.raises(HTTPClientError):
        await site.connect(guest.api, f"/api/watch/{guest.token}/events")


@pytest.mark.gen_test
async def test_a_links_key_can_be_asked_for_by_a_plain_request(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link, pair = await make_link(owner, task_id, max_views=1), KeyPair()
    guest = await visitor(site, link)
    ticket = (await guest.view())[1]["ticket"]
    question = json.dumps({"ticket": ticket, "public": base64url(pair.public)})
    status, told = await guest.api.call("POST", f"/api/watch/{guest.token}/view/key", body=question)
    assert status == 200
    assert pair.unwrapped(ticket, from_base64url(told["public"]), from_base64url(told["wrapped"]))
    assert [listed.views for listed in await site.server.links.of_task(task_id)] == [1]
    assert (await owner.call("POST", f"/api/video/{task_id}/view/key", body=question))[1][
        "code"
    ] == "ticket_refused"
