"""How a viewing link ends: revoked, expired, or with its video, also for who is watching."""

from pathlib import Path
from typing import Any

import pytest

from leyline.errors import NotFound
from leyline.watching.links import Terms
from tests.live_server import Api
from tests.visitors import assert_over, make_link, owned, visitor
from tests.watch_site import KeyPair, WatchSite


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
async def test_an_expired_link_gives_no_key_again_for_what_was_counted(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    guest = await visitor(site, await make_link(owner, task_id, seconds=60))
    first, second = (await guest.view())[1]["ticket"], (await guest.view())[1]["ticket"]
    socket = await site.connect(guest.api, f"/api/watch/{guest.token}/events")
    assert "key" in await site.ask_key(socket, first)
    site.clock.seconds += 60
    assert (await site.ask_key(socket, second))["code"] == "link_over"


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
        await site.server.sharing.share(await trashed_since(site, task_id), Terms(60))
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
