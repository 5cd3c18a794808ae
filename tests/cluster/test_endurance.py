"""What takes long between machines: a worker that is frozen past its time, a video of 500 MB, forty at once."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

MODEL = "tests.models.directed:Directed"
LARGE_MB = 500
BUDGET_MB = 64
CROWD_MB = 25
CROWD = ("--members", "40", "--megabytes", str(CROWD_MB), "--together", "40")


@pytest.mark.gen_test(timeout=180)
async def test_a_frozen_worker_is_given_up_and_comes_back_with_its_model_and_what_it_made_changes_nothing(
    tmp_path: Path,
) -> None:
    with front_door(tmp_path / "data", model=MODEL) as server:
        api = Api(server.url)
        with LiveWorker(tmp_path / "first", where(server), DIRECTED=str(tmp_path)) as frozen:
            await until_members(api, server, all_ready(1), "it has joined")
            task_id = await begun(api)
            frozen.signal(signal.SIGSTOP)
            (tmp_path / "done").touch()  # its model finishes meanwhile
            await eventually(lambda: list(tmp_path.glob("made-*")), "its model has made the video")
            await until_members(api, server, lambda found: not found, "it is given up")
            assert (await api.status(task_id))["attempt"] == 1
            with LiveWorker(tmp_path / "second", where(server), DIRECTED=str(tmp_path)) as other:
                task = await api.finished(task_id)
                assert (task["status"], task["attempt"]) == ("succeeded", 1)
                (video,) = (server.data_dir / "videos").iterdir()
                before = video.stat()
                frozen.signal(signal.SIGCONT)
                await until_members(api, server, all_ready(2), "it is back")
                assert len(frozen.model_pids()) == 1, "with its model still loaded"
                after = video.stat()
                assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
                assert await api.status(task_id) == task
                assert list((server.data_dir / "videos").iterdir()) == [video]
                assert not list((server.data_dir / "tmp").iterdir())
                await eventually(lambda: not frozen.leftovers(), "nothing is left on it")
                assert other.model_pids()
        assert "Traceback" not in server.log() + frozen.log()


@pytest.mark.gen_test(timeout=240)
async def test_a_video_of_500_mb_passes_and_the_front_door_holds_little_of_it(tmp_path: Path) -> None:
    with front_door(tmp_path / "data", model=MODEL, stall_seconds=120) as server:
        api = Api(server.url)
        words = {"DIRECTED": str(tmp_path), "DIRECTED_MB": str(LARGE_MB)}
        with LiveWorker(tmp_path / "worker", where(server), **words) as worker:
            await until_members(api, server, all_ready(1), "it has joined")
            before = peak_mb(server)
            (tmp_path / "done").touch()
            _, task = await api.upload(photo())
            while (await api.status(task["task_id"]))["finished_at"] is None:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
            assert (await api.status(task["task_id"]))["status"] == "succeeded"
            (video,) = (server.data_dir / "videos").iterdir()
            (made,) = await asyncio.to_thread(files, tmp_path, "made-*")
            assert video.stat().st_size > LARGE_MB * 1_000_000
            assert same(video, made)
            grown = peak_mb(server) - before
            print(f"{video.stat().st_size / 1e6:.0f} MB passed, the front door grew by {grown:.0f} MB")
            assert grown < BUDGET_MB
            await eventually(lambda: not worker.leftovers(), "nothing is left on the worker")


@pytest.mark.gen_test(timeout=240)
async def test_forty_videos_at_once_cost_the_front_door_no_more_than_its_budget(tmp_path: Path) -> None:
    with front_door(tmp_path / "data", stall_seconds=120, max_waiting_per_client=100) as server:
        api = Api(server.url)
        crowd = LiveWorker(tmp_path / "crowd", where(server), *CROWD)
        crowd.words = (sys.executable, "-m", "tests.cluster.crowd", *crowd.words[4:])
        with crowd:
            await until_members(api, server, all_ready(40), "all have joined")
            before = peak_mb(server)
            tasks = [(await api.upload(photo(n)))[1]["task_id"] for n in range(40)]
            for task in tasks:
                while (told := await api.status(task))["finished_at"] is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
                assert (told["status"], told["attempt"]) == ("succeeded", 1)
            grown = peak_mb(server) - before
            sizes = [video.stat().st_size for video in await asyncio.to_thread(files, server.data_dir / "videos")]
            print(f"{len(sizes)} videos, {sum(sizes) / 1e6:.0f} MB in all, the front door grew by {grown:.0f} MB")
            assert sizes == [CROWD_MB * 1_000_000] * 40
            assert grown < BUDGET_MB
            await eventually(lambda: not crowd.leftovers(), "nothing is left on the worker")


def files(folder: Path, pattern: str = "*") -> list[Path]:
    return list(folder.glob(pattern))


async def begun(api: Api) -> str:
    _, task = await api.upload(photo())
    while not (await api.status(task["task_id"]))["progress"]:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return str(task["task_id"])


def peak_mb(server: LiveServer) -> float:
    """The most memory that the front door ever had, in MB."""
    assert server.process
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1000


def same(one: Path, other: Path) -> bool:
    with one.open("rb") as these, other.open("rb") as those:
        while data := these.read(1_000_000):
            if data != those.read(1_000_000):
                return False
        return not those.read(1)
