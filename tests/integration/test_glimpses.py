"""Glimpses: at most eight small stills of a finished video, made once and gone with it, and no view."""

import asyncio
import io
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from leyline.watching import glimpses as glimpses_module
from model_proc.glimpsing import glimpse
from tests.live_server import Api, LiveServer, eventually
from tests.pictures import snapshot
from tests.video_files import make_video, number_of
from tests.watch_site import EARLIER, WatchSite, make_master, view_of


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 frames, in each of which its number can be read, a keyframe each second."""
    return make_video(tmp_path_factory.mktemp("numbered") / "numbered.mp4", 80)


async def still(api: Api, task_id: str, n: int = 0) -> Image.Image:
    answer = await api.request("GET", f"/api/video/{task_id}/glimpse?n={n}")
    assert (answer.code, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.body
    assert "private" in answer.headers["Cache-Control"] and "max-age" in answer.headers["Cache-Control"]
    image = Image.open(io.BytesIO(answer.body))
    assert not getattr(image, "is_animated", False)
    return image


async def code(api: Api, task_id: str, query: str = "n=0") -> str:
    return str((await api.call("GET", f"/api/video/{task_id}/glimpse?{query}"))[1]["code"])


async def owned(site: WatchSite, master: Path) -> tuple[Api, str]:
    api = await site.api()
    return api, await site.add_video(master, site.owner(api))


def number_in(image: Image.Image) -> int:
    import av

    return number_of(av.VideoFrame.from_image(image.convert("RGB")))


@pytest.mark.gen_test(timeout=120)
async def test_eight_stills_are_spread_evenly_over_the_video_from_its_first_frame(
    site: WatchSite, numbered: Path
) -> None:
    api, task_id = await owned(site, numbered)
    numbers = [number_in(await still(api, task_id, n)) for n in range(8)]
    assert abs(numbers[0]) <= 1, "the first frame"
    assert all(abs(seen - 10 * n) <= 3 for n, seen in enumerate(numbers)), numbers
    assert await code(api, task_id, "n=8") == await code(api, task_id, "n=x") == "bad_request", (
        "never more than eight"
    )


@pytest.mark.gen_test(timeout=120)
async def test_they_are_made_once_and_kept_beside_the_video_and_no_view_is_counted(
    site: WatchSite, numbered: Path
) -> None:
    api, task_id = await owned(site, numbered)
    media = site.server.media
    key = site.server.media.video(f"{task_id}-1").stem
    before = media.bytes_of(task_id, key)
    await asyncio.gather(*(still(api, task_id, n) for n in range(8)))
    made = media.glimpses(key)
    assert (made.stat().st_mode & 0o777, media.bytes_of(task_id, key)) == (0o600, before + made.stat().st_size)
    assert media.total_bytes() == before + made.stat().st_size
    first_made = made.stat().st_ino
    await still(api, task_id, 3)
    assert made.stat().st_ino == first_made
    task = await api.status(task_id)
    assert task["views"] == 0
    assert list((site.server.settings.data_dir / "tmp").iterdir()) == []


@pytest.mark.gen_test(timeout=120)
async def test_none_is_larger_than_320_pixels_and_each_has_the_videos_shape_and_colours(
    site: WatchSite, tmp_path: Path
) -> None:
    for number, size in enumerate([(1280, 720), (360, 640), (64, 48)]):
        master = make_video(tmp_path / f"{number}.mp4", 25, size=size)
        api, task_id = await owned(site, master)
        image = await still(api, task_id)
        assert max(image.size) == min(320, max(size))
        assert abs(image.width / image.height - size[0] / size[1]) < 0.01
        first = first_frame(master).resize(image.size, Image.Resampling.BOX)
        off = np.abs(np.asarray(image, int) - np.asarray(first, int)).mean()
        assert off < 4, off


def first_frame(video: Path) -> Image.Image:
    import av

    with av.open(str(video)) as container:
        image: Image.Image = next(container.decode(video=0)).to_image()
    return image


@pytest.mark.gen_test(timeout=120)
async def test_a_video_of_an_earlier_release_and_one_of_a_few_frames_have_theirs_too(
    site: WatchSite, tmp_path: Path
) -> None:
    earlier = make_master(tmp_path / "earlier.mp4", muxing=EARLIER)
    api, task_id = await owned(site, earlier)
    shown = {(await still(api, task_id, n)).tobytes() for n in range(8)}
    assert len(shown) == 8
    brief = make_video(tmp_path / "brief.mp4", 3)
    api, task_id = await owned(site, brief)
    numbers = [number_in(await still(api, task_id, n)) for n in range(8)]
    assert numbers == sorted(numbers) and set(numbers) <= {0, 1, 2}, numbers


@pytest.mark.gen_test(timeout=120)
async def test_only_its_owner_sees_them_and_only_of_a_finished_video(site: WatchSite, numbered: Path) -> None:
    api, task_id = await owned(site, numbered)
    stranger = await site.api()
    assert await code(stranger, task_id) == "not_found"
    await api.call("POST", f"/api/video/{task_id}/trash", body="")
    assert await code(api, task_id) == "in_trash"
    waits = await site.add_task(site.owner(api))
    assert await code(api, waits.task_id) == "not_ready"


@pytest.mark.gen_test(timeout=120)
async def test_they_go_with_their_task_also_when_it_goes_while_they_are_made(
    site: WatchSite, numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, task_id = await owned(site, numbered)
    await still(api, task_id)
    assert await api.call("DELETE", f"/api/video/{task_id}") == (204, None)
    assert list(site.server.media.kept()) == []
    api, task_id = await owned(site, numbered)
    keep = site.server.media.keep_glimpses
    loop = asyncio.get_running_loop()

    def kept_after_all(*arguments: Any) -> None:
        """The row goes between the last look at the video and the new name of what was made."""
        task = asyncio.run_coroutine_threadsafe(site.server.moves.delete(task_id), loop).result()
        assert task is not None
        keep(*arguments)
        site.server.media.video(f"{task_id}-1").unlink()

    monkeypatch.setattr(site.server.media, "keep_glimpses", kept_after_all)
    assert await code(api, task_id) == "expired"
    assert list(site.server.media.kept()) == []


@pytest.mark.gen_test(timeout=120)
async def test_what_cannot_be_decoded_is_told_so_and_tried_again_later_and_the_next_has_its_own(
    site: WatchSite, numbered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(b"no video at all")
    api, task_id = await owned(site, damaged)
    assert await code(api, task_id) == "views_busy"
    answer = await api.request("GET", f"/api/video/{task_id}/glimpse?n=0")
    assert 50 < int(answer.headers["Retry-After"]) <= 60, "and not decoded again at once"
    api, task_id = await owned(site, numbered)
    await still(api, task_id)
    site.server.media.video(f"{task_id}-1").unlink()
    site.server.media.glimpses(f"{task_id}-1").unlink()
    assert await code(api, task_id) == "video_missing"
    monkeypatch.setattr(site.server.glimpses, "_has_room", lambda wanted: False)
    api, task_id = await owned(site, numbered)
    assert await code(api, task_id) == "disk_low"


@pytest.mark.gen_test(timeout=120)
async def test_so_many_wait_and_no_network_takes_all_places(
    site: WatchSite, numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glimpses_module, "MAX_WAITING", 4)
    api = await site.api()
    ids = [await site.add_video(numbered, site.owner(api)) for _ in range(10)]
    tasks = [await site.server.store.get(task_id) for task_id in ids]
    read = site.server.glimpses.read
    asked = [read(task, 0, "192.0.2.1") for task in tasks[:4]]
    told = [getattr(answer, "code", "") for answer in await asyncio.gather(*asked, return_exceptions=True)]
    assert sorted(told) == ["", "", "", "client_limit"]
    asked = [read(task, 0, f"192.0.2.{number}") for number, task in enumerate(tasks[4:])]
    told = [getattr(answer, "code", "") for answer in await asyncio.gather(*asked, return_exceptions=True)]
    assert sorted(told) == ["", "", "", "", "views_busy", "views_busy"]


@pytest.mark.gen_test(timeout=120)
async def test_the_helper_lives_a_little_longer_than_it_is_wanted(
    site: WatchSite, numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glimpses_module, "LINGER_SECONDS", 0.5)
    api, task_id = await owned(site, numbered)
    await still(api, task_id)
    assert helpers()
    await eventually(lambda: not helpers(), "the helper's end")
    api, task_id = await owned(site, numbered)
    await still(api, task_id)


@pytest.mark.gen_test(timeout=120)
async def test_who_asks_while_the_helper_says_goodbye_is_answered(
    site: WatchSite, numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glimpses_module, "LINGER_SECONDS", 0.1)
    goes, may_go, stop = asyncio.Event(), asyncio.Event(), glimpses_module.KeptChild.stop

    async def slowly(helper: Any) -> None:
        goes.set()
        await may_go.wait()
        await stop(helper)

    monkeypatch.setattr(glimpses_module.KeptChild, "stop", slowly)
    api, task_id = await owned(site, numbered)
    await still(api, task_id)
    await goes.wait()
    api, task_id = await owned(site, numbered)
    asked = asyncio.ensure_future(still(api, task_id))
    await eventually(lambda: site.server.glimpses._wanted, "somebody who asks meanwhile")
    may_go.set()
    await asked


def helpers() -> list[multiprocessing.process.BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "leyline glimpse_helper"]


@pytest.mark.long
@pytest.mark.gen_test(timeout=120)
async def test_a_killed_helper_costs_one_answer_and_a_stop_leaves_nobody_waiting(
    site: WatchSite, numbered: Path
) -> None:
    api, task_id = await owned(site, numbered)
    await still(api, task_id)
    for helper in helpers():
        helper.kill()
    await eventually(lambda: not helpers(), "its end")
    api, second = await owned(site, numbered)
    answers = [await api.request("GET", f"/api/video/{second}/glimpse?n=0") for _ in range(2)]
    assert answers[-1].code == 200, answers[-1].body
    task = await site.server.store.get(await site.add_video(numbered, site.owner(api)))
    waits = asyncio.create_task(site.server.glimpses.read(task, 0, None))
    await asyncio.sleep(0)
    await eventually(lambda: site.server.glimpses._wanted, "somebody who waits")
    await site.server.glimpses.stop()
    (answer,) = await asyncio.gather(waits, return_exceptions=True)
    assert getattr(answer, "code", None) == "views_busy"


@pytest.mark.long
def test_a_long_video_is_not_decoded_to_its_end(tmp_path: Path) -> None:
    """Ten minutes have eight stills in less time than decoding a tenth of them takes."""
    import time

    long = make_video(tmp_path / "long.mp4", 15_000, size=(320, 180), options={"preset": "ultrafast", "g": "50"})
    began = time.process_time()
    whole = sum(1 for _ in decoded(long))
    decoding = time.process_time() - began
    began = time.process_time()
    assert glimpse(long, tmp_path / "glimpses", 8) == 8
    assert (time.process_time() - began) < decoding / 10, whole


def decoded(video: Path) -> Iterator[Any]:
    import av

    with av.open(str(video)) as container:
        yield from container.decode(video=0)


@pytest.mark.gen_test(timeout=120)
async def test_a_server_makes_them_of_what_its_model_made_and_they_are_swept_with_what_no_row_promises(
    tmp_path: Path,
) -> None:
    with LiveServer(tmp_path / "data", clip_height=360) as server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(snapshot())
        await api.finished(task["task_id"])
        assert max((await still(api, task["task_id"], 7)).size) == 320
        assert (await api.status(task["task_id"]))["views"] == 0
        (made,) = (tmp_path / "data" / "videos").glob("*.glimpses")
        server.stop()
    left = made.with_name(made.name.replace(task["task_id"], "0" * 32))
    left.write_bytes(made.read_bytes())
    with LiveServer(tmp_path / "data") as server:
        again = Api(server.url)
        again.cookie = api.cookie
        await eventually(lambda: not left.exists(), "nothing that no row promises")
        assert made.exists()
        await still(again, task["task_id"], 7)


@pytest.mark.gen_test(timeout=120)
async def test_who_watches_after_a_glimpse_is_counted_once(site: WatchSite, numbered: Path) -> None:
    api, task_id = await owned(site, make_master(site.server.settings.data_dir / "m.mp4"))
    await still(api, task_id)
    socket = await site.connect(api)
    view = await view_of(api, task_id)
    await site.ask_key(socket, view["ticket"])
    await still(api, task_id, 4)
    assert (await api.status(task_id))["views"] == 1
