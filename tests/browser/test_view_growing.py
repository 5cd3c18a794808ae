"""Watching a video in a real browser while it is being made: it plays as far as it has got, waits, and goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from leyline.line import failures
from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.watch_site import Growing, SiteThread, make_master

pytestmark = pytest.mark.long

SECONDS = 4
BARE = "const v = document.querySelector('video');"
SEE_TIMES = f"""
    {BARE}
    window.seen = [];
    const see = () => {{
      seen.push([v.currentTime, document.querySelector(".player-message").textContent]);
      requestAnimationFrame(see);
    }};
    see();
"""
REST, ENDED = "Making the rest …", "This view has ended: the video was not finished this time."


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", SECONDS, 1280, 720)


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[SiteThread]:
    with SiteThread(tmp_path / "data", hosts=OTHER_HOST) as running:
        yield running


@pytest.fixture
def secure(thread: SiteThread, browser: webdriver.Chrome) -> Iterator[WatchingPage]:
    """The page on localhost, where browsers have EME."""
    page = WatchingPage(browser, thread.site.url)
    yield page
    page.restore()


@pytest.fixture
def insecure(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """The page on plain http under another name, where the page itself decrypts."""
    return WatchingPage(browser, f"http://{OTHER_HOST}:{thread.site.port}")


@pytest.fixture(params=["secure", "insecure"])
def page(request: pytest.FixtureRequest) -> WatchingPage:
    found: WatchingPage = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def growing(thread: SiteThread, master: Path) -> Growing:
    return thread.run(thread.site.begin_video(master))


def said(page: WatchingPage, what: str = ".player-message") -> str:
    return str(page.script(f"return document.querySelector('{what}')?.textContent ?? ''"))


def offers_play(page: WatchingPage) -> bool:
    return bool(page.script("const b = document.querySelector('.card-play'); return Boolean(b) && !b.hidden"))


def waits_at(page: WatchingPage, seconds: float) -> bool:
    return said(page) == REST and abs(page.video("currentTime") - seconds) < 0.25


def watch(page: WatchingPage, thread: SiteThread, growing: Growing, segments: int = 1) -> None:
    """The page, on which so much of the video is playing."""
    page.open(f"/#{growing.task_id}").one("[data-state=processing]")
    assert not offers_play(page)
    thread.run(growing.grow(segments))
    page.until(lambda: offers_play(page), "a play button")
    page.click(".card-play")
    page.until(lambda: page.video("currentTime > 0.1"), "a video that plays, if only for a second")


def has_played(page: WatchingPage, start: float, end: float) -> bool:
    """Whether it was seen between these seconds since `SEE_TIMES`, without a message."""
    return bool(
        page.script("return seen.some(([t, said]) => t > arguments[0] && t < arguments[1] && !said)", start, end)
    )


def test_it_plays_waits_plays_again_and_becomes_the_finished_video(
    page: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    watch(page, thread, growing)
    page.script(
        f"{BARE} v.same = true; v.breaks = []; v.addEventListener('emptied', () => v.breaks.push('emptied'))"
    )
    page.until(lambda: waits_at(page, 1), "waiting for the rest after a second")
    page.script(SEE_TIMES)
    page.script(f"{BARE} v.currentTime = 0")
    page.until(lambda: has_played(page, 0.1, 0.9), "its beginning again")
    page.until(lambda: waits_at(page, 1), "waiting for the rest again")
    thread.run(growing.grow(3))
    page.until(lambda: waits_at(page, 3), "going on, and waiting for the last second")
    assert has_played(page, 1.05, 1.6) and has_played(page, 2, 2.7), "nothing is skipped"
    assert page.video("duration") == pytest.approx(3, abs=0.05), "0:03"
    thread.run(growing.finish())
    page.until(lambda: page.video("currentTime") > 3.2 and said(page) == "", "the last second")
    page.until(lambda: page.video("currentTime") < 2, "its beginning again, by itself")
    assert page.video("duration") == pytest.approx(SECONDS, abs=0.05)
    assert page.video("breaks") == [] and not page.video("error")
    assert page.one("[data-state=succeeded]")
    task = thread.run(thread.site.server.store.get(growing.task_id))
    assert task and task.views == 1, "one view from the first second to the last"


SLOW_PAIR = """
    const make = crypto.subtle.generateKey.bind(crypto.subtle);
    crypto.subtle.generateKey = async (...asked) => {
      const pair = await make(...asked);
      await new Promise((resolve) => setTimeout(resolve, 300));
      window.paired = performance.now();
      return pair;
    };
"""
FETCHED = """
    const entries = performance.getEntriesByType("resource");
    const of = (end) => entries.find(({ name }) => new URL(name).pathname.endsWith(end));
    const [video, growing] = [of(arguments[0]), of("/growing.js")];
    return { video: video.startTime, came: video.responseEnd, growing: growing.startTime, paired };
