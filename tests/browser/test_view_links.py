"""A viewing link in a real browser: one video on a page of its own, and nothing else."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver

from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.live_server import Api
from tests.watch_site import SiteThread, make_master

pytestmark = pytest.mark.long

Link = dict[str, Any]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4")


@pytest.fixture
def page(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """A browser that never was here before."""
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return WatchingPage(browser, thread.site.url)


@pytest.fixture
def owner(thread: SiteThread) -> Api:
    return thread.run(thread.site.api())


@pytest.fixture
def task_id(thread: SiteThread, owner: Api, master: Path) -> str:
    return thread.run(thread.site.add_video(master, thread.site.owner(owner)))


@pytest.fixture
def make_link(thread: SiteThread, owner: Api, task_id: str) -> Callable[..., Link]:
    """Makes a link to the owner's video; `path` is where it leads on this server."""

    def make(**asked: Any) -> Link:
        status, link = thread.run(owner.call("POST", f"/api/video/{task_id}/links", body=json.dumps(asked)))
        assert status == 201
        return {**link, "path": link["url"].removeprefix(thread.site.url)}

    return make


def follow(page: WatchingPage, link: Link) -> None:
    page.driver.get(page.url + link["path"])


@pytest.mark.parametrize("host", ["localhost", OTHER_HOST])
def test_whoever_has_the_link_can_watch(
    page: WatchingPage, thread: SiteThread, make_link: Callable[..., Link], task_id: str, host: str
) -> None:
    page.url = f"http://{host}:{thread.site.port}"
    follow(page, make_link())
    page.one("main h1")
    assert thread.run(thread.site.server.store.get(task_id)).views == 0, "opening the page is no view"
    page.click(".card-play")
    page.playing()
    assert page.video("videoWidth") == 320
    assert thread.run(thread.site.server.store.get(task_id)).views == 1
    assert task_id not in page.driver.page_source
    assert not page.all(".player-label")


@pytest.mark.parametrize("window", [(375, 812), (1280, 900), (900, 400)])
def test_the_page_takes_the_shape_of_its_video(
    page: WatchingPage, thread: SiteThread, owner: Api, tmp_path: Path, window: tuple[int, int]
) -> None:
    portrait = make_master(tmp_path / "portrait.mp4", width=180, height=320)
    task_id = thread.run(thread.site.add_video(portrait, thread.site.owner(owner), size=(180, 320)))
    _, link = thread.run(owner.call("POST", f"/api/video/{task_id}/links", body="{}"))
    page.resize(*window)
    page.driver.get(link["url"])
    assert page.one(".card-media .map").size["height"] > 100, "contours before it plays"
    before = page.one(".card-media").rect
    page.click(".card-play")
    page.playing()
    place = page.one(".card-media").rect
    assert place == before, "it has its shape before it plays"
    assert place["height"] <= 0.8 * window[1]
    if window[1] > 400:
        assert abs(place["width"] / place["height"] - 180 / 320) < 0.02
    page.restore()


def test_the_label_lies_over_the_picture_in_full_screen_too(
    page: WatchingPage, make_link: Callable[..., Link]
) -> None:
    follow(page, make_link(label="For Anna"))
    page.click(".card-play")
    page.playing()
    assert page.one(".player-label").text == "For Anna"
    assert is_over_the_video(page)
    page.gesture("document.querySelector('video').requestFullscreen()")
    shown = "return document.fullscreenElement && document.querySelector('.player-label:popover-open') !== null"
    page.until(lambda: page.script(shown), "the label above the full screen")
    page.until(
        lambda: light_pixels_of_the_label(page) > 50, "the label to be drawn over the black beside the picture"
    )
    page.gesture("document.exitFullscreen()")
    page.until(lambda: page.script("return !document.querySelector('.player-label').popover"), "the label back")
    assert page.one(".player-label").text == "For Anna"


def is_over_the_video(page: WatchingPage) -> bool:
    """Whether a point of the label is drawn above the video there."""
    return bool(
        page.script("""
            const label = document.querySelector(".player-label");
            label.style.pointerEvents = "auto"; // else it is never what lies at a point
            const { left, top, width, height } = label.getBoundingClientRect();
            const found = document.elementFromPoint(left + width / 2, top + height / 2);
            label.style.pointerEvents = "";
            const video = document.querySelector("video").getBoundingClientRect();
            return found === label && width > 0 && left >= video.left && top >= video.top && top < video.bottom;
        """)
    )


