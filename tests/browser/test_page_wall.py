"""The wall: all finished videos as a dense grid, which is searched, sorted, grouped, selected, shared and kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser import staged
from tests.browser.chromium import Page
from tests.browser.conftest import picture_bytes
from tests.browser.staged import drawn
from tests.browser.test_page_access import assert_accessible
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

SHAPES = ((480, 360), (360, 480), (640, 360), (400, 400), (300, 480))
NAMES = ("Harbour", "Ridge", "café", "IMG_7", "boat", "Tower", "lake", "Market", "dusk")
TILES = (
    "return Array.from(document.querySelectorAll('.tile'), (tile) => tile.querySelector('.tile-name').textContent)"
)
PACKED = """
  const { clientWidth: width, dataset } = document.querySelector(".wall-groups");
  return Math.abs(Number(dataset.width) - width) <= 1;
"""
LOOKING = "return document.querySelector('.wall .older').checkVisibility()"
SELECTED = TILES.replace("'.tile'", "'.tile[data-selected]'")
ROWS = """
  const boxes = Array.from(document.querySelectorAll(".tile"), (tile) => tile.getBoundingClientRect());
  const rows = new Map();
  for (const { top, left, right, height, width } of boxes) {
    rows.set(Math.round(top), [...(rows.get(Math.round(top)) ?? []), { left, right, height, width }]);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
"""


SELECTING = "return document.documentElement.hasAttribute('data-selecting')"
LAST_ASKED = """
  const asked = performance.getEntriesByType("resource").map(({ name }) => name);
  return asked.filter((name) => name.includes("/api/videos")).at(-1) ?? "";
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Videos are made at once, and kept for two days."""
    folder = tmp_path_factory.mktemp("wall")
    with LiveServer(folder / "data", model_seconds=0.01, clip_seconds=0.2, clip_height=32, keep_days=2) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(driver: webdriver.Chrome, server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of somebody who has nine videos, of two batches."""
    folder = tmp_path_factory.mktemp("pictures")
    driver.get(server.url)
    driver.delete_all_cookies()
    page = Page(driver, server.url).open()
    for names in (NAMES[:4], NAMES[4:]):
        page.choose(*[picture(folder, name) for name in names])
        page.until(lambda: not page.cards("queued") and not page.cards("processing"), "all ended")
    page.until(lambda: len(page.cards("succeeded")) == len(NAMES), "nine videos")
    return driver.get_cookies()


@pytest.fixture
def page(driver: webdriver.Chrome, server: LiveServer, cookies: Any) -> Iterator[Page]:
    """Their wall."""
    driver.get_log("browser")
    page = Page(driver, server.url)
    driver.get(server.url)
    driver.delete_all_cookies()
    for cookie in cookies:
        driver.add_cookie(cookie)
    page.script("localStorage.clear()")
    page.open()
    page.click('[data-filter="videos"]')
    page.until(lambda: len(page.script(TILES)) >= len(NAMES), "all tiles")
    page.until(lambda: page.script(PACKED) and not page.script(LOOKING), "tiles that stay where they are")
    yield page
    complaints = page.errors()
    page.restore()
    assert not complaints, complaints


def picture(folder: Path, name: str) -> Path:
    path = folder / f"{name}.jpg"
    number = NAMES.index(name)
    path.write_bytes(picture_bytes(number, size=SHAPES[number % len(SHAPES)]))
    return path


def shows(page: Page, count: int) -> None:
    page.until(lambda: len(page.script(TILES)) == count, f"{count} tiles")


def names(page: Page) -> list[str]:
    return [name.removesuffix(".jpg") for name in page.script(TILES)]


def selected(page: Page) -> set[str]:
    return {name.removesuffix(".jpg") for name in page.script(SELECTED)}


def selects(page: Page, wanted: set[str]) -> None:
    page.until(lambda: selected(page) == wanted, f"{wanted} to be selected")


def tile(page: Page, name: str, part: str = "open") -> Any:
    return page.until(
        lambda: page.script(
            "return [...document.querySelectorAll('.tile')].find((tile) => tile.querySelector('.tile-name')"
            ".textContent === arguments[0])?.querySelector(arguments[1])",
            f"{name}.jpg",
            f".tile-{part}",
        ),
        f"the tile of {name}",
    )


def focus(page: Page, name: str, part: str = "open") -> None:
    page.script("arguments[0].focus()", tile(page, name, part))


def focused(page: Page) -> str:
    script = "return document.activeElement.closest('.tile')?.querySelector('.tile-name').textContent"
    return str(page.script(script)).removesuffix(".jpg")


def press(page: Page, *keys: str, holding: str = "") -> None:
    actions = ActionChains(page.driver)
    if holding:
        actions.key_down(holding)
    actions.send_keys(*keys)
    if holding:
        actions.key_up(holding)
    actions.perform()


def click(page: Page, name: str, part: str = "open", holding: str = "") -> None:
    page.script("arguments[0].scrollIntoView({ block: 'center' })", tile(page, name, part))
    actions = ActionChains(page.driver).move_to_element(tile(page, name, part))
    if holding:
        actions.key_down(holding)
    actions.click()
    if holding:
        actions.key_up(holding)
    actions.perform()


def choose(page: Page, label: str, value: str) -> None:
    page.script(
        "const select = document.querySelector(`select[aria-label=${arguments[0]}]`);"
        "select.value = arguments[1]; select.dispatchEvent(new Event('change'))",
        label,
        value,
    )
    drawn(page)


# What is shown


def test_rows_are_dense_and_fill_the_width_from_a_phone_to_a_wide_screen(page: Page) -> None:
    choose(page, "Groups", "none")
    for width, least, most in ((320, 2, 3), (390, 2, 3), (768, 3, 7), (1280, 4, 12)):
        page.resize(width, 900, touch=width < 500)
        page.until(lambda: page.script(PACKED), "packed")
        room = page.script("return document.querySelector('.wall-groups').clientWidth")
        rows = page.script(ROWS)
        for row in rows[:-1]:
            assert least <= len(row) <= most, f"{len(row)} in a row at {width} px"
            assert abs(row[-1]["right"] - row[0]["left"] - room) < 2, f"a row is not full at {width} px"
        for row in rows:
            assert max(each["height"] for each in row) - min(each["height"] for each in row) < 1.5
        assert page.script("return document.documentElement.scrollWidth") <= width
    page.resize(2560, 1440)
    page.until(lambda: page.script(PACKED) and len(page.script(ROWS)) == 1, "all in one row")


def test_each_tile_has_its_pictures_own_shape(page: Page) -> None:
    shapes = page.script("""
      const tiles = [...document.querySelectorAll(".tile")];
      return tiles.map((tile) => {
        const { width, height } = tile.getBoundingClientRect();
        return [tile.querySelector(".tile-name").textContent, width / height];
      });
    """)
    for name, shape in shapes:
        width, height = SHAPES[NAMES.index(name.removesuffix(".jpg")) % len(SHAPES)]
        assert shape == pytest.approx(width / height, rel=0.02), name


def test_they_are_sorted_and_that_is_remembered(page: Page) -> None:
    made = names(page)
    assert set(made) == set(NAMES)
    choose(page, "Order", "oldest")
    page.until(lambda: names(page) == made[::-1], "the oldest first")
    choose(page, "Order", "name")
    choose(page, "Groups", "none")
    page.until(lambda: names(page) == sorted(NAMES, key=str.lower), "by name")
    page.open()
    page.click('[data-filter="videos"]')
    page.until(lambda: names(page) == sorted(NAMES, key=str.lower), "by name after a reload")


def test_they_are_grouped_by_day_and_by_what_was_sent_together(page: Page) -> None:
    page.says(".wall-heading", "Today")
    choose(page, "Groups", "batch")
    page.until(lambda: len(page.all(".wall-group")) == 2, "two batches")
    headings = [heading.text for heading in page.all(".wall-heading")]
    assert headings[0].startswith("5 videos, sent together") and headings[1].startswith("4 videos")
    assert set(names(page)[:5]) == set(NAMES[4:]), "the newest first"


def test_a_search_finds_names_whatever_their_capitals_and_accents(page: Page) -> None:
    page.one(".wall-search").send_keys("CAFE")
    page.until(lambda: names(page) == ["café"], "the one")
    page.one(".wall-search").clear()
    page.one(".wall-search").send_keys("nothing like it")
    page.says(".none", "No video has “nothing like it” in its name or prompt.")
    page.one(".wall-search").clear()
    page.one(".wall-search").send_keys(Keys.SPACE, Keys.BACKSPACE)
    shows(page, len(NAMES))


def test_how_long_they_are_kept_is_said(page: Page) -> None:
    page.says(".wall-rule", "A video is kept for 2 days, or less where others need the room")
    ActionChains(page.driver).move_to_element(tile(page, "boat")).perform()
    page.until(lambda: "Kept until" in tile(page, "boat", "detail").text, "until when")


# Which are selected


def test_tiles_are_selected_with_ctrl_shift_and_boxes_and_escape_ends_it(page: Page) -> None:
    made = names(page)
    click(page, made[1], holding=Keys.CONTROL)
    selects(page, {made[1]})
    page.says(".wall-count", "1 selected")
    page.says(".wall-about", f"{made[1]}.jpg · Kept until")
    click(page, made[4], holding=Keys.SHIFT)
    selects(page, set(made[1:5]))
    click(page, made[2])
    selects(page, set(made[1:5]) - {made[2]})
    click(page, made[7], part="check")
    page.says(".wall-count", "4 selected")
    press(page, Keys.ESCAPE)
    page.gone(".wall-bar")
    selects(page, set())


def test_all_that_are_shown_are_selected_and_no_other(page: Page) -> None:
    page.one(".wall-search").send_keys("e")
    found = {name for name in NAMES if "e" in name.lower() or "é" in name}
    page.until(lambda: set(names(page)) == found, "those with an e")
    page.click(".wall-choose")
    page.click('[data-does="all"]')
    page.says(".wall-count", f"{len(found)} selected")
    page.one(".wall-search").send_keys("r")
    page.until(lambda: set(names(page)) == {"Tower"}, "one of them")
    page.says(".wall-count", "1 selected")


def test_a_finger_that_rests_on_a_tile_selects_it(page: Page) -> None:
    page.resize(390, 844, touch=True, scale=2)
    first = names(page)[0]
    page.script("arguments[0].scrollIntoView({ block: 'center' })", tile(page, first))
    box = tile(page, first).rect
    top = page.script("return scrollY")
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] - top + box["height"] / 2}
    page.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[point])
    page.until(lambda: selected(page) == {first}, "it is selected while the finger rests")
    page.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    page.says(".wall-count", "1 selected")
    second = tile(page, names(page)[1])
    page.until(lambda: second.click() or len(selected(page)) == 2, "a tap selects another")


