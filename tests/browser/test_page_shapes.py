"""A picture keeps its own shape on its card, and what is shown of a finished one is as sharp as the screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.chromium import Page
from tests.browser.conftest import picture_bytes

pytestmark = pytest.mark.long

Visit = Callable[..., Page]

SHAPES = {"wide": (2000, 1125), "tall": (1200, 1600), "square": (1500, 1500), "very-tall": (900, 1600)}
EXTREME = {"panorama": (3000, 1000), "strip": (3000, 300), "tower": (500, 1500), "pole": (200, 2000)}
STILLS = """
  return Object.fromEntries([...document.querySelectorAll(".card")].map((card) => {
    const still = card.querySelector(".card-still");
    const media = card.querySelector(".card-media").getBoundingClientRect();
    const { naturalWidth, naturalHeight, currentSrc } = still;
    const asked = media.width * devicePixelRatio <= naturalWidth + 1;
    return [card.querySelector(".card-name").textContent.split(".")[0],
      [media.width / media.height, naturalWidth / naturalHeight, asked, currentSrc.split("/").at(-1)]];
  }));
"""
SHIFTS = """
  // of the drawing of what happened the parts move along: that is what it shows
  window.shifts = [];
  const box = ({ x, y, width, height }) => [x, y, width, height].join(" ");
  new PerformanceObserver((list) => {
    for (const { node, previousRect, currentRect } of list.getEntries().flatMap(({ sources }) => sources)) {
      const drawn = !node || node.parentElement?.closest(".card-timeline");
      if (!drawn) shifts.push([node.className, box(previousRect), box(currentRect)]);
    }
  }).observe({ type: "layout-shift" });
"""


def make(folder: Path, shapes: dict[str, tuple[int, int]] = SHAPES) -> list[Path]:
    paths = [folder / f"{name}.jpg" for name in shapes]
    for number, (path, size) in enumerate(zip(paths, shapes.values(), strict=True)):
        path.write_bytes(picture_bytes(number, size))
    return paths


def test_a_finished_card_has_its_pictures_shape_and_a_poster_as_sharp_as_the_screen(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit(model_seconds=1, clip_height=240, clip_seconds=1)
    page.resize(1280, 900)
    page.one(".form-more")
    page.choose(*make(tmp_path))
    page.until(lambda: len(page.cards("queued") + page.cards("processing") + page.cards("succeeded")) == 4, "cards")
    page.script(SHIFTS)
    page.until(lambda: len(page.cards("succeeded")) == 4, "four videos")
    moved = page.script("return shifts")
    assert moved == [], "from line to video nothing moves"
    page.script("document.querySelector('.grid').scrollIntoView()")
    for width in (1280, 768, 2560):
        page.resize(width, 2000)
        page.until(lambda: all("side=1280" in told[3] for told in page.script(STILLS).values()), "large stills")
        for name, (shape, of_still, sharp, _) in page.script(STILLS).items():
            wanted = SHAPES[name][0] / SHAPES[name][1]
            assert abs(shape - wanted) < 0.02 and abs(of_still - wanted) < 0.02, (name, width, shape, of_still)
            assert sharp, (name, width)
    page.resize(1280, 2000)
    page.click('[aria-label="Play: tall.jpg"]')
    page.until(lambda: (page.script("return document.querySelector('video')?.currentTime") or 0) > 0.1, "it plays")
    bars = """
      const video = document.querySelector("video");
      return Math.abs(video.clientWidth / video.clientHeight - video.videoWidth / video.videoHeight);
    """
    assert page.script(bars) < 0.03, "the video has no bars"


def test_a_row_of_a_phone_asks_for_no_large_still(visit: Visit, tmp_path: Path) -> None:
    page = visit(model_seconds=0.2, clip_height=240, clip_seconds=1)
    page.resize(390, 800, touch=True)
    page.choose(*make(tmp_path))
    page.until(lambda: len(page.cards("succeeded")) == 4, "four videos")
    large = (
        "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('side=1280')).length"
    )
    assert page.script(large) == 0
    page.click(".card-more")
    page.until(lambda: page.script(large) == 1, "the one that was opened")


def test_what_is_longer_than_any_video_has_a_card_of_its_videos_shape_and_no_bars(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit(model_seconds=0.2, clip_height=120, clip_seconds=1)
    page.resize(1280, 1600)
    page.choose(*make(tmp_path, EXTREME))
    page.until(lambda: len(page.cards("succeeded")) == 4, "four videos")
    for width in (1280, 390):
        page.resize(width, 1600)
        if width == 390:
            page.script("for (const more of document.querySelectorAll('.card-more')) more.click()")
        for name in EXTREME:
            page.script(f"document.querySelector('[aria-label=\"Play: {name}.jpg\"]').scrollIntoView()")
            page.until(lambda name=name: page.script(STILLS)[name][3].startswith("thumbnail"), "its still")
        for name, (shape, *_) in page.script(STILLS).items():
            size = EXTREME[name]
            assert abs(shape - min(3, max(1 / 3, size[0] / size[1]))) < 0.02, (name, shape)
        assert page.script("return getComputedStyle(document.querySelector('.card-still')).objectFit") == "cover"
    page.resize(1280, 1600)
    for name in EXTREME:
        page.click(f'.card-play[aria-label="Play: {name}.jpg"]')
        page.until(lambda: page.script("return document.querySelector('video')?.videoWidth"), "its video")
        bars = """
          const video = document.querySelector("video");
          return Math.abs(video.clientWidth / video.clientHeight - video.videoWidth / video.videoHeight);
        """
        assert page.script(bars) < 0.04, name
        page.script("document.querySelector('.card:has(video) [data-action=theatre]').click()")
        page.until(lambda: page.script("return document.querySelectorAll('video').length") == 1, "one video")
        page.click(".theatre-close")
        page.until(lambda: not page.all("video"), "none")
