"""Views of a video that is still being made: as far as it has got, into the finished one, or over with its run."""

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from leyline import cenc
from leyline import media as media_module
from leyline.watching.master import Layout, Master
from tests.integration.test_view_bytes import held, slow_reader
from tests.live_server import Api
from tests.watch_site import WatchSite, code, make_master, packets, stream, view_of

SECONDS = 4


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", SECONDS)


async def again(api: Api, task_id: str, ticket: str) -> dict[str, Any]:
    """What the view of this ticket is by now."""
    status, view = await api.call("POST", f"/api/video/{task_id}/view", body=f'{{"ticket": "{ticket}"}}')
    assert status == 200, view
    return view


async def part(api: Api, view: dict[str, Any], task_id: str, start: int, end: int) -> bytes:
    answer = await stream(api, task_id, view["ticket"], Range=f"bytes={start}-{end - 1}")
    assert answer.code == 206, answer.body
    return answer.body


# As far as it has got


@pytest.mark.gen_test
async def test_its_owner_watches_what_there_is_and_goes_on_into_the_finished_video(
    site: WatchSite, master: Path
) -> None:
    """One ticket, one key, one count, and at last exactly the bytes of the published file."""
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(1)
    first = await view_of(api, growing.task_id)
    assert not first["complete"] and first["size"] == growing.end(1)
    assert first["segments"] == [[0, growing.end(0)]] and first["seconds"] == 1
    received = await part(api, first, growing.task_id, 0, first["size"])
    key = (await site.ask_key(await site.connect(api), first["ticket"]))["key"]
    for segments in (2, 4):
        await growing.grow(segments)
        view = await again(api, growing.task_id, first["ticket"])
        assert (view["ticket"], view["kid"], view["complete"]) == (first["ticket"], first["kid"], False)
        assert view["expires_at"] == first["expires_at"] and view["seconds"] == segments
        received += await part(api, view, growing.task_id, len(received), view["size"])
    await growing.finish()
    view = await again(api, growing.task_id, first["ticket"])
    assert (view["ticket"], view["kid"], view["complete"]) == (first["ticket"], first["kid"], True)
    received += await part(api, view, growing.task_id, len(received), view["size"])
    assert received == (await stream(api, growing.task_id, first["ticket"])).body
    assert packets(io.BytesIO(received), key) == packets(master)
    assert (await api.call("GET", f"/api/video/{growing.task_id}/status"))[1]["views"] == 1