def test_the_keyboard_comes_to_one_tile_and_goes_on_from_there(page: Page) -> None:
    choose(page, "Groups", "none")
    made = names(page)
    focus(page, made[0])
    stops = page.script("return document.querySelectorAll('.tile [tabindex=\"0\"]').length")
    assert stops == 3, "opening, selecting and pinning of one tile, not of nine"
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert focused(page) == made[2]
    press(page, Keys.ARROW_LEFT)
    assert focused(page) == made[1]
    press(page, Keys.TAB, Keys.SPACE)
    selects(page, {made[1]})
    press(page, Keys.ARROW_RIGHT, Keys.SPACE)
    selects(page, {made[1], made[2]})
    press(page, Keys.END)
    assert focused(page) == made[-1]
    press(page, Keys.HOME, Keys.ARROW_DOWN)
    below = focused(page)
    rows = page.script(ROWS)
    assert below in made[len(rows[0]) : len(rows[0]) + len(rows[1])] if len(rows) > 1 else below == made[0]
    press(page, "a", holding=Keys.CONTROL)
    selects(page, set(made))
    press(page, Keys.ESCAPE)
    selects(page, set())


def test_a_tile_keeps_the_focus_when_it_comes_to_stand_elsewhere(page: Page) -> None:
    made = names(page)
    for value in ("batch", "day", "none"):
        focus(page, made[4], part="pin")
        choose(page, "Groups", value)
        assert focused(page) == made[4], value
        assert "tile-pin" in page.script("return document.activeElement.className")


