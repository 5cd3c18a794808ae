"""Every malformed request ends in a problem that says so, or in a closed connection; never in a 500 or a hang."""

import random
import signal
import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from tests.live_server import LiveServer
from tests.raw import Answer, Connection

TASK_ID = "0123456789abcdef" * 2
UPLOAD = "/api/video/upload/"
FORM = "multipart/form-data; boundary=leyline"

Say = Callable[[Connection], Connection]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("malformed")
    with LiveServer(folder / "data", uploads_per_minute=0, max_waiting_per_client=0) as running:
        yield running
        log = running.log()
    assert "event=bug" not in log
    assert "Traceback" not in log
    assert "status=500" not in log


def is_problem(answer: Answer, *statuses: int) -> None:
    """One of these refusals, said as every refusal is; or, if None is among them, a closed connection."""
    assert answer.status in statuses, answer
    if answer.status is None:
        return
    assert answer.headers["content-type"] == "application/problem+json; charset=UTF-8"
    assert answer.json["status"] == answer.status
    assert answer.json["code"] and answer.json["title"] and answer.json["detail"]
    carries_what_all_carry(answer)


def carries_what_all_carry(answer: Answer) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in answer.headers, "a version banner"


def lives(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        assert connection.request("GET", "/healthz").answer().status == 200


def raw(text: str) -> Say:
    return lambda connection: connection.send(text.encode("latin-1"))


def part(disposition: str, value: str = "x", *, boundary: str = "leyline") -> str:
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n{value}\r\n"


def upload(body: str, content_type: str = FORM) -> Say:
    return lambda connection: connection.request(
        "POST", UPLOAD, body.encode("latin-1"), Content_Type=content_type, Connection="close"
    )


END = "--leyline--\r\n"
FILE = 'form-data; name="file"; filename="a.jpg"'
HOST = "Host: localhost\r\n"
POST = f"POST {UPLOAD} HTTP/1.1\r\n{HOST}Content-Type: {FORM}\r\n"

REQUESTS: dict[str, tuple[Say, tuple[int | None, ...]]] = {
    # The request's own shape
    "no sense": (raw("hello\r\n\r\n"), (400,)),
    "binary": (lambda connection: connection.send(bytes(range(256)) + b"\r\n\r\n"), (400,)),
    "a TLS handshake": (lambda c: c.send(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"), (400,)),
    "HTTP/2 at once": (raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), (400,)),
    "an older protocol": (raw("GET /\r\n\r\n"), (400,)),
    "no host": (raw("GET / HTTP/1.1\r\n\r\n"), (400,)),
    "two hosts": (raw(f"GET / HTTP/1.1\r\n{HOST}Host: example.org\r\n\r\n"), (400, 421)),
    "a host that is none": (raw("GET / HTTP/1.1\r\nHost: a b<c>\r\n\r\n"), (400, 421)),
    "a host with a port of 5,000 digits": (raw(f"GET / HTTP/1.1\r\nHost: localhost:{'9' * 5000}\r\n\r\n"), (421,)),
    "a space before the colon": (raw(f"GET / HTTP/1.1\r\n{HOST}Cookie : a\r\n\r\n"), (400,)),
    "a folded header": (raw(f"GET / HTTP/1.1\r\n{HOST}A: b\r\n c\r\n\r\n"), (400,)),
    "a header without a colon": (raw(f"GET / HTTP/1.1\r\n{HOST}abc\r\n\r\n"), (400,)),
    "a NUL in a header": (raw(f"GET / HTTP/1.1\r\n{HOST}A: b\0c\r\n\r\n"), (400,)),
    "a large header": (raw(f"GET / HTTP/1.1\r\n{HOST}A: {'b' * 20_000}\r\n\r\n"), (431,)),
    "many headers": (raw(f"GET / HTTP/1.1\r\n{HOST}" + "A: b\r\n" * 4000 + "\r\n"), (431,)),
    "a huge header": (raw(f"GET / HTTP/1.1\r\n{HOST}A: {'b' * 200_000}\r\n\r\n"), (None, 431)),
    "a long address": (raw(f"GET /{'a' * 20_000} HTTP/1.1\r\n{HOST}\r\n"), (431,)),
    # Where the body ends
    "a length that is no number": (raw(f"{POST}Content-Length: ten\r\n\r\n"), (400,)),
    "a negative length": (raw(f"{POST}Content-Length: -1\r\n\r\n"), (400,)),
    "two lengths": (raw(f"{POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), (400,)),
    "a length of 25 digits": (raw(f"{POST}Content-Length: {'9' * 25}\r\n\r\n"), (400,)),
    "a length of 5,000 digits": (raw(f"{POST}Content-Length: {'9' * 5000}\r\n\r\n"), (400,)),
    "length and chunks": (raw(f"{POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), (400,)),
    "chunked twice": (raw(f"{POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), (400,)),
    "an unknown encoding": (raw(f"{POST}Transfer-Encoding: gzip\r\n\r\n"), (400,)),
    "a hidden encoding": (raw(f"{POST}Transfer-Encoding: xchunked\r\n\r\n"), (400,)),
    "a chunk of no size": (raw(f"{POST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"), (400,)),
    "a chunk longer than it says": (raw(f"{POST}Transfer-Encoding: chunked\r\n\r\n2\r\n--leyline\r\n"), (400,)),
    "a negative chunk": (raw(f"{POST}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"), (400,)),
    "a chunk of 2^80 bytes": (raw(f"{POST}Transfer-Encoding: chunked\r\n\r\n{'f' * 20}\r\n--"), (400,)),
    # The form
    "no form": (upload("hello", "text/plain"), (400,)),
    "no content type": (lambda c: c.request("POST", UPLOAD, b"hello", Connection="close"), (400,)),
    "no boundary": (upload("hello", "multipart/form-data"), (400,)),
    "an empty boundary": (upload("hello", 'multipart/form-data; boundary=""'), (400,)),
    "a boundary of 300 characters": (upload("hello", f"multipart/form-data; boundary={'b' * 300}"), (400,)),
    "another boundary": (upload(part(FILE, boundary="other")), (400,)),
    "an empty form": (upload(END), (400,)),
    "a body of nothing": (lambda c: c.request("POST", UPLOAD, Content_Type=FORM, Connection="close"), (400,)),
    "no file": (upload(part('form-data; name="other"') + END), (400,)),
    "two files": (upload(part(FILE) + part(FILE) + END), (400,)),
    "an empty file": (upload(part(FILE, "") + END), (400,)),
    "a part without a name": (upload(part("form-data") + END), (400,)),
    "a part without headers": (upload("--leyline\r\n\r\nx\r\n" + END), (400,)),
    "a form that is cut off": (upload(part(FILE)), (400,)),
    "a hundred parts": (upload(part('form-data; name="a"') * 100 + END), (400,)),
    "a hundred headers": (upload("--leyline\r\n" + "A: b\r\n" * 100 + "\r\nx\r\n" + END), (400,)),
    "a header of 100 kB": (upload(f"--leyline\r\nA: {'b' * 100_000}\r\n\r\nx\r\n" + END), (400,)),
    "a field of 100 kB": (upload(part('form-data; name="client_id"', "a" * 100_000) + part(FILE) + END), (400,)),
    "a long batch_id": (upload(part('form-data; name="batch_id"', "a" * 65) + part(FILE) + END), (400,)),
    "a long client_id": (upload(part('form-data; name="client_id"', "a" * 65) + part(FILE) + END), (400,)),
    "a megabyte after the end": (upload(part(FILE) + END + "x" * 1_000_000), (400,)),
    "a charset that is a trap": (upload(part("form-data; name*=idna''%ff; filename*=hex''zz") + END), (400,)),
    "no picture": (upload(part(FILE, "hello, world") + END), (415,)),
    "a key of 300 characters": (
        lambda c: c.request("POST", UPLOAD, b"hello", Content_Type=FORM, Idempotency_Key="k" * 300),
        (400,),
    ),
    # Methods
    "an unknown method": (raw(f"BREW / HTTP/1.1\r\n{HOST}\r\n"), (405,)),
    "a method of 5,000 characters": (raw(f"{'B' * 5000} / HTTP/1.1\r\n{HOST}\r\n"), (405,)),
    "CONNECT": (raw(f"CONNECT localhost:80 HTTP/1.1\r\n{HOST}\r\n"), (404, 405)),
    "PUT of an upload": (lambda c: c.request("PUT", UPLOAD, b"x" * 100_000, Content_Type=FORM), (405,)),
    "POST of the page": (lambda c: c.request("POST", "/", b"a=b"), (405,)),
    "POST of a file": (lambda c: c.request("POST", "/static/app.js", b"a=b"), (405,)),
    "DELETE of a status": (lambda c: c.request("DELETE", f"/api/video/{TASK_ID}/status"), (405,)),
    # Addresses
    "an unknown address": (lambda c: c.request("GET", "/nothing/here"), (404,)),
    "an address elsewhere": (raw(f"GET http://example.org/ HTTP/1.1\r\n{HOST}\r\n"), (404,)),
    "an asterisk": (raw(f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n"), (404, 405)),
    "a short id": (lambda c: c.request("GET", "/api/video/abc/status"), (404,)),
    "an id in capitals": (lambda c: c.request("GET", f"/api/video/{TASK_ID.upper()}/status"), (404,)),
    "an id that goes up": (lambda c: c.request("GET", "/api/video/../../etc/passwd/status"), (404,)),
    "an id with a NUL": (lambda c: c.request("GET", f"/api/video/{TASK_ID}%00/status"), (404,)),
    "no such task": (lambda c: c.request("GET", f"/api/video/{TASK_ID}/status"), (404,)),
    "a file above": (lambda c: c.request("GET", "/static/../leyline/errors.py"), (404,)),
    "a file above, encoded": (lambda c: c.request("GET", "/static/%2e%2e/leyline/errors.py"), (404,)),
    "a file above, encoded twice": (lambda c: c.request("GET", "/static/%252e%252e/setup.cfg"), (404,)),
    "an absolute file": (lambda c: c.request("GET", "/static//etc/passwd"), (404,)),
    "a file with a NUL": (lambda c: c.request("GET", "/static/app%00.js"), (400, 404)),
    "a file that is no UTF-8": (lambda c: c.request("GET", "/static/%ff%fe.js"), (400, 404)),
    "a file name of 5,000 characters": (lambda c: c.request("GET", f"/static/{'a' * 5000}"), (404,)),
    "a folder": (lambda c: c.request("GET", "/static/words"), (404,)),
    "the folder of all files": (lambda c: c.request("GET", "/static/"), (404,)),
    "a way out of it": (lambda c: c.request("GET", "/static/..%2fx"), (404,)),
    # Queries, bodies, headers
    "a limit that is none": (lambda c: c.request("GET", "/api/video/?limit=many"), (400,)),
    "a limit of 5,000 digits": (lambda c: c.request("GET", f"/api/video/?limit={'1' * 5000}"), (400,)),
    "a query that is no UTF-8": (lambda c: c.request("GET", "/api/video/?limit=%ff"), (400,)),
    "a thousand arguments": (lambda c: c.request("GET", "/api/video/?" + "a=b&" * 3000), (400,)),
    "JSON that is none": (lambda c: c.request("POST", "/api/session", b"{"), (400,)),
    "JSON that is a list": (lambda c: c.request("POST", "/api/session", b"[]"), (400,)),
    "JSON 15,000 deep": (lambda c: c.request("POST", "/api/session", b"[" * 15_000), (400,)),
    "JSON with half a character": (lambda c: c.request("POST", "/api/session", b'{"token": "\\ud800"}'), (400,)),
    "JSON of a megabyte": (lambda c: c.request("POST", "/api/session", b" " * 1_000_000), (413,)),
    "JSON that is no UTF-8": (lambda c: c.request("POST", "/api/session", b'{"token": "\xff"}'), (400,)),
    "an origin that is none": (lambda c: c.request("POST", "/api/session", b"{}", Origin="http://["), (403,)),
    # Asking for a WebSocket
    "no WebSocket": (lambda c: c.request("GET", "/api/video/events"), (400,)),
    "an old WebSocket": (lambda c: c.upgrade(**{"Sec-WebSocket-Version": "8"}), (400,)),
    "a WebSocket without a key": (lambda c: c.upgrade(**{"Sec-WebSocket-Key": ""}), (400,)),
    "a WebSocket with a large body": (lambda c: c.upgrade(Content_Length="100000"), (400,)),
    "a WebSocket from a broken origin": (lambda c: c.upgrade(Origin="http://["), (403,)),
    "a WebSocket by POST": (lambda c: c.request("POST", "/api/video/events"), (405,)),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_malformed_request_is_told_so_or_cut_off(server: LiveServer, name: str) -> None:
    say, statuses = REQUESTS[name]
    with Connection(server.url) as connection:
        answer = say(connection).answer()
    is_problem(answer, *statuses)
    if answer.status == 405:
        assert answer.headers["allow"]
    lives(server)


def test_what_follows_a_request_whose_end_is_unclear_is_never_taken_for_another(server: LiveServer) -> None:
    """A proxy in front may have seen one request where we would see two."""
    smuggled = f"GET /api/queue?smuggled HTTP/1.1\r\n{HOST}\r\n"
    for unclear in (
        f"{POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        f"{POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        f"{POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        f"{POST}Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        f"{POST}Content-Length: +0\r\n\r\n",
        f"{POST}Content-Length: 0x0\r\n\r\n",
        f"{POST}Transfer-Encoding: chunked\r\n\r\n0;ext\r\n\r\n",
        f"{POST}Transfer-Encoding: chunked\r\n\r\n0\n\n",
    ):
        with Connection(server.url) as connection:
            everything = connection.send((unclear + smuggled).encode("latin-1")).rest()
        assert everything.count(b"HTTP/1.1 ") == 1, unclear
        assert everything.startswith(b"HTTP/1.1 400 "), unclear
    assert '"/api/queue"' not in server.log()


# Bodies in chunks that are none. `{first}` is a chunk that is right.
BROKEN_CHUNKS = {
    "a size that is no number": "{first}xyz\r\n\r\n",
    "a size of nothing": "{first}\r\n\r\n",
    "a size with a sign": "{first}+5\r\nhello\r\n0\r\n\r\n",
    "a size with a space": "{first}5 \r\nhello\r\n0\r\n\r\n",
    "a size with an underscore": "{first}1_0\r\nhello\r\n0\r\n\r\n",
    "a size with 0x": "{first}0x5\r\nhello\r\n0\r\n\r\n",
    "a size in Arabic digits": "{first}\xd9\xa3\r\nhel\r\n0\r\n\r\n",
    "a size of 2^80 bytes": "{first}" + "f" * 20 + "\r\nhello\r\n0\r\n\r\n",
    "a size of 10,000 digits": "{first}" + "f" * 10_000 + "\r\nhello\r\n0\r\n\r\n",
    "a size that ends in a bare line feed": "{first}5\nhello\r\n0\r\n\r\n",
    "an extension": "{first}5;a=b\r\nhello\r\n0\r\n\r\n",
    "a long extension": "{first}5;a=" + "b" * 1000 + "\r\nhello\r\n0\r\n\r\n",
    "an extension of 100 kB": "{first}5;a=" + "b" * 100_000 + "\r\nhello\r\n0\r\n\r\n",
    "a chunk without its line's end": "{first}5\r\nhello0\r\n\r\n",
    "a chunk that ends in a bare line feed": "{first}5\r\nhello\n0\r\n\r\n",
    "a chunk that is too short": "{first}9\r\nhello\r\n0\r\n\r\n" + "x" * 20,
    "a chunk that is too long": "{first}2\r\nhello\r\n0\r\n\r\n",
    "a trailer": "{first}0\r\nA: b\r\n\r\n",
    "a trailer that is none": "{first}0\r\n\0\xff\r\n\r\n",
    "no empty line at the end": "{first}0\r\nxx",
}  # fmt: skip

# Requests that chunks can follow, by when they are answered.
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
FORM_SO_FAR = part('form-data; name="client_id"', "me")
ANSWERED = {
    "while the body comes": f"{POST}{CHUNKED}",
    "at the headers, for its form": f"POST {UPLOAD} HTTP/1.1\r\n{HOST}Content-Type: text/plain\r\n{CHUNKED}",
    "at the headers, for its address": f"POST /nothing HTTP/1.1\r\n{HOST}{CHUNKED}",
    "at the headers, for its method": f"PUT /healthz HTTP/1.1\r\n{HOST}{CHUNKED}",
    "at the headers, for its origin": f"POST /api/session HTTP/1.1\r\n{HOST}Origin: http://a\r\n{CHUNKED}",
    "after the body": f"POST /api/session HTTP/1.1\r\n{HOST}{CHUNKED}",
    "after a body that a GET carries": f"GET /healthz HTTP/1.1\r\n{HOST}{CHUNKED}",
    "after the body of a file's request": f"GET /static/app.js HTTP/1.1\r\n{HOST}{CHUNKED}",
    "when it was told to go on": f"{POST}Expect: 100-continue\r\n{CHUNKED}",
    "as a WebSocket": f"GET /api/video/events HTTP/1.1\r\n{HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Key: bGV5bGluZS1sZXlsaW5lIQ==\r\nSec-WebSocket-Version: 13\r\n{CHUNKED}",
}
NEXT = f"GET /api/queue?smuggled HTTP/1.1\r\n{HOST}\r\n"


def answers(everything: bytes) -> list[int]:
    """The statuses of the answers that came; that one may go on is none."""
    statuses = [int(rest[:3]) for rest in everything.split(b"HTTP/1.1 ")[1:]]
    return [status for status in statuses if status >= 200]


@pytest.mark.parametrize("when", ANSWERED)
@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_a_request_whose_chunks_break_has_one_answer(server: LiveServer, name: str, when: str) -> None:
    chunk = f"{len(FORM_SO_FAR):x}\r\n{FORM_SO_FAR}\r\n"
    head, body = ANSWERED[when], BROKEN_CHUNKS[name].replace("{first}", chunk)
    with Connection(server.url) as connection:
        everything = connection.send((head + body + NEXT).encode("latin-1")).rest()
    is_cut_off = name == "an extension of 100 kB"
    assert len(answers(everything)) <= 1 if is_cut_off else len(answers(everything)) == 1, everything
    assert all(400 <= status < 500 for status in answers(everything))
    assert '"/api/queue"' not in server.log()


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_chunks_that_break_after_the_answer_make_no_other(server: LiveServer, name: str) -> None:
    """The refusal has been read when they come, in a piece of their own."""
    head = ANSWERED["at the headers, for its address"]
    with Connection(server.url) as connection:
        answer = connection.send(f"{head}5\r\nhello\r\n".encode()).answer()
        is_problem(answer, 404)
        assert connection.send((BROKEN_CHUNKS[name].replace("{first}", "") + NEXT).encode("latin-1")).rest() == b""


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_each_of_many_requests_on_one_connection_has_one_answer(server: LiveServer, name: str) -> None:
    well_formed = f"POST /api/session HTTP/1.1\r\n{HOST}{CHUNKED}2\r\n{{}}\r\n0\r\n\r\n"
    broken = ANSWERED["at the headers, for its address"] + BROKEN_CHUNKS[name].replace("{first}", "")
    with Connection(server.url) as connection:
        everything = connection.send((2 * well_formed + broken + NEXT).encode("latin-1")).rest()
    assert answers(everything) == [400, 400, 404], everything  # a session needs a token; then there is nothing
    assert '"/api/queue"' not in server.log()


def test_a_body_in_chunks_is_unclear_to_who_speaks_the_older_protocol(server: LiveServer) -> None:
    old = POST.replace("HTTP/1.1", "HTTP/1.0")
    with Connection(server.url) as connection:
        everything = connection.send(f"{old}{CHUNKED}0\r\n\r\n{NEXT}".encode()).rest()
    assert answers(everything) == [400]


def test_a_body_that_a_get_carries_is_not_the_next_request(server: LiveServer) -> None:
    smuggled = b"DELETE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Connection(server.url) as connection:
        assert connection.request("GET", "/healthz", smuggled).answer().status == 200
        assert connection.request("GET", "/healthz").answer().status == 200


WELL_FORMED = (
    f"{POST}Content-Length: 100\r\nIdempotency-Key: abc\r\n\r\n" + part(FILE) + END,
    f"{POST}Transfer-Encoding: chunked\r\n\r\n4d\r\n" + part(FILE) + END + "\r\n0\r\n\r\n",
    f"GET /api/video/?limit=5 HTTP/1.1\r\n{HOST}Cookie: leyline_01234567=2|1:0|10:1|1:a|1:b|c\r\n\r\n",
    f'GET /api/video/{TASK_ID}/status HTTP/1.1\r\n{HOST}Prefer: wait=1\r\nIf-None-Match: "a"\r\n\r\n',
    f"GET /api/video/{TASK_ID}/video HTTP/1.1\r\n{HOST}Range: bytes=0-5\r\nX-Leyline-Ticket: a\r\n\r\n",
    f'POST /api/session HTTP/1.1\r\n{HOST}Content-Length: 13\r\nOrigin: http://localhost\r\n\r\n{{"token":"a"}}',
    f"POST /api/queue/pause HTTP/1.1\r\n{HOST}Authorization: Bearer a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
    f"GET /static/app.js HTTP/1.1\r\n{HOST}If-Modified-Since: Sun, 22 Nov 2026 18:45:39 GMT\r\n\r\n",
    f"GET /watch/{TASK_ID} HTTP/1.1\r\n{HOST}\r\n",
    f"GET /api/video/events HTTP/1.1\r\n{HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: bGV5bGluZS1sZXlsaW5lIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x81\x80leyl",
)
PIECES = (
    *(
        "\0",
        "\r\n",
        "\n",
        " ",
        ":",
        ";",
        "=",
        ",",
        "%",
        "%00",
        "%ff",
        "../",
        '"',
        "[",
        "{",
        "-1",
        "9" * 25,
        "9" * 5000,
    ),
    *("\xff", "\xd9\xa3", "A" * 20_000, "http://[", "chunked", "Expect: 100-continue\r\n", "Content-Length: 5\r\n"),
    *("Transfer-Encoding: chunked\r\n", "Host: a\r\n", "*=utf-8''%ff", "\\ud800", "[" * 9000, "1e999", "--leyline"),
)


def damaged(dice: random.Random) -> bytes:
    """A well-formed request with something in it changed, left out, doubled or put in."""
    text = dice.choice(WELL_FORMED)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        at = dice.randrange(len(text) + 1)
        change = dice.randrange(4)
        if change == 0:
            text = text[:at] + dice.choice(PIECES) + text[at:]
        elif change == 1:
            text = text[:at] + text[at + dice.choice((1, 2, 5, 30)) :]
        elif change == 2:
            text = text[:at] + chr(dice.randrange(256)) + text[at + 1 :]
        else:
            text = text[:at] + text[dice.randrange(at + 1) : at] + text[at:]
    return text.encode("latin-1")


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_to_a_request_makes_the_server_stumble_or_hang(server: LiveServer, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(150):
        request = damaged(dice)
        with Connection(server.url) as connection:
            everything = connection.send(request).end().rest()
        assert not everything.startswith(b"HTTP/1.1 5"), (request, everything)
    lives(server)


def test_who_asks_and_leaves_before_the_answer_is_no_trouble(server: LiveServer) -> None:
    """The answer meets a connection that is gone. What that did to the server, its log tells in the end."""
    requests: tuple[Say, ...] = (
        lambda c: c.request("POST", UPLOAD, b"x" * 20_000, Content_Type=FORM, Content_Length="30000000"),
        lambda c: c.request("POST", UPLOAD, b"--leyline\r\nx", Content_Type=FORM, Content_Length="2000"),
        lambda c: c.request("POST", "/nothing", b"x" * 1000, Content_Length="2000"),
        lambda c: c.request("GET", "/nothing"),
        lambda c: c.request("GET", "/static/look/leyline.css"),
        lambda c: c.request("GET", f"/api/video/{TASK_ID}/status", Prefer="wait=1"),
        lambda c: c.send(b"hello\r\n\r\n"),
        lambda c: c.upgrade(),
    )
    server.signal(signal.SIGSTOP)
    connections = [say(Connection(server.url)) for say in requests for _ in range(2)]
    for at, connection in enumerate(connections):
        connection.end() if at % 2 else connection.reset()
    server.signal(signal.SIGCONT)
    for connection in connections[1::2]:
        connection.rest()
        connection.close()
    lives(server)


def test_who_speaks_tls_hears_at_once_that_it_is_not_spoken_here(server: LiveServer) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 30) as plain, pytest.raises(ssl.SSLError) as told:
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    assert told.value.reason == "WRONG_VERSION_NUMBER", "an answer in plain HTTP, and no timeout"
    lives(server)
