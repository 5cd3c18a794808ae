"""A status call that waits (`Prefer: wait`): for the next change that people see, and for nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from leyline.line import failures
from leyline.settings import Settings
from tests.integration.store_contract import new_task
from tests.live_server import Api, eventually
from web.representation import Representation
from web.server import Server


@asynccontextmanager
async def paused_server(folder: Path) -> AsyncIterator[tuple[Server, Api]]:
    """A server in this process, whose line stands still, and a client without a session."""
    server = Server(Settings(port=0, data_dir=folder, model="tests.models.plain:WaitsForCancel"))
    await server.moves.pause(True)
    port = await server.start()
    try:
        yield server, Api(f"http://localhost:{port}")
    finally:
        await server.stop()


async def in_line(server: Server, *numbers: int) -> list[str]:
    """Tasks that anybody may see, put in line without a picture."""
    tasks = [await server.moves.enter(new_task(number, owner=None)) for number in numbers]
    server.events.line_changed()
    return [task.task_id for task in tasks]


def waiting(api: Api, task_id: str, seconds: int) -> "asyncio.Task[tuple[int, Any]]":
    call = api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": f"wait={seconds}"})
    return asyncio.create_task(call)


async def listening(server: Server, task_id: str) -> None:
    await eventually(lambda: server.events.by_task.get(task_id), "the call waits")
    await server.store.get(task_id)  # its first reading has been made by now: readings are taken in turn


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_call_is_not_answered_when_nothing_that_it_shows_changes(tmp_path: Path) -> None:
    async with paused_server(tmp_path) as (server, api):
        (task_id,) = await in_line(server, 1)
        before = await api.status(task_id)
        began = monotonic()
        call = waiting(api, task_id, 3)
        await listening(server, task_id)
        await in_line(server, 2, 3)  # somebody comes behind it
        server.events.tell_line()
        server.events.model_changed()
        server.events.task_changed(task_id, None)
        code, shown = await call
        assert monotonic() - began >= 3
        assert (code, shown["status"], shown["queue"]) == (200, "queued", {"position": 1, "size": 3})
        assert shown["version"] == before["version"]


@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_call_is_answered_when_its_position_changes(tmp_path: Path) -> None:
    async with paused_server(tmp_path) as (server, api):
        first, second = await in_line(server, 1, 2)
        call = waiting(api, second, 50)
        await listening(server, second)
        await api.call("POST", f"/api/video/{first}/cancel", body=b"")
        assert (await call)[1]["queue"] == {"position": 1, "size": 1}


@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_call_is_answered_at_the_next_status_stage_and_progress(tmp_path: Path) -> None:
    async with paused_server(tmp_path) as (server, api):
        (task_id,) = await in_line(server, 1)

        async def told_after(change: Any) -> Any:
            call = waiting(api, task_id, 50)
            await listening(server, task_id)
            change()
            return (await call)[1]

        for runner in server.fleet.members:
            runner.end()  # or it would be faster, once it has loaded
        await eventually(lambda: not server.fleet.members, "nobody else claims")
        await server.moves.pause(False)
        task = await server.moves.claim()

        def claimed() -> None:
            server.events.run_started(task_id, task.run)
            server.events.task_changed(task_id, None)
            server.events.line_changed()

        def advanced(**news: Any) -> None:
            server.events.run_advanced(task_id, task.run, None, **news)

        claimed()
        shown = await told_after(lambda: advanced(stage="generating"))
        assert (shown["status"], shown["stage"], shown["progress"]) == ("processing", "generating", 0)
        shown = await told_after(lambda: advanced(progress=40.0))
        assert shown["progress"] == 40.0
        shown = await told_after(lambda: advanced(progress=None, is_measured=False))
        assert (shown["stage"], shown["progress"]) == ("generating", None)
        call = waiting(api, task_id, 50)
        await listening(server, task_id)
        await server.moves.fail(task, failures.ModelError("It did not work."))
        server.events.task_changed(task_id, None)
        assert (await call)[1]["status"] == "failed"
        began = monotonic()
        assert (await waiting(api, task_id, 50))[1]["status"] == "failed", "a finished task changes no more"
        assert monotonic() - began < 25


@pytest.mark.gen_test(timeout=60)
async def test_a_waiting_call_of_a_deleted_task_hears_that_it_is_gone(tmp_path: Path) -> None:
    async with paused_server(tmp_path) as (server, api):
        (task_id,) = await in_line(server, 1)
        call = waiting(api, task_id, 50)
        await listening(server, task_id)
        assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
        assert (await call)[0] == 404


@pytest.mark.gen_test(timeout=60)
async def test_a_client_that_leaves_a_waiting_call_leaves_nothing_behind(tmp_path: Path) -> None:
    async with paused_server(tmp_path) as (server, api):
        (task_id,) = await in_line(server, 1)
        connections = []
        for _ in range(50):
            _, writer = await asyncio.open_connection("localhost", int(api.url.rpartition(":")[2]))
            writer.write(
                f"GET /api/video/{task_id}/status HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=60\r\n\r\n".encode()
            )
            connections.append(writer)
        await eventually(lambda: len(server.events.by_task.get(task_id, ())) == 50, "all wait")
        for writer in connections:
            writer.transport.abort()
            writer.close()
        await eventually(
            lambda: not server.events.by_task and not server.events._all, "nobody listens any more", 30
        )
        assert (await api.call("GET", f"/api/video/{task_id}/status"))[0] == 200


@pytest.mark.gen_test(timeout=60)
async def test_a_client_that_left_before_its_call_could_wait_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leyline.web")
    async with paused_server(tmp_path) as (server, api):
        (task_id,) = await in_line(server, 1)
        reading, go_on, visible = asyncio.Event(), asyncio.Event(), Representation.visible

        async def slow(*values: Any) -> Any:
            reading.set()
            await go_on.wait()
            return await visible(*values)

        monkeypatch.setattr(Representation, "visible", slow)
        _, writer = await asyncio.open_connection("localhost", int(api.url.rpartition(":")[2]))
        writer.write(
            f"GET /api/video/{task_id}/status HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=60\r\n\r\n".encode()
        )
        await reading.wait()
        writer.transport.abort()
        await eventually(lambda: "status=499" in caplog.text, "the server knows")
        go_on.set()
        await eventually(lambda: not server.events.by_task, "nobody listens any more", 30)
