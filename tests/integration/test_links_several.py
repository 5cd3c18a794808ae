"""One viewing link to several videos: in their order, those that there are and those that will be, as one view."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leyline.line import failures
from leyline.processes.protocol import Done
from leyline.watching import links as links_module
from tests.live_server import Api
from tests.visitors import assert_over, make_link, owned, share, token_of, visitor
from tests.watch_site import WatchSite


async def several(site: WatchSite, master: Path, count: int) -> tuple[Api, list[str]]:
    """An owner and so many videos of theirs."""
    api, first = await owned(site, master)
    return api, [first, *[await site.add_video(master, site.owner(api)) for _ in range(count - 1)]]


def numbers(shown: Any) -> list[int]:
    return [video["number"] for video in shown["videos"]]


@pytest.mark.gen_test
async def test_one_link_shows_several_videos_in_the_order_that_its_owner_named(
    site: WatchSite, master: Path
) -> None:
    owner, (a, b, c) = await several(site, master, 3)
    link = await share(owner, c, a, b, c, label="Anna")
    assert (link["videos"], link["views"]) == (3, 0)
    guest = await visitor(site, link)
    assert numbers(await guest.shown()) == [1, 2, 3]
    for number, task_id in ((1, c), (2, a), (3, b)):
        status, view = await guest.view(number)
        assert (status, view["label"]) == (200, "Anna")
        assert await guest.stream(view["ticket"]) == 200
        assert "key" in await guest.key(view["ticket"])
        assert (await owner.status(task_id))["views"] == 1
    assert "key" in await guest.watch(), "without a number it is the first"
    for unknown in (0, 4, -1, 10**9):
        assert (await guest.view(unknown))[1]["code"] == "not_found"
    for nonsense in ("1", [1], True, 1.5, {}):
        body = json.dumps({"video": nonsense})
        status, problem = await guest.api.call("POST", f"/api/watch/{guest.token}/view", body=body)
        assert (status, problem["code"]) == (400, "bad_request"), nonsense


@pytest.mark.gen_test
async def test_a_visit_is_one_view_of_the_link_whichever_of_its_videos_are_watched(
    site: WatchSite, master: Path
) -> None:
    owner, ids = await several(site, master, 3)
    link = await share(owner, *ids, max_views=2)
    guest, other, late = [await visitor(site, link) for _ in range(3)]
    for number in (1, 2, 3, 1, 3):
        assert "key" in await guest.watch(number)
    assert await views(owner) == 1
    assert [(await owner.status(id_))["views"] for id_ in ids] == [1, 1, 1], "each video counts its own"
    assert "key" in await other.watch(2)
    assert await views(owner) == 2
    assert (await late.watch(1))["code"] == "link_over", "both views are spent"
    assert "key" in await guest.watch(2), "and whoever began goes on"
    site.clock.seconds += 3599
    assert "key" in await guest.watch(2)
    site.clock.seconds += 1
    assert (await guest.watch(3))["code"] == "link_over", "the visit lasts an hour from its first video"
    assert await views(owner) == 2


@pytest.mark.gen_test
async def test_after_an_hour_another_view_is_counted_and_no_sooner(site: WatchSite, master: Path) -> None:
    owner, ids = await several(site, master, 2)
    guest = await visitor(site, await share(owner, *ids))
    assert "key" in await guest.watch(1)
    site.clock.seconds += 3000
    assert "key" in await guest.watch(2)
    site.clock.seconds += 600
    assert "key" in await guest.watch(2), "of this video it is the same view, of the link another one"
    assert await views(owner) == 2
    site.clock.seconds += 3500
    assert "key" in await guest.watch(1)
    assert await views(owner) == 2, "what was counted is remembered for its whole hour"


async def views(owner: Api) -> int:
    """How often the owner's only link was viewed."""
    (link,) = (await owner.call("GET", "/api/links"))[1]["links"]
    return int(link["views"])


