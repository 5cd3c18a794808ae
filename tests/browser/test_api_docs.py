"""The API's page for people: complete, accessible in light and dark and on a phone, and from this server alone."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer
from web.calls import CALLS

pytestmark = pytest.mark.long


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
    assert_accessible(page, "the API's page")
    page.resize(390, 844)
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.restore()
    assert page.errors() == []
