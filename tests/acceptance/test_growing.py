"""A video is watched while a server makes it; its model is killed, its task canceled, the server stopped."""

import asyncio
import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import Api, LiveServer, Socket, eventually, tab
from tests.pictures import photo
from tests.watch_site import KeyPair, base64url, from_base64url, packets

pytestmark = pytest.mark.long

SLOW = {"model_seconds": 8, "clip_seconds": 4, "clip_height": 180}


async def begun(api: Api, socket: Socket, segments: int = 1) -> str:
    """A task of whose video so much can be watched by now."""
    _, task = await api.upload(photo())
    await growing(socket, task["task_id"], segments)
    return str(task["task_id"])


async def growing(socket: Socket, task_id: str, segments: int = 1) -> None:
    def is_there(told: dict[str, Any]) -> bool:
        return bool(told["task_id"] == task_id and (told["watchable"] or {}).get("segments", 0) >= segments)

    await socket.until("task_status", is_there)


async def view(api: Api, task_id: str, ticket: str | None = None) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"ticket": ticket} if ticket else {})
    return await api.call("POST", f"/api/video/{task_id}/view", body=body)


async def piece(api: Api, task_id: str, ticket: str, start: int) -> bytes:
    """What there is of the view from this byte on."""
    headers = {"X-Leyline-Ticket": ticket, "Range": f"bytes={start}-"}
    answer = await api.request("GET", f"/api/video/{task_id}/video", headers=headers)
    assert answer.code == 206, answer.body
    return answer.body


async def refused(api: Api, task_id: str, ticket: str) -> tuple[int, str]:
    """What the view's stream is refused with."""
    answer = await api.request("GET", f"/api/video/{task_id}/video", headers={"X-Leyline-Ticket": ticket})
    return answer.code, json.loads(answer.body)["code"]


async def key_of(api: Api, task_id: str, ticket: str) -> bytes:
    pair = KeyPair()
    body = json.dumps({"ticket": ticket, "public": base64url(pair.public)})
    status, told = await api.call("POST", f"/api/video/{task_id}/view/key", body=body)
    assert status == 200, told
    return pair.unwrapped(ticket, from_base64url(told["public"]), from_base64url(told["wrapped"]))


@pytest.mark.gen_test(timeout=120)
async def test_a_video_is_watched_from_its_first_second_while_the_model_makes_it(tmp_path: Path) -> None:
    """What was received piece by piece meanwhile is the published file, to the byte."""
    with LiveServer(tmp_path / "data", **SLOW) as server:
        async with tab(server) as (api, socket):
            task_id = await begun(api, socket)
            status, first = await view(api, task_id)
            assert status == 200 and not first["complete"]
            key = await key_of(api, task_id, first["ticket"])
            received = await piece(api, task_id, first["ticket"], 0)
            for segments in (2, 3):
                await growing(socket, task_id, segments)
                received += await piece(api, task_id, first["ticket"], len(received))
            await api.finished(task_id)
            received += await piece(api, task_id, first["ticket"], len(received))
            status, now = await view(api, task_id, first["ticket"])
            assert (status, now["complete"], now["kid"]) == (200, True, first["kid"])
            assert len(received) == now["size"] and now["seconds"] == SLOW["clip_seconds"]
            (published,) = (tmp_path / "data" / "videos").iterdir()
            assert packets(io.BytesIO(received), key) == packets(published)
            assert (await api.status(task_id))["views"] == 1


async def is_killed(server: LiveServer, api: Api, task_id: str) -> None:
    model = server.model_pid()
    assert model
    os.kill(model, signal.SIGKILL)


async def is_canceled(server: LiveServer, api: Api, task_id: str) -> None:
    assert (await api.call("POST", f"/api/video/{task_id}/cancel", body=""))[0] in (200, 202)


@pytest.mark.parametrize("happens", [is_killed, is_canceled])
@pytest.mark.gen_test(timeout=120)
async def test_a_run_that_comes_to_nothing_ends_its_views(
    tmp_path: Path, happens: Callable[[LiveServer, Api, str], Any]
) -> None:
    with LiveServer(tmp_path / "data", **SLOW) as server:
        async with tab(server) as (api, socket):
            task_id = await begun(api, socket)
            ticket = (await view(api, task_id))[1]["ticket"]
            await happens(server, api, task_id)
            await socket.until("task_status", lambda told: told.get("status") in ("queued", "canceled"))
            assert await refused(api, task_id, ticket) == (410, "view_ended")
            if happens is is_killed:
                await growing(socket, task_id)
                assert await refused(api, task_id, ticket) == (410, "view_ended"), "this is another try"
                ticket = (await view(api, task_id))[1]["ticket"]
                await api.finished(task_id)
                assert (await view(api, task_id, ticket))[1]["complete"]
            await eventually(lambda: not list((tmp_path / "data" / "tmp").iterdir()), "nothing is left behind")
        assert "event=bug" not in server.log()


@pytest.mark.parametrize("ends", [LiveServer.kill, LiveServer.stop])
@pytest.mark.gen_test(timeout=120)
async def test_a_restart_ends_views_of_what_was_being_made(
    tmp_path: Path, ends: Callable[[LiveServer], Any]
) -> None:
    server = LiveServer(tmp_path / "data", **SLOW)
    with server:
        async with tab(server) as (api, socket):
            task_id = await begun(api, socket)
            ticket = (await view(api, task_id))[1]["ticket"]
            await asyncio.to_thread(ends, server)
    with server:
        again = Api(server.url)
        again.cookie = api.cookie
        assert await refused(again, task_id, ticket) == (410, "view_ended")
        await again.finished(task_id)
        assert await refused(again, task_id, ticket) == (410, "view_ended")
        status, finished = await view(again, task_id)
        assert (status, finished["complete"]) == (200, True)


@pytest.mark.gen_test(timeout=120)
async def test_a_model_that_writes_all_frames_at_its_end_has_nothing_to_watch_before(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.growing:AtTheEnd") as server:
        async with tab(server) as (api, socket):
            _, task = await api.upload(photo())
            await socket.until("task_status", lambda told: told["stage"] == "thinking")
            assert (await view(api, task["task_id"]))[1]["code"] == "not_ready"
            (tmp_path / "data" / "go-on").touch()
            await api.finished(task["task_id"])
            thinking = [each["data"] for each in socket.heard if each["data"].get("stage") == "thinking"]
            assert thinking and all(told["watchable"] is None for told in thinking)


@pytest.mark.gen_test(timeout=120)
async def test_what_was_held_back_is_told_though_the_model_falls_silent(tmp_path: Path) -> None:
    """Five seconds of video within an instant are one word and, a second later, another."""
    with LiveServer(tmp_path / "data", model="tests.models.growing:FallsSilent") as server:
        async with tab(server) as (api, socket):
            _, task = await api.upload(photo())
            await growing(socket, task["task_id"], 5)
            told = [
                each["data"]["watchable"]["segments"]
                for each in socket.heard
                if each["event"] == "task_status" and each["data"].get("watchable")
            ]
            assert told == sorted(told) and (told[0], told[-1]) == (1, 5)
            assert len((await view(api, task["task_id"]))[1]["segments"]) == 5
            (tmp_path / "data" / "go-on").touch()
            await api.finished(task["task_id"])
