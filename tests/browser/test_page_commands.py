"""What a person can do to a picture: cancel, undo, delete, restore, clear, watch, make a link, be told."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from leyline.line.moves import UNDO_SECONDS
from tests.browser.chromium import Page
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

TASKS = "return fetch('/api/video/').then((answer) => answer.json()).then(({ tasks }) => tasks.length)"
# Of what is asked for by scrolling the first answer never comes.
LISTS_AT_SECOND = """
  const ask = window.fetch;
  window.lists = 0;
  window.fetch = (url, ...more) => {
    const isList = String(url).includes("before=");
    if (isList) lists += 1;
    return isList && lists === 1 ? Promise.reject(new TypeError("Failed to fetch")) : ask(url, ...more);
  };
"""
NOT_IN_TRASH = """
  return fetch("/api/video/?limit=100").then((answer) => answer.json())
    .then(({ tasks }) => tasks.filter((task) => !task.trashed_at).length);
"""
TYPED = """
  const field = document.querySelector(arguments[0]);
  field.value = arguments[1];
  field.dispatchEvent(new Event("input", { bubbles: true }));
"""  # which the driver cannot, beyond the first plane
LINKS = """
const { tasks: [{ task_id: id }] } = await (await fetch("/api/video/")).json();
return (await (await fetch(`/api/video/${id}/links`)).json()).links;
"""
WHERE_IT_RESTS = """
  const button = document.querySelector(`[data-action="${arguments[0]}"]`);
  button.scrollIntoView({ block: "nearest" });
  const { x, y, width, height } = button.getBoundingClientRect();
  const middle = [x + width / 2, y + height / 2];
  const hears = !("deaf" in button.dataset);
  return hears && document.elementFromPoint(...middle) === button ? middle : null;
