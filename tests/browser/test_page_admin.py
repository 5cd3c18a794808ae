"""The operator's page in a browser: signing in, seeing all of it live, commanding, on a phone, in the dark."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page, chromium
from tests.browser.test_page_access import assert_accessible
from tests.live_server import Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

Serve = Callable[..., LiveServer]

LONGEST_IN_LINE = "an-evening-at-the-harbour-" * 6 + ".jpg"
NAMES = "return [...document.querySelectorAll('.waiting .name')].map((node) => node.textContent)"


@pytest.fixture
def page(driver: Chrome, request: pytest.FixtureRequest) -> Iterator[Callable[[LiveServer], Page]]:
    """Opens the operator's page of a server; its own errors fail the test."""
    opened: list[Page] = []

    def open_page(server: LiveServer) -> Page:
        page = Page(driver, server.url)
        page.server = server
        opened.append(page)
        driver.get("about:blank")
        driver.get(f"{server.url}/admin")
        page.one("#token")
        return page

    driver.get_log("browser")
    yield open_page
    for each in opened:
        complaints = each.errors()
        each.restore()
        assert not complaints, complaints


def enter(page: Page) -> Page:
    """Sign in, as the operator does."""
    page.one("#token").send_keys((page.server.data_dir / "operator-token").read_text().strip() + Keys.ENTER)
    page.one(".room-grid .headline")
    return page.live()


def send(server: LiveServer, *names: str, until_finished: bool = False) -> list[str]:
    """Pictures of somebody's; their tasks."""

    async def upload() -> list[str]:
        api = await Api(server.url).open_page()
        sent = [(await api.upload(photo(n), name))[1]["task_id"] for n, name in enumerate(names)]
        for task_id in sent if until_finished else ():
            await api.finished(task_id)
        return sent

    return asyncio.run(upload())


def names(page: Page) -> list[str]:
    return list(page.script(NAMES))


def press(page: Page, action: str, name: str) -> None:
    page.click(f'.waiting button[data-action="{action}"][aria-label$=": {name}"]')


@contextmanager
def busy(serve: Serve, *waiting: str) -> Iterator[LiveServer]:
    server = serve(model="tests.models.printing:Murmurs")
    send(server, "running.jpg", *waiting)
    yield server


def test_the_operator_signs_in_by_typing_the_token_and_out_again(page: Callable[..., Page], serve: Serve) -> None:
    shown = page(serve())
    shown.one("#token").send_keys("a guess" + Keys.ENTER)
    shown.says("#token-wrong", "not the operator's token")
    assert shown.one("#token").get_attribute("aria-invalid") == "true"
    shown.one("#token").clear()
    enter(shown)
    shown.says(".headline", "All quiet")
    shown.driver.refresh()
    shown.live()
    shown.says(".headline", "All quiet")
    shown.click(".masthead .quiet")
    shown.one("#token")
    assert "All quiet" not in shown.text()
    shown.driver.refresh()
    shown.one("#token")


def test_the_line_is_live_and_obeys(page: Callable[..., Page], serve: Serve) -> None:
    with busy(serve, "one.jpg", "two.jpg", "three.jpg") as server:
        shown = enter(page(server))
        shown.says(".headline", "3 pictures waiting")
        shown.says(".run .row", "running.jpg")
        shown.until(lambda: "40 %" in shown.one(".run .soft").text, "its share")
        shown.click(".run summary")
        shown.says(".run pre", "step 4 of 10")
        assert names(shown) == ["one.jpg", "two.jpg", "three.jpg"]
        for action, name, becomes in (
            ("first", "three.jpg", ["three.jpg", "one.jpg", "two.jpg"]),
            ("down", "three.jpg", ["one.jpg", "three.jpg", "two.jpg"]),
            ("up", "two.jpg", ["one.jpg", "two.jpg", "three.jpg"]),
            ("last", "one.jpg", ["two.jpg", "three.jpg", "one.jpg"]),
        ):
            press(shown, action, name)
            shown.until(lambda becomes=becomes: names(shown) == becomes, f"{action} of {name}")
            focused = shown.script("return document.activeElement.getAttribute('aria-label')")
            assert focused is None or focused.endswith(name), "the focus stays with the picture"
        press(shown, "cancel", "three.jpg")
        shown.until(lambda: names(shown) == ["two.jpg", "one.jpg"], "it has left")
        assert (
            shown.script("return document.querySelector('[role=status]').textContent") == "three.jpg was canceled."
        )
        send(server, "four.jpg")
        shown.until(lambda: names(shown) == ["two.jpg", "one.jpg", "four.jpg"], "who comes is seen")


def test_in_the_fair_order_anybodys_picture_is_put_first_or_last(page: Callable[..., Page], serve: Serve) -> None:
    server = serve(model="tests.models.printing:Murmurs", order="fair")
    for sent in (("running.jpg", "many-1.jpg", "many-2.jpg"), ("single.jpg",)):
        send(server, *sent)
    shown = enter(page(server))
    shown.says(".room-grid .detail", "networks and sessions in turns")
    shown.until(lambda: sorted(names(shown)) == ["many-1.jpg", "many-2.jpg", "single.jpg"], "all who wait")
    assert names(shown) == ["single.jpg", "many-1.jpg", "many-2.jpg"], "whoever had no turn yet"
    offered = shown.all(".waiting button:not([hidden])")
    actions = {button.get_attribute("data-action") for button in offered}
    assert actions == {"first", "last", "cancel"}, "between two turns there is no place"
    press(shown, "first", "many-2.jpg")
    shown.until(lambda: names(shown) == ["many-2.jpg", "single.jpg", "many-1.jpg"], "first")
    press(shown, "last", "single.jpg")
    shown.until(lambda: names(shown) == ["many-2.jpg", "many-1.jpg", "single.jpg"], "last")


