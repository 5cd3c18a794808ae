"""The model process dies, hangs, eats memory, talks nonsense or never loads: the line goes on, by itself."""

import asyncio
import os
import re
import signal
from datetime import datetime
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, eventually, tab
from tests.models.dying import BLUE, GREEN, RED
from tests.pictures import photo

pytestmark = pytest.mark.long

KILLS = 10  # `make crash` kills the model a hundred times
BACK_SECONDS = 2.0
STALL_SECONDS = 4.0
CRASHED = "The model crashed on this picture every time it was tried."
TRIES = 5  # the machine may be busy with other things


def times(server: LiveServer, event: str) -> list[float]:
    """When the server has logged this event."""
    lines = re.findall(rf"^(\S+ \S+) .*event={event}\b", server.log(), re.M)
    return [datetime.strptime(line, "%Y-%m-%d %H:%M:%S,%f").timestamp() for line in lines]


async def is_at_work(server: LiveServer, task_id: str, attempt: int) -> None:
    """The model has begun with this attempt: from now on its death counts."""
    api = Api(server.url)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (task := await api.status(task_id))["attempt"] != attempt or not task["stage"]:
            await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})


async def dies_at_work(server: LiveServer, task_id: str, attempt: int) -> None:
    """The model is killed in the middle of this attempt."""
    await is_at_work(server, task_id, attempt)
    model = server.model_pid()
    assert model
    os.kill(model, signal.SIGKILL)


def blameless(server: LiveServer) -> bool:
    """Nothing was raised in the server's own process."""
    return "event=bug" not in server.log() and "ERROR asyncio" not in server.log()


@pytest.mark.alone
@pytest.mark.gen_test(timeout=120)
async def test_a_killed_model_is_back_within_two_seconds_with_the_same_task_first(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=60, max_attempts=100) as server:
        api = Api(server.url)
        first, second = [(await api.upload(photo(number)))[1]["task_id"] for number in range(2)]
        seconds = []
        for attempt in range(1, KILLS + 1):
            await dies_at_work(server, first, attempt)
            killed_at = monotonic()
            await is_at_work(server, first, attempt + 1)
            seconds.append(monotonic() - killed_at)
        waiting = await api.status(second)
        assert (waiting["status"], waiting["queue"]) == ("queued", {"position": 1, "size": 1})
        assert median(seconds) < BACK_SECONDS, seconds  # a busy machine makes single ones late
        assert blameless(server)


@pytest.mark.gen_test(timeout=150)
async def test_a_stopped_model_is_found_out_in_time_killed_and_the_task_retried(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=6, stall_seconds=STALL_SECONDS, max_attempts=10) as server:
        async with tab(server) as (_, socket):
            api = Api(server.url)
            _, task = await api.upload(photo())
            seconds: list[float] = []
            while len(seconds) < TRIES and not (seconds and seconds[-1] <= 1.1 * STALL_SECONDS):
                await socket.until("model", lambda model: model["state"] == "busy")
                await is_at_work(server, task["task_id"], attempt=len(seconds) + 1)
                model = server.model_pid()
                assert model
                stopped_at = monotonic()
                os.kill(model, signal.SIGSTOP)
                await socket.until("model", lambda model: model["state"] in ("restarting", "loading"))
                seconds.append(monotonic() - stopped_at)
                assert seconds[-1] >= 0.9 * STALL_SECONDS
            assert seconds[-1] <= 1.1 * STALL_SECONDS, seconds
            done = await api.finished(task["task_id"])
            assert (done["status"], done["attempt"]) == ("succeeded", len(seconds) + 1)


@pytest.mark.gen_test(timeout=120)
async def test_pictures_that_crash_eat_memory_or_hang_fail_alone_and_in_plain_words(tmp_path: Path) -> None:
    settings = {"model": "tests.models.dying:Moody", "model_memory_mb": 800, "stall_seconds": 2}
    with LiveServer(tmp_path / "data", **settings) as server:
        api = await Api(server.url).open_page()
        numbers = (RED, 1, GREEN, 2, BLUE, 3)
        tasks = [(await api.upload(photo(number)))[1]["task_id"] for number in numbers]
        ended = [await api.finished(task_id) for task_id in tasks]
        poison, good_1, eater, good_2, sleeper, good_3 = ended
        assert [task["status"] for task in (good_1, good_2, good_3)] == ["succeeded"] * 3
        assert (poison["error"]["code"], poison["attempt"]) == ("model_crashed", 3)
        assert (sleeper["error"]["code"], sleeper["attempt"]) == ("model_crashed", 3)
        assert poison["error"]["detail"] == CRASHED
        assert re.search(rf"event=failed task={poison['task_id']} .*exit code -9", server.log())
        assert sleeper["error"]["detail"] == "The model said nothing for 2 s."
        assert (eater["error"]["code"], eater["attempt"]) == ("model_out_of_memory", 1)
        assert (
            eater["error"]["detail"] == "The model ran out of memory on this picture. A smaller picture may work."
        )
        for task_id, runs in zip(tasks, (3, 1, 1, 1, 3, 1), strict=True):
            assert server.log().count(f"event=started task={task_id}") == runs
        assert blameless(server)


