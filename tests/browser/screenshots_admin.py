"""Pictures of the operator's page in each of its states: `make screenshots` takes these too."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page, chromium
from tests.browser.screenshots import DESK, NAMES, shoot
from tests.live_server import ROOT, Api, LiveServer
from tests.pictures import photo

PHONE = (390, 844)
# A traceback names files; of no machine of ours.
ELSEWHERE = """
  for (const each of document.querySelectorAll("pre")) {
    each.textContent = each.textContent.replaceAll(arguments[0], "/srv/leyline");
  }
"""


async def send(server: LiveServer, count: int, until_finished: bool) -> None:
    """So many pictures of two people's."""
    people = [await Api(server.url).open_page() for _ in range(2)]
    for number in range(count):
        name = f"{NAMES[number % len(NAMES)]} {number}.jpg"
        _, task = await people[number % 2].upload(photo(number), name)
        if until_finished:
            await people[number % 2].finished(task["task_id"])


@contextmanager
def room(
    driver: Chrome, data: Path, count: int = 0, until_finished: bool = False, **settings: Any
) -> Iterator[Page]:
    """The operator's page of a new server, signed in."""
    with LiveServer(data, **{"model_seconds": 30, **settings}) as server:
        asyncio.run(send(server, count, until_finished))
        page = Page(driver, server.url)
        page.server = server
        page.resize(*DESK)
        driver.get(f"{server.url}/admin")
        page.one("#token").send_keys((data / "operator-token").read_text().strip() + Keys.ENTER)
        page.one(".room-grid .headline")
        page.live()
        yield page
        page.restore()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="leyline-screenshots-") as name, chromium() as driver:
        folder = Path(name)
        with room(driver, folder / "empty") as page:
            page.says(".headline", "All quiet")
            shoot(page, "admin-empty")
        with room(driver, folder / "busy", 102, model="tests.models.printing:Murmurs") as page:
            page.until(lambda: "40 %" in page.one(".run .soft").text, "its share")
            page.click(".run summary")
            page.says(".run pre", "step 4")
            shoot(page, "admin-busy")
            page.media(prefers_color_scheme="dark")
            shoot(page, "admin-dark")
            page.media()
            page.resize(*PHONE, touch=True, scale=2)
            shoot(page, "admin-phone")
            page.resize(*DESK)
            page.click(".head button")
            page.says(".headline", "paused")
            shoot(page, "admin-paused")
        with room(driver, folder / "failing", 9, True, model="tests.models.failing:Raises") as page:
            page.click(".failures summary")
            page.script(ELSEWHERE, str(ROOT))
            page.script("document.querySelector('#history-title').scrollIntoView()")
            shoot(page, "admin-failures")
        with room(driver, folder / "full", 12, True, model_seconds=0.05) as page:
            page.server.stop()
            page.server.settings["disk_reserve_mb"] = 900_000_000
            page.server.start()
            driver.get(f"{page.server.url}/admin")
            page.one("#token").send_keys((page.server.data_dir / "operator-token").read_text().strip() + Keys.ENTER)
            page.says("[data-low] .notice", "nearly full")
            page.click("details summary")
            page.script("document.querySelector('#disk-title').scrollIntoView()")
            shoot(page, "admin-disk-low")


if __name__ == "__main__":
    main()
