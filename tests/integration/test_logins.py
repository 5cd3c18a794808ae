"""Commands that are connected to a session: their codes, their tokens, what they may do, and how that ends."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from leyline import errors, logins
from leyline.line.database import Database
from leyline.logins import CODE_SECONDS, Logins
from leyline.network import network_of
from tests.live_server import Api, LiveServer, form
from tests.pictures import photo
from tests.raw import Connection
from web.login_limits import WRONG_AT_ONCE, LoginLimits
from web.sessions import Caller

pytestmark = pytest.mark.gen_test(timeout=120)

WAITS = "tests.models.plain:WaitsForCancel"
NOBODY = "0" * 64


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Behind a proxy, so that each test has an address of its own; its task runs until it is canceled."""
    settings = {"model": WAITS, "trusted_proxies": "127.0.0.1", "operator_token": "master key"}
    with LiveServer(tmp_path_factory.mktemp("logins") / "data", **settings) as running:
        yield running


class Person(Api):
    """A browser session at an address, or a command with a token."""

    def __init__(self, url: str, address: str, token: str = "") -> None:
        super().__init__(url)
        self.headers = {"X-Forwarded-For": address} | ({"Authorization": f"Bearer {token}"} if token else {})

    async def request(self, method: str, path: str, **options: Any) -> Any:
        return await super().request(
            method, path, **options | {"headers": {**self.headers, **options.get("headers", {})}}
        )

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        return await self.call("POST", path, body=json.dumps(body))


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """One of this test's own."""
    return f"203.0.113.{1 + sum(map(ord, request.node.name)) % 250}"


@pytest.fixture
def anna(io_loop: Any, server: LiveServer, address: str) -> Person:
    person = Person(server.url, address)
    io_loop.run_sync(person.open_page)
    return person


async def codes(anna: Person, name: str = "laptop") -> Any:
    status, told = await Person(anna.url, anna.headers["X-Forwarded-For"]).post("/api/login", name=name)
    assert status == 200
    return told


async def connected(anna: Person, name: str = "laptop") -> Person:
    """A command that acts for her."""
    told = await codes(anna, name)
    assert (await anna.post("/api/logins", user_code=told["user_code"]))[0] == 201
    status, given = await anna.post("/api/login/token", device_code=told["device_code"])
    assert status == 200
    return Person(anna.url, anna.headers["X-Forwarded-For"], given["token"])


async def code_of(answer: Any) -> str:
    status, body = await answer
    assert status >= 400
    return str(body["code"])


# Connecting


async def test_a_code_is_typed_looked_at_and_confirmed_once_and_gives_a_token(anna: Person, address: str) -> None:
    told = await codes(anna)
    assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", told["user_code"])
    assert (told["interval"], told["expires_in"]) == (5, 600)
    assert "http" not in json.dumps(told), "an address is no credential, so there is none"
    assert await code_of(anna.post("/api/login/token", device_code=told["device_code"])) == "authorization_pending"

    typed = told["user_code"].lower().replace("-", " ")
    _, asks = await anna.post("/api/logins/look", user_code=typed)
    assert (asks["name"], asks["address"]) == ("laptop", address)
    status, login = await anna.post("/api/logins", user_code=typed)
    assert (status, login["name"], login["used_at"]) == (201, "laptop", None)
    assert await code_of(anna.post("/api/logins", user_code=typed)) == "code_unknown", "a code is good once"

    _, given = await anna.post("/api/login/token", device_code=told["device_code"])
    assert given["login_id"] == login["login_id"]


async def test_what_a_connected_command_sends_is_the_sessions_to_see_cancel_and_delete(anna: Person) -> None:
    command = await connected(anna)
    page = await anna.socket()
    await page.until("snapshot")
    _, sent = await command.upload(photo())
    assert (await page.until("task_status"))["task_id"] == sent["task_id"]
    assert [task["task_id"] for task in (await anna.call("GET", "/api/video/"))[1]["tasks"]] == [sent["task_id"]]
    assert [task["task_id"] for task in (await command.call("GET", "/api/video/"))[1]["tasks"]] == [sent["task_id"]]
    nobody = Person(anna.url, "203.0.113.255")
    assert (await nobody.call("GET", f"/api/video/{sent['task_id']}/status"))[0] == 404
    assert (await anna.call("POST", f"/api/video/{sent['task_id']}/cancel"))[0] in (200, 202)
    await anna.finished(sent["task_id"])
    assert (await anna.call("DELETE", f"/api/video/{sent['task_id']}"))[0] == 204
    assert (await command.call("GET", f"/api/video/{sent['task_id']}/status"))[0] == 404
    page.close()


