"""The wall clock is set to and fro, or the server is frozen for a while: no timeout and no order depends on it."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest

from tests.live_server import Api, LiveServer, eventually, tab
from tests.pictures import photo
from tests.processes import send_signal

pytestmark = pytest.mark.long

DAY_SECONDS = 86_400
STALL_SECONDS = 2.0
LATEST_SECONDS = 1.1 * STALL_SECONDS + 0.3
TRIES = 5  # the machine may be busy with other things


class StrangeServer(LiveServer):
    """A server whose wall clock can be set."""

    command = (sys.executable, "-m", "tests.strange_clock", "serve")

    def start(self) -> LiveServer:
        self.clock = self.data_dir.parent / "clock"
        self.environment = {"CLOCK": str(self.clock)}
        self.set_clock(0)
        return super().start()

    def set_clock(self, days: float) -> None:
        """From now on its wall clock is so many days fast."""
        part = self.clock.with_suffix(".part")
        part.write_text(str(days * DAY_SECONDS))
        part.rename(self.clock)


def run_seconds(server: LiveServer) -> list[float]:
    with closing(sqlite3.connect(server.data_dir / "leyline.db")) as connection:
        return [seconds for (seconds,) in connection.execute("SELECT seconds FROM durations ORDER BY number")]


@pytest.mark.gen_test(timeout=90)
async def test_jumps_of_the_wall_clock_change_no_order_no_duration_and_no_attempt(tmp_path: Path) -> None:
    with StrangeServer(tmp_path / "data", model_seconds=1, stall_seconds=30) as server:
        async with tab(server) as (api, socket):
            task_ids, estimates = [], []
            for number, days in enumerate((0, 1, -1, 1)):
                server.set_clock(days)
                task_ids.append((await api.upload(photo(number)))[1]["task_id"])
            for task_id, days in zip(task_ids, (-1, 1, -1, 1), strict=True):
                await socket.until(
                    "task_status", lambda task, own=task_id: task["task_id"] == own and task["progress"] > 10
                )
                server.set_clock(days)
                now = (await socket_time(api)).timestamp()
                if eta := (await api.status(task_id))["eta"]:  # else it has ended meanwhile
                    estimates.append(datetime.fromisoformat(eta["ready_at"]).timestamp() - now)
            assert estimates and all(0 <= seconds < 60 for seconds in estimates)
            tasks = [await api.finished(task_id) for task_id in task_ids]
        assert [(task["status"], task["attempt"]) for task in tasks] == [("succeeded", 1)] * 4
        ended = [line for line in server.log().splitlines() if "event=succeeded" in line]
        assert [next(task_id for task_id in task_ids if task_id in line) for line in ended] == task_ids
        listed = (await api.call("GET", "/api/video/"))[1]["tasks"]
        assert [task["task_id"] for task in listed] == task_ids[::-1], "newest first, whatever the clock said"
        assert all(1 <= seconds < 30 for seconds in run_seconds(server))
        assert "ERROR leyline.processes event=model_gone" not in server.log()


async def socket_time(api: Api) -> datetime:
    """The server's wall clock."""
    socket = await api.socket()
    hello = await socket.until("hello")
    socket.close()
    return datetime.fromisoformat(hello["server_time"])


@pytest.mark.alone
@pytest.mark.parametrize("days", [1, -1])
@pytest.mark.gen_test(timeout=120)
async def test_a_hang_is_found_out_in_time_though_the_clock_jumps(tmp_path: Path, days: int) -> None:
    settings = {"model": "tests.models.dying:Hangs", "stall_seconds": STALL_SECONDS, "max_attempts": 1}
    with StrangeServer(tmp_path / "data", **settings) as server:
        async with tab(server) as (api, socket):
            seconds: list[float] = []
            while len(seconds) < TRIES and not (seconds and seconds[-1] <= LATEST_SECONDS):
                server.set_clock(0)
                began = monotonic()  # not later than the model's last word
                new = (await api.upload(photo()))[1]["task_id"]
                await socket.until(
                    "task_status", lambda task, own=new: (task["task_id"], task["progress"]) == (own, 5)
                )
                spoke = monotonic()
                server.set_clock(days)
                await socket.until("model", lambda model: model["state"] in ("restarting", "loading"))
                assert monotonic() - began >= 0.9 * STALL_SECONDS
                seconds.append(monotonic() - spoke)
            assert seconds[-1] <= LATEST_SECONDS, seconds


@pytest.mark.gen_test(timeout=60)
async def test_waiting_for_a_change_takes_as_long_as_it_was_asked_to(tmp_path: Path) -> None:
    with StrangeServer(tmp_path / "data", model="tests.models.dying:Hangs") as server:
        api = Api(server.url)
        task_id = (await api.upload(photo()))[1]["task_id"]
        await eventually(lambda: "event=started" in server.log(), "the model is at work")
        while (await api.status(task_id))["progress"] != 5:
            await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})
        for days in (1, -1):
            began = monotonic()
            waiting = asyncio.create_task(
                api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=2"})
            )
            await asyncio.wait([waiting], timeout=0.3)
            server.set_clock(days)
            assert (await waiting)[0] == 200
            assert 1.9 <= monotonic() - began <= 20  # and not a day


# A frozen server


@pytest.mark.parametrize("frozen", ["server", "everything"])
@pytest.mark.gen_test(timeout=90)
async def test_a_server_frozen_for_longer_than_the_stall_limit_goes_on_as_if_nothing_had_been(
    tmp_path: Path, frozen: str
) -> None:
    with LiveServer(tmp_path / "data", model_seconds=2, stall_seconds=2 * STALL_SECONDS) as server:
        async with tab(server) as (api, socket):
            _, task = await api.upload(photo(1))
            await socket.until("task_status", lambda task: task["progress"] > 10)
            assert server.process
            pids = [server.process.pid, *(server.children() if frozen == "everything" else ())]
            for pid in pids:
                send_signal(pid, signal.SIGSTOP)
            late = asyncio.create_task(api.upload(photo(2)))
            await asyncio.wait([late], timeout=3 * STALL_SECONDS)
            assert not late.done()
            for pid in reversed(pids):
                send_signal(pid, signal.SIGCONT)
            code, late_task = await late
            assert code == 202
            for task_id in (task["task_id"], late_task["task_id"]):
                done = await api.finished(task_id)
                assert (done["status"], done["attempt"]) == ("succeeded", 1)
            await socket.until("task_status", lambda data: data["task_id"] == late_task["task_id"])
        assert "ERROR leyline.processes event=model_gone" not in server.log()
        assert "event=bug" not in server.log()
