"""What a model lets people choose, on the page: the form, what goes with a picture, what its card says of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page, chromium
from tests.browser.test_page_access import assert_accessible
from tests.browser.test_page_look import CUT, HEARING, SHIFTS
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

SUGGESTED = "as the model suggests"
TASKS = "return fetch('/api/video/').then((answer) => answer.json()).then(({ tasks }) => tasks)"
KNOWN = "return fetch('/api/model').then((answer) => answer.json()).then(({ schema }) => schema !== null)"
# What the page sends is spoiled on its way, so that the server refuses what the form thought right.
SPOILED = """
  const { append } = FormData.prototype;
  FormData.prototype.append = function (name, value, ...more) {
    const spoil = name === "parameters" && window.spoil;
    append.call(this, name, spoil ? JSON.stringify({ ...JSON.parse(value), ...spoil }) : value, ...more);
  };
"""


@pytest.fixture(scope="module")
def prompted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for all of these tests; each has a session of its own."""
    folder = tmp_path_factory.mktemp("prompted")
    with LiveServer(folder / "data", model="tests.models.prompted:Prompted") as server:
        yield server


@pytest.fixture
def page(driver: Chrome, prompted: LiveServer) -> Iterator[Page]:
    """Its page, for somebody who has never been here; the page's own errors fail the test."""
    driver.get_log("browser")
    page = Page(driver, prompted.url)
    page.server = prompted
    driver.get(f"{prompted.url}/healthz")
    driver.delete_all_cookies()
    page.script("localStorage.clear()")
    yield page
    complaints = page.errors()
    page.restore()
    assert not complaints, complaints


def opened(page: Page, *scripts: str) -> Page:
    for script in scripts:
        page.before_scripts(script)
    page.open()
    page.one("#next-prompt")
    return page


def summary(page: Page) -> str:
    return page.one(".form-more summary strong").text.replace("\u00a0", " ")


def unfold(page: Page) -> None:
    page.click(".form-more summary")
    page.one("#next-seed")


def number(page: Page, name: str, value: str) -> None:
    """Type a number, as somebody who leaves the field afterwards."""
    page.one(f"#next-{name}").send_keys(Keys.CONTROL + "a" + Keys.NULL, value, Keys.TAB)


def pick(page: Page, text: str) -> None:
    """Choose the segment that says this."""
    find = "[...document.querySelectorAll('.segment')].find((each) => each.textContent === arguments[0]).click()"
    page.script(find, text)