async def test_a_code_that_is_refused_says_so_to_the_command(anna: Person) -> None:
    told = await codes(anna)
    assert (await anna.post("/api/logins/refuse", user_code=told["user_code"]))[0] == 204
    assert await code_of(anna.post("/api/login/token", device_code=told["device_code"])) == "access_denied"
    assert await code_of(anna.post("/api/logins", user_code=told["user_code"])) == "code_unknown"


async def test_who_asks_too_often_whether_the_code_was_typed_is_told_to_slow_down(anna: Person) -> None:
    told = await codes(anna)
    asked = [await code_of(anna.post("/api/login/token", device_code=told["device_code"])) for _ in range(4)]
    assert asked == ["authorization_pending", "authorization_pending", "slow_down", "slow_down"]


async def test_a_device_code_that_never_was_is_expired(anna: Person) -> None:
    assert await code_of(anna.post("/api/login/token", device_code=NOBODY)) == "expired_token"


async def test_nobody_without_a_browsers_session_connects_anything(server: LiveServer, anna: Person) -> None:
    told = await codes(anna)
    for stranger in (Person(server.url, "203.0.113.254"), await connected(anna)):
        for path in ("/api/logins", "/api/logins/look", "/api/logins/refuse"):
            assert await code_of(stranger.post(path, user_code=told["user_code"])) == "no_session"
        assert await code_of(stranger.call("GET", "/api/logins")) == "no_session"
    assert (await anna.post("/api/logins", user_code=told["user_code"]))[0] == 201


async def test_another_sites_page_connects_nothing(server: LiveServer, anna: Person) -> None:
    told = await codes(anna)
    body = json.dumps({"user_code": told["user_code"]})
    for path in ("/api/logins", "/api/logins/look", "/api/logins/refuse"):
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert await code_of(anna.call("POST", path, body=body, headers=headers)) == "cross_origin"
    assert (await anna.call("GET", "/api/logins"))[1] == {"logins": []}


@pytest.mark.parametrize("body", ["[]", "{}", '{"user_code": 7}', '{"user_code": null}', "no json"])
async def test_what_is_no_code_is_a_bad_request(anna: Person, body: str) -> None:
    assert await code_of(anna.call("POST", "/api/logins/look", body=body)) == "bad_request"


@pytest.mark.parametrize("name", ["x" * 65, 7, ["laptop"]])
async def test_a_name_that_is_none_is_a_bad_request(anna: Person, name: Any) -> None:
    assert await code_of(anna.post("/api/login", name=name)) == "bad_request"


async def test_a_name_is_made_fit_to_be_shown(anna: Person) -> None:
    told = await codes(anna, "evil\u202egpj\n\x1b[31m")
    _, asks = await anna.post("/api/logins/look", user_code=told["user_code"])
    assert asks["name"] == "evilgpj [31m"
    told = await codes(anna, " \u200b ")
    assert (await anna.post("/api/logins/look", user_code=told["user_code"]))[1]["name"] == "A command"


# Guessing


async def test_wrong_codes_are_limited_for_a_session_and_the_right_one_waits_then_too(anna: Person) -> None:
    told = await codes(anna)
    for _ in range(WRONG_AT_ONCE):
        assert await code_of(anna.post("/api/logins/look", user_code="BBBB-BBBB")) == "code_unknown"
    answer = await anna.request("POST", "/api/logins", body=json.dumps({"user_code": told["user_code"]}))
    limited = json.loads(answer.body)
    assert (answer.code, limited["code"]) == (429, "client_limit")
    assert limited["detail"].startswith("Too many wrong codes. Wait a moment")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    other = await Person(anna.url, anna.headers["X-Forwarded-For"]).open_page()
    assert (await other.call("POST", "/api/logins", body=json.dumps({"user_code": told["user_code"]})))[0] == 201


def test_a_network_of_many_sessions_is_limited_too() -> None:
    limits = LoginLimits()

    def guess(session: int) -> None:
        caller = Caller(f"session {session}", "2001:db8::1" if session % 2 else "2001:db8::2", admitted=True)
        with limits.guessing(caller):
            raise errors.CodeUnknown

    wrong = 0
    with pytest.raises(errors.ClientLimit, match="Too many wrong codes"):
        for wrong in range(1000):
            with pytest.raises(errors.CodeUnknown):
                guess(wrong)
    assert wrong == 60
    assert network_of("2001:db8::1") == network_of("2001:db8::2")


