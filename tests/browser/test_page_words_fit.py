"""No word is cut, and none is broken where it is read as one: measured in every state, width and language."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.live_server import LiveServer

WIDTHS = (320, 390, 768, 1280, 2560)
LANGUAGES = ("en-GB,en", "de-DE,de", "en-US,en")
HOURS, DAYS = 3 * 3600, 3 * 86_400
STAGES = ("looking at the picture", "generating", "encoding", "saving", None)
REASONS = ("paused", "model_loading", "model_failed")
BEFORE_IT_IS_A_TASK = {"refused", "sending", "checking", "retrying", "waiting"}
STATES = BEFORE_IT_IS_A_TASK | {"queued", "processing", "canceling", "succeeded", "expired", "failed", "canceled"}

# What people and models call things may be shortened with an ellipsis; the page's own words may not.
FAULTS = r"""
  const THEIRS = ".card-name, .now-name p, .card-prompt, .form-more strong, .pieces i";
  const UNIT = "s|min|h|%|MB|AM|PM|Uhr|hours?|days?|Stunden?|Tag(?:en)?";
  // a number with its unit, a word
  const WHOLE = new RegExp(`\\d[\\d:.,]*\\s(?:${UNIT})(?![\\w-])|\\d+[-‑]\\p{L}+|[\\p{L}\\d:]+`, "gu");

  const heardOnly = (node) =>
    node !== null && (getComputedStyle(node).clipPath !== "none" || heardOnly(node.parentElement));
  const isSeen = (node) =>
    node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !heardOnly(node);
  const rects = (node, from = 0, to = node.length) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
  };

  function* textsOnPage() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const { parentElement: parent } = node;
      if (node.data.trim() && !parent.closest(THEIRS) && isSeen(parent) && rects(node).length) yield node;
    }
  }

  /* Whatever cuts what is beyond it has no edge through a text. */
  function isCut(node) {
    for (let box = node.parentElement; box !== document.body; box = box.parentElement) {
      const { textOverflow, overflowX, overflowY, contain, position } = getComputedStyle(box);
      if (textOverflow === "ellipsis" && box.scrollWidth > box.clientWidth) return true;
      const edge = box.getBoundingClientRect();
      const isBeyond = ({ left, right, top, bottom }) =>
        left < edge.left - 1 || right > edge.right + 1 || bottom > edge.bottom + 3 || top < edge.top - 3;
      const cuts = overflowX !== "visible" || overflowY !== "visible" || contain.includes("size");
      if (cuts && rects(node).some(isBeyond)) return true;
      if (position === "fixed" || position === "sticky") break;
    }
    const { clientWidth } = document.documentElement;
    return rects(node).some(({ left, right }) => left < -1 || right > clientWidth + 1);
  }

  function* broken(node) {
    for (const { index, 0: text } of node.data.matchAll(WHOLE)) {
      const bottoms = rects(node, index, index + text.length).map(({ bottom }) => bottom);
      if (Math.max(...bottoms) - Math.min(...bottoms) > 6) yield text;
    }
  }

  const faults = new Set();
  for (const node of textsOnPage()) {
    const where = `${node.parentElement.className || node.parentElement.tagName}: ${node.data.trim()}`;
    if (isCut(node)) faults.add(`cut in ${where}`);
    for (const text of broken(node)) faults.add(`“${text}” broken in ${where}`);
  }
  return [...faults];
"""
LAID_OUT = """
  const all = new CSSStyleSheet(); // cards that are far away too
  all.replaceSync(".card { content-visibility: visible !important }");
  document.adoptedStyleSheets = [all];
"""
FOLD = """
  const rows = [...document.querySelectorAll(".card-more")].filter((more) => more.checkVisibility());
  for (const more of rows) if (more.ariaExpanded !== String(arguments[0])) more.click();