@pytest.mark.gen_test
async def test_what_grows_is_laid_out_as_the_finished_video_is(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(SECONDS)
    so_far = await view_of(api, growing.task_id)
    await growing.finish()
    finished = await view_of(api, growing.task_id)
    told = ("segments", "seconds", "codec")
    assert {name: so_far[name] for name in told} == {name: finished[name] for name in told}
    assert so_far["size"] == growing.layout.size - footer(master) and not so_far["complete"]


def footer(master: Path) -> int:
    """The bytes of the index behind the last fragment."""
    return next(box.end - box.start for box in cenc.boxes(master.read_bytes()) if box.kind == b"mfra")


@pytest.mark.gen_test
async def test_the_task_tells_how_much_can_be_watched(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    socket = await site.connect(api)
    assert (await api.call("GET", f"/api/video/{growing.task_id}/status"))[1]["watchable"] is None
    for segments in (1, 3):
        await growing.grow(segments)
        told = await socket.until("task_status")
        assert told["watchable"] == {"segments": segments, "seconds": segments}
        assert "image" not in told, "only what changes while it runs"
    await growing.finish()
    assert (await socket.until("task_status"))["watchable"] is None


@pytest.mark.gen_test
async def test_a_late_word_of_an_earlier_run_tells_nothing(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    earlier = growing.task
    await growing.grow(1)
    await growing.give_up()
    await growing.begin_again()
    growing.task, now = earlier, growing.task
    await growing.grow(2)
    assert now.run == earlier.run + 1
    assert (await api.call("GET", f"/api/video/{growing.task_id}/status"))[1]["watchable"] is None


@pytest.mark.gen_test
async def test_nothing_can_be_watched_before_the_first_segment_is_whole(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    for size in (0, 4, growing.end(0) - 1, growing.end(0), growing.end(0) + 20, growing.end(1) - 1):
        growing.write(size)
        status, refusal = await api.call("POST", f"/api/video/{growing.task_id}/view", body="")
        assert (status, refusal["code"], refusal["retryable"]) == (409, "not_ready", True), size
    growing.write(growing.end(1))
    assert (await view_of(api, growing.task_id))["size"] == growing.end(1)


@pytest.mark.gen_test
async def test_what_is_not_whole_yet_is_not_sent(site: WatchSite, master: Path) -> None:
    """Beyond the end nobody waits: a range there is refused, one that reaches there ends with the last segment."""
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    growing.write(growing.end(2) - 1)
    view, end = await view_of(api, growing.task_id), growing.end(1)
    answer = await stream(api, growing.task_id, view["ticket"], Range=f"bytes={end}-")
    assert (answer.code, code(answer), answer.headers["Content-Range"]) == (
        416,
        "range_not_satisfiable",
        f"bytes */{end}",
    )
    answer = await stream(api, growing.task_id, view["ticket"], Range=f"bytes={end - 10}-{end + 10}")
    assert (answer.code, len(answer.body)) == (206, 10)
    assert answer.headers["Content-Range"] == f"bytes {end - 10}-{end - 1}/*"
    assert len((await stream(api, growing.task_id, view["ticket"])).body) == end
    growing.write(growing.end(2))
    answer = await stream(api, growing.task_id, view["ticket"], Range=f"bytes={end}-")
    assert len(answer.body) == growing.end(2) - end


@pytest.mark.gen_test
async def test_no_byte_of_what_is_protected_is_sent_in_clear(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    protected = protected_bytes(master)
    await growing.grow(1)
    view = await view_of(api, growing.task_id)
    await growing.grow(3)
    body = (await stream(api, growing.task_id, view["ticket"])).body
    assert len(body) == growing.end(3)
    for start, end in protected:
        if end <= len(body) and end - start > 16:
            assert body[start:end] != growing.whole[start:end]


def protected_bytes(master: Path) -> list[tuple[int, int]]:
    data = master.read_bytes()
    found = [box for box in cenc.boxes(data) if box.kind == b"moof"]
    assert len(found) == SECONDS
    return [
        (each.start, each.end) for box in found for each in cenc.protected(data[box.start : box.end], box.start)
    ]


@pytest.mark.gen_test
async def test_a_file_that_grows_is_read_on_from_where_it_was_known(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long video costs no more to look at again than what is new of it; and no view keeps anything of it."""
    from leyline.watching import master as master_module

    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(3)
    view = await view_of(api, growing.task_id)
    seen: list[int] = []
    times = master_module._times_of_fragment

    def counted(file: int, at: int, layout: Layout) -> tuple[float, float]:
        seen.append(at)
        return times(file, at, layout)

    monkeypatch.setattr(master_module, "_times_of_fragment", counted)
    await again(api, growing.task_id, view["ticket"])
    await part(api, view, growing.task_id, 0, 100)
    assert seen == []
    await growing.grow(4)
    assert (await again(api, growing.task_id, view["ticket"]))["seconds"] == 4
    assert seen == [growing.end(3)]


# Who may, and what is counted


@pytest.mark.gen_test
async def test_only_its_owner_watches_it_and_links_are_of_finished_videos(site: WatchSite, master: Path) -> None:
    api, stranger = await site.api(), await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(1)
    ticket, address = (await view_of(api, growing.task_id))["ticket"], f"/api/video/{growing.task_id}"
    assert (await stranger.call("POST", f"{address}/view", body=""))[1]["code"] == "not_found"
    assert code(await stream(stranger, growing.task_id, ticket)) == "not_found"
    assert code(await stream(api, growing.task_id)) == "watch_only"
    assert (await api.call("POST", f"{address}/links", body="{}"))[1]["code"] == "not_ready"
    for body in ('{"ticket": 5}', '{"ticket": []}'):
        assert (await api.call("POST", f"{address}/view", body=body))[1]["code"] == "bad_request"
    assert (await api.call("POST", f"{address}/view", body='{"ticket": "x"}'))[1]["code"] == "ticket_refused"


@pytest.mark.gen_test
async def test_without_a_session_what_grows_cannot_be_watched(site: WatchSite, master: Path) -> None:
    growing = await site.begin_video(master)
    await growing.grow(1)
    address = f"/api/video/{growing.task_id}/view"
    assert (await Api(site.url).call("POST", address, body=""))[1]["code"] == "no_session"


# What it costs


@pytest.mark.gen_test
async def test_views_of_what_grows_are_not_kept(site: WatchSite, master: Path) -> None:
    """Counted in what the server holds, not in time: nothing for each view, and no file open between two ranges."""
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(2)
    tickets = [(await view_of(api, growing.task_id))["ticket"] for _ in range(50)]
    for ticket in tickets:
        assert len((await stream(api, growing.task_id, ticket)).body) == growing.end(2)
    assert held() == (0, 0)


@pytest.mark.gen_test
async def test_a_slow_disk_holds_up_nobody_else(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while a range is read, nor while the finished video is made durable."""
    api, stranger = await site.api(), Api(site.url)
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(2)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    go_on, read, sync = threading.Event(), Master.read, media_module.sync

    def slow_read(*arguments: Any) -> bytes:
        go_on.wait()
        return read(*arguments)

    def slow_sync(path: Path) -> None:
        go_on.wait()
        sync(path)

    monkeypatch.setattr(Master, "read", slow_read)
    reading = asyncio.create_task(stream(api, growing.task_id, ticket))
    assert (await stranger.request("GET", "/healthz")).code == 200 and not reading.done()
    go_on.set()
    assert len((await reading).body) == growing.end(2)
    go_on.clear()
    monkeypatch.setattr(Master, "read", read)
    monkeypatch.setattr(media_module, "sync", slow_sync)
    saving = asyncio.create_task(growing.finish())
    await asyncio.sleep(0)
    answer = await stream(api, growing.task_id, ticket, Range="bytes=0-99")
    assert len(answer.body) == 100 and not saving.done()
    go_on.set()
    await saving
    assert (await again(api, growing.task_id, ticket))["complete"]


# How it ends


@pytest.mark.long
@pytest.mark.gen_test
async def test_a_slow_reader_is_cut_off_when_the_run_is_given_up(site: WatchSite, tmp_path: Path) -> None:
    large = await asyncio.to_thread(make_master, tmp_path / "large.mp4", 12, 1280, 720, crf=1)
    api = await site.api()
    growing = await site.begin_video(large, site.owner(api))
    await growing.grow(11)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    reader, writer = await slow_reader(site, api, f"/api/video/{growing.task_id}/video", ticket)
    await reader.readuntil(b"\r\n\r\n")
    await growing.give_up()
    rest = await reader.read(-1)
    writer.close()
    assert 0 < len(rest) < growing.end(11)


async def ended(api: Api, site: WatchSite, task_id: str, ticket: str) -> set[str]:
    """What is said of a view wherever it is used."""
    body = f'{{"ticket": "{ticket}"}}'
    streamed: HTTPResponse = await stream(api, task_id, ticket, Range="bytes=0-9")
    opened = await api.call("POST", f"/api/video/{task_id}/view", body=body)
    key = await site.ask_key(await site.connect(api), ticket)
    return {code(streamed), opened[1]["code"], key["code"]}


@pytest.mark.gen_test
async def test_a_run_that_comes_to_nothing_ends_its_views_in_one_sentence(site: WatchSite, master: Path) -> None:
    """Also while the next run is on, and when that has made the video; and it begins anew with a view of that."""
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(2)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    await growing.give_up()
    assert await ended(api, site, growing.task_id, ticket) == {"view_ended"}
    assert code(await stream(api, growing.task_id, "x")) == "not_ready", "no view of it"
    await growing.begin_again()
    await growing.grow(1)
    assert await ended(api, site, growing.task_id, ticket) == {"view_ended"}
    ticket_of_next = (await view_of(api, growing.task_id))["ticket"]
    await growing.finish()
    assert await ended(api, site, growing.task_id, ticket) == {"view_ended"}
    assert (await stream(api, growing.task_id, ticket_of_next)).code == 200
    assert (await api.call("GET", f"/api/video/{growing.task_id}/status"))[1]["views"] == 0, "no key was told"


@pytest.mark.parametrize("how", ["canceled", "failed"])
@pytest.mark.gen_test
async def test_a_run_that_was_canceled_or_failed_ends_its_views(site: WatchSite, master: Path, how: str) -> None:
    from leyline.line import failures

    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(2)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    moves = site.server.moves
    await (moves.cancel(growing.task) if how == "canceled" else moves.fail(growing.task, failures.ModelError()))
    site.server.media.remove_run(growing.task.video_key)
    assert await ended(api, site, growing.task_id, ticket) == {"view_ended"}


@pytest.mark.gen_test
async def test_a_file_that_goes_just_before_it_is_read_ends_the_view(site: WatchSite, master: Path) -> None:
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(2)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    growing.part.unlink()
    assert code(await stream(api, growing.task_id, ticket)) == "view_ended"


# How it goes on


@pytest.mark.gen_test
async def test_whoever_reads_while_it_is_published_reads_on(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name changes before its row does, and while it is open."""
    api = await site.api()
    growing = await site.begin_video(master, site.owner(api))
    await growing.grow(SECONDS)
    ticket = (await view_of(api, growing.task_id))["ticket"]
    before = (await stream(api, growing.task_id, ticket)).body
    read, moved = Master.read, []

    def read_late(opened: Master, start: int, end: int, key: bytes, kid: bytes) -> bytes:
        if not moved:
            moved.append(site.server.media.keep_video(growing.task.video_key))
        return read(opened, start, end, key, kid)

    monkeypatch.setattr(Master, "read", read_late)
    assert (await stream(api, growing.task_id, ticket)).body == before and moved
    task = await site.server.store.get(growing.task_id)
    assert task and task.is_being_made and not growing.part.exists()
    assert (await stream(api, growing.task_id, ticket)).body == before
    assert not (await again(api, growing.task_id, ticket))["complete"]
