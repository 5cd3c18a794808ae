"""The page that says what becomes of pictures: true by the settings in force, and to be read by everybody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from selenium import webdriver

from tests.browser.chromium import Page, chromium
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Serve = Callable[..., LiveServer]

PLAIN: dict[str, Any] = {}
STRICT: dict[str, Any] = {
    "order": "fair", "max_upload_mb": 5, "max_megapixels": 12, "max_waiting": 40, "max_waiting_per_client": 1,
    "limit_networks": "no", "uploads_per_minute": 7, "max_attempts": 1, "keep_days": 0.5, "keep_gb": 2,
    "watch_without_eme": "no", "token": "let me in", "model_about": "Makes clouds drift.", "push": "no",
    "webhook_url": "https://hooks.example.org/secret-path",
}  # fmt: skip
ENDLESS: dict[str, Any] = {
    "max_upload_mb": 0, "max_megapixels": 0, "max_waiting": 0, "max_waiting_per_client": 0, "uploads_per_minute": 0,
    "keep_days": 0, "keep_gb": 0, "webhook_hosts": "hooks.example.org", "push": "no",
}  # fmt: skip

SMALLEST = (
    "return Math.min(...[...document.querySelectorAll('main a')].map((a) => a.getBoundingClientRect().height))"
)
SAYS = {
    "plain": (
        PLAIN,
        """
        A file of at most 20 MB. | At most 50 megapixels | at most 200 pictures waiting | three quarters
        Up to 120 in a minute | First come, first served. | room for 1,000 pictures in line | tried at most 3 times
        no larger than 2,048 pixels | goes to no other machine | the network that it came from, so that
        Where a browser cannot decrypt by itself, the page does | Picture and video: 7 days from
        what became of it: 14 days | together have 20 GB | at most 5 GB may be pinned | in the trash for 1 hour
        within 1 minute | A link works for 7 days | your browser is told when a video is ready
        """,
        "In turns | access token | is not tried again | 12 hours | operator is told | A script may name",
    ),
    "strict": (
        STRICT,
        """
        A file of at most 5 MB. | At most 12 megapixels | at most 1 picture waiting | Up to 7 in a minute
        In turns: each network | room for 40 pictures in line | is not tried again
        Not the network that it came from | a key for each view that the browser itself applies
        Picture and video: 12 hours from
        what became of it: 1 day | together have 2 GB | at most 500 MB may be pinned
        A program of this server's operator is told | needs the access token
        """,
        """
        First come | three quarters | service of your browser's maker | secret-path | hooks.example.org | let me in
        clouds
        """,
    ),
    "endless": (
        ENDLESS,
        "kept until you delete them | stays until you unpin it. | A script may name a program | First come",
        "A file of at most | room for | Up to | together have | may be pinned | days from | Infinity | NaN | null",
    ),
}


def phrases(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[|\n]", text) if each.strip()]


def opened(driver: webdriver.Chrome, server: LiveServer, address: str = "/about") -> Page:
    page = Page(driver, server.url)
    driver.get(f"{server.url}{address}")
    page.one("main section")
    return page


@pytest.mark.parametrize("name", SAYS)
def test_what_it_says_is_true_by_the_settings_in_force(driver: webdriver.Chrome, serve: Serve, name: str) -> None:
    settings, true, untrue = SAYS[name]
    text = opened(driver, serve(**settings)).text()
    assert [each for each in phrases(true) if each not in text] == []
    assert [each for each in phrases(untrue) if each in text] == []
    assert not re.search(r"undefined|\[object|\{|=>", text)


def test_each_question_is_reached_from_the_foot_of_the_page_and_by_its_own_address(
    driver: webdriver.Chrome, serve: Serve
) -> None:
    server = serve()
    page = Page(driver, server.url).open()
    page.click(".foot a[href$='/about']")
    page.one("main section")
    titles = [each.text for each in page.all("main h2")]
    assert titles[:2] == ["What can I send?", "When is it my turn?"] and len(titles) == 6
    assert [each.text for each in page.all("nav a")] == titles
    page.click("nav a[href='#kept']")
    assert page.script("return location.hash") == "#kept"
    page.click(".masthead .home")
    page.live()


def test_who_is_not_admitted_reads_it_and_is_given_no_session(driver: webdriver.Chrome, serve: Serve) -> None:
    server = serve(**STRICT)
    driver.delete_all_cookies()
    page = opened(driver, server)
    assert "Makes clouds drift." not in page.text()
    assert driver.get_cookies() == []
    driver.get(f"{server.url}/")
    page.script(
        "return fetch('/api/session', { method: 'POST', headers: { 'Content-Type': 'application/json' },"
        " body: JSON.stringify({ token: 'let me in' }) }).then((answer) => answer.status)"
    )
    assert "About the model, its operator says: Makes clouds drift." in opened(driver, server).text()


def test_it_says_nothing_where_the_server_does_not_answer(driver: webdriver.Chrome, serve: Serve) -> None:
    page = Page(driver, serve().url)
    page.before_scripts(
        "const real = fetch; window.fetch = (...all) => window.back ? real(...all) : Promise.reject(1)"
    )
    driver.get(f"{page.url}/about")
    page.says("[role=alert]", "nothing can be said")
    assert not page.all("main section")
    page.script("window.back = true")
    page.click("main .secondary")
    page.one("main section")
    assert page.script("return document.activeElement.tagName") == "H1", "the button that had the focus is gone"
    page.restore()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 2560])
def test_it_is_accessible_and_fits_every_width(driver: webdriver.Chrome, serve: Serve, width: int) -> None:
    server = serve(**STRICT)
    page = Page(driver, server.url)
    page.resize(width, 900, touch=width < 700)
    opened(driver, server)
    assert_accessible(page, f"about at {width}")
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    heights = page.script(
        "return [...document.querySelectorAll('main a')].map((a) => a.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
    page.restore()


def test_it_speaks_german_too(serve: Serve) -> None:
    with chromium(languages="de-DE,de") as driver:
        page = opened(driver, serve(**STRICT))
        text = page.text()
        assert page.script("return document.documentElement.lang") == "de"
        for sentence in ("Bild und Video: 12 Stunden,", "höchstens 500 MB", "Abwechselnd:", "Zugangswort"):
            assert sentence in text


def test_nothing_of_it_comes_with_the_main_page(driver: webdriver.Chrome, serve: Serve) -> None:
    page = Page(driver, serve().url).open()
    loaded = page.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in loaded if "/about/" in name or "words/en/about" in name]
