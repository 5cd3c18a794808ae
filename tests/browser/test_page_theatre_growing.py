"""A video that still grows, in the theatre: it goes on there, becomes the finished one, or ends in a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from leyline.line import failures
from tests.browser.test_view_growing import ENDED, REST, waits_at
from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.live_server import Api
from tests.watch_site import Growing, SiteThread, make_master

pytestmark = pytest.mark.long

SECONDS = 4
ENDS = "return document.querySelector('.theatre-frame > .player-message').textContent"


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", SECONDS, 640, 360)


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[SiteThread]:
    with SiteThread(tmp_path / "data", hosts=OTHER_HOST) as running:
        yield running


@pytest.fixture(params=["localhost", OTHER_HOST])
def page(request: pytest.FixtureRequest, thread: SiteThread, browser: webdriver.Chrome) -> Iterator[WatchingPage]:
    """Where browsers have EME, and on plain http where they have not."""
    found = WatchingPage(browser, f"http://{request.param}:{thread.site.port}")
    yield found
    complaints = [each for each in found.errors() if "Opener-Policy" not in each]  # which plain http cannot have
    found.restore()
    assert not complaints, complaints


@pytest.fixture
def growing(thread: SiteThread, page: WatchingPage, master: Path) -> Growing:
    """Of somebody who has a finished video besides, and sees the one that grows play in the theatre."""
    page.open()
    page.driver.delete_all_cookies()
    page.open()
    api = Api(thread.site.url)
    cookie = next(each for each in page.driver.get_cookies() if each["httpOnly"])
    api.cookie = f"{cookie['name']}={cookie['value']}"
    owner = thread.site.owner(api)
    thread.run(thread.site.add_video(master, owner, image_name="other.jpg"))
    found = thread.run(thread.site.begin_video(master, owner))
    page.open()
    assert not page.all("[data-state=processing] [data-action=theatre]"), "there is nothing to see yet"
    thread.run(found.grow(1))
    page.click("[data-state=processing] [data-action=theatre]")
    page.playing()
    assert page.says(".theatre h2", "photo.jpg") and page.says(".theatre-count", "1 of 2")
    return found


only_with_eme = pytest.mark.parametrize("page", ["localhost"], indirect=True)


def test_it_goes_on_as_it_grows_and_becomes_the_finished_one_without_a_break(
    page: WatchingPage, thread: SiteThread, growing: Growing
) -> None:
    page.script("""
        const v = document.querySelector("video");
        v.same = true;
        v.breaks = [];
        for (const event of ["emptied", "error"]) v.addEventListener(event, () => v.breaks.push(event));
    """)
    page.until(lambda: waits_at(page, 1), "waiting for the rest after a second")
    thread.run(growing.grow(3))
    page.until(lambda: waits_at(page, 3), "going on, and waiting for the last second")
    thread.run(growing.finish())
    page.until(lambda: page.video("currentTime") > 3.2, "the last second")
    page.until(lambda: page.video("currentTime") < 2, "its beginning again, by itself")
    assert page.video("same") is True and page.video("breaks") == []
    assert page.video("duration") == pytest.approx(SECONDS, abs=0.05)
    assert page.script("return document.querySelector('.theatre .player .player-message').textContent") != REST
    assert page.script(ENDS) == "" and page.all("dialog.theatre[open]")
    task = thread.run(thread.site.server.store.get(growing.task_id))
    assert task and task.views == 1, "one view from the first second to the last"


@only_with_eme
@pytest.mark.parametrize("how", ["put back", "canceled", "failed"])
def test_a_run_that_comes_to_nothing_ends_in_one_sentence(
    page: WatchingPage, thread: SiteThread, growing: Growing, how: str
) -> None:
    moves = thread.site.server.moves
    if how == "put back":
        thread.run(growing.give_up())
    elif how == "canceled":
        thread.run(moves.cancel(growing.task))
    else:
        thread.run(moves.fail(growing.task, failures.ModelError()))
    page.until(lambda: page.script(ENDS) == ENDED, "one sentence")
    assert page.all("dialog.theatre[open]") and not page.all(".theatre video"), "where it was, without a video"
    assert page.says(".theatre h2", "photo.jpg")
    page.gone(".theatre-tools > button:first-child")  # there is nothing to compare
    assert page.script("return document.activeElement.className") == "theatre-close", "the focus stays in it"
    page.click(".theatre-after")
    page.says(".theatre h2", "other.jpg")
    page.playing()
    assert page.script(ENDS) == ""
    if how == "put back":
        thread.run(growing.begin_again())
        thread.run(growing.grow(2))
        page.click(".theatre-close")
        page.gone("dialog.theatre")
        page.click("[data-state=processing] [data-action=theatre]")
        page.playing()
        assert page.says(".theatre h2", "photo.jpg") and page.script(ENDS) == ""
