"""progress to a thousand watchers and a thousand owners, and the status over HTTP, beside a bare Tornado sketch"""

import asyncio
import gc
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import tornado.netutil
import tornado.web
import tornado.websocket
from tornado.httpserver import HTTPServer
from tornado.web import create_signed_value

from leyline.line.events import Events
from leyline.logs import log_to
from leyline.settings import Settings
from tests.integration.store_contract import new_task
from web.cookie import Cookie
from web.server import Server
from web.serving import FULL_COLLECTION_AFTER

WATCHERS = 1000
UPDATES = 30  # of one task, ten a second
OWN_SECONDS = 5.0  # each of a thousand tasks is told of once a second
CROWD = 10_000
CLIENTS, REQUESTS = 32, 6000
OPENED_AT_ONCE = 50
SAID_AT = re.compile(rb'"stage":"([0-9.]+)"')  # a stage that tells when it was said


async def measure(folder: Path) -> dict[str, float]:
    """Each figure with Leyline and with the sketch, one after the other; by name."""
    found: dict[str, float] = {}
    for name in ("sketch", "leyline"):
        async with _started(name, folder / name) as site:
            found |= await _one_task(site)
        async with _started(name, folder / f"{name}-own") as site:
            found |= await _own_tasks(site)
        async with _started(name, folder / f"{name}-status") as site:
            found |= await _status(site)
    async with _started("leyline", folder / "crowd") as site:
        found |= await _crowd(site)
    _print(found)
    return found


@dataclass
class Site:
    """A server in a process of its own."""

    name: str
    process: asyncio.subprocess.Process
    port: int
    task_ids: list[str]
    cookies: list[str]

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def do(self, what: str) -> dict[str, Any]:
        """Have it tell of tasks; what it has to say when it has."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{what}\n".encode())
        return dict(json.loads(await self.process.stdout.readline()))


@asynccontextmanager
async def _started(name: str, folder: Path) -> AsyncIterator[Site]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.fanout", name, str(folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 22,
    )
    assert process.stdin and process.stdout
    try:
        yield Site(name, process, **json.loads(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


async def _one_task(site: Site) -> dict[str, float]:
    told: list[float] = []
    ears = await _opened(site, WATCHERS, told, lambda number: ("", site.task_ids[0]))
    before = site.cpu_seconds
    await site.do("one")
    cpu = site.cpu_seconds - before
    await _settled(told, WATCHERS * UPDATES)
    _close(ears)
    p50, p99 = _percentiles(told)
    each = 1e6 * cpu / max(len(told), 1)
    return {
        f"fanout_one_p50_ms_{site.name}": p50,
        f"fanout_one_p99_ms_{site.name}": p99,
        f"fanout_one_delivered_{site.name}": len(told),
        f"fanout_one_us_each_{site.name}": each,
    }


async def _own_tasks(site: Site) -> dict[str, float]:
    told: list[float] = []
    ears = await _opened(site, WATCHERS, told, lambda number: (site.cookies[number], ""))
    sent = (await site.do("own"))["sent"]
    await _settled(told, sent)
    _close(ears)
    p50, p99 = _percentiles(told)
    return {
        f"fanout_own_p50_ms_{site.name}": p50,
        f"fanout_own_p99_ms_{site.name}": p99,
        f"fanout_own_delivered_of_{sent}_{site.name}": len(told),
    }


async def _status(site: Site) -> dict[str, float]:
    path = f"/api/video/{site.task_ids[0]}/status"
    same = f"If-None-Match: {await _etag(site, path)}\r\n"
    found = {}
    for words, header, status in (("status", "", b" 200 "), ("status_304", same, b" 304 ")):
        before = site.cpu_seconds
        found[f"{words}_per_second_{site.name}"] = await _rate(site, path, header, status)
        found[f"{words}_us_each_{site.name}"] = 1e6 * (site.cpu_seconds - before) / REQUESTS
    return found


async def _rate(site: Site, path: str, header: str, status: bytes) -> float:
    asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode()
    left = iter(range(REQUESTS))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        for _ in left:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert status in head[:20], head
            length = re.search(rb"Content-Length: (\d+)", head)
            if length and status == b" 200 ":
                await reader.readexactly(int(length[1]))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return REQUESTS / (time.perf_counter() - began)


async def _etag(site: Site, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    found = re.search(r"(?i)etag: (.*)\r\n", head)
    assert found, head
    return found[1]


async def _crowd(site: Site) -> dict[str, float]:
    told: list[float] = []
    ears = await _opened(site, CROWD, told, lambda number: ("", ""))
    held = await site.do("crowd")
    _close(ears)
    return {f"crowd_of_{CROWD}_loop_held_ms": held["ms"], f"crowd_of_{CROWD}_loop_held_cpu_ms": held["cpu_ms"]}


class Ear(asyncio.Protocol):
    """The client's end of one socket, which notes how long ago each thing that it hears was said."""

    def __init__(self, site: Site, told: list[float], cookie: str, task_id: str) -> None:
        self.ready = asyncio.get_running_loop().create_future()
        self._asked = (
            f"GET /api/video/events HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGV5bGluZS1sZXlsaW5lIQ==\r\n\r\n"
        ).encode()
        self._told, self._task_id = told, task_id
        self._awaits = b'"snapshot"'

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._asked)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._told += [1000 * (now - float(said)) for said in SAID_AT.findall(data)]
        if not self.ready.done() and self._awaits in data:
            if self._task_id:
                asked = json.dumps({"event": "subscribe", "data": {"task_ids": [self._task_id]}}).encode()
                self.transport.write(bytes((0x81, 0x80 | len(asked))) + bytes(4) + asked)
                self._task_id, self._awaits = "", b'"task_status"'
            else:
                self.ready.set_result(None)


