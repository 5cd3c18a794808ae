"""A photograph that its camera held otherwise: before and after, the picture lies exactly over its video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.browser.chromium import Page
from tests.browser.test_page_theatre import both, off, shift
from tests.photographs import photograph

pytestmark = pytest.mark.long

TURNED = {"mirrored": 2, "right": 6, "left": 8, "mirrored and turned": 5}
ORIENTATION = 0x0112
CLOSE = 12  # grey levels, on average: what is left by coding and by drawing it smaller
PAUSED = """
    const video = document.querySelector(".theatre video");
    return video.paused && video.currentTime === 0 && video.readyState >= 2;
"""


def taken(path: Path, orientation: int) -> Path:
    """A photograph that lies in its file as the camera was held."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(photograph(orientation, 720, 480)).save(path, quality=95, exif=exif)
    return path


def seen(path: Path, size: tuple[int, int]) -> np.ndarray:
    """The photograph as people see it, grey and of this size."""
    upright = ImageOps.exif_transpose(Image.open(path)).convert("L")
    return np.asarray(upright.resize(size, Image.Resampling.BICUBIC), float)


@pytest.fixture
def page(visit: Callable[..., Page], tmp_path: Path) -> Page:
    found = visit(model="tests.models.plain:EchoColour")
    found.choose(*(taken(tmp_path / f"{name}.jpg", how) for name, how in TURNED.items()))
    found.until(lambda: len(found.cards("succeeded")) == len(TURNED), "all videos")
    return found


def test_a_turned_or_mirrored_photograph_lies_exactly_over_its_first_frame(page: Page, tmp_path: Path) -> None:
    page.resize(900, 760)
    for name in TURNED:
        page.click(f'[data-action="theatre"][aria-label="Theatre: {name}.jpg"]')
        page.says(".theatre h2", f"{name}.jpg")
        page.until(lambda: page.script("return document.querySelector('.theatre video').currentTime > 0"), "it")
        page.click(".theatre-tool")
        page.until(lambda: page.script(PAUSED), "the first frame")
        picture, video = both(page)
        assert shift(picture, video) == 0, name
        assert off(picture, video, 0, 0) < CLOSE, name
        width, height = page.script(
            "const { width, height } = document.querySelector('.compare').getBoundingClientRect();"
            "return [Math.round(width), Math.round(height)];"
        )
        assert (width < height) == (TURNED[name] > 4), "upright as people see it"
        wanted = seen(tmp_path / f"{name}.jpg", (width, height))[60:-20, 60:-60]
        assert off(wanted, picture, 0, 0) < CLOSE, f"{name}, as people see it"
        page.click(".theatre-close")
        page.gone("dialog.theatre")
