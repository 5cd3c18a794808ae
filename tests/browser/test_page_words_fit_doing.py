"""No word is cut or badly broken in what comes by doing something: a grace, a notice, a selection, a dialog."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import ElementNotInteractableException
from selenium.webdriver.remote.webelement import WebElement

from tests.browser import staged
from tests.browser.chromium import Page
from tests.browser.test_page_words_fit import FOLD, LANGUAGES, each_width, speaking
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

# What would go by itself stays while it is measured; what the page asks for is done, as far as it is told.
EARLY = """
  const later = window.setTimeout.bind(window);
  window.setTimeout = (what, ms, ...more) => (ms >= 1500 && ms <= 14_000 ? 0 : later(what, ms, ...more));
  const ask = window.fetch.bind(window);
  window.fetch = (url, options) => {
    const [, id, what] = /video\\/([0-9a-f]{32})\\/(cancel|trash|pin)$/.exec(url) ?? [];
    if (options?.method === "POST" && url.endsWith("/push/subscriptions")) {
      return Promise.resolve(Response.json({ push_id: "one" }));
    }
    if (!id || !window.known) return ask(url, options);
    const now = new Date().toISOString();
    const change = { cancel: { status: "canceled" }, trash: { trashed_at: now }, pin: { pinned: true } }[what];
    const task = window.known.find(({ task_id }) => task_id === id);
    return Promise.resolve(Response.json({ ...task, ...change, version: task.version + 1 }));
  };
  Notification.requestPermission = async () => window.allowed ?? "denied";
  PushManager.prototype.subscribe = async () => {
    if (!window.subscribes) throw new DOMException("", "AbortError");
    return { toJSON: () => ({}), options: {} };
  };
