"""A worker whose disk is full uses up no picture's runs: it rests, and others make what it could not."""

from pathlib import Path

import pytest

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import Api, eventually
from tests.pictures import photo
from tests.small_disk import SmallDisk

pytestmark = pytest.mark.long


@pytest.mark.gen_test(timeout=90)
async def test_a_worker_whose_disk_is_full_rests_while_another_makes_the_videos(tmp_path: Path) -> None:
    with (
        SmallDisk(tmp_path / "disk", megabytes=4) as disk,
        front_door(tmp_path / "data", model="tests.models.plain:Tiny") as server,
    ):
        api = Api(server.url)
        full = LiveWorker(tmp_path / "full", where(server), "--name", "full", TMPDIR=str(disk.path))
        full.words = (*disk.enter, *full.words)
        with full:
            await until_members(api, server, all_ready(1), "it has joined")
            disk.fill()
            tasks = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
            (member,) = await until_members(api, server, lambda found: found[0]["state"] == "failed", "it rests")
            assert member["detail"].startswith("Pictures do not reach this machine")
            assert "No space left on device" in server.log()
            with LiveWorker(tmp_path / "good", where(server), "--name", "good"):
                ended = [await api.finished(task) for task in tasks]
                assert [(task["status"], task["attempt"]) for task in ended] == [("succeeded", 1)] * 3
                assert server.log().count("event=lost") < 8, "it has not run wild"
            disk.heal()
            await until_members(api, server, all_ready(1), "it has rested")
            _, task = await api.upload(photo(4))
            assert (await api.finished(task["task_id"]))["status"] == "succeeded"
            await eventually(lambda: not list(disk.seen.rglob("*.part")), "nothing is left on it")
