"""Nothing dangerous comes to lie under the pointer where something harmless was: in every change of a card and
around it, with the boxes that a browser made. What is pressed all the same does nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from tests.browser import staged
from tests.browser.chromium import Page
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]
Change = Callable[[Page], object]

WIDTHS = (320, 768, 1280)

# The second in which a button is deaf does not pass here: the machine may be slow.
STILL = """
  const real = setTimeout;
  window.setTimeout = (ring, after, ...all) => (after === 1000 ? 0 : real(ring, after, ...all));
"""
HARMLESS = """
  const seen = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled;
  const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  const harmless = ":is(.shelf, .toast) button:not([data-dangerous])";
  return [...document.querySelectorAll(harmless)].filter(seen)
    .map((each) => middle(each.getBoundingClientRect()))
    .filter(([x, y]) => document.elementFromPoint(x, y)?.closest("button:not([data-dangerous])"));
"""
THERE = """
  const found = document.elementFromPoint(...arguments)?.closest("[data-dangerous]");
  return found && !("deaf" in found.dataset) ? found.getAttribute("aria-label") ?? found.textContent : null;
"""
BOXES = """
  const [dangerous] = arguments;
  const buttons = [...document.querySelectorAll("#card-" + "0".repeat(31) + "1 .card-actions button")];
  const wanted = (each) => each.checkVisibility() && ("dangerous" in each.dataset) === dangerous;
  return buttons.filter(wanted).map((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return { name: each.textContent, left, right, top, bottom };
  });
