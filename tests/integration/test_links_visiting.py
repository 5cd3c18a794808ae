"""By a viewing link over HTTP: what it opens to whoever has it, and all that it does not."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from leyline.watching.views import base64url, from_base64url
from tests.live_server import Api
from tests.visitors import Visitor, make_link, owned, token_of, visitor
from tests.watch_site import KeyPair, WatchSite


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
async def test_a_link_that_never_was_is_not_found(site: WatchSite) -> None:
    nobody = Visitor(site, "0" * 32)
    answer = await nobody.api.request("GET", f"/watch/{nobody.token}")
    assert answer.code == 404 and b'data-problem="not_found"' in answer.body
    nobody.api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert (await nobody.view())[1]["code"] == "not_found"
    for unwell in ("short", "A" * 32, "0" * 33, "../" * 8):
        assert (await nobody.api.request("GET", f"/watch/{unwell}")).code == 404


@pytest.mark.gen_test
async def test_a_token_is_kept_nowhere(site: WatchSite, master: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id)
    guest = await visitor(site, link)
    view = (await guest.view())[1]
    await guest.stream(view["ticket"])
    await guest.key(view["ticket"])
    for beside in (f"/watch/{guest.token}.", f"/watch/{guest.token}/", f"/api/watch/{guest.token}/else"):
        assert (await guest.api.request("GET", beside)).code == 404
    kept = b"".join(path.read_bytes() for path in site.server.media.root.rglob("leyline.db*"))
    assert link["link_id"].encode() in kept
    assert token_of(link).encode() not in kept
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("leyline"))
    assert "/watch/…" in log
    assert token_of(link) not in log


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
