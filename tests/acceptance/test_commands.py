"""What people can ask of a task and of the line: cancel, undo, retry, delete, pause and resume."""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, Socket, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

WAITS = "tests.models.plain:WaitsForCancel"
DATA = "data"


async def command(api: Api, task_id: str, word: str) -> tuple[int, Any]:
    return await api.call("POST", f"/api/video/{task_id}/{word}", body=b"")


async def operate(server: LiveServer, word: str) -> tuple[int, Any]:
    """Pause or resume with the operator's token."""
    token = (server.data_dir / "operator-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return await Api(server.url).call("POST", f"/api/queue/{word}", body=b"", headers=headers)


async def uploaded(api: Api, *numbers: int) -> list[str]:
    """The task ids of these pictures, in line one after the other."""
    return [(await api.upload(photo(number)))[1]["task_id"] for number in numbers]


async def running(socket: Socket, task_id: str) -> None:
    """Until it runs, or has run: a short run may be over before anybody is told of its beginning."""
    await socket.until(
        "task_status",
        lambda data: data["task_id"] == task_id and data.get("status", "queued") not in ("queued", "canceled"),
    )


async def positions(api: Api, *task_ids: str) -> list[int | None]:
    shown = [await api.status(task_id) for task_id in task_ids]
    return [task["queue"] and task["queue"]["position"] for task in shown]


# Cancel


@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_task_is_canceled_at_once_and_those_behind_move_up(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        first, second, third = await uploaded(api, 1, 2, 3)
        assert await positions(api, first, second, third) == [1, 2, 3]
        code, task = await command(api, second, "cancel")
        assert (code, task["status"], task["queue"], task["error"]) == (200, "canceled", None, None)
        assert await positions(api, first, second, third) == [1, None, 2]
        code, again = await command(api, second, "cancel")
        assert (code, again["status"], again["version"]) == (200, "canceled", task["version"])
        await operate(server, "resume")
        assert [(await api.finished(task_id))["status"] for task_id in (first, second, third)] == [
            "succeeded",
            "canceled",
            "succeeded",
        ]


@pytest.mark.gen_test(timeout=60)
async def test_a_running_task_is_asked_to_stop_and_the_next_one_starts_in_the_same_process(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second = await uploaded(api, 1, 2)
        await running(socket, first)
        model = server.model_pid()
        code, asked = await command(api, first, "cancel")
        assert (code, asked["status"], asked["cancel_requested"]) == (202, "processing", True)
        assert (await api.finished(first))["status"] == "canceled"
        await running(socket, second)
        assert server.model_pid() == model
        assert not list((server.data_dir / "videos").iterdir())
        await command(api, second, "cancel")
        assert (await api.finished(second))["attempt"] == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_does_not_listen_is_killed_and_its_task_is_canceled_not_failed(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model="tests.models.dying:IgnoresCancel", max_attempts=1) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        (task_id,) = await uploaded(api, 1)
        await running(socket, task_id)
        assert (await command(api, task_id, "cancel"))[0] == 202
        task = await api.finished(task_id)
        assert (task["status"], task["error"]) == ("canceled", None)


@pytest.mark.gen_test(timeout=60)
async def test_a_finished_task_is_not_canceled(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        (task_id,) = await uploaded(api, 1)
        done = await api.finished(task_id)
        code, problem = await command(api, task_id, "cancel")
        assert (code, problem["code"]) == (409, "task_finished")
        assert await api.status(task_id) == done


@pytest.mark.gen_test(timeout=120)
async def test_canceling_and_finishing_have_one_winner_and_nobody_else_is_hit(tmp_path: Path) -> None:
    """Cancels fall before, at and after the end of short runs; each second task is never canceled."""
    with LiveServer(tmp_path / DATA, model_seconds=0.4) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        (first,) = await uploaded(api, 0)
        await running(socket, first)
        began = monotonic()
        await socket.until("task_status", lambda data: data.get("status") == "succeeded")
        run_seconds = monotonic() - began
        await operate(server, "pause")  # or a slow machine had made them all before the first cancel
        task_ids = await uploaded(api, *range(1, 31))
        await operate(server, "resume")
        answers = {}
        for number, task_id in enumerate(task_ids[::2]):
            await running(socket, task_id)
            await asyncio.sleep(2 * run_seconds * number / 14)  # not waiting for anything: the instant to cancel at
            if number == 14:
                await api.finished(task_id)
            answers[task_id] = (await command(api, task_id, "cancel"))[0]
        ends = [await api.finished(task_id) for task_id in task_ids]
    assert all((task["status"], task["attempt"]) == ("succeeded", 1) for task in ends[1::2])
    outcome = {202: "canceled", 409: "succeeded"}
    assert {task["task_id"]: task["status"] for task in ends[::2]} == {
        task_id: outcome[code] for task_id, code in answers.items()
    }
    assert set(answers.values()) == {202, 409}, "both ends of the race were met"
    with_video = {first} | {task["task_id"] for task in ends if task["status"] == "succeeded"}
    assert {path.name.partition("-")[0] for path in (server.data_dir / "videos").iterdir()} == with_video


@pytest.mark.gen_test(timeout=60)
async def test_a_stranger_commands_nothing(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api, stranger = await Api(server.url).open_page(), await Api(server.url).open_page()
        await operate(server, "pause")
        (task_id,) = await uploaded(api, 1)
        for word in ("cancel", "retry"):
            assert (await command(stranger, task_id, word))[0] == 404
        assert (await stranger.call("DELETE", f"/api/video/{task_id}"))[0] == 404
        assert (await api.status(task_id))["status"] == "queued"
        for word in ("pause", "resume"):
            code, problem = await api.call("POST", f"/api/queue/{word}", body=b"")
            assert (code, problem["code"]) == (403, "operator_only")
        assert (await api.call("GET", "/api/queue"))[1]["paused"]


# Undo


@pytest.mark.gen_test(timeout=60)
async def test_an_undone_cancel_stands_where_it_stood(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        first, second, third = await uploaded(api, 1, 2, 3)
        await command(api, first, "cancel")
        code, undone = await command(api, first, "retry")
        assert (code, undone["retry_of"], undone["queue"]) == (202, first, {"position": 1, "size": 3})
        await command(api, second, "cancel")
        back = (await command(api, second, "retry"))[1]["task_id"]
        order = [undone["task_id"], back, third]
        assert await positions(api, *order) == [1, 2, 3]
        await operate(server, "resume")
        started = [(await api.finished(task_id))["started_at"] for task_id in order]
        assert started == sorted(started)


@pytest.mark.gen_test(timeout=60)
async def test_one_cancel_gives_one_place_back(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        first, second = await uploaded(api, 1, 2)
        await command(api, first, "cancel")
        undone = (await command(api, first, "retry"))[1]["task_id"]
        await command(api, first, "cancel")  # canceled already: nothing new to undo
        again = (await command(api, first, "retry"))[1]["task_id"]
        assert await positions(api, undone, second, again) == [1, 2, 3]


@pytest.mark.gen_test(timeout=60)
async def test_an_undo_survives_a_restart(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        first, second = await uploaded(api, 1, 2)
        await command(api, first, "cancel")
        server.kill()
    with LiveServer(tmp_path / DATA) as server:
        api.url = server.url
        code, undone = await command(api, first, "retry")
        assert (code, undone["queue"]) == (202, {"position": 1, "size": 2})
        assert await positions(api, undone["task_id"], second) == [1, 2]


@pytest.mark.gen_test(timeout=60)
async def test_a_task_that_had_started_is_tried_again_behind_the_others(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second, third = await uploaded(api, 1, 2, 3)
        await running(socket, first)
        await command(api, first, "cancel")
        await api.finished(first)
        again = (await command(api, first, "retry"))[1]["task_id"]
        await running(socket, second)
        assert await positions(api, third, again) == [1, 2]


# Retry


@pytest.mark.gen_test(timeout=60)
async def test_a_failed_task_is_tried_again_from_its_own_picture(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model="tests.models.failing:Raises") as server:
        api = await Api(server.url).open_page()
        (first,) = await uploaded(api, 1)
        failed = await api.finished(first)
        assert (failed["status"], failed["error"]["code"]) == ("failed", "model_error")
        code, again = await command(api, first, "retry")
        assert (code, again["retry_of"], again["attempt"]) == (202, first, 1)
        assert {**again["image"], "thumbnail_url": ""} == {**failed["image"], "thumbnail_url": ""}
        await api.finished(again["task_id"])
        assert (await api.request("DELETE", f"/api/video/{first}")).code == 204
        assert (await api.request("GET", again["image"]["thumbnail_url"])).code == 200
        third = (await command(api, again["task_id"], "retry"))[1]
        assert third["retry_of"] == again["task_id"]


@pytest.mark.gen_test(timeout=60)
async def test_a_live_task_is_not_tried_again(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second = await uploaded(api, 1, 2)
        await running(socket, first)
        for task_id in (first, second):
            code, problem = await command(api, task_id, "retry")
            assert (code, problem["code"]) == (409, "task_not_finished")


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_removed_by_hand_is_named_when_it_is_tried_again(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        (task_id,) = await uploaded(api, 1)
        await api.finished(task_id)
        (server.data_dir / "pictures" / f"{task_id}.jpg").unlink()
        code, problem = await command(api, task_id, "retry")
        assert (code, problem["code"]) == (410, "picture_missing")
        assert len((await api.call("GET", "/api/video/"))[1]["tasks"]) == 1
        assert {path.name for path in (server.data_dir / "pictures").iterdir()} == {f"{task_id}.thumbnail.jpg"}


# Delete


@pytest.mark.gen_test(timeout=60)
async def test_a_deleted_task_leaves_no_row_and_no_file(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        (task_id,) = await uploaded(api, 1)
        await api.finished(task_id)
        assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
        assert await socket.until("task_gone") == {"task_id": task_id}
        assert (await api.call("GET", f"/api/video/{task_id}/status"))[0] == 404
        assert (await api.call("DELETE", f"/api/video/{task_id}"))[0] == 404
        assert (await api.call("GET", "/api/video/"))[1] == {"tasks": [], "next": None}
        for folder in ("pictures", "videos"):
            assert not list((server.data_dir / folder).iterdir())


@pytest.mark.gen_test(timeout=60)
async def test_a_running_task_is_canceled_before_it_can_be_deleted_and_a_waiting_one_just_goes(
    tmp_path: Path,
) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second, third = await uploaded(api, 1, 2, 3)
        await running(socket, first)
        code, problem = await api.call("DELETE", f"/api/video/{first}")
        assert (code, problem["code"]) == (409, "task_running")
        assert (await api.request("DELETE", f"/api/video/{second}")).code == 204
        assert await positions(api, third) == [1]
        await command(api, first, "cancel")
        await api.finished(first)
        assert (await api.request("DELETE", f"/api/video/{first}")).code == 204


# Pause and resume


@pytest.mark.gen_test(timeout=60)
async def test_a_paused_line_finishes_what_runs_and_starts_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model_seconds=5) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first, second = await uploaded(api, 1, 2)
        await running(socket, first)
        code, line = await operate(server, "pause")
        assert (code, line["paused"], line["waiting"], line["running"]) == (200, True, 1, 1)
        assert (await socket.until("queue", lambda data: data["paused"]))["tasks"]
        assert (await api.finished(first))["status"] == "succeeded"
        assert (await api.call("GET", "/api/queue"))[1]["paused"]
        assert (await api.status(second))["status"] == "queued"
        (third,) = await uploaded(api, 3)  # pictures are still taken
        assert await positions(api, second, third) == [1, 2]

        assert server.stop() == 0
        server.settings["model_seconds"] = 0.05
        server.start()
        api.url = server.url
        assert (await api.call("GET", "/api/queue"))[1]["paused"]
        await eventually(lambda: "event=model_started" in server.log(), "the model was started")
        socket = await api.socket()
        assert (await socket.until("hello"))["queue"]["paused"]
        await model_ready(api)
        assert await positions(api, second, third) == [1, 2]
        await operate(server, "resume")
        assert not (await socket.until("queue", lambda data: not data["paused"]))["paused"]
        assert [(await api.finished(task_id))["attempt"] for task_id in (second, third)] == [1, 1]


async def model_ready(api: Api) -> None:
    """Until the model could work, if it were allowed to."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await api.call("GET", "/readyz"))[0] != 200:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.05)
