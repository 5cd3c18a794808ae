"""Three model processes of one machine and one line: real ones, which are killed, canceled, drained, stopped."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.audit import Audit
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer, eventually, tab
from tests.pictures import photo

pytestmark = pytest.mark.long

OPERATOR = {"Authorization": "Bearer operator"}
THREE = {"local_models": 3, "operator_token": "operator", "uploads_per_minute": 0}
HELD = {"model": "tests.models.plain:WaitsForCancel", **THREE}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Each of its models works until it is told to stop."""
    with LiveServer(tmp_path_factory.mktemp("held") / "data", **HELD) as server:
        yield server


@contextlib.asynccontextmanager
async def three_at_work(server: LiveServer) -> AsyncIterator[tuple[Api, list[str]]]:
    """Somebody's three tasks, each of which a model has begun; all are canceled in the end."""
    api = await Api(server.url).open_page()
    tasks = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
    for task_id in tasks:
        await is_at_work(api, task_id, attempt=1)
    try:
        yield api, tasks
    finally:
        for task_id in tasks:
            await api.call("POST", f"/api/video/{task_id}/cancel")
        for task_id in tasks:
            await api.finished(task_id)


async def is_at_work(api: Api, task_id: str, attempt: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (task := await api.status(task_id))["attempt"] != attempt or task["stage"] != "waiting":
            await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})


async def workers(api: Api, **headers: str) -> dict[str, Any]:
    """Each model process by its name."""
    told = (await api.call("GET", "/api/workers", headers=headers))[1]
    return {each["name"]: each for each in told["workers"]}


async def all_are(api: Api, *states: str, number: int = 3) -> dict[str, Any]:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            found = await workers(api, **OPERATOR)
            if len(found) == number and all(each["state"] in states for each in found.values()):
                return found
            await asyncio.sleep(0.05)


