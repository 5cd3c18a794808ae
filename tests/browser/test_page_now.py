"""What people look for first: what is being made, wherever one has scrolled; one's own before the line; many rows
on a phone; notices that cover nothing needed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser import staged
from tests.browser.chromium import Page
from tests.browser.staged import DROP_NOTHING
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

BOX = "const { x, y, width, height } = arguments[0].getBoundingClientRect(); return [x, y, width, height]"
TILES = "return [...document.querySelectorAll('.tile-name')].map((name) => name.textContent)"
FOCUSED_TILE = "return document.activeElement.closest('.tile')?.querySelector('.tile-name').textContent"
IN_SIGHT = """
  const { top, bottom, left, right } = arguments[0].getBoundingClientRect();
  const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return top >= 0 && bottom <= innerHeight && arguments[0].contains(seen);
"""
WHOLE_ROWS = """
  const foot = document.querySelector(".dock").getBoundingClientRect().top;
  const boxes = [...document.querySelectorAll(".card")].map((card) => card.getBoundingClientRect());
  return boxes.filter(({ top, bottom }) => top >= 64 && bottom <= foot).length;
"""
TIMES = """
  const set = setTimeout;
  window.times = [];
  window.setTimeout = (what, ms) => [times.push(ms), set(what, ms)][1];
