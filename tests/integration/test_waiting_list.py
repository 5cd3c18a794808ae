"""The list that waits (`Prefer: wait`): what a page follows where no WebSocket passes."""

import asyncio
import json
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
from web import places
from web.server import Server

LIST = "/api/video/"


class Site:
    """A server in this process whose line stands still, and a browser's session on it."""

    def __init__(self, server: Server, api: Api) -> None:
        self.server, self.api = server, api
        self.owner = ""

    async def enter(self, *numbers: int, owner: str | None = None) -> list[str]:
        tasks = [await self.server.moves.enter(new_task(number, owner=owner or self.owner)) for number in numbers]
        return [task.task_id for task in tasks]

    async def told(self, **query: str) -> Any:
        """What is told at once."""
        asked = "&".join(f"{name}={value}" for name, value in {"since": "", **query}.items())
        code, told = await self.api.call("GET", f"{LIST}?{asked}")
        assert code == 200
        return told

    def waits(self, since: str | None = None, seconds: int = 50) -> "asyncio.Task[Any]":
        path = LIST if since is None else f"{LIST}?since={since}"
        return asyncio.create_task(self.api.request("GET", path, headers={"Prefer": f"wait={seconds}"}))

    async def waiting(self, count: int = 1) -> None:
        await eventually(lambda: sum(self.places.of_client.values()) == count, f"{count} requests wait")

    @property
    def places(self) -> places.Places:
        found: places.Places = self.server.places
        return found


@asynccontextmanager
async def site(folder: Path, **settings: Any) -> AsyncIterator[Site]:
    model = "tests.models.waits_for_cancel:WaitsForCancel"
    server = Server(Settings(port=0, data_dir=folder, model=model, **settings))
    await server.moves.pause(True)
    port = await server.start()
    try:
        found = Site(server, await Api(f"http://localhost:{port}").open_page())
        call = found.waits()
        await found.waiting()
        (found.owner,) = found.places.of_client
        await found.enter(99)
        await call
        yield found
    finally:
        await server.stop()


def body(answer: Any) -> Any:
    return json.loads(answer.body)


