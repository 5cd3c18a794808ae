"""The bytes of one connection: what comes before it is asked for, and who leaves meanwhile."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from web.answers import Answers
from web.connections import Stream
from web.reading import LEAST_BYTES

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
TURNS = 6

pytestmark = pytest.mark.gen_test(timeout=60)


class Listening:
    """A stream that has read one request and is read no more, and how often its listening was changed since."""

    def __init__(self, stream: Stream, client: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stream, self.client = stream, client
        self.changes: list[Any] = []
        loop = IOLoop.current()
        update = loop.update_handler
        monkeypatch.setattr(loop, "update_handler", lambda *what: (self.changes.append(what), update(*what)))

    async def request(self) -> bytes:
        return await self.stream.read_until(b"\r\n\r\n")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    theirs.close()
    ours.close()


async def listening(ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> Listening:
    ours, client = ends
    stream = Stream(ours, "192.0.2.1", Answers())
    found = Listening(stream, client, monkeypatch)
    reading = asyncio.ensure_future(found.request())
    await asyncio.sleep(0)
    client.send(REQUEST)
    assert await reading == REQUEST
    return found


async def turns(count: int) -> None:
    """So many passes of the event loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_next_request_may_come_a_little_early(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await listening(ends, monkeypatch)
    for _ in range(20):
        here.client.send(REQUEST)
        await turns(2)  # as many as there are between an answer and the reading of the next request
        assert await here.request() == REQUEST
        await turns(1)  # it is answered
    assert here.changes == []


async def test_what_nobody_asks_for_is_not_listened_to_for_ever(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await listening(ends, monkeypatch)
    here.client.setblocking(False)
    here.client.send(REQUEST * 1000)
    await turns(TURNS)
    assert len(here.changes) == 1, "it is listened to no more, and takes no time"
    assert here.stream._read_buffer_size <= LEAST_BYTES
    for _ in range(1000):
        assert await here.request() == REQUEST


async def test_who_leaves_before_there_is_an_answer_is_noticed_at_once(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await listening(ends, monkeypatch)
    left = asyncio.Event()
    here.stream.set_close_callback(left.set)
    here.client.close()
    await turns(TURNS)
    assert left.is_set()


async def test_what_is_written_goes_at_once_whatever_is_asked_for_after_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()):
        stream = Stream(door.accept()[0], "127.0.0.1", Answers())
        for asked in (True, False):  # as Tornado does around the end of each answer
            stream.set_nodelay(asked)
            assert stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        stream.close()
