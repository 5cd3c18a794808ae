"""HTTP as such: what every answer carries, whom the server answers to, how much it takes, how many it lets in."""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator

import pytest
from tornado.netutil import add_accept_handler

from leyline.errors import UnknownHost
from tests.live_server import LiveServer, form
from tests.pictures import photo
from tests.raw import Answer, Connection
from web import connections
from web.hosts import Hosts

TASK_ID = "0123456789abcdef" * 2
UPLOAD = "/api/video/upload/"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("http")
    settings = {"hosts": "pictures.example.org, other.example.org", "max_upload_mb": 2}
    with LiveServer(folder / "data", **settings) as running:
        yield running
        log = running.log()
    assert "event=bug" not in log and "Traceback" not in log


def ask(server: LiveServer, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    with Connection(server.url) as connection:
        return connection.request(method, path, body, **headers).answer()


# What every answer carries

ANSWERS: dict[str, tuple[int, Callable[[Connection], Connection]]] = {
    "the page": (200, lambda c: c.request("GET", "/")),
    "its head": (200, lambda c: c.request("HEAD", "/", Connection="close")),
    "a file": (200, lambda c: c.request("GET", "/static/app.js")),
    "a part of a file": (206, lambda c: c.request("GET", "/static/app.js", Range="bytes=0-9")),
    "a range past its end": (416, lambda c: c.request("GET", "/static/app.js", Range="bytes=99999999-")),
    "a file that is not there": (404, lambda c: c.request("GET", "/static/nothing.js")),
    "data": (200, lambda c: c.request("GET", "/api/queue")),
    "no address": (404, lambda c: c.request("GET", "/nothing")),
    "no method": (405, lambda c: c.request("PUT", "/api/queue")),
    "a foreign site": (403, lambda c: c.request("POST", "/api/session", b"{}", Origin="http://example.org")),
    "another host": (421, lambda c: c.request("GET", "/", Host="example.org")),
    "a malformed request": (400, lambda c: c.send(b"hello\r\n\r\n")),
    "a large upload": (413, lambda c: c.request("POST", UPLOAD, b"", Content_Length="99999999", Content_Type=FORM)),
    "a WebSocket": (101, lambda c: c.upgrade()),
    "no WebSocket": (400, lambda c: c.request("GET", "/api/video/events")),
    "a foreign WebSocket": (403, lambda c: c.upgrade(Origin="http://example.org")),
    "the numbers": (200, lambda c: c.request("GET", "/metrics")),
    "the description": (200, lambda c: c.request("GET", "/api/openapi.json")),
    "a link that never was": (404, lambda c: c.request("GET", f"/watch/{TASK_ID}")),
}
FORM = "multipart/form-data; boundary=leyline"


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_guarded_and_names_no_version(server: LiveServer, name: str) -> None:
    status, say = ANSWERS[name]
    with Connection(server.url) as connection:
        answer = say(connection).answer()
    assert answer.status == status
    policy = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy) and "*" not in str(policy)
    for header, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert answer.headers[header] == value
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == ("worker" if name in ("the page", "its head") else "'none'")
    for feature in ("camera", "microphone", "geolocation", "display-capture", "usb"):
        assert f"{feature}=()" in answer.headers["permissions-policy"].split(", ")
    assert "server" not in answer.headers and "x-powered-by" not in answer.headers
    assert "strict-transport-security" not in answer.headers, "that is the proxy's to say"
    if status >= 400 and name != "a link that never was":  # which is a page, too
        assert answer.headers["content-type"] == "application/problem+json; charset=UTF-8"
        assert answer.json["status"] == status


def test_the_page_is_kept_by_its_own_browser_alone_and_asked_for_again(server: LiveServer) -> None:
    assert ask(server, "GET", "/").headers["cache-control"] == "private, no-cache"


def test_what_has_not_changed_is_not_sent_again_and_guarded_all_the_same(server: LiveServer) -> None:
    tag = ask(server, "GET", "/static/app.js").headers["etag"]
    answer = ask(server, "GET", "/static/app.js", If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert "content-security-policy" in answer.headers


def test_a_head_is_its_get_without_the_body(server: LiveServer) -> None:
    found = dict.fromkeys(("/", "/api/queue", "/static/app.js", "/healthz"), b"200")
    for path, status in {**found, "/api/video/upload/": b"405"}.items():
        with Connection(server.url) as connection:
            everything = connection.request("HEAD", path, Connection="close").rest()
        head, _, body = everything.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status) and not body, path


