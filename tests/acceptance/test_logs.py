"""A server whose log is JSON, in good and in bad times: each line is an object, and names its task."""

import json
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer
from tests.models.dying import RED
from tests.pictures import photo
from tests.raw import until

TASK_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
NO_TASKS = {"session", "view"}  # ids of the same look


def told(server: LiveServer) -> list[dict[str, Any]]:
    """Its log; each line that is whole must be an object."""
    return [json.loads(line) for line in server.log().splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("logs") / "data"
    with LiveServer(data, model="tests.models.dying:Moody", max_attempts=2, log="json") as running:
        yield running


@pytest.mark.gen_test(timeout=90)
async def test_each_line_is_an_object_and_names_its_task(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    _, made = await api.upload(photo())
    await api.finished(made["task_id"])
    _, crashed = await api.upload(photo(RED))
    await api.finished(crashed["task_id"])
    await api.call("POST", f"/api/video/{made['task_id']}/view", body=b"{}")
    _, link = await api.call("POST", f"/api/video/{made['task_id']}/links", body=b"{}")
    token = link["url"].rpartition("/")[2]
    await api.call("POST", f"/api/watch/{token}/view", body=b"{}")
    await api.call("POST", f"/api/video/{made['task_id']}/retry", body=b"{}")
    await api.call("DELETE", f"/api/video/{crashed['task_id']}")
    until(lambda: any(line.get("method") == "DELETE" for line in told(server)), "the last line")
    lines = told(server)
    assert all(line.keys() >= {"time", "level", "logger", "event"} for line in lines), "each is an event"
    for line in lines:
        ids = {found for name, each in line.items() if name not in NO_TASKS for found in TASK_ID.findall(str(each))}
        if line["event"] == "request" and line["path"].startswith("/api/watch/"):
            assert line["task"] == made["task_id"] and token not in str(line)
        assert not ids or line["task"] in ids, line
    of_crashed = [line for line in lines if line.get("task") == crashed["task_id"]]
    assert [line["event"] for line in of_crashed if line["event"] in ("model_gone", "crashed")] == [
        *("model_gone", "crashed"),
        *("model_gone", "crashed"),
    ]
    uploads = [line for line in lines if line["event"] == "request" and line["path"] == "/api/video/upload/"]
    assert [line["task"] for line in uploads] == [made["task_id"], crashed["task_id"]]


@pytest.mark.gen_test(timeout=60)
async def test_what_a_child_prints_is_a_line_too(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.printing:Prints", log="json") as server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(photo())
        await api.finished(task["task_id"])
        lines = told(server)
    printed = [line for line in lines if line["event"] == "model_output"]
    assert {line.get("task") for line in printed} == {None, task["task_id"]}
    assert "by C" in [line["line"] for line in printed if "task" in line]


@pytest.mark.gen_test(timeout=60)
async def test_a_traceback_of_the_model_is_lines_of_its_task(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.failing:Raises", log="json") as server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(photo())
        await api.finished(task["task_id"])
        lines = told(server)
    traceback = [line for line in lines if "Traceback" in line.get("line", "")]
    assert traceback and {line["task"] for line in traceback} == {task["task_id"]}


def test_a_server_that_cannot_start_says_so_in_json(server: LiveServer) -> None:
    second = subprocess.run(
        [
            sys.executable,
            "-m",
            "leyline",
            "serve",
            "--data-dir",
            str(server.data_dir),
            "--port",
            "0",
            "--log",
            "json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    [line] = map(json.loads, second.stderr.splitlines())
    assert (line["event"], line["level"]) == ("cannot_start", "critical") and "process" in line["reason"]


def test_its_end_is_json_to_the_last_line(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", log="json") as server:
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert told(server)[-1]["event"] == "stopped" and server.log().endswith("\n")


def test_a_workers_log_is_json_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]  # which nobody listens on once this block has ended
    command = [sys.executable, "-m", "leyline", "worker", "--join", f"127.0.0.1:{port}", "--log", "json"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr
        try:
            line = json.loads(worker.stderr.readline()) if readable(worker.stderr) else {}
            assert (line["event"], line["level"]) == ("waiting_for_front_door", "warning")
            assert line["at"].endswith(f"127.0.0.1:{port}")
            worker.send_signal(signal.SIGTERM)
            assert [json.loads(each)["event"] for each in worker.stderr][-1] == "stopped"
        finally:
            worker.kill()


def readable(stream: IO[str]) -> bool:
    """Whether it says something in time."""
    return bool(select.select([stream], [], [], DEADLINE_SECONDS)[0])