"""


def failed(number: int, code: str, detail: str | None = None) -> staged.Task:
    return staged.task(number, "failed", error={"code": code, "title": "No.", "detail": detail})


def every_state() -> list[staged.Task]:
    """A task in each state that has words of its own."""
    times = zip(STAGES, (8, 59, 600, HOURS, -5), strict=True)
    no_time = {"eta": None}
    long_name = {"name": f"{'a' * 300}.jpg", "width": 3, "height": 4, "bytes": 1, "thumbnail_url": None}
    return [
        *(staged.running(10 + n, seconds, stage=stage) for n, (stage, seconds) in enumerate(times)),
        staged.running(20, 30, progress=100),
        staged.running(21, 30, progress=None),
        staged.running(22, 30, cancel_requested=True),
        staged.waiting(23, 1, 1000, 88 * 60),
        staged.waiting(24, 1, 1000, 40, attempt=2),
        staged.waiting(25, 999, 1000, HOURS),
        staged.waiting(26, 1000, 1000, DAYS),
        *(staged.waiting(30 + n, 12, 1000, 0, **no_time, eta_reason=why) for n, why in enumerate(REASONS)),
        staged.task(40, "succeeded", views=12),
        staged.task(41, "succeeded", created_at=staged.at(-90_000), started_at=staged.at(-40_000)),
        staged.task(42, "succeeded", video_url=None),
        failed(43, "model_error", "The model could not make a video of this picture."),
        failed(44, "unsuitable", "No face was found in it, however long it was looked for."),
        failed(45, "parameters_changed"),
        staged.task(46, "canceled"),
        staged.task(47, "succeeded", views=1, image=long_name),
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("words") / "data", model="tests.models.prompted:Prompted") as running:
        yield running


def faults(page: Page, what: str) -> list[str]:
    staged.drawn(page)
    return [f"{what}: {fault}" for fault in page.script(FAULTS)]


def each_width(page: Page, what: str, shows: Callable[[], object]) -> list[str]:
    found = []
    for width in WIDTHS:
        page.resize(width, 900, touch=width < 600)
        shows()
        found += faults(page, f"{what}, {width} px")
    return found


@pytest.mark.long
@pytest.mark.parametrize("languages", LANGUAGES)
def test_no_word_is_cut_or_badly_broken(server: LiveServer, languages: str) -> None:
    with chromium(languages) as driver:
        page = staged.stage(Page(driver, server.url))
        page.media(prefers_reduced_motion="reduce")
        page.script(LAID_OUT)
        found = [*of_little(page), *of_every_state(page), *of_the_model(page), *of_the_trash(page)]
    assert found == []


def of_little(page: Page) -> list[str]:
    found = each_width(page, "empty", lambda: staged.tell(page, []))
    for tasks in ([staged.running(1, 25)], [staged.waiting(1, 5, 9, HOURS)], staged.round_of(40, 22)):
        found += each_width(page, f"{len(tasks)} of one's own", lambda tasks=tasks: staged.tell(page, tasks))
    return found


def of_every_state(page: Page) -> list[str]:
    names = ("refused", "retrying", "sending", "sending too", "checking", "waiting")
    staged.choose(page, *(f"{name}.jpg" for name in names))
    staged.tell(page, every_state())
    page.until(lambda: {card.get_attribute("data-state") for card in page.cards()} == STATES, "every state")
    found = each_width(page, "every state", lambda: page.script(FOLD, False))
    found += each_width(page, "every state, unfolded", lambda: page.script(FOLD, True))
    page.script("scrollTo(0, 900)")
    page.script(staged.DROP_NOTHING)
    page.one(".toast")
    found += each_width(page, "scrolled, with a notice", lambda: page.script(FOLD, False))
    page.script("scrollTo(0, 0)")
    return found


def of_the_model(page: Page) -> list[str]:
    found, waits = [], [staged.waiting(1, 1, 1, 60, eta=None)]
    for model in ("loading", "restarting", "failed", "stopped"):
        found += each_width(page, model, lambda model=model: staged.tell(page, waits, model=model))
    return found + each_width(page, "paused", lambda: staged.tell(page, waits, paused=True))


def of_the_trash(page: Page) -> list[str]:
    soon = {"trashed_at": staged.at(-9), "expires_at": staged.at(3000)}
    staged.tell(page, [staged.task(n, "succeeded", **soon) for n in range(3)])
    page.resize(1280, 900)
    page.click("[data-filter=trash]")
    return each_width(page, "trash", lambda: page.script(FOLD, True))