# What is done with them


def test_a_selection_is_deleted_and_comes_back(page: Page) -> None:
    made = names(page)
    for name in made[:3]:
        click(page, name, holding=Keys.CONTROL)
    page.click('[data-does="delete"]')
    page.says(".toast", "3 pictures are in the trash.")
    shows(page, 6)
    page.gone(".wall-bar")
    assert focused(page) in made, "the keyboard is not lost"
    page.click(".toast .undo")
    shows(page, 9)


def test_videos_are_pinned_one_and_several_and_say_so(page: Page) -> None:
    made = names(page)
    click(page, made[0], part="pin")
    page.until(lambda: tile(page, made[0], "pin").get_attribute("aria-label").startswith("Unpin"), "it is pinned")
    assert "Kept until you unpin it" in tile(page, made[0], "detail").get_attribute("textContent")
    for name in made[1:3]:
        click(page, name, holding=Keys.CONTROL)
    page.click('[data-does="pin"]')
    page.says(".toast", "2 videos pinned.")
    page.until(lambda: len(page.all(".tile[data-pinned]")) == 3, "three are pinned")
    page.says('[data-does="pin"]', "Unpin")
    page.click('[data-does="pin"]')
    page.until(lambda: len(page.all(".tile[data-pinned]")) == 1, "one still is")
    press(page, Keys.ESCAPE)
    page.click('[data-filter="all"]')
    page.until(lambda: "Kept until you unpin it" in page.text(), "its card says so")
    page.click('.card [data-action="unpin"]')
    page.until(
        lambda: page.all('.card [data-action="pin"]') and "unpin it" not in page.text(), "unpinned on its card"
    )


