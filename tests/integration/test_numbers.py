"""What GET /metrics tells: each thing that happens is counted once, where it belongs, and costs next to nothing."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leyline.line.writer import Move, Said
from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, form
from tests.models.dying import RED
from tests.pictures import photo
from tests.raw import Connection, until
from tests.receiver import receiver
from web.numbers import Numbers

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MONITORING = (ROOT / "docs" / "monitoring.md").read_text()
FORM = "multipart/form-data; boundary=leyline"
TASK: dict[str, Any] = {"run": 1, "created_at": 100.0, "started_at": 130.0, "error_code": "model_error"}
MOST_CALLS = 16  # of Python's functions for one move, the histograms' among them


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Red pictures kill its model."""
    data = tmp_path_factory.mktemp("numbers") / "data"
    with LiveServer(data, model="tests.models.dying:Moody", max_attempts=2) as running:
        yield running


async def numbers(api: Api, **headers: str) -> dict[str, float]:
    """Each sample by its name and labels, as the format has them."""
    text = (await api.request("GET", "/metrics", headers=headers)).body.decode()
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What has been counted between the two, without what grows by asking."""
    asked = (
        "process_",
        "leyline_answers",
        "leyline_event_loop",
        "leyline_disk",
        "leyline_kept",
        "leyline_model ",
        "leyline_model_busy",
    )
    return {
        name: value - before.get(name, 0)
        for name, value in after.items()
        if value != before.get(name, 0) and not name.startswith(asked) and "_sum" not in name
    }


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_that_becomes_a_video_is_counted_once_in_each_place(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    before = await numbers(api)
    _, task = await api.upload(photo(), Idempotency_Key="once")
    await api.finished(task["task_id"])
    after = await numbers(api)
    counted = {
        name: by for name, by in grown(before, after).items() if "_bucket" not in name and "memory" not in name
    }
    counted.pop("leyline_run_seconds", None)
    assert counted == {
        "leyline_uploads_total outcome=accepted": 1,
        "leyline_accepted_total": 1,
        "leyline_tasks_total outcome=succeeded": 1,
        "leyline_wait_seconds_count": 1,
        "leyline_run_duration_seconds_count": 1,
        "leyline_model_runs_total model=local": 1,
    }
    assert (await api.upload(photo(), Idempotency_Key="once"))[0] == 200
    assert grown(after, await numbers(api)) == {"leyline_uploads_total outcome=replayed": 1}


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_dies_counts_attempts_restarts_and_its_failure(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    await api.model()
    before = await numbers(api)
    _, task = await api.upload(photo(RED))
    assert (await api.finished(task["task_id"]))["error"]["code"] == "model_crashed"
    await api.model()
    counted = grown(before, await numbers(api))
    assert counted["leyline_put_back_total reason=crash"] == 1
    assert counted["leyline_attempts_total"] == 2
    assert counted["leyline_model_restarts_total model=local"] == 2
    assert (
        counted["leyline_failures_total code=model_crashed"] == counted["leyline_tasks_total outcome=failed"] == 1
    )
    assert counted["leyline_wait_seconds_count"] == 1, "the second run waits for nothing that was uploaded"


@pytest.mark.gen_test(timeout=60)
async def test_each_refusal_is_counted_by_its_code_wherever_it_is_said(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    before = await numbers(api)
    await api.upload(b"no picture")
    await api.request("GET", "/nothing")
    with Connection(server.url) as connection:
        assert connection.send(b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n").answer().status == 421
    socket = await api.socket()
    await socket.say("dance")
    await socket.until("error")
    socket.close()
    counted = grown(before, await numbers(api))
    counted.pop("leyline_sockets", None)
    assert counted == {
        "leyline_uploads_total outcome=refused": 1,
        "leyline_refusals_total code=not_a_picture": 1,
        "leyline_refusals_total code=not_found": 1,
        "leyline_refusals_total code=unknown_host": 1,
        "leyline_refusals_total code=bad_request": 1,
    }


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_whose_client_left_is_counted_as_that_and_once(server: LiveServer) -> None:
    api = Api(server.url)
    before = await numbers(api)
    with Connection(server.url) as connection:
        head = connection.request("POST", "/api/video/upload/", Content_Type=FORM, Content_Length="1000")
        head.send(b"--leyline\r\n")
        await api.request("GET", "/healthz")
    until(lambda: "status=499" in server.log(), "its line in the log")
    assert grown(before, await numbers(api)) == {"leyline_uploads_total outcome=left": 1}


@pytest.mark.gen_test(timeout=60)
async def test_cancels_and_a_paused_line_show(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    operator = {"Authorization": f"Bearer {(server.data_dir / 'operator-token').read_text().strip()}"}
    before = await numbers(api)
    assert (await api.call("POST", "/api/queue/pause", headers=operator))[0] == 200
    _, task = await api.upload(photo())
    paused = await numbers(api)
    assert (paused["leyline_paused"], paused["leyline_waiting"]) == (1, 1)
    await api.call("POST", f"/api/video/{task['task_id']}/cancel")
    assert (await api.call("POST", "/api/queue/resume", headers=operator))[0] == 200
    assert grown(before, await numbers(api)) == {
        "leyline_uploads_total outcome=accepted": 1,
        "leyline_accepted_total": 1,
        "leyline_tasks_total outcome=canceled": 1,
    }


@pytest.mark.gen_test(timeout=60)
async def test_the_numbers_of_the_machine_are_there(server: LiveServer) -> None:
    api = Api(server.url)
    await api.model()
    told = await numbers(api)
    assert 20e6 < told["process_resident_memory_bytes"] < 300e6
    assert 20e6 < told["leyline_model_resident_memory_bytes model=local"] < 3e9
    assert told["leyline_disk_free_bytes"] > 0 and told["leyline_disk_reserve_bytes"] == 200e6
    assert told["leyline_keep_limit_bytes"] == 20e9 and told["leyline_waiting_limit"] == 1000
    assert sum(value for name, value in told.items() if name.startswith("leyline_model state=")) == 1
    assert [name for name in told if name.startswith("leyline_build_info python=3.")]
    beats = told["leyline_event_loop_lag_seconds_count"]
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await numbers(api))["leyline_event_loop_lag_seconds_count"] == beats:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.gen_test(timeout=60)
async def test_prometheus_gets_the_format_that_it_asks_for(server: LiveServer) -> None:
    api = Api(server.url)
    open_metrics = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
    answer = await api.request("GET", "/metrics", headers={"Accept": open_metrics})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.body.endswith(b"# EOF\n")
    plain = await api.request("GET", "/metrics")
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.gen_test(timeout=60)
async def test_each_metric_is_documented_and_none_besides(server: LiveServer) -> None:
    body = (await Api(server.url).request("GET", "/metrics")).body.decode()
    told = set(re.findall(r"^# TYPE (\S+) ", body, re.MULTILINE))
    table = "".join(line for line in MONITORING.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`((?:leyline|process)_\w+)`", table))
    assert told == documented


def test_promtool_finds_nothing_wrong_with_the_metrics(server: LiveServer) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("LEFT OUT: promtool is not here (Debian: prometheus)")
    with Connection(server.url) as connection:
        body = connection.request("GET", "/metrics").answer().body
    checked = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


@pytest.mark.gen_test(timeout=60)
async def test_each_try_of_a_webhook_is_counted_by_what_it_made_of_the_message(tmp_path: Path) -> None:
    async with receiver() as takes, receiver() as fails:
        fails.how = "fails"
        hosts = f"{takes.origin}, {fails.origin}"
        with LiveServer(
            tmp_path / "data", webhook_hosts=hosts, webhook_networks="127.0.0.0/8", webhook_url=fails.url
        ) as server:
            api = await Api(server.url).open_page()
            body, kind = form(photo(), webhook_url=takes.url)
            await api.call("POST", "/api/video/upload/", body=body, headers={"Content-Type": kind})
            await takes.until(2)
            await fails.until(1)
            told: dict[str, float] = {}
            async with asyncio.timeout(DEADLINE_SECONDS):
                while told.get("leyline_webhook_try_seconds_count") != 3:
                    told = await numbers(api)
                    await asyncio.sleep(0.02)
    assert told["leyline_webhook_tries_total state=delivered"] == 2
    assert told["leyline_webhook_tries_total state=waiting"] == 1
    assert told["leyline_webhooks_waiting"] == 2, "the second one waits behind the first"


# What it costs


def calls(work: Callable[[], Any]) -> int:
    """How many functions of Python `work` calls, its own call aside."""
    count = 0

    def count_call(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count - 1


WORDS: dict[Move, dict[str, Any]] = {
    Move.PUT_BACK: {"reason": "crash", "counts_attempt": True},
    Move.SUCCEEDED: {"seconds": 30.0},
    Move.FAILED: {"code": "model_error", "reason": ""},
}


@pytest.mark.parametrize("move", list(Move))
def test_counting_a_move_costs_a_handful_of_calls(move: Move) -> None:
    counted, said, task = Numbers(), Said(move, **WORDS.get(move, {})), SimpleNamespace(**TASK)
    assert calls(lambda: counted.moved(task, said)) <= MOST_CALLS  # type: ignore[arg-type]


@pytest.mark.gen_test(timeout=60)
async def test_who_watches_progress_has_nothing_counted(server: LiveServer) -> None:
    """A frame, a ping and a word of progress are the hot paths: nothing of them is in any number."""
    api = await Api(server.url).open_page()
    socket = await api.socket()
    await socket.until("snapshot")
    before = await numbers(api)
    for _ in range(5):
        await socket.say("ping")
        await socket.until("pong")
    assert grown(before, await numbers(api)) == {}
    socket.close()


def test_a_failure_that_only_a_later_release_knows_breaks_nothing() -> None:
    counted = Numbers()
    counted.moved(SimpleNamespace(**{**TASK, "error_code": "new"}), Said(Move.FAILED))  # type: ignore[arg-type]
    assert counted.registry.get_sample_value("leyline_tasks_total", {"outcome": "failed"}) == 1


def test_a_clock_that_was_put_back_is_a_wait_of_nothing() -> None:
    counted = Numbers()
    counted.moved(SimpleNamespace(**{**TASK, "started_at": 10.0}), Said(Move.CLAIMED))  # type: ignore[arg-type]
    assert counted.registry.get_sample_value("leyline_wait_seconds_sum") == 0
