"""The page is for everybody: axe finds nothing in any state, the keyboard reaches everything, news is heard."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

AXE = (files("selenium_axe_python") / "axe-core" / "axe.min.js").read_text()
RUN_AXE = """
  const [done] = arguments;
  const why = ({ html, failureSummary }) => html.slice(0, 200) + failureSummary;
  const told = ({ id, nodes }) => [id, nodes.map(why)];
  axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => done(violations.map(told)));
"""


def assert_accessible(page: Page, state: str) -> None:
    """axe finds nothing, in the light and in the dark."""
    if not page.script("return 'axe' in window"):
        page.script(AXE)
    for scheme in ("light", "dark"):
        page.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        found = page.driver.execute_async_script(RUN_AXE)
        assert found == [], f"{state}, {scheme}: {found}"
    page.media()


def test_axe_finds_nothing_from_the_empty_page_to_the_playing_video(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=12, clip_seconds=2)
    assert_accessible(page, "empty")
    page.choose(*pictures(3))
    page.card("processing")
    page.until(lambda: len(page.cards("queued")) == 2, "two in line")
    assert_accessible(page, "processing and waiting")
    page.click('[data-state="queued"] [data-action="cancel"]')
    page.one(".toast")
    assert_accessible(page, "canceled, with its undo")
    page.card("succeeded")
    page.click(".card-play")
    page.until(
        lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 0.1, "a playing video"
    )
    assert_accessible(page, "playing")
    page.click('[data-action="link"]')
    page.click("dialog[open] .primary")
    page.one("dialog[open] .links li")
    assert_accessible(page, "viewing links")


def test_axe_finds_nothing_when_things_go_wrong(visit: Visit, pictures: Pictures, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a picture")
    page = visit(model="tests.models.failing:Raises")
    page.choose(notes, *pictures(1))
    page.card("refused")
    page.card("failed")
    assert_accessible(page, "refused and failed")
    page.operator("pause")
    page.says(".headline", "paused")
    page.choose(*pictures(1))
    page.card("queued")
    assert_accessible(page, "paused")
    page.slow_network(20_000)
    page.choose(*pictures(1, size=(1400, 1000), format="PNG"))
    page.card("sending")
    assert_accessible(page, "uploading")
    page.server.stop()
    page.says(".headline", "Reconnecting")
    assert_accessible(page, "offline")


def test_axe_finds_nothing_in_what_is_seldom_seen(
    driver: Chrome, visit: Visit, pictures: Pictures, serve: Callable[..., LiveServer]
) -> None:
    page = visit("/#" + "0" * 32, model_seconds=0.1)
    page.one(".notice")
    page.choose(*pictures(1))
    page.card("succeeded")
    page.click('[data-filter="problems"]')
    page.one(".none")
    assert_accessible(page, "an unknown address, and a filter that shows nothing")
    guarded = Page(driver, serve(token="secret").url)
    driver.get(guarded.url)
    guarded.one("#token")
    assert_accessible(guarded, "the access token")


def test_axe_finds_nothing_on_a_phone(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=20, clip_seconds=4)
    page.resize(320, 640, touch=True)
    page.choose(*pictures(6))
    page.card("queued")
    assert_accessible(page, "phone")
    page.click('[data-state="queued"] .card-more')
    page.script("scrollTo(0, document.body.scrollHeight)")
    page.one(".dock .primary")
    assert_accessible(page, "phone, scrolled, with a card opened")
    page.click(".now-play")
    page.until(
        lambda: page.script("return document.querySelector('.now-stage video')?.currentTime > 0.1"), "it plays"
    )
    page.script("scrollTo(0, 0)")  # wherever else one is, some card is half beneath what is watched
    assert_accessible(page, "phone, watching what is being made")


def test_everything_is_reached_by_keyboard_with_visible_focus(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.5)
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("succeeded")) == 2, "two videos")
    reached: list[str] = []
    while True:
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = page.driver.switch_to.active_element
        if focused.tag_name == "body":
            break
        reached.append(focused.get_attribute("aria-label") or focused.text.split("\n")[0])
        assert page.script("return getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
    for wanted in ("Tell me when done", "Choose pictures", "All", "Play: picture-1.jpg", "Delete: picture-2.jpg"):
        assert any(label.startswith(wanted) for label in reached), f"{wanted} in {reached}"


def test_the_first_stop_skips_to_the_pictures(visit: Visit) -> None:
    page = visit()
    page.driver.switch_to.active_element.send_keys(Keys.TAB)
    skip = page.driver.switch_to.active_element
    page.until(lambda: skip.text == "Skip to your pictures", "the way to the pictures")
    skip.send_keys(Keys.ENTER)
    assert page.driver.switch_to.active_element.get_attribute("id") == "pictures"


def test_focus_stays_where_it_is_when_a_card_changes(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=8)
    page.choose(*pictures(1))
    cancel = page.card("processing").find_element(By.CSS_SELECTOR, '[data-action="cancel"]')
    page.script("arguments[0].focus()", cancel)
    page.until(lambda: "6" in page.one(".card-percent").text, "progress")
    assert page.driver.switch_to.active_element == cancel
    page.card("succeeded")
    page.until(
        lambda: page.driver.switch_to.active_element.get_attribute("class") == "card-name",
        "the card to be focused, not the page's start",
    )


def test_screen_readers_hear_milestones_and_not_every_tick(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=10)
    page.choose(*pictures(1))
    page.card("succeeded")
    page.until(lambda: "is ready" in page.heard(), "the news")
    said = page.script(
        "return [...document.querySelector('[role=log]').children].map((each) => each.textContent).join(' ')"
    )
    for news in (
        "is in line",
        "has started",
        "25 percent",
        "50 percent",
        "75 percent",
        "The video of picture-1.jpg is ready",
    ):
        assert said.count(news) == 1, f"{news}: {said}"
    assert said.count("percent") == 3


def test_fifty_pictures_are_announced_in_a_few_sentences(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=300)
    page.choose(*pictures(50, size=(48, 36)))
    page.until(lambda: len(page.cards("queued")) == 49, "all in line")
    page.until(lambda: "in line" in page.heard(), "the news")
    assert page.heard().count(".jpg") <= 10


def test_refusals_are_heard_and_controls_carry_the_pictures_name(visit: Visit, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a picture")
    page = visit()
    page.choose(notes)
    page.until(lambda: "notes.txt was not accepted. This file is not a picture" in page.heard(), "the refusal")
    card = page.card("refused")
    buttons = card.find_elements(By.CSS_SELECTOR, ".card-actions button")
    names = [button.get_attribute("aria-label") for button in buttons if button.is_displayed()]
    assert names == ["Choose another: notes.txt", "Delete: notes.txt"]
    why = page.driver.find_element(By.ID, buttons[0].get_attribute("aria-describedby"))
    page.until(lambda: why.text.startswith("This file is not a picture"), "why")


@pytest.mark.parametrize("width", [320, 1280])
def test_every_target_is_large_enough_to_be_met(visit: Visit, pictures: Pictures, width: int) -> None:
    page = visit(model_seconds=30)
    page.resize(width, 800, touch=width == 320)
    page.choose(*pictures(2))
    page.card("queued")
    small = page.script(
        """
        return [...document.querySelectorAll("button")].filter((button) => button.checkVisibility())
          .map((button) => [button.textContent, button.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24).map(([text]) => text);
        """
    )
    assert small == []
