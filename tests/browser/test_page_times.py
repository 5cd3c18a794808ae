"""Times by the person's own clock and habit: zone, 12 or 24 hours, a computer or a server whose clock is wrong, and
what counts down by itself, without a word from the server, and never up."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.acceptance.test_time import StrangeServer
from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Pictures = Callable[..., list[Path]]

# What each place says in seconds, ten times a second, for as long as the page lives.
SAMPLES = r"""
  window.samples = {};
  const seconds = (text) => {
    const [, short] = /(\d+)\ss\b/.exec(text) ?? [];
    const [, minutes, rest] = /(\d+):(\d\d)/.exec(text) ?? [];
    return short ? +short : 60 * minutes + +rest;
  };
  const places = {
    card: ".card[data-state=processing] .card-when", headline: ".headline > :first-child",
    running: ".card[data-state=processing] [data-kind=ran]", retrying: ".card[data-state=retrying] .card-when",
    waiting: ".card[data-state=queued] [data-kind=waited]",
  };
  setInterval(() => {
    for (const [name, place] of Object.entries(places)) {
      const said = seconds(document.querySelector(place)?.textContent ?? "");
      const known = (samples[name] ??= []);
      if (!Number.isNaN(said) && known.at(-1) !== said) known.push(said);
    }
  }, 100);
