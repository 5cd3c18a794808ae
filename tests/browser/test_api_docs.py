"""The API's page for people: complete, accessible in light and dark and on a phone, and from this server alone."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer
from web.calls import CALLS

pytestmark = pytest.mark.long

AT_ONCE = 12  # calls: what axe takes grows faster than what it looks at, and all of them are ten thousand elements
ONLY = """
  const [from, to] = arguments;
  window.places ??= [...document.querySelectorAll(".docs-call")].map((call) => [call, new Comment("call")]);
  places.forEach(([call, empty], n) => (n >= from && n < to ? empty.replaceWith(call) : call.replaceWith(empty)));
  return document.querySelectorAll(".docs-call").length;
"""


def test_the_page_of_the_api_is_complete_accessible_and_our_own(
    driver: Chrome, serve: Callable[..., LiveServer]
) -> None:
    page = Page(driver, serve().url)
    driver.get(f"{page.url}/api/docs")
    shown = page.script("return [...document.querySelectorAll('.docs-call h3')].map((each) => each.id)")
    assert shown == [call.operation for call in CALLS]
    targets = page.script("return [...document.querySelectorAll('a[href^=\"#\"]')].map((each) => each.hash)")
    assert (
        targets
        and page.script("return arguments[0].filter((each) => !document.getElementById(each.slice(1)))", targets)
        == []
    )
    asked = page.script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert asked and all(each.startswith(page.script("return location.origin")) for each in asked)
    looked_at = 0
    for start in range(0, len(CALLS), AT_ONCE):
        looked_at += page.script(ONLY, start, start + AT_ONCE)
        assert_accessible(page, f"the API's page, from {CALLS[start].operation}")
    assert looked_at == len(CALLS)
    page.script(ONLY, 0, len(CALLS))
    page.resize(390, 844)
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.restore()
    assert page.errors() == []