def test_a_refused_question_leaves_its_connection_open_for_the_next(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        assert connection.request("GET", f"/api/video/{TASK_ID}/status").answer().status == 404
        assert connection.request("PUT", "/api/queue").answer().status == 405
        assert connection.request("GET", "/api/queue").answer().status == 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/api/queue/pause", "POST"),
        ("/api/video/upload/", "POST"),
        ("/api/video/upload", "POST"),
        (f"/api/video/{TASK_ID}", "DELETE"),
        (f"/api/video/{TASK_ID}/links", "GET, HEAD, POST"),
        ("/api/video/events", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(server: LiveServer, path: str, allowed: str) -> None:
    answer = ask(server, "PATCH", path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


# Whom the server answers to

EVERY_KIND_OF_ADDRESS = (
    *("/", "/static/app.js", "/healthz", "/metrics", "/nothing", "/api/queue", "/api/video/", "/api/openapi.json"),
    *(f"/api/video/{TASK_ID}/status", f"/api/video/{TASK_ID}/video", f"/watch/{TASK_ID}"),
)


@pytest.mark.parametrize("path", EVERY_KIND_OF_ADDRESS)
def test_no_address_answers_to_a_foreign_host_name(server: LiveServer, path: str) -> None:
    answer = ask(server, "GET", path, Host="rebound.example.com")
    assert (answer.status, answer.json["code"]) == (421, "unknown_host")
    assert "LEYLINE_HOSTS" in answer.json["detail"] and "rebound.example.com" in answer.json["detail"]


def test_uploads_and_sockets_answer_to_no_foreign_host_name_either(server: LiveServer) -> None:
    body, content_type = form(photo())
    assert ask(server, "POST", UPLOAD, body, Content_Type=content_type, Host="example.com").status == 421
    with Connection(server.url) as connection:
        assert connection.upgrade(Host="example.com").answer().status == 421


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "LOCALHOST:3000",
            "localhost.",
            "leyline.localhost",
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]:3000",
        ),
        *("192.168.1.20", "[fe80::1]", "pictures.example.org", "Pictures.Example.ORG:443", "other.example.org"),
    ],
)
def test_local_names_addresses_and_added_names_are_answered_to(server: LiveServer, host: str) -> None:
    assert ask(server, "GET", "/healthz", Host=host).status == 200


def test_the_machines_own_name_and_the_one_listened_on_are_answered_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Studio.lan")
    hosts = Hosts("", "front.example.org")
    for name in ("studio.lan", "studio.local:3000", "front.example.org"):
        hosts.check(name)
    for name in (
        "lan",
        "studio.example.org",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "",
        "[::1",
        "a:b:c",
    ):
        with pytest.raises(UnknownHost):
            hosts.check(name)


# How much the server takes


def test_a_file_that_is_too_large_is_refused_before_its_body_is_read(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        connection.request("POST", UPLOAD, Content_Type=FORM, Content_Length="30000000")
        answer = connection.answer()
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert (answer.json["limit"], answer.json["actual"]) == (2_000_000, 30_000_000)
    assert "30.0 MB" in answer.json["detail"] and "2 MB" in answer.json["detail"]


def test_who_sends_a_large_file_all_the_same_hears_why_it_was_refused(server: LiveServer) -> None:
    """A client that writes first and reads then, as browsers do, with more than the kernel would hold for it."""
    with Connection(server.url) as connection:
        connection.request("POST", UPLOAD, b"x" * 30_000_000, Content_Type=FORM)
        answer = connection.answer()
    assert (answer.status, answer.json["code"]) == (413, "too_large")


def test_who_sends_a_little_more_gets_the_answer_without_a_broken_connection(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        connection.request("POST", "/api/session", b"x" * 500_000)
        assert connection.answer().status == 413
        assert connection.rest() == b""


def test_a_client_that_waits_to_be_told_to_go_on_is_told_no(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        connection.request(
            "POST", UPLOAD, Content_Type=FORM, Content_Length="30000000", Expect="100-continue", Connection="close"
        )
        everything = connection.rest()
    assert everything.startswith(b"HTTP/1.1 413 ")
    assert everything.count(b"HTTP/1.1") == 1


def test_a_client_that_waits_to_be_told_to_go_on_is_told_to(server: LiveServer) -> None:
    body, content_type = form(photo())
    with Connection(server.url) as connection:
        connection.request(
            "POST", UPLOAD, Content_Type=content_type, Content_Length=str(len(body)), Expect="100-continue"
        )
        assert connection.until_told_to_go_on()
        assert connection.send(body).answer().status == 202


def test_a_body_without_a_length_is_counted_as_it_comes(server: LiveServer) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    start = b'--leyline\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    with Connection(server.url) as connection:
        connection.request("POST", UPLOAD, Content_Type=FORM, Transfer_Encoding="chunked")
        connection.send(b"%x\r\n" % len(start) + start + b"\r\n" + chunk * 40)
        answer = connection.answer()
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert "more than" in answer.json["detail"]


# How many it lets in


@pytest.mark.gen_test
async def test_without_a_descriptor_left_the_server_waits_and_does_not_spin(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "FULL_PAUSE_SECONDS", 0.2)
    listeners = connections.listen("127.0.0.1", 0)
    accepted = asyncio.Event()
    stop = add_accept_handler(listeners[0], lambda connection, _: (connection.close(), accepted.set()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        with socket.create_connection(listeners[0].getsockname()) as client:
            resource.setrlimit(resource.RLIMIT_NOFILE, (client.fileno() + 1, hard))
            await asyncio.sleep(0.5)
            tries = len(caplog.records)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            await asyncio.wait_for(accepted.wait(), 30)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        stop()
        listeners[0].close()
    assert 1 <= tries <= 4
    assert all("event=cannot_accept" in record.getMessage() for record in caplog.records)
