"""What many hear of is made once: operations are counted here, not time."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tornado.iostream import IOStream

from leyline.line.standings import NEAR_FRONT
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from tests.live_server import Api, Socket
from tests.watch_site import WatchSite
from web import bulletins, live
from web.answers import Answers
from web.connections import Stream
from web.frames import Frames, framed
from web.live import LiveHandler
from web.representation import Representation

OPENED_AT_ONCE = 20


class Counted(Counter[str]):
    """How often each of these was done since the last look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setattr(bulletins, "FRESH_SECONDS", 600)  # however slow the machine is
        self._watch(monkeypatch, bulletins, "framed", "encoded")
        self._watch(monkeypatch, LiveHandler, "write_frame", "written")
        self._watch(monkeypatch, Frames, "write_now", "written at once")
        self._watch(monkeypatch, IOStream, "write", "futures")
        self._watch(monkeypatch, Representation, "full", "represented")
        self._watch(monkeypatch, Representation, "progress", "represented")
        self._watch(monkeypatch, Representation, "line", "represented")
        self._watch(monkeypatch, TaskStore, "get", "read")

    def _watch(self, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, what: str) -> None:
        done = getattr(where, name)

        def counted(*arguments: Any) -> Any:
            self[what] += 1
            return done(*arguments)

        monkeypatch.setattr(where, name, counted)


class Crowd:
    """A server, and sockets without a session that watch one task, which runs."""

    def __init__(self, site: WatchSite, task: Task, pages: list[Socket]) -> None:
        self.site, self.task, self.pages = site, task, pages
        self.events, self.moves = site.server.events, site.server.moves

    async def hears(self, event: str, **fields: Any) -> None:
        """All of them do."""
        for page in self.pages:
            await page.until(event, lambda data: all(data.get(name) == value for name, value in fields.items()))


@contextlib.asynccontextmanager
async def crowd(folder: Path, count: int) -> AsyncIterator[Crowd]:
    site = await WatchSite(folder).start()
    try:
        added = await site.add_task()
        task = await site.server.moves.claim()
        assert task and task.task_id == added.task_id
        pages: list[Socket] = []
        while len(pages) < count:
            group = [site.connect(Api(site.url)) for _ in range(min(OPENED_AT_ONCE, count - len(pages)))]
            pages += await asyncio.gather(*group)
        found = Crowd(site, task, pages)
        for page in pages:
            await page.say("subscribe", task_ids=[task.task_id])
        await found.hears("task_status", status="processing")
        yield found
    finally:
        await site.stop()


@pytest.mark.parametrize("count", [1, 200])
@pytest.mark.gen_test(timeout=60)
async def test_a_change_is_represented_and_encoded_once_whoever_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    async with crowd(tmp_path / "data", count) as those:
        counted, task = Counted(monkeypatch), those.task
        once = {"represented": 1, "encoded": 1}
        those.events.run_advanced(task.task_id, task.run, None, progress=41.0)
        await those.hears("task_status", progress=41.0)
        assert counted == {**once, "written at once": count}, "progress: without a future, or a turn of a coroutine"
        counted.clear()
        await those.moves.request_cancel(task)
        await those.hears("task_status", cancel_requested=True)
        assert counted == {**once, "written": count, "futures": count}, "a change of state"
        counted.clear()
        those.events.tell_line()
        await those.hears("queue")
        assert (counted["represented"], counted["futures"]) == (1, 0), "the line"
        assert counted["written at once"] == count


@pytest.mark.gen_test(timeout=60)
async def test_the_public_part_of_the_line_is_one_frame_for_all_until_it_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with crowd(tmp_path / "data", 20) as those:
        await those.moves.cancel(those.task)
        await those.hears("task_status", status="canceled")
        counted, written = Counted(monkeypatch), []
        write = Frames.write_now

        def noted(connection: Frames, frame: bytes) -> None:
            written.append(frame)
            write(connection, frame)

        monkeypatch.setattr(Frames, "write_now", noted)
        for times in (1, 2):
            those.events.tell_line()
            await those.hears("queue", tasks=[])
            assert (counted["represented"], counted["written at once"]) == (times, 20 * times)
        assert len({id(frame) for frame in written}) == 2