"""
ANSWER_WITHIN_SECONDS = 15  # the page waits no longer for one
STATE = "return document.getElementById(arguments[0])?.dataset.state"


def finished(page: Page, paths: list[Path]) -> Page:
    page.choose(*paths)
    page.until(lambda: len(page.cards("succeeded")) == len(paths), "all videos", seconds=180)
    return page


def leave(page: Page) -> None:
    """Go away for good, as somebody who closes the tab."""
    page.driver.get(f"{page.url}/healthz")


def test_cancel_has_an_undo_that_keeps_card_and_place(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.choose(*pictures(4))
    page.until(lambda: page.cards("processing") and len(page.cards("queued")) == 3, "one at work, three in line")
    key = page.until(
        lambda: next((c for c in page.cards("queued") if "Next in line" in c.text), None), "the next"
    ).get_attribute("id")
    page.click(f'#{key} [data-action="cancel"]')
    page.until(lambda: page.script(STATE, key) == "canceled", "the cancel")
    page.click(".toast .undo")
    page.until(lambda: "Next in line" in page.driver.find_element(By.ID, key).text, "its place again")
    assert len(page.cards()) == 4


def test_an_undo_is_offered_for_as_long_as_its_place_is_kept_and_no_longer(
    visit: Visit, pictures: Pictures
) -> None:
    """The pointer stops the notice's own time; the server's minute goes on."""
    page = visit(model_seconds=30)
    page.before_scripts(
        """
        window.alarms = new Map();
        const [set, clear] = [setTimeout, clearTimeout];
        window.setTimeout = (ring, after, ...all) => {
          const id = set(ring, after, ...all);
          if ([10_000, 40_000].includes(after)) alarms.set(id, { ring, after });
          return id;
        };
        window.clearTimeout = (id) => [clear(id), alarms.delete(id)];
        """
    )
    page.open()
    page.choose(*pictures(2))
    page.card("processing")
    page.click('[data-state="queued"] [data-action="cancel"]')
    page.one(".toast")
    page.script("document.querySelector('.toast').dispatchEvent(new PointerEvent('pointerenter'))")
    [alarm] = page.script("return [...alarms.values()].map(({ after }) => after)")
    assert alarm / 1000 + ANSWER_WITHIN_SECONDS < UNDO_SECONDS
    page.script("[...alarms.values()][0].ring()")
    page.gone(".toast")


def test_a_double_click_on_cancel_deletes_nothing(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.choose(*pictures(1))

    def click(action: str, count: int) -> None:
        page.one(f'[data-action="{action}"]')
        x, y = page.until(lambda: page.script(WHERE_IT_RESTS, action), f"{action} to stand still")
        for kind in ("mousePressed", "mouseReleased"):
            page.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)

    page.card("processing")
    click("cancel", 1)
    page.card("canceled")
    click("delete", 2)  # which lies where Cancel was
    assert page.cards("canceled") and not page.all(".toast"), "an Undo of a deletion"
    click("delete", 1)
    page.until(lambda: not page.cards(), "the deletion that is meant")


def test_a_running_picture_is_canceled_without_a_question(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.choose(*pictures(1))
    page.click('[data-state="processing"] [data-action="cancel"]')
    page.card("canceled")
    page.click('[data-action="again"]')
    page.card("processing")
    assert len(page.cards()) == 1


def test_a_deletion_can_be_taken_back_at_once_and_later(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(1))
    assert page.all('[data-filter="trash"][hidden]'), "there is no trash where there is nothing in it"
    page.click('[data-action="delete"]')
    page.until(lambda: not page.cards(), "no card")
    page.click(".toast .undo")
    page.card("succeeded")
    page.click('[data-action="delete"]')
    page.click(".toast .close")
    page.until(lambda: not page.cards(), "no card")
    page.open()
    assert not page.cards(), "a reload shows the truth"
    page.click('[data-filter="trash"]')
    page.says(".card-when", "Deleted for good at")
    page.says(".trash", "after an hour, or sooner")
    page.click('[data-action="restore"]')
    page.says(".none", "None of these")
    page.click('[data-filter="all"]')
    page.card("succeeded")
    assert page.script(TASKS) == 1


def test_what_is_deleted_for_good_is_gone(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(3))
    page.says(".clear", "Delete 3 finished")
    page.click(".clear")
    page.says(".toast", "3 pictures are in the trash.")
    page.click('[data-filter="trash"]')
    page.says(".clear", "Delete 3 for good")
    page.click('[data-action="purge"]')
    page.says(".clear", "Delete 2 for good")
    page.until(lambda: page.script(TASKS) == 2, "the end of one")
    page.click(".clear")
    page.until(lambda: not page.cards(), "an empty trash")
    page.until(lambda: page.script(TASKS) == 0, "the end of all")
    assert page.script("return document.activeElement.id") == "pictures", "the keyboard is not lost"


def test_a_deletion_has_happened_when_the_page_goes(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(model_seconds=0.01, clip_seconds=0.2, clip_height=32), pictures(12, size=(48, 36)))
    page.script("document.querySelector('.clear').click(); location.href = '/healthz'")
    page.until(lambda: page.server.log().count("event=trashed") == 12, "all in the trash")


def test_clearing_takes_what_the_tab_shows_and_says_how_many_of_what(
    visit: Visit, pictures: Pictures, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a picture")
    page = finished(visit(model_seconds=0.5), pictures(3))
    page.operator("pause")
    page.says(".headline", "paused")
    page.choose(*pictures(1), notes)
    page.card("queued")
    page.card("refused")
    page.says(".clear", "Delete 4 finished")
    page.click('[data-filter="line"]')
    page.gone(".clear")
    page.click('[data-filter="problems"]')
    page.says(".clear", "Delete 1 problem")
    page.click(".clear")
    page.says(".toast", "notes.txt was deleted.")
    page.gone(".clear")
    assert page.script("return document.activeElement.dataset.filter") == "problems", "the keyboard is not lost"
    page.click('[data-filter="all"]')
    page.says(".clear", "Delete 3 finished")
    assert len(page.cards("succeeded")) == 3, "what was not shown is as it was"
    page.click(".clear")
    page.until(lambda: len(page.cards()) == 1, "only the waiting one")


@pytest.mark.long
def test_what_is_not_loaded_yet_is_neither_counted_nor_cleared(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.01, clip_seconds=0.2, clip_height=32)
    finished(page, pictures(56, size=(48, 36)))
    page.before_scripts("window.IntersectionObserver = class { observe() {} unobserve() {} }")
    page.open()
    page.says('[data-filter="videos"]', "50+")
    page.says(".clear", "Delete 50 finished")
    page.click(".clear")
    page.says(".toast", "50 pictures are in the trash.")
    assert page.script(NOT_IN_TRASH) == 6


@pytest.mark.long
def test_older_cards_come_on_scrolling(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.01, clip_seconds=0.2, clip_height=32)
    finished(page, pictures(56, size=(48, 36)))
    page.before_scripts(LISTS_AT_SECOND)
    page.open()
    page.until(lambda: len(page.cards()) >= 50, "the newest fifty")
    page.script("scrollTo(0, document.body.scrollHeight)")
    page.until(lambda: len(page.cards()) == 56, "the older ones, also for who rests at the end")
    assert page.script("return window.lists") == 2


def test_a_viewing_link_is_made_copied_counted_and_revoked(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(1))
    page.cdp(
        "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"], origin=page.url
    )
    page.click('[data-action="link"]')
    page.says("dialog[open]", "There is no link yet")
    page.click("dialog[open] .primary")
    page.says("dialog[open] [role=status]", "copied")
    link = page.script("return navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(page.url) + r"/watch/[0-9a-f]{32}", link)
    page.says("dialog[open] .links", "not watched yet")
    page.says("dialog[open] .said", "The link is copied.")
    page.click("dialog[open] .links button:last-of-type")
    page.says("dialog[open]", "There is no link yet")
    assert page.script("return document.querySelector('dialog[open] .said').textContent") == ""


def test_a_viewing_link_ends_when_its_maker_said(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(1))
    page.click('[data-action="link"]')
    page.one("#link-days").clear()
    page.click("dialog[open] .primary")
    assert page.script("return document.querySelector('#link-days').validity.valueMissing")
    page.one("#link-days").send_keys("2")
    page.one("#link-views").send_keys("3")
    before = time.time()
    page.click("dialog[open] .primary")
    page.says("dialog[open] .links", "watched 0 of at most 3 times")
    [link] = page.script(LINKS)
    assert link["max_views"] == 3
    assert before < datetime.fromisoformat(link["expires_at"]).timestamp() - 2 * 86_400 < time.time()
    assert page.script("return document.querySelector('#link-days').value") == "7", "as for the next one"


def test_a_links_label_can_be_burned_in_where_there_is_one(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(), pictures(1))
    page.click('[data-action="link"]')
    assert not page.one("#link-burn").is_enabled(), "there is nothing to burn in"
    page.one("#link-label").send_keys("Anna")
    page.click("#link-burn")
    page.one("#link-label").send_keys(4 * Keys.BACKSPACE)
    assert not page.one("#link-burn").is_enabled() and not page.one("#link-burn").is_selected()
    page.one("#link-label").send_keys("Anna")
    page.click("#link-burn")
    page.click("dialog[open] .primary")
    page.says("dialog[open] .links", "Anna")
    [link] = page.script(LINKS)
    assert (link["label"], link["burn_label"]) == ("Anna", True)
    assert not page.one("#link-burn").is_enabled(), "as for the next one"
    page.script(TYPED, "#link-label", "\U00010570")  # of a script that has no font in Debian
    page.click("#link-burn")
    page.click("dialog[open] .primary")
    page.says("dialog[open] .said", "No font on this server has all letters of that label")


def test_a_card_says_how_often_its_video_was_watched(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(clip_seconds=2), pictures(1))
    page.click(".card-play")
    page.says(".card-when", "watched once")


def test_a_play_button_pressed_twice_plays_once(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(clip_seconds=2), pictures(1))
    page.script(
        "const [play] = arguments; play.addEventListener('click', () => play.click(), { once: true })",
        page.one(".card-play"),
    )
    page.click(".card-play")
    page.until(lambda: page.script("return document.querySelector('video')?.currentTime") or 0, "a video")
    page.says(".card-when", "watched once")
    opened = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/view')).length"
    assert page.script(opened) == 1
    assert len(page.all("video")) == 1


def test_a_player_survives_what_happens_around_it(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(model_seconds=0.5, clip_seconds=20), pictures(1))
    page.click(".card-play")
    page.until(
        lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 0.3,
        "a video that plays",
    )
    page.script("window.video = document.querySelector('video')")
    finished_before = page.script("return video.currentTime")
    page.choose(*pictures(2))
    page.until(lambda: len(page.cards("succeeded")) == 3, "two more")
    assert page.script("return video.isConnected && !video.paused && document.querySelector('video') === video")
    assert page.script("return video.currentTime") > finished_before


def plays(page: Page) -> None:
    """Play the first video there is, and keep hold of its element."""
    page.click(".card-play")
    page.until(
        lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 0.1,
        "a video that plays",
    )
    page.script("window.video = document.querySelector('video')")


def is_released(page: Page) -> bool:
    """Whether the video that played has let go of everything, and nothing of it is fetched any more."""
    return bool(page.script("return !video.isConnected && !video.hasAttribute('src') && video.readyState === 0"))


def test_a_player_ends_when_its_card_goes_behind_a_filter(visit: Visit, pictures: Pictures) -> None:
    page = finished(visit(clip_seconds=20), pictures(1))
    plays(page)
    page.click('[data-filter="problems"]')
    page.until(lambda: is_released(page), "the player's end")
    page.click('[data-filter="all"]')
    plays(page)


def test_a_player_ends_when_another_card_takes_the_place_of_its_own(visit: Visit, pictures: Pictures) -> None:
    """Under a filter, in one moment: as many cards as before, and one of them another."""
    page = finished(visit(model_seconds=0.5, clip_seconds=20), pictures(1))
    page.open()
    plays(page)
    page.operator("pause")
    page.script(
        """
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([new Uint8Array(arguments[0])], "new.jpg", { type: "image/jpeg" }));
        document.querySelector('.card [data-action="delete"]').click();
        const options = { clipboardData, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new ClipboardEvent("paste", options));
        """,
        list(pictures(2)[1].read_bytes()),
    )
    page.until(lambda: is_released(page), "the player's end")


def test_a_notification_is_asked_for_only_on_the_persons_click(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.before_scripts(
        """
        window.asked = 0; window.told = []; window.notes = 0;
        window.Notification = class { static permission = "granted";
          static async requestPermission() { asked += 1; return "granted"; }
          constructor(title) { told.push(title); } };
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...all) { notes += 1; return start.apply(this, all); };
        """
    )
    page.open()
    finished(page, pictures(1))
    assert page.script("return [asked, notes]") == [0, 0]
    page.click(".bell")
    page.until(lambda: page.script("return asked") == 1, "the question")
    sounded = page.script("return notes")
    page.script("Object.defineProperty(document, 'hidden', { value: true })")
    page.choose(*pictures(1))
    page.until(lambda: page.script("return told") == ["picture-1.jpg is ready"], "the message")
    page.until(lambda: page.script("return notes") > sounded, "the sound")
    page.click(".bell")


def test_a_server_with_an_access_token_asks_for_it_once(
    driver: Chrome, serve: Callable[..., LiveServer], pictures: Pictures
) -> None:
    page = Page(driver, serve(token="open sesame").url)
    driver.get(page.url)
    page.one("#token").send_keys("open barley")
    page.click("dialog[open] .primary")
    page.says(".wrong", "not the right token")
    field = page.one("#token")
    field.clear()
    field.send_keys("open sesame")
    page.click("dialog[open] .primary")
    page.live().gone("dialog")
    page.choose(*pictures(1))
    page.card("succeeded")
    page.open()
    assert not page.all("#token"), "only once"
    page.restore()
