"""Workers of other machines make the front door's videos: real processes, and everything that may become of one."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.machines import (
    LiveWorker,
    all_ready,
    eventually_true,
    free_port,
    front_door,
    members,
    until_members,
)
from tests.live_server import Api, eventually, tab
from tests.pictures import photo

pytestmark = pytest.mark.long

MODEL = "tests.models.directed:Directed"


class House:
    """A front door and one worker of it, which is there anew for each test that finds it gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.server = front_door(folder / "data", model=MODEL, cluster=f"127.0.0.1:{self.port}", stall_seconds=20)
        self.directed = folder / "directed"
        self.directed.mkdir()
        self.workers: list[LiveWorker] = []

    def another(self, *words: str) -> LiveWorker:
        folder = self.folder / f"worker-{len(self.workers)}"
        where = f"127.0.0.1:{self.port}"
        worker = LiveWorker(folder, where, "--name", "gpu", *words, DIRECTED=str(self.directed))
        self.workers.append(worker)
        return worker.start()

    async def ready(self) -> tuple[Api, LiveWorker]:
        """With one worker that is idle."""
        for leftover in (*self.directed.glob("made-*"), *self.directed.glob("done")):
            leftover.unlink()
        api = Api(self.server.url)
        if not self.workers or self.workers[-1].process is None or self.workers[-1].process.poll() is not None:
            self.another()
        await until_members(api, self.server, all_ready(1), "one worker is ready")
        return api, self.workers[-1]

    async def begun(self, api: Api) -> str:
        """A task that is being made."""
        _, task = await api.upload(photo())
        task_id = str(task["task_id"])

        async def is_made() -> bool:
            return bool((await api.status(task_id))["progress"])

        await eventually_true(is_made, "it is being made")
        return task_id

    async def put_back(self, api: Api, task_id: str) -> Any:
        """The task once it waits in line again."""

        async def waits() -> bool:
            return bool((await api.status(task_id))["status"] == "queued")

        await eventually_true(waits, "it waits again")
        return await api.status(task_id)

    def done(self) -> None:
        (self.directed / "done").touch()

    def made(self) -> bytes:
        """The video of the one run that has ended well, as the model made it."""
        (made,) = self.directed.glob("made-*")
        return made.read_bytes()

    def videos(self, task_id: str) -> list[Path]:
        return list((self.server.data_dir / "videos").glob(f"{task_id}*"))

    def unfinished(self) -> list[Path]:
        return [path for path in (self.server.data_dir / "tmp").iterdir() if path.suffix != ".lock"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    with house.server:
        yield house
        for worker in house.workers:
            worker.__exit__()


@pytest.mark.gen_test
async def test_a_video_made_elsewhere_arrives_as_it_was_made_and_leaves_nothing_there(house: House) -> None:
    api, worker = await house.ready()
    task_id = await house.begun(api)
    house.done()
    task = await api.finished(task_id)
    assert task["status"] == "succeeded" and task["attempt"] == 1
    (video,) = house.videos(task_id)
    assert video.read_bytes() == house.made()
    assert video.stat().st_mode & 0o777 == 0o600
    await eventually(lambda: not worker.leftovers(), "nothing is left on the worker")
    await eventually(lambda: not house.unfinished(), "files go after the news")
    assert "sees 64 x 48" in worker.log(), "the model saw the picture, and the worker's log has what it printed"
    token = (house.server.data_dir / "operator-token").read_text().strip()
    _, told = await api.call("GET", f"/api/video/{task_id}/output", headers={"Authorization": f"Bearer {token}"})
    assert told["runs"][0]["lines"] == ["sees 64 x 48 on any"]


@pytest.mark.gen_test
async def test_a_video_made_elsewhere_is_watched_while_it_grows_and_has_previews(house: House) -> None:
    await house.ready()
    async with tab(house.server) as (api, socket):
        _, task = await api.upload(photo())

        def shows(told: dict[str, Any]) -> bool:
            return bool(told["task_id"] == task["task_id"] and (told["watchable"] or {}).get("segments", 0) >= 2)

        await socket.until("task_status", shows)
        path = f"/api/video/{task['task_id']}"
        status, view = await api.call("POST", f"{path}/view", body="{}")
        assert status == 200 and not view["complete"] and len(view["segments"]) >= 2
        headers = {"X-Leyline-Ticket": view["ticket"], "Range": "bytes=0-"}
        answer = await api.request("GET", f"{path}/video", headers=headers)
        assert answer.code == 206 and len(answer.body) >= view["size"]
        preview = await api.request("GET", f"{path}/preview")
        assert preview.code == 200 and preview.body[:2] == b"\xff\xd8" and len(preview.body) <= 20_000
        house.done()
        assert (await api.finished(task["task_id"]))["status"] == "succeeded"


@pytest.mark.gen_test
async def test_a_cancel_reaches_the_model_elsewhere(house: House) -> None:
    api, worker = await house.ready()
    task_id = await house.begun(api)
    status, _ = await api.call("POST", f"/api/video/{task_id}/cancel")
    assert status == 202
    assert (await api.finished(task_id))["status"] == "canceled"
    await until_members(api, house.server, all_ready(1), "the worker is idle again")
    await eventually(lambda: not house.videos(task_id) and not house.unfinished(), "files go after the news")
    await eventually(lambda: not worker.leftovers(), "nothing is left on the worker")


@pytest.mark.gen_test
async def test_a_model_that_dies_elsewhere_counts_as_an_attempt_and_its_task_is_done(house: House) -> None:
    api, worker = await house.ready()
    before = len(worker.model_pids())
    task_id = await house.begun(api)
    (house.directed / "crash").touch()
    await eventually(lambda: not (house.directed / "crash").exists(), "it has crashed")
    house.done()
    task = await api.finished(task_id)
    assert (task["status"], task["attempt"]) == ("succeeded", 2)
    (video,) = house.videos(task_id)
    assert video.read_bytes() == house.made()
    assert len(worker.model_pids()) == before + 1


@pytest.mark.gen_test
async def test_an_error_of_the_model_elsewhere_is_the_tasks_failure(house: House) -> None:
    api, _ = await house.ready()
    task_id = await house.begun(api)
    (house.directed / "fail").touch()
    task = await api.finished(task_id)
    assert (task["status"], task["error"]["code"]) == ("failed", "model_error")
    await eventually(lambda: not house.unfinished(), "files go after the news")


@pytest.mark.gen_test
async def test_a_killed_worker_loses_nothing_and_no_attempt(house: House) -> None:
    api, worker = await house.ready()
    task_id = await house.begun(api)
    model = worker.model_pids()[-1]
    worker.signal(signal.SIGKILL)
    await until_members(api, house.server, lambda found: not found, "the front door knows that it has gone")
    task = await house.put_back(api, task_id)
    assert (task["queue"]["position"], task["attempt"]) == (1, 1)
    await eventually(lambda: not Path(f"/proc/{model}").exists(), "its model process has gone with it")
    house.done()
    house.another()
    task = await api.finished(task_id)
    assert (task["status"], task["attempt"]) == ("succeeded", 1)
    (video,) = house.videos(task_id)
    assert video.read_bytes() == house.made()
    await eventually(lambda: not house.unfinished(), "files go after the news")


@pytest.mark.gen_test
async def test_a_worker_that_is_told_to_end_gives_its_task_back_and_ends_cleanly(house: House) -> None:
    api, worker = await house.ready()
    task_id = await house.begun(api)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    await until_members(api, house.server, lambda found: not found, "it has left")
    assert (await house.put_back(api, task_id))["attempt"] == 1
    assert not worker.leftovers() and not any(worker.temp.iterdir())
    assert "Traceback" not in worker.log()
    assert worker.log().count("event=joined") == 1, "it has not looked for another place"
    assert "reason='it left: it stops'" in house.server.log().rpartition("event=member_gone")[2]
    house.done()
    house.another()
    assert (await api.finished(task_id))["attempt"] == 1


@pytest.mark.gen_test
async def test_a_worker_that_is_told_to_end_together_with_its_model_counts_no_attempt_and_does_not_come_back(
    house: House,
) -> None:
    """As Slurm ends a job: all of its processes at once, the model first or last."""
    api, worker = await house.ready()
    task_id = await house.begun(api)
    joined_before = worker.log().count("event=joined")
    os.kill(worker.model_pids()[-1], signal.SIGTERM)
    await eventually(lambda: "event=model_gone" in worker.log().rpartition("event=joined")[2], "the model is gone")
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert (await house.put_back(api, task_id))["attempt"] == 1
    assert worker.log().count("event=joined") == joined_before
    house.done()
    house.another()
    assert (await api.finished(task_id))["attempt"] == 1


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
@pytest.mark.gen_test
async def test_a_front_door_that_comes_back_finds_its_workers_with_the_model_loaded(
    house: House, ends: signal.Signals
) -> None:
    api, worker = await house.ready()
    loaded = worker.model_pids()
    task_id = await house.begun(api)
    waited = worker.log().count("event=waiting_for_front_door")
    house.server.signal(ends)
    assert house.server.wait() == (-ends if ends is signal.SIGKILL else 0)
    await eventually(lambda: worker.log().count("event=waiting_for_front_door") > waited, "the worker waits")
    house.done()
    house.server.start()
    api = Api(house.server.url)
    await until_members(api, house.server, lambda found: len(found) == 1, "it is back")
    task = await api.finished(task_id)
    assert (task["status"], task["attempt"]) == ("succeeded", 1)
    (video,) = house.videos(task_id)
    assert video.read_bytes() == house.made()
    assert worker.model_pids() == loaded, "the model was not loaded again"
    assert worker.log().count("event=waiting_for_front_door") == waited + 1, "which it has said once"


@pytest.mark.gen_test
async def test_two_workers_of_one_name_are_told_apart_and_share_the_work(house: House) -> None:
    api, first = await house.ready()
    second = house.another("--devices", "3,5")
    try:
        found = await until_members(api, house.server, all_ready(3), "all are ready")
        assert [each["name"] for each in found] == ["gpu", "gpu 2", "gpu 3"]
        tasks = [await house.begun(api) for _ in range(3)]
        house.done()
        assert {(await api.finished(task))["status"] for task in tasks} == {"succeeded"}
        found = await members(api, house.server)
        assert [each["runs"] - each["failures"] >= 1 for each in found] == [True] * 3
        assert {"on 3", "on 5"} <= {f"on {n}" for n in (3, 5) if f"48 on {n}" in second.log()}
        assert "48 on any" in first.log()
    finally:
        second.signal(signal.SIGTERM)
        second.wait()
        house.workers.remove(second)
        await until_members(api, house.server, lambda found: len(found) == 1, "it has left")


@pytest.mark.gen_test
async def test_who_is_let_go_finishes_ends_and_does_not_come_back(house: House) -> None:
    api, worker = await house.ready()
    task_id = await house.begun(api)
    token = (house.server.data_dir / "operator-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    status, _ = await api.call("POST", "/api/workers/gpu/drain", headers=headers)
    assert status == 200
    house.done()
    assert (await api.finished(task_id))["attempt"] == 1
    assert worker.wait() == 0
    await until_members(api, house.server, lambda found: not found, "it has left")
    told = await eventually(lambda: house.server.log().rpartition("event=member_gone ")[2], "it is told")
    assert told.startswith("member='gpu' reason='it was let go'\n")


@pytest.mark.gen_test
async def test_random_bytes_and_a_port_scan_do_no_harm_and_open_no_other_port(house: House) -> None:
    api, _ = await house.ready()
    pids = [house.server.process.pid, house.workers[-1].process.pid]  # type: ignore[union-attr]
    assert [len(listening(pid)) for pid in pids] == [2, 0], "page and workers; nobody calls a worker"
    for said in (b"", os.urandom(2000), b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 8, b"\0" * 64):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(said)
        writer.write_eof()
        await reader.read()
        writer.close()
    assert len(await members(api, house.server)) == 1
    assert house.server.log().count("event=connection_refused") >= 4
    assert "Traceback" not in house.server.log()


def listening(pid: int) -> set[str]:
    """The inodes of the TCP sockets on which a process listens."""
    held = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return {line[9] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in held}