@pytest.mark.gen_test
async def test_what_is_not_ready_joins_when_it_is_and_what_is_deleted_is_gone(
    site: WatchSite, master: Path
) -> None:
    owner, (first, second) = await several(site, master, 2)
    waiting = await site.add_task(site.owner(owner))
    guest = await visitor(site, await share(owner, first, waiting.task_id, second))
    shown = await guest.shown()
    assert (numbers(shown), shown["coming"]) == ([1, 3], 1)
    assert (await guest.view(2))[1]["code"] == "not_ready"
    task = await site.server.moves.claim()
    assert task and (await guest.view(2))[1]["code"] == "not_ready", "while it is made, it is its owner's alone"
    await finish(site, task, master)
    shown = await guest.shown()
    assert (numbers(shown), shown["coming"]) == ([1, 2, 3], 0)
    assert "key" in await guest.watch(2)

    ticket = (await guest.view(1))[1]["ticket"]
    assert (await owner.call("POST", f"/api/video/{first}/trash", body=""))[0] == 200
    assert numbers(await guest.shown()) == [2, 3]
    assert (await guest.view(1))[1]["code"] == "not_found"
    assert await guest.stream(ticket) == 403
    assert (await owner.call("POST", f"/api/video/{first}/restore", body=""))[0] == 200
    assert numbers(await guest.shown()) == [1, 2, 3]
    assert (await owner.request("DELETE", f"/api/video/{first}")).code == 204
    assert numbers(await guest.shown()) == [2, 3], "and no other becomes the first"
    await site.server.moves.remove_files(await site.server.store.get(second))
    assert numbers(await guest.shown()) == [2]
    for id_ in (waiting.task_id, second):
        assert (await owner.request("DELETE", f"/api/video/{id_}")).code == 204
    assert (await guest.page()).code == 404, "a link goes with the last of its videos"
    assert (await owner.call("GET", "/api/links"))[1]["links"] == []


async def finish(site: WatchSite, task: Any, master: Path) -> None:
    video = site.server.media.video(task.video_key)
    await asyncio.to_thread(shutil.copy, master, video)
    await site.server.moves.succeed(task, Done(task.task_id, task.run, 320, 180, 2.0), video.stat().st_size, 1.0)


@pytest.mark.gen_test
async def test_a_picture_that_failed_and_is_tried_again_takes_its_old_place(site: WatchSite, master: Path) -> None:
    owner, (first, last) = await several(site, master, 2)
    failing = await site.add_task(site.owner(owner))
    guest = await visitor(site, await share(owner, first, failing.task_id, last))
    claimed = await site.server.moves.claim()
    assert claimed and await site.server.moves.fail(claimed, failures.ModelCrashed())
    shown = await guest.shown()
    assert (numbers(shown), shown["coming"]) == ([1, 3], 0)
    again = await site.add_task(site.owner(owner), retry_of=failing.task_id)
    assert (await guest.shown())["coming"] == 1
    task = await site.server.moves.claim()
    assert task and task.task_id == again.task_id
    await finish(site, task, master)
    assert numbers(await guest.shown()) == [1, 2, 3]
    assert "key" in await guest.watch(2)
    another = await site.add_task(site.owner(owner), retry_of=again.task_id)
    assert (await guest.shown())["coming"] == 0, "another video of what succeeded is nothing that was shared"
    assert another.retry_of == again.task_id


@pytest.mark.gen_test
async def test_a_link_to_what_is_still_being_made_says_so_and_opens_when_it_is_ready(
    site: WatchSite, master: Path
) -> None:
    owner = await site.api()
    tasks = [await site.add_task(site.owner(owner)) for _ in range(2)]
    guest = await visitor(site, await share(owner, *[task.task_id for task in tasks]))
    page = await guest.page()
    assert page.code == 200 and b'data-problem=""' in page.body
    assert (await guest.shown())["coming"] == 2
    for task in tasks:
        await site.server.moves.cancel(task)
    page = await guest.page()
    assert page.code == 409 and b'data-problem="no_video"' in page.body


