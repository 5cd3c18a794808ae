"""Who points at a tile of the wall, or comes to it by the keyboard, sees by a few stills what its video shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.test_page_glimpses import SEE, STEPPED, Owner, at_home
from tests.browser.watching import WatchingPage
from tests.watch_site import SiteThread

pytestmark = pytest.mark.long

SHOWN = "return document.querySelector('.glimpse')?.closest('.tile').dataset.id ?? null"
COVERS = """
  const { x, y, width, height } = document.querySelector(".glimpse").getBoundingClientRect();
  const still = document.querySelector(".glimpse").closest(".tile").querySelector(".tile-still");
  const box = still.getBoundingClientRect();
  return [box.x - x, box.y - y, box.width - width, box.height - height].every((off) => Math.abs(off) < 0.5);
"""
LOADED = "return Boolean(await import('/static/cards/hover.js'))"
SEARCHED = """
  document.querySelector(".wall-search").focus();
  return document.activeElement.matches(".wall-search");
"""
KEYS = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37}


class OnTheWall(Owner):
    """Somebody with two videos, and their wall open."""

    def __init__(self, thread: SiteThread, page: WatchingPage, master: Path) -> None:
        super().__init__(thread, page, master)
        page.open()  # so that nothing has been asked for
        page.click("[data-filter=videos]")
        page.until(lambda: len(page.all(".tile")) == 2, "two tiles")
        page.script(SEE, ".wall")
        self.leave()
        self.media = page.all(".tile-open")

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.page.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key])

    def shown(self) -> str | None:
        """The id of the video whose stills are stepped through."""
        found = self.page.script(SHOWN)
        return None if found is None else str(found)

    def id_of(self, number: int) -> str:
        return str(self.page.script("return document.querySelectorAll('.tile')[arguments[0]].dataset.id", number))


@pytest.fixture
def owner(thread: SiteThread, browser: webdriver.Chrome, master: Path) -> Iterator[OnTheWall]:
    with at_home(OnTheWall, thread, browser, master) as somebody:
        yield somebody


def test_pointing_at_a_tile_steps_through_its_eight_stills_and_leaving_ends_it(owner: OnTheWall) -> None:
    page = owner.page
    assert owner.asked() == [], "before somebody wants it"
    owner.point(1)
    owner.stepped(10)
    assert owner.shown() == owner.id_of(1) and page.script(COVERS)
    assert page.script(STEPPED)[0] == 8, "ten steps, eight stills"
    assert len(owner.asked()) == 8 and all(owner.id_of(1) in address for address in owner.asked())
    owner.point(0)
    page.until(lambda: owner.shown() == owner.id_of(0), "the other's, and no longer the first's")
    owner.leave()
    page.until(lambda: owner.shown() is None, "the pictures again")
    assert owner.views() == [0, 0]


def test_the_keyboards_focus_does_the_same_from_tile_to_tile(owner: OnTheWall) -> None:
    page = owner.page
    page.until(lambda: page.script(SEARCHED), "the focus before the tiles")
    for _ in range(20):
        if page.script("return document.activeElement.matches('.tile-open')"):
            break
        owner.press("Tab")
    page.until(lambda: owner.shown() == owner.id_of(0), "the first's stills")
    owner.press("ArrowRight")
    page.until(lambda: owner.shown() == owner.id_of(1), "the next's stills")
    page.script("document.activeElement.blur()")
    page.until(lambda: owner.shown() is None, "the picture again")
    assert owner.views() == [0, 0]


def test_with_less_motion_pointer_and_focus_ask_for_nothing(owner: OnTheWall) -> None:
    page = owner.page
    page.media(prefers_reduced_motion="reduce")
    owner.point(0)
    page.until(lambda: page.script(SEARCHED), "the focus before the tiles")
    for _ in range(20):
        owner.press("Tab")
        if page.script("return document.activeElement.matches('.tile-open')"):
            break
    owner.press("ArrowRight")
    assert page.script("return document.activeElement.matches('.tile-open:focus-visible')")
    assert page.wait_for(LOADED) is True
    # Whoever is asked next, with motion, is the first that is asked.
    owner.leave()
    page.script("document.activeElement.blur()")
    page.media()
    owner.point(1)
    owner.stepped()
    assert all(owner.id_of(1) in address for address in owner.asked())
    page.media(prefers_reduced_motion="reduce")
    page.until(lambda: owner.shown() is None, "stillness as soon as it is wanted")
    assert owner.views() == [0, 0]
