"""What is decided beside the model process, on the worker's machine, by the front door's settings."""

from pathlib import Path
from typing import Any

import pytest

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import Api
from tests.pictures import photo

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("settings", "code", "printed"),
    [
        (
            {"model": "tests.models.dying:Hangs", "stall_seconds": 1},
            "model_crashed",
            "cause='said nothing for too long'",
        ),
        ({"model": "tests.models.failing:EatsMemory", "model_memory_mb": 600}, "model_out_of_memory", "end=Failed"),
    ],
)
@pytest.mark.gen_test(timeout=60)
async def test_a_worker_keeps_the_front_doors_limits(
    settings: dict[str, Any], code: str, printed: str, tmp_path: Path
) -> None:
    with front_door(tmp_path / "data", max_attempts=1, **settings) as server:
        api = Api(server.url)
        with LiveWorker(tmp_path / "worker", where(server)) as worker:
            await until_members(api, server, all_ready(1), "it has joined")
            _, task = await api.upload(photo())
            ended = await api.finished(task["task_id"])
            assert (ended["status"], ended["error"]["code"]) == ("failed", code)
            (member,) = await until_members(api, server, all_ready(1), "it is idle again")
            assert (member["runs"], member["failures"]) == (1, 1)
            assert printed in worker.log()


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_does_not_load_there_is_told_here_tried_again_and_works_in_the_end(
    tmp_path: Path,
) -> None:
    weights = tmp_path / "weights"
    with front_door(tmp_path / "data", model="tests.models.loading:DiesInLoad") as server:
        api = Api(server.url)
        with LiveWorker(tmp_path / "worker", where(server), WEIGHTS=str(weights)) as worker:
            (member,) = await until_members(
                api, server, lambda found: found and found[0]["state"] == "failed", "it is told"
            )
            assert member["detail"]
            _, task = await api.upload(photo())
            weights.touch()
            ended = await api.finished(task["task_id"])
            assert (ended["status"], ended["attempt"]) == ("succeeded", 1)
            assert len(worker.model_pids()) > 1 and worker.log().count("event=joined") == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_front_door_that_comes_back_with_another_model_has_that_loaded_there(tmp_path: Path) -> None:
    with front_door(tmp_path / "data", model="parallax") as server:
        place = where(server)
        with LiveWorker(tmp_path / "worker", place) as worker:
            await until_members(Api(server.url), server, all_ready(1), "it has joined")
            assert server.stop() == 0
            server.settings |= {"model": "tests.models.plain:Tiny", "cluster": place}
            server.start()
            api = Api(server.url)
            await until_members(api, server, all_ready(1), "it is back")
            assert "event=model_changed name=tests.models.plain:Tiny" in worker.log()
            _, task = await api.upload(photo())
            assert (await api.finished(task["task_id"]))["status"] == "succeeded"
            assert len(worker.model_pids()) == 2