async def test_guesses_side_by_side_are_no_more_than_one_after_the_other() -> None:
    limits, looked_up = LoginLimits(), 0
    caller = Caller("session", "2001:db8::1", admitted=True)

    async def guess() -> None:
        nonlocal looked_up
        with limits.guessing(caller):
            looked_up += 1
            await asyncio.sleep(0)  # it is looked for in the database
            raise errors.CodeUnknown

    told = await asyncio.gather(*(guess() for _ in range(1000)), return_exceptions=True)
    assert looked_up == sum(isinstance(each, errors.CodeUnknown) for each in told) == WRONG_AT_ONCE


def test_right_codes_count_for_nothing() -> None:
    limits = LoginLimits()
    for _ in range(1000):
        with limits.guessing(Caller("session", "2001:db8::1", admitted=True)):
            pass


# What a command may do


async def test_a_command_watches_nothing_and_is_no_operator(anna: Person) -> None:
    command = await connected(anna)
    _, sent = await command.upload(photo())
    await command.call("POST", f"/api/video/{sent['task_id']}/cancel")
    assert await code_of(command.call("GET", f"/api/video/{sent['task_id']}/output")) == "operator_only"
    assert await code_of(command.call("POST", "/api/queue/pause")) == "operator_only"
    for _ in range(30):
        assert (await command.call("GET", "/api/queue"))[0] == 200, "its token is no guess at the operator's"


