"""The Idempotency-Key: however often a picture is sent under one key, it becomes one task."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, eventually
from tests.pictures import photo
from tests.uploads import RawUpload

pytestmark = pytest.mark.long


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """One whose model never ends, so that what is in line stays in line."""
    with LiveServer(tmp_path / "data", model="tests.models.plain:WaitsForCancel") as running:
        yield running


async def tasks_of(api: Api) -> list[Any]:
    return (await api.call("GET", "/api/video/?limit=100"))[1]["tasks"]


async def settled(api: Api, picture: bytes, key: str) -> tuple[int, Any]:
    """The answer once no upload with this key is under way any more."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (answer := await api.upload(picture, Idempotency_Key=key))[1].get("code") == "key_in_flight":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return answer


@pytest.mark.gen_test(timeout=60)
async def test_one_key_five_times_in_a_row_makes_one_task(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    answers = [await api.upload(photo(), Idempotency_Key="key") for _ in range(5)]
    assert [code for code, _ in answers] == [202, 200, 200, 200, 200]
    assert len({task["task_id"] for _, task in answers}) == 1
    assert len(await tasks_of(api)) == 1


@pytest.mark.gen_test(timeout=60)
async def test_one_key_five_times_at_once_makes_one_task(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    answers = await asyncio.gather(*(api.upload(photo(), Idempotency_Key="key") for _ in range(5)))
    codes = [code for code, _ in answers]
    assert codes.count(202) == 1
    assert set(codes) <= {202, 200, 409}
    assert all(problem["code"] == "key_in_flight" for code, problem in answers if code == 409)
    (task,) = await tasks_of(api)
    assert (await api.upload(photo(), Idempotency_Key="key"))[1]["task_id"] == task["task_id"]


@pytest.mark.gen_test(timeout=60)
async def test_a_key_under_way_is_refused_at_the_headers_and_known_afterwards(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    async with RawUpload(server.url, photo(), api.cookie, Idempotency_Key="key") as slow:
        await slow.send(0.5)
        await eventually(lambda: any((server.data_dir / "tmp").iterdir()), "its file is being written")
        async with RawUpload(server.url, photo(), api.cookie, Idempotency_Key="key") as second:
            code, problem, headers = await second.answer()
        assert (code, problem["code"], headers["Retry-After"]) == (409, "key_in_flight", "1")
        await slow.send()
        code, task, _ = await slow.answer()
        assert code == 202
    code, again = await settled(api, photo(), "key")
    assert (code, again["task_id"]) == (200, task["task_id"])


@pytest.mark.gen_test(timeout=60)
async def test_a_lost_answer_costs_nothing(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    async with RawUpload(server.url, photo(), api.cookie, Idempotency_Key="key") as upload:
        await upload.send()
    code, task = await settled(api, photo(), "key")
    assert code in (200, 202)
    assert [found["task_id"] for found in await tasks_of(api)] == [task["task_id"]]


@pytest.mark.gen_test(timeout=60)
async def test_a_connection_lost_half_way_leaves_the_key_free(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    async with RawUpload(server.url, photo(), api.cookie, Idempotency_Key="key") as upload:
        await upload.send(0.5)
    assert (await settled(api, photo(), "key"))[0] == 202
    assert len(await tasks_of(api)) == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_key_is_known_after_a_stop_and_after_a_kill(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    task_id = (await api.upload(photo(), Idempotency_Key="key"))[1]["task_id"]
    for end in (server.stop, server.kill):
        end()
        api.url = server.start().url
        code, task = await api.upload(photo(), Idempotency_Key="key")
        assert (code, task["task_id"]) == (200, task_id)
    assert len(await tasks_of(api)) == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_key_used_for_another_picture_is_refused(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    await api.upload(photo(1), Idempotency_Key="key")
    code, problem = await api.upload(photo(2), Idempotency_Key="key")
    assert (code, problem["code"]) == (422, "key_reused")
    assert len(await tasks_of(api)) == 1


@pytest.mark.gen_test(timeout=60)
async def test_another_sessions_equal_key_is_its_own(server: LiveServer) -> None:
    mine, theirs = await Api(server.url).open_page(), await Api(server.url).open_page()
    made = [await api.upload(photo(), Idempotency_Key="key") for api in (mine, theirs)]
    assert [code for code, _ in made] == [202, 202]
    for api, (_, task) in zip((mine, theirs), made, strict=True):
        assert [found["task_id"] for found in await tasks_of(api)] == [task["task_id"]]


@pytest.mark.gen_test(timeout=60)
async def test_without_a_session_a_key_belongs_to_its_picture(server: LiveServer) -> None:
    script, page = Api(server.url), await Api(server.url).open_page()
    first = await script.upload(photo(1), Idempotency_Key="key")
    other_picture = await script.upload(photo(2), Idempotency_Key="key")
    with_session = await page.upload(photo(1), Idempotency_Key="key")
    again = await Api(server.url).upload(photo(1), Idempotency_Key="key")
    assert [code for code, _ in (first, other_picture, with_session, again)] == [202, 202, 202, 200]
    assert again[1]["task_id"] == first[1]["task_id"]
    assert len({task["task_id"] for _, task in (first, other_picture, with_session)}) == 3


@pytest.mark.gen_test(timeout=60)
async def test_a_known_key_passes_a_full_line_and_a_borrowed_one_does_not(tmp_path: Path) -> None:
    waits = "tests.models.plain:WaitsForCancel"
    with LiveServer(tmp_path / "data", model=waits, max_waiting=2, max_waiting_per_client=2) as server:
        page, script = await Api(server.url).open_page(), Api(server.url)
        socket = await page.socket()
        runs = (await page.upload(photo(0)))[1]["task_id"]
        await socket.until("task_status", lambda data: data.get("status") == "processing")
        of_page = (await page.upload(photo(1), Idempotency_Key="key"))[1]
        of_script = (await script.upload(photo(1), Idempotency_Key="key"))[1]
        for api, task in ((page, of_page), (script, of_script)):
            code, problem = await api.upload(photo(2))
            assert (code, problem["code"]) == (503, "line_full")
            code, again = await api.upload(photo(1), Idempotency_Key="key")
            assert (code, again["task_id"]) == (200, task["task_id"])
        code, problem = await script.upload(photo(3), Idempotency_Key="key")
        assert (code, problem["code"]) == (503, "line_full"), "the key was another picture's"
        assert (await page.call("GET", "/api/queue"))[1]["waiting"] == 2
        assert (await page.status(runs))["status"] == "processing"


@pytest.mark.gen_test(timeout=60)
async def test_a_key_lives_as_long_as_its_task(server: LiveServer) -> None:
    api = await Api(server.url).open_page()
    socket = await api.socket()
    await api.upload(photo(0))
    await socket.until("task_status", lambda data: data.get("status") == "processing")
    first = (await api.upload(photo(1), Idempotency_Key="key"))[1]["task_id"]
    await api.call("POST", f"/api/video/{first}/cancel", body=b"")
    assert (await api.upload(photo(1), Idempotency_Key="key"))[0] == 200, "it was canceled, and is still there"
    assert (await api.request("DELETE", f"/api/video/{first}")).code == 204
    code, second = await api.upload(photo(1), Idempotency_Key="key")
    assert (code, second["status"]) == (202, "queued")
    assert second["task_id"] != first
