"""The page below a path: everything of it is found, it is live, and its videos play."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.chromium import Page

pytestmark = pytest.mark.long

Visit = Callable[..., Page]


def test_the_page_lives_below_a_path(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    page = visit("/leyline/", path="/leyline")
    page.choose(*pictures(1))
    card = page.card("succeeded")
    loaded = "const image = document.querySelector('.card img'); return image?.complete && image.naturalWidth > 0"
    page.until(lambda: page.script(loaded), "the still of the card")
    card.find_element("css selector", ".card-play").click()
    page.until(lambda: page.script("return document.querySelector('video')?.currentTime > 0"), "the video plays")
    link = page.script(
        "const id = (await (await fetch('api/video/')).json()).tasks[0].task_id;"
        "return (await (await fetch(`api/video/${id}/links`, { method: 'POST', body: '{}' })).json()).url"
    )
    page.driver.get(link)
    page.click(".card-play")
    page.until(lambda: page.script("return document.querySelector('video')?.currentTime > 0"), "the link's plays")


def test_a_notification_leads_to_its_card_below_a_path(visit: Visit, pictures: Callable[..., list[Path]]) -> None:
    page = visit("/leyline/", path="/leyline")
    page.before_scripts(
        """
        window.Notification = class { static permission = "granted";
          static async requestPermission() { return "granted"; }
          constructor() { window.message = this; }
          close() {} };
        """
    )
    page.open("/leyline/")
    page.click(".bell")
    page.until(
        lambda: page.script("return document.querySelector('.bell').ariaPressed") == "true", "the bell is on"
    )
    page.script("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.choose(*pictures(1))
    page.until(lambda: page.script("return Boolean(window.message)"), "the message")
    page.script("delete document.hidden; message.onclick()")
    page.until(
        lambda: page.script("return document.activeElement.closest('.card') !== null"), "its card has the focus"
    )
    assert page.script("return location.pathname") == "/leyline/"
    page.click(".bell")