async def test_a_command_that_makes_a_viewing_link_cannot_open_a_view_itself(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        anna = await Person(server.url, "203.0.113.9").open_page()
        command = await connected(anna)  # type: ignore[arg-type]
        _, sent = await command.upload(photo())
        assert (await command.finished(sent["task_id"]))["status"] == "succeeded"
        assert await code_of(command.call("POST", f"/api/video/{sent['task_id']}/view")) == "no_session"
        status, link = await command.call("POST", f"/api/video/{sent['task_id']}/links")
        assert status == 201
        path = link["url"].removeprefix(server.url)
        assert await code_of(command.call("POST", f"/api{path}/view")) == "no_session"
        assert (await anna.call("POST", f"/api/video/{sent['task_id']}/view"))[0] == 200


# The end


async def test_who_is_disconnected_is_told_so_at_once_whatever_it_asks(anna: Person) -> None:
    command = await connected(anna)
    (login,) = (await anna.call("GET", "/api/logins"))[1]["logins"]
    assert (await anna.call("DELETE", f"/api/logins/{login['login_id']}"))[0] == 204
    assert (await anna.call("GET", "/api/logins"))[1] == {"logins": []}
    for method, path in (("GET", "/api/video/"), ("GET", "/api/queue"), ("DELETE", "/api/login")):
        answer = await command.request(method, path)
        assert (answer.code, json.loads(answer.body)["code"]) == (401, "login_over")
    body, content_type = form(photo())
    answer = await command.request("POST", "/api/video/upload/", body=body, headers={"Content-Type": content_type})
    assert json.loads(answer.body)["code"] == "login_over", "nothing of it becomes a task of nobody's"
    assert (await anna.call("DELETE", f"/api/logins/{login['login_id']}"))[0] == 404


async def test_a_command_takes_leave_itself(anna: Person) -> None:
    command = await connected(anna)
    assert (await command.call("DELETE", "/api/login"))[0] == 204
    assert await code_of(command.call("GET", "/api/queue")) == "login_over"
    assert (await anna.call("GET", "/api/logins"))[1] == {"logins": []}


async def test_nobody_elses_command_can_be_disconnected(server: LiveServer, anna: Person) -> None:
    await connected(anna)
    (login,) = (await anna.call("GET", "/api/logins"))[1]["logins"]
    other = await Person(server.url, "203.0.113.253").open_page()
    assert (await other.call("DELETE", f"/api/logins/{login['login_id']}"))[0] == 404
    assert (await other.call("GET", "/api/logins"))[1] == {"logins": []}


async def disconnect(anna: Person) -> None:
    (login,) = (await anna.call("GET", "/api/logins"))[1]["logins"]
    assert (await anna.call("DELETE", f"/api/logins/{login['login_id']}"))[0] == 204


async def test_a_disconnected_commands_socket_ends_with_it(server: LiveServer, anna: Person) -> None:
    command = await connected(anna)
    with Connection(server.url) as socket:
        assert socket.upgrade(Authorization=command.headers["Authorization"]).answer().status == 101
        page = await anna.socket()
        await page.until("snapshot")
        await disconnect(anna)
        assert await asyncio.to_thread(socket.seconds_until_closed) < 10
        await page.say("ping")
        await page.until("pong")  # her own page goes on
        page.close()


async def test_a_disconnected_commands_waiting_request_ends_with_it(server: LiveServer, anna: Person) -> None:
    command = await connected(anna)
    with Connection(server.url) as waiting:
        waiting.request("GET", "/api/video/", Authorization=command.headers["Authorization"], Prefer="wait=60")
        await asyncio.to_thread(_until_asked, server)
        await disconnect(anna)
        assert await asyncio.to_thread(waiting.seconds_until_closed) < 10


def _until_asked(server: LiveServer) -> None:
    """One connection's request is answered after the other's was read."""
    with Connection(server.url) as later:
        assert later.request("GET", "/api/queue").answer().status == 200


async def test_a_disconnected_commands_upload_ends_with_it_and_becomes_no_task(
    server: LiveServer, anna: Person
) -> None:
    command = await connected(anna)
    body, content_type = form(photo())
    with Connection(server.url) as sending:
        headers = {"Authorization": command.headers["Authorization"], "Content-Length": str(len(body))}
        sending.request("POST", "/api/video/upload/", body[:-100], Content_Type=content_type, **headers)
        await asyncio.to_thread(_until_asked, server)
        await disconnect(anna)
        sending.send(body[-100:])
        assert await asyncio.to_thread(sending.rest) == b""
    assert (await anna.call("GET", "/api/video/"))[1]["tasks"] == []


async def test_tokens_and_codes_are_in_no_log_and_of_a_token_only_its_digest_is_kept(
    server: LiveServer, anna: Person
) -> None:
    told = await codes(anna)
    command = await connected(anna)
    token = command.headers["Authorization"].removeprefix("Bearer ")
    secrets = (token, token.removeprefix("leyline-"), told["device_code"], told["user_code"])
    await anna.post("/api/logins/look", user_code=told["user_code"])
    assert not any(secret in server.log() for secret in secrets)
    with closing(sqlite3.connect(f"file:{server.data_dir / 'leyline.db'}?mode=ro", uri=True)) as file:
        kept = str(file.execute("SELECT * FROM logins").fetchall())
    assert logins.digest(token) in kept
    assert not any(secret in kept for secret in secrets[:3])


# The access token of the installation


async def test_a_command_needs_no_access_token_and_loses_its_leave_when_that_changes(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", token="open sesame") as server:
        anna = await Person(server.url, "127.0.0.1").open_page()
        told = await codes(anna)  # type: ignore[arg-type]
        code = json.dumps({"user_code": told["user_code"]})
        assert await code_of(anna.call("POST", "/api/logins", body=code)) == "token_needed"
        answer = await anna.request("POST", "/api/session", body=json.dumps({"token": "open sesame"}))
        anna.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        command = await connected(anna)  # type: ignore[arg-type]
        assert (await command.call("GET", "/api/queue"))[0] == 200
        server.stop()
        server.settings["token"] = "close sesame"
        server.start()
        command.url = server.url
        status, refused = await command.call("GET", "/api/queue")
        assert (status, refused["code"]) == (401, "login_over")
        assert refused["detail"].startswith("The access token is another one since")


# Across restarts


async def test_a_code_and_a_token_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        anna = await Person(server.url, "127.0.0.1").open_page()
        told, command = await codes(anna), await connected(anna)  # type: ignore[arg-type]
        server.kill()
        server.start()
        anna.url = command.url = server.url
        assert (await command.call("GET", "/api/queue"))[0] == 200
        body = json.dumps({"user_code": told["user_code"]})
        assert (await anna.call("POST", "/api/logins", body=body))[0] == 201
        server.kill()
        server.start()
        stranger = Person(server.url, "127.0.0.1")
        status, given = await stranger.post("/api/login/token", device_code=told["device_code"])
        assert status == 200
        again = await stranger.post("/api/login/token", device_code=told["device_code"])
        assert again == (200, given), "an answer that was lost is given again"


# Ten minutes, and how many


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def known(tmp_path: Path) -> Iterator[tuple[Logins, Clock]]:
    database, clock = Database(tmp_path / "leyline.db"), Clock()
    yield Logins(database, "secret", clock), clock
    database.close()


async def refused(of: Any) -> type[errors.Refusal]:
    with pytest.raises(errors.Refusal) as raised:
        await of
    return raised.type


async def test_after_ten_minutes_a_code_is_worth_nothing(known: tuple[Logins, Clock]) -> None:
    kept, clock = known
    login, device_code = await kept.ask("laptop", "127.0.0.1", None)
    confirmed, taken_late = await kept.ask("laptop", "127.0.0.1", None)
    clock.now += CODE_SECONDS - 1
    assert (await kept.look(login.user_code or "")).login_id == login.login_id
    await kept.confirm(confirmed.user_code or "", "anna", "")
    assert (await kept.take(taken_late))[0].owner == "anna"
    clock.now += 1
    asked: list[Callable[[], Any]] = [
        lambda: kept.look(login.user_code or ""),
        lambda: kept.confirm(login.user_code or "", "anna", ""),
        lambda: kept.refuse(login.user_code or ""),
    ]
    assert [await refused(ask()) for ask in asked] == [errors.CodeUnknown] * 3
    assert await refused(kept.take(device_code)) == errors.ExpiredToken
    assert await refused(kept.take(taken_late)) == errors.ExpiredToken, "its device code is good for no token later"


async def test_so_many_wait_of_one_network_and_of_all(known: tuple[Logins, Clock], monkeypatch: Any) -> None:
    monkeypatch.setattr(logins, "MOST_WAITING", 25)
    kept, clock = known
    for _ in range(logins.MOST_WAITING_OF_NETWORK):
        await kept.ask("laptop", "192.0.2.1", "192.0.2.1")
    assert await refused(kept.ask("laptop", "192.0.2.1", "192.0.2.1")) == errors.ClientLimit
    for _ in range(5):
        await kept.ask("laptop", "127.0.0.1", None)
    assert await refused(kept.ask("laptop", "192.0.2.2", "192.0.2.2")) == errors.LoginsFull
    clock.now += CODE_SECONDS
    await kept.ask("laptop", "192.0.2.1", "192.0.2.1")


async def test_a_session_has_so_many_commands_and_no_more(known: tuple[Logins, Clock]) -> None:
    kept, _ = known
    for _ in range(logins.MOST_OF_SESSION):
        await kept.confirm((await kept.ask("laptop", "127.0.0.1", None))[0].user_code or "", "anna", "")
    late, _ = await kept.ask("laptop", "127.0.0.1", None)
    assert await refused(kept.confirm(late.user_code or "", "anna", "")) == errors.TooManyLogins
    await kept.revoke((await kept.of_owner("anna"))[0].login_id, "anna")
    assert (await kept.confirm(late.user_code or "", "anna", "")).owner == "anna", "the code was not used up"


async def test_two_who_confirm_at_once_are_not_both_given_it(known: tuple[Logins, Clock]) -> None:
    kept, _ = known
    code = (await kept.ask("laptop", "127.0.0.1", None))[0].user_code or ""
    ends = await asyncio.gather(*(kept.confirm(code, f"person {n}", "") for n in range(8)), return_exceptions=True)
    assert sum(not isinstance(end, BaseException) for end in ends) == 1
    assert sum(isinstance(end, errors.CodeUnknown) for end in ends) == 7


async def test_the_last_use_is_known_to_the_minute_and_unused_it_ends(
    known: tuple[Logins, Clock],
) -> None:
    kept, clock = known
    login, device_code = await kept.ask("laptop", "127.0.0.1", None)
    await kept.confirm(login.user_code or "", "anna", "")
    _, token = await kept.take(device_code)
    began = clock.now
    for seconds in (0, 30, 59):
        clock.now = began + seconds
        assert await kept.find(logins.digest(token))
    assert (await kept.of_owner("anna"))[0].used_at == began
    clock.now = began + 60
    await kept.find(logins.digest(token))
    assert (await kept.of_owner("anna"))[0].used_at == began + 60
    clock.now += logins.UNUSED_SECONDS
    await kept.ask("another", "127.0.0.1", None)
    assert await kept.find(logins.digest(token)) is None
