"""Who contends is a network first, and a session then: one machine that makes sessions cannot shut others out."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline.errors import ClientLimit, ViewsBusy
from leyline.media import Media
from leyline.settings import Settings
from leyline.turns import Turns
from leyline.watching import ledger, masters
from leyline.watching.master import NotLaidOut
from leyline.watching.masters import Masters
from leyline.watching.views import base64url
from tests.acceptance.test_limits import DATA, WAITS, operate
from tests.live_server import Api, LiveServer, eventually
from tests.pictures import photo, saved, scene
from tests.watch_site import KeyPair, WatchSite, make_master, stream
from web.server import Server

pytestmark = pytest.mark.long

PROXY = "127.0.0.1"
GREEDY, STRANGER = "203.0.113.5", "198.51.100.7"
LINE = {"model": WAITS, "max_waiting": 8, "trusted_proxies": PROXY}
SHARE = 6  # of 8


async def sessions(url: str, count: int) -> list[Api]:
    return [await Api(url).open_page() for _ in range(count)]


async def fill(server: LiveServer, addresses: list[str]) -> list[tuple[int, str]]:
    """What 5 sessions hear that send two pictures each, from these addresses in turn: status and code."""
    heard: list[tuple[int, str]] = []
    for at, api in enumerate(await sessions(server.url, 5) * 2):
        headers = {"X_Forwarded_For": addresses[at % len(addresses)]} if addresses else {}
        answer = await api.send(photo(at), **headers)
        heard.append((answer.code, json.loads(answer.body).get("code", "")))
        if answer.code == 429:
            assert "network" in json.loads(answer.body)["detail"] and int(answer.headers["Retry-After"]) >= 1
    return heard


ACCEPTED, SHARE_MET, FULL = (202, ""), (429, "client_limit"), (503, "line_full")


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize(
    "addresses", [[GREEDY], [f"2001:db8::{number:x}" for number in range(10)]], ids=["one address", "one /64"]
)
async def test_five_sessions_of_one_network_cannot_fill_the_line(tmp_path: Path, addresses: list[str]) -> None:
    with LiveServer(tmp_path / DATA, **LINE) as server:
        await operate(server, "pause")
        assert await fill(server, addresses) == [ACCEPTED] * SHARE + [SHARE_MET] * (10 - SHARE)
        (stranger,) = await sessions(server.url, 1)
        for _ in range(8 - SHARE):
            assert (await stranger.upload(photo(), X_Forwarded_For=STRANGER))[0] == 202
        assert (await stranger.upload(photo(), X_Forwarded_For=STRANGER))[0] == 503


@pytest.mark.gen_test(timeout=60)
async def test_a_networks_share_has_room_again_when_one_of_its_own_leaves_the_line(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, **LINE) as server:
        await operate(server, "pause")
        apis = await sessions(server.url, SHARE + 1)
        tasks = [(await api.upload(photo(), X_Forwarded_For=GREEDY))[1]["task_id"] for api in apis[:SHARE]]
        assert (await apis[-1].upload(photo(), X_Forwarded_For=GREEDY))[0] == 429
        assert (await apis[0].call("POST", f"/api/video/{tasks[0]}/cancel", body=b""))[0] == 200
        assert (await apis[-1].upload(photo(), X_Forwarded_For=GREEDY))[0] == 202
        again = await apis[0].call(
            "POST", f"/api/video/{tasks[0]}/retry", body=b"", headers={"X-Forwarded-For": GREEDY}
        )
        assert (again[0], again[1]["code"]) == (429, "client_limit"), "a retry needs a place too"


@pytest.mark.gen_test(timeout=60)
async def test_this_machine_itself_counts_by_session_alone(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, **LINE) as server:
        await operate(server, "pause")
        assert await fill(server, []) == [ACCEPTED] * 8 + [FULL] * 2


@pytest.mark.gen_test(timeout=60)
async def test_an_operator_whose_people_share_a_network_turns_its_limit_off(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, limit_networks="no", **LINE) as server:
        await operate(server, "pause")
        assert await fill(server, [GREEDY]) == [ACCEPTED] * 8 + [FULL] * 2


# Turns


class Seen(Turns):
    """Turns that remember whose each was."""

    def __init__(self) -> None:
        super().__init__()
        self.of: list[str] = []

    @contextlib.asynccontextmanager
    async def turn(self, network: str, client: str) -> AsyncIterator[None]:
        async with super().turn(network, client):
            self.of.append(network)
            yield

    def waiting(self) -> int:
        return sum(len(asked) for clients in self._waiting.values() for asked in clients.values())


@pytest.mark.gen_test(timeout=120)
async def test_fifteen_large_pictures_of_one_network_cost_a_stranger_one_turn(tmp_path: Path) -> None:
    large = saved(scene((2400, 1600)), "PNG")
    server = Server(Settings(port=0, data_dir=tmp_path / DATA, model=WAITS, trusted_proxies=PROXY))
    server.pictures._turns = turns = Seen()
    url = f"http://localhost:{await server.start()}"
    try:
        *greedy, stranger = await sessions(url, 16)
        async with turns.turn("taken", "taken"):
            sending = [asyncio.create_task(api.upload(large, "a.png", X_Forwarded_For=GREEDY)) for api in greedy]
            await eventually(lambda: turns.waiting() == 15, "all of them waiting")
            sending.append(asyncio.create_task(stranger.upload(photo(), X_Forwarded_For=STRANGER)))
            await eventually(lambda: turns.waiting() == 16, "the stranger waiting")
        assert [status for status, _ in await asyncio.gather(*sending)] == [202] * 16
    finally:
        await server.stop()
    assert turns.of == ["taken", GREEDY, STRANGER, *[GREEDY] * 14]


# Views


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4")


@pytest.fixture
def site(io_loop: Any, tmp_path: Path) -> Iterator[WatchSite]:
    site = WatchSite(tmp_path / DATA, trusted_proxies=PROXY)
    io_loop.run_sync(site.start)
    yield site
    io_loop.run_sync(site.stop)


async def watch(api: Api, task_id: str, address: str) -> tuple[int, str]:
    """Open a view from this address and have its key: the status, and the ticket or the code of a refusal."""
    headers = {"X-Forwarded-For": address}
    status, view = await api.call("POST", f"/api/video/{task_id}/view", body="", headers=headers)
    if status == 200:
        asked = json.dumps({"ticket": view["ticket"], "public": base64url(KeyPair().public)})
        status, key = await api.call("POST", f"/api/video/{task_id}/view/key", body=asked, headers=headers)
        assert status == 200, key
    return status, view.get("ticket") or view["code"]


@pytest.mark.gen_test(timeout=120)
async def test_thirty_eight_views_of_one_network_neither_end_a_strangers_nor_keep_one_out(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MAX_TOLD", 40)
    monkeypatch.setattr(ledger, "MAX_TOLD_OF_NETWORK", 30)
    task_id, (stranger, *greedy) = await site.add_video(master), await sessions(site.url, 39)
    _, ticket = await watch(stranger, task_id, STRANGER)
    assert (await stream(stranger, task_id, ticket, Range="bytes=0-999")).code == 206
    heard = [await watch(api, task_id, GREEDY) for api in greedy]
    assert [status for status, _ in heard] == [200] * 30 + [429] * 8
    assert {code for status, code in heard if status == 429} == {"client_limit"}
    assert (await stream(stranger, task_id, ticket, Range="bytes=1000-")).code == 206, "it goes on"
    assert (await watch((await sessions(site.url, 1))[0], task_id, STRANGER))[0] == 200, "and another may begin"


@pytest.mark.gen_test(timeout=60)
async def test_one_network_cannot_take_all_places_where_older_videos_wait_to_be_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Masters(Media(tmp_path / DATA))
    go_on = threading.Event()
    monkeypatch.setattr(masters, "MAX_WAITING", 4)
    monkeypatch.setattr(masters, "Master", not_laid_out)
    monkeypatch.setattr(older, "_lay_out_now", lambda key: go_on.wait())

    async def begin(key: str, network: str | None) -> "asyncio.Task[Any]":
        opening = asyncio.create_task(older.open(key, network))
        await eventually(lambda: key in older._laying_out or opening.done(), "its place, or its refusal")
        return opening

    opened = [await begin(key, GREEDY) for key in ("a", "b", "c", "c")]
    with pytest.raises(ClientLimit):
        await (await begin("d", GREEDY))
    opened.append(await begin("e", STRANGER))
    with pytest.raises(ViewsBusy):
        await (await begin("f", None))
    go_on.set()
    assert all(isinstance(end, NotLaidOut) for end in await asyncio.gather(*opened, return_exceptions=True))
    assert not older._laying_out and not older._wanted_by
    older.close()


def not_laid_out(path: Path) -> None:
    raise NotLaidOut
