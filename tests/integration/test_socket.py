"""The WebSocket as such: who may open one, what breaks it, who is dropped, and that others notice nothing."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline.line.tasks import Task
from tests.live_server import LiveServer, form
from tests.pictures import photo
from tests.raw import CLOSE, DEADLINE_SECONDS, PONG, TEXT, Answer, Connection, until, websocket_frame
from tests.raw import PING as PING_FRAME
from tests.watch_site import WatchSite
from web.greeting import SNAPSHOT_FINISHED
from web.sessions import Caller
from web.sockets import FRAMES_AT_ONCE, MOST_PER_SESSION, MOST_WITHOUT_SESSION, Sockets

TASK_ID = "0123456789abcdef" * 2
SLACK = 12.0  # seconds that a busy machine may be late


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("socket") / "data", model_seconds=600) as running:
        yield running
        log = running.log()
    assert "event=bug" not in log and "Traceback" not in log and "never retrieved" not in log
    assert "was destroyed" not in log


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[LiveServer]:
    running = LiveServer(tmp_path / "data", model_seconds=600)
    running.command = (sys.executable, "-m", "tests.impatient", "serve")
    with running:
        yield running


class Page:
    """A page's socket."""

    def __init__(self, server: LiveServer, early: bytes = b"", **headers: str) -> None:
        self.connection = Connection(server.url)
        assert self.connection.upgrade(early=early, **headers).answer().status == 101

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def hear(self, event: str) -> Any:
        """The data of the next such message; pings are answered on the way."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            assert time.monotonic() < deadline, f"no {event!r} within {DEADLINE_SECONDS} s"
            opcode, payload = self.connection.frame()
            if opcode == PING_FRAME:
                self.connection.send(websocket_frame(PONG, payload))
            elif opcode == TEXT and (message := json.loads(payload))["event"] == event:
                return message["data"]
            elif opcode == CLOSE:
                raise EOFError

    def say(self, event: str, **data: Any) -> None:
        self.connection.send(command(event, **data))


def command(event: str, **data: Any) -> bytes:
    """The frame that says it."""
    return websocket_frame(TEXT, json.dumps({"event": event, "data": data}).encode())


def upload(server: LiveServer, cookie: str = "") -> str:
    """The id of a new task."""
    body, content_type = form(photo())
    headers = {"Cookie": cookie} if cookie else {}
    with Connection(server.url) as connection:
        answer = connection.request(
            "POST", "/api/video/upload/", body, Content_Type=content_type, **headers
        ).answer()
    assert answer.status == 202
    task_id: str = answer.json["task_id"]
    return task_id


def session(server: LiveServer) -> str:
    with Connection(server.url) as connection:
        return connection.request("GET", "/").answer().headers["set-cookie"].partition(";")[0]


def lives(server: LiveServer) -> None:
    with Page(server) as page:
        page.hear("snapshot")


# Who may open one


@pytest.mark.parametrize(
    "origin", ["http://example.org", "https://localhost.example.org", "null", "http://localhost:1", "http://[", "*"]
)
def test_another_sites_page_gets_no_socket(server: LiveServer, origin: str) -> None:
    with Connection(server.url) as connection:
        answer = connection.upgrade(Origin=origin).answer()
    assert (answer.status, answer.json["code"]) == (403, "cross_origin")


def test_the_browsers_word_that_it_is_another_site_is_enough(server: LiveServer) -> None:
    for site in ("cross-site", "same-site"):
        with Connection(server.url) as connection:
            assert connection.upgrade(**{"Sec-Fetch-Site": site}).answer().status == 403


def test_our_own_page_and_scripts_get_one(server: LiveServer) -> None:
    for headers in ({}, {"Origin": server.url}, {"Origin": "http://example.org", "Sec-Fetch-Site": "same-origin"}):
        with Connection(server.url) as connection:
            assert connection.upgrade(**headers).answer().status == 101


def test_a_session_has_so_many_sockets_and_one_that_closes_makes_room(server: LiveServer) -> None:
    cookie = session(server)
    pages = [Page(server, Cookie=cookie) for _ in range(MOST_PER_SESSION)]
    with Connection(server.url) as connection:
        answer = connection.upgrade(Cookie=cookie).answer()
    assert (answer.status, answer.json["code"]) == (429, "client_limit")
    lives(server)
    pages.pop().connection.close()
    until(lambda: is_let_in(server, cookie), "room for one more")
    for page in pages:
        page.connection.close()


def test_a_network_has_so_many_sockets_without_a_session(tmp_path: Path) -> None:
    def asked(address: str, **headers: str) -> Answer:
        with Connection(server.url) as connection:
            return connection.upgrade(X_Forwarded_For=address, **headers).answer()

    with LiveServer(tmp_path / "data", trusted_proxies="127.0.0.1") as server:
        pages = [Page(server, X_Forwarded_For=f"2001:db8::{number:x}") for number in range(MOST_WITHOUT_SESSION)]
        refused = asked("2001:db8::ffff")
        assert (refused.status, refused.json["code"]) == (429, "client_limit")
        assert "network" in refused.json["detail"]
        assert asked("2001:db8:0:1::1").status == 101, "another network"
        assert asked("2001:db8::ffff", Cookie=session(server)).status == 101, "a session counts for itself"
        pages.pop().connection.close()
        until(lambda: asked("2001:db8::ffff").status == 101, "room for one more")
        own = [Page(server) for _ in range(MOST_WITHOUT_SESSION + 1)]  # this machine itself tells nobody apart
        for page in (*pages, *own):
            page.connection.close()


def is_let_in(server: LiveServer, cookie: str) -> bool:
    with Connection(server.url) as connection:
        return connection.upgrade(Cookie=cookie).answer().status == 101


def test_a_page_is_told_whether_its_session_has_come_with_it(server: LiveServer) -> None:
    with Page(server) as nobody, Page(server, Cookie=session(server)) as somebody:
        assert nobody.hear("hello")["session"] is False
        assert somebody.hear("hello")["session"] is True


def test_what_came_with_the_handshake_is_heard_too(server: LiveServer) -> None:
    task_id = upload(server)
    with Page(server, early=command("subscribe", task_ids=[task_id])) as page:
        page.hear("snapshot")
        assert page.hear("task_status")["task_id"] == task_id


def call(server: LiveServer, cookie: str, method: str, path: str) -> Any:
    with Connection(server.url) as connection:
        return connection.request(method, f"/api/video/{path}", Cookie=cookie).answer().json


def test_a_snapshot_tells_where_the_list_goes_on_after_it(server: LiveServer) -> None:
    cookie = session(server)
    made = [upload(server, cookie)]
    for _ in range(SNAPSHOT_FINISHED):
        call(server, cookie, "POST", f"{made[-1]}/cancel")
        made.append(call(server, cookie, "POST", f"{made[-1]}/retry")["task_id"])
    with Page(server, Cookie=cookie) as page:
        snapshot = page.hear("snapshot")
        assert (len(snapshot["tasks"]), snapshot["next"]) == (SNAPSHOT_FINISHED + 1, None)
    call(server, cookie, "POST", f"{made[-1]}/cancel")
    with Page(server, Cookie=cookie) as page:
        snapshot = page.hear("snapshot")
    assert [task["task_id"] for task in snapshot["tasks"]] == made[:0:-1]
    rest = call(server, cookie, "GET", f"?before={snapshot['next']}")
    assert ([task["task_id"] for task in rest["tasks"]], rest["next"]) == (made[:1], None)


# What breaks one

BREAKS = {
    "a reserved bit": websocket_frame(TEXT, b"{}", reserved=4),
    "an unknown opcode": websocket_frame(3, b""),
    "an unknown control frame": websocket_frame(11, b""),
    "a control frame in pieces": websocket_frame(PING_FRAME, b"", final=False),
    "a large control frame": websocket_frame(PING_FRAME, b"x" * 126),
    "a piece of nothing": websocket_frame(0, b"x"),
    "a message within a message": websocket_frame(TEXT, b"{", final=False) + websocket_frame(TEXT, b"}"),
    "text that is none": websocket_frame(TEXT, b"\xff\xfe"),
    "a message of 5 kB": websocket_frame(TEXT, b"x" * 5000),
    "a message of 5 kB in pieces": websocket_frame(TEXT, b"x" * 4000, final=False)
    + websocket_frame(0, b"x" * 1000),
    "a message that claims 2^63 bytes": bytes((0x81, 0xFF)) + b"\x7f" + b"\xff" * 7,
    "a close of one byte": websocket_frame(CLOSE, b"x"),
    "a close with a broken reason": websocket_frame(CLOSE, b"\x03\xe8\xff\xfe"),
    "a close": websocket_frame(CLOSE, b"\x03\xe8"),
    "a message without a mask": websocket_frame(TEXT, b'{"event": "ping"}', masked=False),
    "a piece without a mask": websocket_frame(TEXT, b"{", final=False, masked=False),
    "a pong without a mask": websocket_frame(PONG, b"", masked=False),
    "a close without a mask": websocket_frame(CLOSE, b"\x03\xe8", masked=False),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_frame_ends_its_socket_and_no_other(server: LiveServer, name: str) -> None:
    with Page(server) as other, Page(server) as page:
        page.hear("snapshot")
        page.connection.send(BREAKS[name])
        assert page.connection.seconds_until_closed() < SLACK
        other.hear("snapshot")
        other.say("ping")
        assert other.hear("pong")["server_time"]


def test_what_comes_without_a_mask_is_not_obeyed(server: LiveServer) -> None:
    with Page(server) as page:
        page.hear("snapshot")
        page.connection.send(websocket_frame(TEXT, b'{"event": "ping"}', masked=False) + command("ping"))
        assert b"pong" not in page.connection.rest()


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_a_close_with_a_code_that_must_not_be_sent_ends_the_socket_and_is_not_echoed(
    server: LiveServer, code: int
) -> None:
    with Page(server) as page:
        page.hear("snapshot")
        said = code.to_bytes(2, "big")
        page.connection.send(websocket_frame(CLOSE, said))
        assert not page.connection.rest().endswith(said)


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_a_close_that_may_be_said_is_answered(server: LiveServer, code: int) -> None:
    with Page(server) as page:
        page.hear("snapshot")
        said = code.to_bytes(2, "big")
        page.connection.send(websocket_frame(CLOSE, said + "tschüß".encode()))
        assert page.connection.rest().endswith(bytes((0x80 | CLOSE, 2)) + said)


MISTAKES = {
    "no JSON": b"hello",
    "nothing": b"",
    "a list": b"[]",
    "no event": b"{}",
    "an event that is no word": b'{"event": 5}',
    "an unknown event": b'{"event": "launch"}',
    "data that are none": b'{"event": "ping", "data": []}',
    "4,000 deep": b"[" * 4000,
    "half a character": b'{"event": "subscribe", "data": {"task_ids": ["\\ud800"]}}',
    "no ids": b'{"event": "subscribe", "data": {}}',
    "ids that are none": b'{"event": "subscribe", "data": {"task_ids": [5]}}',
    "101 ids": json.dumps({"event": "subscribe", "data": {"task_ids": ["a"] * 101}}).encode(),
    "no ticket": b'{"event": "view_key", "data": {}}',
    "a ticket that is none": '{"event": "view_key", "data": {"ticket": "ünicode"}}'.encode(),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_the_socket_goes_on(server: LiveServer, name: str) -> None:
    with Page(server) as page:
        page.hear("snapshot")
        page.connection.send(websocket_frame(TEXT, MISTAKES[name]))
        error = page.hear("error")
        assert error["code"] in ("bad_request", "ticket_refused", "no_session") and error["title"]
        page.say("ping")
        assert page.hear("pong")


def test_a_client_that_leaves_at_any_moment_leaves_nothing_behind(server: LiveServer) -> None:
    for _ in range(30):
        Connection(server.url).upgrade().close()
        with Page(server):
            pass
        with Page(server) as page:
            page.say("ping")
    until(lambda: open_sockets(server) == 0, "no socket left")


def open_sockets(server: LiveServer) -> int:
    with Connection(server.url) as connection:
        body = connection.request("GET", "/metrics").answer().body.decode()
    return int(float(next(line for line in body.splitlines() if line.startswith("leyline_sockets ")).split()[1]))


# Whom it tells


def test_what_is_not_yours_is_never_heard_of(server: LiveServer) -> None:
    mine, theirs = session(server), session(server)
    with Page(server, Cookie=mine) as me, Page(server, Cookie=theirs) as they, Page(server) as nobody:
        for page in (me, they, nobody):
            assert page.hear("snapshot")["tasks"] == []
        task_id = upload(server, theirs)
        assert they.hear("task_status")["task_id"] == task_id
        for page in (me, nobody):
            page.say("subscribe", task_ids=[task_id, TASK_ID])
            assert page.hear("error")["task_ids"] == [task_id, TASK_ID], "not yours is like never was"
        with Connection(server.url) as connection:
            connection.request("POST", f"/api/video/{task_id}/cancel", Cookie=theirs).answer()
        while they.hear("task_status").get("status") != "canceled":
            pass
        for page in (me, nobody):
            page.say("ping")
            while (opcode_and_payload := page.connection.frame())[0] != TEXT or b'"pong"' not in opcode_and_payload[
                1
            ]:
                assert task_id.encode() not in opcode_and_payload[1]


def test_a_task_without_an_owner_is_heard_of_by_who_knows_its_id(server: LiveServer) -> None:
    task_id = upload(server)
    with Page(server) as page:
        assert page.hear("snapshot")["tasks"] == []
        page.say("subscribe", task_ids=[task_id])
        assert page.hear("task_status")["task_id"] == task_id


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_who_asks_to_hear_of_a_task_while_it_is_deleted_hears_that_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await WatchSite(tmp_path / "data").start()
    try:
        task = await site.add_task()
        socket = await site.connect(await site.api())

        async def deleted_meanwhile(task_id: str) -> Task | None:
            monkeypatch.undo()
            found = await site.server.store.get(task_id)
            await site.server.retention.delete(task)
            return found

        site.server.events.rows.doubt()  # so that it is read
        monkeypatch.setattr(site.server.store, "get", deleted_meanwhile)
        await socket.say("subscribe", task_ids=[task.task_id])
        assert await socket.until("task_gone") == {"task_id": task.task_id}
    finally:
        await site.stop()


def test_a_socket_hears_of_so_many_tasks_by_id_and_no_more(server: LiveServer) -> None:
    with Page(server) as page:
        page.hear("snapshot")
        for _ in range(10):
            page.say("subscribe", task_ids=[f"{number:032x}" for number in range(100)])
            assert page.hear("error")["code"] == "not_found"


# Who is dropped


@pytest.mark.slow
def test_who_reads_nothing_is_dropped_and_who_reads_is_not(impatient: LiveServer) -> None:
    with Page(impatient) as deaf, Page(impatient) as listening:

        def only_one_is_left() -> bool:
            listening.say("ping")
            listening.hear("pong")  # and answers the server's pings on the way
            time.sleep(0.1)  # whoever says more is dropped, too
            return open_sockets(impatient) == 1

        until(only_one_is_left, "the deaf one dropped")
        deaf.connection.rest()
        listening.say("ping")
        assert listening.hear("pong")


FLOODS = {
    "pings": websocket_frame(PING_FRAME, b"x") * 2000,
    "pongs": websocket_frame(PONG, b"") * 2000,
    "commands": websocket_frame(TEXT, b'{"event": "ping"}') * 2000,
    "nonsense": websocket_frame(TEXT, b"nonsense") * 2000,
    "pieces of nothing": websocket_frame(TEXT, b"", final=False) + websocket_frame(0, b"", final=False) * 2000,
    "few frames of many bytes": websocket_frame(TEXT, b"x" * 4000) * (FRAMES_AT_ONCE - 10),
}


@pytest.mark.parametrize("name", FLOODS)
def test_who_floods_is_dropped_and_others_are_served_meanwhile(tmp_path: Path, name: str) -> None:
    with LiveServer(tmp_path / "data") as server, Page(server) as page:
        page.connection.send(FLOODS[name])
        assert page.connection.seconds_until_closed() < SLACK
        until(lambda: "event=flood" in server.log(), "its line")
        with Connection(server.url) as connection:
            assert connection.request("GET", "/healthz").answer().status == 200


def test_a_stopping_server_says_goodbye_and_waits_for_nobody(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server, Page(server) as page, Page(server):  # the second never reads
        page.hear("snapshot")
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10
        page.hear("bye")


class Listener:
    """An open socket as those know it who ask for signs of life."""

    def __init__(self, *, is_broken: bool) -> None:
        self.is_broken = is_broken
        self.asked = asyncio.Event()
        self.caller = Caller(None, "203.0.113.1", admitted=True)

    def ask_for_life(self) -> None:
        self.asked.set()
        if self.is_broken:
            raise RuntimeError("a bug")


@pytest.mark.gen_test
async def test_a_bug_at_one_socket_ends_the_asking_of_none(caplog: pytest.LogCaptureFixture) -> None:
    sockets = Sockets()
    sockets.ping_seconds = 0.01
    listeners = [Listener(is_broken=number % 2 == 0) for number in range(6)]
    for listener in listeners:
        sockets.add(listener)  # type: ignore[arg-type]
    pinging = asyncio.create_task(sockets.ping_for_ever())
    for _ in range(2):  # and again in the next round
        for listener in listeners:
            await listener.asked.wait()
            listener.asked.clear()
    pinging.cancel()
    assert "event=bug in=sockets" in caplog.text and "RuntimeError: a bug" in caplog.text