@pytest.mark.gen_test(timeout=60)
async def test_it_tells_what_the_socket_tells_first(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        await here.enter(1, 2)
        socket = await here.api.socket()
        hello, snapshot = await socket.until("hello"), await socket.until("snapshot")
        told = await here.told()
        assert told.keys() == {"tasks", "next", "version", "hello"}
        assert told["tasks"] == snapshot["tasks"] and told["next"] == snapshot["next"]
        assert told["hello"].keys() == hello.keys()
        assert (told["hello"]["limits"], told["hello"]["session"]) == (hello["limits"], True)
        socket.close()


@pytest.mark.gen_test(timeout=60)
async def test_it_is_answered_at_the_next_change_of_any_own_task(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        (mine,) = await here.enter(1)

        async def after(change: Any) -> Any:
            call = here.waits((await here.told())["version"])
            await here.waiting()
            found = change()
            if asyncio.iscoroutine(found):
                await found
            answer = await call
            assert answer.headers["Preference-Applied"] == "wait=50"
            return {task["task_id"]: task for task in body(answer)["tasks"]}

        entered = await after(lambda: here.enter(2))
        assert len(entered) == 3
        canceled = await after(lambda: here.api.request("POST", f"/api/video/{mine}/cancel", body=b""))
        assert canceled[mine]["status"] == "canceled"
        assert mine not in await after(lambda: here.api.request("DELETE", f"/api/video/{mine}"))
        await here.server.moves.pause(False)
        running = await here.server.moves.claim()
        await here.server.moves.pause(True)
        assert running
        advance = here.server.events.run_advanced
        moved = await after(lambda: advance(running.task_id, running.run, here.owner, progress=40.0))
        assert moved[running.task_id]["progress"] == 40.0
        moved = await after(lambda: advance(running.task_id, running.run, here.owner, stage="thinking"))
        assert moved[running.task_id]["stage"] == "thinking"
        failed = await after(lambda: here.server.moves.fail(running, failures.ModelError("It did not work.")))
        assert failed[running.task_id]["status"] == "failed"


@pytest.mark.gen_test(timeout=60)
async def test_it_is_answered_when_somebody_else_leaves_the_line_ahead(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        (other,) = await here.enter(1, owner="somebody else")
        (mine,) = await here.enter(2)
        call = here.waits()
        await here.waiting()
        await here.server.moves.delete(other)
        found = {task["task_id"]: task for task in body(await call)["tasks"]}
        assert found[mine]["queue"]["position"] == 2, "one own stands before it"


@pytest.mark.slow
@pytest.mark.gen_test(timeout=60)
async def test_without_a_change_it_is_answered_when_its_time_is_up_and_as_it_was(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        before = await here.told()
        began = monotonic()
        call = here.waits(before["version"], seconds=2)
        await here.waiting()
        await here.enter(1, owner="somebody else")  # behind
        here.server.events.tell_line()
        here.server.events.model_changed()
        answer = await call
        assert monotonic() - began >= 2
        assert (answer.code, answer.headers["Preference-Applied"]) == (200, "wait=2")
        assert body(answer)["version"] == before["version"]


@pytest.mark.gen_test(timeout=60)
async def test_nothing_between_two_questions_is_missed(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        version = (await here.told())["version"]
        await here.enter(1)
        answer = await here.waits(version)
        assert len(body(answer)["tasks"]) == 2
        assert not here.places.of_client, "it did not have to wait"
        again = here.waits(body(answer)["version"])
        await here.waiting()
        await here.enter(2)
        assert len(body(await again)["tasks"]) == 3


@pytest.mark.gen_test(timeout=60)
async def test_a_wait_is_at_most_a_minute(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        call = here.waits(seconds=999_999)
        await here.waiting()
        await here.enter(1)
        assert (await call).headers["Preference-Applied"] == "wait=60"


@pytest.mark.gen_test(timeout=60)
async def test_all_that_wait_are_told_and_the_newest_others_lead_on(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        for number in range(5):
            (ended,) = await here.enter(number)
            await here.server.moves.cancel(await here.server.store.get(ended))
        live = await here.enter(*range(10, 13))
        told = await here.told(limit="2")
        assert [task["task_id"] for task in told["tasks"][:3]] == live[::-1]
        assert [task["status"] for task in told["tasks"][3:]] == ["canceled", "canceled", "queued"]
        rest = (await here.api.call("GET", f"{LIST}?before={told['next']}"))[1]
        assert {task["task_id"] for task in rest["tasks"]} & {task["task_id"] for task in told["tasks"]} <= {
            told["tasks"][-1]["task_id"]
        }
        assert len(rest["tasks"]) == 4, "three that were left out, and the first"


@pytest.mark.gen_test(timeout=60)
async def test_a_client_has_so_many_waits_and_one_that_leaves_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_OF_CLIENT", 3)
    async with site(tmp_path) as here:
        port = int(here.api.url.rpartition(":")[2])
        writers = []
        for _ in range(3):
            _, writer = await asyncio.open_connection("localhost", port)
            request = (
                f"GET {LIST} HTTP/1.1\r\nHost: localhost\r\nCookie: {here.api.cookie}\r\nPrefer: wait=60\r\n\r\n"
            )
            writer.write(request.encode())
            writers.append(writer)
        await here.waiting(3)
        refused = await here.waits()
        assert (refused.code, body(refused)["code"]) == (429, "client_limit")
        assert "3 of your requests wait here already" in body(refused)["detail"]
        assert int(refused.headers["Retry-After"]) == 5
        assert (await here.told())["tasks"], "asking without waiting goes on"
        task_id = (await here.server.moves.enter(new_task(50, owner=None))).task_id
        status = f"/api/video/{task_id}/status"
        headers = {"Prefer": "wait=50"}
        assert (await here.api.request("GET", status, headers=headers)).code == 429, "whatever they wait for"
        stranger = await Api(here.api.url).open_page()
        free = asyncio.create_task(stranger.request("GET", LIST, headers={"Prefer": "wait=1"}))
        assert (await free).code == 200, "others are not slowed"
        writers[0].transport.abort()
        await here.waiting(2)
        call = here.waits()
        await here.waiting(3)
        for writer in writers[1:]:
            writer.transport.abort()
        await here.waiting(1)
        await here.enter(1)
        assert (await call).code == 200
        await eventually(lambda: not here.server.events._by_owner, "nobody listens any more")


@pytest.mark.gen_test(timeout=60)
async def test_a_network_has_so_many_waits_whatever_sessions_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_OF_NETWORK", 3)
    async with site(tmp_path, trusted_proxies="127.0.0.1,::1") as here:

        async def waits(address: str) -> "asyncio.Task[Any]":
            api = await Api(here.api.url).open_page()
            headers = {"Prefer": "wait=50", "X-Forwarded-For": address}
            return asyncio.create_task(api.request("GET", LIST, headers=headers))

        calls = [await waits(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3")]
        await here.waiting(3)
        refused = await (await waits("2001:db8::4"))
        assert (refused.code, body(refused)["code"]) == (429, "client_limit")
        assert "of your network" in body(refused)["detail"]
        calls.append(await waits("198.51.100.7"))
        await here.waiting(4)
        for call in calls:
            call.cancel()