def tasks(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.script(TASKS)
    return found


def focused(page: Page) -> str:
    return str(page.script("return document.activeElement.id"))


def test_the_form_is_the_models_and_calm_until_it_is_opened(page: Page) -> None:
    opened(page)
    assert summary(page) == SUGGESTED
    shown = [each.text for each in page.all(".form .field-label") if each.is_displayed()]
    assert shown == ["Prompt"]
    assert page.one("#next-prompt").get_attribute("placeholder") == "What should happen in the video."
    page.script("document.querySelector('#next-prompt').focus()")
    page.one("#next-prompt").send_keys("a" * 170)
    page.says(".field-aside", "30 left")
    page.one("#next-prompt").send_keys("a" * 40)
    page.says(".field-aside", "0 left")
    assert len(page.one("#next-prompt").get_attribute("value")) == 200, "no more than the model takes"
    unfold(page)
    labels = [each.text.split("\n")[0] for each in page.all(".form .field-label") if each.is_displayed()]
    assert labels == ["Prompt", "Avoid", "Move", "Length", "Strength", "Loop", "Light", "Seed"]
    assert [each.text for each in page.all(".segment")] == ["In", "Out", "around"]
    assert len(page.all("#next-light option")) == 6
    length = page.one("#next-seconds")
    assert [length.get_attribute(each) for each in ("min", "max", "step", "value")] == ["1", "12", "0.5", "6"]
    assert page.one("#next-seed").get_attribute("placeholder") == "another each time"


def test_it_says_which_values_the_next_pictures_get_and_goes_back_to_the_suggested(page: Page) -> None:
    opened(page)
    unfold(page)
    pick(page, "Out")
    number(page, "seconds", "8")
    number(page, "seed", "7")
    page.click("label[for=next-loop]")
    page.until(lambda: summary(page) == "Out, 8 s, Loop: off, Seed 7", "what differs")
    page.one("#next-seconds").send_keys(Keys.BACKSPACE, "9", Keys.TAB)
    page.until(lambda: "9 s" in summary(page), "what was typed after it had been emptied")
    number(page, "seconds", "99")
    assert page.one("#next-seconds").get_attribute("value") == "12", "the nearest that the model takes"
    slider = page.one(".field-row [type=range]")
    assert slider.get_attribute("value") == "12"
    slider.send_keys(Keys.ARROW_LEFT)
    page.until(lambda: page.one("#next-seconds").get_attribute("value") == "11.5", "a step of the slider")
    page.click(".dice")
    page.until(lambda: summary(page) == "Out, 11.5 s, Loop: off", "no seed of one's own")
    page.click(".form-panel > button")
    page.until(lambda: summary(page) == SUGGESTED, "what the model suggests")
    assert focused(page) == "next-avoid", "the button went, and the focus did not go to the page's start"


def test_a_picture_gets_what_was_chosen_at_its_moment(page: Page, pictures: Pictures) -> None:
    opened(page)
    page.one("#next-prompt").send_keys("A boat leaves.")
    unfold(page)
    pick(page, "Out")
    page.until(lambda: summary(page) == "Out", "the choice")
    one, two = pictures(2)
    page.choose(one)
    page.script("document.querySelector('#next-prompt').select()")
    page.one("#next-prompt").send_keys("A train arrives.")
    page.choose(two)
    page.until(lambda: len(page.cards("succeeded")) == 2, "two videos")
    sent = {task["image"]["name"]: task["parameters"] for task in tasks(page)}
    assert sent[one.name]["prompt"] == "A boat leaves."
    assert sent[two.name]["prompt"] == "A train arrives."
    assert sent[one.name]["direction"] == sent[two.name]["direction"] == "out"
    assert isinstance(sent[one.name]["seed"], int), "the server has chosen one"


def test_it_is_remembered_in_this_browser_as_far_as_it_still_fits(page: Page) -> None:
    opened(page)
    page.one("#next-prompt").send_keys("A boat leaves.")
    unfold(page)
    number(page, "seconds", "8")
    page.until(lambda: summary(page) == "8 s", "the choice")
    opened(page)
    page.until(lambda: summary(page) == "8 s", "the choice again")
    assert page.one("#next-prompt").get_attribute("value") == "A boat leaves."
    kept = page.script("return Object.entries(localStorage).find(([name]) => name.includes('parameters'))")
    assert "tests.models.prompted:Prompted" in kept[0]
    changed = {**json.loads(kept[1]), "seconds": 500, "direction": "up", "unheard": 1}
    page.driver.get(f"{page.url}/healthz")
    page.script("localStorage.setItem(arguments[0], arguments[1])", kept[0], json.dumps(changed))
    opened(page)
    page.until(lambda: page.one("#next-prompt").get_attribute("value") == "A boat leaves.", "what still fits")
    assert summary(page) == SUGGESTED


def test_what_the_server_refuses_stands_at_its_field_and_the_picture_is_kept(
    page: Page, pictures: Pictures
) -> None:
    opened(page, SPOILED)
    page.script("window.spoil = { seconds: 99 }")
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("refused")) == 2, "both refused")
    field = page.one("#next-seconds")
    assert focused(page) == "next-seconds"
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    error = page.driver.find_element(By.ID, described[0])
    assert error.text
    assert error.is_displayed()
    page.script("window.spoil = null")
    number(page, "seconds", "8")
    page.until(lambda: not error.is_displayed(), "the error to go with the value")
    assert page.one("#next-seconds").get_attribute("aria-invalid") is None
    assert "2 pictures could not be sent" in page.one(".form-refused").text
    page.click(".form-refused button")
    page.until(lambda: len(page.cards("succeeded")) == 2, "both sent again")
    assert [task["parameters"]["seconds"] for task in tasks(page)] == [8, 8]
    page.gone(".form-refused")


