"""The order of the line as people see it: in turns where that is set, and who moves their own, over HTTP, on the
socket and by the command."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any

import pytest

from tests.acceptance.test_limits import DATA, WAITS, operate
from tests.acceptance.test_task_commands import Person, ids
from tests.live_server import Api, LiveServer, Socket
from tests.pictures import photo

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

FAIR = {"order": "fair", "model": WAITS, "model_seconds": 10}
THERE = "198.51.100.7"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """Fair, and paused."""
    with LiveServer(tmp_path / DATA, **FAIR, trusted_proxies="127.0.0.1") as running:
        asyncio.run(operate(running, "pause"))
        yield running


async def sent(api: Api, count: int, address: str = "") -> list[str]:
    headers = {"X_Forwarded_For": address} if address else {}
    answers = [await api.upload(photo(number), **headers) for number in range(count)]
    assert {status for status, _ in answers} == {202}
    return [task["task_id"] for _, task in answers]


async def places(api: Api, task_ids: list[str]) -> list[int]:
    return [(await api.status(task_id))["queue"]["position"] for task_id in task_ids]


async def move(api: Api, task_id: str, to: Any, **more: Any) -> tuple[int, Any]:
    return await api.call("POST", f"/api/video/{task_id}/move", body=json.dumps({"to": to, **more}))


@pytest.mark.gen_test(timeout=60)
async def test_a_single_picture_does_not_stand_behind_somebodys_many(server: LiveServer) -> None:
    many, single, neighbour = [await Api(server.url).open_page() for _ in range(3)]
    theirs = await sent(many, 6)
    socket = await many.socket()
    await socket.until("snapshot")
    asked = await single.call("GET", "/api/queue", headers={"X-Forwarded-For": THERE})
    own = await many.call("GET", "/api/queue")
    assert (asked[1]["order"], asked[1]["position"], own[1]["position"]) == ("fair", 2, 7)
    mine = await sent(single, 2, THERE)
    besides = await sent(neighbour, 1, THERE)
    assert await places(single, mine) == [2, 6]
    assert await places(neighbour, besides) == [4], "of the same network"
    assert await places(many, theirs) == [1, 3, 5, 7, 8, 9]

    def last(data: Any) -> bool:
        return any(each["task_id"] == theirs[-1] and each["queue"]["position"] == 9 for each in data["tasks"])

    told = await socket.until("queue", last)
    assert told["position"] == 10, "another one of theirs"
    metrics = (await many.request("GET", "/metrics")).body.decode()
    assert 'leyline_order{order="fair"} 1.0' in metrics and 'leyline_order{order="first-come"} 0.0' in metrics
    socket.close()


@pytest.mark.gen_test(timeout=60)
async def test_when_one_sent_now_would_be_ready_is_true_for_who_asks(server: LiveServer) -> None:
    many, single = [await Api(server.url).open_page() for _ in range(2)]
    first, *_ = await sent(many, 5)
    await operate(server, "resume")
    while (await many.status(first))["progress"] != 40:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    for api, address, place in ((many, {}, 5), (single, {"X-Forwarded-For": THERE}, 1)):
        queue = (await api.call("GET", "/api/queue", headers=address))[1]
        task = (await api.upload(photo(9), **address))[1]
        assert task["queue"]["position"] == queue["position"] == place
        told, now = (datetime.fromisoformat(each["ready_at"]).timestamp() for each in (queue, task["eta"]))
        assert abs(told - now) < 5, "what is left of the run is guessed anew each time"
        assert 10 * place - 5 < now - time() < 10 * place + 20


@pytest.mark.gen_test(timeout=60)
async def test_a_restart_keeps_the_order_and_what_was_moved(tmp_path: Path) -> None:
    with LiveServer(tmp_path / DATA, **FAIR) as server:
        await operate(server, "pause")
        many, single = [await Api(server.url).open_page() for _ in range(2)]
        theirs, mine = await sent(many, 4), await sent(single, 2)
        assert (await move(many, theirs[3], "first"))[0] == 200
        before = await places(many, theirs), await places(single, mine)
        assert before == ([3, 5, 6, 1], [2, 4])
        server.kill()
        server.wait()
        server.start()
        again, alone = Api(server.url), Api(server.url)
        again.cookie, alone.cookie = many.cookie, single.cookie
        assert (await places(again, theirs), await places(alone, mine)) == before


@pytest.mark.gen_test(timeout=60)
async def test_owners_move_theirs_and_nobody_elses(server: LiveServer) -> None:
    mine, stranger = [await Api(server.url).open_page() for _ in range(2)]
    own = await sent(mine, 3)
    theirs = await sent(stranger, 2, THERE)
    socket: Socket = await mine.socket()
    await socket.until("snapshot")
    status, moved = await move(mine, own[2], "first")
    assert status == 200 and moved["queue"]["position"] == 1

    def both_others(data: Any) -> bool:
        seen.update({each["task_id"]: each["queue"]["position"] for each in data["tasks"]})
        return [seen.get(task_id) for task_id in own[:2]] == [3, 5]

    seen: dict[str, int] = {}
    await socket.until("task_status", lambda data: (data["task_id"], data["queue"]["position"]) == (own[2], 1))
    await socket.until("queue", both_others)
    socket.close()
    assert await places(stranger, theirs) == [2, 4]
    assert (await move(stranger, own[1], "first"))[0] == 404
    assert (await move(mine, own[1], "sideways"))[1]["code"] == "bad_request"
    for nobody in ("x", None, [""], ["x"], [7], [own[0].upper()]):
        assert (await move(mine, own[1], "up", among=nobody))[1]["code"] == "bad_request", nobody
    assert (await move(mine, own[1], "up", among=[theirs[0]]))[0] == 200
    assert await places(stranger, theirs) == [2, 4], "whatever is named"
    await mine.call("POST", f"/api/video/{own[0]}/cancel", body=b"")
    assert (await move(mine, own[0], "up"))[1]["code"] == "task_not_waiting"


@pytest.mark.gen_test(timeout=60)
async def test_without_a_session_those_move_that_are_named(server: LiveServer) -> None:
    script, owner = Api(server.url), await Api(server.url).open_page()
    scripts, owned = await sent(script, 3), await sent(owner, 2, THERE)
    before = await places(owner, owned)
    assert (await move(script, scripts[2], "first"))[1]["queue"]["position"] == 5, "alone it has one place"
    assert (await move(script, scripts[2], "first", among=[*scripts, *owned]))[1]["queue"]["position"] == 1
    assert await places(script, scripts) == [3, 5, 1]
    assert await places(owner, owned) == before


def test_the_command_moves_pictures_of_a_folder(
    server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holiday").mkdir()
    for number, name in enumerate("abcd"):
        (tmp_path / "holiday" / f"{name}.jpg").write_bytes(photo(number))
    anna = Person(tmp_path, server)
    assert anna.types("submit", "--no-wait", "holiday")[0] == 0
    task_ids = ids(anna.types("list", "holiday")[1])
    token = (server.data_dir / "operator-token").read_text()

    def order() -> str:
        line = json.loads(anna.types("queue", "--json", LEYLINE_OPERATOR_TOKEN=token)[1])
        return "".join("abcd"[task_ids.index(task["task_id"])] for task in line["tasks"])

    assert order() == "abcd"
    assert "Networks and their sessions have turns." in anna.types("queue")[1]
    for words, becomes in (
        (["holiday/c.jpg"], "cabd"),
        (["holiday/b.jpg", "holiday/d.jpg", "--first"], "bdca"),
        (["holiday/b.jpg", "holiday/d.jpg", "--down"], "cbda"),
        (["holiday/d.jpg", "--up"], "cdba"),
        (["holiday/c.jpg", "holiday/d.jpg", "--last"], "bacd"),
    ):
        code, said, told = anna.types("move", *words)
        assert (code, told) == (0, ""), told
        assert [line[:5] for line in said.splitlines()] == [Path(word).name for word in words if word[:2] != "--"]
        assert order() == becomes, words
    assert anna.types("cancel", "holiday/a.jpg")[0] == 0
    code, said, _ = anna.types("move", "holiday/a.jpg")
    assert code == 4 and "does not wait" in said
    assert anna.types("move", task_ids[0])[0] == 4
    assert order() == "bcd"
