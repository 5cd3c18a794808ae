"""The page where no WebSocket passes: behind a real nginx that knows none, and one that names another host."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.chromium import Page
from tests.browser.watching import OTHER_HOST as OTHER_NAME
from tests.browser.watching import WatchingPage, watching_browser
from tests.live_server import LiveServer
from tests.proxies import KEEPS_HOST, PASSES_SOCKETS, Nginx, accepts

pytestmark = pytest.mark.long

Pictures = Callable[..., list[Path]]
Behind = Callable[..., Page]

NO_UPGRADE, OTHER_HOST = KEEPS_HOST, PASSES_SOCKETS  # what nginx does unless it is told otherwise
SENTENCE = "Live news does not get through here, so this page asks the server every few seconds instead."
ASKS = "return document.documentElement.hasAttribute('data-asks')"
LINK = """
const { tasks: [{ task_id: id }] } = await (await fetch("api/video/")).json();
return (await (await fetch(`api/video/${id}/links`, { method: "POST", body: "{}" })).json()).url.split("/").at(-1);
"""
PLAYS = "return document.querySelector('video')?.currentTime > 0"


@pytest.fixture
def behind(
    driver: webdriver.Chrome, serve: Callable[..., LiveServer], tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Opens the page of a new server behind an nginx with these directives."""
    opened: list[tuple[Page, object]] = []

    def open_page(directives: str, **settings: object) -> Page:
        server = serve(**settings)
        nginx = Nginx(tmp_path / "nginx", server.url)
        context = nginx.running(directives)
        context.__enter__()
        page = Page(driver, nginx.url)
        page.server, page.nginx = server, nginx  # type: ignore[attr-defined]
        opened.append((page, context))
        page.until(lambda: accepts(nginx.url), "nginx listens")
        return page.open()

    yield open_page
    for page, context in opened:
        page.restore()
        context.__exit__(None, None, None)  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("directives", [NO_UPGRADE, OTHER_HOST], ids=["no upgrade", "another host"])
def test_everything_is_shown_by_requests(behind: Behind, pictures: Pictures, directives: str) -> None:
    page = behind(directives, model_seconds=4)
    assert page.script(ASKS)
    page.says(".toast", SENTENCE)
    page.says(".headline", "Nobody ahead")
    page.choose(*pictures(3))
    page.until(lambda: len(page.cards("queued")) == 2 and page.cards("processing"), "one at work, two in line")
    page.until(lambda: re.search(r"[1-9]\d? %", page.text()), "progress")
    page.says(".headline", "3 of yours")
    page.until(lambda: "Next in line" in page.text() and "2 of 2 in line" in page.text(), "their places")
    names = page.names()
    page.open()
    page.until(lambda: page.names() == names, "all three after a reload")
    page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")
    page.click('[data-state="succeeded"] [data-action="delete"]')
    page.click(".toast .close")
    page.until(lambda: len(page.cards()) == 2, "one less")
    page.click(".card-play")
    page.until(lambda: page.script(PLAYS), "the video plays")
    assert page.script(ASKS), "and no socket has passed meanwhile"


@pytest.mark.slow
def test_a_video_plays_while_it_is_made_and_goes_on_by_requests(behind: Behind, pictures: Pictures) -> None:
    page = behind(NO_UPGRADE, model_seconds=8, clip_seconds=3)
    page.choose(*pictures(1))
    page.until(
        lambda: page.script("return document.querySelector('.card-play')?.hidden === false"), "a play button"
    )
    assert page.cards("processing")
    page.click(".card-play")
    page.until(lambda: page.script(PLAYS), "the video plays")
    page.until(lambda: page.script("return document.querySelector('video').currentTime > 2.2"), "its last second")
    page.until(lambda: page.cards("succeeded"), "the finished video")
    page.until(lambda: page.script("return document.querySelector('video').currentTime < 2"), "its beginning again")
    assert page.script(ASKS), "and no socket has passed meanwhile"


@pytest.mark.slow
@pytest.mark.parametrize("directives", [NO_UPGRADE, OTHER_HOST], ids=["no upgrade", "another host"])
def test_a_links_page_plays(behind: Behind, pictures: Pictures, directives: str) -> None:
    page = behind(directives)
    page.choose(*pictures(1))
    page.card("succeeded")
    token = page.script(LINK)
    page.driver.delete_all_cookies()
    page.driver.get(f"{page.url}/watch/{token}")
    page.click(".card-play")
    page.until(lambda: page.script(PLAYS), "the video plays")


