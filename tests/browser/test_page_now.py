"""What people look for first: what is being made, however far one has scrolled; one's own before the line; many rows on
a phone; notices that cover nothing needed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser import staged
from tests.browser.chromium import Page

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

BOX = "const { x, y, width, height } = arguments[0].getBoundingClientRect(); return [x, y, width, height]"
IN_SIGHT = """
  const { top, bottom, left, right } = arguments[0].getBoundingClientRect();
  const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return top >= 0 && bottom <= innerHeight && arguments[0].contains(seen);
"""
PHONE, DESK = (390, 800), (1280, 900)


def said(page: Page, selector: str) -> str:
    """Its text as it is read, with spaces for those that no line is broken at."""
    return " ".join(page.script("return arguments[0].textContent", page.one(selector)).split())


@pytest.mark.parametrize("size", [PHONE, DESK, (320, 640), (2560, 1440)])
def test_what_is_being_made_is_in_sight_wherever_one_has_scrolled(visit: Visit, size: tuple[int, int]) -> None:
    page = staged.stage(visit())
    page.resize(*size, touch=size[0] < 600)
    staged.tell(page, staged.round_of(40, 22))
    page.until(lambda: re.fullmatch(r"23 of 40 · 39 % · ready \d\d:\d\d", said(page, ".now-says")), "how far it is")
    for share in (0, 0.5, 1):
        page.script("scrollTo(0, arguments[0] * document.body.scrollHeight)", share)
        for part in (".now-says", ".now-still"):
            assert page.script(IN_SIGHT, page.one(part)), f"{part} at {share} of {size}"
    assert page.one(".now-still").get_attribute("src") == staged.still(23)
    page.click(".now-says")
    page.until(lambda: page.driver.switch_to.active_element.text == "IMG_2023.jpg", "its card, focused")
    page.until(lambda: page.script(IN_SIGHT, page.driver.switch_to.active_element), "its card, in sight")


def test_the_head_of_the_page_never_moves_what_is_below(visit: Visit) -> None:
    page = staged.stage(visit())
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


def test_the_headline_is_about_ones_own_pictures_while_some_go_on(visit: Visit) -> None:
    page = staged.stage(visit())
    for tasks, headline in (
        ([staged.running(1, 25)], r"Your video: 2\d s"),
        (staged.round_of(12, 0), r"12 of yours: the last at \d\d:\d\d"),
        ([staged.task(1, "succeeded")], "Nobody ahead"),
    ):
        staged.tell(page, tasks)
        page.until(
            lambda headline=headline: re.fullmatch(headline, said(page, ".headline > :first-child")), headline
        )


def test_a_phone_shows_many_pictures_at_once_and_a_touch_opens_one(visit: Visit) -> None:
    page = staged.stage(visit())
    page.resize(*PHONE, touch=True)
    staged.tell(page, staged.round_of(40, 22))
    page.until(lambda: len(page.cards()) == 40, "cards")
    page.script("document.querySelectorAll('.card')[6].scrollIntoView()")
    whole = "return [...document.querySelectorAll('.card')].filter((card) => card.getBoundingClientRect().top >= 64 && card.getBoundingClientRect().bottom <= innerHeight - 60).length"
    page.until(lambda: page.script(whole) >= 7, "seven whole rows between head and foot")
    row = page.card("processing")
    page.script("arguments[0].scrollIntoView({ block: 'center' })", row)
    still, bar = (row.find_element("css selector", part) for part in (".card-still", ".card-bar"))
    assert still.is_displayed() and page.script(BOX, bar)[2] > 300
    assert re.fullmatch(r"IMG_2023.jpg 39 % Making frames \d\d:\d\d, in \d+ s", re.sub(r"\s+", " ", row.text))
    cancel = "return arguments[0].querySelector('[data-action=cancel]').checkVisibility()"
    assert not page.script(cancel, row)
    more = row.find_element("css selector", ".card-more")
    x, y, width, height = page.script(BOX, more)
    assert (width, height) == tuple(page.script(BOX, row)[2:]) or height > 70, "all of the row is the button"
    more.click()
    assert page.script(cancel, row)
    assert more.get_attribute("aria-expanded") == "true"
    more.click()
    assert not page.script(cancel, row)


def test_a_thumb_reaches_choosing_pictures_from_anywhere(visit: Visit) -> None:
    page = staged.stage(visit())
    page.resize(*PHONE, touch=True)
    staged.tell(page, staged.round_of(40, 22))
    assert not page.one(".intake .primary").find_elements("css selector", ".dock")
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
    page.until(lambda: page.names()[:4] == [f"picture-{n}.jpg" for n in (6, 5, 4, 3)], "those four first")
    page.until(lambda: page.driver.switch_to.active_element.text == "picture-6.jpg", "the newest, focused")
    assert page.script(IN_SIGHT, page.driver.switch_to.active_element)


def test_a_notice_waits_for_somebody_who_looks_elsewhere(visit: Visit) -> None:
    page = staged.stage(visit())
    hide = "Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true }); document.dispatchEvent(new Event('visibilitychange'))"
    page.script(
        "window.set = setTimeout; window.times = []; window.setTimeout = (what, ms) => { times.push(ms); return set(what, ms); }"
    )
    page.script(hide, True)
    page.script(
        "dispatchEvent(Object.assign(new Event('drop', { cancelable: true }), { dataTransfer: { types: ['Files'], items: [], files: [] } }))"
    )
    page.one(".toast")
    assert 10_000 not in page.script("return times"), "its time does not run"
    page.script(hide, False)
    page.until(lambda: 10_000 in page.script("return times"), "from now on it does")
