"""The bytes of a view: what they cost the server, when they end, and those of videos of earlier releases."""

import asyncio
import errno
import gc
import io
import logging
import socket as sockets
import threading
from pathlib import Path
from typing import Any

import pytest

from leyline.media import Part
from leyline.watching import masters as masters_module
from leyline.watching.master import Master
from leyline.watching.views import LIFE_SECONDS, Showing, View
from tests.live_server import Api, eventually
from tests.watch_site import EARLIER, WatchSite, make_master, packets, stream, view_of
from web.videos import PIECE_BYTES

UNKNOWN = "0" * 32


# Videos of earlier releases


@pytest.mark.gen_test
async def test_a_video_of_an_earlier_release_plays_and_is_laid_out_once(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def counted(video: Path, part: Part) -> None:
        made.append(video)
        lay_out(video, part)

    lay_out = masters_module.lay_out
    monkeypatch.setattr(masters_module, "lay_out", counted)
    earlier = make_master(tmp_path / "earlier.mp4", muxing=EARLIER)
    task_id, apis = await site.add_video(earlier), [await site.api() for _ in range(5)]
    views = await asyncio.gather(*(view_of(api, task_id) for api in apis))
    for api, view in zip(apis, views, strict=True):
        body = (await stream(api, task_id, view["ticket"])).body
        key = (await site.ask_key(await site.connect(api), view["ticket"]))["key"]
        assert packets(io.BytesIO(body), key) == packets(earlier)
    assert len(made) == 1
    assert not list((site.server.media.root / "tmp").iterdir())


@pytest.mark.gen_test
async def test_others_are_answered_while_an_earlier_video_is_laid_out(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await site.add_video(make_master(tmp_path / "earlier.mp4", muxing=EARLIER))
    api = await site.api()
    begun, go_on, lay_out = asyncio.Event(), threading.Event(), masters_module.lay_out
    loop = asyncio.get_running_loop()

    def slow(video: Path, part: Part) -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        lay_out(video, part)

    monkeypatch.setattr(masters_module, "lay_out", slow)
    opening = asyncio.create_task(view_of(api, task_id))
    await begun.wait()
    assert (await api.request("GET", "/healthz")).code == 200
    assert not opening.done()
    go_on.set()
    await opening


@pytest.mark.gen_test
async def test_an_earlier_video_deleted_while_it_is_laid_out_does_not_come_back(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await site.add_video(make_master(tmp_path / "earlier.mp4", muxing=EARLIER))
    api, lay_out = await site.api(), masters_module.lay_out

    def deleted_meanwhile(video: Path, part: Part) -> None:
        lay_out(video, part)
        video.unlink()

    monkeypatch.setattr(masters_module, "lay_out", deleted_meanwhile)
    status, refusal = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert (status, refusal["code"]) == (410, "video_missing")
    assert not list((site.server.media.root / "videos").iterdir())
    assert not list((site.server.media.root / "tmp").iterdir())


@pytest.mark.gen_test
async def test_an_earlier_video_that_no_disk_takes_says_so_and_stays(
    site: WatchSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = make_master(tmp_path / "earlier.mp4", muxing=EARLIER)
    task_id, api = await site.add_video(earlier), await site.api()

    def full(video: Path, part: Part) -> None:
        part.append(b"begun")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(masters_module, "lay_out", full)
    status, refusal = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert (status, refusal["code"]) == (507, "disk_low")
    monkeypatch.undo()
    assert await view_of(api, task_id)
    assert not list((site.server.media.root / "tmp").iterdir())


# What it costs


@pytest.mark.gen_test
async def test_no_view_ends_because_others_watch_and_none_is_kept(site: WatchSite, master: Path) -> None:
    """A hundred views at once: counted in what the server holds, not in time."""
    task_id, api = await site.add_video(master), await site.api()
    first = (await view_of(api, task_id))["ticket"]
    browsers = [await site.api() for _ in range(10)]
    tickets = [(await view_of(browser, task_id))["ticket"] for browser in browsers for _ in range(10)]
    assert (await stream(api, task_id, first)).code == 200
    answers = [await stream(browsers[at // 10], task_id, ticket) for at, ticket in enumerate(tickets)]
    assert all(answer.code == 200 for answer in answers)
    await eventually(lambda: held() == (0, 0), "nothing is kept")


def held() -> tuple[int, int]:
    """How many views this process keeps, and how many videos it has open."""
    gc.collect()
    open_files = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    views = sum(isinstance(found, View | Master | Showing) for found in gc.get_objects())
    return views, sum(name.endswith((".mp4", ".part")) for name in open_files)


@pytest.mark.gen_test
async def test_a_slow_reader_costs_one_piece_and_is_cut_off_when_the_video_is_over(
    site: WatchSite, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = await asyncio.to_thread(make_master, tmp_path / "large.mp4", 12, 1280, 720, crf=1)
    read, pieces = Master.read, []

    def counted(master: Master, start: int, end: int, key: bytes, kid: bytes) -> bytes:
        pieces.append(end - start)
        return read(master, start, end, key, kid)

    monkeypatch.setattr(Master, "read", counted)
    owner = await site.api()
    task_id = await site.add_video(large, site.owner(owner))
    _, link = await owner.call("POST", f"/api/video/{task_id}/links", body="{}")
    guest = Api(site.url)
    guest.cookie = (
        (await guest.request("GET", link["url"].removeprefix(site.url))).headers["Set-Cookie"].partition(";")[0]
    )
    by_link = link["url"].removeprefix(site.url).replace("/watch/", "/api/watch/")

    async def ends_when(api: Api, address: str, over: Any) -> None:
        """Begin to read, let the view's end come, and read to the cut."""
        _, view = await api.call("POST", f"{address}/view", body="")
        pieces.clear()
        reader, writer = await slow_reader(site, api, f"{address}/video", view["ticket"])
        head = await reader.readuntil(b"\r\n\r\n")
        assert f"Content-Length: {view['size']}".encode() in head
        await over()
        rest = await reader.read(-1)
        writer.close()
        assert 0 < len(rest) < view["size"] and max(pieces) <= PIECE_BYTES
        assert sum(pieces) < view["size"] / 2

    async def its_time_passes() -> None:
        site.clock.seconds += LIFE_SECONDS

    async def the_link_is_revoked() -> None:
        await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")

    async def the_video_is_trashed() -> None:
        assert (await owner.call("POST", f"/api/video/{task_id}/trash", body=""))[1]["trashed_at"]

    async def the_video_is_deleted() -> None:
        assert (await owner.request("DELETE", f"/api/video/{task_id}")).code == 204

    own = f"/api/video/{task_id}"
    await ends_when(owner, own, its_time_passes)
    await ends_when(guest, by_link, the_link_is_revoked)
    await ends_when(owner, own, the_video_is_trashed)
    assert (await owner.call("POST", f"/api/video/{task_id}/restore", body=""))[1]["trashed_at"] is None
    await ends_when(owner, own, the_video_is_deleted)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def slow_reader(site: WatchSite, api: Api, address: str, ticket: str) -> tuple[Any, Any]:
    """A connection that has asked for the stream, with so little room that the server has to wait for it."""
    plain = sockets.socket()
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=4096)
    lines = (f"GET {address} HTTP/1.1", f"Host: localhost:{site.port}", f"Cookie: {api.cookie}")
    writer.write("\r\n".join([*lines, f"X-Leyline-Ticket: {ticket}", "", ""]).encode())
    return reader, writer
