"""What is told while nobody can know when a picture will be ready: the reason, and no time."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_commands import WAITS, operate, running, uploaded
from tests.live_server import Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

UNKNOWN = ("paused", "model_loading", "model_failed")


def said(shown: Any) -> Any:
    """The reason why no time is told; the time where one is."""
    time = shown["eta"]["ready_at"] if shown.get("eta") else shown.get("ready_at")
    assert (time is None) == (shown["eta_reason"] in UNKNOWN)
    return time or shown["eta_reason"]


async def line(api: Api) -> Any:
    return (await api.call("GET", "/api/queue"))[1]


@pytest.mark.gen_test(timeout=60)
async def test_while_the_model_does_not_start_no_time_is_told_anywhere(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.loading:RaisesInLoad") as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        await socket.until("model", lambda data: data["state"] == "failed")
        _, accepted = await api.upload(photo())
        told = await socket.until("queue", lambda data: data["tasks"])
        token = (server.data_dir / "operator-token").read_text().strip()
        _, seen = await api.call("GET", "/api/queue", headers={"Authorization": f"Bearer {token}"})
        again = await api.socket()
        hello, snapshot = await again.until("hello"), await again.until("snapshot")
        for shown in (
            *(accepted, await api.status(accepted["task_id"]), told, told["tasks"][0]),
            *(await line(api), seen["tasks"][0], hello["queue"], snapshot["tasks"][0]),
        ):
            assert said(shown) in ("model_failed", "model_loading"), "it tries again and again"
        assert seen["run_seconds"] == seen["drain_seconds"] > 0
        assert "leyline_run_seconds 0." in (await api.request("GET", "/metrics")).body.decode()


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_has_started_brings_the_times_with_it(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data", model="tests.models.loading:SlowLoad", model_seconds=30)
    server.environment["SLOW_LOAD_UNTIL"] = str(tmp_path / "go")
    with server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second = await uploaded(api, 1, 2)
        for task_id in (first, second):
            assert said(await api.status(task_id)) == "model_loading"
        assert said(await line(api)) == "model_loading"
        (tmp_path / "go").touch()
        told = (
            await socket.until("model", lambda data: data["state"] in ("ready", "busy"))
        ) and await socket.next()
        assert told["event"] == "queue" and said(told["data"]) not in UNKNOWN, "in the same breath"
        ended = await api.finished(second)
        assert (ended["eta"], ended["eta_reason"]) == (None, None)


@pytest.mark.gen_test(timeout=60)
async def test_a_paused_line_tells_a_time_only_of_what_runs(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model=WAITS, model_seconds=100) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second = await uploaded(api, 1, 2)
        await running(socket, first)
        assert said(await api.status(second)) not in UNKNOWN
        _, paused = await operate(server, "pause")
        assert said(paused) == "paused"
        told = await socket.until("queue", lambda data: data["paused"])
        reasons = {task["task_id"]: said(task) for task in told["tasks"]}
        assert reasons[second] == "paused"
        assert reasons.get(first) not in UNKNOWN, "its time has not changed"
        assert said(await api.status(second)) == "paused"
        _, resumed = await operate(server, "resume")
        assert said(resumed) not in UNKNOWN
        told = await socket.until("queue", lambda data: not data["paused"])
        assert not [task for task in told["tasks"] if said(task) in UNKNOWN]
