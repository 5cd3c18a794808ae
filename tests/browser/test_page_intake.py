"""How pictures get into the page, and what it says of those that it does not take."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.browser.chromium import Page
from tests.browser.conftest import picture_bytes

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

COUNT_UPLOADS = """
  window.atOnce = 0; window.mostAtOnce = 0; window.sent = [];
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (form) {
    window.sent.push(form.get("file").name);
    window.mostAtOnce = Math.max(window.mostAtOnce, ++window.atOnce);
    this.addEventListener("readystatechange", () => (window.atOnce -= this.readyState === 4));
    return send.call(this, form);
  };
"""

STATUSES = """
  return fetch("/api/video/").then((answer) => answer.json()).then(({ tasks }) => tasks.map((task) => task.status));
"""


def test_a_dropped_picture_becomes_a_card_and_its_video_plays_in_it(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.drop(*pictures(1))
    card = page.card("succeeded")
    page.click(".card-play")
    page.until(
        lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 0.2,
        "a video that plays",
    )
    assert card.find_elements(By.TAG_NAME, "video"), "the video plays in the card of its picture"


def test_chosen_pictures_become_cards(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.choose(*pictures(3))
    page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")


def test_a_dropped_folder_gives_its_pictures_and_leaves_other_files_out(visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "holiday" / "beach"
    folder.mkdir(parents=True)
    (folder / "one.jpg").write_bytes(picture_bytes(1))
    (folder.parent / "two.png").write_bytes(picture_bytes(2, format="PNG"))
    (folder / "notes.txt").write_text("not a picture")
    page = visit()
    page.drop(folder.parent)
    page.until(lambda: len(page.cards("succeeded")) == 2, "two videos")
    page.says(".toast", "1 file is not a picture")


def test_a_pasted_picture_becomes_a_card(visit: Visit) -> None:
    page = visit()
    page.paste("image.png", picture_bytes(3, format="PNG"))
    page.says('.card[data-state="succeeded"] .card-name', "image.png")


def test_a_phone_offers_its_camera_and_its_own_format_is_taken_as_it_is(visit: Visit) -> None:
    page = visit()
    page.resize(390, 844, touch=True)
    page.one(".camera")
    for name in ("choose", "photo"):
        accept = page.script("return document.getElementById(arguments[0]).accept", name)
        assert "image/jpeg" in accept
        assert "image/heic" in accept
        assert "*" not in accept
    assert page.script("return document.getElementById('photo').getAttribute('capture')") == "environment"


def test_before_anything_is_dropped_the_page_says_when_a_picture_would_be_ready(visit: Visit) -> None:
    page = visit()
    page.says(".headline", "Nobody ahead")
    page.says(".detail", "A picture sent now would be ready at about")


def test_fifty_pictures_are_sent_three_at_once_in_the_order_chosen(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=300)
    page.before_scripts(COUNT_UPLOADS)
    page.open()
    page.slow_network(latency_ms=300)  # or an answer may be there before a third has begun
    paths = pictures(50, size=(64, 48))
    page.choose(*paths)
    assert page.until(lambda: len(page.cards()), "cards") == 50, "each becomes a card at once"
    page.until(lambda: len(page.cards("queued")) == 49, "49 pictures in line behind one")
    assert page.script("return mostAtOnce") == 3
    assert page.script("return sent") == [path.name for path in paths]
    assert page.script("return document.querySelector('.card .card-name').textContent") == "picture-1.jpg"


def test_an_upload_shows_its_own_progress_and_can_be_canceled_and_taken_back(
    visit: Visit, pictures: Pictures
) -> None:
    page = visit(model_seconds=30)
    page.slow_network(40_000)
    page.choose(*pictures(1, size=(1400, 1000), format="PNG"))
    page.until(lambda: re.search(r"[1-9]\d? %", page.card("sending").text), "a percentage")
    page.click('[data-state="sending"] [data-action="cancel"]')
    page.until(lambda: not page.cards(), "no card")
    page.click(".toast .undo")
    page.card("sending")


def test_a_refusal_says_what_to_do_in_the_card_and_the_picture_can_be_replaced(
    visit: Visit, pictures: Pictures, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a picture at all")
    page = visit()
    page.choose(notes)
    page.says('.card[data-state="refused"] .card-message', "Send a JPEG")
    page.cdp("Page.setInterceptFileChooserDialog", enabled=True)
    page.script("HTMLInputElement.prototype.click = function () { document.body.append(this); this.id = 'other'; }")
    page.click('[data-state="refused"] [data-action="replace"]')
    page.driver.find_element(By.ID, "other").send_keys(str(pictures(1)[0]))
    page.card("succeeded")
    assert len(page.cards()) == 1


def test_an_empty_or_too_large_file_is_refused_without_sending_it(visit: Visit, tmp_path: Path) -> None:
    empty, large = tmp_path / "empty.jpg", tmp_path / "large.jpg"
    empty.touch()
    large.write_bytes(b"x" * 200_000)
    page = visit(max_upload_mb=0.1)
    page.before_scripts(COUNT_UPLOADS)
    page.open()
    page.choose(empty, large)
    page.until(lambda: len(page.all(".refusals li")) == 2, "two refusals, in one card")
    assert page.script("return sent") == []


def test_a_lost_answer_never_doubles_a_picture(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=30)
    page.before_scripts(
        """
        let lost = false;
        const open = XMLHttpRequest.prototype.open;
        XMLHttpRequest.prototype.open = function (...all) {
          if (!lost) {
            lost = true;
            this.addEventListener("readystatechange", () => { if (this.readyState === 2) this.abort(); });
          }
          return open.apply(this, all);
        };
        """
    )
    page.open()
    page.choose(*pictures(1))
    page.card("processing")
    page.until(lambda: "sending" not in page.driver.title, "the answer to the second try")
    page.open()
    page.card("processing")
    assert len(page.cards()) == 1, "the server has it once"


def test_a_picture_that_a_portal_swallowed_is_sent_again(visit: Visit, pictures: Pictures) -> None:
    """A Wi-Fi that wants a login answers every request itself, with 200 and a page of its own."""
    page = visit(model_seconds=30)
    page.before_scripts(
        """
        window.answers = ["<!doctype html><title>Welcome</title>", '{"welcome": true}'];
        const text = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, "responseText").get;
        Object.defineProperty(XMLHttpRequest.prototype, "responseText", {
          get() { return answers.shift() ?? text.call(this); },
        });
        """
    )
    page.open()
    page.choose(*pictures(1))
    page.until(lambda: not page.script("return answers"), "two answers of the portal")
    page.card("processing")
    page.until(lambda: "sending" not in page.driver.title, "the server's own answer")
    assert len(page.cards()) == 1


def test_an_upload_canceled_too_late_is_canceled_once_the_page_knows_of_it(
    visit: Visit, pictures: Pictures
) -> None:
    """Its answer is lost, and so is the socket: only the snapshot of the next one tells of the task."""
    page = visit(model_seconds=30)
    page.before_scripts(
        """
        window.deaf = false;
        const Real = WebSocket;
        window.WebSocket = class extends Real {
          constructor(...all) {
            super(...all);
            window.line = this;
            this.addEventListener("message", (event) => deaf && event.stopImmediatePropagation());
          }
        };
        Object.defineProperty(XMLHttpRequest.prototype, "onloadend", { set() {} });
        """
    )
    page.open()
    page.operator("pause")
    page.script("deaf = true")
    page.choose(*pictures(1))
    page.until(lambda: page.script(STATUSES), "the server to have it")
    page.card("checking")
    page.click('[data-action="cancel"]')
    page.script("deaf = false; line.close()")
    page.until(lambda: page.script(STATUSES) == ["canceled"], "the cancel")


def test_a_full_line_is_waited_for_and_said(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.5, max_waiting=1)
    page.operator("pause")
    page.choose(*pictures(3))
    page.until(
        lambda: re.search(r"The line is full.*Trying again", page.card("retrying").text, re.S), "why it waits"
    )
    page.operator("resume")
    page.until(lambda: len(page.cards("succeeded")) == 3, "all three videos")
