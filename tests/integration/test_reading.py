"""Whose body is read next, over real sockets: a few at a time, those that began first before the others, and nobody
waits for who sends nothing."""

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
from web.reading import AT_ONCE, FREE_BYTES, LEAST_BYTES, MOST_BYTES

BODY_BYTES = 8 * 1024 * 1024
MANY = 12

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@tornado.web.stream_request_body
class Counting(tornado.web.RequestHandler):
    """Takes a body when the house says so, and notes how long each piece is."""

    def initialize(self, house: "House") -> None:
        self.house = house

    def prepare(self) -> None:
        self.request.connection.set_max_body_size(BODY_BYTES)  # type: ignore[union-attr]
        self.name = self.request.path
        self.house.pieces[self.name] = []

    async def data_received(self, chunk: bytes) -> None:
        self.house.pieces[self.name].append(len(chunk))
        await self.house.open.wait()
        if self.house.taken(self.name) <= FREE_BYTES:
            return
        self.house.beyond += 1
        self.house.most_beyond = max(self.house.most_beyond, self.house.beyond)
        await self.house.large.wait()
        await asyncio.sleep(0)  # as where a piece is written: meanwhile more of it arrives
        self.house.beyond -= 1

    def post(self) -> None:
        self.house.ended.append(self.name)