@pytest.mark.gen_test(timeout=90)
async def test_attempts_are_counted_across_a_restart(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.plain:WaitsForCancel") as server:
        task_id = (await Api(server.url).upload(photo()))[1]["task_id"]
        await dies_at_work(server, task_id, attempt=1)
        await is_at_work(server, task_id, attempt=2)
        server.kill()
        server.start()
        await dies_at_work(server, task_id, attempt=2)  # the server's own death counted none
        await dies_at_work(server, task_id, attempt=3)
        failed = await Api(server.url).finished(task_id)
        assert (failed["error"]["code"], failed["attempt"]) == ("model_crashed", 3)


# Nonsense on the pipe

CRASHES = {  # what people read, and what the log says
    "talking:Garbage": (CRASHED, "broke the protocol"),
    "talking:HalfMessage": (f"The model said nothing for {STALL_SECONDS:g} s.", "said nothing"),
    "talking:HugeLength": (CRASHED, "exit code -9"),
    "talking:ImpossibleProgress": (CRASHED, "broke the protocol"),
    "talking:NotANumber": (CRASHED, "broke the protocol"),
    "dying:Vanishes": (CRASHED, "exit code 0"),
}
IGNORED = ("talking:WrongTask", "talking:LateMessage")


async def slowest_answer(api: Api, until: "asyncio.Task[Any]") -> float:
    """The slowest of many answers of the server meanwhile, in seconds."""
    slowest = 0.0
    while not until.done():
        asked_at = monotonic()
        assert (await api.call("GET", "/healthz"))[0] == 200
        slowest = max(slowest, monotonic() - asked_at)
        await asyncio.wait([until], timeout=0.02)
    return slowest


@pytest.mark.parametrize("model", [*CRASHES, *IGNORED])
@pytest.mark.gen_test(timeout=90)
async def test_nonsense_on_the_pipe_costs_the_run_and_never_a_stall(tmp_path: Path, model: str) -> None:
    settings = {"model": f"tests.models.{model}", "max_attempts": 1, "stall_seconds": STALL_SECONDS}
    with LiveServer(tmp_path / "data", **settings) as server:
        api = await Api(server.url).open_page()
        task_id = (await api.upload(photo()))[1]["task_id"]
        ended = asyncio.create_task(api.finished(task_id))
        assert await slowest_answer(Api(server.url), ended) < 0.7 * STALL_SECONDS
        task = ended.result()
        if model in CRASHES:
            detail, reason = CRASHES[model]
            assert (task["error"]["code"], task["error"]["detail"]) == ("model_crashed", detail)
            assert re.search(rf"event=failed task={task_id} .*{reason}", server.log())
        else:
            assert (task["status"], task["attempt"]) == ("succeeded", 1)
        assert blameless(server)


# Loading


@pytest.mark.gen_test(timeout=90)
async def test_tasks_wait_for_a_model_that_cannot_load_and_run_when_it_can(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    server = LiveServer(tmp_path / "data", model="tests.models.loading:MissesWeights")
    server.environment = {"WEIGHTS": str(weights)}
    with server:
        async with tab(server) as (api, socket):
            _, task = await api.upload(photo())
            told = await socket.until("model", lambda model: model["state"] == "failed")
            assert "could not be loaded" in told["detail"]
            assert "weights" in server.log()
            code, ready = await api.call("GET", "/readyz")
            assert (code, ready["status"]) == (503, "not ready")
            assert (await api.status(task["task_id"]))["status"] == "queued"
            await eventually(lambda: len(times(server, "model_started")) == 3, "it was tried three times")
            failed, started = times(server, "model_load_failed"), times(server, "model_started")
            assert started[1] - failed[0] >= 0.9 and started[2] - failed[1] >= 1.9, "the pauses grow"
            weights.write_text("here they are")
            assert (await api.finished(task["task_id"]))["status"] == "succeeded"
            assert (await api.call("GET", "/readyz"))[0] == 200
