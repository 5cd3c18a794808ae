"""What the model gets to see is what a browser shows, of every kind of picture that browsers show at all."""

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from selenium import webdriver

from tests.kinds import bmp, gif, iso_media, jpeg, png, png_colours, webp
from tests.picture_bench import Bench

pytestmark = pytest.mark.long

TOLERANCE = 2  # of 255, on average
SHOW = """
const [address, done] = arguments;
const image = new Image();
image.onload = () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  done(canvas.toDataURL("image/png"));
};
image.onerror = () => done("");
image.src = address;
"""

KINDS: dict[str, tuple[dict[str, Callable[[], bytes]], ...]] = {
    "png": (png.SAME, png_colours.OTHER),
    "jpeg": (jpeg.SAME, jpeg.OTHER),
    "gif": (gif.OTHER,),
    "webp": (webp.SAME, webp.OTHER),
    "bmp": (bmp.OTHER,),
    "avif": (iso_media.AVIF_SAME, iso_media.AVIF_OTHER),
}
# The browser leaves out the last row of blocks where a JPEG ends too early; here nothing is left out.
NOT_WHOLE_THERE = {
    "no end",
    "half an end",
    "nearly all",
    "with restarts, no end",
    "4:4:4, no end",
    "4:2:2, nearly all",
}
SHOWN = [
    pytest.param(kind, make, id=f"{kind} {name}")
    for kind, tables in KINDS.items()
    for table in tables
    for name, make in table.items()
    if name not in NOT_WHOLE_THERE or kind != "jpeg"
]


def shown(driver: webdriver.Chrome, file: bytes, media_type: str) -> Image.Image:
    address = f"data:{media_type};base64,{base64.b64encode(file).decode()}"
    drawn = driver.execute_async_script(SHOW, address)
    assert drawn, "the browser shows nothing"
    with Image.open(BytesIO(base64.b64decode(drawn.partition(",")[2]))) as image:
        return image.convert("RGB")


@pytest.mark.parametrize(("kind", "make"), SHOWN)
def test_the_model_sees_what_a_browser_shows(
    driver: webdriver.Chrome, tmp_path: Path, kind: str, make: Callable[[], bytes]
) -> None:
    bench, file = Bench(tmp_path), make()
    driver.get("about:blank") if driver.current_url != "about:blank" else None
    expected = shown(driver, file, f"image/{kind}")
    assert bench.prepare(file) == expected.size
    difference = ImageStat.Stat(ImageChops.difference(bench.seen(), expected)).mean
    assert sum(difference) / 3 <= TOLERANCE, difference
