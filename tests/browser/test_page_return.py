"""Coming back: a reload, a second tab, a lost network, a restarted server, a laptop that slept."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.chromium import Page
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

TRIES = 3  # the machine may be busy with other things

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

NEWEST = "return fetch('/api/video/').then((answer) => answer.json()).then(({ tasks: [{ task_id: id }] }) => id)"


def restart(page: Page, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Stop the page's server and start it again at the same address."""
    page.server.settings["port"] = int(page.url.rpartition(":")[2])
    page.server.stop()
    meanwhile()
    page.server.start()


def reconnecting(page: Page) -> None:
    page.says(".headline", "Reconnecting")


def test_a_reload_shows_the_same_truth_at_once(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=8)
    page.choose(*pictures(3))
    page.until(lambda: len(page.cards("queued")) == 2 and page.cards("processing"), "one running, two waiting")
    names = page.names()
    page.open()
    page.until(lambda: page.names() == names, "all three")
    page.card("processing")


def test_a_second_tab_shows_what_the_first_did(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=60)
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.open()
    second = page.driver.current_window_handle
    page.driver.switch_to.window(first)
    page.choose(*pictures(2))
    page.card("queued")
    page.click('[data-state="queued"] [data-action="cancel"]')
    page.driver.switch_to.window(second)
    page.card("canceled")
    page.card("processing")
    page.driver.close()
    page.driver.switch_to.window(first)


def test_a_restarted_server_is_waited_for_and_loses_nothing(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=60)
    page.choose(*pictures(3))
    page.until(lambda: len(page.cards("queued")) == 2 and page.cards("processing"), "one running, two waiting")
    page.server.settings["model_seconds"] = 0.5
    restart(page, lambda: reconnecting(page))
    page.live()
    page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")


def test_progress_of_before_is_never_shown_as_live(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=20)
    page.choose(*pictures(2))
    page.until(lambda: re.search(r"[1-9]\d? %", page.text()), "progress")
    page.server.stop()
    reconnecting(page)
    assert "running" not in page.says(".card[data-stale]", "As last seen")
    page.until(lambda: " in " not in page.one('.card[data-state="queued"] .card-when').text, "no countdown")
    page.until(lambda: page.driver.title.startswith("reconnecting"), "the title")
    page.until(lambda: page.one(".detail").text == "This is how things last stood. Nothing is lost.", "that")


def test_a_picture_chosen_without_a_connection_is_sent_when_it_is_back(visit: Visit, pictures: Pictures) -> None:
    page = visit()

    def choose() -> None:
        reconnecting(page)
        page.choose(*pictures(1))
        page.until(lambda: "Trying again" in page.card("retrying").text, "that it is tried again")

    restart(page, choose)
    page.card("succeeded")


def test_what_finished_while_away_is_announced(
    visit: Visit, pictures: Pictures, serve: Callable[..., LiveServer]
) -> None:
    page = visit(model_seconds=0.5)
    page.operator("pause")
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("queued")) == 2, "two in line")
    url = page.url
    page.driver.get("about:blank")
    page.operator("resume")
    page.until(lambda: page.server.log().count("event=succeeded") == 2, "two videos, unseen")
    page.driver.get(url)
    page.live()
    page.says(".toast", "finished while you were away")


def test_a_dead_connection_is_noticed_when_the_page_is_seen_again(visit: Visit, pictures: Pictures) -> None:
    """A server that is stopped answers nothing: to the page it is a network that left without a word."""
    page = visit(model_seconds=20)
    page.choose(*pictures(1))
    page.card("processing")
    assert page.server.process
    os.kill(page.server.process.pid, signal.SIGSTOP)
    try:
        page.script("document.dispatchEvent(new Event('visibilitychange'))")
        reconnecting(page)
    finally:
        os.kill(page.server.process.pid, signal.SIGCONT)
    page.live()


def test_whatever_may_have_cut_the_connection_makes_the_page_ask_at_once(visit: Visit) -> None:
    page = visit()
    page.before_scripts(
        """
        window.pings = 0;
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
          pings += text.includes('"ping"');
          return send.call(this, text);
        };
        """
    )
    page.open()
    for cause in (
        "dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
        "const now = Date.now; Date.now = () => now() + 3_600_000",  # an hour of sleep
    ):
        before = page.script("return pings")
        page.script(cause)
        page.until(lambda known=before: page.script("return pings") > known, cause)


@pytest.mark.alone
def test_the_truth_is_there_within_a_second_of_reconnecting(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=300)
    page.choose(*pictures(20, size=(64, 48)))
    page.until(lambda: len(page.cards("queued")) == 19, "a line")
    page.script(
        """
        window.marks = {};
        const Real = WebSocket;
        window.WebSocket = class extends Real {
          constructor(...all) {
            super(...all);
            this.addEventListener("open", () => (marks.open ??= performance.now()));
          }
        };
        window.WebSocket.OPEN = 1; window.WebSocket.CONNECTING = 0;
        new MutationObserver(() => {
          const back = document.documentElement.dataset.connection === "live";
          if (marks.open && back && !document.querySelector("[data-stale]")) marks.true ??= performance.now();
        }).observe(document, { subtree: true, attributes: true });
        """
    )
    took: list[float] = []
    while len(took) < TRIES and not (took and took[-1] < 1000):
        page.script("window.marks = {}")
        restart(page)
        took.append(page.until(lambda: page.script("return marks.true - marks.open"), "the truth"))
    assert took[-1] < 1000, took


def test_a_task_made_without_a_session_is_opened_by_its_address(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=6)
    task_id = upload_without_session(page, pictures(1)[0])
    page.open(f"/#{task_id}")
    card = page.card("processing")
    page.until(
        lambda: page.driver.switch_to.active_element.id == card.find_element("css selector", ".card-name").id,
        "focus",
    )
    outline = "return getComputedStyle(document.querySelector(arguments[0])).outlineStyle"
    assert page.script(outline, ".card") == "solid", "the ring is round the card"
    assert page.script(outline, ".card-name") == "none"
    page.card("succeeded")


def test_an_unknown_address_is_said(visit: Visit) -> None:
    page = visit("/#" + "0" * 32)
    page.says(".notice", "There is no picture at this address")


def test_what_was_said_of_an_address_goes_with_it(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.choose(*pictures(1))
    page.card("succeeded")
    task_id = page.script(NEWEST)
    for address in ("", task_id):
        page.script("location.hash = arguments[0]", task_id)
        page.gone(".notice")
        page.script("location.hash = '0'.repeat(32)")
        page.says(".notice", "There is no picture at this address")
        page.script("location.hash = arguments[0]", address)
        page.gone(".notice")


def upload_without_session(page: Page, picture: Path) -> str:
    task = page.script(
        """
        const form = new FormData();
        form.append("file", new File([new Uint8Array(arguments[0])], "robot.jpg"));
        return fetch("/api/video/upload/", { method: "POST", body: form, credentials: "omit" })
          .then((answer) => answer.json());
        """,
        list(picture.read_bytes()),
    )
    return str(task["task_id"])
