"""What the page shows of a picture on its way: place, time, percentage, stage, preview, what happened."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.browser.chromium import Page

ACCEPTED = ("queued", "processing", "succeeded")

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

RECORD_TEXTS = """
  window.texts = new Set();
  new MutationObserver(() => {
    for (const node of document.querySelectorAll(arguments[0])) texts.add(node.textContent);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
"""


SHOWN_AFTER = """
  const [count] = arguments;
  const named = (part) => performance.getEntriesByType("resource").filter(({ name }) => name.includes(part));
  const [shown, accepted] = [named("/thumbnail"), named("/api/video/upload")];
  const is_shown = document.querySelector(".card-still[src$='/thumbnail']") && shown.length === count;
  return is_shown && accepted.length === count && shown.at(-1).responseEnd - accepted.at(-1).responseEnd;
"""
TRIES = 3  # the machine may be busy with other things


def recorded(page: Page) -> list[str]:
    return [text for text in page.script("return [...texts]") if text]


def test_a_waiting_picture_shows_its_place_and_counts_down_by_itself(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=20)
    page.choose(*pictures(3))
    page.until(lambda: len(page.cards("queued")) == 2, "two in line")
    page.until(lambda: "2 of 2 in line" in page.text() and "Next in line" in page.text(), "their places")
    page.script(RECORD_TEXTS, '.card[data-state="queued"] .card-when')
    page.until(
        lambda: len({t for t in recorded(page) if re.search(r"in\s\d+\ss$", t)}) >= 2, "seconds that go down"
    )


def test_a_card_says_what_it_waits_for_when_nobody_knows_a_time(visit: Visit, pictures: Pictures) -> None:
    page = visit(model="tests.models.loading:RaisesInLoad")
    page.says(".model", "does not start")
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("queued")) == 2, "two in line")
    whens = "return Array.from(document.querySelectorAll('.card-when'), (each) => each.textContent)"
    page.until(lambda: page.script(whens) == ["Waits until the model has started"] * 2, "the reason")
    page.says(".detail", "The model does not start.")
    assert page.one(".yours").text == "Yours: 2 waiting"
    page.operator("pause")
    page.until(lambda: page.script(whens) == ["Waits until the line goes on"] * 2, "the nearest reason")


def test_of_several_models_it_is_said_how_many_work_and_each_card_has_its_own_percentage(
    visit: Visit, pictures: Pictures
) -> None:
    page = visit(local_models=3, model_seconds=30)
    page.says(".model", "3 models ready")
    height = page.one(".track").rect["height"]
    page.choose(*pictures(4))
    page.until(lambda: len(page.cards("processing")) == 3, "three are being made")
    page.says(".model", "3 models at work")
    assert len(page.cards("queued")) == 1
    told = "return Array.from(document.querySelectorAll('.card-percent'), (each) => parseInt(each.textContent) > 0)"
    page.until(lambda: page.script(told).count(True) == 3, "a percentage each")
    assert page.one(".track").rect["height"] == height, "nothing has moved"


def test_what_the_model_sees_is_shown_within_a_second(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=20)
    page.operator("pause")  # or the first preview would take its place
    took: list[float] = []
    for path in pictures(TRIES):
        page.choose(path)
        took.append(page.until(lambda: page.script(SHOWN_AFTER, len(took) + 1), "the normalised thumbnail"))
        if took[-1] < 1000:
            return
    raise AssertionError(took)


def test_percentage_stage_and_preview_move_while_it_runs(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=8)
    page.script(RECORD_TEXTS, ".card-percent, .card-status")
    page.choose(*pictures(1))
    page.until(lambda: "/preview?" in (page.one(".card-still").get_attribute("src") or ""), "a preview")
    page.card("succeeded")
    percents = {int(text[:-2]) for text in recorded(page) if re.fullmatch(r"\d+ %", text)}
    assert len(percents) >= 8
    assert "Making frames" in recorded(page)


def test_a_finished_card_tells_what_happened_and_how_long_it_is_kept(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=1.2, keep_days=7)
    page.choose(*pictures(1))
    page.says('.card[data-state="succeeded"]', "Kept until")
    assert re.search(r"sent \d+:\d\d\s+waited 0:\d\d\s+ran 0:0[1-9]", page.card("succeeded").text)


def test_the_tab_shows_progress_in_title_and_icon(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=5)
    page.choose(*pictures(2))
    page.until(lambda: re.fullmatch(r"\d+ % · 1 waiting · Leyline", page.driver.title), "the title")
    icon = "return document.querySelector('link[rel=icon]').href"
    page.until(lambda: "stroke-dasharray" in page.script(icon), "a ring as icon")
    page.until(lambda: page.driver.title.startswith("Leyline") and page.script(icon).endswith("icon.svg"), "rest")


def test_no_state_shifts_the_layout(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=2)
    page.choose(*pictures(4))
    page.until(lambda: sum(len(page.cards(state)) for state in ACCEPTED) == 4, "cards")
    page.script(
        """
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, sources } of list.getEntries()) {
            window.shifts.push([value, ...sources.map(({ node, previousRect: a, currentRect: b }) =>
              [node?.className, a.x, a.y, a.width, a.height, b.x, b.y, b.width, b.height].join(" "))]);
          }
        }).observe({ type: "layout-shift" });
        """
    )
    page.until(lambda: len(page.cards("succeeded")) == 4, "four videos")
    assert page.script("return window.shifts") == []


def test_a_failed_picture_says_why_and_can_be_tried_again(visit: Visit, pictures: Pictures) -> None:
    page = visit(model="tests.models.failing:Raises")
    page.choose(*pictures(1))
    page.one('.card[data-state="failed"] .card-message')
    page.click('[data-action="retry"]')
    tries = """
      return fetch("/api/video/").then((answer) => answer.json())
        .then(({ tasks }) => tasks.map((task) => task.status));
    """
    page.until(lambda: page.script(tries) == ["failed", "failed"], "a second try")
    page.card("failed")
    assert len(page.cards()) == 1, "the new try is told by the same card"


def test_the_models_state_is_always_said_in_words(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=6)
    page.says(".model", "ready")
    page.choose(*pictures(1))
    page.says(".model", "at work")
    page.operator("pause")
    page.says(".headline", "paused")
    page.card("succeeded")
    page.says(".model", "paused")
    page.operator("resume")
    page.says(".model", "ready")


def test_the_models_state_stays_in_sight_when_scrolled(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.choose(*pictures(9))
    page.until(lambda: len(page.cards("queued")) == 8, "a line")
    page.script("scrollTo(0, document.body.scrollHeight)")
    page.until(
        lambda: page.script("return getComputedStyle(document.querySelector('.standing')).opacity") == "1", "it"
    )
    page.until(lambda: page.one(".standing").text == "Model: at work", "what it does, once it has been loaded")
    assert page.one(".masthead").rect["y"] == page.script("return scrollY")


def test_a_model_that_does_not_start_is_said_and_pictures_are_kept(visit: Visit, pictures: Pictures) -> None:
    page = visit(model="tests.models.loading:RaisesInLoad")
    page.until(lambda: page.one(".model-state").text in ("restarting", "does not start"), "the model's state")
    page.choose(*pictures(1))
    page.card("queued")
