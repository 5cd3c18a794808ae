"""The whole path with a real server: a picture in, its place in line, its percentage, a video of it out."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.live_server import Api, LiveServer, eventually, form, tab

pytestmark = pytest.mark.long

SLACK_SECONDS = 5.0  # that a busy machine may be late
TASK_FIELDS = {
    *("task_id", "client_id", "batch_id", "status", "version", "stage", "progress", "attempt", "max_attempts"),
    *(
        "cancel_requested",
        "queue",
        "eta",
        "eta_reason",
        "image",
        "video_url",
        "video",
        "preview",
        "views",
        "retry_of",
    ),
    *("watchable", "error", "created_at", "started_at", "finished_at", "expires_at", "trashed_at", "pinned"),
    "parameters",
}


def photo(width: int = 640, height: int = 480, colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """A JPEG with a broad field of one colour and something to move past."""
    picture = Image.new("RGB", (width, height), colour)
    picture.paste((30, 90, 200), (width // 3, height // 3, width // 2, height // 2))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("path") / "data", model_seconds=1, clip_seconds=2) as running:
        yield running


@pytest.mark.gen_test(timeout=90)
async def test_a_picture_becomes_a_video_of_it(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=4, clip_seconds=2) as server:
        await operate(server, "pause")  # until its place in line was looked at
        async with tab(server) as (api, socket):
            code, task = await api.upload(photo())
            await operate(server, "resume")
            done = await socket.until("task_status", lambda data: data.get("status") == "succeeded")
    assert code == 202
    assert set(task) == TASK_FIELDS
    assert (task["status"], task["queue"]) == ("queued", {"position": 1, "size": 1})
    assert (task["eta"], task["eta_reason"]) == (None, "paused")
    assert (done["progress"], done["stage"], done["error"]) == (100, None, None)
    assert done["video"]["seconds"] == pytest.approx(2.0, abs=0.05)
    await the_socket_told_the_truth(socket.heard, task["task_id"])

    made = frames(server.data_dir / "videos" / f"{task['task_id']}-1.mp4")
    assert len(made) == 60
    assert made[0].shape == (180, 240, 3)
    moved = [np.abs(a.astype(int) - b).mean() for a, b in zip(made[:30], made[15:45], strict=True)]
    assert np.median(moved) > 0.1, "it moves; where it turns, slowly"
    assert np.abs(made[0][5, 5].astype(int) - (200, 60, 40)).max() < 25, "the picture's colours are in it"


async def the_socket_told_the_truth(heard: list[dict[str, Any]], task_id: str) -> None:
    statuses = [m["data"] for m in heard if m["event"] == "task_status" and m["data"]["task_id"] == task_id]
    versions = [status["version"] for status in statuses]
    progress = [status["progress"] for status in statuses]
    assert versions == sorted(versions)
    assert progress == sorted(progress)
    assert any(0 < value < 100 for value in progress)
    assert "generating" in {status["stage"] for status in statuses}
    order = [status["status"] for status in statuses if "status" in status]
    assert [state for state, after in zip(order, [*order[1:], None], strict=True) if state != after] in (
        ["queued", "processing", "succeeded"],
        ["processing", "succeeded"],  # it was claimed before the first message left
    )


@pytest.mark.gen_test(timeout=90)
async def test_reloading_and_a_second_tab_show_the_same_truth_at_once(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    tasks = [(await api.upload(photo(colour=(10 * number, 90, 90))))[1]["task_id"] for number in range(3)]
    first_tab, second_tab = await api.socket(), await api.socket()
    assert (await first_tab.next())["event"] == "hello"
    shown = {task["task_id"]: task["status"] for task in (await first_tab.until("snapshot"))["tasks"]}
    again = {task["task_id"]: task["status"] for task in (await second_tab.until("snapshot"))["tasks"]}
    assert set(shown) == set(again) == set(tasks)
    for task_id in tasks:
        assert (await api.finished(task_id))["status"] == "succeeded"
    first_tab.close()
    back = await api.socket()
    assert {task["status"] for task in (await back.until("snapshot"))["tasks"]} == {"succeeded"}
    code, listed = await api.call("GET", "/api/video/?limit=2")
    assert (code, [task["task_id"] for task in listed["tasks"]]) == (200, tasks[:0:-1])
    code, rest = await api.call("GET", f"/api/video/?limit=2&before={listed['next']}")
    assert ([task["task_id"] for task in rest["tasks"]], rest["next"]) == (tasks[:1], None)
    last = f"/api/video/?limit=2&before={tasks[0]}"
    assert await api.call("GET", last) == (200, {"tasks": [], "next": None})
    for task_id in (listed["next"], tasks[0]):
        assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
    for gone in (f"/api/video/?limit=2&before={listed['next']}", last):
        code, problem = await api.call("GET", gone)
        assert (code, problem["code"]) == (404, "not_found"), "not the end of the list"


@pytest.mark.gen_test(timeout=90)
async def test_positions_count_down_and_estimates_come_with_them(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    socket = await api.socket()
    await operate(server, "pause")  # or it would begin to move while the pictures come
    last = [(await api.upload(photo()))[1] for _ in range(4)][-1]
    await operate(server, "resume")
    assert last["queue"]["position"] == 4
    positions = [last["queue"]["position"]]
    while (told := await socket.next())["data"].get("status") != "succeeded" or told["data"]["task_id"] != last[
        "task_id"
    ]:
        if told["event"] == "queue":
            own = {standing["task_id"]: standing for standing in told["data"]["tasks"]}.get(last["task_id"])
            if own and own["queue"]:
                positions.append(own["queue"]["position"])
                assert own["eta"]["ready_at"] and own["eta"]["basis"] in ("history", "prior")
    assert positions == sorted(positions, reverse=True)
    assert positions[-1] == 1


async def operate(server: LiveServer, word: str) -> None:
    headers = {"Authorization": f"Bearer {(server.data_dir / 'operator-token').read_text().strip()}"}
    assert (await Api(server.url).call("POST", f"/api/queue/{word}", body=b"", headers=headers))[0] == 200


@pytest.mark.gen_test(timeout=90)
async def test_a_task_without_a_session_is_reached_by_its_id_and_one_with_is_not(server: LiveServer) -> None:
    owner, stranger, script = await Api(server.url).open_page(), await Api(server.url).open_page(), Api(server.url)
    mine = (await owner.upload(photo()))[1]["task_id"]
    anybodys = (await script.upload(photo()))[1]["task_id"]
    for reader in (stranger, script):
        code, problem = await reader.call("GET", f"/api/video/{mine}/status")
        assert (code, problem["code"]) == (404, "not_found")
        assert (await reader.call("GET", f"/api/video/{anybodys}/status"))[0] == 200
    socket = await stranger.socket()
    await socket.say("subscribe", task_ids=[mine, anybodys, "0" * 32])
    error = await socket.until("error")
    assert (error["code"], error["task_ids"]) == ("not_found", [mine, "0" * 32])
    await socket.until(
        "task_status", lambda data: data["task_id"] == anybodys and data.get("status") == "succeeded"
    )
    await owner.finished(mine)
    await socket.say("ping")
    await socket.until("pong")
    told = [message for message in socket.heard if message["event"] != "error"]
    assert mine not in json.dumps(told)


@pytest.mark.gen_test(timeout=90)
async def test_a_portrait_stays_a_portrait(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    task = await api.finished((await api.upload(photo(300, 500)))[1]["task_id"])
    assert (task["video"]["width"], task["video"]["height"]) == (180, 300)
    answer = await api.request("GET", task["image"]["thumbnail_url"])
    assert Image.open(io.BytesIO(answer.body)).size == (192, 320)


@pytest.mark.gen_test(timeout=90)
async def test_a_still_is_also_there_as_sharp_as_a_screen(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    for size, expected in (((1500, 2500), (768, 1280)), ((900, 600), (900, 600))):
        address = (await api.upload(photo(*size)))[1]["image"]["thumbnail_url"]
        answer = await api.request("GET", f"{address}?side=1280")
        assert Image.open(io.BytesIO(answer.body)).size == expected
        small = await api.request("GET", f"{address}?side=320")
        assert max(Image.open(io.BytesIO(small.body)).size) == 320
        assert (await api.call("GET", f"{address}?side=2048"))[0] == 400


@pytest.mark.gen_test(timeout=90)
async def test_what_is_not_a_picture_is_refused_at_once(server: LiveServer) -> None:
    api = Api(server.url)
    good = photo()
    for content, status, code in (
        (b"", 400, "empty_file"),
        (b"hello, I am a text", 415, "not_a_picture"),
        (good[: len(good) // 2], 422, "damaged_picture"),
    ):
        answer = await api.request("POST", "/api/video/upload/", **_form(content))
        problem = json.loads(answer.body)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert (answer.code, problem["code"], problem["status"]) == (status, code, status)
    assert not any((server.data_dir / "tmp").glob("*.part")) or await _is_swept(server)


def _form(content: bytes) -> dict[str, Any]:
    body, content_type = form(content)
    return {"body": body, "headers": {"Content-Type": content_type}}


async def _is_swept(server: LiveServer) -> bool:
    return bool(
        await eventually(lambda: not any((server.data_dir / "tmp").glob("*.part")), "uploads leave nothing")
    )


@pytest.mark.gen_test(timeout=90)
async def test_the_video_route_never_sends_the_master(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    task = await api.finished((await api.upload(photo()))[1]["task_id"])
    master = (server.data_dir / "videos" / f"{task['task_id']}-1.mp4").read_bytes()
    for path in (
        task["video_url"],
        f"/static/../data/videos/{task['task_id']}-1.mp4",
        f"/videos/{task['task_id']}-1.mp4",
    ):
        answer = await api.request("GET", path)
        assert answer.code >= 400
        assert master[:64] not in answer.body


@pytest.mark.gen_test(timeout=60)
async def test_the_first_page_comes_before_the_model_has_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    monkeypatch.setenv("SLOW_LOAD_UNTIL", str(gate))
    server = LiveServer(tmp_path / "data", model="tests.models.loading:SlowLoad")
    with server:
        api = await Api(server.url).open_page()
        code, ready = await api.call("GET", "/readyz")
        assert (code, ready["model"]["state"]) == (503, "loading")
        task = (await api.upload(photo()))[1]
        assert task["queue"]["position"] == 1
        gate.touch()
        assert (await api.finished(task["task_id"]))["status"] == "succeeded"
        assert (await api.call("GET", "/readyz"))[0] == 200


@pytest.mark.gen_test(timeout=120)
async def test_the_true_default_takes_thirty_seconds_and_makes_six_of_720p(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=30, clip_seconds=6, clip_height=720) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        asked = monotonic()
        task_id = (await api.upload(photo(1280, 960)))[1]["task_id"]
        await socket.until("task_status", lambda data: data.get("status") == "processing")
        started = monotonic()
        preview = await socket.until(
            "task_status", lambda data: (data.get("preview") or {}).get("revision", 0) >= 2
        )
        still = await api.request("GET", preview["preview"]["url"])
        assert max(Image.open(io.BytesIO(still.body)).size) == 320
        done = await socket.until("task_status", lambda data: data.get("status") == "succeeded")
        ended = monotonic()
        assert ended - asked > 29.7
        assert ended - started < 31.5 + SLACK_SECONDS
        assert (done["video"]["width"], done["video"]["height"]) == (960, 720)
        assert done["video"]["seconds"] == pytest.approx(6.0, abs=0.05)
        assert len(frames(server.data_dir / "videos" / f"{task_id}-1.mp4")) == 180


@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_status_call_answers_at_the_next_change(server: LiveServer) -> None:
    api = Api(server.url)
    task_id = (await api.upload(photo()))[1]["task_id"]
    seen = []
    async with asyncio.timeout(50):
        while not seen or seen[-1]["finished_at"] is None:
            seen.append((await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=25"}))[1])
    looked_at = "status", "stage", "progress", "queue", "watchable"
    shown = [tuple(str(task[name]) for name in looked_at) for task in seen]
    assert len(set(shown)) == len(shown), "each answer told something new"
    assert shown[-1][0] == "succeeded"
