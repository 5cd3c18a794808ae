"""How a viewing link counts: as a key is told, once an hour and browser, never more than its owner likes."""

import asyncio
from pathlib import Path

import pytest

from leyline.errors import DatabaseBusy
from leyline.watching import ledger as ledger_module
from tests.visitors import Visitor, make_link, owned, token_of, visitor
from tests.watch_site import WatchSite


@pytest.mark.gen_test
async def test_opening_a_links_page_spends_no_view(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, max_views=1)
    for _ in range(3):
        await (await visitor(site, link)).view()
    assert "key" in await (guest := await visitor(site, link)).key((await guest.view())[1]["ticket"])


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
