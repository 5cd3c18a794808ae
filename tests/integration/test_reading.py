"""How many pieces a body comes in over real sockets: few where few come, and never much of all together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
import tornado.web
from tornado.netutil import bind_sockets

from tests.live_server import DEADLINE_SECONDS
from web.answers import Answers
from web.connections import Connections
from web.forwarded import Proxies
from web.hosts import Hosts
from web.reading import ALL_BYTES, LEAST_BYTES, MOST_BYTES

BODY_BYTES = 8 * 1024 * 1024
MANY = 100


@tornado.web.stream_request_body
class Counting(tornado.web.RequestHandler):
    """Notes how long each piece is; a body that says so is refused at its headers."""

    pieces: list[int]

    def initialize(self, pieces: list[int]) -> None:
        self.pieces = pieces

    def prepare(self) -> None:
        self.request.connection.set_max_body_size(BODY_BYTES)  # type: ignore[union-attr]

    async def data_received(self, chunk: bytes) -> None:
        self.pieces.append(len(chunk))
        await asyncio.sleep(0)  # as where a piece is written: meanwhile more of it arrives

    def post(self) -> None:
        self.write("taken")


class House:
    """A server of its own with nothing but bodies to take."""

    def __init__(self) -> None:
        self.pieces: list[int] = []
        application = tornado.web.Application([("/", Counting, {"pieces": self.pieces})])
        self.http = Connections(application, Hosts("", "localhost"), Proxies(""), Answers())
        sockets = bind_sockets(0, "127.0.0.1")
        self.http.add_sockets(sockets)
        self.port: int = sockets[0].getsockname()[1]

    @property
    def share(self) -> int:
        return self.http._reading.share

    async def becomes(self, share: int) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while self.share != share:  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def sender(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Somebody whose headers have gone, and nothing of the body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY_BYTES}\r\n\r\n".encode())
        try:
            yield reader, writer
        finally:
            writer.close()


@pytest.fixture
def house(io_loop: object) -> Iterator[House]:
    house = House()
    yield house
    house.http.stop()


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_a_body_that_comes_alone_comes_in_large_pieces(house: House) -> None:
    async with house.sender() as (reader, writer):
        writer.write(bytes(BODY_BYTES))
        assert (await reader.readline()).endswith(b"200 OK\r\n")
    assert sum(house.pieces) == BODY_BYTES
    assert max(house.pieces) == MOST_BYTES
    assert len(house.pieces) < BODY_BYTES / LEAST_BYTES / 2


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_of_many_bodies_less_is_read_at_a_time_and_all_together_stay_within_their_bound(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        opened = [await senders.enter_async_context(house.sender()) for _ in range(MANY)]
        await house.becomes(ALL_BYTES // MANY)
        assert LEAST_BYTES < house.share < MOST_BYTES
        opened[0][1].write(bytes(BODY_BYTES))
        assert (await opened[0][0].readline()).endswith(b"200 OK\r\n")
        assert max(house.pieces[1:]) * MANY <= ALL_BYTES, (
            "all but the first, which was asked for when they were fewer"
        )
    await house.becomes(MOST_BYTES)


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_who_has_sent_all_or_leaves_in_the_middle_takes_no_share_any_more(house: House) -> None:
    for sends in (BODY_BYTES, 10):
        async with contextlib.AsyncExitStack() as senders:
            opened = [await senders.enter_async_context(house.sender()) for _ in range(MANY)]
            await house.becomes(ALL_BYTES // MANY)
            for reader, writer in opened:
                writer.write(bytes(sends))
                if sends == BODY_BYTES:
                    await reader.readline()
                else:
                    writer.close()
            await house.becomes(MOST_BYTES)
    assert house.http._reading._bodies == 0