def test_the_line_is_paused_and_goes_on(page: Callable[..., Page], serve: Serve) -> None:
    server = serve()
    shown = enter(page(server))
    shown.click(".head button")
    shown.says(".headline", "The line is paused")
    send(server, "waits.jpg")
    shown.until(lambda: names(shown) == ["waits.jpg"], "it waits")
    assert_accessible(shown, "paused")
    shown.click(".head button")
    shown.says(".headline", "All quiet")
    shown.says("figure", "of the last 1")


@pytest.mark.long
def test_failures_are_shown_with_their_tracebacks(page: Callable[..., Page], serve: Serve) -> None:
    server = serve(model="tests.models.failing:Raises")
    send(server, "bad.jpg", until_finished=True)
    shown = enter(page(server))
    shown.says(".failures .row", "bad.jpg")
    shown.says(".failures code", "model_error")
    shown.click(".failures summary")
    shown.says(".failures pre", "RuntimeError")
    assert_accessible(shown, "failures")


@pytest.mark.long
def test_a_disk_that_is_nearly_full_is_told(page: Callable[..., Page], serve: Serve) -> None:
    shown = enter(page(serve(disk_reserve_mb=900_000_000)))
    shown.says("[data-low] .notice", "nearly full")
    assert_accessible(shown, "a disk that is nearly full")


@pytest.mark.long
def test_what_is_not_heard_from_does_not_look_alive(page: Callable[..., Page], serve: Serve) -> None:
    server = serve()
    shown = enter(page(server))
    server.kill()
    shown.says(".away", "Nothing is heard")
    server.settings["port"] = int(server.url.rpartition(":")[2])
    server.start()
    shown.one("#token")  # a start of the server signs everybody out


NO_SOCKETS = """
  window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.(), 10); } close() {} send() {} };
  Object.assign(WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
"""


@pytest.mark.long
def test_where_no_socket_passes_it_is_told_by_requests(page: Callable[..., Page], serve: Serve) -> None:
    server = serve()
    shown = page(server)
    shown.before_scripts(NO_SOCKETS)
    shown.driver.refresh()
    enter(shown)
    shown.says(".headline", "All quiet")
    shown.click(".head button")
    shown.says(".headline", "The line is paused")
    send(server, "waits.jpg")
    shown.until(lambda: names(shown) == ["waits.jpg"], "who comes is seen")


@pytest.mark.long
def test_a_hundred_wait_from_320_px_to_4k_in_light_and_dark(page: Callable[..., Page], serve: Serve) -> None:
    with busy(serve, LONGEST_IN_LINE, *(f"{number}.jpg" for number in range(99))) as server:
        shown = enter(page(server))
        shown.until(lambda: len(names(shown)) == 100, "all of them")
        for width, height in ((320, 640), (390, 844), (768, 1024), (1440, 900), (3840, 2160)):
            shown.resize(width, height)
            wide = shown.script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px at {width} px"
        shown.resize(390, 844, touch=True)
        small = shown.script(
            "return [...document.querySelectorAll('button')].filter((each) => each.getBoundingClientRect().height"
            " && each.getBoundingClientRect().height < 44).map((each) => each.textContent)"
        )
        assert small == [], "each button is as large as a finger"
        shown.resize(1280, 900)
        assert_accessible(shown, "a hundred wait")


@pytest.mark.long
def test_it_speaks_german_too(serve: Serve) -> None:
    server = serve()
    with chromium("de-AT,de") as driver:
        shown = Page(driver, server.url)
        shown.server = server
        driver.get(f"{server.url}/admin")
        shown.says(".sign-in", "Token des Betreibers")
        enter(shown)
        shown.says(".headline", "Alles ruhig")
        assert driver.title == "Leyline: Betrieb"
        assert not shown.errors()


def test_nothing_of_it_is_loaded_by_the_page_for_people(driver: Chrome, serve: Serve) -> None:
    server = serve()
    Page(driver, server.url).open()
    loaded = driver.execute_script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert loaded and not [name for name in loaded if "admin" in name]


def test_a_model_process_is_taken_out_when_it_has_finished_or_at_once(
    page: Callable[..., Page], serve: Serve
) -> None:
    server = serve(model="tests.models.plain:WaitsForCancel", local_models=2)
    send(server, "first.jpg", "second.jpg", "third.jpg")
    shown = enter(page(server))
    button = '.models button[aria-label$=": {}"]'
    shown.until(lambda: len(shown.all('.models > [data-kind="busy"]')) == 2, "both are at work")
    names = [label.split(": ")[1] for label in shown.script(LABELS)]
    shown.click(button.format(names[0]))
    shown.until(lambda: "Go at once" in shown.script(LABELS)[0], "it is asked to finish")
    assert names[0].startswith("local on ") and "finishes and goes" in shown.one(".models > li").text
    shown.click(button.format(names[0]))
    shown.until(lambda: len(shown.all(".models > li")) == 1, "it is gone")
    shown.until(lambda: len(shown.all(".waiting > li")) == 2, "what it had waits again")
    assert names[1] in shown.script(LABELS)[0]


LABELS = "return [...document.querySelectorAll('.models button')].map((node) => node.ariaLabel)"