@pytest.mark.slow
def test_on_plain_http_behind_a_proxy_that_changes_the_host_everything_works_but_for_other_sites(
    serve: Callable[..., LiveServer], tmp_path: Path, pictures: Pictures
) -> None:
    """There browsers tell of an origin only, and that is not the host which the server sees."""
    server = serve(model_seconds=0.5)
    nginx = Nginx(tmp_path / "nginx", server.url)
    with nginx.running(OTHER_HOST), watching_browser() as browser:
        page = WatchingPage(browser, nginx.url.replace("localhost", OTHER_NAME))
        page.until(lambda: accepts(nginx.url), "nginx listens")
        page.open()
        assert page.script(ASKS)
        page.choose(*pictures(2))
        page.until(lambda: len(page.cards("succeeded")) == 2, "two videos")
        page.click('.card [data-action="delete"]')
        page.click(".toast .close")
        page.until(lambda: len(page.cards()) == 1, "one less")
        page.click(".card-play")
        page.playing()
        assert statuses_from_another_site(page, server) == ["Failed to fetch", "Failed to fetch"]
        asked = [line for line in server.log().splitlines() if 'path="/api/queue/pause"' in line]
        assert [re.findall(r"method=(\w+) .* status=(\d+)", line)[0] for line in asked] == [
            ("POST", "403"),
            ("OPTIONS", "405"),
        ], "refused, and asked for leave in vain"


def statuses_from_another_site(page: WatchingPage, server: LiveServer) -> list[str]:
    """What a page of another site, on plain http, gets for a change: without the page's header, and with it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        page.driver.get(f"http://{OTHER_NAME}:{site.server_address[1]}/tests/")
        asks = "return (await fetch(arguments_[0], { method: 'POST', headers: arguments_[1], body: '{}' })).status"
        address = f"{server.url.replace('localhost', '127.0.0.1')}/api/queue/pause"
        said = [str(page.wait_for(asks, address, headers)) for headers in ({}, {"X-Leyline-Page": "1"})]
        site.shutdown()
    return [text.removeprefix("TypeError: ") for text in said]


@pytest.mark.slow
def test_the_page_goes_back_to_sockets_by_itself_when_they_pass(behind: Behind, pictures: Pictures) -> None:
    page = behind(NO_UPGRADE, model_seconds=60)
    page.choose(*pictures(1))
    page.card("processing")
    page.one(".toast")
    page.nginx.change(KEEPS_HOST + PASSES_SOCKETS)  # type: ignore[attr-defined]
    page.until(lambda: not page.script(ASKS), "a socket")
    page.gone(".toast")
    page.script("performance.clearResourceTimings()")
    page.until(lambda: re.search(r"[2-9]\d? %|1\d %", page.text()), "progress")
    assert (
        page.script(
            "return performance.getEntriesByType('resource').filter(({ name }) => /since=/.test(name)).length"
        )
        == 0
    )


@pytest.mark.slow
def test_a_server_that_is_away_is_no_proxys_fault(behind: Behind) -> None:
    page = behind(KEEPS_HOST + PASSES_SOCKETS)
    page.script(
        """
        window.sockets = 0;
        const Real = WebSocket;
        window.WebSocket = class extends Real { constructor(...all) { super(...all); sockets += 1; } };
        """
    )
    page.server.settings["port"] = int(page.server.url.rpartition(":")[2])
    page.server.stop()
    page.until(lambda: page.script("return sockets") > 4, "five that do not open")
    page.says(".headline", "Reconnecting")
    assert not page.script(ASKS)
    page.server.start()
    page.live()
    assert not page.script(ASKS) and not page.all(".toast")


@pytest.mark.slow
def test_a_server_that_goes_and_comes_back_is_told_of_by_requests_too(behind: Behind, pictures: Pictures) -> None:
    page = behind(NO_UPGRADE, model_seconds=60)
    page.choose(*pictures(1))
    page.card("processing")
    page.server.settings |= {"port": int(page.server.url.rpartition(":")[2]), "model_seconds": 1}
    page.server.stop()
    page.says(".headline", "Reconnecting")
    page.says(".card[data-stale]", "As last seen")
    page.server.start()
    page.live()
    page.card("succeeded")


@pytest.mark.slow
def test_a_task_without_a_session_is_followed_at_its_address(behind: Behind, pictures: Pictures) -> None:
    page = behind(NO_UPGRADE, model_seconds=4)
    task_id = page.script(
        """
        const form = new FormData();
        form.append("file", new File([new Uint8Array(arguments[0])], "robot.jpg"));
        const options = { method: "POST", body: form, credentials: "omit" };
        return fetch("/api/video/upload/", options).then((answer) => answer.json()).then(({ task_id }) => task_id);
        """,
        list(pictures(1)[0].read_bytes()),
    )
    page.open(f"/#{task_id}")
    page.card("succeeded")
    page.open("/#" + "0" * 32)
    page.says(".notice", "There is no picture at this address")
