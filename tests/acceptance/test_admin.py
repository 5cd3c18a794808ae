"""The operator's page as its server has it: who gets in, what it tells and to whom, and what it commands."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.live_server import Api, LiveServer, Socket
from tests.models.dying import RED
from tests.pictures import photo
from tests.raw import Connection
from web import admin, overview
from web import signed_in as browsers

pytestmark = pytest.mark.slow

SECRETS = {"token": "a-token-for-people", "operator_token": "a-token-for-the-operator"}
CALLS = (
    ("GET", "/api/admin/state"),
    ("POST", "/api/admin/queue/pause"),
    ("POST", "/api/admin/queue/resume"),
    ("POST", f"/api/admin/tasks/{'0' * 32}/cancel"),
    ("POST", f"/api/admin/tasks/{'0' * 32}/move"),
    ("POST", "/api/admin/workers/local/drain"),
    ("DELETE", "/api/admin/workers/local"),
)
SECTIONS = {"server", "line", "models", "failures", "history", "disk", "people", "settings"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Red pictures kill its model, blue ones make it wait for a cancel."""
    data = tmp_path_factory.mktemp("admin") / "data"
    with LiveServer(
        data, model="tests.models.dying:Moody", max_attempts=1, stall_seconds=600, **SECRETS
    ) as running:
        yield running


async def signed_in(server: LiveServer, token: str = SECRETS["operator_token"]) -> Api:
    """The operator's browser."""
    api = Api(server.url)
    answer = await api.request("POST", "/api/admin/session", body=json.dumps({"token": token}))
    assert answer.code == 204
    api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return api


async def person(server: LiveServer) -> Api:
    """Somebody who sends pictures."""
    api = await Api(server.url).open_page()
    answer = await api.request("POST", "/api/session", body=json.dumps({"token": SECRETS["token"]}))
    api.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return api


async def state(api: Api) -> Any:
    return (await api.call("GET", "/api/admin/state"))[1]


async def command(api: Api, path: str, body: Any = None) -> tuple[int, str]:
    answer = await api.request("POST", f"/api/admin/{path}", body=b"" if body is None else json.dumps(body))
    return answer.code, json.loads(answer.body or "{}").get("code", "")


# Who gets in


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.gen_test(timeout=60)
async def test_nobody_else_asks_or_commands_anything(server: LiveServer, method: str, path: str) -> None:
    somebody = await person(server)
    for headers in ({}, {"Authorization": f"Bearer {SECRETS['token']}"}):
        answer = await somebody.request(method, path, headers=headers, body=b"{}" if method == "POST" else None)
        assert (answer.code, json.loads(answer.body)["code"]) == (403, "operator_only")


@pytest.mark.gen_test(timeout=60)
async def test_the_page_itself_is_everybodys_and_holds_nothing(server: LiveServer) -> None:
    answer = await Api(server.url).request("GET", "/admin")
    assert answer.code == 200 and answer.body == (Path(admin.STATIC) / "admin.html").read_bytes()
    assert "Set-Cookie" not in answer.headers


@pytest.mark.gen_test(timeout=60)
async def test_the_cookie_goes_to_the_operators_calls_alone(server: LiveServer) -> None:
    body = json.dumps({"token": SECRETS["operator_token"]})
    cookie = (await Api(server.url).request("POST", "/api/admin/session", body=body)).headers["Set-Cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/api/admin", f"max-age={browsers.LIFE_SECONDS}"} <= parts
    api = await signed_in(server)
    assert (await api.call("GET", "/api/queue"))[0] == 401, "it is no session, and admits nobody"