@pytest.mark.gen_test(timeout=60)
async def test_a_status_is_represented_once_for_all_who_ask_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with crowd(tmp_path / "data", 0) as those:
        counted, task, api = Counted(monkeypatch), those.task, Api(those.site.url)
        path = f"/api/video/{task.task_id}/status"
        first, *others = [await api.request("GET", path) for _ in range(5)]
        assert {answer.body for answer in others} == {first.body}
        assert (counted["represented"], counted["read"]) == (1, 0)
        etag = first.headers["Etag"]
        same = await api.request("GET", path, headers={"If-None-Match": etag})
        assert (same.code, same.body, same.headers["Etag"]) == (304, b"", etag)
        of_this_connection = {"Connection"}
        assert set(same.headers) - of_this_connection == {"Date", "Cache-Control", "Etag", "Vary"}
        assert counted["represented"] == 1
        those.events.run_advanced(task.task_id, task.run, None, progress=41.0)
        moved = await api.request("GET", path, headers={"If-None-Match": etag})
        assert (moved.code, json.loads(moved.body)["progress"]) == (200, 41.0)
        assert moved.headers["Etag"] != etag
        assert (counted["represented"], counted["read"]) == (2, 0)


@pytest.mark.gen_test(timeout=60)
async def test_a_status_that_is_kept_is_told_to_nobody_else(tmp_path: Path) -> None:
    async with standing_still(tmp_path / "data") as site:
        mine, theirs = await site.api(), await site.api()
        task = await site.add_task(site.owner(mine))
        path = f"/api/video/{task.task_id}/status"
        etag = (await mine.request("GET", path)).headers["Etag"]
        for headers in ({}, {"If-None-Match": etag}):
            assert (await theirs.request("GET", path, headers=headers)).code == 404
        await site.server.moves.cancel(task)
        await site.server.moves.delete(task.task_id)
        assert (await mine.request("GET", path, headers={"If-None-Match": etag})).code == 404


class Page:
    """The page of a session with tasks of its own."""

    def __init__(self, site: WatchSite, socket: Socket, owner: str) -> None:
        self.site, self.socket, self.owner = site, socket, owner

    async def heard(self) -> list[dict[str, Any]]:
        """All that it was told since the last look."""
        await self.socket.say("ping")
        await self.socket.until("pong")
        heard, self.socket.heard = self.socket.heard[:-1], []
        return heard

    async def positions(self) -> list[int]:
        """Where it was told that its tasks stand; each task once."""
        tasks = [task for said in await self.heard() if said["event"] == "queue" for task in said["data"]["tasks"]]
        assert len({task["task_id"] for task in tasks}) == len(tasks)
        return [task["queue"]["position"] for task in tasks if task["queue"]]


async def page(site: WatchSite, tasks: int) -> Page:
    """With so many tasks in line, behind all others."""
    api = await site.api()
    owner = site.owner(api)
    for _ in range(tasks):
        await site.add_task(owner)
    found = Page(site, await site.connect(api), owner)
    await found.heard()
    return found


@contextlib.asynccontextmanager
async def standing_still(folder: Path) -> AsyncIterator[WatchSite]:
    site = await WatchSite(folder).start()
    await site.server.moves.pause(True)  # no estimate that drifts
    try:
        yield site
    finally:
        await site.stop()


@pytest.mark.gen_test(timeout=60)
async def test_no_frame_goes_to_who_stands_where_they_stood(tmp_path: Path) -> None:
    async with standing_still(tmp_path / "data") as site:
        early, late, nobody = await page(site, 2), await page(site, 2), await page(site, 0)
        events = site.server.events
        events.tell_line()
        assert [await each.positions() for each in (early, late, nobody)] == [[], [], []], "the snapshot told them"
        events.tell_deep()
        assert [await each.heard() for each in (early, late, nobody)] == [[], [], []]
        first = await site.server.store.get(site.server.moves.index.of_owner(early.owner)[1])
        assert first
        await site.server.moves.cancel(first)
        events.tell_deep()
        assert [await each.positions() for each in (early, late, nobody)] == [[], [2, 3], []]
        events.tell_deep()
        assert [await each.heard() for each in (early, late, nobody)] == [[], [], []]


