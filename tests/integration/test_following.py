"""Following tasks of a stand-in server: live, after lost sockets, and where sockets do not work at all."""

import asyncio
import contextlib

import pytest

from leyline.client import following
from leyline.client.client import LeylineClient
from leyline.client.remote import Refused, Unreachable
from tests.integration.stand_in import StandIn


@pytest.fixture
def server():
    return StandIn()


@pytest.fixture
def app(server):
    return server.app()


def task(number, **fields):
    return {"task_id": f"{number:032x}", "status": "queued", "version": 1_000_000, "progress": 0} | fields


ids = [task(number)["task_id"] for number in (1, 2)]


async def collected(leyline, task_ids):
    return [(seen["task_id"][-1], seen["status"], seen["progress"]) async for seen in leyline.follow(task_ids)]


@pytest.mark.gen_test
async def test_tasks_are_followed_to_their_ends(http_server, base_url, server):
    def on_subscribe(socket, task_ids):
        for number in (1, 2):
            server.say("task_status", task(number))
        server.say("task_status", task(1, status="processing", version=2_000_000))
        server.say("task_status", {"task_id": ids[0], "version": 2_000_001, "progress": 40})
        server.say("task_status", task(1, status="succeeded", version=3_000_000, progress=100))
        server.say("task_status", task(2, status="failed", version=2_000_000))

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        seen = await collected(leyline, ids)
    assert seen == [
        ("1", "queued", 0),
        ("2", "queued", 0),
        ("1", "processing", 0),
        ("1", "processing", 40),
        ("1", "succeeded", 100),
        ("2", "failed", 0),
    ]


@pytest.mark.gen_test
async def test_late_word_of_an_earlier_state_changes_nothing(http_server, base_url, server):
    def on_subscribe(socket, task_ids):
        server.say("task_status", task(1, status="processing", version=2_000_005, progress=40))
        server.say("task_status", task(1))
        server.say("task_status", task(1, status="canceled", version=3_000_000, progress=40))

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        assert await collected(leyline, ids[:1]) == [("1", "processing", 40), ("1", "canceled", 40)]


@pytest.mark.gen_test
async def test_lost_socket_is_opened_again_and_nothing_is_missed(http_server, base_url, server):
    def on_subscribe(socket, task_ids):
        if len(server.subscriptions) == 1:
            server.say("task_status", task(1, status="processing", version=2_000_000))
            server.say("bye", {})
            socket.close()
        else:
            server.say("task_status", task(1, status="succeeded", version=3_000_000, progress=100))

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        assert await collected(leyline, ids[:1]) == [("1", "processing", 0), ("1", "succeeded", 100)]
    assert server.subscriptions == [ids[:1]] * 2


@pytest.mark.gen_test
async def test_removed_task_ends_as_gone(http_server, base_url, server):
    server.on_subscribe = lambda socket, task_ids: server.say("task_gone", {"task_id": ids[0]})
    async with LeylineClient(base_url) as leyline:
        assert [seen["status"] async for seen in leyline.follow(ids[:1])] == ["gone"]


@pytest.mark.gen_test
async def test_task_that_the_server_does_not_know_ends_as_gone(http_server, base_url, server):
    unknown = {"code": "not_found", "detail": "These tasks are not known.", "task_ids": ids[1:]}

    def on_subscribe(socket, task_ids):
        server.say("task_status", task(1, status="succeeded", progress=100))
        server.say("error", unknown)

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        assert [seen["status"] async for seen in leyline.follow(ids)] == ["succeeded", "gone"]


@pytest.mark.gen_test
async def test_place_in_line_moves_without_a_change_of_state(http_server, base_url, server):
    def on_subscribe(socket, task_ids):
        server.say("task_status", task(1, queue={"position": 2, "size": 2}))
        server.say("queue", {"paused": True, "tasks": [{"task_id": ids[0], "queue": {"position": 1, "size": 1}}]})
        server.say("queue", {"paused": True, "waiting": 5, "tasks": []})
        server.say("task_status", task(1, status="canceled", version=2_000_000))

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        followed = leyline.following()
        followed.add(ids[0])
        followed.no_more()
        places = [(seen["queue"]["position"], seen["queue"]["size"]) async for seen in followed.tasks()]
    assert places == [(2, 2), (1, 1), (1, 5)], "who stays is not named again, but of how many it is"
    assert followed.line["paused"]