def test_a_refused_picture_can_be_changed_at_its_card(page: Page, pictures: Pictures) -> None:
    opened(page, SPOILED)
    page.script("window.spoil = { seconds: 99 }")
    page.choose(*pictures(1))
    page.card("refused")
    page.script("window.spoil = null")
    page.click('.card [data-action="changes"]')
    assert page.one("dialog[open] #changes-seconds").get_attribute("aria-invalid") == "true"
    page.one("#changes-seconds").send_keys(Keys.CONTROL + "a" + Keys.NULL, "2")
    page.click("dialog[open] [type=submit]")
    page.card("succeeded")
    assert [task["parameters"]["seconds"] for task in tasks(page)] == [2]


def test_a_card_shows_its_own_copies_them_and_sends_again_with_changes(page: Page, pictures: Pictures) -> None:
    opened(page)
    prompt = "<b>A boat</b> leaves the harbour, " * 4
    page.one("#next-prompt").send_keys(prompt)
    unfold(page)
    pick(page, "Out")
    page.until(lambda: summary(page) == "Out", "the choice")
    page.choose(*pictures(1))
    page.card("succeeded")
    said = page.one(".card-parameters summary")
    assert said.text.startswith("<b>A boat</b> leaves"), "text, and never markup"
    assert page.one(".card-others").text == "Out", "the prompt first, then what differs"
    two_lines = page.one(".card-prompt").size["height"]
    said.click()
    page.until(lambda: page.one(".card-prompt").size["height"] > two_lines, "all of the prompt")
    seed = tasks(page)[0]["parameters"]["seed"]
    assert str(seed) in page.one(".card-parameters dl").text
    assert page.one(".card-prompt").get_attribute("dir") == "auto"

    page.script("document.querySelector('#next-prompt').select()")
    page.one("#next-prompt").send_keys("Something else")
    page.click('.card [data-action="settings"]')
    page.says(".toast", "The next pictures get the settings of picture-1.jpg.")
    page.until(lambda: page.one("#next-prompt").get_attribute("value") == prompt, "the card's prompt")
    assert f"Seed {seed}" in summary(page)
    page.click(".toast .undo")
    page.until(lambda: page.one("#next-prompt").get_attribute("value") == "Something else", "what was there")

    page.click('.card [data-action="changes"]')
    page.until(lambda: focused(page) == "changes-prompt", "the dialog with the focus in its first field")
    assert page.one("#changes-prompt").get_attribute("value") == prompt
    page.script("document.querySelector('#changes-prompt').select()")
    page.one("#changes-prompt").send_keys("A train arrives.")
    page.click("dialog[open] [type=submit]")
    page.gone("dialog[open]")
    page.until(lambda: len(page.cards("succeeded")) == 2, "another video")
    newest = max(tasks(page), key=lambda task: task["created_at"])
    assert newest["parameters"]["prompt"] == "A train arrives."
    assert (newest["parameters"]["direction"], newest["parameters"]["seed"]) == ("out", seed)


@pytest.mark.long
def test_all_of_it_works_by_keyboard(page: Page) -> None:
    opened(page)
    keys = lambda *all_of_them: page.driver.switch_to.active_element.send_keys(*all_of_them)  # noqa: E731
    page.script("document.querySelector('#next-prompt').focus()")
    keys(Keys.TAB)
    keys(Keys.ENTER)
    page.one("#next-avoid")
    reached = []
    for _ in range(10):
        keys(Keys.TAB)
        reached.append(page.script("return document.activeElement.id || document.activeElement.type"))
        outline = page.script(
            "const e = document.activeElement; return getComputedStyle(e.closest('.segment') ?? e).outlineStyle"
        )
        assert outline != "none", reached
        if reached[-1].startswith("next-direction"):
            keys(Keys.ARROW_RIGHT)
            page.until(lambda: summary(page) == "Out", "the next choice")
    assert reached[:9] == [
        "next-avoid",
        "next-direction-0",
        "range",
        "next-seconds",
        "range",
        "next-strength",
        "next-loop",
        "next-light",
        "next-seed",
    ]


