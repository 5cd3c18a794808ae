"""Watching over HTTP: who is refused and in which order, what is sent, and the key on the socket."""

import io
import json
from pathlib import Path

import pytest

from leyline.watching.views import LIFE_SECONDS
from tests.live_server import Api
from tests.watch_site import WatchSite, code, packets, stream, view_of
from web.videos import PIECE_BYTES

UNKNOWN = "0" * 32


# A view from its opening to its key


@pytest.mark.gen_test
async def test_a_view_with_its_key_is_the_video_and_its_stream_alone_is_not(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    answer = await stream(api, task_id, view["ticket"])
    key = await site.ask_key(await site.connect(api), view["ticket"])
    assert answer.code == 200 and len(answer.body) == view["size"]
    assert key["kid"] == view["kid"]
    assert packets(io.BytesIO(answer.body), key["key"]) == packets(master)
    assert packets(io.BytesIO(answer.body)) != packets(master)


@pytest.mark.gen_test
async def test_opening_a_view_says_all_that_a_player_needs_and_sets_no_cookie(
    site: WatchSite, master: Path
) -> None:
    task_id, api = await site.add_video(master), await site.api()
    answer = await api.request("POST", f"/api/video/{task_id}/view", body="")
    view = json.loads(answer.body)
    told = {"ticket", "kid", "codec", "size", "seconds", "segments", "complete", "without_eme", "expires_at"}
    assert set(view) == told and view["complete"] is True
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert task_id not in answer.body.decode()


@pytest.mark.gen_test
async def test_the_stream_says_that_it_is_not_to_be_kept(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    answer = await stream(api, task_id, (await view_of(api, task_id))["ticket"])
    expected = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": "inline",
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        "Referrer-Policy": "no-referrer",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert not {"Etag", "Last-Modified", "Content-Encoding"} & set(answer.headers)


@pytest.mark.gen_test
async def test_ranges_are_cut_exactly(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    ticket, size = view["ticket"], view["size"]
    whole = (await stream(api, task_id, ticket)).body
    assert size > 90_000 > PIECE_BYTES
    for header, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, size),
        ("bytes=60000-90000", 60000, 90001),
        (f"bytes={size - 1}-", size - 1, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=5-{size + 5}", 5, size),
    ):
        answer = await stream(api, task_id, ticket, Range=header)
        assert (answer.code, answer.body) == (206, whole[start:end])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    for header in ("bytes=b-a", "bytes=9-3", "bytes=0-1,5-6", "lines=0-1"):
        answer = await stream(api, task_id, ticket, Range=header)
        assert (answer.code, answer.body) == (200, whole)
    assert (await stream(api, task_id, ticket, Range="bytes=0-1", If_Range='"x"')).code == 200
    for header in (f"bytes={size}-", "bytes=-0"):
        answer = await stream(api, task_id, ticket, Range=header)
        assert (answer.code, code(answer)) == (416, "range_not_satisfiable")
        assert answer.headers["Content-Range"] == f"bytes */{size}"


# Who is refused, and in which order


@pytest.mark.gen_test
async def test_refusals_come_in_their_order(site: WatchSite, master: Path) -> None:
    api, nobody = await site.api(), Api(site.url)
    task_id, foreign = await site.add_video(master), await site.add_video(master, site.owner(await site.api()))
    waiting = (await site.add_task()).task_id
    assert code(await stream(nobody, UNKNOWN)) == "not_found"
    assert code(await stream(api, foreign)) == "not_found"
    assert code(await stream(nobody, waiting)) == "not_ready"
    assert code(await stream(nobody, task_id)) == "no_session"
    assert code(await stream(api, task_id)) == "watch_only"
    ticket = (await view_of(api, task_id))["ticket"]
    assert code(await stream(api, task_id, ticket[:-1] + "x")) == "ticket_refused"
    assert (await stream(api, task_id, ticket)).code == 200
    for gone, expected in ((False, "video_missing"), (True, "expired")):
        task = await site.server.store.get(task_id)
        site.server.media.remove_run(task.video_key)
        if gone:
            await site.server.moves.remove_files(task)
        for answer in (
            await stream(api, task_id, ticket),
            await stream(nobody, task_id),
            await api.request("POST", f"/api/video/{task_id}/view", body=""),
        ):
            assert (answer.code, code(answer)) == (410, expected)


@pytest.mark.gen_test
async def test_a_task_without_a_video_cannot_be_watched(site: WatchSite) -> None:
    api = await site.api()
    task = await site.add_task()
    for refused, may_come in (("not_ready", True), ("no_video", False)):
        if not may_come:
            await site.server.moves.cancel(task)
        status, refusal = await api.call("POST", f"/api/video/{task.task_id}/view", body="")
        assert (status, refusal["code"], refusal["retryable"]) == (409, refused, may_come)


@pytest.mark.gen_test
async def test_the_preview_of_a_task_that_has_ended_is_over_and_not_to_come(site: WatchSite, master: Path) -> None:
    api = await site.api()
    succeeded, waiting = await site.add_video(master), await site.add_task()
    preview = f"/api/video/{waiting.task_id}/preview"
    status, refusal = await api.call("GET", preview)
    assert (status, refusal["code"], refusal["retryable"]) == (409, "not_ready", True)
    await site.server.moves.cancel(waiting)
    for ended in (preview, f"/api/video/{succeeded}/preview"):
        status, refusal = await api.call("GET", ended)
        assert (status, refusal["code"], refusal["retryable"]) == (410, "preview_over", False)


@pytest.mark.gen_test
async def test_without_a_session_nothing_can_be_watched(site: WatchSite, master: Path) -> None:
    task_id = await site.add_video(master)
    answer = await Api(site.url).request("POST", f"/api/video/{task_id}/view", body="")
    assert (answer.code, code(answer)) == (401, "no_session")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.gen_test
async def test_only_a_fetch_by_the_page_itself_gets_the_stream(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    fetch = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
    assert (await stream(api, task_id, ticket, **fetch)).code == 200
    assert (await stream(api, task_id, ticket, **{**fetch, "Sec_Fetch_Mode": "same-origin"})).code == 200
    for changed in (
        {"Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Dest": "video"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ):
        answer = await stream(api, task_id, ticket, **{**fetch, **changed})
        assert (answer.code, code(answer)) == (403, "watch_only")


@pytest.mark.gen_test
async def test_a_stolen_ticket_opens_nothing(site: WatchSite, master: Path) -> None:
    task_id, other = await site.add_video(master), await site.add_video(master)
    api, thief = await site.api(), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    assert code(await stream(thief, task_id, ticket)) == "ticket_refused"
    assert code(await stream(api, other, ticket)) == "ticket_refused"
    assert code(await stream(Api(site.url), task_id, ticket)) == "no_session"
    assert (await site.ask_key(await site.connect(thief), ticket))["code"] == "ticket_refused"
    assert "key" in await site.ask_key(await site.connect(api), ticket)


@pytest.mark.gen_test
async def test_a_copied_request_is_worth_nothing_after_the_view(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    assert (await stream(api, task_id, view["ticket"])).code == 200
    site.clock.seconds += LIFE_SECONDS
    assert code(await stream(api, task_id, view["ticket"])) == "ticket_refused"
    assert (await site.ask_key(await site.connect(api), view["ticket"]))["code"] == "ticket_refused"