def light_pixels_of_the_label(page: WatchingPage) -> int:
    """How much of its writing is on the screen."""
    box = page.script("return document.querySelector('.player-label').getBoundingClientRect().toJSON()")
    screen = Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("L")
    label = screen.crop((box["left"], box["top"], box["right"], box["bottom"]))
    return sum(label.point(lambda value: value > 150).histogram()[1:])


def test_a_page_waits_for_its_copy_by_itself_and_then_plays(
    page: WatchingPage, make_link: Callable[..., Link]
) -> None:
    link = make_link(label="For Anna", burn_label=True)
    page.before_scripts(
        """
        window.said = [];
        new MutationObserver(() => {
          const text = document.querySelector(".player-message")?.textContent;
          if (text && text !== said.at(-1)) said.push(text);
        }).observe(document, { subtree: true, childList: true, characterData: true });
        """
    )
    follow(page, link)
    page.click(".card-play")
    page.playing()
    assert page.script("return said") == ["The video is being made ready for you. It plays by itself in a moment."]
    assert page.one(".player").text == "", "and then it says nothing"
    assert not page.all(".player-label"), "the label stands in the picture"
    page.restore()


def test_a_link_revoked_while_its_page_waits_says_so(
    page: WatchingPage, thread: SiteThread, owner: Api, tmp_path: Path
) -> None:
    long = make_master(tmp_path / "long.mp4", seconds=30, width=960, height=540)
    task_id = thread.run(thread.site.add_video(long, thread.site.owner(owner)))
    asked = json.dumps({"label": "For Anna", "burn_label": True})
    _, link = thread.run(owner.call("POST", f"/api/video/{task_id}/links", body=asked))
    page.driver.get(link["url"])
    page.click(".card-play")
    page.says(".player-message", "The video is being made ready for you.")
    thread.run(owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}"))
    page.says(".player-message", "This viewing link has ended")


def test_a_link_takes_no_owners_cookie_away(
    page: WatchingPage, make_link: Callable[..., Link], task_id: str
) -> None:
    page.open()
    before = page.driver.get_cookies()
    follow(page, make_link())
    page.click(".card-play")
    page.playing()
    assert [(c["name"], c["value"]) for c in page.driver.get_cookies()] == [(c["name"], c["value"]) for c in before]


def test_a_visitors_browser_opens_nothing_else(
    page: WatchingPage, make_link: Callable[..., Link], task_id: str
) -> None:
    follow(page, make_link())
    page.click(".card-play")
    page.playing()
    asked = """
        const answers = arguments_[0].map(async ([method, address]) => (await fetch(address, { method })).status);
        return await Promise.all(answers);
    """
    statuses = page.wait_for(
        asked,
        [
            ["GET", f"/api/video/{task_id}/status"],
            ["GET", f"/api/video/{task_id}/thumbnail"],
            ["GET", f"/api/video/{task_id}/links"],
            ["POST", f"/api/video/{task_id}/view"],
            ["DELETE", f"/api/video/{task_id}"],
        ],
    )
    assert statuses == [404] * 5


def test_a_link_that_ended_says_so(
    page: WatchingPage, thread: SiteThread, owner: Api, make_link: Callable[..., Link], task_id: str
) -> None:
    link = make_link(max_views=1)
    for _ in range(2):  # a reload spends no second view
        follow(page, link)
        page.click(".card-play")
        page.playing()
    page.driver.delete_all_cookies()  # now it is somebody else
    follow(page, link)
    page.says("main", "This viewing link has ended")
    assert not page.all(".card-play")
    assert page.one("main h1").text == "There is no video to watch here"
    page.driver.get(page.url + "/watch/" + "0" * 32)
    page.says("main", "There is no such viewing link")
    assert page.one("main h1").text == "There is no video to watch here"
    assert page.driver.title == "Leyline: There is no video to watch here"


def test_a_link_revoked_while_its_page_is_open_plays_nothing(
    page: WatchingPage, thread: SiteThread, owner: Api, make_link: Callable[..., Link], task_id: str
) -> None:
    link = make_link()
    follow(page, link)
    page.one(".card-play")
    thread.run(owner.request("DELETE", f"/api/video/{task_id}/links/{link['link_id']}"))
    page.click(".card-play")
    page.says(".player-message", "This viewing link has ended")
    assert page.video("readyState") == 0
