"""What the keyboard does on the page, and that it does nothing while somebody writes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser import staged
from tests.browser.chromium import Page
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

FOCUSED = "return document.activeElement.closest('.card')?.querySelector('.card-name').textContent ?? null"
BOX = """
  const { left, top } = document.activeElement.closest(".card").getBoundingClientRect();
  return [left, top + scrollY];
"""
OUTLINED = "return getComputedStyle(document.activeElement.closest('.card')).outlineStyle"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("keys") / "data", model="tests.models.prompted:Prompted") as running:
        yield running


@pytest.fixture
def page(driver: Chrome, server: LiveServer) -> Iterator[Page]:
    page = staged.stage(Page(driver, server.url))
    page.media(prefers_reduced_motion="reduce")
    page.one("#next-prompt")
    yield page
    page.script("localStorage.clear()")
    page.restore()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        ActionChains(page.driver).send_keys(key).perform()


def shortcut(page: Page, modifier: str, key: str) -> None:
    ActionChains(page.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()


def focused(page: Page, number: int) -> None:
    name = f"IMG_{2000 + number}.jpg"
    page.until(lambda: page.script(FOCUSED) == name, f"the focus on {name}")


def test_arrows_go_between_cards_by_where_they_lie(page: Page) -> None:
    page.resize(1280, 900)
    staged.tell(page, [staged.task(n, "succeeded") for n in range(1, 10)])  # the newest is 9, and first
    staged.drawn(page)
    tops = page.script(
        "return [...document.querySelectorAll('.card')].map((each) => Math.round(each.getBoundingClientRect().top))"
    )
    across = tops.count(tops[0])
    assert 2 <= across <= 5
    press(page, Keys.ARROW_DOWN)
    assert page.script(FOCUSED) is None, "up and down scroll until one is among the pictures"
    press(page, Keys.ARROW_RIGHT)
    focused(page, 9)
    assert page.script(OUTLINED) == "solid", "where the focus is can be seen"
    press(page, Keys.ARROW_RIGHT)
    focused(page, 8)
    left, _ = page.script(BOX)
    press(page, Keys.ARROW_DOWN)
    focused(page, 8 - across)
    assert page.script(BOX)[0] == left, "straight below"
    press(page, Keys.ARROW_UP, Keys.ARROW_LEFT)
    focused(page, 9)
    press(page, *across * [Keys.ARROW_RIGHT])
    focused(page, 9 - across)  # past the end of a row is the next
    press(page, Keys.ARROW_LEFT)
    focused(page, 10 - across)
    press(page, *9 * [Keys.ARROW_DOWN])
    box = "const { top, bottom } = document.activeElement.getBoundingClientRect();"
    assert page.script(f"{box} return top >= 0 && bottom <= innerHeight"), "and it is seen"


def test_in_a_mirrored_page_right_is_right(page: Page) -> None:
    page.resize(1280, 900)
    staged.tell(page, [staged.task(n, "succeeded") for n in range(1, 10)])
    page.script("document.documentElement.dir = 'rtl'")
    staged.drawn(page)
    press(page, Keys.ARROW_RIGHT)
    focused(page, 9)
    press(page, Keys.ARROW_LEFT)
    focused(page, 8)
    press(page, Keys.ARROW_RIGHT)
    focused(page, 9)


def test_space_plays_and_c_cancels_the_card_with_the_focus_and_z_undoes(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.5, clip_seconds=20)
    page.choose(*pictures(1))
    page.card("succeeded")
    press(page, "c", " ")
    assert not page.all("video"), "no card has the focus"
    press(page, Keys.ARROW_RIGHT)
    page.until(lambda: page.script(FOCUSED) == "picture-1.jpg", "the focus on its card")
    press(page, " ")
    page.until(
        lambda: page.script("return document.querySelector('video')?.currentTime > 0.1"), "a video that plays"
    )
    page.script("document.querySelector('.card-name').focus()")
    press(page, " ")
    page.until(lambda: page.script("return document.querySelector('video').paused"), "a pause")
    page.operator("pause")
    page.choose(*pictures(2)[1:])
    page.card("queued")
    page.script("document.querySelector('[data-state=queued] .card-name').focus()")
    press(page, "c")
    page.card("canceled")
    page.one(".toast .undo")
    press(page, "z")
    page.card("queued")
    press(page, "c")
    page.card("canceled")
    page.one(".toast .undo")
    shortcut(page, Keys.CONTROL, "z")
    page.card("queued")


def test_no_key_does_anything_while_somebody_writes_or_with_a_modifier(page: Page) -> None:
    staged.tell(page, [staged.running(1, 30), staged.task(2, "succeeded")])
    page.card("processing")
    page.script("document.querySelector('[data-state=processing] .card-name').focus()")
    for modifier in (Keys.CONTROL, Keys.ALT, Keys.META):
        shortcut(page, modifier, "c")
        shortcut(page, modifier, "?")
    page.script("document.querySelector('#next-prompt').focus()")
    press(page, "c", "z", "?", " ", "/", Keys.ARROW_RIGHT)
    assert page.script("return document.activeElement.value") == "cz? /"
    staged.drawn(page)
    assert page.cards("processing") and not page.all("dialog[open]")
    assert page.all('[data-filter="all"][aria-pressed="true"]')


def test_slash_looks_through_the_videos(page: Page) -> None:
    staged.tell(page, [staged.running(1, 30), staged.task(2, "succeeded")])
    page.card("processing")
    page.script("document.querySelector('[data-state=processing] .card-name').focus()")
    press(page, "/")
    page.one('[data-filter="videos"][aria-pressed="true"]')


def test_the_keys_are_listed_and_can_be_turned_off(page: Page) -> None:
    staged.tell(page, [staged.running(1, 30)])
    press(page, "?")
    said = page.one("dialog[open]").text
    for text in ("Keys", "space", "c", "z", "/", "?", "cancel this picture", "play the video", "Ctrl+Z"):
        assert text in said
    press(page, "c", Keys.ARROW_RIGHT)
    assert page.cards("processing"), "they are not for what lies beneath"
    page.click("#keys-on")
    page.click("dialog[open] .primary")
    press(page, "?")
    staged.drawn(page)
    assert not page.all("dialog[open]")
    page.open()
    staged.tell(page, [staged.running(1, 30)])
    press(page, "?", Keys.ARROW_RIGHT, "c")
    staged.drawn(page)
    assert not page.all("dialog[open]") and page.cards("processing"), "the browser remembers it"
    assert page.script(FOCUSED) is None
    page.click(".keys-open")
    page.click("#keys-on")
    press(page, Keys.ESCAPE)
    press(page, "?")
    page.one("dialog[open]")
    press(page, Keys.ESCAPE)
    page.gone("dialog[open]")