def test_the_limit_of_pins_is_said_in_words(
    visit: Callable[..., Page], pictures: Callable[..., list[Path]]
) -> None:
    page = visit(model_seconds=0.01, clip_seconds=0.2, clip_height=32, keep_gb=0.00001)
    page.choose(*pictures(1))
    page.card("succeeded")
    page.click('[data-filter="videos"]')
    page.one(".tile")
    ActionChains(page.driver).move_to_element(page.one(".tile-open")).click(page.all(".tile-pin")[0]).perform()
    page.says(".toast", "As many videos are pinned as may be")


def test_a_slash_and_the_search_event_lead_to_the_field(page: Page) -> None:
    page.click('[data-filter="all"]')
    page.driver.find_element("tag name", "body").send_keys("/")
    page.until(lambda: page.script("return document.activeElement.className") == "wall-search", "the field")


def test_a_selection_is_shared_by_one_link(page: Page) -> None:
    for name in names(page)[:2]:
        click(page, name, holding=Keys.CONTROL)
    page.click('[data-does="link"]')
    page.click("dialog[open] .primary")
    page.one("dialog[open] .links li")
    made = page.script("return document.querySelector('dialog[open] .links input').value")
    assert made.startswith(f"{page.url}/watch/")
    page.script("document.querySelector('dialog[open]').close()")
    page.says(".wall-count", "2 selected")


def test_a_tile_opens_the_theatre_which_goes_on_in_the_walls_order(page: Page) -> None:
    choose(page, "Order", "name")
    choose(page, "Groups", "none")
    page.until(lambda: names(page) == sorted(NAMES, key=str.lower), "by name")
    click(page, "boat")
    page.says("dialog.theatre[open] h2", "boat.jpg")
    press(page, Keys.ARROW_RIGHT)
    page.says("dialog.theatre[open] h2", "café.jpg")
    press(page, Keys.ESCAPE)
    page.gone("dialog.theatre")


def test_who_leaves_the_wall_while_selecting_has_the_page_as_it_was(page: Page) -> None:
    page.resize(390, 844, touch=True)
    page.click(".wall-choose")
    page.until(lambda: page.script(SELECTING), "selecting")
    page.click('[data-filter="all"]')
    page.until(lambda: not page.script(SELECTING), "the buttons at the foot again")
    page.click('[data-filter="videos"]')
    page.gone(".wall-bar")


def test_show_looks_for_all_videos_whatever_was_searched_for(driver: webdriver.Chrome, server: LiveServer) -> None:
    page = staged.stage(Page(driver, server.url))
    known = [staged.task(1, "succeeded")]
    staged.tell(page, known)
    page.click('[data-filter="videos"]')
    page.one(".wall-search").send_keys("cat")
    page.until(lambda: "search=cat" in page.script(LAST_ASKED), "a search")
    staged.tell(page, [*known, staged.task(2, "succeeded", finished_at=staged.at(60))])
    page.click(".toast .undo")
    page.until(lambda: "search=cat" not in page.script(LAST_ASKED), "a look for all of them")
    page.restore()


# For everybody


def test_axe_finds_nothing_on_the_wall(page: Page) -> None:
    assert_accessible(page, "the wall")
    click(page, names(page)[0], holding=Keys.CONTROL)
    page.one(".wall-bar")
    assert_accessible(page, "some selected")
    page.resize(320, 640, touch=True)
    assert_accessible(page, "some selected on a phone, or at 400 %")
    assert page.script("return document.documentElement.scrollWidth") <= 320


def test_nothing_is_missing_for_who_cannot_see_or_point(page: Page) -> None:
    made = names(page)
    unnamed = page.script("""
      const named = (each) => each.getAttribute("aria-label") || each.textContent.trim();
      const all = [...document.querySelectorAll(".wall :is(button, input, select)")];
      return all.filter((each) => !each.closest("[hidden]") && !named(each)).length;
    """)
    assert unnamed == 0
    small = page.script("""
      return [...document.querySelectorAll(".wall :is(button, input, select)")]
        .filter((each) => each.checkVisibility()).map((each) => [each.className, each.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24).map(([name]) => name);
    """)
    assert small == []
    focus(page, made[0])
    press(page, Keys.ARROW_RIGHT)
    assert page.script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    roles = page.script(
        "return [...document.querySelectorAll('.wall-tiles')].every((list) => list.role === 'list')"
    )
    assert roles


def test_what_the_wall_shows_is_ones_own(page: Page, driver: webdriver.Chrome) -> None:
    assert len(page.script(TILES)) == len(NAMES)
    driver.delete_all_cookies()
    other = Page(driver, page.url)
    other.open()
    found = other.script("return fetch('/api/videos').then((answer) => answer.json())")
    assert found == {"tasks": [], "next": None}


def test_a_selection_is_sent_again(page: Page) -> None:
    for name in names(page)[:2]:
        click(page, name, holding=Keys.CONTROL)
    page.click('[data-does="again"]')
    page.says(".toast", "2 videos sent again.")
    shows(page, 11)
