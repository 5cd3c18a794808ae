"""A viewing link's page as it is sent to a friend: what it shows before it plays, and several videos in order."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver

from leyline.processes.protocol import Done
from tests.browser.test_page_access import assert_accessible
from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.live_server import Api
from tests.watch_site import SiteThread, make_master

pytestmark = pytest.mark.long

Share = Callable[..., str]
WIDTHS = (320, 390, 768, 1280, 2560)
SPOKEN = "return document.querySelector('.reel-place').textContent"
STILL = "const [image] = document.images; return image && image.complete && image.naturalWidth"
SHAPE = """
    const { width, height } = document.querySelector(".card-media").getBoundingClientRect();
    return width / height;
"""


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A second of video in each shape."""
    folder = tmp_path_factory.mktemp("masters")
    sizes = {"wide": (320, 180), "high": (180, 320), "square": (240, 240)}
    return {name: make_master(folder / f"{name}.mp4", 1, *size) for name, size in sizes.items()}


@pytest.fixture
def page(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """A browser that never was here before."""
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.get_log("browser")
    return WatchingPage(browser, thread.site.url)


@pytest.fixture
def owner(thread: SiteThread) -> Api:
    return thread.run(thread.site.api())


@pytest.fixture
def ids(thread: SiteThread, owner: Api, masters: dict[str, Path]) -> list[str]:
    """The owner's three videos, each of another shape, with their pictures."""
    site = thread.site
    site.server.media.make_folders()
    made = []
    for size, (name, master) in zip(((320, 180), (180, 320), (240, 240)), masters.items(), strict=True):
        task_id = thread.run(site.add_video(master, site.owner(owner), size=size))
        picture = io.BytesIO()
        Image.new("RGB", size, {"wide": "#204080", "high": "#802040", "square": "#408020"}[name]).save(
            picture, "JPEG"
        )
        thread.run(site.add_picture(task_id, picture.getvalue()))
        made.append(task_id)
    return made


@pytest.fixture
def share(thread: SiteThread, owner: Api) -> Share:
    """Makes one link to these tasks; where it leads."""

    def make(*task_ids: str, **asked: Any) -> str:
        body = json.dumps({"task_ids": task_ids, **asked})
        status, link = thread.run(owner.call("POST", "/api/links", body=body))
        assert status == 201, link
        return str(link["url"])

    return make


def views(thread: SiteThread, owner: Api) -> int:
    (link,) = thread.run(owner.call("GET", "/api/links"))[1]["links"]
    return int(link["views"])


@pytest.mark.parametrize("host", ["localhost", OTHER_HOST])
def test_all_videos_play_in_their_order_by_themselves_as_one_view(
    page: WatchingPage, thread: SiteThread, owner: Api, ids: list[str], share: Share, host: str
) -> None:
    page.driver.get(share(*ids, label="For Anna").replace("localhost", host))
    assert [page.script(SPOKEN), len(page.all(".reel-list li"))] == ["1 of 3", 3]
    assert views(thread, owner) == 0, "opening the page is no view"
    page.script("""
        window.shapes = [];
        const see = ({ target }) => shapes.push(`${target.videoWidth}×${target.videoHeight} ${target.ariaLabel}`);
        document.querySelector(".card-media").addEventListener("loadedmetadata", see, { capture: true });
    """)
    page.click(".card-play")
    page.until(lambda: page.script(SPOKEN) == "3 of 3", "the last, which nobody asked for")
    page.playing()
    assert page.script("return shapes") == ["320×180 1 of 3", "180×320 2 of 3", "240×240 3 of 3"]
    assert len(page.all("video")) == 1, "in the same element, so that full screen goes on"
    page.until(lambda: page.video("ended"), "the end of the last")
    assert page.one(".player-label").text == "For Anna"
    assert views(thread, owner) == 1
    counts = [thread.run(owner.status(task_id))["views"] for task_id in ids]
    assert counts == [1, 1, 1]
    assert not any(task_id in page.driver.page_source for task_id in ids)
    assert host == OTHER_HOST or page.errors() == [], "plain http has no Cross-Origin-Opener-Policy, and says so"


def test_full_screen_goes_on_from_one_video_to_the_next(page: WatchingPage, ids: list[str], share: Share) -> None:
    page.driver.get(share(*ids))
    page.click(".card-play")
    page.playing()
    page.gesture("document.querySelector('video').requestFullscreen()")
    page.until(lambda: page.script(SPOKEN) == "3 of 3" and page.video("currentTime > 0"), "the last")
    assert page.script("return document.fullscreenElement?.localName") == "video"
    page.gesture("document.exitFullscreen()")


def test_who_looks_for_one_finds_it_and_can_go_back_and_on(
    page: WatchingPage, ids: list[str], share: Share
) -> None:
    page.driver.get(share(*ids, poster="clear"))
    back, on = page.all(".reel-head button")
    assert (back.get_attribute("aria-disabled"), on.get_attribute("aria-disabled")) == ("true", "false")
    page.all(".reel-list button")[1].click()
    page.playing()
    assert page.script(SPOKEN) == "2 of 3" and page.video("videoHeight") == 320
    current = "return [...document.querySelectorAll('.reel-list button')].map((b) => b.ariaCurrent)"
    assert page.script(current) == ["false", "true", "false"]
    back.click()
    page.until(lambda: page.video("videoWidth === 320 && v.currentTime > 0"), "the first")
    assert page.script(SPOKEN) == "1 of 3"
    page.script("document.querySelector('video').currentTime = 0")
    for _ in range(2):  # in haste
        on.click()
    page.until(lambda: page.video("videoWidth === 240 && v.currentTime > 0"), "the last")
    assert page.script("return document.querySelector('.player-message').textContent") == ""
    assert on.get_attribute("aria-disabled") == "true"
    on.click()
    assert page.script(SPOKEN) == "3 of 3", "there is nothing after it"


def test_a_reload_and_the_back_button_spend_no_view(
    page: WatchingPage, thread: SiteThread, owner: Api, ids: list[str], share: Share
) -> None:
    url = share(*ids, max_views=1)
    page.driver.get(url)
    page.click(".card-play")
    page.playing()
    page.driver.refresh()
    page.click(".card-play")
    page.playing()
    page.driver.get(thread.site.url)
    page.driver.back()
    page.until(lambda: page.all(".card-play") or page.all("video"), "the link's page")
    page.all(".reel-list button")[2].click()
    page.until(lambda: page.video("videoWidth === 240 && v.currentTime > 0"), "the third")
    assert views(thread, owner) == 1


# What others on the way answer, which says nothing of the link.
ODD_AT_FIRST = """
  const ask = fetch, statuses = [200, 407, 429];
  window.odd = 0;
  window.fetch = (...all) => (odd < statuses.length
    ? Promise.resolve(new Response("<p>Sign in to this network</p>", { status: statuses[odd++] }))
    : ask(...all));
"""


def test_videos_join_as_they_become_ready(
    page: WatchingPage, thread: SiteThread, owner: Api, masters: dict[str, Path], share: Share
) -> None:
    site = thread.site
    tasks = [thread.run(site.add_task(site.owner(owner))) for _ in range(2)]
    page.before_scripts(
        "const wait = setTimeout; window.setTimeout = (f, ms, ...x) => wait(f, ms === 10_000 ? 200 : ms, ...x);"
        + ODD_AT_FIRST
    )
    page.driver.get(share(*[task.task_id for task in tasks]))
    page.says("main h1", "Not ready to watch yet")
    page.until(
        lambda: page.script("return window.odd > 2"), "answers of others on the way, which say nothing of the link"
    )
    page.says(".coming", "2 videos are still being made. Each appears here as soon as it is ready.")
    assert not any(element.is_displayed() for element in page.all(".card-media, .reel"))
    for count, said in ((1, "One more is still being made"), (2, "")):
        task = thread.run(site.server.moves.claim())
        site.server.media.video(task.video_key).write_bytes(masters["high"].read_bytes())
        thread.run(site.server.moves.succeed(task, Done(task.task_id, task.run, 180, 320, 1.0), 1000, 1.0))
        page.until(lambda count=count: len(page.all(".reel-list li")) == (count if count > 1 else 0), "another")
        page.until(
            lambda said=said: said in page.script("return document.querySelector('.coming').textContent"), said
        )
        page.one(".card-play")
    page.says("main h1", "2 videos for you to watch")
    page.click(".card-play")
    page.playing()
    page.restore()


@pytest.mark.parametrize("poster", ["none", "blurred", "clear"])
def test_a_video_has_its_shape_and_its_poster_before_it_plays(
    page: WatchingPage, ids: list[str], share: Share, poster: str
) -> None:
    url = share(ids[1], poster=poster, message="Look what the sea did today — Hannes")
    for width in WIDTHS:
        page.resize(width, 900)
        page.driver.get(url)
        page.one(".card-play")
        assert abs(page.script(SHAPE) - 180 / 320) < 0.01, width
        assert page.script("return document.documentElement.scrollWidth") <= width
        assert page.one(".card-media").rect["height"] <= 0.76 * 900
    assert page.one("main h1").text == "Look what the sea did today — Hannes"
    assert page.driver.title == "Leyline: Look what the sea did today — Hannes"
    if poster == "none":
        assert page.all(".card-media .map") and not page.script("return document.images.length")
    else:
        assert page.until(lambda: page.script(STILL), "the poster") == (360 if poster == "blurred" else 180)
    before = page.one(".card-media").rect
    page.click(".card-play")
    page.playing()
    assert page.one(".card-media").rect == before
    assert page.script("return document.querySelector('video').poster.includes('/still?')") is (poster != "none")
    page.restore()


def test_a_senders_line_is_text_whatever_it_says(page: WatchingPage, ids: list[str], share: Share) -> None:
    for message in ("<img src=x onerror=\"document.title='taken'\">", '"><script>alert(1)</script>', "&lt;b&gt;"):
        page.driver.get(share(ids[0], message=message))
        page.one(".card-play")
        assert page.one("main h1").text == message
        assert page.driver.title == f"Leyline: {message}"
        assert not page.script("return document.querySelector('h1').children.length")
    assert page.errors() == []


def test_axe_finds_nothing_and_nothing_is_cut_at_any_width(
    page: WatchingPage, thread: SiteThread, owner: Api, ids: list[str], share: Share
) -> None:
    waiting = thread.run(thread.site.add_task(thread.site.owner(owner)))
    canceling = thread.site.server.moves.cancel(waiting)
    message = "The whole week at the lake, in the order that it happened. Turn the sound on for the storm! — Hannes"
    for poster in ("none", "clear"):
        page.driver.get(share(*ids, waiting.task_id, poster=poster, message=message))
        page.one(".card-play")
        assert_accessible(page, f"several, {poster}")
    thread.run(canceling)  # or it would be the first that is claimed
    for width in (*WIDTHS, 320):
        page.resize(width, 400 if width == 320 else 900)
        assert page.script("return document.documentElement.scrollWidth") <= width
        small = """
            const boxes = [...document.querySelectorAll("main button")].map((each) => each.getBoundingClientRect());
            return boxes.filter(({ width, height }) => width && (width < 24 || height < 24)).length;
        """
        assert page.script(small) == 0
    page.resize(1280, 900)
    page.click(".card-play")
    page.playing()
    assert_accessible(page, "playing")
    page.restore()


def test_the_keyboard_reaches_all_of_it(page: WatchingPage, ids: list[str], share: Share) -> None:
    page.driver.get(share(*ids))
    page.one(".card-play")
    seen = []
    for _ in range(12):
        for kind in ("rawKeyDown", "keyUp"):
            page.cdp("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(page.script("const a = document.activeElement; return a.ariaLabel || a.textContent"))
    assert [each for each in ("Play", "Next") if not any(each in said for said in seen)] == []
    assert [said for said in seen if said.startswith("Video ")] == [f"Video {n}, 2 seconds" for n in (1, 2, 3)]
