"""One's own waiting pictures, moved among one's own places: by pointer, by keyboard, on a phone, heard and seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.chromium import Page
from tests.browser.staged import stage, tell, waiting
from tests.browser.test_page_access import assert_accessible

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

LINE = """
  const { tasks } = await (await fetch("/api/video/")).json();
  const queued = tasks.filter(({ queue }) => queue).sort((a, b) => a.queue.position - b.queue.position);
  return queued.map(({ image }) => image.name);
"""
WAITS = "tests.models.plain:WaitsForCancel"


def card(page: Page, name: str) -> WebElement:
    return next(each for each in page.cards() if name in each.text)


def in_card(page: Page, name: str, selector: str) -> WebElement:
    return page.until(
        lambda: next(iter(each for each in card(page, name).find_elements(By.CSS_SELECTOR, selector)), None),
        f"{selector} at {name}",
    )


def heard(page: Page, text: str) -> None:
    said = "return document.querySelector('.moving [role=status]').textContent"
    page.until(lambda: page.script(said) == text, text)


def order(page: Page) -> list[str]:
    names: list[str] = page.script(LINE)
    return names


def four(visit: Visit, pictures: Pictures, **settings: Any) -> tuple[Page, list[str]]:
    """One is being made, and three wait: their names in this order."""
    page = visit(model=WAITS, **settings)
    paths = pictures(4)
    page.choose(*paths)
    page.until(lambda: page.cards("processing") and len(page.cards("queued")) == 3, "three in line")
    return page, order(page)


def test_a_waiting_picture_is_moved_among_ones_own(visit: Visit, pictures: Pictures) -> None:
    page, (first, second, third) = four(visit, pictures)
    in_card(page, third, '[data-action="moving"]').click()
    in_card(page, third, '[data-to="first"]').click()
    page.until(lambda: order(page) == [third, first, second], "the last one first")
    page.until(lambda: "Next in line" in card(page, third).text, "told on its card")
    page.until(lambda: "3 of 3" in card(page, second).text, "and on the others'")
    in_card(page, third, '[data-to="down"]').click()
    page.until(lambda: order(page) == [first, third, second], "one down")
    in_card(page, third, '[data-action="moving"]').click()
    page.gone(".moving")


def test_it_is_done_by_keyboard_and_heard(visit: Visit, pictures: Pictures) -> None:
    page, (first, second, third) = four(visit, pictures)
    opener = in_card(page, first, '[data-action="moving"]')
    assert opener.get_attribute("aria-label") == f"Move: {first}"
    opener.send_keys(Keys.ENTER)
    down = in_card(page, first, '[data-to="down"]')
    page.until(lambda: page.driver.switch_to.active_element == down, "the focus on what can be done")
    assert opener.get_attribute("aria-expanded") == "true"
    group = in_card(page, first, ".moving")
    assert (group.aria_role, group.accessible_name) == ("group", f"Move: {first}")
    assert down.accessible_name == f"One of yours down: {first}"
    assert in_card(page, first, '[data-to="up"]').get_attribute("aria-disabled") == "true"
    down.send_keys(Keys.ENTER)
    heard(page, f"{first} is 2 of 3 in line now, 2 of your 3.")
    down.send_keys(Keys.ENTER)
    heard(page, f"{first} is 3 of 3 in line now, 3 of your 3.")
    assert order(page) == [second, third, first]
    assert page.driver.switch_to.active_element == down, "though it does nothing any more"
    assert down.get_attribute("aria-disabled") == "true"
    down.send_keys(Keys.ESCAPE)
    page.gone(".moving")
    assert page.driver.switch_to.active_element == opener
    assert opener.get_attribute("aria-expanded") == "false"


def test_the_buttons_go_when_there_is_nothing_to_move_among(visit: Visit, pictures: Pictures) -> None:
    page, (first, second, third) = four(visit, pictures)
    in_card(page, third, '[data-action="moving"]').send_keys(Keys.ENTER)
    in_card(page, third, '[data-to="first"]')
    for name in (first, second):
        in_card(page, name, '[data-action="cancel"]').click()
    page.gone(".moving")
    page.until(lambda: not page.all('[data-action="moving"]:not([hidden])'), "nothing to move among")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_is_clean_to_axe_at_every_width(visit: Visit, width: int) -> None:
    page = stage(visit())
    page.resize(width, 800, touch=width < 700)
    tell(page, [waiting(n, n, 3, 30 * n) for n in (1, 2, 3)])
    if width < 600:
        page.script("document.querySelector('.card-more').click()")
    page.until(lambda: page.all('.card[data-open] [data-action="moving"]') or width > 600, "an open card")
    page.script("document.querySelector('[data-action=\"moving\"]').click()")
    page.one(".moving")
    page.gone("[data-deaf]")  # what has just come to where it is takes no press, and looks so
    assert_accessible(page, f"moving at {width}")
    sizes = page.script(
        "return [...document.querySelectorAll('.moving button')].map((each) => each.getBoundingClientRect().height)"
    )
    assert len(sizes) == 4 and min(sizes) >= 24