@pytest.mark.gen_test
async def test_subscriptions_keep_to_what_the_server_takes(http_server, base_url, server, monkeypatch):
    monkeypatch.setattr(following, "IDS_A_MESSAGE", 2)
    monkeypatch.setattr(following, "IDS_A_SOCKET", 5)

    def on_subscribe(socket, task_ids):
        for task_id in task_ids:
            server.say("task_status", {**task(0, status="succeeded"), "task_id": task_id})

    server.on_subscribe = on_subscribe
    everything = [task(number)["task_id"] for number in range(8)]
    async with LeylineClient(base_url) as leyline:
        ended = [seen["task_id"] async for seen in leyline.follow(everything)]
    assert ended == everything
    assert [len(message) for message in server.subscriptions] == [2, 2, 1, 2, 1]


@pytest.mark.gen_test
async def test_task_added_while_following_is_followed_too(http_server, base_url, server):
    def on_subscribe(socket, task_ids):
        for task_id in task_ids:
            server.say("task_status", {**task(0, status="succeeded"), "task_id": task_id})

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        followed = leyline.following()
        followed.add(ids[0])
        seen = []
        async for changed in followed.tasks():
            seen.append(changed["task_id"])
            if len(seen) == 1:
                followed.add(ids[1])
                followed.no_more()
    assert seen == ids


@pytest.mark.gen_test
async def test_without_sockets_the_same_tasks_are_followed_by_requests(http_server, base_url, server):
    server.sockets_refused_with = 404
    server.statuses = {
        ids[0]: [task(1, status="processing"), task(1, status="succeeded", version=2_000_000, progress=100)],
        ids[1]: [task(2, status="canceled", version=2_000_000)],
    }
    async with LeylineClient(base_url) as leyline:
        seen = await collected(leyline, ids)
    assert seen == [("1", "processing", 0), ("1", "succeeded", 100), ("2", "canceled", 0)]


@pytest.mark.gen_test
async def test_needed_token_is_told_at_once(http_server, base_url, server):
    server.sockets_refused_with = 401
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="needs a token"):
            await collected(leyline, ids)


@pytest.mark.gen_test
async def test_server_gone_for_too_long_is_told(monkeypatch):
    monkeypatch.setattr(following, "GIVE_UP_SECONDS", 0)
    async with LeylineClient("http://localhost:1") as leyline:
        with pytest.raises(Unreachable):
            await collected(leyline, ids)


@pytest.mark.gen_test
async def test_follower_that_leaves_early_leaves_no_socket_behind(http_server, base_url, server):
    closed = asyncio.Event()

    def on_subscribe(socket, task_ids):
        server.say("task_status", task(1))
        original = socket.on_close
        socket.on_close = lambda: (original(), closed.set())

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        async with contextlib.aclosing(leyline.follow(ids)) as tasks:
            async for _ in tasks:
                break
        await asyncio.wait_for(closed.wait(), 30)
    assert server.sockets == []


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "strange",
    [
        "[" * 200_000,
        "7",
        {"event": "hello", "data": 7},
        {"event": "task_status", "data": {}},
        {"event": "task_status", "data": {"task_id": ids[0], "version": "new"}},
        {"event": "queue", "data": {"tasks": [{"task_id": ids[0], "eta": {"ready_at": "soon"}}]}},
    ],
    ids=["deep", "number", "data", "nobody", "version", "eta"],
)
async def test_socket_that_says_strange_things_is_not_taken_for_leylines(http_server, base_url, server, strange):
    server.on_subscribe = lambda socket, task_ids: socket.write_message(strange)
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="is not Leyline"):
            await collected(leyline, ids)
