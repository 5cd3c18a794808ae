"""Watching over HTTP: who is refused and in which order, what is sent, and the key on the socket."""

import asyncio
import base64
import io
import json
import logging
import socket as sockets
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from leyline.errors import DatabaseBusy
from leyline.watching import views as views_module
from leyline.watching.cenc import Encrypted, encrypt
from tests.live_server import Api, Socket
from tests.watch_site import WatchSite, make_master, packets
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


async def ask_key(socket: Socket, ticket: Any) -> dict[str, Any]:
    """What the socket answers to `view_key`: the key's data, or the error's."""
    await socket.say("view_key", ticket=ticket)
    while (message := await socket.next())["event"] not in ("view_key", "error"):
        pass
    return message["data"]


def bytes_of(base64url: str) -> bytes:
    return base64.urlsafe_b64decode(base64url + "==")


# A view from its opening to its key


@pytest.mark.gen_test
async def test_a_view_with_its_key_is_the_video_and_its_stream_alone_is_not(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    answer = await stream(api, task_id, view["ticket"])
    key = await ask_key(await site.connect(api), view["ticket"])
    assert answer.code == 200 and len(answer.body) == view["size"]
    assert key["kid"] == view["kid"]
    assert packets(io.BytesIO(answer.body), bytes_of(key["key"])) == packets(master)
    assert packets(io.BytesIO(answer.body)) != packets(master)


@pytest.mark.gen_test
async def test_opening_a_view_says_all_that_a_player_needs_and_sets_no_cookie(
    site: WatchSite, master: Path
) -> None:
    task_id, api = await site.add_video(master), await site.api()
    answer = await api.request("POST", f"/api/video/{task_id}/view", body="")
    view = json.loads(answer.body)
    assert {"ticket", "kid", "codec", "size", "expires_at"} <= set(view)
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
    assert (await ask_key(await site.connect(thief), ticket))["code"] == "ticket_refused"
    assert "key" in await ask_key(await site.connect(api), ticket)


@pytest.mark.gen_test
async def test_a_copied_request_is_worth_nothing_after_the_view(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    assert (await stream(api, task_id, view["ticket"])).code == 200
    site.clock.seconds += 60
    assert code(await stream(api, task_id, view["ticket"])) == "ticket_refused"
    assert (await ask_key(await site.connect(api), view["ticket"]))["code"] == "ticket_refused"
    assert site.views.held_bytes == 0


# The key


@pytest.mark.gen_test
async def test_a_key_is_told_once_and_to_one_asker(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    pages = [await site.connect(api) for _ in range(3)]
    answers = await asyncio.gather(*(ask_key(page, ticket) for page in pages))
    assert sorted("key" in answer for answer in answers) == [False, False, True]
    refused = [answer for answer in answers if "key" not in answer]
    assert all(answer["code"] == "key_used" and answer["ticket"] == ticket for answer in refused)


@pytest.mark.gen_test
async def test_a_refused_key_says_whether_to_ask_again(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise DatabaseBusy

    task_id, api = await site.add_video(master), await site.api()
    ticket, page = (await view_of(api, task_id))["ticket"], await site.connect(api)
    monkeypatch.setattr(site.server.moves, "count_view", busy)
    answers = [await ask_key(page, ticket) for _ in range(2)]
    told = [(answer["code"], answer["retryable"], answer["ticket"]) for answer in answers]
    assert told == [("database_busy", True, ticket), ("key_used", False, ticket)]


@pytest.mark.gen_test
async def test_a_key_is_asked_for_with_a_ticket(site: WatchSite, master: Path) -> None:
    api = await site.api()
    socket = await site.connect(api)
    for nonsense in (None, 7, [], {}):
        assert (await ask_key(socket, nonsense))["code"] == "bad_request"
    assert (await ask_key(socket, "no.ticket"))["code"] == "ticket_refused"
    assert (await ask_key(await site.connect(Api(site.url)), "no.ticket"))["code"] == "no_session"


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
    await page.say("view_key", ticket=view["ticket"])
    heard = await page.until("task_status", lambda task: task.get("views") == 1)
    assert heard["task_id"] == task_id
    line = next(record.getMessage() for record in caplog.records if "event=view " in record.getMessage())
    assert task_id in line and site.owner(api) in line
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert view["ticket"] not in log and view["ticket"].partition(".")[2] not in log


@pytest.mark.gen_test
async def test_the_key_of_a_deleted_task_is_not_told(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    socket = await site.connect(api)
    assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
    assert (await ask_key(socket, ticket))["code"] == "not_found"


# What it costs


@pytest.mark.gen_test
async def test_others_are_answered_while_a_video_is_encrypted(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, api = await site.add_video(master), await site.api()
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(path: Path) -> Any:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return encrypt(path)

    monkeypatch.setattr(views_module, "encrypt", slow)
    opening = asyncio.create_task(view_of(api, task_id))
    await begun.wait()
    assert (await api.request("GET", "/healthz")).code == 200
    assert not opening.done()
    go_on.set()
    await opening


@pytest.mark.alone
@pytest.mark.gen_test(timeout=90)
async def test_a_view_of_six_seconds_of_720p_costs_at_most_50_ms(site: WatchSite, tmp_path: Path) -> None:
    large = await asyncio.to_thread(make_master, tmp_path / "large.mp4", 6, 1280, 720)

    def cost() -> float:
        begun = time.thread_time()
        encrypt(large)
        return time.thread_time() - begun

    costs = [await asyncio.to_thread(cost) for _ in range(9)]
    assert min(costs) <= 0.050, costs  # a busy machine slows down what computes, too


@pytest.mark.gen_test
async def test_a_view_that_lost_its_place_stops_in_the_middle_of_its_stream(
    site: WatchSite, master: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Encrypted(bytes(32_000_000), bytes(16), bytes(16), "avc1.4d401f", 2.0, ((0.0, 10),))
    monkeypatch.setattr(views_module, "encrypt", lambda master: large)
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    reader, writer = await slow_reader(site, api, task_id, view["ticket"])
    head = await reader.readuntil(b"\r\n\r\n")
    assert f"Content-Length: {view['size']}".encode() in head
    site.clock.seconds += 60
    site.views.sweep()
    rest = await reader.read(-1)
    writer.close()
    assert 0 < len(rest) < view["size"]
    assert site.views.held_bytes == 0
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def slow_reader(site: WatchSite, api: Api, task_id: str, ticket: str) -> tuple[Any, Any]:
    """A connection that has asked for the stream, with so little room that the server has to wait for it."""
    plain = sockets.socket()
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=4096)
    lines = (f"GET /api/video/{task_id}/video HTTP/1.1", f"Host: localhost:{site.port}", f"Cookie: {api.cookie}")
    writer.write("\r\n".join([*lines, f"X-Leyline-Ticket: {ticket}", "", ""]).encode())
    return reader, writer