async def _opened(site: Site, count: int, told: list[float], who: Callable[[int], tuple[str, str]]) -> list[Ear]:
    loop = asyncio.get_running_loop()
    ears = [Ear(site, told, *who(number)) for number in range(count)]
    for start in range(0, count, OPENED_AT_ONCE):
        group = ears[start : start + OPENED_AT_ONCE]
        for ear in group:
            await loop.create_connection(lambda ear=ear: ear, "127.0.0.1", site.port)  # type: ignore[misc]
        await asyncio.gather(*(ear.ready for ear in group))
    told.clear()
    return ears


def _close(ears: list[Ear]) -> None:
    for ear in ears:
        ear.transport.abort()


async def _settled(told: list[float], most: int) -> None:
    """Until all is heard, or nothing more comes."""
    seen = -1
    while len(told) < most and seen != len(told):
        seen = len(told)
        await asyncio.sleep(1)


def _percentiles(told: list[float]) -> tuple[float, float]:
    found = quantiles(told, n=100)
    return found[49], found[98]


def _print(found: dict[str, float]) -> None:
    print(f"  load of the machine (1 minute): {os.getloadavg()[0]:.1f}")
    for name, value in found.items():
        print(f"  {name:42} {value:10.2f}")


# The servers, each in a process of its own


async def _serve(name: str, folder: Path) -> None:
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1", backlog=1024)
    events, task_ids, cookies, owners = await {"leyline": _leyline, "sketch": _sketch}[name](folder, sockets)
    _say({"port": sockets[0].getsockname()[1], "task_ids": task_ids, "cookies": cookies})
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while what := (await reader.readline()).decode().strip():
        match what:
            case "one":
                for number in range(UPDATES):
                    _advance(events, task_ids[0], owners[0], number)
                    await asyncio.sleep(0.1)
                _say({})
            case "own":
                _say({"sent": await _tell_own(events, task_ids[1:], owners[1:])})
            case "crowd":
                _say(await _held(events, task_ids[0]))


async def _tell_own(events: Any, task_ids: list[str], owners: list[str]) -> int:
    """Of each once a second, evenly."""
    began, sent = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < OWN_SECONDS:
        while sent < passed * len(task_ids):
            number = sent % len(task_ids)
            _advance(events, task_ids[number], owners[number], sent // len(task_ids))
            sent += 1
        await asyncio.sleep(0.002)
    return sent


async def _held(events: Events, task_id: str) -> dict[str, float]:
    """For how long at most the event loop did nothing else, while the line moves each second: by the clock, which
    others on the machine hold up as well, and of the processor's time."""
    longest, longest_cpu, began = 0.0, 0.0, time.perf_counter()
    while (passed := time.perf_counter() - began) < 10:
        if int(passed * 10) % 10 == 0:
            _advance(events, task_id, None, int(passed))
            events.line_changed()
        before, cpu_before = time.perf_counter(), time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - before)
        longest_cpu = max(longest_cpu, time.thread_time() - cpu_before)
        await asyncio.sleep(0.001)
    return {"ms": 1000 * longest, "cpu_ms": 1000 * longest_cpu}