@pytest.mark.gen_test
async def test_a_batch_is_shared_by_its_word_as_it_is_by_then(site: WatchSite, master: Path) -> None:
    owner, other = await site.api(), await site.api()
    ids = [await site.add_video(master, site.owner(owner), batch_id="sea") for _ in range(2)]
    await site.add_video(master, site.owner(owner), batch_id="land")
    await site.add_video(master, site.owner(other), batch_id="sea")
    status, link = await owner.call("POST", "/api/links", body=json.dumps({"batch_id": "sea"}))
    assert (status, link["videos"]) == (201, 2)
    await site.add_video(master, site.owner(owner), batch_id="sea")
    guest = await visitor(site, link)
    assert numbers(await guest.shown()) == [1, 2], "what is sent later is nobody's business"
    await guest.watch(1)
    assert [(await owner.status(id_))["views"] for id_ in ids] == [1, 0], "in the order that they came in"
    for who in (other, await site.api(), Api(site.url)):
        status, problem = await who.call("POST", "/api/links", body=json.dumps({"batch_id": "land"}))
        assert (status, problem["code"]) == (404, "not_found")


@pytest.mark.gen_test
async def test_only_ones_own_can_be_shared_and_only_what_has_or_may_have_a_video(
    site: WatchSite, master: Path
) -> None:
    owner, (mine,) = await several(site, master, 1)
    _, (theirs,) = await several(site, master, 1)
    anybodys = await site.add_video(master)
    assert (await share(owner, mine, anybodys))["videos"] == 2, "who has the id of what has no owner may share it"
    for asked, status, code in (
        ({"task_ids": [mine, theirs]}, 404, "not_found"),
        ({"task_ids": [mine, "0" * 32]}, 404, "not_found"),
        ({"task_ids": []}, 400, "bad_request"),
        ({"task_ids": mine}, 400, "bad_request"),
        ({"task_ids": [1]}, 400, "bad_request"),
        ({}, 400, "bad_request"),
        ({"task_ids": [mine], "batch_id": "sea"}, 400, "bad_request"),
        ({"batch_id": 7}, 400, "bad_request"),
        ({"batch_id": "sea", "task_ids": None}, 400, "bad_request"),
        ({"batch_id": None, "task_ids": [mine]}, 400, "bad_request"),
        ({"batch_id": ""}, 400, "bad_request"),
        ({"task_ids": [mine], "max_views": 0}, 400, "bad_request"),
        ({"task_ids": ["a" * 32] * 501}, 400, "bad_request"),
        ({"task_ids": ["a" * 32] * 1000}, 413, "too_large"),
    ):
        answer = await owner.call("POST", "/api/links", body=json.dumps(asked))
        assert (answer[0], answer[1]["code"]) == (status, code), asked
    await owner.call("POST", f"/api/video/{mine}/trash", body="")
    status, problem = await owner.call("POST", "/api/links", body=json.dumps({"task_ids": [mine]}))
    assert (status, problem["code"]) == (409, "no_video")


