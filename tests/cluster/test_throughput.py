"""Four workers make almost four times as much as one."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import tab
from tests.pictures import photo

MODEL = "tests.models.plain:Sleeps"  # half a second
RUNS = 12  # of each


@pytest.mark.long
@pytest.mark.alone  # it measures a rate
@pytest.mark.gen_test(timeout=180)
async def test_four_workers_make_almost_four_times_as_much_as_one(tmp_path: Path) -> None:
    alone, together = await rate(tmp_path / "one", 1), await rate(tmp_path / "four", 4)
    print(f"one worker makes {alone:.2f} videos a second, four make {together:.2f}: {together / alone:.2f} times")
    assert together >= 3.8 * alone


async def rate(folder: Path, workers: int) -> float:
    """Videos a second, with a backlog."""
    await asyncio.to_thread(folder.mkdir)
    settings = {"uploads_per_minute": 0, "max_waiting_per_client": 0}
    with front_door(folder / "data", model=MODEL, **settings) as server, ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(LiveWorker(folder / str(number), where(server)))
        async with tab(server) as (api, socket):
            await until_members(api, server, all_ready(workers), "all have joined")
            token = (server.data_dir / "operator-token").read_text().strip()
            operator = {"Authorization": f"Bearer {token}"}
            await api.call("POST", "/api/queue/pause", headers=operator)
            for _ in range(RUNS * workers):
                await api.upload(photo())
            began = monotonic()
            await api.call("POST", "/api/queue/resume", headers=operator)
            for _ in range(RUNS * workers):
                await socket.until("task_status", lambda task: task.get("status") == "succeeded")
            return RUNS * workers / (monotonic() - began)