def _advance(events: Any, task_id: str, owner: str | None, number: int) -> None:
    events.run_advanced(task_id, 1, owner, progress=float(number % 99), stage=f"{time.time():.6f}")


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


Made = tuple[Any, list[str], list[str], list[Any]]


async def _leyline(folder: Path, sockets: Any) -> Made:
    """All but the model's process; a task that is nobody's runs, and one of each of a thousand sessions."""
    import hashlib

    from leyline.processes.states import ChildState

    gc.set_threshold(700, 10, FULL_COLLECTION_AFTER)  # as `serve` has it
    log_to(folder.with_suffix(".log").open("w"))  # as `serve` logs
    settings = Settings(port=0, data_dir=folder, max_waiting=0, max_waiting_per_client=0, model_seconds=3600)
    server = Server(settings)
    secret = server.folder.secret("secret")
    name = Cookie(secret, 0).name
    sessions = [os.urandom(16).hex() for _ in range(WATCHERS)]
    cookies = [f"{name}={create_signed_value(secret, name, session + '.').decode()}" for session in sessions]
    owners: list[str | None] = [None, *(hashlib.sha256(each.encode()).hexdigest()[:32] for each in sessions)]
    new = [new_task(number, owner=owner, client=owner or "bench") for number, owner in enumerate(owners, 1)]
    await asyncio.gather(*(server.moves.enter(each) for each in new))
    tasks = await asyncio.gather(*(server.moves.claim() for _ in new))
    server.models.local[0].state = ChildState.BUSY  # so that times are known
    server.fleet.join(server.models.local[0])
    server._announcing = asyncio.create_task(server.line.announce())
    server.http.add_sockets(sockets)
    return server.events, [task.task_id for task in tasks if task], cookies, [task.owner for task in tasks if task]


class Sketch:
    """The least that does the same: a set of sockets for each task, and an object made once for all of them."""

    def __init__(self) -> None:
        self.by_task: dict[str, set[SketchSocket]] = {}
        self.by_owner: dict[str, set[SketchSocket]] = {}

    def run_advanced(self, task_id: str, run: int, owner: str | None, **news: Any) -> None:
        said = json.dumps({"event": "task_status", "data": {"task_id": task_id, **news}}, separators=(",", ":"))
        for listener in self.by_task.get(task_id, set()) | self.by_owner.get(owner or "", set()):
            listener.write_message(said)


class SketchSocket(tornado.websocket.WebSocketHandler):
    def initialize(self, sketch: Sketch) -> None:
        self.sketch = sketch

    def open(self, *_: str) -> None:
        owner = self.request.headers.get("Cookie", "")
        if owner:
            self.sketch.by_owner.setdefault(owner, set()).add(self)
        self.write_message('{"event":"snapshot"}')

    def on_message(self, message: str | bytes) -> None:
        for task_id in json.loads(message)["data"]["task_ids"]:
            self.sketch.by_task.setdefault(task_id, set()).add(self)
        self.write_message('{"event":"task_status"}')


class SketchStatus(tornado.web.RequestHandler):
    def initialize(self, body: bytes) -> None:
        self.body = body

    def get(self, task_id: str) -> None:
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.write(self.body)


async def _sketch(folder: Path, sockets: Any) -> Made:
    body = b'{"task_id":"%s"}' % (b"x" * 780)  # about as many bytes as Leyline says
    sketch = Sketch()
    application = tornado.web.Application(
        [
            ("/api/video/events", SketchSocket, {"sketch": sketch}),
            ("/api/video/(.*)/status", SketchStatus, {"body": body}),
        ],
        log_function=lambda handler: None,
    )
    HTTPServer(application).add_sockets(sockets)
    owners = [f"owner={number}" for number in range(WATCHERS)]
    return sketch, [f"{number:032x}" for number in range(WATCHERS + 1)], owners, ["", *owners]


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
