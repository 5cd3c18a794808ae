"""Who points at a finished card sees by a few stills what its video shows; nobody else asks for any."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains

from tests.browser.conftest import picture_bytes
from tests.browser.watching import WatchingPage
from tests.live_server import Api
from tests.watch_site import SiteThread

pytestmark = pytest.mark.long

T = TypeVar("T")

ASKED = """
  const names = performance.getEntriesByType("resource").map(({ name }) => name);
  return names.filter((name) => name.includes("/glimpse"));
"""
SHOWN = "return document.querySelector('.glimpse')?.src ?? null"
SEE = """
  window.seen = [];
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node.matches?.(".glimpse")) seen.push(node.src);
    }
  }).observe(document.querySelector(arguments[0]), { childList: true, subtree: true });
"""
PASS = """
  for (const event of ["pointerover", "pointerleave"]) {
    arguments[0].dispatchEvent(new PointerEvent(event, { bubbles: event === "pointerover", pointerType: "mouse" }));
  }
"""
STEPPED = "return [new Set(seen).size, seen.length]"


class Owner:
    """Somebody with two videos, and the page open."""

    def __init__(self, thread: SiteThread, page: WatchingPage, master: Path) -> None:
        self.page, self.thread = page, thread
        page.open()
        name, value = next((each["name"], each["value"]) for each in page.driver.get_cookies() if each["httpOnly"])
        self.api = Api(thread.site.url)
        self.api.cookie = f"{name}={value}"
        self.ids = [self._add(master, number) for number in range(2)]
        page.open()
        page.until(lambda: len(page.cards("succeeded")) == 2, "two cards")
        page.script(SEE, ".grid")
        self.media = page.all(".card-media")

    def _add(self, master: Path, number: int) -> str:
        site = self.thread.site
        task_id = self.thread.run(site.add_video(master, site.owner(self.api), image_name=f"{number}.jpg"))
        self.thread.run(site.add_picture(task_id, picture_bytes(number)))
        return task_id

    def point(self, number: int) -> None:
        ActionChains(self.page.driver).move_to_element(self.media[number]).perform()

    def leave(self) -> None:
        ActionChains(self.page.driver).move_to_element(self.page.one(".mark")).perform()

    def stepped(self, times: int = 3) -> None:
        self.page.until(lambda: self.page.script(STEPPED)[1] >= times, f"{times} stills")

    def asked(self) -> list[str]:
        return [str(address) for address in self.page.script(ASKED)]

    def views(self) -> list[int]:
        return [self.thread.run(self.api.status(task_id))["views"] for task_id in self.ids]


@contextmanager
def at_home(
    kind: Callable[[SiteThread, WatchingPage, Path], T], thread: SiteThread, browser: webdriver.Chrome, master: Path
) -> Iterator[T]:
    """Such an owner, new in this browser; the page's own errors fail the test."""
    page = WatchingPage(browser, thread.site.url).open()
    browser.delete_all_cookies()
    yield kind(thread, page, master)
    complaints = page.errors()
    page.restore()
    assert not complaints, complaints


@pytest.fixture
def owner(thread: SiteThread, browser: webdriver.Chrome, master: Path) -> Iterator[Owner]:
    with at_home(Owner, thread, browser, master) as somebody:
        yield somebody


def test_pointing_at_a_card_steps_through_at_most_eight_stills_and_leaving_ends_it(owner: Owner) -> None:
    page = owner.page
    assert owner.asked() == [], "before somebody wants it"
    owner.point(1)
    owner.stepped(12)
    assert page.script(STEPPED)[0] == 8, "twelve steps, eight stills"
    addresses = owner.asked()
    assert len(set(addresses)) == len(addresses) == 8, "each is asked for once"
    covers = """
      const [still, glimpse] = ["still", "glimpse"].map((name) => document.querySelector(
        name === "still" ? ".card-media:has(.glimpse) .card-still" : ".glimpse").getBoundingClientRect());
      return [still.x - glimpse.x, still.y - glimpse.y, still.width - glimpse.width, still.height - glimpse.height];
    """
    assert page.script(covers) == [0, 0, 0, 0]
    for address in addresses:
        answer = owner.thread.run(owner.api.request("GET", address.removeprefix(owner.thread.site.url)))
        image = Image.open(io.BytesIO(answer.body))
        assert (image.format, max(image.size)) == ("JPEG", 320)
    owner.leave()
    page.until(lambda: page.script(SHOWN) is None, "the picture again")
    assert owner.views() == [0, 0]


def test_the_keyboards_focus_does_the_same_and_a_video_that_plays_has_none(owner: Owner) -> None:
    page = owner.page
    page.script("document.querySelectorAll('.card-name')[0].focus()")
    for _ in range(20):
        if page.script("return document.activeElement.matches('.card-play')"):
            break
        page.cdp("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        page.cdp("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    owner.stepped()
    page.driver.switch_to.active_element.send_keys("\n")
    page.playing()
    page.until(lambda: page.script(SHOWN) is None, "nothing over what plays")
    assert page.all("[data-glimpses]") != [], "the other card has its own still"
    assert not page.script("return document.querySelector('.card-media:has(video)').dataset.glimpses ?? null")


def test_who_wants_less_motion_or_only_scrolls_or_passes_asks_for_nothing(owner: Owner) -> None:
    page = owner.page
    first, second = owner.ids[1], owner.ids[0]  # the newest card is the first
    loaded = "const hover = await import('/static/cards/hover.js'); return Boolean(hover);"
    touch(page, owner.media[0])
    page.media(prefers_reduced_motion="reduce")
    owner.point(0)
    assert page.wait_for(loaded) is True
    owner.leave()
    page.media()
    page.script(PASS, owner.media[0])
    owner.point(1)
    owner.stepped()
    assert all(second in address for address in owner.asked()), (first, owner.asked())
    page.media(prefers_reduced_motion="reduce")
    page.until(lambda: page.script(SHOWN) is None, "stillness as soon as it is wanted")


def touch(page: WatchingPage, at: Any) -> None:
    """A finger that comes down there and scrolls on."""
    place = at.rect
    x, y = place["x"] + place["width"] / 2, place["y"] + 8
    top = page.script("return scrollY")
    page.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y - top}])
    page.cdp("Input.dispatchTouchEvent", type="touchMove", touchPoints=[{"x": x, "y": y - top - 40}])
    page.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
