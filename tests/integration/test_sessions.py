"""The session's cookie, the two tokens, and whose address counts."""

import http.client
import re
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.web import create_signed_value, decode_signed_value

from tests.live_server import LiveServer, form
from tests.pictures import photo
from tests.raw import Answer, Connection, until

TASK_ID = "0123456789abcdef" * 2
DAY_SECONDS = 86_400
PROXY = "127.0.0.1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("sessions") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Behind a proxy, so that each test has an address of its own, and with both tokens."""
    settings = {"token": "open sesame", "operator_token": "master key", "trusted_proxies": f"{PROXY}, 10.0.0.0/8"}
    with LiveServer(tmp_path_factory.mktemp("guarded") / "data", **settings) as running:
        yield running


def ask(server: LiveServer, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    with Connection(server.url) as connection:
        return connection.request(method, path, body, **headers).answer()


def session(server: LiveServer, **headers: str) -> str:
    """The cookie of a new session."""
    return ask(server, "GET", "/", **headers).headers["set-cookie"].partition(";")[0]


def signed(server: LiveServer, value: str, age_days: float = 0, secret: str = "") -> str:
    """A cookie as this server would have written it so long ago."""
    secret = secret or (server.data_dir / "secret").read_text()
    name = session(server).partition("=")[0]
    written = create_signed_value(secret, name, value, clock=lambda: time.time() - age_days * DAY_SECONDS)
    return f"{name}={written.decode()}"


# The cookie


def test_the_page_gives_a_session_whose_cookie_no_script_and_no_other_site_can_use(server: LiveServer) -> None:
    name_and_value, *attributes = ask(server, "GET", "/").headers["set-cookie"].split("; ")
    assert re.fullmatch(r"leyline_[0-9a-f]{8}=.+", name_and_value)
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes, "over http it would be thrown away"
    expires = next(a for a in attributes if a.startswith("expires=")).partition("=")[2]
    days = (parsedate_to_datetime(expires) - datetime.now(UTC)).total_seconds() / DAY_SECONDS
    assert days == pytest.approx(400, abs=0.1)


def test_every_session_is_another_one(server: LiveServer) -> None:
    assert len({session(server) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    "path", ["/api/queue", "/api/video/", f"/api/video/{TASK_ID}/status", "/static/app.js", "/healthz", "/nothing"]
)
def test_nothing_but_the_page_starts_a_session(server: LiveServer, path: str) -> None:
    assert "set-cookie" not in ask(server, "GET", path).headers


def test_the_page_of_a_link_starts_a_session_too(server: LiveServer) -> None:
    assert "set-cookie" in ask(server, "GET", f"/watch/{TASK_ID}").headers


def test_a_session_that_is_valid_is_left_alone(server: LiveServer) -> None:
    assert "set-cookie" not in ask(server, "GET", "/", Cookie=session(server)).headers
    assert "set-cookie" not in ask(server, "GET", "/", Cookie="other=1; " + session(server)).headers


def test_an_old_session_is_renewed_when_its_page_is_opened(server: LiveServer) -> None:
    assert "set-cookie" not in ask(server, "GET", "/", Cookie=signed(server, "abc.", 29)).headers
    renewed = ask(server, "GET", "/", Cookie=signed(server, "abc.", 31)).headers["set-cookie"]
    assert "|8:YWJjLg==|" in renewed, "it is the same session"


def test_a_session_of_401_days_ago_is_over(server: LiveServer) -> None:
    fresh = ask(server, "GET", "/", Cookie=signed(server, "abc.", 401)).headers["set-cookie"]
    assert "YWJjLg==" not in fresh


def test_a_tampered_cookie_is_no_session(server: LiveServer) -> None:
    cookie = session(server)
    name, _, value = cookie.partition("=")
    forged = (
        *(
            cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
            cookie[:-10],
            f"{name}=",
            f"{name}=abc",
            f"{name}=2|1:0",
        ),
        *(signed(server, "abc.", secret="another secret"), f"{name}={value}{value}", f'{name}="\\377\\000|"'),
        *(f"{name}={'2|' * 3000}", f"{name}=\xff\xfe", value, f"leyline_00000000={value}"),
    )
    for cookie in forged:
        assert "set-cookie" in ask(server, "GET", "/", Cookie=cookie).headers, cookie
        assert ask(server, "GET", "/api/video/", Cookie=cookie).json == {"tasks": [], "next": None}


def test_two_servers_on_one_host_keep_their_sessions_apart(server: LiveServer, tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as other:
        one, another = session(server), session(other)
        assert one.partition("=")[0] != another.partition("=")[0]
        both = f"{one}; {another}"
        assert "set-cookie" not in ask(server, "GET", "/", Cookie=both).headers
        assert "set-cookie" not in ask(other, "GET", "/", Cookie=both).headers


# Behind a proxy


def test_behind_a_trusted_proxy_the_cookie_is_for_https_when_the_browser_speaks_it(guarded: LiveServer) -> None:
    assert "; Secure" in ask(guarded, "GET", "/", X_Forwarded_Proto="https").headers["set-cookie"]
    assert "; Secure" not in ask(guarded, "GET", "/", X_Forwarded_Proto="http").headers["set-cookie"]


def test_what_a_stranger_forwards_counts_for_nothing(server: LiveServer) -> None:
    answer = ask(
        server, "GET", "/", X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.9", X_Real_IP="203.0.113.9"
    )
    assert "; Secure" not in answer.headers["set-cookie"]
    assert "203.0.113.9" not in server.log()


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("", PROXY),
        ("203.0.113.1", "203.0.113.1"),
        ("198.51.100.7, 203.0.113.2", "203.0.113.2"),  # what the client put before is its own invention
        ("203.0.113.3, 10.1.2.3", "203.0.113.3"),  # two proxies of ours, one behind the other
        ("203.0.113.4, nonsense", PROXY),
        ("nonsense, 203.0.113.5", "203.0.113.5"),
        ("2001:db8::6", "2001:db8::6"),
        ("203.0.113.7,", PROXY),
    ],
)
def test_the_callers_address_is_the_nearest_that_is_no_proxy_of_ours(
    guarded: LiveServer, forwarded: str, address: str
) -> None:
    path = f"/nothing/{secrets.token_hex(8)}"
    ask(guarded, "GET", path, X_Forwarded_For=forwarded)
    line = until(lambda: next((line for line in guarded.log().splitlines() if path in line), None), "its line")
    assert line.endswith(f" address={address}")


# The access token


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/healthz", "/readyz", "/api/openapi.json"])
def test_page_files_and_health_need_no_token(guarded: LiveServer, path: str) -> None:
    assert ask(guarded, "GET", path).status in (200, 503)


def test_a_viewing_link_needs_no_token(guarded: LiveServer) -> None:
    assert ask(guarded, "GET", f"/watch/{TASK_ID}").status == 404
    for path in ("view", "video", "events"):
        method = "POST" if path == "view" else "GET"
        assert ask(guarded, method, f"/api/watch/{TASK_ID}/{path}").status in (400, 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/api/queue"), ("GET", "/api/video/"), ("POST", "/api/video/upload/"), ("GET", "/metrics")),
        *(("GET", f"/api/video/{TASK_ID}/{name}") for name in ("status", "thumbnail", "preview", "video", "links")),
        *(("POST", f"/api/video/{TASK_ID}/{name}") for name in ("cancel", "retry", "view", "links")),
        *(("DELETE", f"/api/video/{TASK_ID}"), ("DELETE", f"/api/video/{TASK_ID}/links/{TASK_ID[:16]}")),
        ("GET", "/api/video/events"),
    ],
)
def test_everything_else_needs_the_token(guarded: LiveServer, method: str, path: str) -> None:
    for headers in ({}, {"Cookie": session(guarded)}):
        answer = ask(guarded, method, path, **headers)
        assert (answer.status, answer.json["code"]) == (401, "token_needed")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_scripts_bear_the_token(guarded: LiveServer) -> None:
    for header in ("Bearer open sesame", "bearer   open sesame"):
        assert ask(guarded, "GET", "/api/queue", Authorization=header).status == 200
    for header in ("Bearer", "Bearer ", "Bearer open", "Basic open sesame", "open sesame", "Bearer Open sesame"):
        assert ask(guarded, "GET", "/api/queue", Authorization=header, X_Forwarded_For="203.0.113.20").status == 401


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_token_of_any_letters_is_borne_as_clients_encode_it(tmp_path: Path, encoding: str) -> None:
    with LiveServer(tmp_path / "data", token="Öffne dich") as server:
        sent = "Bearer Öffne dich".encode(encoding).decode("latin-1")
        assert ask(server, "GET", "/api/queue", Authorization=sent).status == 200