@pytest.mark.gen_test
async def test_a_link_to_several_is_listed_and_revoked_as_a_whole(site: WatchSite, master: Path) -> None:
    owner, (a, b) = await several(site, master, 2)
    both, single = await share(owner, a, b, message="Look", poster="blurred"), await make_link(owner, a)
    told = (await owner.call("GET", "/api/links"))[1]["links"]
    assert {(link["link_id"], link["videos"]) for link in told} == {(both["link_id"], 2), (single["link_id"], 1)}
    assert token_of(both) not in json.dumps(told)
    listed = next(link for link in told if link["link_id"] == both["link_id"])
    assert (listed["message"], listed["poster"]) == ("Look", "blurred")
    assert len((await owner.call("GET", f"/api/video/{a}/links"))[1]["links"]) == 2
    assert len((await owner.call("GET", f"/api/video/{b}/links"))[1]["links"]) == 1
    stranger = await site.api()
    assert (await stranger.call("GET", "/api/links"))[1]["links"] == []
    assert (await Api(site.url).call("GET", "/api/links"))[1]["links"] == []
    assert (await stranger.request("DELETE", f"/api/links/{both['link_id']}")).code == 404
    guest = await visitor(site, both)
    watching = [(await guest.view(number))[1]["ticket"] for number in (1, 2)]
    for _ in range(2):
        assert (await owner.request("DELETE", f"/api/links/{both['link_id']}")).code == 204
    assert [await guest.stream(ticket) for ticket in watching] == [410, 410], "at each range"
    await assert_over(site, guest)
    again = await share(owner, b, a)
    guest = await visitor(site, again)
    by_one = f"/api/video/{a}/links/{again['link_id']}"
    assert (await owner.request("DELETE", by_one)).code == 204, "or by one of its videos"
    await assert_over(site, guest)


@pytest.mark.gen_test
async def test_a_link_is_revoked_by_its_id_however_many_came_after_it(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_module, "OF_OWNER", links_module.OF_OWNER.replace("LIMIT 200", "LIMIT 2"))
    owner, (a, b) = await several(site, master, 2)
    first = await share(owner, a, b)
    for _ in range(2):
        site.clock.seconds += 1
        await share(owner, a, b)
    listed = (await owner.call("GET", "/api/links"))[1]["links"]
    assert first["link_id"] not in {link["link_id"] for link in listed} and len(listed) == 2
    stranger = await site.api()
    assert (await stranger.request("DELETE", f"/api/links/{first['link_id']}")).code == 404
    assert (await owner.request("DELETE", f"/api/links/{first['link_id']}")).code == 204
    assert (await (await visitor(site, first)).view())[1]["code"] == "link_over"


@pytest.mark.gen_test
async def test_a_ticket_of_one_link_opens_nothing_by_another(site: WatchSite, master: Path) -> None:
    owner, (a, b) = await several(site, master, 2)
    both, single = await share(owner, a, b), await make_link(owner, b)
    guest = await visitor(site, both)
    elsewhere = await visitor(site, single)
    elsewhere.api.cookie = guest.api.cookie
    ticket = (await guest.view(2))[1]["ticket"]
    assert await elsewhere.stream(ticket) == 403
    assert await guest.stream(ticket) == 200


@pytest.mark.gen_test
async def test_each_videos_limit_of_links_counts_those_to_several(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_module, "MAX_LINKS_OF_TASK", 2)
    owner, (a, b) = await several(site, master, 2)
    first, _ = await share(owner, a, b), await make_link(owner, a)
    status, refusal = await owner.call("POST", "/api/links", body=json.dumps({"task_ids": [b, a]}))
    assert (status, refusal["code"]) == (409, "too_many_links")
    assert len((await owner.call("GET", f"/api/video/{b}/links"))[1]["links"]) == 1, "and nothing is half made"
    await owner.request("DELETE", f"/api/links/{first['link_id']}")
    await share(owner, b, a)


@pytest.mark.gen_test
async def test_a_link_to_several_outlives_a_restart(io_loop: Any, tmp_path: Path, master: Path) -> None:
    site = await WatchSite(tmp_path / "again").start()
    owner, ids = await several(site, master, 2)
    link = await share(owner, *ids, max_views=1)
    guest = await visitor(site, link)
    assert "key" in await guest.watch(1)
    await site.stop()
    site = await WatchSite(tmp_path / "again").start()
    try:
        guest.site, guest.api.url = site, site.url
        assert "key" in await guest.watch(2), "it is still the same visit"
        assert (await (await visitor(site, link)).watch(1))["code"] == "link_over"
    finally:
        await site.stop()
