"""A link's label burned into the copy that its viewers get: made once, behind all else, and gone with its link."""

import asyncio
import io
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leyline.watching import copies as copies_module
from leyline.watching.copies import Copies
from leyline.watching.master import Master
from model_proc.burning import burn
from tests.live_server import eventually
from tests.processes import lives
from tests.visitors import Visitor, make_link, owned, visitor
from tests.watch_site import EARLIER, WatchSite, frames, make_master

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def long_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose copy takes longer to make than a test needs to do something meanwhile."""
    return make_master(tmp_path_factory.mktemp("master") / "long.mp4", seconds=40, width=960, height=540)


def copies(site: WatchSite) -> list[Path]:
    return [path for _, path in site.server.media.copies()]


def parts(site: WatchSite) -> list[Path]:
    return list((site.server.settings.data_dir / "tmp").iterdir())


async def opened(who: Visitor) -> dict[str, Any]:
    """The view, once the link's copy is ready."""
    async with asyncio.timeout(60):
        while True:
            code, answer = await who.view()
            if code == 200:
                return dict(answer)
            assert (code, answer["code"]) == (503, "link_not_ready"), answer
            await asyncio.sleep(0.05)


async def watched(who: Visitor) -> bytes:
    """What a viewer's player decrypts of the whole view."""
    view = await opened(who)
    key = (await who.key(view["ticket"]))["key"]
    headers = {"X-Leyline-Ticket": view["ticket"]}
    answer = await who.api.request("GET", f"/api/watch/{who.token}/video", headers=headers)
    assert answer.code == 200
    return decrypted(answer.body, key)


def decrypted(stream: bytes, key: bytes) -> bytes:
    """The frames of a view, as 4:2:0 planes."""
    import av

    with av.open(io.BytesIO(stream), options={"decryption_key": key.hex()}) as container:
        return b"".join(frame.to_ndarray().tobytes() for frame in container.decode(video=0))


