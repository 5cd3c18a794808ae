"""Two thousand pictures: while one changes, nothing is touched but what shows it.

How long that takes, `make bench` says.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from selenium import webdriver

from tests.bench.frames import ALL_NOTHING, MANY, scenes
from tests.browser.chromium import Page
from tests.browser.staged import drawn, hear, stage, tell
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

MOST_AT_ONCE = 400  # of elements that stand for a picture, before anybody has scrolled
WATCH = """
  window.touched = new Set();
  const of = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(".card, .tile");
  new MutationObserver((changes) => {
    for (const { target } of changes) touched.add(of(target)?.id || of(target)?.dataset.id || target.className);
  }).observe(document.getElementById("pictures"), {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
"""
NO_TICKS = "window.setInterval = () => 0;"
COUNT = "return document.querySelectorAll('.card, .tile').length"


@pytest.fixture
def page(driver: webdriver.Chrome, tmp_path: Path) -> Iterator[Page]:
    with LiveServer(tmp_path / "data") as server:
        page = Page(driver, server.url)
        page.before_scripts(ALL_NOTHING + NO_TICKS)
        yield stage(page)
        page.restore()


@pytest.mark.parametrize("number", range(4), ids=["finished", "in line", "pinned", "made"])
def test_while_one_of_two_thousand_changes_no_other_is_touched(page: Page, number: int) -> None:
    _, name, tasks, change = scenes()[number]
    assert len(tasks) >= MANY
    tell(page, tasks)
    page.click(f'[data-filter="{name}"]')
    page.until(lambda: page.script(COUNT) >= 60, "the first of them")
    assert page.script(COUNT) <= MOST_AT_ONCE, "the others come as far as somebody looks"
    numbers = count(4)

    def touches_its_own_alone() -> bool:
        """While the page is still being drawn others are touched besides; at each change, if it is at fault."""
        event, data = change(next(numbers))
        own = data["task_id"]
        for _ in range(5):
            drawn(page)
        page.script(WATCH)
        hear(page, event, data)
        drawn(page)
        touched = set(page.script("return [...touched]"))
        return touched <= {own, f"card-{own}"} and (bool(touched) or number == 3)  # where it is shown

    page.until(touches_its_own_alone, "a change that touches its own card or tile, and nothing else")


def test_all_two_thousand_are_there_for_who_scrolls(page: Page) -> None:
    tell(page, scenes()[0][2])
    for least in (100, 200, 300):
        scrolled(page, least)
    page.script("scrollTo(0, 0)")
    page.click('[data-filter="videos"]')
    page.until(lambda: page.script(COUNT) >= 60, "tiles")
    scrolled(page, 400)


def scrolled(page: Page, least: int) -> None:
    """Go to the end of what is there, until so many are."""
    down = "scrollTo(0, document.body.scrollHeight); " + COUNT
    page.until(lambda: page.script(down) >= least, f"{least} of them")
