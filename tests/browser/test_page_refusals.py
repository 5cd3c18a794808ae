"""What is sent in which order, and how the page tells of what is not taken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.browser.conftest import picture_bytes
from tests.live_server import LiveServer

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

UPLOADS = """
  window.began = []; window.open = 0; window.most = 0; window.beforeFirst = 0; window.accepted = 0;
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (form) {
    began.push(form.get("file").name);
    open += 1;
    most = Math.max(most, open);
    if (!accepted) beforeFirst = Math.max(beforeFirst, open);
    this.addEventListener("readystatechange", () => { // before the page hears of it, and sends the next
      if (this.readyState !== 4) return;
      open -= 1;
      if (this.status === 202) accepted += 1;
    });
    return send.call(this, form);
  };
"""
ORDER = """
  return fetch("/api/video/?limit=100").then((answer) => answer.json()).then(({ tasks }) =>
    tasks.map(({ image }) => image.name).reverse());
"""
LIST = """
  const texts = ({ children }) => [...children].map((part) => part.textContent);
  return [...document.querySelectorAll(".refusals li")].map(texts);
"""


def spoiled(folder: Path, count: int) -> list[Path]:
    """So many files that are no pictures."""
    paths = [folder / f"note-{number}.txt" for number in range(1, count + 1)]
    for path in paths:
        path.write_text("not a picture")
    return paths


def test_the_first_of_several_goes_alone_and_the_model_begins_with_it(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=60)
    page.before_scripts(UPLOADS)
    page.open()
    page.slow_network(60_000)
    page.choose(*pictures(4, size=(900, 700), format="PNG"))
    page.card("processing")
    assert page.cards("sending"), "the others are on their way meanwhile"
    page.cdp("Network.disable")
    page.until(lambda: len(page.cards("queued")) == 3, "all of them")
    assert page.script("return [beforeFirst, most]") == [1, 3]
    assert page.script(ORDER) == [f"picture-{n}.jpg" for n in range(1, 5)]


def test_nothing_overtakes_what_was_chosen_before_it_though_the_line_is_full(
    visit: Visit, pictures: Pictures
) -> None:
    page = visit(model_seconds=0.5, max_waiting=2)
    page.before_scripts(UPLOADS)
    page.open()
    page.operator("pause")
    page.choose(*pictures(7))
    page.card("retrying")
    page.until(lambda: len(page.cards("queued")) == 2, "a full line")
    page.operator("resume")
    page.until(lambda: len(page.cards("succeeded")) == 7, "all videos", seconds=180)
    assert page.script(ORDER) == [f"picture-{n}.jpg" for n in range(1, 8)], "accepted in the order chosen"


def test_being_checked_does_not_read_as_done(visit: Visit) -> None:
    page = visit()
    page.before_scripts(staged.EARLY)
    page.open()
    staged.tell(page, [])
    staged.choose(page, "checking.jpg")
    card = page.card("checking")
    assert "Being checked" in card.text and "%" not in card.text
    bar = "return document.querySelector('.card-bar')"
    assert page.script(f"{bar}.hasAttribute('data-busy') && !{bar[7:]}.hasAttribute('aria-valuenow')")


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        ("en-GB,en", "The file is 22.8\u00a0MB; this server takes at most 20\u00a0MB. Send a smaller one."),
        (
            "de-DE,de",
            "Die Datei hat 22,8\u00a0MB; dieser Server nimmt höchstens 20\u00a0MB an. Senden Sie eine kleinere.",
        ),
    ],
)
def test_a_refusal_says_how_much_there_was_and_how_much_there_may_be(
    serve: Callable[..., LiveServer], tmp_path: Path, languages: str, sentence: str
) -> None:
    """The page itself says it before anything is sent; of pixels, the server does, and in all languages."""
    large, many = tmp_path / "large.jpg", tmp_path / "many.png"
    with large.open("wb") as file:
        file.truncate(22_800_000)
    with chromium(languages) as driver:
        page = Page(driver, serve(max_megapixels=0.1).url)
        page.before_scripts(UPLOADS)
        page.open()
        page.choose(large)
        page.until(lambda: page.cards("refused"), "a refusal")
        said = "return document.querySelector('.card-message').textContent"
        page.until(lambda: page.script(said) == sentence, sentence)
        assert page.script("return began") == [], "nothing was sent"
        page.click('.card [data-action="delete"]')
        page.gone(".card")
        many.write_bytes(picture_bytes(1, size=(500, 400), format="PNG"))
        page.choose(many)
        page.until(lambda: page.cards("refused"), "a refusal")
        said_in_words = page.script(said)
        assert ("0.2" in said_in_words and "0.1" in said_in_words) or (
            "0,2\u00a0Megapixel" in said_in_words and "0,1" in said_in_words
        )


def test_files_that_were_refused_together_are_one_card_that_lists_them(
    visit: Visit, pictures: Pictures, tmp_path: Path
) -> None:
    empty, large = tmp_path / "empty.jpg", tmp_path / "large.jpg"
    empty.touch()
    large.write_bytes(bytes(250_000))
    page = visit(max_upload_mb=0.2, model_seconds=0.5)
    page.choose(large, *spoiled(tmp_path, 8), *pictures(1), empty)
    page.card("succeeded")
    page.until(lambda: "10 files were not accepted" in page.text(), "one card")
    page.until(lambda: len(page.cards()) == 2, "the card of all refused ones, and a video")
    page.until(lambda: len(page.script(LIST)) == 10, "what it lists")
    listed = page.script(LIST)
    assert listed[0] == ["large.jpg", "0.3\u00a0MB; at most 0.2\u00a0MB"]
    assert listed[1] == ["note-1.txt", "not a picture"]
    assert listed[-1] == ["empty.jpg", "empty"]
    assert page.says('[data-filter="problems"]', "10")
    page.until(lambda: "10 pictures were not accepted." in page.heard(), "the announcement")
    assert page.heard().count("not accepted") == 1, "once"
    page.click('[data-many] [data-action="delete"]')
    page.until(lambda: len(page.cards()) == 1, "no card of them")
    page.click(".toast .undo")
    page.until(lambda: len(page.script(LIST)) == 10, "all of them again")


def test_of_very_many_refused_files_the_first_are_listed(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.choose(*spoiled(tmp_path, 47))
    page.until(lambda: "47 files were not accepted" in page.text(), "one card", seconds=180)
    page.says(".refusals-more", "and 37 more")
    assert len(page.script(LIST)) == 10
    assert len(page.cards()) == 1
    assert page.heard().count("not accepted") <= 2


def test_what_another_server_refused_can_be_tried_again_together(visit: Visit, pictures: Pictures) -> None:
    page = visit(model_seconds=0.5)
    page.before_scripts(
        """
        window.forbids = true;
        const { send } = XMLHttpRequest.prototype;
        XMLHttpRequest.prototype.send = function (form) {
          if (!forbids) return send.call(this, form);
          const answer = { status: 403, responseText: "", readyState: 4, getResponseHeader: () => null };
          for (const [name, value] of Object.entries(answer)) Object.defineProperty(this, name, { value });
          setTimeout(() => this.onloadend());
        };
        """
    )
    page.open()
    page.operator("pause")
    page.choose(*pictures(3))
    page.until(lambda: len(page.script(LIST)) == 3, "one card of three")
    assert "A server on the way" in page.script(LIST)[0][1]
    page.script("forbids = false")
    page.click('[data-many] [data-action="retry"]')
    page.until(lambda: len(page.cards("queued")) == 3 and not page.all("[data-many]"), "all of them in line")
