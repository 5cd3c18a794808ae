"""Fixtures of the browser tests: one Chromium for all, a server and a session for each test."""

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver

from tests.browser.chromium import Page, chromium
from tests.browser.watching import OTHER_HOST, watching_browser
from tests.live_server import LiveServer
from tests.watch_site import SiteThread, make_master


@pytest.fixture(scope="session")
def one_browser() -> Iterator[webdriver.Chrome]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def driver(one_browser: webdriver.Chrome) -> webdriver.Chrome:
    """One browser; tests have a server of their own each, and so a session of their own.

    Cookies know no ports: those of every server before would come along, until they are more than a proxy takes.
    """
    one_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    return one_browser


@pytest.fixture(scope="module")
def thread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteThread]:
    """A site to watch videos at, under two names: one where browsers have EME, one where they have not."""
    with SiteThread(tmp_path_factory.mktemp("site") / "data", hosts=OTHER_HOST) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """A browser of its own for those who watch."""
    with watching_browser() as driver:
        yield driver


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video for those who watch; files whose tests look closer make one of their own."""
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", 2, 640, 360)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Starts servers with settings by name; all are gone after the test."""
    started: list[LiveServer] = []

    def start(**settings: Any) -> LiveServer:
        server = LiveServer(tmp_path / f"data{len(started)}", **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.__exit__()


@pytest.fixture
def visit(driver: webdriver.Chrome, serve: Callable[..., LiveServer]) -> Iterator[Callable[..., Page]]:
    """Opens the page of a new server with these settings; the page's own errors fail the test."""
    pages: list[Page] = []

    def open_page(address: str = "/", **settings: Any) -> Page:
        server = serve(**settings)
        page = Page(driver, server.url)
        page.server = server
        pages.append(page)
        return page.open(address)

    driver.get_log("browser")
    yield open_page
    for page in pages:
        complaints = page.errors()
        page.restore()
        assert not complaints, complaints


def picture_bytes(seed: int = 0, size: tuple[int, int] = (480, 360), format: str = "JPEG") -> bytes:
    """A picture whose colours come from `seed`."""
    chance = random.Random(seed)
    image = Image.new("RGB", (8, 6))
    image.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(48)])
    out = io.BytesIO()
    image.resize(size, Image.Resampling.BICUBIC).save(out, format)
    return out.getvalue()


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., list[Path]]:
    """Makes so many different pictures and gives their paths."""

    def make(count: int = 1, **options: Any) -> list[Path]:
        paths = [tmp_path / f"picture-{number}.jpg" for number in range(1, count + 1)]
        for number, path in enumerate(paths):
            path.write_bytes(picture_bytes(number, **options))
        return paths

    return make
