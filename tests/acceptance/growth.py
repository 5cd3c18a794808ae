"""`make growth`: thousands of tasks through one server, which must not grow by them.

The model writes a tiny clip at once, and what is finished is kept for seconds, so that tasks, files and
rows come and go all the time while a page listens. The server is measured after each batch: its second
half must look like its first. At the end everything has expired, and nothing may be left of it.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit import rows
from tests.live_server import Api, LiveServer, Socket
from tests.pictures import photo

TASKS, BATCH = 20_000, 500
KEPT_SECONDS = 10
AT_ONCE = 8
PAGE_BYTES = 4096
NO_LIMITS = dict.fromkeys(("uploads_per_minute", "max_waiting", "max_waiting_per_client"), 0)


@dataclass(frozen=True)
class Footprint:
    """What a server takes, with its children."""

    memory_mb: float
    descriptors: float
    threads: float
    files: float
    database_mb: float
    wal_mb: float


SLACK = Footprint(memory_mb=10, descriptors=10, threads=4, files=3000, database_mb=2, wal_mb=5)


async def grow(folder: Path, tasks: int, batch: int, kept_seconds: float = KEPT_SECONDS) -> list[Footprint]:
    """The server's footprint after each batch; AssertionError when something is left over at the end."""
    found = []
    settings = {"model": "tests.models.plain:Tiny", "keep_days": kept_seconds / 86_400, **NO_LIMITS}
    with LiveServer(folder / "data", **settings) as server:
        api = await Api(server.url).open_page()
        listening = asyncio.create_task(_listen(await api.socket()))
        pictures = [photo(number) for number in range(64)]
        for first in range(0, tasks, batch):
            await _churn(api, pictures, batch)
            found.append(footprint(server))
            print(f"  {first + batch:6} tasks  {found[-1]}", flush=True)
        await _nothing_is_left(server, api)
        listening.cancel()
        assert server.stop() == 0
        assert rows(server.data_dir) == []
    return found


def grown(found: list[Footprint]) -> list[str]:
    """What was clearly more in the second half than in the first, as a sentence each."""
    half = len(found) // 2
    sentences = []
    for field, first, second, slack in zip(
        fields(Footprint), _most(found[:half]), _most(found[half:]), astuple(SLACK), strict=True
    ):
        if second > first + slack:
            sentences.append(f"{field.name} grew from {first:g} to {second:g}")
    return sentences


def footprint(server: LiveServer) -> Footprint:
    assert server.process
    processes = [Path(f"/proc/{pid}") for pid in (server.process.pid, *server.children())]
    sizes = dict(_sizes(server.data_dir))
    return Footprint(
        memory_mb=sum(int((process / "statm").read_text().split()[1]) for process in processes) * PAGE_BYTES / 1e6,
        descriptors=sum(len(list((process / "fd").iterdir())) for process in processes),
        threads=sum(len(list((process / "task").iterdir())) for process in processes),
        files=len(sizes),
        database_mb=sizes["leyline.db"] / 1e6,
        wal_mb=sizes["leyline.db-wal"] / 1e6,
    )


def _most(found: list[Footprint]) -> list[float]:
    return [max(values) for values in zip(*map(astuple, found), strict=True)]


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # it has just expired
            if path.is_file():
                yield path.name, path.stat().st_size


async def _churn(api: Api, pictures: list[bytes], count: int) -> None:
    """Send so many pictures, and wait until the line is empty again."""
    numbers = iter(range(count))

    async def send() -> None:
        for number in numbers:
            code, answer = await api.upload(pictures[number % len(pictures)])
            assert code == 202, answer

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    async with asyncio.timeout(60 + count):
        while (await _live(api)) > 0:  # noqa: ASYNC110 - one look a second is enough
            await asyncio.sleep(0.2)


async def _live(api: Api) -> int:
    line = (await api.call("GET", "/api/queue"))[1]
    return line["waiting"] + line["running"]


async def _listen(socket: Socket) -> None:
    """As an open page does."""
    while True:
        await socket.next()
        socket.heard.clear()


async def _nothing_is_left(server: LiveServer, api: Api) -> None:
    """Every file expires, and then every row."""
    async with asyncio.timeout(60 + 4 * KEPT_SECONDS):
        while (await api.call("GET", "/api/video/?limit=1"))[1]["tasks"]:  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.2)
    left = [path.name for name in ("pictures", "videos", "tmp") for path in (server.data_dir / name).iterdir()]
    assert left == []


def main() -> int:
    """Grow for as many tasks as the command line says; 1 when something grew."""
    tasks = int(next(islice(sys.argv, 1, None), TASKS))
    began = time.monotonic()
    with TemporaryDirectory(prefix="leyline-growth-") as folder:
        found = asyncio.run(grow(Path(folder), tasks, BATCH))
    print(f"  {tasks} tasks in {time.monotonic() - began:.0f} s")
    for sentence in grown(found):
        print(f"  {sentence}")
    return 1 if grown(found) else 0


if __name__ == "__main__":
    sys.exit(main())