def planes(video: bytes, width: int = 320, height: int = 180) -> "np.ndarray":
    return np.frombuffer(video, np.uint8).reshape(-1, height * 3 // 2, width)


async def half_made(site: WatchSite) -> int:
    """Wait until a copy is being written; the helper's process id."""
    await eventually(lambda: [part for part in parts(site) if part.stat().st_size > 0], "a copy half made")
    (helper,) = filter(_is_helper, multiprocessing.active_children())
    assert helper.pid
    assert os.getpriority(os.PRIO_PROCESS, helper.pid) == 19, "behind everything else"
    return helper.pid


def _is_helper(child: multiprocessing.process.BaseProcess) -> bool:
    return child.name == "leyline label_helper"


@pytest.mark.gen_test(timeout=120)
async def test_a_links_viewer_sees_the_label_in_the_picture(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, label="For Anna", burn_label=True)
    assert link["burn_label"] is True
    who = await visitor(site, link)
    code, refused = await who.view()
    assert (code, refused["code"], refused["retryable"]) == (503, "link_not_ready", True)
    assert (await opened(who))["label"] is None, "which stands in the picture, and not over it"
    seen = planes(await watched(who))
    plain = planes(b"".join(_frames(master)))
    assert seen.shape == plain.shape
    corner, rest = (slice(4, 24), slice(8, 70)), (slice(90, 180), slice(None))
    for number in (0, 29, 59):
        differs = np.abs(seen[number].astype(int) - plain[number].astype(int))
        assert differs[corner].mean() > 30
        assert differs[rest].mean() < 6, "and the rest is as it was"
        assert seen[number][corner].max() > 200


def _frames(video: Path) -> Iterator[bytes]:
    import av

    with av.open(video) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray().tobytes()


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
@pytest.mark.parametrize("source", ["libx264", "libvpx-vp9", "an earlier release's"])
def test_a_copy_is_laid_out_for_views_whatever_it_is_made_of(tmp_path: Path, codec: str, source: str) -> None:
    video, copy = tmp_path / "video.mp4", tmp_path / "copy.mp4"
    if source.startswith("lib"):
        make_master(video, codec=source)
    else:
        make_master(video, muxing=EARLIER)
    signs: list[None] = []
    burn(video, copy, "For Anna", codec, lambda: signs.append(None))
    with Master(copy) as master:
        layout = master.layout
    assert layout.codec.startswith("avc1." if codec == "libx264" else "vp09.")
    assert (layout.seconds, len(layout.segments)) == (2.0, 2)
    assert frames(copy) == len(signs) == 60
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.gen_test(timeout=120)
async def test_a_copy_is_made_at_the_first_opening_and_once(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, label="For Anna", burn_label=True)
    who = await visitor(site, link)
    await asyncio.sleep(0)
    assert not copies(site) and not site.server.copies._wanted, "making the link and opening its page make none"
    first = await who.api.request("POST", f"/api/watch/{who.token}/view", body="")
    assert first.code == 503 and int(first.headers["Retry-After"]) >= 1
    await opened(who)
    (copy,) = copies(site)
    made = copy.stat().st_mtime_ns
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (await (await visitor(site, link)).view())[0] == 200
    assert copy.stat().st_mtime_ns == made
    plain = await make_link(owner, task_id, label="For Anna")
    assert (await (await visitor(site, plain)).view())[1]["label"] == "For Anna"
    assert len(copies(site)) == 1 and not parts(site)


@pytest.mark.gen_test(timeout=120)
async def test_the_owners_own_view_is_the_video_itself(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    await opened(await visitor(site, await make_link(owner, task_id, label="For Anna", burn_label=True)))
    task = await site.server.store.get(task_id)
    video = site.server.media.video(task.video_key).read_bytes()
    assert video == await asyncio.to_thread(master.read_bytes)
    _, view = await owner.call("POST", f"/api/video/{task_id}/view", body="")
    assert view["size"] == len(video)


@pytest.mark.gen_test(timeout=120)
async def test_a_copy_counts_as_its_tasks_and_goes_with_its_link(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    task, media = await site.server.store.get(task_id), site.server.media
    before, total = media.bytes_of(task_id, task.video_key), media.total_bytes()
    link = await make_link(owner, task_id, label="For Anna", burn_label=True)
    who = await visitor(site, link)
    view = await opened(who)
    (copy,) = copies(site)
    assert media.bytes_of(task_id, task.video_key) == before + copy.stat().st_size
    assert media.total_bytes() == total + copy.stat().st_size
    await site.server.retention.remove_orphans()
    await site.server.copies.sweep()
    assert copy.is_file(), "a start leaves it"
    assert (await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")).code == 204
    assert not copies(site)
    assert await who.stream(view["ticket"]) == 410


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("end", ["expires", "deleted", "expired files"])
async def test_however_its_link_ends_the_copy_goes(site: WatchSite, master: Path, end: str) -> None:
    owner, task_id = await owned(site, master)
    link = await make_link(owner, task_id, label="For Anna", burn_label=True, seconds=60)
    await opened(await visitor(site, link))
    assert copies(site)
    if end == "expires":
        site.clock.seconds += 61
        await site.server.copies.sweep()
    elif end == "deleted":
        await owner.request("DELETE", f"/api/video/{task_id}")
    else:
        await site.server.retention._remove_files(await site.server.store.get(task_id))
    assert not copies(site)


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("end", ["revoked", "deleted", "trashed", "killed", "stopped"])
async def test_an_end_half_way_leaves_no_file(
    site: WatchSite, long_master: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, task_id = await owned(site, long_master)
    link = await make_link(owner, task_id, label="For Anna", burn_label=True)
    who = await visitor(site, link)
    await who.view()
    pid = await half_made(site)
    if end == "revoked":
        await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")
    elif end == "deleted":
        await owner.request("DELETE", f"/api/video/{task_id}")
    elif end == "trashed":
        await owner.call("POST", f"/api/video/{task_id}/trash", body=b"")
    elif end == "killed":
        os.kill(pid, signal.SIGKILL)
    else:
        await site.server.copies.stop()
    await eventually(lambda: not lives(pid), "the helper's end")
    await eventually(lambda: not parts(site) and not copies(site), "no file is left")
    await eventually(lambda: not site.server.copies._wanted, "it is not made any more")
    assert not copies(site)
    code, answer = await who.view()
    if end == "killed":
        refused = await who.api.request("POST", f"/api/watch/{who.token}/view", body="")
        assert refused.code == 503
        assert 30 < int(refused.headers["Retry-After"]) <= 60, "and not at once again"
        assert "could not be put into the video just now" in json.loads(refused.body)["detail"]
    elif end != "stopped":
        assert code in (404, 410), answer


@pytest.mark.gen_test(timeout=120)
async def test_one_is_made_at_a_time_and_so_many_wait(
    site: WatchSite, long_master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_module, "MAX_WAITING", 3)
    owner, task_id = await owned(site, long_master)
    links = [await make_link(owner, task_id, label=f"For {number}", burn_label=True) for number in range(4)]
    visitors = [await visitor(site, link) for link in links]
    waits = []
    for who in visitors[:3]:
        answer = await who.api.request("POST", f"/api/watch/{who.token}/view", body="")
        assert answer.code == 503 and json.loads(answer.body)["code"] == "link_not_ready"
        waits.append(int(answer.headers["Retry-After"]))
    assert waits == sorted(set(waits)), "who waits behind others is told to wait longer"
    code, refused = await visitors[3].view()
    assert (code, refused["code"]) == (503, "views_busy")
    await half_made(site)
    assert len(parts(site)) == 1
    for link in links[:3]:
        await owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}")
    await eventually(lambda: not site.server.copies._wanted, "none is wanted any more")
    assert not copies(site)


@pytest.mark.gen_test(timeout=60)
async def test_a_label_that_no_font_has_is_refused_when_the_link_is_made(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)

    async def asked(**fields: Any) -> tuple[int, str]:
        code, answer = await owner.call("POST", f"/api/video/{task_id}/links", body=json.dumps(fields))
        return code, answer.get("code", "")

    assert await asked(label="ꡀ𓀀", burn_label=True) == (422, "label_not_drawable")
    assert await asked(label="ꡀ𓀀") == (201, ""), "over the picture the browser's own fonts draw it"
    assert await asked(burn_label=True) == (400, "bad_request")
    assert await asked(label=" \u202e\x07 ", burn_label=True) == (422, "label_not_drawable"), (
        "nothing is left of it"
    )
    assert await asked(label="Anna", burn_label="yes") == (400, "bad_request")
    listed = (await owner.call("GET", f"/api/video/{task_id}/links"))[1]["links"]
    assert [link["burn_label"] for link in listed] == [False]


@pytest.mark.gen_test(timeout=120)
async def test_what_the_label_says_is_clean_before_it_is_drawn(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, task_id = await owned(site, master)
    checked: list[str] = []
    check = Copies.check_label

    async def noted(self: Copies, label: str) -> None:
        checked.append(label)
        await check(self, label)

    monkeypatch.setattr(Copies, "check_label", noted)
    await make_link(owner, task_id, label="Anna\n\u202eExample\x07", burn_label=True)
    assert checked == ["Anna Example"]


@pytest.mark.gen_test(timeout=120)
async def test_what_could_not_be_made_is_said_and_is_tried_again_later(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies_module, "PAUSE_SECONDS", 3)
    owner, task_id = await owned(site, master)
    who = await visitor(site, await make_link(owner, task_id, label="For Anna", burn_label=True))
    task = await site.server.store.get(task_id)
    video = site.server.media.video(task.video_key)
    whole = await asyncio.to_thread(video.read_bytes)
    await asyncio.to_thread(video.write_bytes, b"no video")
    assert (await who.view())[1]["code"] == "link_not_ready"
    await eventually(lambda: site.server.copies._paused, "it could not be made")
    code, refused = await who.view()
    assert (code, refused["code"]) == (503, "link_not_ready")
    assert "is tried again" in refused["detail"]
    assert not copies(site) and not parts(site)
    await asyncio.to_thread(video.write_bytes, whole)
    await opened(who)


@pytest.mark.gen_test(timeout=120)
async def test_a_disk_without_room_is_told(site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, task_id = await owned(site, master)
    who = await visitor(site, await make_link(owner, task_id, label="For Anna", burn_label=True))
    monkeypatch.setattr(site.server.copies, "_has_room", lambda wanted: False)
    code, refused = await who.view()
    assert (code, refused["code"]) == (507, "disk_low")
