"""What the server tells about its requests: a line each in its log, numbers, and the API's description."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from tests.live_server import Api, LiveServer
from tests.pictures import photo
from tests.raw import Answer, Connection, until
from web.answers import logged_path

UPLOAD = "/api/video/upload/"
FORM = "multipart/form-data; boundary=leyline"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("telling") / "data") as running:
        yield running


def ask(server: LiveServer, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    with Connection(server.url) as connection:
        return connection.request(method, path, body, **headers).answer()


def test_each_request_is_one_short_line_in_the_log_without_anything_secret(tmp_path: Path) -> None:
    secret, ticket, link = "s3cr3t" * 6, "t1ck3t" * 6, "fedcba9876543210" * 2
    with LiveServer(tmp_path / "data", token=secret) as server:
        requests = [
            *(("GET", "/", {}), ("GET", "/api/queue?token=" + secret, {"Authorization": f"Bearer {secret}"})),
            *(
                ("GET", f"/watch/{link}", {}),
                ("GET", f"/watch/{link}.", {}),
                ("POST", f"/api/watch/{link}/view", {}),
            ),
            ("GET", f"/api/watch/{link}/video", {"X-Leyline-Ticket": ticket}),
            ("GET", "/" + "z" * 5000, {}),
            ("GET", "/%0d%0aevent=forged\x85\xff\x9b31m", {}),
            ("B" * 3000, "/", {}),
            ("POST", "/api/session", {"Cookie": f"leyline_0={secret}"}),
        ]
        before = len(server.log().splitlines())
        for method, path, headers in requests:
            assert ask(server, method, path, **headers).status
        with Connection(server.url) as connection:
            assert connection.upgrade(f"/api/watch/{link}/events").answer().status
        answered = len(requests) + 1
        until(lambda: server.log().count("event=request") == answered, "all lines")
        lines = server.log().splitlines()[before:]
    assert all(len(line) < 500 and line.replace("…", "").isascii() for line in lines)
    for hidden in (secret, ticket, link, "event=forged\n"):
        assert not any(hidden in line for line in lines)
    assert not any(line.startswith("event=forged") for line in lines)


TOKEN = "fedcba9876543210" * 2


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/api/video/{TOKEN}/status", f"/api/video/{TOKEN}/status"),
        (f"/api/video/{TOKEN}", f"/api/video/{TOKEN}"),
        (f"/api/video/{TOKEN}/{TOKEN}", f"/api/video/{TOKEN}/…"),
        (f"/api/video/{TOKEN}/links/0123456789abcdef", f"/api/video/{TOKEN}/links/0123456789abcdef"),
        (f"/api/video/{TOKEN}0/status", "/api/video/…/status"),
        (f"/api/video/{TOKEN.upper()}/status", "/api/video/…/status"),
        (f"/watch/{TOKEN}", "/watch/…"),
        (f"/watch/{TOKEN[:31]}", "/watch/…"),
        (f"/api/watch/{TOKEN}/view", "/api/watch/…/view"),
        (f"/Watch/{TOKEN}", "/Watch/…"),
        (f"/wacth/{TOKEN}.", "/wacth/…."),
        (f"/{TOKEN}", "/…"),
        (f"/static/{TOKEN * 2}/{TOKEN.upper()}", "/static/…/…"),
        (f"/x/%66{TOKEN[1:]}", "/x/…"),
        ("/x/" + "".join(f"%{ord(digit):02X}" for digit in TOKEN), "/x/…"),
        ("/" + "-" * 195 + TOKEN, "/" + "-" * 195 + "…"),
        (f"/{'0' * 31}/x", f"/{'0' * 31}/x"),
        ("/€\n".encode().decode("latin-1"), json.dumps("/€\n".encode().decode("latin-1"))[1:-1]),
    ],
)
def test_what_looks_like_a_token_is_masked_in_the_log_outside_a_tasks_address(path: str, logged: str) -> None:
    assert logged_path(path) == f'"{logged}"'


def test_a_token_at_any_address_does_not_reach_the_log(tmp_path: Path) -> None:
    asked = [f"/x/{TOKEN}", f"/watch//{TOKEN}", f"/static/{TOKEN}.js", f"/api/watch/view/{TOKEN}?t={TOKEN}"]
    with LiveServer(tmp_path / "data") as server:
        for path in asked:
            assert ask(server, "GET", path).status == 404
        until(lambda: server.log().count("event=request") == len(asked), "all lines")
        assert TOKEN not in server.log()


def test_a_request_whose_client_left_has_its_line_too(server: LiveServer) -> None:
    with Connection(server.url) as connection:
        connection.request("POST", UPLOAD, Content_Type=FORM, Content_Length="1000").send(b"--leyline\r\n")
        ask(server, "GET", "/healthz")
    until(lambda: "status=499" in server.log(), "its line")


def test_the_numbers_are_told_in_prometheus_own_words(server: LiveServer) -> None:
    ask(server, "GET", "/nothing")
    with Connection(server.url) as connection:
        connection.upgrade().answer()
        answer = ask(server, "GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    label = r'[a-z]+="(\\.|[^"\\])*"'
    shape = re.compile(rf"# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{{{label}(,{label})*\}})? [0-9.e+-]+")
    assert all(shape.fullmatch(line) for line in lines)
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(values['leyline_answers_total{status="404"}']) >= 1
    assert float(values["leyline_sockets"]) >= 1
    assert float(values["leyline_paused"]) == 0
    assert 20e6 < float(values["process_resident_memory_bytes"]) < 200e6
    assert sum(float(value) for name, value in values.items() if name.startswith("leyline_model{")) == 1


@pytest.mark.gen_test(timeout=120)
async def test_answers_are_as_the_description_says(server: LiveServer) -> None:
    described = json.loads(ask(server, "GET", "/api/openapi.json").body)
    api = await Api(server.url).open_page()
    code, uploaded = await api.upload(photo())
    task = f"/api/video/{uploaded['task_id']}"
    await api.finished(uploaded["task_id"])
    operator = {"Authorization": f"Bearer {(server.data_dir / 'operator-token').read_text().strip()}"}
    link = await api.call("POST", f"{task}/links", body=json.dumps({"label": "For Anna", "max_views": 2}))
    by_link = urlsplit(link[1]["url"]).path.replace("/watch/", "/api/watch/")
    answers = {
        ("/api/video/upload/", "post"): (code, uploaded),
        ("/api/video/{task_id}/status", "get"): await api.call("GET", f"{task}/status"),
        ("/api/video/", "get"): await api.call("GET", "/api/video/"),
        ("/api/video/{task_id}/view", "post"): await api.call("POST", f"{task}/view"),
        ("/api/video/{task_id}/links", "post"): link,
        ("/api/video/{task_id}/links", "get"): await api.call("GET", f"{task}/links"),
        ("/api/watch/{token}/view", "post"): await api.call("POST", f"{by_link}/view"),
        ("/api/queue", "get"): await api.call("GET", "/api/queue"),
        ("/api/model", "get"): await api.call("GET", "/api/model"),
        ("/api/workers", "get"): await api.call("GET", "/api/workers"),
        ("/api/queue/pause", "post"): await api.call("POST", "/api/queue/pause", headers=operator),
        ("/api/queue/resume", "post"): await api.call("POST", "/api/queue/resume", headers=operator),
        ("/api/video/{task_id}/output", "get"): await api.call("GET", f"{task}/output", headers=operator),
        ("/api/video/{task_id}/cancel", "post"): await api.call("POST", f"{task}/cancel"),
    }
    assert {code for code, _ in answers.values()} == {200, 201, 202, 409}
    for (path, method), (code, answer) in answers.items():
        [content] = described["paths"][path][method]["responses"][str(code)]["content"].values()
        strict = {"components": closed(described["components"]), **content["schema"]}
        Draft202012Validator(strict).validate(answer)


def closed(schema: Any) -> Any:
    """The same with objects that have nothing but what is described, where it does not say more itself."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **inner} if schema.get("type") == "object" else inner


def test_the_description_can_be_read_by_programs(server: LiveServer) -> None:
    described = json.loads(ask(server, "GET", "/api/openapi.json").body)
    assert described["openapi"] == "3.1.0"
    known = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "parameters", "headers")
        for name in described["components"][kind]
    }
    named = re.findall(r'"\$ref": "([^"]+)"', json.dumps(described))
    assert named and set(named) <= known
    for path, operations in described["paths"].items():
        in_path = set(re.findall(r"\{(\w+)\}", path))
        for operation in operations.values():
            told = {p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"}
            assert told == in_path
            assert operation["summary"] and operation["responses"]