"""
FAST = "const now = Date.now.bind(Date); window.fast = {}; Date.now = () => now() + 1000 * window.fast;"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("times") / "data") as running:
        yield running


@pytest.fixture
def strange(tmp_path: Path) -> Iterator[StrangeServer]:
    with StrangeServer(tmp_path / "data", model_seconds=120) as running:
        assert isinstance(running, StrangeServer)
        yield running


def test_what_counts_counts_by_itself_and_never_back(driver: Chrome, server: LiveServer) -> None:
    """The page hears nothing meanwhile."""
    page = Page(driver, server.url)
    page.before_scripts(SAMPLES)
    staged.stage(page)
    staged.choose(page, "retrying.jpg")
    staged.tell(page, [staged.running(1, 50)])
    page.card("retrying")
    told = page.until(lambda: page.script("return samples.card.length > 4 && samples"), "five seconds of the card")
    for name in ("card", "headline", "retrying"):
        assert len(told[name]) >= 3, (name, told)
        assert told[name] == sorted(told[name], reverse=True), f"{name} counts down"
    assert told["running"] == sorted(told["running"]) and len(told["running"]) >= 3, "and this up"
    page.restore()


def test_a_ready_time_that_trembles_does_not_count_up(driver: Chrome, server: LiveServer) -> None:
    page = Page(driver, server.url)
    page.before_scripts(SAMPLES)
    staged.stage(page)
    task = staged.running(1, 40)
    told_first = datetime.fromisoformat(task["eta"]["ready_at"])
    staged.tell(page, [task])
    page.until(lambda: page.script("return samples.card?.length"), "a countdown")
    for version, later in enumerate((0.5, 0.75, -1.0, 0.55, -2.0), start=2):
        ready_at = (told_first + timedelta(seconds=later)).isoformat()
        eta = {"ready_at": ready_at, "basis": "progress"}
        staged.hear(page, "task_status", {"task_id": task["task_id"], "version": version, "eta": eta})
        staged.drawn(page)
    told = page.until(lambda: page.script("return samples.card.length > 3 && samples.card"), "four seconds")
    assert told == sorted(told, reverse=True)
    page.restore()


@pytest.mark.parametrize(
    ("languages", "zone", "twelve"),
    [
        ("en-US,en", "America/Los_Angeles", True),
        ("en-GB,en", "Asia/Kolkata", False),
        ("de-DE,de", "Pacific/Auckland", False),
    ],
)
def test_every_time_is_one_of_the_persons_zone_and_habit(
    server: LiveServer, languages: str, zone: str, twelve: bool
) -> None:
    with chromium(languages) as driver:
        page = Page(driver, server.url)
        page.cdp("Emulation.setTimezoneOverride", timezoneId=zone)
        staged.stage(page)

        def written(time: str) -> str:
            local = datetime.fromisoformat(time).astimezone(ZoneInfo(zone))
            return local.strftime("%I:%M %p" if twelve else "%H:%M").lstrip("0")

        def half(seconds: float) -> str:
            """Then, or up to half a minute away, in the middle of a minute: the clocks may be a little apart."""
            return datetime.fromisoformat(staged.at(seconds)).replace(second=30).isoformat()

        def ready(seconds: float) -> dict[str, str]:
            return {"ready_at": half(seconds), "basis": "runs"}

        tasks = [
            staged.running(1, 5000, created_at=half(-100), eta=ready(5000)),
            staged.waiting(2, 1, 1, 9000, eta=ready(9000)),
            staged.task(3, "succeeded", created_at=staged.at(-5 * 86_400), trashed_at=staged.at(-9)),
            staged.task(4, "succeeded", created_at=staged.at(-5 * 86_400)),
        ]
        tasks[2]["expires_at"] = half(1800)
        staged.tell(page, tasks)
        page.card("processing")
        staged.drawn(page)

        def says(selector: str) -> str:
            text = "return document.querySelector(arguments[0])?.textContent"
            return re.sub(r"\s", " ", page.until(lambda: page.script(text, selector), selector))

        running, waiting = tasks[0], tasks[1]
        assert written(running["eta"]["ready_at"]) in says('[data-state="processing"] .card-when')
        assert written(running["created_at"]) in says('[data-state="processing"] .card-timeline')
        assert written(waiting["eta"]["ready_at"]) in says('[data-state="queued"] .card-when')
        assert written(waiting["eta"]["ready_at"]) in says(".headline > :first-child")
        assert written(running["eta"]["ready_at"]) in says(".now-says")
        assert ":" not in says('[data-state="succeeded"] .card-timeline li'), "not today: a day, no time"
        page.click('[data-filter="trash"]')
        assert written(tasks[2]["expires_at"]) in says('[data-state="trashed"] .card-when')
        page.restore()


def seconds_left(page: Page) -> int:
    found = re.search(r"in\s(\d+)\s(s|min)\b", page.one('[data-state="processing"] .card-when').text)
    return int(found[1]) * (60 if found[2] == "min" else 1) if found else -1


@pytest.mark.parametrize("days", [1, -1])
def test_a_server_whose_clock_is_wrong_counts_right_and_says_the_persons_time(
    driver: Chrome, strange: StrangeServer, pictures: Pictures, days: int
) -> None:
    """From the start, and when it is set while the page is open: as soon as the page has asked how late it is."""
    page = Page(driver, strange.url)
    page.server = strange
    strange.set_clock(days)
    page.open()
    page.choose(*pictures(1))
    page.card("processing")
    page.until(lambda: 20 <= seconds_left(page) <= 240, "how long it takes")
    expected = "return new Date(Date.now() + 1000 * arguments[0]).toTimeString().slice(0, 5).replace(/^0/, '')"
    said = page.one('[data-state="processing"] .card-when').text
    about = {page.script(expected, seconds_left(page) + more) for more in (-90, -60, -30, 0, 30, 60, 90)}
    assert any(time in said for time in about), said
    strange.set_clock(-days)
    page.script("dispatchEvent(new Event('online'))")
    page.until(lambda: 1 <= seconds_left(page) <= 240, "the same, by the clock that was set")
    page.restore()


def test_a_computer_whose_clock_is_set_goes_on_counting(
    driver: Chrome, strange: StrangeServer, pictures: Pictures
) -> None:
    page = Page(driver, strange.url)
    page.before_scripts(FAST.replace("{}", "0"))
    page.open()
    page.choose(*pictures(1))
    page.card("processing")
    page.until(lambda: 20 <= seconds_left(page) <= 240, "how long it takes")
    for fast in (7200, -7200):
        page.script("window.fast = arguments[0]", fast)

        def is_right() -> bool:
            """How long it takes is the same, and the time is by the person's clock."""
            said = page.one('[data-state="processing"] .card-when').text
            hour = page.script("return new Date(Date.now() + 60_000).getHours()")
            return 1 <= seconds_left(page) <= 240 and bool(re.search(rf"\b0?({hour}|{(hour + 1) % 24}):", said))

        page.until(is_right, f"the truth, {fast} s fast")
    page.restore()


def test_the_operators_page_counts_by_itself_and_by_the_servers_clock(
    driver: Chrome, strange: StrangeServer, pictures: Pictures
) -> None:
    strange.set_clock(1)
    page = Page(driver, strange.url)
    page.open()
    page.choose(*pictures(1))
    page.card("processing")
    driver.get(f"{strange.url}/admin")
    token = (strange.data_dir / "operator-token").read_text().strip()
    page.one("#token").send_keys(token + Keys.ENTER)
    seen: list[int] = []

    def counted() -> bool:
        found = re.search(r"for (\d+):(\d\d)", page.one(".run .soft").text)
        if found and (now := 60 * int(found[1]) + int(found[2])) not in seen:
            seen.append(now)
        return len(seen) > 3

    page.until(counted, "three seconds")
    assert seen == sorted(seen)
    assert seen[0] < 120
    page.restore()
