"""What the page has for doing things is for everybody: a grace, a card of refused files, the dialog of keys, a
button that is deaf for a second. With axe, at 320 px, in forced colours, by keyboard and for a screen reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser import staged
from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

# Neither a grace ends here, nor the second in which a button is deaf: the machine may be slow.
STILL = """
  const real = setTimeout;
  const held = (after) => after === 1000 || (after > 4000 && after <= 5000);
  window.setTimeout = (ring, after, ...all) => (held(after) ? 0 : real(ring, after, ...all));
"""
SMALL = """
  const seen = (each) => each.checkVisibility({ visibilityProperty: true });
  const buttons = [...document.querySelectorAll(":is(.shelf, .foot, dialog) button")].filter(seen);
  const small = ({ width, height }) => width < 24 || height < 24;
  return buttons.filter((each) => small(each.getBoundingClientRect())).map((each) => each.outerHTML);
"""
ORDER = "return [...document.querySelectorAll(`${arguments[0]} button`)].filter((b) => b.checkVisibility())"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("doing") / "data") as running:
        yield running


@pytest.fixture
def page(driver: Chrome, server: LiveServer, tmp_path: Path) -> Iterator[Page]:
    """A picture in its grace, one whose Delete is deaf, and the card of twelve files that were refused."""
    page = Page(driver, server.url)
    page.before_scripts(STILL)
    page = staged.stage(page)
    page.media(prefers_reduced_motion="reduce")
    staged.tell(page, [staged.running(1, 25), staged.task(2, "succeeded")])
    paths = [tmp_path / f"a file with quite a long name {number}.jpg" for number in range(12)]
    for path in paths:
        path.touch()
    page.choose(*paths)
    page.until(lambda: page.all("[data-many]"), "the refused ones")
    page.script("document.querySelector('[data-state=processing] [data-action=cancel]').click()")
    page.card("grace")
    yield page
    page.restore()


def unfold(page: Page) -> None:
    page.script("for (const more of document.querySelectorAll('.card:not([data-open]) .card-more')) more.click()")


def test_axe_finds_nothing(page: Page) -> None:
    assert page.all("[data-deaf]")
    assert_accessible(page, "grace, deaf, refused")
    page.resize(320, 640, touch=True)
    unfold(page)
    assert_accessible(page, "the same at 320 px")
    page.resize(1280, 900)
    ActionChains(page.driver).send_keys("?").perform()
    page.one("dialog[open]")
    assert_accessible(page, "keys")


def test_at_four_hundred_percent_everything_is_there_and_nothing_scrolls_sideways(page: Page) -> None:
    """1280 px at 400 % are 320."""
    page.resize(320, 256)
    unfold(page)
    staged.drawn(page)
    assert page.script("return document.documentElement.scrollWidth") <= 320
    assert page.script(SMALL) == []
    page.script("document.querySelector('.keys-open').click()")
    page.one("dialog[open]")
    assert page.script(
        "const { scrollWidth: w, clientWidth: c } = document.querySelector('dialog[open]'); return w <= c"
    )
    page.script("document.querySelector('dialog[open] .primary').focus()")
    shown = (
        "const { top, bottom } = document.activeElement.getBoundingClientRect(); return top >= 0 && bottom <= 256"
    )
    assert page.script(shown), "its end is reached"


def test_without_colours_of_ones_own_what_is_deaf_and_what_keeps_can_be_told(page: Page) -> None:
    page.media(forced_colors="active", prefers_reduced_motion="reduce")
    style = "return getComputedStyle(document.querySelector(arguments[0])).borderStyle"
    assert page.script(style, "[data-deaf]") == "dotted"
    assert page.script(style, "[data-action=keep]") == "solid"
    page.script("document.querySelector('[data-action=keep]').focus()")
    chain = ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT)
    chain.send_keys(Keys.TAB).perform()
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert page.script("return document.activeElement.dataset.action") == "keep"
    assert page.script(outline) == "solid"


def test_the_keyboard_meets_what_is_dangerous_last(page: Page) -> None:
    actions = page.script(
        f"{ORDER}.map((button) => button.dataset.action)", '.card[data-state="succeeded"] .card-actions'
    )
    assert actions[-1] == "delete" and "delete" not in actions[:-1]
    page.script("document.querySelector('[data-many] [data-action=delete]').focus()")
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.until(lambda: not page.all("[data-many]"), "the dismissal, though it is deaf to the pointer")
    focused = "return document.activeElement.closest('.card') !== null && document.activeElement.className"
    page.until(lambda: page.script(focused) == "card-name", "the focus on the card that has come to its place")


def test_what_is_seen_first_is_heard(page: Page) -> None:
    page.until(lambda: "IMG_2001.jpg will be canceled in 5 seconds" in page.heard(), "the grace")
    page.until(lambda: "12 pictures were not accepted." in page.heard(), "the refusals, once")
    assert page.heard().count("not accepted") == 1
    label = "return document.querySelector('[data-action=keep]').getAttribute('aria-label')"
    assert page.script(label) == "Keep it: IMG_2001.jpg"
    named = "return document.querySelector('[data-many]').getAttribute('aria-labelledby')"
    name = "return document.getElementById(arguments[0]).textContent"
    assert page.script(name, page.script(named)) == "12 files were not accepted"
