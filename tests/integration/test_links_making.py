"""Viewing links for their owner, over HTTP: made, listed, limited."""

import json
from pathlib import Path

import pytest

from leyline.errors import NotFound, TooManyLinks
from leyline.watching import links as links_module
from leyline.watching.links import Terms
from tests.visitors import make_link, owned, token_of, visitor
from tests.watch_site import WatchSite


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
        {"message": "x" * 281},
        {"message": ["Look"]},
        {"poster": "sharp"},
        {"poster": 1},
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
    kept, _ = await links.add([task_id], Terms(3 * day), now=1.0)
    await links.add([task_id], Terms(day), now=2.0)
    replaced, _ = await links.add([task_id], Terms(3 * day), now=2 * day)
    assert [link.link_id for link in await links.of_task(task_id)] == [kept.link_id, replaced.link_id]
    await links.revoke(kept.link_id)
    assert [link.link_id for link in await links.of_task(task_id)] == [kept.link_id, replaced.link_id]
    newest, _ = await links.add([task_id], Terms(3 * day), now=2 * day)
    assert {link.link_id for link in await links.of_task(task_id)} == {replaced.link_id, newest.link_id}
    with pytest.raises(TooManyLinks):
        await links.add([task_id], Terms(3 * day), now=2 * day)


@pytest.mark.gen_test
async def test_a_video_that_is_deleted_while_its_link_is_made_is_not_found(site: WatchSite, master: Path) -> None:
    _, task_id = await owned(site, master)
    task = await site.server.store.get(task_id)
    await site.server.moves.delete(task_id)
    with pytest.raises(NotFound):
        await site.server.sharing.share(task, Terms(60))
