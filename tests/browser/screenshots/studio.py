"""The studio: a browser that takes whatever is on its page on every screen, light and dark.

Leaves what is on the page to the tables of states. Writes build/screenshots/STATE/SCREEN-SCHEME.webp, and all of a
state's side by side in build/screenshots/STATE.webp, to look at many at once.
"""

import io
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.browser.chromium import Page

Wanted = Callable[[str], bool]

OUT = Path("build/screenshots")
SCREENS = {320: 640, 390: 844, 768: 1024, 1280: 900, 2560: 1440}  # widths, and how high each is
SCHEMES = ("light", "dark")
TOUCHED = 768  # and narrower
USUAL = 1280
ROWS = (((320, 390, 768, 1280), 620), ((2560,), 960))  # of a sheet: the screens of each, and its height
PATIENCE_SECONDS = 10

# Nothing moves into its place any more, and no still is missing.
SETTLED = """
  const ends = ({ effect, playState }) => playState === "running" && effect.getTiming().iterations !== Infinity;
  const inSight = (each) => each.getBoundingClientRect().top < innerHeight && each.checkVisibility();
  const moving = document.getAnimations().filter((each) => ends(each) && each.effect.pseudoElement === null);
  const coming = [...document.images].filter((each) => each.src && !each.complete && inSight(each));
  return moving.length === 0 && coming.length === 0;
"""
DRAWN = """
  const done = arguments[0];
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
"""


class Studio:
    """Takes pictures of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def take(self, name: str, again: Callable[[], None] = lambda: None) -> None:
        """The page as it is now on every screen; `again` is called on each, for what depends on it or on time."""
        began = time.monotonic()
        shots = {}
        for scheme in SCHEMES:
            self.page.media(prefers_color_scheme=scheme)
            for width in SCREENS:
                self.screen(width)
                again()
                shots[width, scheme] = self._shoot(OUT / name / f"{width}-{scheme}.webp")
        sheet(shots).save(OUT / f"{name}.webp", quality=80)
        self.usual()
        print(f"{name:24} {time.monotonic() - began:4.0f} s", flush=True)

    def usual(self) -> None:
        """The screen on which states are brought about."""
        self.page.media()
        self.screen(USUAL)

    def screen(self, width: int) -> None:
        self.page.resize(width, SCREENS[width], touch=width <= TOUCHED)

    def _shoot(self, path: Path) -> Image.Image:
        """What is seen now, once nothing moves into its place any more."""
        self._settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.open(io.BytesIO(self.page.driver.get_screenshot_as_png())).convert("RGB")
        image.save(path, quality=92)
        return image

    def _settle(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        self.page.driver.execute_async_script(DRAWN)
        while not self.page.script(SETTLED) and time.monotonic() < deadline:
            self.page.driver.execute_async_script(DRAWN)


def sheet(shots: dict[tuple[int, str], Image.Image]) -> Image.Image:
    """Light beside dark, the widest screen below the others."""
    rows = [
        [_high(shots[width, scheme], height) for scheme in SCHEMES for width in widths] for widths, height in ROWS
    ]
    gap = 10
    width = max(sum(image.width + gap for image in row) for row in rows)
    made = Image.new("RGB", (width, sum(row[0].height + gap for row in rows)), "#888")
    top = 0
    for row in rows:
        left = 0
        for image in row:
            made.paste(image, (left, top))
            left += image.width + gap
        top += row[0].height + gap
    return made


def _high(image: Image.Image, height: int) -> Image.Image:
    return image.resize((round(image.width * height / image.height), height), Image.Resampling.LANCZOS)