@pytest.mark.gen_test(timeout=60)
async def test_near_positions_are_told_at_once_and_deep_ones_when_it_is_their_turn(tmp_path: Path) -> None:
    async with standing_still(tmp_path / "data") as site:
        first = await site.add_task()
        many = await page(site, NEAR_FRONT + 4)
        await site.server.moves.cancel(first)
        site.server.events.tell_line(deep=False)
        assert await many.positions() == list(range(1, NEAR_FRONT + 1))
        site.server.events.tell_line(deep=False)
        assert await many.positions() == []
        site.server.events.tell_deep()
        assert await many.positions() == list(range(NEAR_FRONT + 1, NEAR_FRONT + 5))


@pytest.mark.gen_test(timeout=60)
async def test_who_watches_below_a_path_hears_addresses_below_it_and_others_do_not(tmp_path: Path) -> None:
    site = await WatchSite(tmp_path / "data", trusted_proxies="127.0.0.1").start()
    try:
        plain = bulletins.Bulletins(site.server.representation, site.server.events)
        below = plain.below("/leyline")
        task = await site.add_task()
        for _ in range(2):
            for who, address in ((plain, b'"/api/video/'), (below, b'"/leyline/api/video/')):
                assert address in (await who.task(task.task_id)).frame
    finally:
        await site.stop()


@pytest.mark.gen_test(timeout=60)
async def test_what_is_kept_to_be_said_again_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with crowd(tmp_path / "data", 0) as those:
        monkeypatch.setattr(bulletins, "MOST_KEPT", 3)
        kept = bulletins.Bulletins(those.site.server.representation, those.events)
        for number in range(10):
            kept.gone(str(number))
        assert len(kept._kept) == 3


@pytest.mark.gen_test(timeout=60)
async def test_many_own_tasks_that_change_at_once_give_others_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TASKS_IN_A_TURN", 2)
    async with standing_still(tmp_path / "data") as site:
        many = await page(site, 6)
        turns: list[int] = []
        write = LiveHandler.write_frame
        loop = asyncio.get_running_loop()

        async def noted(handler: LiveHandler, frame: bytes) -> None:
            turns.append(rounds[0])
            await write(handler, frame)

        rounds = [0]

        def count() -> None:
            rounds[0] += 1
            if len(turns) < 6:
                loop.call_soon(count)

        monkeypatch.setattr(LiveHandler, "write_frame", noted)
        for task_id in site.server.moves.index.of_owner(many.owner):
            site.server.events.task_changed(task_id, many.owner)
        count()
        for _ in range(6):
            await many.socket.until("task_status")
        assert max(Counter(turns).values()) <= 2


@pytest.mark.gen_test(timeout=60)
async def test_what_the_kernel_does_not_take_at_once_waits_and_arrives_whole() -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    stream, reader = Stream(ours, "192.0.2.1", Answers()), IOStream(theirs)
    frames = [framed(letter * 20_000) for letter in "abcdefgh"]
    written = b""
    for frame in frames:
        if stream.writing():
            break
        stream.write_now(frame)
        written += frame
    assert stream.writing() and len(written) < sum(map(len, frames)), "one that does not fit is all that waits"
    last = stream.write(b"last")
    assert await reader.read_bytes(len(written) + 4) == written + b"last"
    await last
    assert not stream.writing()
    reader.close()
    stream.write_now(b"to nobody")
    assert stream.closed()


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_frame_is_what_the_protocol_says(size: int) -> None:
    frame = framed("x" * size)
    head = {2: frame[1:2], 4: frame[2:4], 10: frame[2:10]}[len(frame) - size]
    assert (frame[0], int.from_bytes(head, "big"), frame[len(frame) - size :]) == (0x81, size, b"x" * size)
