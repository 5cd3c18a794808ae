"""How many may wait, when to come back, and that places and times stay right whatever happens in the line."""

import asyncio
import os
import signal
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, Socket, eventually
from tests.pictures import photo
from tests.uploads import RawUpload

pytestmark = pytest.mark.long

WAITS = "tests.models.plain:WaitsForCancel"
DATA = "data"


async def operate(server: LiveServer, word: str) -> None:
    token = (server.data_dir / "operator-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await Api(server.url).call("POST", f"/api/queue/{word}", body=b"", headers=headers))[0] == 200


async def running(socket: Socket, task_id: str) -> None:
    await socket.until(
        "task_status", lambda data: data["task_id"] == task_id and data.get("status") == "processing"
    )


def seconds_from_now(task: Any) -> float:
    return datetime.fromisoformat(task["eta"]["ready_at"]).timestamp() - time()


async def standings(api: Api, task_ids: list[str]) -> list[tuple[int, int]]:
    """Each task's position, and the run times that its estimate is ahead."""
    shown = [await api.status(task_id) for task_id in task_ids]
    return [(task["queue"]["position"], round(seconds_from_now(task) / 100)) for task in shown]


@pytest.mark.gen_test(timeout=60)
async def test_a_full_line_refuses_at_the_headers_and_says_when_to_come_back(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS, model_seconds=100, max_waiting=1) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first = (await api.upload(photo(1)))[1]["task_id"]
        await running(socket, first)
        await api.upload(photo(2))
        async with RawUpload(server.url, photo(3), api.cookie) as upload:
            code, problem, headers = await upload.answer()  # not a byte of its body was sent
        assert (code, problem["code"], problem["retryable"]) == (503, "line_full", True)
        assert 1 <= int(headers["Retry-After"]) <= 100
        await api.call("POST", f"/api/video/{first}/cancel", body=b"")
        await api.finished(first)
        await eventually_accepted(api)


async def eventually_accepted(api: Api) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await api.upload(photo(4)))[0] != 202:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.05)


@pytest.mark.gen_test(timeout=60)
async def test_retry_after_is_what_is_left_of_the_run(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model_seconds=30, max_waiting=1) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        first = (await api.upload(photo(1)))[1]["task_id"]
        await running(socket, first)
        second = (await api.upload(photo(2)))[1]["task_id"]
        await socket.until("task_status", lambda data: data["progress"] > 5)
        most = seconds_from_now(await api.status(first))
        refused = await api.send(photo(3))
        least = seconds_from_now(await api.status(first))
        assert refused.code == 503
        assert least - 1 <= int(refused.headers["Retry-After"]) <= most + 2, (
            "rounded up, and a time is said steadily"
        )
        await api.call("POST", f"/api/video/{first}/cancel", body=b"")
        await running(socket, second)
        assert (await api.upload(photo(3)))[0] == 202


@pytest.mark.gen_test(timeout=60)
async def test_a_client_at_its_limit_waits_for_its_own_first_picture(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS, model_seconds=100, max_waiting_per_client=2) as server:
        early, late = await Api(server.url).open_page(), await Api(server.url).open_page()
        await operate(server, "pause")
        for api in (early, late):
            for number in (1, 2):
                assert (await api.upload(photo(number)))[0] == 202
        waits = {}
        for api in (early, late):
            async with RawUpload(server.url, photo(3), api.cookie) as upload:
                code, problem, headers = await upload.answer()
            assert (code, problem["code"], problem["retryable"]) == (429, "client_limit", True)
            waits[api] = int(headers["Retry-After"])
        assert waits[late] - waits[early] == 200, "two runs of 100 s stand before the late one's first"
        assert (await Api(server.url).upload(photo(4)))[0] == 202, "others have room"


@pytest.mark.gen_test(timeout=60)
async def test_uploads_at_once_do_not_overrun_the_line(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, max_waiting=5) as server:
        await operate(server, "pause")
        answers = await asyncio.gather(*(Api(server.url).upload(photo(number)) for number in range(30)))
        codes = [code for code, _ in answers]
        assert (codes.count(202), codes.count(503)) == (5, 25)
        assert (await Api(server.url).call("GET", "/api/queue"))[1]["waiting"] == 5


@pytest.mark.gen_test(timeout=60)
async def test_an_upload_under_way_holds_its_place_and_gives_it_back_when_it_breaks_off(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, max_waiting=1) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        async with RawUpload(server.url, photo(1), api.cookie) as upload:
            await upload.send(0.5)
            parts = server.data_dir / "tmp"
            await eventually(lambda: any(parts.iterdir()), "its file is being written")
            assert (await api.upload(photo(2)))[1]["code"] == "line_full"
        await eventually_accepted(api)
        await eventually(lambda: not any(parts.iterdir()), "nothing is left of it")


@pytest.mark.gen_test(timeout=60)
async def test_a_retry_needs_a_place_too(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, max_waiting=1) as server:
        api = await Api(server.url).open_page()
        await operate(server, "pause")
        first = (await api.upload(photo(1)))[1]["task_id"]
        await api.call("POST", f"/api/video/{first}/cancel", body=b"")
        assert (await api.upload(photo(2)))[0] == 202
        code, problem = await api.call("POST", f"/api/video/{first}/retry", body=b"")
        assert (code, problem["code"]) == (503, "line_full")


@pytest.mark.gen_test(timeout=60)
async def test_places_and_times_stay_right_through_cancels(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS, model_seconds=100) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        runs, *task_ids = [(await api.upload(photo(number)))[1]["task_id"] for number in range(6)]
        await running(socket, runs)
        await socket.until("task_status", lambda data: data["progress"] == 40)  # so it will soon be over
        assert await standings(api, task_ids) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
        for canceled in (task_ids.pop(3), task_ids.pop(0)):
            await api.call("POST", f"/api/video/{canceled}/cancel", body=b"")
        assert await standings(api, task_ids) == [(1, 1), (2, 2), (3, 3)]
        places = [(task_id, position) for position, task_id in enumerate(task_ids, 1)]
        await socket.until("queue", lambda data: waiting_places(data) == places)
        ready_at = datetime.fromisoformat((await api.call("GET", "/api/queue"))[1]["ready_at"]).timestamp()
        assert round((ready_at - time()) / 100) == 4, "one sent now would be the fourth"


def waiting_places(told: Any) -> list[tuple[str, int]]:
    """Whom a message about the line names, but for what is running."""
    return [(place["task_id"], place["queue"]["position"]) for place in told["tasks"] if place["queue"]]


@pytest.mark.gen_test(timeout=60)
async def test_places_and_times_stay_right_through_a_crash(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, model=WAITS, model_seconds=100) as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        task_ids = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
        await running(socket, task_ids[0])
        assert [place for place, _ in await standings(api, task_ids[1:])] == [1, 2]
        await socket.until("task_status", lambda data: data["progress"] == 40)  # before, its death is not counted
        await operate(server, "pause")  # so that what the crash leaves can be looked at
        os.kill(server.model_pid(), signal.SIGKILL)
        back = await socket.until(
            "task_status", lambda data: data["task_id"] == task_ids[0] and data.get("status") == "queued"
        )
        assert (back["queue"]["position"], back["attempt"]) == (1, 2)
        assert (back["progress"], back["stage"]) == (0, None)
        shown = [await api.status(task_id) for task_id in task_ids]
        assert [(task["queue"]["position"], task["eta"]) for task in shown] == [(1, None), (2, None), (3, None)]
        await operate(server, "resume")
        await running(socket, task_ids[0])
        assert [place for place, _ in await standings(api, task_ids[1:])] == [1, 2]