@pytest.mark.long
def test_axe_finds_nothing_in_the_form_its_errors_and_the_cards(page: Page, pictures: Pictures) -> None:
    opened(page, SPOILED, HEARING)
    assert_accessible(page, "closed")
    unfold(page)
    assert_accessible(page, "open")
    page.script("window.spoil = { seconds: 99, direction: 'up' }")
    page.choose(*pictures(1))
    page.card("refused")
    page.until(lambda: len(page.all(".form [aria-invalid]")) == 2, "both errors")
    assert_accessible(page, "errors")
    page.script("window.spoil = null")
    page.click(".form-refused button")
    page.card("succeeded")
    page.click(".card-parameters summary")
    assert_accessible(page, "a card's own")
    page.click('.card [data-action="changes"]')
    page.one("#changes-seed")
    assert_accessible(page, "the dialog")
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.script(RUNS, None, {"version": 1})
    page.card("processing")
    assert_accessible(page, "progress unknown")


@pytest.mark.long
def test_nothing_is_cut_off_on_a_phone_and_in_german(prompted: LiveServer, pictures: Pictures) -> None:
    with chromium("de-AT,de") as driver:
        page = Page(driver, prompted.url)
        page.resize(320, 640, touch=True)
        opened(page)
        assert summary(page) == "wie das Modell vorschlägt"
        unfold(page)
        page.choose(*pictures(1))
        page.card("succeeded")
        page.click(".card-more")
        page.script("document.querySelector('.card-parameters').open = true")
        page.one(".card-parameters [data-action=changes]")
        assert page.script("return document.documentElement.scrollWidth") <= 320
        assert page.script(CUT) == []
        beyond = """
          const end = document.querySelector('.form').getBoundingClientRect().right + 1;
          return [...document.querySelectorAll('.form *')].filter((each) => each.checkVisibility()
            && each.getBoundingClientRect().right > end).map((each) => each.className || each.id);
        """
        assert page.script(beyond) == []
        page.script(
            "document.querySelector('.card-parameters [data-action=changes]').scrollIntoView({ block: 'center' })"
        )
        page.click(".card-parameters [data-action=changes]")
        page.one("#changes-seed")
        assert (
            page.script("const d = document.querySelector('dialog[open]'); return d.scrollWidth - d.clientWidth")
            <= 0
        )
        small = """
          const targets = ".form :is(button, input, select, summary), .card-parameters :is(button, summary)";
          const low = (each) => each.checkVisibility() && each.getBoundingClientRect().height < 24;
          return [...document.querySelectorAll(targets)].filter(low).map((each) => each.id || each.textContent);
        """
        assert page.script(small) == []


def test_where_there_is_nothing_to_choose_nothing_is_shown(visit: Visit, pictures: Pictures) -> None:
    page = visit(model="tests.models.plain:Tiny")
    page.choose(*pictures(1))
    page.card("succeeded")
    page.open()  # by now it is known that there is nothing to choose
    assert page.script("return document.querySelector('.parameters').childElementCount") == 0
    assert page.script("return document.querySelector('.parameters').offsetHeight") == 0
    names = page.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in names if "/parameters/" in name]