"""


def test_all_that_a_growing_video_needs_is_asked_for_at_once(
    secure: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    """One after the other, each would be another wait before the first frame."""
    secure.open(f"/#{growing.task_id}").one("[data-state=processing]")
    secure.script(SLOW_PAIR)
    thread.run(growing.grow(1))
    secure.until(lambda: offers_play(secure), "a play button")
    secure.click(".card-play")
    secure.until(lambda: secure.video("currentTime > 0.1"), "a video that plays")
    at = secure.script(FETCHED, f"/{growing.task_id}/video")
    assert at["growing"] < at["came"], "what waits for the rest comes beside the first second"
    assert at["video"] < at["paired"], "and that does not wait for the pair of keys, but the key alone"


def test_it_may_be_finished_before_what_there_was_has_been_watched(
    secure: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    watch(secure, thread, growing, 3)
    thread.run(growing.finish())
    secure.until(lambda: secure.video("currentTime") > 3.3, "the last second")
    secure.until(lambda: secure.video("currentTime") < 2, "its beginning again")
    assert not secure.video("error") and said(secure) == ""


@pytest.mark.parametrize("how", ["put back", "canceled", "failed"])
def test_a_run_that_comes_to_nothing_ends_the_view_in_one_sentence(
    secure: WatchingPage, thread: SiteThread, growing: Growing, how: str
) -> None:
    watch(secure, thread, growing)
    moves = thread.site.server.moves
    if how == "put back":
        thread.run(growing.give_up())
    elif how == "canceled":
        thread.run(moves.cancel(growing.task))
    else:
        thread.run(moves.fail(growing.task, failures.ModelError()))
    sentence = failures.ModelError.title() if how == "failed" else ENDED
    secure.until(lambda: said(secure, ".card-message") == sentence, "one sentence")
    assert secure.script("return document.querySelectorAll('video').length") == 0
    assert not offers_play(secure)
    assert secure.script("return document.activeElement.className") == "card-name", "the focus stays in its card"
    if how == "put back":
        thread.run(growing.begin_again())
        thread.run(growing.grow(2))
        secure.until(lambda: offers_play(secure), "the next try to be watched")
        assert said(secure, ".card-message") == ""
        secure.click(".card-play")
        secure.until(lambda: secure.video("currentTime > 0.1"), "the next try playing")


def test_a_run_that_was_given_up_while_nobody_looked_ends_the_view_as_well(
    secure: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    """The page draws only when the next try is on already, as one that was in the background or had no network."""
    watch(secure, thread, growing, 2)
    secure.script("""
        const [draw, held] = [window.requestAnimationFrame, []];
        window.requestAnimationFrame = (drawn) => held.push(drawn);
        window.look = () => { window.requestAnimationFrame = draw; held.forEach((drawn) => draw(drawn)); };
    """)
    thread.run(growing.give_up())
    thread.run(growing.begin_again())
    thread.run(growing.grow(1))
    thread.run(growing.progress(42))
    secure.script("window.look()")
    secure.says(".card-percent", "42")
    secure.until(lambda: said(secure) == ENDED, "one sentence")
    secure.script(f"{BARE} v.play()")
    secure.until(lambda: secure.video("currentTime > 0.1"), "the next try playing")
    assert said(secure) != ENDED and secure.video("buffered.end(0)") < 1.1, "and nothing of the one before"


def test_where_a_browser_has_no_media_source_there_are_the_stills(
    secure: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    secure.before_scripts("delete globalThis.MediaSource; delete globalThis.ManagedMediaSource")
    secure.open(f"/#{growing.task_id}").one("[data-state=processing]")
    thread.run(growing.grow(2))
    thread.run(growing.progress(42))
    secure.says(".card-percent", "42")
    assert not offers_play(secure), "though it has heard of two seconds"
    thread.run(growing.finish())
    secure.until(lambda: offers_play(secure), "the finished video, of which the player says why it cannot play it")


def test_where_a_browser_lacks_the_codec_there_are_the_stills(
    secure: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    secure.before_scripts("MediaSource.isTypeSupported = () => false")
    secure.open(f"/#{growing.task_id}").one("[data-state=processing]")
    thread.run(growing.grow(1))
    secure.until(lambda: offers_play(secure), "a play button")
    secure.click(".card-play")
    stills = "return !document.querySelector('video, .card-play:not([hidden])')"
    secure.until(lambda: secure.script(stills), "stills")
    thread.run(growing.grow(2))
    thread.run(growing.progress(42))
    secure.says(".card-percent", "42")
    assert secure.script(stills) and said(secure, ".card-message") == ""
    thread.run(growing.finish())
    secure.until(lambda: offers_play(secure), "the finished video")
    task = thread.run(thread.site.server.store.get(growing.task_id))
    assert task and task.views == 0
