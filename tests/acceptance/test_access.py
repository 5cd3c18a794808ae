"""Who may do what: one's own tasks and nobody else's, from one's own page and no other site's."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline.errors import OperatorOnly
from tests.live_server import ROOT, LiveServer, form
from tests.pictures import photo
from tests.raw import Answer, Connection
from web.calls import CALLS, TASK

pytestmark = pytest.mark.long

UNKNOWN = "0123456789abcdef" * 2
NOT_YOURS = "There is no such task, or it is not yours."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("access") / "data", model_seconds=600) as running:
        yield running


def ask(server: LiveServer, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    with Connection(server.url) as connection:
        return connection.request(method, path, body, **headers).answer()


def session(server: LiveServer) -> str:
    return ask(server, "GET", "/").headers["set-cookie"].partition(";")[0]


def upload(server: LiveServer, number: int = 0, **headers: str) -> Answer:
    body, content_type = form(photo(number))
    return ask(server, "POST", "/api/video/upload/", body, Content_Type=content_type, **headers)


def task_routes() -> list[tuple[str, str]]:
    """Each method of each address of one task, from the table of calls itself."""
    calls = [call for call in CALLS if call.path.startswith(TASK) and OperatorOnly not in call.refusals]
    return [(call.method, call.path.replace("{link_id}", "0123456789abcdef")) for call in calls]


def test_the_table_of_calls_has_them_all() -> None:
    assert {path.rpartition("/")[2] for _, path in task_routes()} >= {
        *("{task_id}", "status", "cancel", "retry", "thumbnail", "preview", "view", "video", "links"),
    }


@pytest.mark.parametrize(("method", "path"), task_routes())
def test_what_is_not_yours_is_told_like_what_never_was(server: LiveServer, method: str, path: str) -> None:
    task_id = upload(server, Cookie=session(server)).json["task_id"]
    for headers in ({}, {"Cookie": session(server)}, {"Authorization": "Bearer anything"}):
        not_mine = ask(server, method, path.format(task_id=task_id), **headers)
        unknown = ask(server, method, path.format(task_id=UNKNOWN), **headers)
        assert (not_mine.status, not_mine.json["code"]) == (404, "not_found")
        assert not_mine.json["detail"] == NOT_YOURS
        assert not_mine.body == unknown.body
        assert without_date(not_mine) == without_date(unknown)


def without_date(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def test_after_all_these_attempts_the_task_is_as_it_was(server: LiveServer) -> None:
    cookie = session(server)
    before = upload(server, Cookie=cookie).json
    for method, path in task_routes():
        ask(server, method, path.format(task_id=before["task_id"]), Cookie=session(server))
    after = ask(server, "GET", f"/api/video/{before['task_id']}/status", Cookie=cookie).json
    assert (after["status"], after["version"], after["views"]) == (before["status"], before["version"], 0)


def test_a_list_has_ones_own_tasks_only(server: LiveServer) -> None:
    mine, theirs = session(server), session(server)
    my_task, _, ownerless = upload(server, Cookie=mine), upload(server, Cookie=theirs), upload(server)
    listed = ask(server, "GET", "/api/video/", Cookie=mine).json["tasks"]
    assert [task["task_id"] for task in listed] == [my_task.json["task_id"]]
    assert ask(server, "GET", "/api/video/").json["tasks"] == []
    later = ask(server, "GET", f"/api/video/?before={ownerless.json['task_id']}", Cookie=mine)
    assert [task["task_id"] for task in later.json["tasks"]] in ([], [my_task.json["task_id"]])


def test_a_task_made_without_a_session_is_for_whoever_knows_its_id(server: LiveServer) -> None:
    task_id = upload(server).json["task_id"]
    for headers in ({}, {"Cookie": session(server)}):
        assert ask(server, "GET", f"/api/video/{task_id}/status", **headers).status == 200


def test_nobody_can_guess_an_id(server: LiveServer) -> None:
    ids = [upload(server).json["task_id"] for _ in range(20)]
    assert all(re.fullmatch("[0-9a-f]{32}", task_id) for task_id in ids)
    for at in range(32):
        assert len({task_id[at] for task_id in ids}) > 3, "each digit is drawn anew"


def test_no_answer_tells_an_owner_or_a_path(server: LiveServer) -> None:
    cookie = session(server)
    answer = upload(server, Cookie=cookie)
    told = answer.body + ask(server, "GET", "/api/video/", Cookie=cookie).body + ask(server, "GET", "/metrics").body
    assert b"owner" not in told and b'client"' not in told
    assert str(server.data_dir).encode() not in told


# Other sites

FOREIGN = (
    {"Origin": "http://example.org"},
    {"Origin": "https://localhost.example.org"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/api/video/upload/"), ("POST", "/api/session"), ("POST", "/api/queue/pause")),
        *(("POST", f"/api/video/{UNKNOWN}/cancel"), ("DELETE", f"/api/video/{UNKNOWN}")),
        ("POST", f"/api/watch/{UNKNOWN}/view"),
    ],
)
def test_another_sites_page_can_change_nothing(
    server: LiveServer, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = ask(server, method, path, Cookie=session(server), **headers)
    assert (answer.status, answer.json["code"]) == (403, "cross_origin")


def test_an_upload_from_our_own_page_is_welcome(server: LiveServer) -> None:
    for headers in ({"Origin": server.url}, {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}):
        assert upload(server, **headers).status == 202


def test_our_own_page_is_known_behind_a_proxy_that_changes_the_host(server: LiveServer) -> None:
    """On plain http browsers say nothing but an Origin; the header is one that another site's page cannot send."""
    elsewhere = {"Origin": "http://leyline.example.org", "X-Leyline-Page": "1"}
    assert upload(server, **elsewhere).status == 202
    for site in ("cross-site", "same-site"):
        assert upload(server, **elsewhere, **{"Sec-Fetch-Site": site}).status == 403, "the browser knows better"