@pytest.mark.gen_test(timeout=60)
async def test_on_https_the_cookie_is_for_https_alone(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", trusted_proxies="127.0.0.1", path="/leyline", **SECRETS) as server:
        forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
        body = json.dumps({"token": SECRETS["operator_token"]})
        answer = await Api(server.url).request("POST", "/leyline/api/admin/session", body=body, headers=forwarded)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Secure-leyline_operator_") and "; Secure" in cookie
        assert "Path=/leyline/api/admin" in cookie
        headers = {**forwarded, "Cookie": cookie.partition(";")[0]}
        assert (await Api(server.url).request("GET", "/leyline/api/admin/state", headers=headers)).code == 200


@pytest.mark.gen_test(timeout=60)
async def test_who_signs_out_is_out_and_so_is_a_copy_of_the_cookie(server: LiveServer) -> None:
    api = await signed_in(server)
    assert (await api.request("GET", "/api/admin/state")).code == 200
    assert (await api.request("DELETE", "/api/admin/session")).code == 204
    assert (await api.request("GET", "/api/admin/state")).code == 403


@pytest.mark.gen_test(timeout=60)
async def test_a_wrong_token_gets_no_cookie_and_guessing_ends_soon(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", **SECRETS) as server:
        codes = set()
        for _ in range(25):
            answer = await Api(server.url).request("POST", "/api/admin/session", body=b'{"token": "guessed"}')
            assert "Set-Cookie" not in answer.headers
            codes.add(json.loads(answer.body)["code"])
        assert codes == {"operator_only", "client_limit"}


@pytest.mark.gen_test(timeout=60)
async def test_another_sites_page_commands_nothing(server: LiveServer) -> None:
    api = await signed_in(server)
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await api.request("POST", "/api/admin/queue/pause", body=b"", headers=foreign)
    assert (answer.code, json.loads(answer.body)["code"]) == (403, "cross_origin")
    assert (await state(api))["line"]["paused"] is False


@pytest.mark.gen_test(timeout=60)
async def test_a_script_bears_the_token_instead(server: LiveServer) -> None:
    bearer = {"Authorization": f"Bearer {SECRETS['operator_token']}"}
    code, told = await Api(server.url).call("GET", "/api/admin/state", headers=bearer)
    assert code == 200 and set(told) == SECTIONS


# What it tells


@pytest.mark.gen_test(timeout=60)
async def test_it_tells_who_runs_who_waits_and_what_the_model_printed(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.printing:Murmurs", max_waiting=7) as server:
        token = (server.data_dir / "operator-token").read_text().strip()
        sender = await Api(server.url).open_page()
        sent = [(await sender.upload(photo(n), f"picture {n}.jpg"))[1]["task_id"] for n in range(3)]
        socket = await (await signed_in(server, token)).socket("/api/admin/events")
        snapshot = await socket.until("snapshot")
        assert set(snapshot) == SECTIONS
        told = await until(socket, "line", lambda line: is_at_work(line["tasks"][0]), snapshot)
        running, *waiting = told["tasks"]
        assert (running["task_id"], running["progress"]) == (sent[0], 40)
        assert running["lines"] == ["step 4 of 10"]
        assert [each["task_id"] for each in waiting] == sent[1:]
        assert [each["queue"]["position"] for each in waiting] == [1, 2]
        assert [each["name"] for each in waiting] == ["picture 1.jpg", "picture 2.jpg"]
        assert (told["waiting"], told["running"], told["limit"]) == (2, 1, 7)
        socket.close()


def is_at_work(task: Any) -> bool:
    return bool(task.get("lines")) and task["progress"] > 0


async def until(socket: Socket, section: str, truth: Any, told: Any = None) -> Any:
    """The section once it is so."""
    while told is None or section not in told or not truth(told[section]):
        told = await socket.until("changed")
    return told[section]


@pytest.mark.gen_test(timeout=60)
async def test_it_tells_of_failures_runs_and_restarts(server: LiveServer) -> None:
    somebody, api = await person(server), await signed_in(server)
    _, made = await somebody.upload(photo(), "good.jpg")
    _, crashed = await somebody.upload(photo(RED), "bad.jpg")
    for task in (made, crashed):
        await somebody.finished(task["task_id"])
    told = await state(api)
    [failure] = [each for each in told["failures"] if each["task_id"] == crashed["task_id"]]
    assert (failure["name"], failure["error"]["code"]) == ("bad.jpg", "model_crashed")
    ended = {each["task_id"]: each for each in told["history"]}
    assert ended[made["task_id"]]["worked"] >= 0 and ended[made["task_id"]]["waited"] >= 0
    assert ended[crashed["task_id"]]["worked"] is None, "it was no run that made a video"
    assert told["models"][0]["name"] == "local" and told["models"][0]["restarts"] >= 1


@pytest.mark.gen_test(timeout=60)
async def test_the_traceback_of_a_failure_is_told_where_it_was_kept(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.failing:Raises") as server:
        sender = await Api(server.url).open_page()
        _, task = await sender.upload(photo())
        await sender.finished(task["task_id"])
        told = await state(await signed_in(server, (server.data_dir / "operator-token").read_text().strip()))
        [[run]] = [each["runs"] for each in told["failures"]]
        assert run["run"] == 1 and any("RuntimeError" in line for line in run["lines"])


@pytest.mark.gen_test(timeout=60)
async def test_what_it_tells_is_as_the_description_says(server: LiveServer) -> None:
    somebody, api = await person(server), await signed_in(server)
    _, crashed = await somebody.upload(photo(RED))
    await somebody.finished(crashed["task_id"])
    assert (await command(api, "queue/pause"))[0] == 200
    _, waiting = await somebody.upload(photo())
    bearer = {"Authorization": f"Bearer {SECRETS['operator_token']}"}
    _, described = await api.call("GET", "/api/openapi.json", headers=bearer)
    [content] = described["paths"]["/api/admin/state"]["get"]["responses"]["200"]["content"].values()
    told = await state(api)
    assert told["failures"] and told["line"]["tasks"] and told["history"] and told["disk"]["next"]
    Draft202012Validator({"components": described["components"], **content["schema"]}).validate(told)
    assert set(described["components"]["schemas"]["Overview"]["properties"]) == set(told) == SECTIONS
    assert (await command(api, "queue/resume"))[0] == 200
    await somebody.finished(waiting["task_id"])


@pytest.mark.gen_test(timeout=60)
async def test_no_secret_is_among_the_settings(server: LiveServer) -> None:
    api = await signed_in(server)
    answer = await api.request("GET", "/api/admin/state")
    for secret in (*SECRETS.values(), (server.data_dir / "secret").read_text().strip()):
        assert secret not in answer.body.decode()
    told = {each["name"]: each for each in json.loads(answer.body)["settings"]}
    assert told["LEYLINE_TOKEN"]["value"] == overview.SECRET and not told["LEYLINE_TOKEN"]["is_default"]
    assert told["LEYLINE_MODEL_OPTIONS"]["value"] == ""
    assert told["LEYLINE_MODEL"]["value"] == "tests.models.dying:Moody"
    assert told["LEYLINE_KEEP_DAYS"] == {"name": "LEYLINE_KEEP_DAYS", "value": 7, "is_default": True}


@pytest.mark.gen_test(timeout=60)
async def test_it_tells_what_goes_next_and_when(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", keep_days=2) as server:
        sender = await Api(server.url).open_page()
        made = [(await sender.upload(photo(n), f"{n}.jpg"))[1]["task_id"] for n in range(3)]
        for task_id in made:
            await sender.finished(task_id)
        await sender.call("POST", f"/api/video/{made[2]}/trash")
        disk = (await state(await signed_in(server, (server.data_dir / "operator-token").read_text().strip())))[
            "disk"
        ]
        assert [(each["name"], each["why"]) for each in disk["next"]] == [
            *(("2.jpg", "trash"), ("0.jpg", "age"), ("1.jpg", "age"))
        ]
        assert disk["for_room"]["name"] == "2.jpg", "the trash goes first"
        assert disk["free"] > 0 and disk["has_room"] is True
        await sender.call("DELETE", f"/api/video/{made[2]}")
        disk = (await state(await signed_in(server, (server.data_dir / "operator-token").read_text().strip())))[
            "disk"
        ]
        assert disk["for_room"]["name"] == "0.jpg"


@pytest.mark.gen_test(timeout=60)
async def test_only_what_has_changed_is_told_again(server: LiveServer) -> None:
    api = await signed_in(server)
    socket = await api.socket("/api/admin/events")
    await socket.until("snapshot")
    assert (await command(api, "queue/pause"))[0] == 200
    changed = await socket.until("changed", lambda told: "line" in told)
    assert changed["line"]["paused"] and "settings" not in changed and "failures" not in changed
    assert (await command(api, "queue/resume"))[0] == 200
    await socket.until("changed", lambda told: "line" in told and not told["line"]["paused"])
    socket.close()


@pytest.mark.gen_test(timeout=60)
async def test_the_socket_of_who_signs_out_ends(server: LiveServer) -> None:
    api = await signed_in(server)
    socket = await api.socket("/api/admin/events")
    await socket.until("snapshot")
    await api.request("DELETE", "/api/admin/session")
    with pytest.raises(EOFError):
        while True:
            await socket.next()
    socket.close()


def asked_for_a_socket(server: LiveServer, api: Api) -> Connection:
    return Connection(server.url).upgrade("/api/admin/events", Cookie=api.cookie)


@pytest.mark.gen_test(timeout=60)
async def test_the_socket_is_the_operators_and_there_are_few(server: LiveServer) -> None:
    with asked_for_a_socket(server, await person(server)) as strangers:
        assert strangers.answer().status == 403
    api = await signed_in(server)
    sockets = [await api.socket("/api/admin/events") for _ in range(admin.MOST_SOCKETS)]
    for socket in sockets:
        await socket.until("snapshot")
    with asked_for_a_socket(server, api) as one_more:
        assert one_more.answer().status == 429
    for socket in sockets:
        socket.close()
    async with asyncio.timeout(60):
        status: int | None = 429
        while status == 429:  # until the server has seen that they have gone
            with asked_for_a_socket(server, api) as another:
                status = await asyncio.to_thread(lambda: another.answer().status)
    assert status == 101


# What it commands


@pytest.mark.gen_test(timeout=60)
async def test_anybodys_picture_is_moved_and_canceled(server: LiveServer) -> None:
    api, one, other = await signed_in(server), await person(server), await person(server)
    assert (await command(api, "queue/pause"))[0] == 200
    sent = [(await sender.upload(photo(n)))[1]["task_id"] for n, sender in enumerate((one, other, one, other))]
    assert (await command(api, f"tasks/{sent[3]}/move", {"before": sent[0]})) == (204, "")
    assert (await command(api, f"tasks/{sent[0]}/move", {"before": None})) == (204, "")
    assert (await command(api, f"tasks/{sent[1]}/cancel")) == (204, "")
    told = (await state(api))["line"]["tasks"]
    assert [each["task_id"] for each in told] == [sent[3], sent[2], sent[0]]
    assert (await one.status(sent[0]))["queue"] == {"position": 3, "size": 3}, "its owner sees where it stands now"
    assert (await other.status(sent[1]))["status"] == "canceled"
    assert (await command(api, f"tasks/{sent[1]}/cancel")) == (204, ""), "it may be asked twice"
    assert (await command(api, f"tasks/{sent[1]}/move", {"before": None})) == (409, "task_not_waiting")
    for nobody in ("", "x", sent[2].upper(), 7):
        assert (await command(api, f"tasks/{sent[2]}/move", {"before": nobody})) == (400, "bad_request"), nobody
    assert (await command(api, f"tasks/{sent[2]}/move", {"before": sent[1]})) == (409, "line_moved")
    assert (await command(api, f"tasks/{sent[2]}/move", {})) == (400, "bad_request")
    assert (await command(api, f"tasks/{'0' * 32}/cancel")) == (404, "not_found")
    assert (await command(api, "queue/resume"))[0] == 200
    ends = [
        (await sender.finished(task_id))["finished_at"]
        for sender, task_id in zip((other, one, one), (sent[3], sent[2], sent[0]), strict=True)
    ]
    assert ends == sorted(ends), "they were made in that order"
    assert (await command(api, f"tasks/{sent[0]}/cancel")) == (409, "task_finished")
