"""The small stills of a video that a worker made: the front door has them, whether that worker is there or not."""

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.cluster.machines import LiveWorker, all_ready, front_door, until_members, where
from tests.live_server import Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

STILLS = 8


@pytest.fixture
def directed(tmp_path: Path) -> Path:
    """Where the model is told that its video, of a second or so, is long enough."""
    folder = tmp_path / "directed"
    folder.mkdir()
    return folder


@pytest.fixture
def door(tmp_path: Path) -> Iterator[LiveServer]:
    with front_door(tmp_path / "data", model="tests.models.directed:Directed", stall_seconds=20) as server:
        yield server


async def stills(api: Api, task_id: str) -> list[Image.Image]:
    """All of them, by their own addresses."""
    found = []
    for n in range(STILLS):
        answer = await api.request("GET", f"/api/video/{task_id}/glimpse?n={n}")
        assert (answer.code, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.body
        found.append(Image.open(io.BytesIO(answer.body)).convert("L"))
        assert max(found[-1].size) <= 320
    return found


async def made(api: Api, directed: Path) -> str:
    """A video of some dozens of frames, each a little lighter than the one before."""
    _, task = await api.upload(photo())
    task_id = str(task["task_id"])
    while (await api.status(task_id))["progress"] < 5:
        pass
    (directed / "done").touch()
    assert (await api.finished(task_id))["status"] == "succeeded"
    (directed / "done").unlink()
    return task_id


@pytest.mark.gen_test(timeout=240)
async def test_a_workers_videos_have_stills_and_keep_them_when_it_has_left(
    door: LiveServer, directed: Path, tmp_path: Path
) -> None:
    with LiveWorker(tmp_path / "worker", where(door), "--name", "gpu", DIRECTED=str(directed)) as worker:
        api = await Api(door.url).open_page()
        await until_members(api, door, all_ready(1), "one worker is ready")
        seen, unseen = await made(api, directed), await made(api, directed)
        first = await stills(api, seen)
        shades = [ImageStat.Stat(image).mean[0] for image in first]
        assert shades == sorted(shades) and shades[-1] - shades[0] > 20, "from its beginning to its end"
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        await until_members(api, door, lambda found: not found, "the worker has left")
        assert [image.tobytes() for image in await stills(api, seen)] == [image.tobytes() for image in first]
        later = [ImageStat.Stat(image).mean[0] for image in await stills(api, unseen)]
        assert later == sorted(later) and later[-1] - later[0] > 20, "which nobody had looked at while it was there"
        for task_id in (seen, unseen):
            assert (await api.status(task_id))["views"] == 0
            answer = await Api(door.url).request("GET", f"/api/video/{task_id}/glimpse?n=0")
            assert answer.code in (403, 404), "they are their owner's"
