"""Watching in a real Firefox: what its EME keeps from scripts, and how a view ends whose keys are taken off."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import picture_bytes
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.browser.watching import OTHER_HOST
from tests.visitors import share
from tests.watch_site import WatchSite, make_master

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which(FIREFOX) is None, reason="Firefox is not here; make long installs it"),
]

BARE = "const v = document.querySelector('video');"
PLAYS = "document.querySelector('video')?.readyState >= 3 && document.querySelector('video').currentTime > 0.2"
TAKE = f"""
    {BARE}
    const drawing = document.createElement("canvas").getContext("2d");
    drawing.drawImage(v, 0, 0, 64, 36);
    const colours = drawing.getImageData(0, 0, 64, 36).data.filter((_, index) => index % 4 !== 3);
    const {{ width }} = await createImageBitmap(v);
    let captured = "captured";
    try {{ (v.captureStream ?? v.mozCaptureStream).call(v); }} catch (error) {{ captured = error.name; }}
    return [colours.some(Boolean), width, captured];
"""

SEE_TIMES = f"""
    {BARE}
    window.seen = [];
    const see = () => {{ seen.push(v.currentTime); requestAnimationFrame(see); }};
    see();
"""


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In VP9, which Firefox decodes without the system's libraries."""
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", 6, 640, 360, codec="libvpx-vp9")


@pytest.fixture
def site(io_loop: Any, tmp_path: Path) -> Iterator[WatchSite]:
    site = WatchSite(tmp_path / "data", hosts=OTHER_HOST)
    io_loop.run_sync(site.start)
    yield site
    io_loop.run_sync(site.stop)


async def play(browser: Firefox, url: str) -> None:
    """Open a task's page and press its play button."""
    await browser.open(url)
    await browser.until("document.querySelector('.card-play')")
    await browser.script("document.querySelector('.card-play').click()")
    await browser.until(PLAYS)


@pytest.mark.gen_test(timeout=180)
async def test_firefox_plays_and_a_view_ends_where_its_keys_are_taken_off(site: WatchSite, master: Path) -> None:
    task_id = await site.add_video(master)
    async with firefox() as browser:
        await play(browser, f"{site.url}/#{task_id}")
        assert await browser.script(f"{BARE} return v.mediaKeys !== null")
        assert await browser.script(TAKE) == [False, 640, "NotSupportedError"], "as the README has it"
        await browser.script(f"{BARE} await v.setMediaKeys(null)")
        await browser.until("document.querySelector('.player-message').textContent.startsWith('The video stopped')")
        assert await browser.script(f"{BARE} return [v.readyState, v.paused]") == [0, True]
        await browser.script("document.querySelector('video').play()")
        await browser.until(PLAYS)
        assert await browser.script(f"{BARE} return v.mediaKeys !== null")


@pytest.mark.gen_test(timeout=180)
async def test_firefox_on_plain_http_has_eme_and_unwraps_the_key_by_the_vendored_module(
    site: WatchSite, master: Path
) -> None:
    task_id = await site.add_video(master)
    async with firefox() as browser:
        await play(browser, f"http://{OTHER_HOST}:{site.port}/#{task_id}")
        has = "[isSecureContext, Boolean(v.mediaKeys), Boolean(crypto.subtle)]"
        assert await browser.script(f"{BARE} return {has}") == [False, True, False]
        loaded = "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"
        assert any(path.endswith("/vendor/noble.js") for path in await browser.script(f"return {loaded}"))


