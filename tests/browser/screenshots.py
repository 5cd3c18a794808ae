"""Pictures of the page in each of its states, from a real server in a real browser: `make screenshots`.

Writes docs/screenshots/*.webp. Leaves judging them to people. The pictures sent are made here, so that
nothing private is ever in them.
"""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from selenium.webdriver import Chrome

from tests.browser.chromium import Page, chromium
from tests.browser.test_page_parameters import KNOWN, SPOILED
from tests.live_server import LiveServer

OUT = Path(__file__).parent.parent.parent / "docs" / "screenshots"
DESK, PHONE, WALL = (1280, 900), (320, 640), (3840, 2160)
NAMES = (
    "Harbour at dusk",
    "IMG_2031",
    "Ridge",
    "DSC_0442",
    "The lake",
    "P1010207",
    "Market day",
    "Tower",
    "IMG_2044",
)
SHAPES = ((1200, 800), (900, 1200), (1200, 675), (1000, 1000))
CANCEL_LAST = """
  const card = [...document.querySelectorAll(".card[data-state=queued]")].at(-1);
  card.scrollIntoView({ block: "center" });
  card.querySelector("[data-action=cancel]").click();
"""


def landscape(seed: int) -> np.ndarray:
    """A sky, a sun and three ranges of hills, BGR, in one of four shapes."""
    chance = np.random.default_rng(seed)
    width, height = SHAPES[seed % len(SHAPES)]
    y, x = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None]
    top, low = chance.uniform((150, 90, 60), (230, 170, 150)), chance.uniform((120, 150, 190), (190, 205, 250))
    picture = top * (1 - y[..., None]) + low * y[..., None] * np.ones((1, width, 1))
    distance = np.hypot((x - chance.uniform(0.25, 0.75)) * width / height, y - chance.uniform(0.18, 0.38))
    picture += np.exp(-((distance / 0.09) ** 2))[..., None] * (120, 160, 190)
    for hill in range(3):
        wave = cv2.GaussianBlur(
            chance.normal(size=(1, width)), (0, 0), 130 - 40 * hill, borderType=cv2.BORDER_REFLECT
        )
        edge = 0.5 + 0.15 * hill + 0.11 * wave / np.abs(wave).max()
        ground = np.clip((y - edge) * height / 2 + 0.5, 0, 1)[..., None]
        picture = picture * (1 - ground) + ground * chance.uniform((60, 70, 45), (120, 130, 110)) * (
            1 - 0.27 * hill
        )
    return np.clip(picture + chance.normal(size=picture.shape) * 2, 0, 255).astype(np.uint8)


def pictures(folder: Path, count: int = len(NAMES)) -> list[Path]:
    """So many landscapes as files."""
    paths = [folder / f"{NAMES[n % len(NAMES)]}{f' {n}' if n >= len(NAMES) else ''}.jpg" for n in range(count)]
    for seed, path in enumerate(paths):
        if not path.exists():
            cv2.imwrite(str(path), landscape(seed))
    return paths


class Studio:
    """One browser, and a new server for each set of states."""

    def __init__(self, folder: Path, driver: Chrome) -> None:
        self.folder = folder
        self.driver = driver
        self._servers = 0

    @contextmanager
    def page(self, size: tuple[int, int] = DESK, **settings: Any) -> Iterator[Page]:
        self._servers += 1
        defaults = {"clip_seconds": 3, "clip_height": 480, "model_seconds": 6}
        with LiveServer(self.folder / f"data{self._servers}", **{**defaults, **settings}) as server:
            page = Page(self.driver, server.url)
            page.server = server
            page.resize(*size, touch=size == PHONE, scale=2 if size == PHONE else 1)
            yield page.open()
            page.restore()

    def take(self, page: Page, name: str) -> None:
        """A picture of what is seen now, once nothing moves into its place any more and the headline is true."""
        page.until(lambda: page.script(SETTLED), f"{name} to settle")
        shoot(page, name)


