"""Watching over HTTP: who is refused and in which order, what is sent, and the key on the socket."""

import asyncio
import errno
import gc
import io
import json
import logging
import socket as sockets
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from leyline.errors import DatabaseBusy
from leyline.media import Part
from leyline.watching import ledger as ledger_module
from leyline.watching import masters as masters_module
from leyline.watching.master import Master
from leyline.watching.views import LIFE_SECONDS, Showing, View, base64url, from_base64url
from tests.live_server import Api
from tests.watch_site import EARLIER, KeyPair, WatchSite, make_master, packets
from web.videos import PIECE_BYTES

UNKNOWN = "0" * 32


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", crf=1)


@pytest.fixture
def site(io_loop: Any, tmp_path: Path) -> AsyncIterator[WatchSite]:
    site = WatchSite(tmp_path / "data")
    io_loop.run_sync(site.start)
    yield site
    io_loop.run_sync(site.stop)


async def view_of(api: Api, task_id: str) -> dict[str, Any]:
    status, view = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert status == 200, view
    return view


async def stream(api: Api, task_id: str, ticket: str = "", **headers: str) -> HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.request(
        "GET", f"/api/video/{task_id}/video", headers={**({"X-Leyline-Ticket": ticket} if ticket else {}), **named}
    )


def code(answer: HTTPResponse) -> str:
    return str(json.loads(answer.body)["code"])


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
    assert set(view) == {"ticket", "kid", "codec", "size", "seconds", "segments", "without_eme", "expires_at"}
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
    for canceled in (False, True):
        if canceled:
            await site.server.moves.cancel(task)
        status, refusal = await api.call("POST", f"/api/video/{task.task_id}/view", body="")
        assert (status, refusal["code"]) == (409, "not_ready")


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


# The key