@pytest.mark.gen_test(timeout=180)
async def test_firefox_plays_a_video_while_it_is_made(site: WatchSite, master: Path) -> None:
    growing = await site.begin_video(master)
    await growing.grow(1)
    waits = "document.querySelector('.player-message').textContent === 'Making the rest …'"
    async with firefox() as browser:
        await play(browser, f"{site.url}/#{growing.task_id}")
        await browser.until(f"{waits} && document.querySelector('video').currentTime > 0.7")
        await browser.script(SEE_TIMES)
        await growing.grow(3)
        await browser.until("document.querySelector('video').currentTime > 2")
        assert await browser.script("return seen.find((time) => time > 1.05)") < 1.7, "nothing is skipped"
        await browser.until(f"{waits} && document.querySelector('video').currentTime > 2.7")
        await growing.finish()
        await browser.until("document.querySelector('video').currentTime > 5")
        await browser.until("document.querySelector('video').currentTime < 2")
        assert await browser.script(f"{BARE} return [v.error, v.duration.toFixed(1)]") == [None, "6.0"]


@pytest.mark.gen_test(timeout=180)
async def test_firefox_plays_in_the_theatre_and_slides_the_picture_over_the_first_frame(
    site: WatchSite, master: Path
) -> None:
    async with firefox() as browser:
        ids = [await site.add_video(master, size=(640, 360), image_name=f"{name}.jpg") for name in ("one", "two")]
        for task_id in ids:
            await site.add_picture(task_id, picture_bytes(1, (640, 360)))
        await browser.open(f"{site.url}/#{ids[0]}")
        await browser.until("document.querySelector('[data-action=theatre]')")
        await browser.script(f"location.hash = '#{ids[1]}'")
        await browser.until("document.querySelectorAll('[data-action=theatre]').length === 2")
        await browser.script("document.querySelector('[data-action=theatre]').click()")
        await browser.until(f"document.querySelector('.theatre[open]') && ({PLAYS})")
        first = await browser.script("return document.querySelector('.theatre h2').textContent")
        press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{}', bubbles: true }}))"
        await browser.script(press.format("ArrowRight"))
        await browser.until(f"document.querySelector('.theatre h2').textContent !== '{first}' && ({PLAYS})")
        assert await browser.script("return document.querySelectorAll('video').length") == 1
        await browser.script("document.querySelector('.theatre-tool').click()")
        at_first = "v.paused && v.currentTime === 0 && v.readyState >= 2"
        await browser.until(f"(() => {{ {BARE} return {at_first}; }})()")
        over = """
            const [one, other] = [".compare-picture", ".theatre video"].map((each) => document.querySelector(each)
              .getBoundingClientRect());
            return [one.x - other.x, one.y - other.y, one.width - other.width, one.height - other.height]
              .every((off) => Math.abs(off) < 0.6);
        """
        assert await browser.script(over)
        await browser.script("document.querySelector('.theatre-tool').click()")
        await browser.until(PLAYS)
        await browser.script("history.back()")
        await browser.until("!document.querySelector('.theatre[open]') && !document.querySelector('video')")


@pytest.mark.gen_test(timeout=180)
async def test_firefox_plays_all_videos_of_a_link_one_after_the_other(site: WatchSite, tmp_path: Path) -> None:
    sizes = ((320, 180), (180, 320), (240, 240))
    masters = [make_master(tmp_path / f"{w}.mp4", 1, w, h, codec="libvpx-vp9") for w, h in sizes]
    owner = await site.api()
    ids = [await site.add_video(m, site.owner(owner), size=s) for m, s in zip(masters, sizes, strict=True)]
    link = await share(owner, *ids, message="Look", max_views=1)
    async with firefox() as browser:
        await browser.open(link["url"])
        await browser.until("document.querySelector('.reel-place')?.textContent === '1 of 3'")
        assert await browser.script("return document.querySelector('h1').textContent") == "Look"
        await browser.script("document.querySelector('.card-play').click()")
        await browser.until("document.querySelector('.reel-place').textContent === '3 of 3'")
        await browser.until(
            "document.querySelector('video').videoWidth === 240 && document.querySelector('video').ended"
        )
        said = await browser.script(
            f"{BARE} return [v.error, document.querySelector('.player-message').textContent]"
        )
        assert said == [None, ""]
    (told,) = (await owner.call("GET", "/api/links"))[1]["links"]
    assert told["views"] == 1