def test_a_browser_gives_the_token_once_and_keeps_its_session(guarded: LiveServer) -> None:
    cookie = session(guarded)
    admitted = ask(guarded, "POST", "/api/session", b'{"token": "open sesame"}', Cookie=cookie)
    assert admitted.status == 204
    cookie_now = admitted.headers["set-cookie"].partition(";")[0]
    assert ask(guarded, "GET", "/api/queue", Cookie=cookie_now).status == 200
    with Connection(guarded.url) as connection:
        assert connection.upgrade(Cookie=cookie_now).answer().status == 101
    assert ask(guarded, "GET", "/api/queue", Cookie=cookie).status == 401, "it is the new cookie that is admitted"
    assert ask(guarded, "GET", "/", Cookie=cookie_now).headers.get("set-cookie") is None


def test_a_wrong_token_admits_nobody(guarded: LiveServer) -> None:
    for body, status in (
        (b'{"token": "sesame"}', 401),
        (b'{"token": ""}', 401),
        (b'{"token": 5}', 400),
        (b"", 400),
    ):
        answer = ask(guarded, "POST", "/api/session", body, X_Forwarded_For="203.0.113.21")
        assert answer.status == status
        assert "set-cookie" not in answer.headers


def test_a_session_admitted_with_an_older_token_is_asked_again(guarded: LiveServer, tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", token="first") as server:
        cookie = ask(server, "POST", "/api/session", b'{"token": "first"}').headers["set-cookie"].partition(";")[0]
        assert ask(server, "GET", "/api/queue", Cookie=cookie).status == 200
        server.stop()
        server.settings["token"] = "second"
        server.start()
        assert ask(server, "GET", "/api/queue", Cookie=cookie).status == 401


def test_where_no_token_is_set_everybody_is_admitted(server: LiveServer) -> None:
    assert ask(server, "POST", "/api/session", b'{"token": "anything"}').status == 204
    assert ask(server, "GET", "/api/queue", Authorization="Bearer anything").status == 200


def test_tokens_cannot_be_guessed_by_trying(guarded: LiveServer) -> None:
    """Twenty guesses, then one in six seconds; and the right one is not told from the wrong ones any more."""
    for number in range(100, 120):
        address, began = f"203.0.113.{number}", time.monotonic()
        found = [guess(guarded, address, f"guess {n}").status for n in range(25)]
        limited = guess(guarded, address, "open sesame")
        bearer = ask(guarded, "GET", "/api/queue", Authorization="Bearer open sesame", X_Forwarded_For=address)
        if time.monotonic() - began < 6:  # else the machine was so slow that one guess more was allowed
            break
    assert found[:20] == [401] * 20 and set(found[20:]) == {429}
    assert (limited.status, limited.json["code"]) == (429, "client_limit")
    assert 1 <= int(limited.headers["retry-after"]) <= 6
    assert bearer.status == 429
    assert ask(guarded, "GET", "/api/queue", Authorization="Bearer open sesame").status == 200, "others are free"
    assert ask(guarded, "GET", "/", X_Forwarded_For=address).status == 200


def test_a_token_that_is_not_needed_keeps_nobody_from_the_public_numbers(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", operator_token="master key") as server:
        stale = [ask(server, "GET", "/api/queue", Authorization=f"Bearer stale {n}") for n in range(40)]
        assert {answer.status for answer in stale} == {200}
        pauses = [ask(server, "POST", "/api/queue/pause", Authorization=f"Bearer {n}") for n in range(10)]
        assert pauses[-1].status == 429, "it is no way around the limit"
        operator = ask(server, "GET", "/api/queue", Authorization="Bearer master key")
        assert (operator.status, "tasks" in operator.json) == (200, False), "not told from a wrong one"


def guess(guarded: LiveServer, address: str, token: str) -> Answer:
    body = b'{"token": "%s"}' % token.encode()
    return ask(guarded, "POST", "/api/session", body, X_Forwarded_For=address)


# The operator's token


def test_pause_and_resume_need_the_operators_token(guarded: LiveServer) -> None:
    for word in ("pause", "resume"):
        for headers in ({}, {"Authorization": "Bearer open sesame"}):
            answer = ask(guarded, "POST", f"/api/queue/{word}", **headers)
            assert (answer.status, answer.json["code"]) == (403, "operator_only")
        allowed = ask(guarded, "POST", f"/api/queue/{word}", Authorization="Bearer master key")
        assert (allowed.status, allowed.json["paused"]) == (200, word == "pause")


def test_only_the_operator_sees_everybodys_place_in_line(guarded: LiveServer) -> None:
    assert ask(guarded, "POST", "/api/queue/pause", Authorization="Bearer master key").status == 200
    body, content_type = form(photo())
    sent = {"Authorization": "Bearer open sesame", "Content_Type": content_type}
    tasks = [ask(guarded, "POST", "/api/video/upload/", body, **sent).json["task_id"] for _ in range(3)]
    seen = ask(guarded, "GET", "/api/queue", Authorization="Bearer master key").json["tasks"]
    assert [(task["task_id"], task["queue"]["position"]) for task in seen] == list(
        zip(tasks, (1, 2, 3), strict=True)
    )
    assert "tasks" not in ask(guarded, "GET", "/api/queue", Authorization="Bearer open sesame").json
    assert ask(guarded, "GET", "/api/queue").status == 401


PRINTING = "tests.models.printing:Prints"


def test_only_the_operator_sees_what_the_model_printed_for_a_task(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", operator_token="master key", model=PRINTING) as server:
        owner = session(server)
        body, content_type = form(photo())
        sent = {"Cookie": owner, "Content_Type": content_type}
        task_id = ask(server, "POST", "/api/video/upload/", body, **sent).json["task_id"]
        while (
            ask(server, "GET", f"/api/video/{task_id}/status", Cookie=owner, Prefer="wait=30").json["video"] is None
        ):
            pass
        path = f"/api/video/{task_id}/output"
        for headers in ({}, {"Cookie": owner}, {"Authorization": "Bearer something else"}):
            answer = ask(server, "GET", path, **headers)
            assert (answer.status, answer.json["code"]) == (403, "operator_only")
        seen = ask(server, "GET", path, Authorization="Bearer master key").json
        assert (seen["task_id"], [run["run"] for run in seen["runs"]]) == (task_id, [1])
        assert seen["runs"][0]["lines"][:2] == ["by Python", "to standard error"]
        assert seen["runs"][0]["ended_at"]
        never = ask(server, "GET", f"/api/video/{'0' * 32}/output", Authorization="Bearer master key")
        assert (never.status, never.json["code"]) == (404, "not_found")


def test_the_operators_token_is_made_once_and_lies_in_the_data_folder(server: LiveServer) -> None:
    path = server.data_dir / "operator-token"
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text()
    assert len(token) == 64
    assert ask(server, "POST", "/api/queue/resume", Authorization=f"Bearer {token}").status == 200
    assert ask(server, "POST", "/api/queue/resume").status == 403, "an address is no credential, not even ours"


def test_neither_tokens_work_wears_out_the_other(guarded: LiveServer) -> None:
    """A right token at an address that wants the other one is no guess."""
    for _ in range(30):
        headers = {"Authorization": "Bearer master key", "X_Forwarded_For": "203.0.113.40"}
        assert ask(guarded, "POST", "/api/queue/resume", **headers).status == 200


# New sessions


def test_new_sessions_of_one_address_are_limited(guarded: LiveServer) -> None:
    address = "203.0.113.50"
    allowed = 0
    while (refused := ask(guarded, "GET", "/", X_Forwarded_For=address)).status == 200:
        allowed += 1
    assert 200 <= allowed < 1000, "while these came, two more were allowed each second"
    assert (refused.status, refused.json["code"]) == (429, "client_limit")
    assert refused.headers["retry-after"] == "1"
    assert ask(guarded, "GET", "/", X_Forwarded_For=address, Cookie=session(guarded)).status == 200
    assert ask(guarded, "GET", "/", X_Forwarded_For="203.0.113.51").status == 200


# On https: a cookie that no sibling host can plant


def secure_session(server: LiveServer, **headers: str) -> str:
    return session(server, X_Forwarded_Proto="https", **headers)


def signed_as(server: LiveServer, name: str, value: str, age_seconds: float = 0) -> str:
    """A cookie of this name as this server would have written it so long ago."""
    secret = (server.data_dir / "secret").read_text()
    written = create_signed_value(secret, name, value, clock=lambda: time.time() - age_seconds)
    return f"{name}={written.decode()}"


def is_known(server: LiveServer, cookie: str) -> bool:
    """Whether https takes the cookie for a session: else the page's answer brings a new one."""
    return "set-cookie" not in ask(server, "GET", "/", Cookie=cookie, X_Forwarded_Proto="https").headers


def test_on_https_the_cookie_is_bound_to_the_host(guarded: LiveServer) -> None:
    said = ask(guarded, "GET", "/", X_Forwarded_Proto="https", X_Forwarded_Prefix="/leyline").headers["set-cookie"]
    name_and_value, *attributes = said.split("; ")
    assert re.fullmatch(r"__Host-leyline_[0-9a-f]{8}=.+", name_and_value)
    assert {"Path=/", "Secure", "HttpOnly"} <= set(attributes), "and below a path too, or browsers would drop it"
    assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert is_known(guarded, name_and_value)


def test_of_two_cookies_that_bear_the_hosts_name_neither_counts(guarded: LiveServer) -> None:
    mine, planted = secure_session(guarded), secure_session(guarded)
    for both in (f"{mine}; {planted}", f"{planted}; {mine}", f"{mine}; other=1; {mine}"):
        assert not is_known(guarded, both)


def test_a_cookie_of_plain_http_that_is_newer_than_the_name_counts_for_nothing_on_https(
    guarded: LiveServer,
) -> None:
    planted = session(guarded, X_Forwarded_Proto="http")
    assert not is_known(guarded, planted)
    assert ask(guarded, "GET", "/api/video/", Cookie=planted, X_Forwarded_Proto="https").status == 401


def test_a_cookie_of_the_last_release_is_taken_over(guarded: LiveServer) -> None:
    name = session(guarded, X_Forwarded_Proto="http").partition("=")[0]
    old = signed_as(guarded, name, f"{'5' * 32}.", age_seconds=3600)
    asking = http.client.HTTPConnection(urlsplit(guarded.url).netloc)
    asking.request("GET", "/", headers={"Cookie": old, "X-Forwarded-Proto": "https"})
    told = {line.partition("=")[0]: line for line in asking.getresponse().msg.get_all("Set-Cookie")}
    asking.close()
    new = told[f"__Host-{name}"].partition(";")[0]
    assert told[name].startswith(f'{name}="";'), "the old name's is taken away"
    value = decode_signed_value((guarded.data_dir / "secret").read_text(), f"__Host-{name}", new.partition("=")[2])
    assert value == f"{'5' * 32}.".encode(), "the same session"
    assert is_known(guarded, new)


def test_on_plain_http_below_a_path_the_cookie_has_the_path(guarded: LiveServer) -> None:
    said = ask(guarded, "GET", "/", X_Forwarded_Proto="http", X_Forwarded_Prefix="/leyline").headers["set-cookie"]
    assert said.startswith("leyline_") and "Path=/leyline/" in said
