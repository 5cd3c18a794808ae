"""The trash: finished tasks go there instead of being deleted, and come back from it."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leyline.client import LeylineClient
from leyline.line.tasks import TRASH_SECONDS
from tests.acceptance.test_commands import WAITS, command, running, uploaded
from tests.live_server import Api, LiveServer, tab

pytestmark = pytest.mark.long


def files(server: LiveServer) -> set[str]:
    return {path.name for folder in ("pictures", "videos") for path in (server.data_dir / folder).iterdir()}


def seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


async def snapshot(api: Api) -> Any:
    """What a page that is opened now is told."""
    socket = await api.socket()
    told = await socket.until("snapshot")
    socket.close()
    return told


@pytest.mark.gen_test(timeout=60)
async def test_a_trashed_task_says_so_to_everybody_who_may_see_it(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        async with tab(server) as (api, socket):
            (task_id,) = await uploaded(api, 1)
            done = await api.finished(task_id)
            kept = files(server)
            code, trashed = await command(api, task_id, "trash")
            assert (code, trashed["status"], trashed["version"] > done["version"]) == (200, "succeeded", True)
            assert seconds(trashed["expires_at"]) == pytest.approx(seconds(trashed["trashed_at"]) + TRASH_SECONDS)
            told = await socket.until("task_status", lambda data: data.get("trashed_at"))
            assert told == trashed == await api.status(task_id)
            assert (await snapshot(api))["tasks"] == (await api.call("GET", "/api/video/"))[1]["tasks"] == [trashed]
            assert (await api.request("GET", trashed["image"]["thumbnail_url"])).code == 200
            assert files(server) == kept, "nothing is lost by it"
            assert "event=trashed task=" in server.log()

            server.stop()
            server.start()
            api.url = server.url
            assert await api.status(task_id) == trashed, "also after a restart"


@pytest.mark.gen_test(timeout=60)
async def test_trash_and_restore_may_be_asked_twice_and_leave_the_task_as_it_was(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        async with tab(server) as (api, socket):
            (task_id,) = await uploaded(api, 1)
            done = await api.finished(task_id)
            assert await command(api, task_id, "restore") == (200, done), "it is where it should be"
            once, twice = await command(api, task_id, "trash"), await command(api, task_id, "trash")
            assert once == twice
            once, twice = await command(api, task_id, "restore"), await command(api, task_id, "restore")
            assert once == twice == (200, {**done, "version": once[1]["version"]})
            assert (await socket.until("task_status", lambda data: data["version"] == once[1]["version"])) == once[
                1
            ]
            both = await asyncio.gather(*(command(api, task_id, word) for word in ("trash", "restore") * 5))
            assert {code for code, _ in both} == {200}
            newest = max((task for _, task in both), key=lambda task: task["version"])
            assert await api.status(task_id) == newest


@pytest.mark.gen_test(timeout=60)
async def test_the_python_client_trashes_and_restores(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        api = Api(server.url)
        (task_id,) = await uploaded(api, 1)
        await api.finished(task_id)
        async with LeylineClient(server.url) as leyline:
            assert (await leyline.trash(task_id))["trashed_at"]
            assert (await leyline.restore(task_id))["trashed_at"] is None


@pytest.mark.gen_test(timeout=60)
async def test_what_waits_or_runs_does_not_go_into_the_trash(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model=WAITS) as server:
        async with tab(server) as (api, socket):
            first, second = await uploaded(api, 1, 2)
            await running(socket, first)
            for task_id in (first, second):
                code, problem = await command(api, task_id, "trash")
                assert (code, problem["code"]) == (409, "task_not_finished")
                assert "Cancel it first" in problem["detail"]
                assert (await command(api, task_id, "restore"))[0] == 200, "it is where it should be"
                assert (await api.status(task_id))["trashed_at"] is None
            await command(api, second, "cancel")
            assert (await command(api, second, "trash"))[1]["status"] == "canceled"


@pytest.mark.gen_test(timeout=60)
async def test_a_deletion_is_final_also_from_the_trash(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        api = await Api(server.url).open_page()
        (task_id,) = await uploaded(api, 1)
        await api.finished(task_id)
        await command(api, task_id, "trash")
        assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
        assert files(server) == set()
        for word in ("trash", "restore"):
            assert (await command(api, task_id, word))[0] == 404


@pytest.mark.gen_test(timeout=60)
async def test_a_strangers_task_is_neither_trashed_nor_restored(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        api, stranger = await Api(server.url).open_page(), await Api(server.url).open_page()
        (task_id,) = await uploaded(api, 1)
        await api.finished(task_id)
        assert (await command(stranger, task_id, "trash"))[0] == 404
        _, trashed = await command(api, task_id, "trash")
        assert (await command(stranger, task_id, "restore"))[0] == 404
        assert await api.status(task_id) == trashed


@pytest.mark.gen_test(timeout=120)
async def test_a_full_trash_hides_no_video_from_a_reload(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.plain:Tiny") as server:
        api = await Api(server.url).open_page()
        task_ids = await uploaded(api, *range(55))
        for task_id in task_ids:
            await api.finished(task_id)
        for task_id in task_ids[3:]:
            await command(api, task_id, "trash")
        told = await snapshot(api)
        shown = [task["task_id"] for task in told["tasks"] if not task["trashed_at"]]
        assert shown == task_ids[2::-1]
        assert told["next"] == task_ids[5], "the list goes on with what lies in the trash besides"
        rest = (await api.call("GET", f"/api/video/?before={told['next']}"))[1]["tasks"]
        assert [task["task_id"] for task in rest] == task_ids[4::-1]
