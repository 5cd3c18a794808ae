"""The servers that the states are pictures of: whose line, which model, what has gone wrong."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page
from tests.browser.landscapes import NAMES, pictures
from tests.browser.screenshots import real_states, staged_states
from tests.browser.screenshots.staged_states import Room
from tests.browser.screenshots.studio import Studio, Wanted
from tests.browser.test_page_parameters import KNOWN, SPOILED
from tests.live_server import ROOT, Api, LiveServer
from tests.pictures import photo

# What would go by itself stays while it is looked at: a notice, a grace.
STAY = """
  const later = window.setTimeout.bind(window);
  window.setTimeout = (what, ms, ...more) => (ms >= 4000 && ms <= 15_000 ? 0 : later(what, ms, ...more));
"""
LISTED = "return fetch('/api/video/?limit=100').then((answer) => answer.json()).then(({ tasks }) => tasks)"
KEPT = "return caches.match(document.baseURI.replace(/#.*/, '')).then(Boolean)"
# A traceback names files; of no machine of ours.
ELSEWHERE = """
  for (const each of document.querySelectorAll("pre")) {
    each.textContent = each.textContent.replaceAll(arguments[0], "/srv/leyline");
  }
"""


class Servers:
    """One browser, and a new server for each set of states. Each method is such a set."""

    def __init__(self, driver: Chrome, folder: Path, wanted: Wanted) -> None:
        self.driver = driver
        self.folder = folder
        self.wanted = wanted
        self.missed: list[str] = []  # states that could not be brought about, and what was waited for
        self._count = 0

    @contextmanager
    def server(self, **settings: Any) -> Iterator[Studio]:
        self._count += 1
        usual = {"clip_seconds": 2, "clip_height": 480, "model_seconds": 0.1}
        with LiveServer(self.folder / f"data{self._count}", **{**usual, **settings}) as server:
            page = Page(self.driver, server.url)
            page.server = server
            studio = Studio(page)
            studio.usual()
            yield studio
            page.restore()

    def everybodys(self) -> None:
        """Somebody's page, with many finished videos."""
        if not self._any(*staged_states.STATES, *real_states.STATES, "reconnecting", "without-server"):
            return
        with self.server(clip_seconds=0.5, clip_height=240) as studio:
            room = self._room(studio, 24)
            for name, state in filter(self._asked, staged_states.STATES.items()):
                self._fresh(room.page)
                state.begin(room)
                studio.take(name, lambda state=state: state.again(room))
            self._real(studio, room, real_states.STATES)
            self._without_server(studio)

    def watched(self) -> None:
        """The same with a few that are played."""
        if self._any(*real_states.WATCHED):
            with self.server(clip_seconds=2) as studio:
                self._real(studio, self._room(studio, 7), real_states.WATCHED)

    def _real(self, studio: Studio, room: Room, states: dict[str, Callable[[Room], None]]) -> None:
        for name, bring in filter(self._asked, states.items()):
            self._fresh(room.page).open().one(".form-more")
            try:
                bring(room)
                studio.take(name)
            except AssertionError as missed:
                self.missed.append(f"{name}: {str(missed).splitlines()[0]}")

    def _without_server(self, studio: Studio) -> None:
        page = self._fresh(studio.page).open()
        page.until(lambda: page.script(KEPT), "the page to be kept")
        page.server.stop()
        page.says(".headline", "Reconnecting")
        studio.take("reconnecting")
        page.driver.get("about:blank")
        page.driver.get(page.url)
        page.says(".headline", "onnecting")
        studio.take("without-server")

    def growing(self) -> None:
        """A video that is watched while it is made."""
        if not self.wanted("growing"):
            return
        with self.server(model_seconds=40, clip_seconds=6) as studio:
            page = studio.page.open()
            page.choose(*pictures(self.folder, 4))
            page.click(".now-play")
            real_states.plays(page)
            studio.take("growing")

    def prompted(self) -> None:
        """A model with a prompt, and much else to choose."""
        names = ("choices", "choices-open", "choices-refused", "choices-of-a-card", "choices-changed")
        if not self._any(*names):
            return
        with self.server(model="tests.models.prompted:Prompted") as studio:
            page = studio.page
            page.before_scripts(SPOILED)
            page.open().until(lambda: page.script(KNOWN), "what may be chosen")
            page.one("#next-prompt").send_keys("A small boat leaves the harbour, and the light fades.")
            studio.take("choices")
            page.click(".form-more summary")
            page.one("#next-seed").send_keys("7")
            page.script("document.querySelector('#next-direction-1').click()")
            studio.take("choices-open")
            page.script("window.spoil = { seconds: 99, strength: 7 }")
            made = pictures(self.folder, 3)
            page.choose(made[0])
            page.card("refused")
            studio.take("choices-refused", lambda: page.script("scrollTo(0, 0)"))
            page.script("window.spoil = null")
            page.click(".form-refused button")
            page.choose(*made[1:])
            page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")
            page.click(".form-more summary")
            page.script("document.querySelector('.card-parameters').open = true")
            studio.take(
                "choices-of-a-card", lambda: page.script("document.querySelector('.shelf').scrollIntoView()")
            )
            page.click(".card [data-action=changes]")
            page.one("#changes-seed")
            studio.take("choices-changed")

    def guarded(self) -> None:
        """A server that asks who one is."""
        if not self.wanted("token"):
            return
        with self.server(token="a-secret-of-the-family") as studio:
            studio.page.driver.get(studio.page.url)
            studio.page.one("#token")
            studio.take("token")

    def operated(self) -> None:
        """The operator's room, signed in to."""
        if not self._any("admin-sign-in", "admin-empty"):
            return
        with self.server() as studio:
            studio.page.driver.get(f"{studio.page.url}/admin")
            studio.page.one("#token")
            studio.take("admin-sign-in")
            self._sign_in(studio.page).says(".headline", "All quiet")
            studio.take("admin-empty")

    def operated_busy(self) -> None:
        if not self._any("admin-busy", "admin-paused"):
            return
        with self.server(model="tests.models.printing:Murmurs", model_seconds=30) as studio:
            asyncio.run(send(studio.page.server, 102))
            page = self._sign_in(studio.page)
            page.until(lambda: "40 %" in page.one(".run .soft").text, "its share")
            page.click(".run summary")
            page.says(".run pre", "step 4")
            studio.take("admin-busy")
            page.click(".head button")
            page.says(".headline", "paused")
            studio.take("admin-paused")

    def operated_failing(self) -> None:
        if not self._any("admin-failures", "admin-disk-low"):
            return
        with self.server(model="tests.models.failing:Raises") as studio:
            asyncio.run(send(studio.page.server, 9, until_finished=True))
            page = self._sign_in(studio.page)
            page.click(".failures summary")
            page.script(ELSEWHERE, str(ROOT))
            studio.take(
                "admin-failures", lambda: page.script("document.querySelector('#history-title').scrollIntoView()")
            )
            page.server.stop()
            page.server.settings |= {"disk_reserve_mb": 900_000_000, "port": int(page.url.rpartition(":")[2])}
            page.server.start()
            self._sign_in(page).says("[data-low] .notice", "nearly full")
            page.click("details summary")
            studio.take(
                "admin-disk-low", lambda: page.script("document.querySelector('#disk-title').scrollIntoView()")
            )

    ALL = (everybodys, watched, growing, prompted, guarded, operated, operated_busy, operated_failing)

    def _any(self, *names: str) -> bool:
        return any(map(self.wanted, names))

    def _asked(self, row: tuple[str, Any]) -> bool:
        return self.wanted(row[0])

    def _room(self, studio: Studio, count: int) -> Room:
        """Somebody who has so many videos."""
        page = studio.page.open()
        files = pictures(self.folder, count)
        page.choose(*files)
        page.until(lambda: page.script(LISTED_DONE) == count, "all videos", 600)
        return Room(page, page.script(LISTED), files, self.folder)

    def _fresh(self, page: Page) -> Page:
        """The page as who comes for the first time has it."""
        page.restore()
        Studio(page).usual()
        page.driver.get(f"{page.url}/about")
        page.script("localStorage.clear()")
        page.before_scripts(STAY)
        return page

    def _sign_in(self, page: Page) -> Page:
        page.driver.get(f"{page.url}/admin")
        token = (page.server.data_dir / "operator-token").read_text().strip()
        page.one("#token").send_keys(token + Keys.ENTER)
        page.one(".room-grid .headline")
        return page.live()


LISTED_DONE = LISTED.replace("tasks)", "tasks.filter(({ status }) => status === 'succeeded').length)")


async def send(server: LiveServer, count: int, until_finished: bool = False) -> None:
    """So many pictures of two people's."""
    people = [await Api(server.url).open_page() for _ in range(2)]
    for number in range(count):
        name = f"{NAMES[number % len(NAMES)]} {number}.jpg"
        _, task = await people[number % 2].upload(photo(number), name)
        if until_finished:
            await people[number % 2].finished(task["task_id"])