class House:
    """A server of its own with nothing but bodies to take, which it does while it is open."""

    def __init__(self) -> None:
        self.pieces: dict[str, list[int]] = {}  # by path
        self.ended: list[str] = []
        self.open, self.large = asyncio.Event(), asyncio.Event()  # the second beyond what is free
        self.open.set()
        self.large.set()
        self.beyond = self.most_beyond = 0  # bodies of which a piece is taken beyond that, now and at most
        application = tornado.web.Application([("/.*", Counting, {"house": self})])
        self.http = Connections(application, Hosts("", "localhost"), Proxies("127.0.0.1"), Answers())
        sockets = bind_sockets(0, "127.0.0.1")
        self.http.add_sockets(sockets)
        self.port: int = sockets[0].getsockname()[1]

    @property
    def free(self) -> int:
        return self.http._reading._turns._free

    @property
    def waiting(self) -> int:
        waiting = self.http._reading._turns._waiting
        return sum(len(asked) for clients in waiting.values() for asked in clients.values())

    def taken(self, path: str) -> int:
        return sum(self.pieces.get(path, []))

    async def until(self, truth: object) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not truth():  # type: ignore[operator]  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def sender(
        self, path: str, network: str = "192.0.2.1", *, in_chunks: bool = False
    ) -> AsyncIterator[Streams]:
        """Somebody whose headers have gone, and nothing of the body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {network}\r\n"
        length = "Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {BODY_BYTES}"
        writer.write(f"{head}{length}\r\n\r\n".encode())
        await self.until(lambda: path in self.pieces)
        try:
            yield reader, writer
        finally:
            writer.close()


@pytest.fixture
def house(io_loop: object) -> Iterator[House]:
    house = House()
    yield house
    house.http.stop()


async def answered(*streams: Streams) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        for reader, _ in streams:
            assert (await reader.readline()).endswith(b"200 OK\r\n")


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_a_body_that_comes_alone_comes_in_large_pieces(house: House) -> None:
    async with house.sender("/alone") as (reader, writer):
        writer.write(bytes(BODY_BYTES))
        await answered((reader, writer))
    assert house.taken("/alone") == BODY_BYTES
    assert max(house.pieces["/alone"]) == MOST_BYTES
    assert len(house.pieces["/alone"]) < BODY_BYTES / LEAST_BYTES / 2


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_of_many_large_bodies_a_few_advance_at_a_time(house: House) -> None:
    paths = [f"/{number}" for number in range(MANY)]
    async with contextlib.AsyncExitStack() as senders:
        opened = [await senders.enter_async_context(house.sender(path)) for path in paths]
        house.large.clear()
        for _, writer in opened:
            writer.write(bytes(BODY_BYTES))
        await house.until(lambda: house.beyond == AT_ONCE and house.waiting == MANY - AT_ONCE)
        house.large.set()
        await answered(*opened)
    assert house.most_beyond == AT_ONCE
    waiting = [size for path in paths for size in house.pieces[path][: FREE_BYTES // LEAST_BYTES]]
    assert max(waiting) <= LEAST_BYTES, "who has no turn yet has little in memory"
    assert house.free == AT_ONCE


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_who_sends_nothing_more_holds_up_nobody(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        slow = [f"/slow{number}" for number in range(2 * AT_ONCE)]
        for path in slow:
            _, writer = await senders.enter_async_context(house.sender(path))
            writer.write(bytes(FREE_BYTES + MOST_BYTES))
        await house.until(lambda: all(house.taken(path) == FREE_BYTES + MOST_BYTES for path in slow))
        reader, writer = await senders.enter_async_context(house.sender("/late"))
        writer.write(bytes(BODY_BYTES))
        await answered((reader, writer))
        assert house.ended == ["/late"]


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_half_a_line_between_two_chunks_holds_up_nobody(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        slow = [f"/slow{number}" for number in range(2 * AT_ONCE)]
        for path in slow:
            _, writer = await senders.enter_async_context(house.sender(path, in_chunks=True))
            house.open.clear()
            writer.write(b"%x\r\n%b\r\n2" % (FREE_BYTES + LEAST_BYTES, bytes(FREE_BYTES + LEAST_BYTES)))
            house.open.set()
        await house.until(lambda: all(house.taken(path) == FREE_BYTES + LEAST_BYTES for path in slow))
        reader, writer = await senders.enter_async_context(house.sender("/late"))
        writer.write(bytes(BODY_BYTES))
        await answered((reader, writer))
        assert house.ended == ["/late"]


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_another_network_has_the_next_turn_however_many_began_before(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        paths = [f"/{number}" for number in range(MANY)]
        opened = [await senders.enter_async_context(house.sender(path)) for path in paths]
        opened.append(await senders.enter_async_context(house.sender("/other", "198.51.100.7")))
        house.open.clear()
        for _, writer in opened:
            writer.write(bytes(BODY_BYTES))
        await house.until(lambda: all(map(house.taken, [*paths, "/other"])))
        house.open.set()
        await answered(*opened)
    assert house.ended.index("/other") <= 2 * AT_ONCE, house.ended


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_what_is_small_waits_for_nobody(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        opened = [await senders.enter_async_context(house.sender(f"/{number}")) for number in range(MANY)]
        house.open.clear()
        for _, writer in opened:
            writer.write(bytes(BODY_BYTES))
        await house.until(lambda: all(house.taken(f"/{number}") for number in range(MANY)))
        for _ in range(AT_ONCE):  # all turns are taken
            await house.http._reading._turns.come("192.0.2.1", "", -1)
        house.open.set()
        _, writer = await senders.enter_async_context(house.sender("/small"))
        writer.write(bytes(FREE_BYTES))
        await house.until(lambda: house.taken("/small") == FREE_BYTES)
        assert not house.ended
        for _ in range(AT_ONCE):
            house.http._reading._turns.pass_on("192.0.2.1", "")
        await answered(*opened)


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_who_leaves_at_work_or_while_waiting_takes_no_turn_along(house: House) -> None:
    async with contextlib.AsyncExitStack() as senders:
        opened = [await senders.enter_async_context(house.sender(f"/{number}")) for number in range(MANY)]
        house.open.clear()
        for _, writer in opened:
            writer.write(bytes(FREE_BYTES + 4 * MOST_BYTES))
        await house.until(lambda: all(house.taken(f"/{number}") for number in range(MANY)))
        house.open.set()
        for _, writer in opened:
            writer.transport.abort()
        await house.until(lambda: house.free == AT_ONCE)
        reader, writer = await senders.enter_async_context(house.sender("/next"))
        writer.write(bytes(BODY_BYTES))
        await answered((reader, writer))
    assert house.ended == ["/next"]
    assert house.free == AT_ONCE
