"""The Python client against a stand-in server: sent once, retried politely, followed to the end."""

import asyncio
import contextlib
import socket
import struct

import pytest

from leyline import following
from leyline.client import LeylineClient
from leyline.remote import PictureUnreadable, Refused, Unreachable
from tests.integration.stand_in import LOSE_THE_ANSWER, StandIn, refusal

FULL = refusal(503, "line_full", "The line is full.", Retry_After="1")


@pytest.fixture
def server():
    return StandIn()


@pytest.fixture
def app(server):
    return server.app()


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "beach.jpg"
    path.write_bytes(b"\xff\xd8 not really a picture \r\n--" * 10_000)
    return path


@pytest.fixture
def patient(monkeypatch):
    """Pauses are noted, not slept."""
    pauses, sleep = [], asyncio.sleep

    async def note(seconds):
        pauses.extend([seconds] if seconds else [])
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return pauses


@pytest.mark.gen_test
async def test_picture_arrives_byte_for_byte_and_its_task_comes_back(http_server, base_url, server, picture):
    sent = []
    async with LeylineClient(base_url) as leyline:
        task = await leyline.submit(picture, on_sent=lambda done, total: sent.append((done, total)))
    [(key, name, body)] = server.uploads
    assert (name, body) == ("beach.jpg", picture.read_bytes())
    assert task == server.accepted[key]
    assert len(sent) > 2, "the picture went out in one piece"
    assert sent[-1] == (picture.stat().st_size, picture.stat().st_size)


@pytest.mark.gen_test
@pytest.mark.parametrize("name", ["grün ☂.jpg", 'a"b;c.jpg', "two\nlines.jpg"])
async def test_file_names_of_every_kind_survive(http_server, base_url, server, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"x")
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(path)
    arrived = server.uploads[0][1]
    assert arrived == name.replace('"', "%22").replace("\n", "%0A")


@pytest.mark.gen_test
async def test_token_goes_with_every_call(http_server, base_url, server, picture):
    async with LeylineClient(base_url, token="open-sesame") as leyline:
        await leyline.submit(picture)
    assert server.asked[0]["Authorization"] == "Bearer open-sesame"


@pytest.mark.gen_test
async def test_refusal_is_heard_before_the_picture_is_sent(http_server, base_url, server, picture):
    server.script = [refusal(413, "too_large", "The file has 31 MB; this server takes 20 MB.")]
    sent = []
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="The file has 31 MB") as raised:
            await leyline.submit(picture, on_sent=lambda *bytes_: sent.append(bytes_), patience_seconds=60)
    assert (raised.value.status, raised.value.code) == (413, "too_large")
    assert not raised.value.may_pass
    assert len(server.asked) == 1
    assert not sent


@pytest.mark.gen_test
async def test_full_line_is_tried_again_no_earlier_than_asked(http_server, base_url, server, picture, patient):
    server.script = [FULL, FULL]
    heard = []
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(
            picture, patience_seconds=60, on_pause=lambda why, seconds: heard.append((str(why), seconds))
        )
    assert patient == [1, 1]
    assert heard == [("The line is full.", 1)] * 2
    assert len(server.accepted) == 1


@pytest.mark.gen_test
async def test_patience_ends_when_the_server_asks_for_more(http_server, base_url, server, picture, patient):
    server.script = [refusal(429, "client_limit", "Enough.", Retry_After="61")]
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="Enough") as raised:
            await leyline.submit(picture, patience_seconds=60)
    assert raised.value.retry_after_seconds == 61
    assert patient == []


@pytest.mark.gen_test
async def test_lost_answer_never_makes_a_second_task(http_server, base_url, server, picture, patient):
    server.script = [LOSE_THE_ANSWER]
    async with LeylineClient(base_url) as leyline:
        task = await leyline.submit(picture, patience_seconds=60)
    assert len(server.uploads) == 2
    assert list(server.accepted.values()) == [task]


@pytest.mark.gen_test
async def test_two_pictures_with_the_same_bytes_are_two_tasks(http_server, base_url, server, picture):
    async with LeylineClient(base_url) as leyline:
        first, second = await leyline.submit(picture), await leyline.submit(picture)
    assert first["task_id"] != second["task_id"]


@pytest.mark.gen_test
async def test_connection_reset_in_the_middle_of_a_picture_is_tried_again(picture, patient, caplog):
    picture.write_bytes(b"x" * 5_000_000)
    tries = []

    async def hang_up(reader, writer):
        tries.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await reader.readexactly(100_000)
        linger = struct.pack("ii", 1, 0)  # close with a reset, as a killed server does
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, LeylineClient(f"http://127.0.0.1:{port}") as leyline:
        with pytest.raises(Unreachable, match="was lost"):
            await leyline.submit(picture, patience_seconds=3.5)
    assert patient == [1, 2]
    assert len(tries) == 3
    assert not caplog.records


@pytest.mark.gen_test
async def test_picture_that_shrinks_while_it_is_sent_is_sent_again(http_server, base_url, server, picture, patient):
    picture.write_bytes(b"x" * 1_000_000)

    def shrink(done, total):
        if total == 1_000_000:
            picture.write_bytes(b"y" * 1_000)

    async with LeylineClient(base_url) as leyline:
        await leyline.submit(picture, on_sent=shrink, patience_seconds=60)
    assert [body for _, _, body in server.uploads] == [b"y" * 1_000]


@pytest.mark.gen_test
async def test_nobody_there_is_told_with_the_address(picture, unused_port):
    async with LeylineClient(f"http://localhost:{unused_port}") as leyline:
        with pytest.raises(Unreachable, match=f"^Nothing answers at http://localhost:{unused_port}.$"):
            await leyline.submit(picture)


@pytest.fixture
def unused_port():
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


@pytest.mark.gen_test
async def test_other_web_server_is_not_taken_for_leyline(picture):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, LeylineClient(f"http://127.0.0.1:{port}") as leyline:
        with pytest.raises(Refused, match="is not Leyline"):
            await leyline.queue()


@pytest.mark.gen_test
async def test_missing_picture_is_told_without_asking_the_server(server, tmp_path):
    async with LeylineClient("http://localhost:1") as leyline:
        with pytest.raises(PictureUnreadable, match="No such file"):
            await leyline.submit(tmp_path / "none.jpg")


# Following


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
        server.say("task_status", task(1, status="canceled", version=2_000_000))

    server.on_subscribe = on_subscribe
    async with LeylineClient(base_url) as leyline:
        followed = leyline.following()
        followed.add(ids[0])
        followed.no_more()
        positions = [seen["queue"]["position"] async for seen in followed.tasks()]
    assert positions == [2, 1, 1]
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


@pytest.mark.gen_test(timeout=15)
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
async def test_server_gone_for_too_long_is_told(monkeypatch, unused_port):
    monkeypatch.setattr(following, "GIVE_UP_SECONDS", 0)
    async with LeylineClient(f"http://localhost:{unused_port}") as leyline:
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
        await asyncio.wait_for(closed.wait(), 3)
    assert server.sockets == []