"""
PRESS = "document.querySelector(arguments[0]).click()"  # as the keyboard does it
CARD = f"#card-{1:032x}"


def first(status: str, **changes: Any) -> staged.Task:
    eta = {"ready_at": staged.at(30), "basis": "runs"} if status in ("queued", "processing") else None
    queue = {"position": 1, "size": 1} if status == "queued" else None
    return staged.task(1, status, **{"eta": eta, "queue": queue, **changes})


def others() -> list[staged.Task]:
    """A card after, and one before."""
    return [staged.task(0, "succeeded"), staged.task(2, "failed", error={"code": "model_error", "title": "No."})]


GONE = {"trashed_at": staged.at(-5), "expires_at": staged.at(3000)}
STATES = {
    "queued": first("queued"),
    "processing": first("processing"),
    "canceling": first("processing", cancel_requested=True),
    "succeeded": first("succeeded"),
    "expired": first("succeeded", video_url=None),
    "failed": first("failed", error={"code": "model_error", "title": "No."}),
    "canceled": first("canceled"),
    "trashed": first("succeeded", **GONE),
}
FOLLOWS = (
    *(("queued", "processing"), ("queued", "canceled"), ("processing", "queued"), ("processing", "canceling")),
    *(("processing", "succeeded"), ("processing", "failed"), ("canceling", "canceled"), ("canceled", "queued")),
    *(("failed", "queued"), ("succeeded", "expired"), ("succeeded", "trashed"), ("trashed", "succeeded")),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("meant") / "data") as running:
        yield running


@pytest.fixture
def page(driver: Chrome, server: LiveServer) -> Iterator[Page]:
    page = Page(driver, server.url)
    page.before_scripts(STILL)
    page = staged.stage(page)
    page.media(prefers_reduced_motion="reduce")
    yield page
    page.restore()


def rest(page: Page, at: list[float]) -> None:
    page.cdp("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1])


def press(page: Page, at: list[float], count: int = 1) -> None:
    for kind in ("mousePressed", "mouseReleased"):
        page.cdp("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=count)


def becomes(state: str) -> Change:
    return lambda page: staged.tell(page, [*others(), STATES[state]])


def unfold(page: Page) -> None:
    """As rows have their buttons: open."""
    page.script("for (const more of document.querySelectorAll('.card:not([data-open]) .card-more')) more.click()")


def faults(page: Page, what: str, before: Change, change: Change) -> list[str]:
    """Where a pointer rested on something harmless, and `change` has brought something dangerous that hears."""
    found = []
    before(page)
    unfold(page)
    staged.drawn(page)
    page.script("document.querySelector('.grid')?.scrollIntoView({ block: 'start' }); scrollBy(0, -160)")
    for at in page.script(HARMLESS):
        before(page)
        staged.drawn(page)
        rest(page, [1, 1])
        rest(page, at)
        change(page)
        staged.drawn(page)
        if name := page.script(THERE, *at):
            found.append(f"{what}: {name} at {at}")
    return found


def test_no_change_of_a_card_brings_something_dangerous_under_the_pointer(page: Page) -> None:
    found = []
    for width in WIDTHS:
        page.resize(width, 900)
        for one, other in FOLLOWS:
            found += faults(page, f"{one} → {other}, {width} px", becomes(one), becomes(other))
    assert found == []


def test_what_is_dangerous_has_a_place_of_its_own_in_every_state(page: Page) -> None:
    """Where nothing is folded: no dangerous button of a state lies where a harmless one of another does."""
    page.resize(1280, 900)
    harmless: list[dict[str, Any]] = []
    dangerous: list[dict[str, Any]] = []
    for state, task in STATES.items():
        staged.tell(page, [task])
        page.script(PRESS, f'[data-filter="{"trash" if state == "trashed" else "all"}"]')
        staged.drawn(page)
        harmless += page.script(BOXES, False)
        dangerous += page.script(BOXES, True)
    assert {each["name"] for each in dangerous} == {"Cancel", "Delete", "Delete for good"}
    assert {"Send again", "Viewing links", "Try again", "Restore"} <= {each["name"] for each in harmless}
    for one in dangerous:
        for other in harmless:
            apart = one["left"] >= other["right"] or other["left"] >= one["right"]
            assert apart, (one, other)


def test_cancel_its_grace_and_its_end_keep_their_places(page: Page) -> None:
    page.resize(1280, 900)

    def press_cancel(page: Page) -> None:
        page.script(PRESS, f'{CARD} [data-action="cancel"]')

    def in_grace(page: Page) -> None:
        becomes("processing")(page)
        press_cancel(page)

    found = faults(page, "canceling", becomes("processing"), press_cancel)
    found += faults(page, "kept", in_grace, lambda page: page.script(PRESS, f'{CARD} [data-action="keep"]'))
    found += faults(page, "canceled", in_grace, becomes("canceled"))
    found += faults(page, "done all the same", in_grace, becomes("succeeded"))
    assert found == []


def test_neither_filters_nor_cards_that_come_and_go_do(page: Page) -> None:
    many = [staged.task(n, "succeeded") for n in range(10, 22)]
    found = []

    def shows(filter: str, tasks: list[staged.Task]) -> Change:
        def change(page: Page) -> None:
            staged.tell(page, tasks)
            page.script(PRESS, f'[data-filter="{filter}"]')

        return change

    trashed = [{**task, **GONE} for task in many[:6]] + many[6:]
    for width in WIDTHS:
        page.resize(width, 900)
        found += faults(page, "fewer", shows("all", many), shows("all", many[:-1]))
        found += faults(page, "more", shows("all", many[:-1]), shows("all", [*many, staged.task(30, "queued")]))
        found += faults(page, "filter", shows("all", trashed), shows("trash", trashed))
        found += faults(page, "no filter", shows("trash", trashed), shows("videos", trashed))
    assert found == []


def test_a_notice_that_goes_leaves_nothing_dangerous_under_the_pointer(page: Page) -> None:
    """It lay over the cards; its Close and the time that passes take it away."""
    page.resize(390, 700)
    staged.tell(page, [staged.task(n, "succeeded") for n in range(1, 9)])
    unfold(page)
    page.script(staged.DROP_NOTHING)
    page.one(".toast")
    staged.drawn(page)
    x, y = page.script(
        "const { x, y, width, height } = document.querySelector('.toast .close').getBoundingClientRect();"
        "return [x + width / 2, y + height / 2]"
    )
    page.script(
        "const at = arguments[0]; const all = [...document.querySelectorAll('[data-action=delete]')];"
        "const lowest = all.find((each) => each.getBoundingClientRect().top > at) ?? all.at(-1);"
        "scrollBy(0, lowest.getBoundingClientRect().top + lowest.offsetHeight / 2 - at)",
        y,
    )
    beneath = "return document.elementsFromPoint(...arguments).some((each) => each.dataset.action === 'delete')"
    page.until(lambda: page.script(beneath, x, y), "a Delete that lies beneath")
    rest(page, [1, 1])
    rest(page, [x, y])
    press(page, [x, y])
    page.gone(".toast")
    staged.drawn(page)
    assert page.script(THERE, x, y) is None
    press(page, [x, y])
    staged.drawn(page)
    assert len(page.cards("succeeded")) == 8
    assert "not found" not in page.text(), "and nothing was asked for"
    asked = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/trash')).length"
    assert page.script(asked) == 0


def test_a_deaf_button_does_nothing_and_hears_again_after_a_second(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.choose(*pictures(2))
    page.card("queued")
    page.click('[data-state="queued"] [data-action="cancel"]')
    page.card("canceled")
    delete = '[data-state="canceled"] [data-action="delete"]'
    page.until(lambda: page.all(f"{delete}:not([data-deaf])"), "a Delete that hears")
    page.click(delete)
    page.until(lambda: len(page.cards()) == 1, "the deletion that is meant")


def test_a_link_is_not_revoked_by_who_has_just_revoked_another(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.before_scripts(STILL)
    page.open()
    page.choose(*pictures(1))
    page.card("succeeded")
    page.click('[data-action="link"]')
    for count in (1, 2):
        page.click("dialog[open] .primary")
        page.until(lambda count=count: len(page.all("dialog[open] .links li")) == count, f"{count} links")
    x, y = page.script(
        "const { x, y, width, height } = document.querySelector('.links [data-dangerous]').getBoundingClientRect();"
        "return [x + width / 2, y + height / 2]"
    )
    rest(page, [1, 1])
    rest(page, [x, y])
    press(page, [x, y])
    page.until(lambda: len(page.all("dialog[open] .links li")) == 1, "one link")
    press(page, [x, y])
    staged.drawn(page)
    assert len(page.all("dialog[open] .links li")) == 1
    assert page.script(THERE, x, y) is None


def test_settings_that_a_card_learns_when_its_run_begins_move_no_button(driver: Chrome, tmp_path: Path) -> None:
    """Its picture was chosen before the form had loaded, so the server completed them."""
    with LiveServer(tmp_path / "data", model="tests.models.prompted:Prompted") as server:
        page = staged.stage(Page(driver, server.url))
        page.media(prefers_reduced_motion="reduce")
        page.one("#next-prompt")
        top = f"return document.querySelector('{CARD} [data-action=cancel]').getBoundingClientRect().top + scrollY"
        for width in (1280, 320):
            page.resize(width, 900)
            staged.tell(page, [first("queued"), staged.task(0, "succeeded")])
            page.card("queued")
            unfold(page)
            staged.drawn(page)
            before = page.script(top)
            chosen = {"prompt": "", "seed": 17}
            staged.tell(page, [first("processing", parameters=chosen), staged.task(0, "succeeded")])
            page.until(lambda: "As the model suggests" in page.card("processing").text, "its settings")
            assert abs(page.script(top) - before) < 1, f"at {width} px"
        page.restore()
