"""A message of a ready video is clicked where the desktop shows it: the page that is open shows that video."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Page, chromium
from tests.browser.conftest import picture_bytes
from tests.browser.debugging import debugging
from tests.browser.test_page_phone import working
from tests.desktop import Desktop, desktop
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

TASKS = "return fetch('/api/video/').then((answer) => answer.json())"
IN_SIGHT = """
    const { top, bottom } = document.activeElement.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
"""
PICTURES = 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("told") / "data", model_seconds=0.01, clip_seconds=0.2) as running:
        yield running


class Told:
    """Somebody with a dozen videos, in a browser that shows its messages on a desktop."""

    def __init__(self, page: Page, shows: Desktop, deliver: Callable[..., None]) -> None:
        self.page, self.desktop, self.deliver = page, shows, deliver
        self.window = page.driver.current_window_handle
        self.ids = {task["image"]["name"]: task["task_id"] for task in page.script(TASKS)["tasks"]}

    @contextmanager
    def looking_elsewhere(self) -> Iterator[Callable[[str], None]]:
        """What is seen is another tab, of the same site and no page of it.

        Gives what waits until the page's own tab is "visible" or "hidden". Selenium could not tell: to whatever tab
        it turns, that is seen.
        """
        driver = self.page.driver
        with debugging(driver) as protocol:

            def becomes(state: str) -> None:
                self.page.until(
                    lambda: (
                        protocol.ask("Runtime.evaluate", expression="document.visibilityState")
                        == {"result": {"type": "string", "value": state}}
                    ),
                    f"the page to be {state}",
                )

            driver.switch_to.new_window("tab")
            driver.get(f"{self.page.url}/healthz")
            becomes("hidden")
            yield becomes
        driver.close()

    def clicks(self, name: str) -> None:
        """The message that this video is ready, once the desktop shows it."""
        self.deliver(self.ids[name], title=f"{name} is ready")
        self.page.until(lambda: self.desktop.shown, "a message")
        [(number, title)] = self.desktop.shown.items()
        assert title == f"{name} is ready"
        self.desktop.click(number)
        self.page.until(lambda: not self.desktop.shown, "the message to be gone")

    def sees(self, name: str) -> None:
        """The tab that the driver is at is seen, and has this video's card in sight and focused."""
        page = self.page
        page.until(lambda: page.script("return document.visibilityState") == "visible", "the page to be seen")
        focused = "return document.activeElement.textContent"
        page.until(lambda: page.script(focused) == name, f"{name} to have the focus")
        page.until(lambda: page.script(IN_SIGHT), f"{name} in sight")
        assert not page.all("dialog[open]"), "nothing lies over it"
        assert page.script("return location.hash") == f"#{self.ids[name]}"


@pytest.fixture(scope="module")
def told(server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("pictures")
    with desktop() as shows, chromium(environment=shows.environment) as driver:
        page = Page(driver, server.url).open()
        page.cdp("Browser.grantPermissions", origin=page.url, permissions=["notifications"])
        page.choose(*(picture(folder, number) for number in range(PICTURES)))
        page.until(lambda: len(page.cards("succeeded")) == PICTURES, "a dozen videos")
        working(page)
        driver.switch_to.new_window("tab")  # stays, so that the browser does
        with debugging(driver) as protocol:
            driver.get(f"{page.url}/healthz")
            deliver = protocol.pushes(page.url)
            driver.switch_to.window(driver.window_handles[0])
            yield Told(page, shows, deliver)


def picture(folder: Path, number: int) -> Path:
    path = folder / f"picture-{number}.jpg"
    path.write_bytes(picture_bytes(number))
    return path


OVER_IT: dict[str, Callable[[Page], Any]] = {
    "nothing": lambda page: page.click("[data-filter=line]"),
    "the wall": lambda page: page.click("[data-filter=videos]"),
    "the theatre": lambda page: page.script("document.querySelector('[data-action=theatre]').click()"),
    "a dialog": lambda page: page.script("document.querySelector('[data-action=link]').click()"),
}


@pytest.mark.parametrize("over", OVER_IT)
@pytest.mark.parametrize("address", ["", "picture-0.jpg"])
def test_a_click_brings_the_open_page_to_the_front_and_shows_that_video(
    told: Told, over: str, address: str
) -> None:
    page = told.page
    page.driver.switch_to.window(told.window)
    page.open(f"/#{told.ids[address]}" if address else "/")
    OVER_IT[over](page)
    if over in ("the theatre", "a dialog"):
        page.one("dialog[open]")
    with told.looking_elsewhere() as becomes:
        told.clicks("picture-0.jpg")
        becomes("visible")
    page.driver.switch_to.window(told.window)
    told.sees("picture-0.jpg")


def test_a_click_opens_a_page_at_that_video_where_none_is_open(told: Told) -> None:
    page = told.page
    page.driver.switch_to.window(told.window)
    page.driver.get(f"{page.url}/healthz")
    before = set(page.driver.window_handles)
    told.clicks("picture-3.jpg")
    page.until(lambda: set(page.driver.window_handles) - before, "a window")
    [told.window] = set(page.driver.window_handles) - before
    page.driver.switch_to.window(told.window)
    told.sees("picture-3.jpg")
