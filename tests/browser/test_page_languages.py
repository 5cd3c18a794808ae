"""The page in another language: chosen, kept, loaded alone, read from right to left, and never missing."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]

ROOT = "const { lang, dir } = document.documentElement; return [lang, dir]"
CHOOSE = """
  const select = document.querySelector(".masthead .tongues select");
  select.value = arguments[0];
  select.dispatchEvent(new Event("change", { bubbles: true }));
"""
WORDS_LOADED = """
  const names = performance.getEntriesByType("resource").map(({ name }) => name.match(/words\\/(.*)\\.js/)?.[1]);
  const languages = names.map((name) => name?.split("/")[0]); // of the page and of its rooms
  return [...new Set(languages)].filter((name) => name && !["words", "counting", "tongues"].includes(name)).sort();
"""
ACROSS = """
  const across = (selector) => {
    const { left, right } = document.querySelector(selector).getBoundingClientRect();
    return (left + right) / 2;
  };
  const list = [...document.querySelectorAll(".card[data-state=processing] .card-timeline li")];
  const bar = document.querySelector(".card[data-state=processing] .card-bar");
  const matrix = new DOMMatrix(getComputedStyle(bar, "::before").transform);
  const origin = parseFloat(getComputedStyle(bar, "::before").transformOrigin);
  return {
    mark: across(".mark"), bell: across(".bell"), pillar: across(".pillar"),
    next: across(".bead:not([data-kind=next])"), last: across(".bead[data-kind=next]"),
    began: across(".card[data-state=processing] .card-timeline li:first-child"),
    ran: list.at(-1).getBoundingClientRect().left + list.at(-1).offsetWidth / 2,
    part: matrix.a, grows: origin > bar.clientWidth / 2 ? "to the left" : "to the right",
    wide: document.documentElement.scrollWidth > innerWidth,
  };
"""
# Where the letters of a name stand that are first and last in it.
ENDS = """
  const node = document.querySelector(".toast p").firstChild;
  const at = node.data.indexOf("IMG");
  const box = (from) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, from + 1);
    return range.getBoundingClientRect().left;
  };
  return [box(at), box(node.data.indexOf(".jpg") + 3)];
"""


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with LiveServer(tmp_path_factory.mktemp("arabic") / "data") as server, chromium("ar-EG,ar,en") as driver:
        page = staged.stage(Page(driver, server.url))
        page.media(prefers_reduced_motion="reduce")
        yield page


def test_a_language_is_chosen_on_the_page_and_kept(visit: Visit) -> None:
    page = visit()
    assert page.script(ROOT) == ["en", "ltr"]
    assert page.script(WORDS_LOADED) == ["en"], "no other language comes with the page"
    assert "Українська" in page.script("return document.querySelector('.masthead .tongues').textContent")
    page.script(CHOOSE, "uk")
    page.until(lambda: page.script(ROOT) == ["uk", "ltr"], "a page in Ukrainian")
    page.says(".headline", "Попереду нікого")
    assert page.script(WORDS_LOADED) == ["en", "uk"]
    page.open()
    assert page.script(ROOT) == ["uk", "ltr"]
    page.driver.get(f"{page.url}/watch/{'0' * 32}")
    page.says("h1", "Тут немає відео для перегляду")
    page.script(CHOOSE, "ar")
    page.until(lambda: page.script(ROOT) == ["ar", "rtl"], "a viewing link's page in Arabic")
    page.driver.get(f"{page.url}/admin")
    page.says("h1", "للمشغّل")
    page.script("localStorage.clear()")


def test_a_language_that_does_not_arrive_leaves_the_page_in_english(visit: Visit) -> None:
    page = visit()
    page.script("localStorage.setItem('leyline.language', 'pl')")
    page.cdp("Network.enable")
    page.cdp("Network.setBlockedURLs", urls=["*/words/pl.js"])
    page.open()
    assert page.script(ROOT) == ["en", "ltr"]
    page.says(".headline", "Nobody ahead")
    page.script("localStorage.clear()")
    page.cdp("Network.setBlockedURLs", urls=[])
    page.driver.get_log("browser")  # it says that it could not be loaded


def test_what_is_read_from_right_to_left_is_mirrored(arabic: Page) -> None:
    assert arabic.script(ROOT) == ["ar", "rtl"]
    staged.tell(arabic, [staged.running(9, 21), *(staged.waiting(10 + n, n, 5, 60 * n) for n in range(1, 6))])
    staged.drawn(arabic)
    for width in (320, 390, 768, 1280, 2560):
        arabic.resize(width, 900, touch=width < 600)
        staged.drawn(arabic)
        assert not arabic.script(ACROSS)["wide"], f"at {width} px"
    arabic.resize(1280, 900)
    staged.drawn(arabic)
    at = arabic.script(ACROSS)
    assert at["bell"] < at["mark"]
    assert at["pillar"] < at["next"] < at["last"], "one waits on the right for the model on the left"
    assert at["ran"] < at["began"], "the timeline goes to the left"
    assert (at["grows"], round(at["part"], 2)) == ("to the left", 0.39)


def test_numbers_and_names_stay_whole_in_arabic(arabic: Page) -> None:
    arabic.resize(1280, 900)
    staged.tell(arabic, staged.round_of(40, 22))
    arabic.says(".now-says", "٢٣ من ٤٠")
    arabic.says(".now-says", "٣٩")
    staged.hear(arabic, "snapshot", {"tasks": [staged.task(4, "succeeded")], "next": None})
    arabic.click(".card-actions [data-action=delete]")
    arabic.says(".toast", "IMG_2004.jpg")
    first, last = arabic.script(ENDS)
    assert first < last, "a name of Latin letters is read from left to right"


def test_arabic_is_for_everybody(arabic: Page) -> None:
    staged.tell(arabic, staged.round_of(9, 4))
    assert_accessible(arabic, "a round, in Arabic")