@pytest.mark.gen_test
async def test_a_key_is_told_once_and_to_one_asker(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    pages = [await site.connect(api) for _ in range(3)]
    answers = await asyncio.gather(*(site.ask_key(page, ticket) for page in pages))
    assert sorted("key" in answer for answer in answers) == [False, False, True]
    refused = [answer for answer in answers if "key" not in answer]
    assert all(answer["code"] == "key_used" and answer["ticket"] == ticket for answer in refused)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_no_message_holds_a_key_that_opens_anything(site: WatchSite, master: Path) -> None:
    """Whoever reads along, in the developer tools or on the way, has both public halves and the wrapped key."""
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    body = (await stream(api, task_id, view["ticket"])).body
    page = await site.connect(api)
    key = (await site.ask_key(page, view["ticket"]))["key"]
    said = next(message["data"] for message in page.heard if message["event"] == "view_key")
    assert set(said) == {"kid", "public", "wrapped"}
    seen = json.dumps([view, page.heard])
    assert base64url(key) not in seen and key.hex() not in seen
    words = [from_base64url(value) for value in said.values()]
    for tried in {word[at : at + 16] for word in words for at in range(len(word) - 15)}:
        assert packets(io.BytesIO(body), tried) != packets(master)
    assert packets(io.BytesIO(body), key) == packets(master)


@pytest.mark.gen_test
async def test_a_busy_database_spends_no_view_at_whatever_step(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket, page = (await view_of(api, task_id))["ticket"], await site.connect(api)
    write = site.server.store.database.write

    def failing(fail_at: int) -> Any:
        writes = iter(range(100))

        async def write_or_fail(*work: Any) -> Any:
            if next(writes) == fail_at:
                raise DatabaseBusy
            return await write(*work)

        return write_or_fail

    for fail_at in (0, 1):
        monkeypatch.setattr(site.server.store.database, "write", failing(fail_at))
        refusal = await site.ask_key(page, ticket)
        assert (refusal["code"], refusal["retryable"], refusal["ticket"]) == ("database_busy", True, ticket)
        assert (await api.status(task_id))["views"] == 0
    monkeypatch.setattr(site.server.store.database, "write", write)
    assert "key" in await site.ask_key(page, ticket)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_a_view_opened_again_by_the_same_browser_counts_once_an_hour(site: WatchSite, master: Path) -> None:
    api, other = await site.api(), await site.api()
    task_id = await site.add_video(master)
    keys = []
    for browser, passed, views in (
        (api, 0, 1),
        (api, 1800, 1),
        (api, 1799, 1),
        (other, 0, 2),
        (api, 2, 3),
        (api, 2, 3),
    ):
        site.clock.seconds += passed
        answer = await site.ask_key(await site.connect(browser), (await view_of(browser, task_id))["ticket"])
        keys.append(answer["key"])
        assert (await api.status(task_id))["views"] == views
    assert len(set(keys)) == len(keys), "each opening has a key of its own"


@pytest.mark.gen_test
async def test_many_pages_of_one_browser_count_once_whoever_comes_first(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    pages = [(await site.connect(api), (await view_of(api, task_id))["ticket"]) for _ in range(8)]
    answers = await asyncio.gather(*(site.ask_key(page, ticket) for page, ticket in pages))
    assert all("key" in answer for answer in answers)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_what_was_told_is_remembered_over_a_restart(io_loop: Any, tmp_path: Path, master: Path) -> None:
    site = await WatchSite(tmp_path / "data").start()
    task_id, api = await site.add_video(master), await site.api()
    used, fresh = [(await view_of(api, task_id))["ticket"] for _ in range(2)]
    assert "key" in await site.ask_key(await site.connect(api), used)
    await site.stop()
    site = await WatchSite(tmp_path / "data").start()
    try:
        again = Api(site.url)
        again.cookie = api.cookie
        assert (await stream(again, task_id, used)).code == 200
        page = await site.connect(again)
        assert (await site.ask_key(page, used))["code"] == "key_used"
        assert "key" in await site.ask_key(page, fresh)
        assert (await again.status(task_id))["views"] == 1
    finally:
        await site.stop()


@pytest.mark.gen_test
async def test_at_the_limit_of_what_is_remembered_openings_are_refused_until_time_has_passed(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, api, other = await site.add_video(master), await site.api(), await site.api()
    monkeypatch.setattr(ledger_module, "MAX_TOLD", 3)
    monkeypatch.setattr(ledger_module, "MAX_TOLD_OF_SESSION", 2)
    tickets = [(await view_of(api, task_id))["ticket"] for _ in range(3)]
    page = await site.connect(api)
    answers = [await site.ask_key(page, ticket) for ticket in tickets]
    assert ["key" in answer for answer in answers] == [True, True, False]
    assert answers[2]["code"] == "views_busy" and answers[2]["retryable"]
    answer = await api.request("POST", f"/api/video/{task_id}/view", body="")
    assert (answer.code, code(answer), answer.headers["Retry-After"]) == (503, "views_busy", "60")
    assert "key" in await site.ask_key(await site.connect(other), (await view_of(other, task_id))["ticket"])
    stranger = await site.api()
    assert (await stranger.call("POST", f"/api/video/{task_id}/view", body=""))[1]["code"] == "views_busy"
    site.clock.seconds += 3600
    assert "key" in await site.ask_key(await site.connect(api), (await view_of(api, task_id))["ticket"])
    rows = await site.server.store.database.read(lambda c: c.execute("SELECT count(*) FROM views").fetchone()[0])
    assert rows == 1, "what is over is forgotten"


@pytest.mark.gen_test
async def test_a_key_is_asked_for_with_a_ticket(site: WatchSite, master: Path) -> None:
    api = await site.api()
    socket = await site.connect(api)
    for nonsense in (None, 7, [], {}):
        assert (await site.ask_key(socket, nonsense))["code"] == "bad_request"
    assert (await site.ask_key(socket, "no.ticket"))["code"] == "ticket_refused"
    task_id = await site.add_video(master)
    ticket = (await view_of(api, task_id))["ticket"]
    for public in (None, 7, "", "no base64", "A" * 42, base64url(bytes(32)), base64url(bytes(31)), [1], "é" * 43):
        await socket.say("view_key", ticket=ticket, public=public)
        assert (await socket.next())["data"]["code"] == "bad_request"
    assert (await api.status(task_id))["views"] == 0
    assert "key" in await site.ask_key(socket, ticket), "nonsense spent nothing"
    assert (await site.ask_key(await site.connect(Api(site.url)), "no.ticket"))["code"] == "no_session"


@pytest.mark.gen_test
async def test_a_view_counts_when_its_key_is_told_and_its_owner_hears_of_it(
    site: WatchSite, master: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api = await site.api()
    task_id = await site.add_video(master, site.owner(api))
    page = await site.connect(api)
    view = await view_of(api, task_id)
    assert (await api.status(task_id))["views"] == 0
    await page.say("view_key", ticket=view["ticket"], public=base64url(KeyPair().public))
    heard = await page.until("task_status", lambda task: task.get("views") == 1)
    assert heard["task_id"] == task_id
    line = next(record.getMessage() for record in caplog.records if "event=view " in record.getMessage())
    assert task_id in line and site.owner(api) in line
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert view["ticket"] not in log


@pytest.mark.gen_test
async def test_the_key_of_a_deleted_task_is_not_told(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    socket = await site.connect(api)
    assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
    assert (await site.ask_key(socket, ticket))["code"] == "not_found"


# Videos of earlier releases


@pytest.mark.gen_test
async def test_a_video_of_an_earlier_release_plays_and_is_laid_out_once(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def counted(video: Path, part: Part) -> None:
        made.append(video)
        lay_out(video, part)

    lay_out = masters_module.lay_out
    monkeypatch.setattr(masters_module, "lay_out", counted)
    earlier = make_master(tmp_path / "earlier.mp4", muxing=EARLIER)
    task_id, apis = await site.add_video(earlier), [await site.api() for _ in range(5)]
    views = await asyncio.gather(*(view_of(api, task_id) for api in apis))
    for api, view in zip(apis, views, strict=True):
        body = (await stream(api, task_id, view["ticket"])).body
        key = (await site.ask_key(await site.connect(api), view["ticket"]))["key"]
        assert packets(io.BytesIO(body), key) == packets(earlier)
    assert len(made) == 1
    assert not list((site.server.media.root / "tmp").iterdir())


@pytest.mark.gen_test
async def test_others_are_answered_while_an_earlier_video_is_laid_out(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await site.add_video(make_master(tmp_path / "earlier.mp4", muxing=EARLIER))
    api = await site.api()
    begun, go_on, lay_out = asyncio.Event(), threading.Event(), masters_module.lay_out
    loop = asyncio.get_running_loop()

    def slow(video: Path, part: Part) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        lay_out(video, part)

    monkeypatch.setattr(masters_module, "lay_out", slow)
    opening = asyncio.create_task(view_of(api, task_id))
    await begun.wait()
    assert (await api.request("GET", "/healthz")).code == 200
    assert not opening.done()
    go_on.set()
    await opening


@pytest.mark.gen_test
async def test_an_earlier_video_deleted_while_it_is_laid_out_does_not_come_back(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await site.add_video(make_master(tmp_path / "earlier.mp4", muxing=EARLIER))
    api, lay_out = await site.api(), masters_module.lay_out

    def deleted_meanwhile(video: Path, part: Part) -> None:
        lay_out(video, part)
        video.unlink()

    monkeypatch.setattr(masters_module, "lay_out", deleted_meanwhile)
    status, refusal = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert (status, refusal["code"]) == (410, "video_missing")
    assert not list((site.server.media.root / "videos").iterdir())
    assert not list((site.server.media.root / "tmp").iterdir())


@pytest.mark.gen_test
async def test_an_earlier_video_that_no_disk_takes_says_so_and_stays(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = make_master(tmp_path / "earlier.mp4", muxing=EARLIER)
    task_id, api = await site.add_video(earlier), await site.api()

    def full(video: Path, part: Part) -> None:
        part.append(b"begun")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(masters_module, "lay_out", full)
    status, refusal = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert (status, refusal["code"]) == (507, "disk_low")
    monkeypatch.undo()
    assert await view_of(api, task_id)
    assert not list((site.server.media.root / "tmp").iterdir())


# What it costs


@pytest.mark.gen_test
async def test_no_view_ends_because_others_watch_and_none_is_kept(site: WatchSite, master: Path) -> None:
    """A hundred views at once: counted in what the server holds, not in time."""
    task_id, api = await site.add_video(master), await site.api()
    first = (await view_of(api, task_id))["ticket"]
    before = held()
    browsers = [await site.api() for _ in range(10)]
    tickets = [(await view_of(browser, task_id))["ticket"] for browser in browsers for _ in range(10)]
    assert (await stream(api, task_id, first)).code == 200
    answers = [await stream(browsers[at // 10], task_id, ticket) for at, ticket in enumerate(tickets)]
    assert all(answer.code == 200 for answer in answers)
    assert held() == before == (0, 0)


def held() -> tuple[int, int]:
    """How many views this process keeps, and how many videos it has open."""
    gc.collect()
    open_files = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    views = sum(isinstance(found, View | Master | Showing) for found in gc.get_objects())
    return views, sum(name.endswith(".mp4") for name in open_files)


@pytest.mark.gen_test
async def test_a_slow_reader_costs_one_piece_and_is_cut_off_when_the_video_is_over(
    site: WatchSite, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = await asyncio.to_thread(make_master, tmp_path / "large.mp4", 12, 1280, 720, crf=1)
    read, pieces = Master.read, []

    def counted(master: Master, start: int, end: int, key: bytes, kid: bytes) -> bytes:
        pieces.append(end - start)
        return read(master, start, end, key, kid)

    monkeypatch.setattr(Master, "read", counted)
    owner = await site.api()
    task_id = await site.add_video(large, site.owner(owner))
    _, link = await owner.call("POST", f"/api/video/{task_id}/links", body="{}")
    guest = Api(site.url)
    guest.cookie = (
        (await guest.request("GET", link["url"].removeprefix(site.url))).headers["Set-Cookie"].partition(";")[0]
    )
    by_link = link["url"].removeprefix(site.url).replace("/watch/", "/api/watch/")

    async def ends_when(api: Api, address: str, over: Any) -> None:
        """Begin to read, let the view's end come, and read to the cut."""
        _, view = await api.call("POST", f"{address}/view", body="")
        pieces.clear()
        reader, writer = await slow_reader(site, api, f"{address}/video", view["ticket"])
        head = await reader.readuntil(b"\r\n\r\n")
        assert f"Content-Length: {view['size']}".encode() in head
        await over()
        rest = await reader.read(-1)
        writer.close()
        assert 0 < len(rest) < view["size"] and max(pieces) <= PIECE_BYTES
        assert sum(pieces) < view["size"] / 2

    async def its_time_passes() -> None:
        site.clock.seconds += LIFE_SECONDS

    async def the_link_is_revoked() -> None:
        await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")

    async def the_video_is_deleted() -> None:
        assert (await owner.request("DELETE", f"/api/video/{task_id}")).code == 204

    own = f"/api/video/{task_id}"
    await ends_when(owner, own, its_time_passes)
    await ends_when(guest, by_link, the_link_is_revoked)
    await ends_when(owner, own, the_video_is_deleted)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def slow_reader(site: WatchSite, api: Api, address: str, ticket: str) -> tuple[Any, Any]:
    """A connection that has asked for the stream, with so little room that the server has to wait for it."""
    plain = sockets.socket()
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=4096)
    lines = (f"GET {address} HTTP/1.1", f"Host: localhost:{site.port}", f"Cookie: {api.cookie}")
    writer.write("\r\n".join([*lines, f"X-Leyline-Ticket: {ticket}", "", ""]).encode())
    return reader, writer