def test_no_other_site_may_read_an_answer(server: LiveServer) -> None:
    answer = ask(server, "GET", "/api/queue", Origin="http://example.org")
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    preflight = ask(server, "OPTIONS", "/api/video/upload/", Origin="http://example.org")
    assert preflight.status == 405 and "access-control-allow-origin" not in preflight.headers


# Scripts


def test_plain_curl_works(server: LiveServer) -> None:
    """Down to its habit of asking first whether a large body is welcome."""
    body, content_type = form(photo())
    says = {"User-Agent": "curl/8.14.1", "Accept": "*/*", "Expect": "100-continue"}
    with Connection(server.url) as connection:
        length = str(len(body))
        connection.request("POST", "/api/video/upload/", Content_Length=length, Content_Type=content_type, **says)
        assert connection.until_told_to_go_on()
        task = connection.send(body).answer().json
    shown = ask(server, "GET", f"/api/video/{task['task_id']}/status", **says).json
    assert shown["status"] in ("queued", "processing")


def test_the_command_line_works_with_a_token(tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(photo())
    with LiveServer(tmp_path / "data", token="open sesame") as server:
        submit = [sys.executable, "-m", "leyline.cli", "submit", "--no-wait", "--url", server.url, str(picture)]
        refused = subprocess.run(submit, cwd=ROOT, capture_output=True, text=True, check=False)
        assert refused.returncode != 0 and "token" in refused.stderr
        admitted = subprocess.run(
            [*submit, "--token", "open sesame"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert admitted.returncode == 0, admitted.stderr


# Limits


def test_who_uploads_too_fast_is_told_when_to_come_back_and_others_are_not_slowed(tmp_path: Path) -> None:
    settings = {"model_seconds": 600, "uploads_per_minute": 1, "max_waiting_per_client": 0}
    with LiveServer(tmp_path / "data", **settings) as server:
        cookie = session(server)
        statuses = [upload(server, Cookie=cookie, Idempotency_Key=f"key {n}").status for n in range(201)]
        assert statuses == [202] * 200 + [429]
        refused = upload(server, Cookie=cookie)
        assert (refused.json["code"], refused.json["retryable"]) == ("client_limit", True)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert upload(server, Cookie=cookie, Idempotency_Key="key 7").status == 200, "a replay costs nothing"
        assert upload(server, Cookie=session(server)).status == 202
        assert upload(server).status == 202


def test_who_tries_again_too_often_is_told_when_to_come_back_and_may_still_upload(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=600, uploads_per_minute=1, max_waiting_per_client=0) as server:
        cookie = session(server)
        upload(server, Cookie=cookie)  # the model's, so that the next one waits
        canceled = f"/api/video/{upload(server, Cookie=cookie).json['task_id']}"
        assert ask(server, "POST", f"{canceled}/cancel", Cookie=cookie).status == 200
        answers = [ask(server, "POST", f"{canceled}/retry", Cookie=cookie) for _ in range(201)]
        assert [answer.status for answer in answers] == [202] * 200 + [429]
        assert answers[-1].json["code"] == "client_limit"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert upload(server, Cookie=cookie).status == 202


def test_a_known_key_is_no_way_around_the_limit_for_other_pictures(tmp_path: Path) -> None:
    settings = {"model_seconds": 600, "uploads_per_minute": 1, "max_waiting": 0, "max_waiting_per_client": 0}
    with LiveServer(tmp_path / "data", **settings) as server:
        assert upload(server, Idempotency_Key="key").status == 202
        assert {upload(server).status for _ in range(199)} == {202}
        others = [upload(server, number, Idempotency_Key="key") for number in range(1, 6)]
        assert (others[-1].status, others[-1].json["code"]) == (429, "client_limit")
        assert upload(server, Idempotency_Key="key").status == 200, "a replay costs nothing"