def shoot(page: Page, name: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.webp"
    image = Image.open(io.BytesIO(page.driver.get_screenshot_as_png()))
    image.thumbnail((1920, 1920))
    image.save(path, quality=82, method=6)
    print(f"{path.stat().st_size // 1000:5} kB  {path}")


SETTLED = """
  const moving = document.getAnimations().filter(({ effect }) => effect.pseudoElement === null); // not the progress
  const inSight = (each) => each.getBoundingClientRect().top < innerHeight;
  const stills = [...document.querySelectorAll(".card-still:not([hidden])")];
  const coming = stills.filter((each) => !each.complete && inSight(each));
  const inLine = ".card:is([data-state=queued], [data-state=processing], [data-state=canceling])";
  const headline = document.querySelector(".headline").firstChild.textContent; // may come a second later
  const own = document.querySelectorAll(inLine).length;
  const told = !headline.includes("yours") || (parseInt(headline) || 0) === own;
  return moving.length === 0 && coming.length === 0 && told;
"""


def waiting(page: Page, count: int) -> Callable[[], bool]:
    return lambda: len(page.cards("queued")) >= count


def percent(page: Page, least: int) -> None:
    """Wait until the running picture has come so far."""
    shown = ".card[data-state='processing'] .card-percent"
    page.until(lambda: int(page.one(shown).text.split()[0]) >= least, f"{least} %")


def first_picture(studio: Studio, made: list[Path]) -> None:
    with studio.page(model_seconds=10) as page:
        page.says(".headline", "Nobody ahead")
        page.one(".form-more")
        studio.take(page, "empty")
        page.slow_network(60_000)
        page.choose(made[0])
        page.until(lambda: " %" in page.card("sending").text, "some of it sent")
        studio.take(page, "uploading")
        page.cdp("Network.disable")
        page.card("processing")
        percent(page, 40)
        studio.take(page, "processing")
        page.card("succeeded")
        studio.take(page, "done")
        page.click(".card-play")
        page.until(
            lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 1, "it plays"
        )
        shoot(page, "playing")


def a_line(studio: Studio, made: list[Path]) -> None:
    with studio.page(model_seconds=8) as page:
        page.choose(*made[:2])
        page.until(waiting(page, 1), "one waiting")
        percent(page, 20)
        studio.take(page, "waiting-1")
    with studio.page(model_seconds=8) as page:
        page.choose(*made)
        page.until(lambda: len(page.cards("succeeded")) >= 1 and waiting(page, 5)(), "some of each")
        page.until(
            lambda: "/preview?" in page.one(".card[data-state='processing'] img").get_attribute("src"), "frames"
        )
        percent(page, 30)
        studio.take(page, "line")
        page.media(prefers_color_scheme="dark")
        studio.take(page, "dark")
        page.resize(*PHONE, touch=True, scale=2)
        studio.take(page, "phone-dark")
        page.media()
        page.script("document.querySelector('[data-state=processing]').scrollIntoView()")
        studio.take(page, "phone-cards")
    with studio.page(PHONE, model_seconds=120) as page:  # so long that the line stands still meanwhile
        page.choose(*made[:5])
        page.until(waiting(page, 4), "four waiting")
        page.script(CANCEL_LAST)
        page.one(".toast")
        studio.take(page, "phone-undo")


def a_long_line(studio: Studio, made: list[Path]) -> None:
    with studio.page(model_seconds=30) as page:
        page.choose(*made)
        page.until(waiting(page, 49), "49 waiting")
        percent(page, 5)
        studio.take(page, "waiting-50")
        page.resize(*WALL)
        studio.take(page, "4k")
        page.resize(*PHONE, touch=True, scale=2)
        studio.take(page, "phone")


def troubles(studio: Studio, made: list[Path], folder: Path) -> None:
    notes = folder / "notes.txt"
    notes.write_text("not a picture")
    broken = folder / "broken.jpg"
    broken.write_bytes(made[1].read_bytes()[:9000])
    with studio.page(model="tests.models.failing:Raises") as page:
        page.choose(*made[:2], notes, broken)
        page.until(lambda: len(page.cards("failed")) == 2 and len(page.cards("refused")) == 2, "each kind")
        studio.take(page, "failed-and-refused")
    with studio.page(model_seconds=20) as page:
        page.choose(*made[:4])
        page.until(waiting(page, 3), "three waiting")
        percent(page, 10)
        page.operator("pause")
        page.says(".headline", "paused")
        studio.take(page, "paused")
        page.operator("resume")
        page.says(".headline", "4 of yours")
        page.server.stop()
        page.says(".headline", "Reconnecting")
        studio.take(page, "reconnecting")


def links(studio: Studio, made: list[Path]) -> None:
    with studio.page(model_seconds=0.5) as page:
        page.choose(*made[:3])
        page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")
        page.click('[data-action="link"]')
        page.one("#link-label").send_keys("For Ada")
        page.click("dialog[open] .primary")
        page.one("dialog[open] .links li")
        studio.take(page, "viewing-links")


def choices(studio: Studio, made: list[Path]) -> None:
    with studio.page(model="tests.models.prompted:Prompted", model_seconds=1) as page:
        page.until(lambda: page.script(KNOWN), "what may be chosen")
        page.before_scripts(SPOILED)
        page.open()
        page.says(".headline", "Nobody ahead")
        page.one("#next-prompt").send_keys("A small boat leaves the harbour, gulls follow it, and the light fades.")
        studio.take(page, "choices")
        page.click(".form-more summary")
        page.one("#next-seed").send_keys("7")
        page.script("document.querySelector('#next-direction-1').click()")
        page.says(".form-more summary", "Seed")
        page.resize(1280, 1100)
        studio.take(page, "choices-open")
        page.media(prefers_color_scheme="dark")
        studio.take(page, "choices-dark")
        page.media()
        page.script("window.spoil = { seconds: 99, strength: 7 }")
        page.choose(made[0])
        page.card("refused")
        studio.take(page, "choices-refused")
        page.script("window.spoil = null")
        page.click(".form-refused button")
        page.choose(*made[1:3])
        page.until(lambda: len(page.cards("succeeded")) == 3, "three videos")
        page.click(".form-more summary")
        page.script("document.querySelector('.card-parameters').open = true")
        page.script("document.querySelector('.shelf').scrollIntoView()")
        studio.take(page, "choices-of-a-card")
        page.click(".card [data-action=changes]")
        page.one("#changes-seed")
        studio.take(page, "choices-changed")
        page.click("dialog[open] .secondary")
        page.script("scrollTo(0, 0)")
        page.resize(*PHONE, touch=True, scale=2)
        studio.take(page, "choices-phone")
        page.click(".form-more summary")
        page.one("#next-seed")
        page.script("document.querySelector('.form-more').scrollIntoView()")
        studio.take(page, "choices-phone-open")


def in_german(studio: Studio, folder: Path, made: list[Path]) -> None:
    with chromium("de-DE,de") as driver:
        german = Studio(folder / "german", driver)
        german.folder.mkdir()
        with german.page(model_seconds=8) as page:
            page.until(lambda: page.script(KNOWN), "what may be chosen")
            page.open()
            page.click(".form-more summary")
            page.one("#next-seed").send_keys("7")
            page.choose(*made[:2])
            page.until(waiting(page, 1), "one waiting")
            german.take(page, "choices-german")


def unknown(studio: Studio, made: list[Path]) -> None:
    with studio.page(model="tests.models.unknowing:Unknowing") as page:
        page.choose(*made[:3])
        page.one(".card-bar[data-busy]")
        page.until(waiting(page, 2), "two waiting")
        studio.take(page, "progress-unknown")


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="leyline-screenshots-") as name, chromium() as driver:
        folder = Path(name)
        made = pictures(folder)
        studio = Studio(folder, driver)
        first_picture(studio, made)
        a_line(studio, made)
        a_long_line(studio, pictures(folder, 50))
        troubles(studio, made, folder)
        links(studio, made)
        choices(studio, made)
        in_german(studio, folder, made)
        unknown(studio, made)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