def starts(server: LiveServer) -> list[str]:
    """The tasks in the order in which models began with them."""
    return re.findall(r"event=started task=(\w+) run=1 ", server.log())


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_sixty_tasks_are_made_once_each_and_begun_in_their_order(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.plain:Tiny", **THREE) as server:
        async with tab(server) as (api, _):
            await all_are(api, "ready")
            await api.call("POST", "/api/queue/pause", headers=OPERATOR)
            tasks = [(await api.upload(photo(number % 5)))[1]["task_id"] for number in range(60)]
            await api.call("POST", "/api/queue/resume", headers=OPERATOR)
            ended = [await api.finished(task_id) for task_id in tasks]
            assert {(task["status"], task["attempt"]) for task in ended} == {("succeeded", 1)}
            assert starts(server) == tasks
            runs = [each["runs"] for each in (await all_are(api, "ready")).values()]
            assert sum(runs) == 60 and min(runs) > 0
            assert len(list((server.data_dir / "videos").iterdir())) == 60
            metrics = (await api.request("GET", "/metrics")).body.decode()
            found = re.findall(r'^leyline_model_runs_total{model="(.+)"} (\d+)\.0$', metrics, re.M)
            assert found == list(zip(("local", "local 2", "local 3"), map(str, runs), strict=True))
            assert 'leyline_model{state="ready"} 3.0' in metrics
        assert server.stop() == 0
        Audit(server.data_dir).rest()


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.gen_test(timeout=180)
async def test_three_models_that_sleep_make_almost_three_times_as_much(tmp_path: Path) -> None:
    async def rate(number: int) -> float:
        settings = {**THREE, "model": "tests.models.plain:Sleeps", "local_models": number}
        with LiveServer(tmp_path / f"data {number}", **settings) as server:
            async with tab(server) as (api, socket):
                await all_are(api, "ready", number=number)
                await api.call("POST", "/api/queue/pause", headers=OPERATOR)
                count = 6 * number
                for _ in range(count):
                    await api.upload(photo())
                began = monotonic()
                await api.call("POST", "/api/queue/resume", headers=OPERATOR)
                for _ in range(count):
                    await socket.until("task_status", lambda task: task.get("status") == "succeeded")
                return count / (monotonic() - began)

    assert await rate(3) >= 2.8 * await rate(1)


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_a_killed_model_process_costs_its_own_task_an_attempt_and_no_other(held: LiveServer) -> None:
    async with three_at_work(held) as (api, tasks):
        before = await all_are(api, "busy")
        at_first = next(name for name, each in before.items() if each["task_id"] == tasks[0])
        pid = re.findall(rf"event=model_ready pid=(\d+) name='{at_first}'", held.log())[-1]
        os.kill(int(pid), signal.SIGKILL)
        await is_at_work(api, tasks[0], attempt=2)
        attempts = [(await api.status(task_id))["attempt"] for task_id in tasks]
        assert attempts == [2, 1, 1]
        after = await all_are(api, "busy")
        kept = [name for name in before if name != at_first]
        assert [after[name] for name in kept] == [before[name] for name in kept], "nothing else has changed"
        told = [after[at_first][count] - before[at_first][count] for count in ("runs", "failures", "restarts")]
        assert told == [1, 1, 1]


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_each_of_three_that_run_can_be_canceled_and_its_process_stays(held: LiveServer) -> None:
    async with three_at_work(held) as (api, tasks):
        pids = held.model_pids()
        for ended, task_id in enumerate((tasks[1], tasks[2], tasks[0]), 1):
            await api.call("POST", f"/api/video/{task_id}/cancel")
            assert (await api.finished(task_id))["status"] == "canceled"
            statuses = [(await api.status(each))["status"] for each in tasks]
            assert statuses.count("canceled") == ended
            assert statuses.count("processing") == 3 - ended
        await all_are(api, "ready")
        assert held.model_pids() == pids


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_whose_task_a_process_has_is_told_to_its_owner_and_the_operator_alone(held: LiveServer) -> None:
    async with three_at_work(held) as (api, tasks):
        stranger, nobody = await Api(held.url).open_page(), Api(held.url)
        told = [
            sorted(filter(None, (each["task_id"] for each in (await workers(who, **headers)).values())))
            for who, headers in ((api, {}), (nobody, OPERATOR), (stranger, {}), (nobody, {}))
        ]
        assert told == [sorted(tasks), sorted(tasks), [], []]
        shown = (await asyncio.to_thread(command, held, "--token", "operator")).stdout.splitlines()
        assert [line.split()[0] for line in shown] == ["name", "local", "local", "local"]
        assert sorted(line.split()[-1] for line in shown[1:]) == sorted(tasks)
        model = (await api.call("GET", "/api/queue"))[1]["model"]
        assert (model["state"], model["processes"]["busy"], sum(model["processes"].values())) == ("busy", 3, 3)
        for task_id in tasks:
            output = (await api.call("GET", f"/api/video/{task_id}/output", headers=OPERATOR))[1]
            assert [run["ended_at"] for run in output["runs"]] == [None]


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_only_the_operator_drains_and_lets_go(held: LiveServer) -> None:
    api = await Api(held.url).open_page()
    await all_are(api, "ready")
    for method, path in (("POST", "/api/workers/local%202/drain"), ("DELETE", "/api/workers/local%202")):
        assert (await api.call(method, path))[1]["code"] == "operator_only"
        unknown = path.replace("local%202", "nobody")
        assert (await api.call(method, unknown, headers=OPERATOR))[1]["code"] == "not_found"
    refused = await asyncio.to_thread(command, held, "--drain", "local 2")
    assert refused.returncode != 0 and "LEYLINE_OPERATOR_TOKEN" in refused.stderr
    unknown = await asyncio.to_thread(command, held, "--let-go", "nobody", "--token", "operator")
    assert unknown.returncode != 0 and "There is no model process of this name." in unknown.stderr
    assert len(await workers(api)) == 3


def command(server: LiveServer, *words: str) -> "subprocess.CompletedProcess[str]":
    """`leyline workers`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
    leyline = (sys.executable, "-m", "leyline", "workers", "--url", server.url, *words)
    return subprocess.run(leyline, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
@pytest.mark.gen_test(timeout=180)
async def test_one_is_drained_one_let_go_and_a_stop_and_a_kill_lose_nothing(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", **HELD) as server:
        api = await Api(server.url).open_page()
        tasks = [(await api.upload(photo(number)))[1]["task_id"] for number in range(5)]
        for task_id in tasks[:3]:
            await is_at_work(api, task_id, attempt=1)
        names = {each["task_id"]: name for name, each in (await workers(api)).items()}
        drained = names[tasks[0]]
        address = f"/api/workers/{drained.replace(' ', '%20')}"
        code, told = await api.call("POST", f"{address}/drain", headers=OPERATOR)
        assert (code, told["draining"], told["task_id"]) == (200, True, tasks[0])
        await api.call("POST", f"/api/video/{tasks[0]}/cancel")
        await eventually(lambda: f"event=left model={drained!r}" in server.log(), "the drained one is gone")
        assert (await api.status(tasks[3]))["status"] == "queued", "and took no other"
        done = await asyncio.to_thread(command, server, "--token", "operator", "--let-go", names[tasks[1]])
        assert done.returncode == 0, done.stderr
        back = await eventually_queued(api, tasks[1])
        assert (back["queue"]["position"], back["attempt"]) == (1, 1), "before those that came later"
        assert set(await workers(api)) == {names[tasks[2]]}
        assert len(server.children()) >= 1
        for _ in range(2):  # with one of them at work, and with all
            server.kill()
            server.start()
            api.url = server.url
            for task_id in tasks[1:4]:
                await is_at_work(api, task_id, attempt=1)
            assert (await api.status(tasks[4]))["queue"]["position"] == 1
        assert server.stop() == 0
        rows = {row["task_id"]: row for row in Audit(server.data_dir).promises()}
        assert {(rows[task_id]["status"], rows[task_id]["attempt"]) for task_id in tasks[1:]} == {("queued", 1)}
        server.settings |= {"model": "tests.models.plain:Tiny"}
        server.start()
        api.url = server.url
        before = len(server.log())
        for task_id in tasks[1:]:
            assert (await api.finished(task_id))["status"] == "succeeded"
        begun = re.findall(r"event=started task=(\w+)", server.log()[before:])
        assert begun == tasks[1:], "in their order"
        assert server.stop() == 0
        Audit(server.data_dir).rest()


async def eventually_queued(api: Api, task_id: str) -> Any:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (task := await api.status(task_id))["status"] != "queued":
            await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})
    return task


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_a_page_hears_how_many_are_at_work(held: LiveServer) -> None:
    async with tab(held) as (api, socket):
        tasks = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
        told = await socket.until("model", lambda model: model["processes"]["busy"] == 3)
        assert told["state"] == "busy"
        assert json.dumps(told).count("local") == 0, "no names"
        for task_id in tasks:
            await api.call("POST", f"/api/video/{task_id}/cancel")
        told = await socket.until("model", lambda model: model["processes"]["ready"] == 3)
        assert told["state"] == "ready"
