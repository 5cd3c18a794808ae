"""No word is cut, and none is broken where it is read as one: measured in every state, width and language.

In the letters that are there where there is little: they are the widest.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.browser.grown import grow
from tests.browser.letters import DEJAVU, drawn_in, only_wide
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

WIDTHS = (320, 390, 768, 1280, 2560)
GROWN = "each word longer by 40 %"
REGIONS = ("en-GB,en", "en-US,en", "de-DE,de", "pt-BR", "zh-CN", "ar", "ar-EG")
LANGUAGES = (*REGIONS, "fr", "es", "it", "nl", "pl", "tr", "uk", "ja", "ko", "hi", GROWN)
SOME = ("ar", GROWN)
HOURS, DAYS = 3 * 3600, 3 * 86_400
STAGES = ("looking at the picture", "generating", "encoding", "saving", None)
REASONS = ("paused", "model_loading", "model_failed")
BEFORE_IT_IS_A_TASK = {"refused", "sending", "checking", "retrying", "waiting"}
STATES = BEFORE_IT_IS_A_TASK | {"queued", "processing", "canceling", "succeeded", "expired", "failed", "canceled"}

# What people and models call things may be shortened with an ellipsis; the page's own words may not.
FAULTS = r"""
  const THEIRS = ".theatre :is(h2, .theatre-prompt), .card-name, .now-name p, .card-prompt, "
    + ".form-more strong, .pieces i, .tile-name";
  const UNIT = "s|min|h|%|MB|AM|PM|Uhr|hours?|days?|Stunden?|Tag(?:en)?|sn|dk|с|хв|秒|分|时间|小时|天|से॰|मि॰|ث|د";
  // a number with its unit, a word; where words are not set apart, only the former
  const WORD = /^(ja|zh)/.test(document.documentElement.lang) ? "[\\w:]+" : "[\\p{L}\\p{M}\\d:]+";
  const WHOLE = new RegExp(`\\d[\\d:.,]*\\s(?:${UNIT})(?![\\p{L}\\p{M}-])|\\d+[-‑]\\p{L}+|${WORD}`, "gu");

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

  /* Whatever cuts what is beyond it has no edge through a text; a font's box is higher than its letters. */
  function isCut(node) {
    const above = Math.max(3, 0.15 * parseFloat(getComputedStyle(node.parentElement).fontSize));
    for (let box = node.parentElement; box !== document.body; box = box.parentElement) {
      const { textOverflow, overflowX, overflowY, contain, position } = getComputedStyle(box);
      if (textOverflow === "ellipsis" && box.scrollWidth > box.clientWidth) return true;
      const edge = box.getBoundingClientRect();
      const scrolls = /auto|scroll/.test(overflowY);
      const isBeyond = ({ left, right, top, bottom }) => left < edge.left - 1 || right > edge.right + 1
        || (!scrolls && (bottom > edge.bottom + above || top < edge.top - above));
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


def each_width(page: Page, what: str, shows: Callable[[], object], widths: tuple[int, ...] = WIDTHS) -> list[str]:
    found = []
    for width in widths:
        page.resize(width, 900, touch=width < 600)
        shows()
        found += faults(page, f"{what}, {width} px")
    return found


@pytest.mark.parametrize("languages", LANGUAGES)
def test_no_word_is_cut_or_badly_broken(server: LiveServer, languages: str) -> None:
    with speaking(server, languages) as page:
        found = [*of_little(page), *of_every_state(page), *of_the_model(page), *of_the_trash(page)]
        found += of_the_theatre(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("languages", SOME)
def test_no_word_is_cut_in_the_usual_letters(server: LiveServer, languages: str) -> None:
    with speaking(server, languages, widely=False) as page:
        found = each_width(page, "every state", lambda: staged.tell(page, every_state()), (320, 1280))
        found += each_width(page, "a round", lambda: staged.tell(page, staged.round_of(40, 22)), (320, 1280))
    assert not found, "\n".join(found)


@contextmanager
def speaking(server: LiveServer, languages: str, early: str = "", *, widely: bool = True) -> Iterator[Page]:
    """The page in this language, in wide letters or in the usual ones; `early` is run before its own scripts."""
    spoken = "en" if languages == GROWN else languages
    with TemporaryDirectory() as folder, chromium(spoken, only_wide(Path(folder)) if widely else None) as driver:
        page = Page(driver, server.url)
        page.before_scripts(early)
        staged.stage(grow(page) if languages == GROWN else page)
        page.media(prefers_reduced_motion="reduce")
        page.script(LAID_OUT)
        assert (page.one(".intake .primary").text == "Choosecho picturespict") == (languages == GROWN)
        assert (drawn_in(page, ".mark") == {DEJAVU}) == widely
        yield page


def of_little(page: Page) -> list[str]:
    found = each_width(page, "empty", lambda: staged.tell(page, []))
    for tasks in ([staged.running(1, 25)], [staged.waiting(1, 5, 9, HOURS)], staged.round_of(40, 22)):
        found += each_width(page, f"{len(tasks)} of one's own", lambda tasks=tasks: staged.tell(page, tasks))
    return found


def of_every_state(page: Page) -> list[str]:
    names = ("accepted", "refused", "sending", "checking", "retrying", "waiting")
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


def of_the_theatre(page: Page) -> list[str]:
    wished = {"prompt": "A small boat leaves the harbour, gulls follow it, and the light fades."}
    staged.tell(page, [staged.task(100 + n, "succeeded", parameters=wished) for n in range(12)])
    page.click("[data-filter=all]")
    page.script("arguments[0].click()", page.one("[data-action=theatre]"))
    page.one(".theatre-count:not(:empty)")
    page.one(".player-message:not(:empty)")  # of what is only told no video can be had
    page.script("document.querySelector('.player-message').hidden = true")
    found = each_width(page, "theatre", lambda: None)
    page.script("document.querySelector('.theatre-tool').click()")
    page.one(".compare-slider")
    return found + each_width(page, "before and after", lambda: None)