"""
HIDE = """
  Object.defineProperty(document, "hidden", { value: arguments[0], configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
"""
PHONE, DESK = (390, 800), (1280, 900)

Stage = Callable[[tuple[int, int]], Page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("now") / "data") as running:
        yield running


@pytest.fixture
def stage(driver: Chrome, server: LiveServer) -> Iterator[Stage]:
    """Opens the page in a window of this size; what it hears of pictures comes from the test."""
    page = Page(driver, server.url)
    driver.get_log("browser")

    def open_page(size: tuple[int, int]) -> Page:
        page.resize(*size, touch=size[0] < 600)
        return staged.stage(page)

    yield open_page
    complaints = page.errors()
    page.restore()
    assert not complaints, complaints


def said(page: Page, selector: str) -> str:
    """Its text as it is read, with spaces for those that no line is broken at."""
    return " ".join(page.script("return arguments[0].textContent", page.one(selector)).split())


@pytest.mark.parametrize("size", [PHONE, DESK, (320, 640), (2560, 1440)])
def test_what_is_being_made_is_in_sight_wherever_one_has_scrolled(stage: Stage, size: tuple[int, int]) -> None:
    page = stage(size)
    staged.tell(page, staged.round_of(40, 22))
    page.until(
        lambda: re.fullmatch(r"23 of 40 · 39 % · ready \d?\d:\d\d", said(page, ".now-says")), "how far it is"
    )
    for share in (0, 0.5, 1):
        page.script("scrollTo(0, arguments[0] * document.body.scrollHeight)", share)
        for part in (".now-says", ".now-still"):
            assert page.script(IN_SIGHT, page.one(part)), f"{part} at {share} of {size}"
    assert page.one(".now-still").get_attribute("src") == staged.still(23)
    page.click(".now-says")
    page.until(lambda: page.driver.switch_to.active_element.text == "IMG_2023.jpg", "its card, focused")
    page.until(lambda: page.script(IN_SIGHT, page.driver.switch_to.active_element), "its card, in sight")


def test_the_head_of_the_page_never_moves_what_is_below(stage: Stage) -> None:
    page = stage(DESK)
    for size in (PHONE, DESK):
        page.resize(*size)
        tops = []
        for tasks in ([], [staged.waiting(1, 1, 1, 30)], [staged.running(1, 20)], staged.round_of(40, 22)):
            staged.tell(page, tasks)
            staged.drawn(page)
            tops.append(page.script(BOX, page.one(".intake"))[1])
        assert len(set(tops)) == 1, tops


def test_a_video_that_grows_is_watched_at_the_head_and_goes_on_when_it_is_done(
    visit: Visit, pictures: Pictures
) -> None:
    page = visit(model_seconds=14, clip_seconds=4)
    page.choose(*pictures(1))
    page.click(".now-play")
    page.until(
        lambda: page.script("return document.querySelector('.now-stage video')?.currentTime > 0.1"), "it plays"
    )
    page.card("succeeded")
    before = page.script("return document.querySelector('.now-stage video').currentTime")
    moved = "return document.querySelector('.now-stage video').currentTime !== arguments[0]"
    page.until(lambda: page.script(moved, before), "it plays on")
    page.click(".now-stage .close")
    page.gone(".now-stage")
    assert not page.all("video")


def test_the_headline_is_about_ones_own_pictures_while_some_go_on(stage: Stage) -> None:
    page = stage(DESK)
    for tasks, headline in (
        ([staged.running(1, 25)], r"Your video: 2\d s"),
        (staged.round_of(12, 0), r"12 of yours: the last at \d?\d:\d\d"),
        ([staged.task(1, "succeeded")], "Nobody ahead"),
    ):
        staged.tell(page, tasks)
        page.until(
            lambda headline=headline: re.fullmatch(headline, said(page, ".headline > :first-child")), headline
        )


def test_a_phone_shows_many_pictures_at_once_and_a_touch_opens_one(stage: Stage) -> None:
    page = stage(PHONE)
    staged.tell(page, staged.round_of(40, 22))
    page.until(lambda: len(page.cards()) == 40, "cards")
    page.script("document.querySelectorAll('.card')[6].scrollIntoView()")
    page.until(lambda: page.script(WHOLE_ROWS) >= 7, "seven whole rows between head and foot")
    row = page.card("processing")
    page.script("arguments[0].scrollIntoView({ block: 'center' })", row)
    still, bar = (row.find_element("css selector", part) for part in (".card-still", ".card-bar"))
    assert still.is_displayed() and page.script(BOX, bar)[2] > 300
    assert re.fullmatch(r"IMG_2023.jpg 39 % Making frames \d?\d:\d\d, in \d+ s", re.sub(r"\s+", " ", row.text))
    cancel = "return arguments[0].querySelector('[data-action=cancel]').checkVisibility()"
    assert not page.script(cancel, row)
    more = row.find_element("css selector", ".card-more")
    whole, button = (page.script(BOX, each) for each in (row, more))
    assert all(abs(a - b) <= 2 for a, b in zip(whole, button, strict=True)), "all of the row is the button"
    more.click()
    assert page.script(cancel, row)
    assert more.get_attribute("aria-expanded") == "true"
    more.click()
    assert not page.script(cancel, row)


def test_a_thumb_reaches_choosing_pictures_from_anywhere(stage: Stage) -> None:
    page = stage(PHONE)
    staged.tell(page, staged.round_of(40, 22))
    assert not any(dock.is_displayed() for dock in page.all(".dock")), "the page's own buttons are in sight"
    page.script("scrollTo(0, 1500)")
    _, y, width, height = page.script(BOX, page.one(".dock .primary"))
    assert y > 0.8 * PHONE[1] and height >= 44 and width > 200
    page.script("scrollTo(0, document.body.scrollHeight)")
    last = page.cards()[-1]
    assert sum(page.script(BOX, last)[1::2]) <= page.script(BOX, page.one(".dock"))[1], (
        "the last row is not under it"
    )


def overlaps(page: Page, one: str, other: str) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = (page.script(BOX, page.one(each)) for each in (one, other))
    return bool(ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah)


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_notice_covers_nothing_that_somebody_is_at(
    visit: Visit, pictures: Pictures, size: tuple[int, int]
) -> None:
    page = visit(model_seconds=60)
    page.resize(*size, touch=size == PHONE)
    page.choose(*pictures(12))
    page.until(lambda: len(page.cards("queued")) == 11, "a line")
    for edge in ("end", "center"):
        card = page.cards("queued")[5]
        page.script(
            "arguments[0].dataset.mine = 1; arguments[0].scrollIntoView({ block: arguments[1] })", card, edge
        )
        if size == PHONE:
            page.click("[data-mine] .card-more")
            page.script("arguments[0].scrollIntoView({ block: arguments[1] })", card, edge)
        page.click("[data-mine] [data-action=cancel]")
        page.one(".toast")
        needed = ["[data-mine]", ".masthead", *([".dock"] if size == PHONE else [])]
        assert [each for each in needed if overlaps(page, ".toast", each)] == [], edge
        page.click(".toast .close")
        page.gone(".toast")
        page.script("delete arguments[0].dataset.mine", card)


def test_what_finished_while_away_is_shown_from_its_notice(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.2)
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("succeeded")) == 2, "two videos, seen")
    page.operator("pause")
    page.choose(*pictures(6)[2:])
    page.until(lambda: len(page.cards("queued")) == 4, "four in line")
    page.driver.get("about:blank")
    page.operator("resume")
    page.until(lambda: page.server.log().count("event=succeeded") == 6, "four videos, unseen")
    page.resize(*PHONE, touch=True)
    page.open()
    page.says(".toast", "4 videos finished while you were away.")
    page.click(".toast .undo")
    page.gone(".toast")
    page.until(lambda: page.script(TILES)[:4] == [f"picture-{n}.jpg" for n in (6, 5, 4, 3)], "those four first")
    page.until(lambda: page.script(FOCUSED_TILE) == "picture-6.jpg", "the newest, focused")
    assert page.script(IN_SIGHT, page.driver.switch_to.active_element)


def test_a_notice_waits_for_somebody_who_looks_elsewhere(stage: Stage) -> None:
    page = stage(DESK)
    page.script(TIMES)
    page.script(HIDE, True)
    page.script(DROP_NOTHING)
    page.one(".toast")
    assert 10_000 not in page.script("return times"), "its time does not run"
    page.script(HIDE, False)
    page.until(lambda: 10_000 in page.script("return times"), "from now on it does")