"""
CLOSE = "for (const each of document.querySelectorAll('.toast .close')) each.click()"
SHUT = "for (const each of document.querySelectorAll('dialog[open]')) each.close()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("words") / "data") as running:
        yield running


@pytest.mark.parametrize("languages", LANGUAGES)
def test_no_word_is_cut_or_badly_broken_where_something_is_done(
    server: LiveServer, languages: str, tmp_path: Path
) -> None:
    with speaking(server, languages, EARLY) as page:
        found = [*of_a_grace(page), *of_moving(page), *of_notices(page), *of_refusals(page, tmp_path)]
        found += [*of_the_bell(page), *of_the_wall(page), *of_dialogs(page), *of_an_ended_view(page)]
    assert not found, "\n".join(found)


def tell(page: Page, tasks: list[staged.Task]) -> None:
    """These tasks are all there are, and whatever is asked of them is done."""
    page.resize(1280, 900)
    page.script("window.known = arguments[0]", tasks)
    staged.tell(page, tasks)
    page.script("scrollTo(0, 0); document.querySelector('[data-filter=all]').click()")


def folded_and_not(page: Page, what: str) -> list[str]:
    found = each_width(page, what, lambda: page.script(FOLD, False))
    return found + each_width(page, f"{what}, unfolded", lambda: page.script(FOLD, True))


def press(page: Page, selector: str, then: str) -> None:
    """Click it until that is there: what moves under the pointer, with the window, takes none for a second."""
    page.resize(1280, 900)
    staged.drawn(page)

    def seen(what: str) -> list[WebElement]:
        return [each for each in page.all(what) if each.is_displayed()]

    def is_there() -> bool:
        if not seen(then) and (found := seen(selector)):  # else it was pressed, and what it does is not drawn yet
            with contextlib.suppress(ElementNotInteractableException):  # of another width, still
                found[0].click()
        return bool(seen(then))

    page.until(is_there, then)


def notice(page: Page, what: str) -> list[str]:
    """Of the one notice that is there, which is put away."""
    page.one(".toast")
    found = each_width(page, what, lambda: None)
    page.script(CLOSE)
    page.gone(".toast")
    return found


def of_a_grace(page: Page) -> list[str]:
    tell(page, [staged.running(1, 25), staged.waiting(2, 1, 1, 60)])
    press(page, "[data-state=processing] [data-action=cancel]", "[data-state=grace] [data-action=keep]")
    found = folded_and_not(page, "a grace")
    press(page, "[data-action=keep]", "[data-state=processing] [data-action=cancel]")
    return found


def of_moving(page: Page) -> list[str]:
    tell(page, [staged.running(1, 25), *(staged.waiting(1 + n, n, 3, 60 * n) for n in (1, 2, 3))])
    press(page, "[data-action=moving]", ".moving")
    return folded_and_not(page, "moving")


def of_notices(page: Page) -> list[str]:
    tasks = [staged.waiting(1, 1, 1, 60), *(staged.task(n, "succeeded") for n in range(2, 6))]
    tell(page, tasks)
    press(page, "[data-state=queued] [data-action=cancel]", ".toast .undo")
    found = notice(page, "a cancel to be undone")
    press(page, "[data-state=succeeded] [data-action=delete]", ".toast .undo")
    found += notice(page, "a deletion to be undone")
    press(page, ".shelf-bar .clear", ".toast .undo")
    found += notice(page, "several to be undone")
    staged.choose(page, "sending.jpg")
    press(page, "[data-state=sending] [data-action=cancel]", ".toast .undo")
    found += notice(page, "an upload to be undone")
    later = [staged.task(n, "succeeded", finished_at=staged.at(30 + n)) for n in range(10, 13)]
    staged.hear(page, "snapshot", {"tasks": later, "next": None})
    page.one(".toast .undo")
    return found + notice(page, "what has finished meanwhile")


def of_refusals(page: Page, folder: Path) -> list[str]:
    tell(page, [staged.running(1, 25)])
    spoiled = [folder / f"notes-{number}.txt" for number in range(14)]
    for path in spoiled:
        path.write_text("no picture")
    page.choose(*spoiled)
    page.one(".refusals-more")
    found = each_width(page, "refusals", lambda: None)
    page.resize(1280, 900)
    page.click(".refusals-more")
    return found + each_width(page, "all refusals", lambda: None)


def of_the_bell(page: Page) -> list[str]:
    found: list[str] = []
    for what, sets in (
        ("a bell that may not ring", ""),
        ("a bell that rings here", "window.allowed = 'granted'"),
        ("a bell that rings anywhere", "window.subscribes = true"),
    ):
        page.resize(1280, 900)
        page.script(sets)
        page.click(".bell")
        page.one('.bell[aria-pressed="true"]')
        found += notice(page, what)
        page.resize(1280, 900)
        page.click(".bell")
    return found


def of_the_wall(page: Page) -> list[str]:
    soon = {"expires_at": staged.at(3 * 3600)}
    kinds = [{"pinned": True}, soon, {}, {**soon, "pinned": True}, {"video": {"seconds": 75}}]
    tell(page, [staged.task(n, "succeeded", **kinds[n % len(kinds)]) for n in range(1, 12)])
    page.script("document.querySelector('[data-filter=videos]').click()")
    page.one(".tile")
    found = each_width(page, "the wall", lambda: None)
    page.script("document.querySelector('.tile-check').click()")
    page.one(".wall-bar")
    found += each_width(page, "a selection", lambda: None)
    page.script("document.querySelectorAll('.tile-check')[4].click()")
    return found + each_width(page, "a selection of two", lambda: None)


def of_dialogs(page: Page) -> list[str]:
    found: list[str] = []
    tell(page, [staged.task(1, "succeeded")])
    for what, opens in (("keys", ".keys-open"), ("connect", ".connect"), ("link", "[data-action=link]")):
        page.resize(1280, 900)
        page.script(f"document.querySelector('{opens}').click()")
        page.one("dialog[open]")
        found += each_width(page, f"the dialog {what}", lambda: None)
        page.script(SHUT)
        page.gone("dialog")
    return found


def of_an_ended_view(page: Page) -> list[str]:
    growing = staged.running(1, 25, watchable={"segments": 1, "seconds": 1})
    tell(page, [growing])
    page.click("[data-action=theatre]")
    page.one("dialog.theatre")
    staged.tell(page, [{**growing, "version": 2, "watchable": None}])
    page.one(".theatre-frame > .player-message:not(:empty)")
    return each_width(page, "a view that has ended", lambda: None)