@pytest.mark.long
@pytest.mark.parametrize("fonts", ["DejaVu Sans", "DejaVu Sans Mono"])
def test_the_page_does_not_jump_when_the_form_comes(page: Page, fonts: str) -> None:
    page.until(lambda: page.script(KNOWN), "a model that has been loaded, once")
    page.before_scripts(SHIFTS.replace("${FONTS}", json.dumps(fonts)))
    for width in (320, 768, 1280, 2560):
        page.resize(width, 900)
        opened(page)
        page.one(".form-more summary")
        page.until(lambda: page.one(".detail").text and page.one(".limits").text, "all that is said")
        assert page.script("return shifts") == [], f"at {width} px"


ANOTHER_MODEL = """
  const { fetch } = window;
  const loop = { type: "boolean", title: "Loop", description: "Ends where it began.", default: true };
  const other = { name: "another", about: "Somebody's words about it.", schema: { properties: { loop } } };
  window.fetch = (url, options) => (String(url).endsWith("/api/model")
    ? Promise.resolve(new Response(JSON.stringify(other))) : fetch(url, options));
  line.onmessage({ data: JSON.stringify({ event: "model", data: { state: "ready", schema: "another" } }) });
"""


def test_when_the_model_is_another_the_form_is_its(page: Page, pictures: Pictures) -> None:
    opened(page, HEARING)
    unfold(page)
    page.script(ANOTHER_MODEL)
    page.gone("#next-prompt")
    assert summary(page) == SUGGESTED
    page.click(".form-more summary")
    page.one("#next-loop")
    assert page.one(".form-about").text == "Somebody's words about it."
    assert [each.text for each in page.all(".form .field-label") if each.is_displayed()] == ["Loop"]


RUNS = """
  const [progress, rest] = arguments;
  const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
  const task = {
    task_id: "f".repeat(32), client_id: null, status: "processing", version: 1, progress, stage: "decoding",
    attempt: 1, max_attempts: 3, cancel_requested: false, queue: null, eta: null, parameters: null,
    image: { name: "boat.jpg", width: 4, height: 3, bytes: 1, thumbnail_url: null },
    video_url: null, video: null, preview: null, views: 0, retry_of: null, error: null,
    created_at: at(-9), started_at: at(-5), finished_at: null, expires_at: null, ...rest,
  };
  line.onmessage({ data: JSON.stringify({ event: "task_status", data: task }) });
"""


def test_where_nobody_knows_how_far_it_is_no_percentage_is_claimed_anywhere(page: Page) -> None:
    opened(page, HEARING)
    page.script(RUNS, None, {"version": 1})
    page.card("processing")
    bar = page.one(".card-bar")
    assert (bar.get_attribute("role"), bar.get_attribute("aria-valuenow")) == ("progressbar", None)
    assert bar.get_attribute("aria-valuemax") == "100"
    page.until(lambda: page.script("return document.title").startswith("being made"), "the tab's title")
    assert page.script("return document.querySelector('link[rel=icon]').getAttribute('href')").endswith("icon.svg")
    assert "%" not in page.text()
    assert page.script("return document.getAnimations().length") > 0
    page.media(prefers_reduced_motion="reduce")
    assert page.script("return document.getAnimations().length") == 0
    page.script(RUNS, 40, {"version": 2})
    page.says(".card-percent", "40 %")
    assert page.one(".card-bar").get_attribute("aria-valuenow") == "40"
    page.script(RUNS, None, {"version": 3})
    page.until(lambda: page.one(".card-bar").get_attribute("aria-valuenow") is None, "unknown again")
    assert "percent" not in page.heard()


def test_what_the_model_says_of_a_picture_is_marked_as_its_word(page: Page) -> None:
    opened(page, HEARING)
    error = {"code": "unsuitable", "title": "", "detail": "<i>No face</i> was found.", "retryable": False}
    page.script(RUNS, 10, {"version": 1})
    page.script(RUNS, 10, {"version": 2, "status": "failed", "error": error})
    page.says(".card-message", "The model says: “<i>No face</i> was found.”")
    page.until(lambda: "The model says" in page.heard(), "the news")
    actions = [each.text for each in page.all(".card-actions button") if each.is_displayed()]
    assert actions == ["Delete"], "it is not tried again"
