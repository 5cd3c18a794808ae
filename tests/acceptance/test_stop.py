"""A server is told to stop, or a second one is started on its data: nothing is lost, and nobody waits long."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from time import monotonic

import pytest

from tests.audit import Audit
from tests.live_server import ROOT, Api, LiveServer, eventually
from tests.pictures import photo
from tests.uploads import half_sent

pytestmark = pytest.mark.long

STOP_SECONDS = 10.0
SECOND_SIGNAL_SECONDS = 1.0
REFUSAL_SECONDS = 2.0
TRIES = 3  # the machine may be busy with other things
IMPORT = ("-c", "import leyline.cli, web.server")
SERVE = "os.execv(sys.executable, [sys.executable, '-m', 'leyline', 'serve'])"


async def is_processing(server: LiveServer, task_id: str) -> None:
    await eventually((server.data_dir / "tmp" / f"{task_id}-1.preview.jpg").exists, "the model is at work")


@pytest.mark.gen_test(timeout=90)
async def test_a_stop_in_the_middle_of_everything_loses_nothing(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=60) as server:
        api = Api(server.url)
        accepted = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
        await is_processing(server, accepted[0])
        async with half_sent(server, photo()) as upload:
            began = monotonic()
            assert await asyncio.to_thread(server.stop) == 0
            assert monotonic() - began < STOP_SECONDS
            with contextlib.suppress(OSError, EOFError):
                assert (await upload.answer())[0] != 202
        rows = Audit(server.data_dir).promises()
        assert [row["task_id"] for row in rows] == accepted
        assert {(row["status"], row["attempt"]) for row in rows} == {("queued", 1)}
        server.settings["model_seconds"] = 0.5
        server.start()
        for task_id in accepted:
            done = await Api(server.url).finished(task_id)
            assert (done["status"], done["attempt"]) == ("succeeded", 1)
        server.stop()
        rows = Audit(server.data_dir).rest()
        assert sorted(rows, key=lambda row: row["finished_at"]) == rows, "the interrupted one was first again"


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.gen_test(timeout=60)
async def test_an_idle_or_loading_server_stops_at_once(tmp_path: Path, first: signal.Signals) -> None:
    server = LiveServer(tmp_path / "data")
    server.command = starting_with(f"signal.signal({first:d}, signal.SIG_DFL)")  # whatever our own starter ignores
    with server:
        for _ in range(2):
            server.signal(first)
            began = monotonic()
            assert await asyncio.to_thread(server.wait) == 0
            assert monotonic() - began < STOP_SECONDS
            server.start()
            await eventually(lambda: server.log().count("event=model_ready") >= 1, "the model is loaded")


@pytest.mark.gen_test(timeout=60)
async def test_a_server_started_with_nohup_outlives_its_terminal(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data")
    server.command = starting_with("signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    with server:
        server.signal(signal.SIGHUP)
        assert (await Api(server.url).call("GET", "/healthz"))[0] == 200
        assert await asyncio.to_thread(server.stop) == 0, "this was the first signal that it heard"


@pytest.mark.gen_test(timeout=60)
async def test_a_signal_to_the_whole_group_is_a_clean_stop(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data")
    server.command = starting_with("os.setpgrp()")
    with server:
        _, task = await Api(server.url).upload(photo())  # so that both processes are at work
        await Api(server.url).finished(task["task_id"])
        assert server.process
        os.killpg(server.process.pid, signal.SIGTERM)
        assert await asyncio.to_thread(server.wait) == 0
        assert "event=stopped" in server.log()
        assert " ERROR " not in server.log()


def starting_with(statement: str) -> tuple[str, ...]:
    """The server's command, run by a process that did this first."""
    return sys.executable, "-c", f"import os, signal, sys; {statement}; {SERVE}"


@pytest.mark.alone
@pytest.mark.gen_test(timeout=120)
async def test_a_second_signal_is_immediate_and_still_safe(tmp_path: Path) -> None:
    seconds: list[float] = []
    while len(seconds) < TRIES and not (seconds and seconds[-1] < SECOND_SIGNAL_SECONDS):
        seconds.append(await seconds_after_a_second_signal(tmp_path / f"data{len(seconds)}"))
    assert seconds[-1] < SECOND_SIGNAL_SECONDS, seconds


async def seconds_after_a_second_signal(data: Path) -> float:
    with LiveServer(data, model_seconds=60) as server:
        _, task = await Api(server.url).upload(photo())
        await is_processing(server, task["task_id"])
        async with half_sent(server, photo()):  # the first signal waits for it a moment
            server.signal(signal.SIGTERM)
            await eventually(lambda: "event=stopping" in server.log(), "the first signal is heard")
            server.signal(signal.SIGINT)
            began = monotonic()
            assert await asyncio.to_thread(server.wait) == 1
            seconds = monotonic() - began
        Audit(server.data_dir).promises()
        server.settings["model_seconds"] = 0.5
        server.start()
        done = await Api(server.url).finished(task["task_id"])
        assert (done["status"], done["attempt"]) == ("succeeded", 1)
    return seconds


@pytest.mark.gen_test(timeout=60)
async def test_a_second_server_on_the_same_data_refuses_at_once_and_names_the_first(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        second = LiveServer(tmp_path / "data")
        second.log_path = tmp_path / "second.log"
        took = [await seconds_to_refusal(second) for _ in range(TRIES)]
        imports = [await seconds_to_import() for _ in range(TRIES)]
        assert min(took) < max(REFUSAL_SECONDS, 2 * min(imports)), "a busy machine is slow to start anything"
        assert server.process
        (sentence,) = set(second.log().splitlines())
        assert f"is in use by process {server.process.pid}, serving localhost:" in sentence
        assert "Stop that server, or name another --data-dir." in sentence
        assert (await Api(server.url).upload(photo()))[0] == 202, "the first one goes on"


async def seconds_to_refusal(server: LiveServer) -> float:
    began = monotonic()
    server.launch()
    assert await asyncio.to_thread(server.wait) == 1
    return monotonic() - began


async def seconds_to_import() -> float:
    """What it takes to start a server's Python, and to do nothing with it."""
    began = monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, *IMPORT, cwd=ROOT)
    assert await process.wait() == 0
    return monotonic() - began


@pytest.mark.gen_test(timeout=60)
async def test_a_stale_lock_never_blocks(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        server.kill()
        assert (tmp_path / "data" / "lock").read_text().startswith("process ")
        server.start()
        server.kill()
        (tmp_path / "data" / "lock").write_text("process 1, serving the whole world\n" * 100)
        server.start()
        assert (await Api(server.url).upload(photo()))[0] == 202
