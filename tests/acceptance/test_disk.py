"""The disk is full, the database locked, files are gone: people are told, nothing is lost, it heals by itself."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import Awaitable, Iterator
from pathlib import Path
from statistics import median
from time import monotonic

import pytest

from leyline.line.database import BUSY_SECONDS
from tests.audit import Audit
from tests.live_server import Api, LiveServer, Socket, eventually, tab
from tests.pictures import photo
from tests.small_disk import SmallDisk
from tests.uploads import half_sent

pytestmark = pytest.mark.long

DISK_MB = 40
HEALED_SECONDS = 5.0
PROMPT_SECONDS = 0.1
MOST_SECONDS = 0.7 * BUSY_SECONDS  # what waits for the lock takes longer
LOCKED_SECONDS = 10.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", DISK_MB) as small:
        yield small


async def served(server: LiveServer, *task_ids: str) -> None:
    """The page, and the status of these tasks."""
    api = Api(server.url)
    assert (await api.request("GET", "/")).code == 200
    assert (await api.call("GET", "/api/queue"))[0] == 200
    for task_id in task_ids:
        assert (await api.call("GET", f"/api/video/{task_id}/status"))[0] == 200


async def refused(server: LiveServer) -> None:
    answer = await Api(server.url).send(photo(99))
    assert answer.code in (503, 507)
    assert int(answer.headers["Retry-After"]) >= 1


async def takes_uploads_again(server: LiveServer) -> str:
    """The disk has just been given room: an upload is accepted soon, and becomes a video."""
    began = monotonic()
    while (answer := await Api(server.url).send(photo(7))).code != 202:
        assert answer.code in (503, 507)
        assert monotonic() - began < HEALED_SECONDS
    task_id = answer.headers["Location"].split("/")[-2]
    assert (await Api(server.url).finished(task_id))["status"] == "succeeded"
    return task_id


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.gen_test(timeout=120)
async def test_a_server_starts_on_a_full_disk_and_heals(disk: SmallDisk, end: str) -> None:
    with disk.server(disk_reserve_mb=0, model_seconds=4) as server:
        done = (await Api(server.url).upload(photo(1)))[1]["task_id"]
        await Api(server.url).finished(done)
        waiting = (await Api(server.url).upload(photo(2)))[1]["task_id"]
        await eventually((server.data_dir / "tmp" / f"{waiting}-1.preview.jpg").exists, "the model is at work")
        getattr(server, end)()
        server.settings["model_seconds"] = 0.5
        disk.fill()
        server.start()
        disk.fill()
        await served(server, done, waiting)
        await refused(server)
        disk.heal()
        healed = await takes_uploads_again(server)
        assert (await Api(server.url).finished(waiting))["status"] == "succeeded"
        server.stop()
        assert [row["task_id"] for row in Audit(server.data_dir).rest()] == [done, waiting, healed]


@pytest.mark.gen_test(timeout=120)
async def test_whatever_room_is_left_an_upload_is_kept_whole_or_refused(disk: SmallDisk) -> None:
    """From no room at all to enough, page by page: one after the other file and commit does not fit."""
    with disk.server(disk_reserve_mb=0, operator_token="operator") as server:
        api = Api(server.url)
        await api.request("POST", "/api/queue/pause", headers={"Authorization": "Bearer operator"})
        accepted = [(await api.upload(photo(0)))[1]["task_id"]]
        codes = []
        for pages in range(14):
            disk.fill(leave_bytes=4096 * pages)
            answer = await api.send(photo(pages, size=(400, 300)))
            codes.append(answer.code)
            if answer.code == 202:
                accepted.append(answer.headers["Location"].split("/")[-2])
            else:
                assert answer.code in (503, 507)
                assert int(answer.headers["Retry-After"]) >= 1
            await served(server, *accepted)
            disk.heal()
        assert codes[0] == 507
        assert codes[-1] == 202
        assert "event=picture_refused code=disk_low" in server.log()
        assert "event=write_failed error='database or disk is full'" in server.log()
        await takes_place(server, accepted)
        await api.request("POST", "/api/queue/resume", headers={"Authorization": "Bearer operator"})
        for task_id in accepted:
            assert (await api.finished(task_id))["status"] == "succeeded"
        server.stop()
        assert [row["task_id"] for row in Audit(server.data_dir).rest()] == accepted


async def takes_place(server: LiveServer, accepted: list[str]) -> None:
    assert (await Api(server.url).call("GET", "/api/queue"))[1]["waiting"] == len(accepted)


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_that_stops_fitting_half_way_is_refused_and_leaves_nothing(disk: SmallDisk) -> None:
    with disk.server(disk_reserve_mb=0) as server:
        async with half_sent(server, photo() + bytes(1_000_000)) as upload:
            disk.fill()
            await upload.send()
            status, _, headers = await upload.answer()
        assert status == 507
        assert "Retry-After" in headers
        await eventually(lambda: not list((server.data_dir / "tmp").iterdir()), "nothing of it is left")
        disk.heal()
        await takes_uploads_again(server)


@pytest.mark.gen_test(timeout=120)
async def test_a_video_that_does_not_fit_waits_for_room_and_costs_no_attempt(disk: SmallDisk) -> None:
    with disk.server(disk_reserve_mb=0, model_seconds=5) as server:
        api = Api(server.url)
        task_id = (await api.upload(photo(1)))[1]["task_id"]
        await eventually(lambda: "event=started" in server.log(), "the model is at work")
        disk.fill()
        await eventually(lambda: "event=disk_failed" in server.log(), "the disk did not take the video")
        await served(server, task_id)
        await refused(server)
        assert (await api.status(task_id))["attempt"] == 1
        disk.heal()
        await eventually(lambda: server.log().count("event=started") == 2, "it runs again", HEALED_SECONDS)
        done = await api.finished(task_id)
        assert (done["status"], done["attempt"]) == ("succeeded", 1)
        server.stop()
        assert len(Audit(server.data_dir).rest()) == 1


@pytest.mark.gen_test(timeout=60)
async def test_the_reserve_refuses_uploads_before_the_disk_is_full(disk: SmallDisk) -> None:
    with disk.server(disk_reserve_mb=10) as server:
        disk.fill(leave_bytes=9_000_000)
        await refused(server)
        disk.heal()
        disk.fill(leave_bytes=31_000_000)
        await takes_uploads_again(server)


# The database is locked by another program


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def seconds_to_answer(server: LiveServer, task_id: str, until: "asyncio.Future[None]") -> list[float]:
    """How long the page, a task's status and a socket's ping took, again and again."""
    seconds: list[float] = []

    async def timed(question: Awaitable[object]) -> None:
        began = monotonic()
        await question
        seconds.append(monotonic() - began)

    async with tab(server) as (api, socket):
        while not until.done():
            await timed(api.request("GET", "/"))
            await timed(api.status(task_id))
            await timed(pong(socket))
            await asyncio.wait([until], timeout=0.05)
    return seconds


async def pong(socket: Socket) -> None:
    await socket.say("ping")
    await socket.until("pong")


@pytest.mark.alone
@pytest.mark.gen_test(timeout=120)
async def test_a_locked_database_delays_writes_and_nothing_else(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=4) as server:
        api = Api(server.url)
        accepted = [(await api.upload(photo(number)))[1]["task_id"] for number in range(2)]
        await eventually(lambda: "event=started" in server.log(), "the model is at work")
        with locked(tmp_path / "data" / "leyline.db"):
            unlocked = asyncio.ensure_future(asyncio.sleep(LOCKED_SECONDS))
            asking = asyncio.create_task(seconds_to_answer(server, accepted[0], unlocked))
            refusal = await api.send(photo(2))
            assert (refusal.code, json.loads(refusal.body)["code"]) == (503, "database_busy")
            assert int(refusal.headers["Retry-After"]) >= 1
            patient = asyncio.create_task(api.send(photo(3)))
            seconds = await asking
            assert (await api.status(accepted[0]))["status"] == "processing", (
                "done, but it cannot be written down yet"
            )
        answer = await patient
        assert answer.code in (202, 503)
        if answer.code == 202:
            accepted.append(json.loads(answer.body)["task_id"])
        accepted.append(await takes_uploads_again(server))
        for task_id in accepted:
            assert (await api.finished(task_id))["status"] == "succeeded"
        usual = await seconds_to_answer(server, accepted[0], asyncio.ensure_future(asyncio.sleep(2)))
        assert median(seconds) < max(PROMPT_SECONDS, 2 * median(usual)), "a busy machine is never prompt"
        assert max(seconds) < MOST_SECONDS
        assert "event=bug" not in server.log()
        server.stop()
        assert [row["task_id"] for row in Audit(server.data_dir).rest()] == accepted


@pytest.mark.gen_test(timeout=60)
async def test_a_server_stops_in_time_though_its_database_is_locked(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=20) as server:
        _, task = await Api(server.url).upload(photo())
        await eventually(
            (server.data_dir / "tmp" / f"{task['task_id']}-1.preview.jpg").exists, "the model is at work"
        )
        with locked(tmp_path / "data" / "leyline.db"):
            began = monotonic()
            assert await asyncio.to_thread(server.stop) == 0
            assert monotonic() - began < 10
        server.start()
        await eventually(lambda: server.log().count("event=started") == 2, "it runs again")


# Files removed by hand


@pytest.mark.gen_test(timeout=90)
async def test_what_is_removed_by_hand_is_said_so_and_the_rest_goes_on(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", operator_token="operator") as server:
        data = server.data_dir
        async with tab(server) as (api, _):
            first = await finished(api, 1)
            assert (await api.call("POST", f"/api/video/{first}/view"))[0] == 200
            (data / "videos" / f"{first}-1.mp4").unlink()
            code, problem = await api.call("POST", f"/api/video/{first}/view")
            assert (code, problem["code"]) == (410, "video_missing")
            for number, folder in enumerate(("videos", "tmp", "pictures"), 2):
                shutil.rmtree(data / folder)
                task_id = await finished(api, number)
                assert (await api.call("POST", f"/api/video/{task_id}/view"))[0] == 200
            code, problem = await api.call("GET", f"/api/video/{first}/thumbnail")
            assert (code, problem["code"]) == (410, "picture_missing")
        assert "event=bug" not in server.log()


@pytest.mark.gen_test(timeout=60)
async def test_a_folder_in_place_of_a_thumbnail_is_a_missing_one_and_keeps_no_task(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        api = Api(server.url)
        task_id = await finished(api, 1)
        thumbnail = server.data_dir / "pictures" / f"{task_id}.thumbnail.jpg"
        thumbnail.unlink()
        thumbnail.mkdir()
        code, problem = await api.call("GET", f"/api/video/{task_id}/thumbnail")
        assert (code, problem["code"]) == (410, "picture_missing")
        assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
        assert not list((server.data_dir / "videos").iterdir())
        assert "event=bug" not in server.log()


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_removed_while_it_waits_fails_alone_and_is_not_blamed_on_the_model(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", operator_token="operator") as server:
        api = Api(server.url)
        operator = {"Authorization": "Bearer operator"}
        await api.request("POST", "/api/queue/pause", headers=operator)
        lost, kept = [(await api.upload(photo(number)))[1]["task_id"] for number in range(2)]
        (server.data_dir / "pictures" / f"{lost}.jpg").unlink()
        await api.request("POST", "/api/queue/resume", headers=operator)
        assert (await api.finished(lost))["error"]["code"] == "picture_lost"
        assert (await api.finished(kept))["status"] == "succeeded"


async def finished(api: Api, number: int) -> str:
    """The id of a new picture whose video is done."""
    _, task = await api.upload(photo(number))
    assert (await api.finished(task["task_id"]))["status"] == "succeeded"
    return str(task["task_id"])
