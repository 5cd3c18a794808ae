"""The page's dialog of viewing links: the sender's line, what is seen before it plays, and several in one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]


def finished(page: Page, paths: list[Path]) -> Page:
    page.choose(*paths)
    page.until(lambda: len(page.cards("succeeded")) == len(paths), "the videos")
    return page


def links(page: Page) -> Any:
    """This session's links, the newest first."""
    return page.driver.execute_async_script(
        "const [done] = arguments; fetch('/api/links').then((a) => a.json()).then(({ links }) => done(links));"
    )


def test_the_senders_line_and_the_poster_are_the_links(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(1))
    page.click('[data-action="link"]')
    page.one("#link-message").send_keys("Look what the sea did")
    samples = (
        "return [...document.querySelectorAll('.poster-sample img')].map((i) => i.complete && i.naturalWidth > 0)"
    )
    page.until(lambda: page.script(samples) == [True, True], "the picture, blurred and clear")
    page.click("dialog[open] label:has([value=blurred])")
    assert_accessible(page, "the dialog of links")
    page.script("for (const n of [1, 2]) document.querySelector('dialog[open] .primary').click()")
    page.says("dialog[open] .links", "Look what the sea did")
    (link,) = links(page)  # by two clicks
    assert (link["message"], link["poster"], link["videos"]) == ("Look what the sea did", "blurred", 1)
    assert page.script("return document.querySelector('[name=poster]:checked').value") == "none", "as for the next"
    assert page.script("return document.querySelector('#link-message').value") == ""


def test_several_videos_get_one_link_which_is_listed_and_revoked(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(3))
    share(page)
    page.says("dialog[open] h2", "One viewing link for 3 videos")
    page.says("dialog[open]", "these videos one after the other")
    assert not page.one("dialog[open]").text.count("There is no link yet")
    page.one("#link-message").send_keys("All of it")
    assert_accessible(page, "the dialog of one link to several")
    page.click("dialog[open] .primary")
    page.says("dialog[open] .links", "3 videos")
    page.says("dialog[open] .links-earlier", "Your links to several videos")
    (link,) = links(page)
    assert (link["videos"], link["message"]) == (3, "All of it")
    url = page.one("dialog[open] .links input").get_attribute("value")
    assert "/watch/" in str(url)
    for width in (320, 390, 768, 1280, 2560):
        page.resize(width, 800)
        assert page.script("const d = document.querySelector('dialog'); return d.scrollWidth <= d.clientWidth"), (
            width
        )
    page.click("dialog[open] .links button:last-of-type")
    page.gone("dialog[open] .links li")
    assert links(page)[0]["state"] == "revoked"


def share(page: Page) -> None:
    """Select all on the wall of videos, and share them."""
    page.click('[data-filter="videos"]')
    page.click(".wall-choose")
    page.click('[data-does="all"]')
    page.click('.wall-bar [data-does="link"]')
    page.one("dialog[open]")
