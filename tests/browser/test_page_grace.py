"""Canceling what is being made: five seconds to think better of it, and a cancel that arrives whatever becomes of
the page."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page, chromium
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

GRACE_SECONDS = 5
HURRY = "const real = setTimeout; window.setTimeout = (f, ms, ...all) => real(f, ms > 4000 ? ms / 10 : ms, ...all);"


def canceled(page: Page, pictures: Pictures) -> Page:
    """A picture that is being made, and whose Cancel has just been pressed."""
    page.choose(*pictures(1))
    page.card("processing")
    page.click('[data-action="cancel"]')
    page.card("grace")
    return page


def status(page: Page) -> str:
    code = "return fetch('/api/video/').then((answer) => answer.json()).then(({ tasks: [task] }) => task.status)"
    return str(page.script(code))


def test_a_running_picture_is_canceled_five_seconds_later_and_the_card_counts_them(
    visit: Visit, pictures: Pictures
) -> None:
    page = canceled(visit(model_seconds=60), pictures)
    began = time.monotonic()
    said = set()

    def counted() -> bool:
        found = page.cards("grace")
        if found:
            said.update(re.findall(r"Canceled in\s(\d)\ss", found[0].text))
            assert status(page) == "processing", "nothing is sent yet"
        return bool(page.cards("canceled"))

    page.until(counted, "the cancel")
    assert time.monotonic() - began > GRACE_SECONDS - 1
    assert {"4", "3", "2"} <= said <= {"5", "4", "3", "2", "1"}
    assert "will be canceled in 5 seconds" in page.heard()


@pytest.mark.parametrize("way", ["button", "z", "ctrl"])
def test_what_is_thought_better_of_goes_on(visit: Visit, pictures: Pictures, way: str) -> None:
    page = canceled(visit(model_seconds=60), pictures)
    if way == "button":
        page.click('[data-action="keep"]')
    else:
        body = page.driver.switch_to.active_element
        body.send_keys("z" if way == "z" else Keys.CONTROL + "z" + Keys.NULL)
    page.card("processing")
    page.script(HURRY)
    page.click('[data-action="cancel"]')
    page.card("canceled")
    assert "event=bug" not in page.server.log()
    page.click('[data-action="again"]')
    page.card("processing")


def test_a_grace_that_was_ended_does_not_end_the_next_one(visit: Visit, pictures: Pictures) -> None:
    page = canceled(visit(model_seconds=60), pictures)
    page.click('[data-action="keep"]')
    page.card("processing")
    page.until(lambda: page.all('[data-action="cancel"]:not([hidden], [data-deaf])'), "a Cancel that hears")
    page.click('[data-action="cancel"]')
    began = time.monotonic()
    page.card("canceled")
    assert time.monotonic() - began > GRACE_SECONDS - 1.5


def test_the_keyboard_goes_from_cancel_to_keep_it_and_back(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=60)
    page.choose(*pictures(1))
    page.card("processing")
    page.script("document.querySelector('[data-action=cancel]').focus()")
    focused = "return document.activeElement.dataset.action"
    for wanted in ("keep", "cancel", "keep"):
        page.driver.switch_to.active_element.send_keys(Keys.ENTER)
        page.until(lambda wanted=wanted: page.script(focused) == wanted, f"the focus at {wanted}")
    page.card("canceled")
    assert page.script("return document.activeElement.className") == "card-name"


def test_a_video_that_is_done_within_the_grace_stays(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=6)
    page.before_scripts(
        """
        window.alarms = [];
        const real = setTimeout;
        window.setTimeout = (ring, after, ...all) =>
          after > 4000 && after <= 5000 ? alarms.push(ring) : real(ring, after, ...all);
        """
    )
    page.open()
    page.choose(*pictures(1))
    page.until(lambda: re.match(r"[5-9]\d %", page.one(".card-percent").text), "half of it")
    page.click('[data-action="cancel"]')
    page.card("succeeded")
    page.until(lambda: page.script("return alarms.length"), "a grace that would end")
    page.script("for (const ring of alarms) ring()")
    asked = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/cancel')).length"
    assert page.script(asked) == 0
    assert page.cards("succeeded")
    assert status(page) == "succeeded"


@pytest.mark.parametrize("way", ["close", "away", "hidden"])
def test_who_leaves_within_the_grace_has_canceled(
    serve: Callable[..., LiveServer], pictures: Pictures, way: str
) -> None:
    """The tab is closed, another page comes, or the page is only hidden: it is sent at once."""
    with chromium() as driver:
        page = Page(driver, serve(model_seconds=120).url)
        page.open()
        page.choose(*pictures(1))
        page.card("processing")
        taken = (
            "return fetch('/api/video/').then((answer) => answer.json()).then(({ tasks: [task] }) => task.task_id)"
        )
        address = f"{page.url}/api/video/{page.script(taken)}/status"
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in driver.get_cookies())
        request = urllib.request.Request(address, headers={"Cookie": cookie})

        def now() -> str:
            return str(json.loads(urllib.request.urlopen(request).read())["status"])

        first = driver.current_window_handle
        driver.switch_to.new_window("tab")
        second = driver.current_window_handle
        driver.switch_to.window(first)
        page.click('[data-action="cancel"]')
        began = time.monotonic()
        if way == "close":
            driver.close()
            driver.switch_to.window(second)
        elif way == "away":
            driver.get("about:blank")
        else:
            page.script(
                "Object.defineProperty(document, 'hidden', { value: true });"
                "document.dispatchEvent(new Event('visibilitychange'))"
            )
        deadline = time.monotonic() + 30
        while now() != "canceled" and time.monotonic() < deadline:
            pass
        assert now() == "canceled"
        assert time.monotonic() - began < GRACE_SECONDS, "at once"
