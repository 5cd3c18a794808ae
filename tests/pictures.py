"""Test pictures that every test may use, made here; nothing is kept in files.

Most show `probe()`: four coloured quarters, no two alike, so that a look at the middle of each tells
whether colours, transparency and orientation came through. Rare kinds are in `picture_samples`.
"""

import random
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

RED, GREEN, BLUE, YELLOW, WHITE, BLACK = (
    (200, 30, 30), (20, 140, 60), (40, 60, 200), (250, 220, 40), (255, 255, 255), (0, 0, 0),
)  # fmt: skip
QUARTERS = (RED, GREEN, BLUE, YELLOW)  # top left, top right, bottom left, bottom right
ON_GLASS = (RED, GREEN, WHITE, YELLOW)  # as seen over white where the bottom left is transparent

COLOURS = 4096  # how many photos there are of different colour; neighbours are 16 apart in a channel

Colour = tuple[int, ...]


def probe(size: tuple[int, int] = (96, 64), colours: Iterable[Colour] = QUARTERS) -> Image.Image:
    """An RGB picture of four plain quarters."""
    width, height = size
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    corners = [(x, y) for y in (0, height // 2) for x in (0, width // 2)]
    for (x, y), colour in zip(corners, colours, strict=True):
        draw.rectangle((x, y, x + width // 2, y + height // 2), fill=colour)
    return image


def scene(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """An RGB picture of soft slopes, of which no part and no turn is like another, and which a JPEG keeps well."""
    across, round_about = Image.linear_gradient("L").rotate(90), Image.radial_gradient("L")
    return Image.merge("RGB", [each.resize(size) for each in (Image.linear_gradient("L"), round_about, across)])


def glass() -> Image.Image:
    """The probe with its bottom left quarter transparent, as RGBA."""
    image = probe().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 32, 48, 64))
    return image


def quarters(image: Image.Image) -> tuple[Colour, ...]:
    """The colours in the middle of each quarter of a picture."""
    image = image.convert("RGB")
    width, height = image.size
    return tuple(image.getpixel((width * x // 4, height * y // 4)) for y in (1, 3) for x in (1, 3))  # type: ignore[misc]


def alike(these: Iterable[Colour], those: Iterable[Colour], tolerance: int = 12) -> bool:
    """Whether two rows of colours look the same, channel by channel."""
    return all(
        abs(one - other) <= tolerance
        for this, that in zip(these, those, strict=True)
        for one, other in zip(this, that, strict=True)
    )


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The bytes of the image's file."""
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def photo(number: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG of the number's `colour`, by which its video can be known again."""
    return saved(Image.new("RGB", size, colour(number)), "JPEG", quality=95)


def colour(number: int) -> tuple[int, int, int]:
    """The colour of a photo; no two numbers below `COLOURS` have the same."""
    red, green, blue = (16 * (number >> shift & 15) + 8 for shift in (0, 4, 8))
    return red, green, blue


def snapshot(seed: int = 0, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG with soft shapes as a camera makes, others for each seed; quick to make at any size."""
    chance = random.Random(seed)
    small = Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3))
    return saved(small.resize(size, Image.Resampling.BICUBIC), "JPEG", quality=85)


def grainy(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture with noise, which no format makes small."""
    noise = Image.frombytes("RGB", (256, 256), random.Random(1).randbytes(256 * 256 * 3))
    image = Image.new("RGB", size)
    for y in range(0, size[1], 256):
        for x in range(0, size[0], 256):
            image.paste(noise, (x, y))
    return image.convert(mode)


def grey(image: Image.Image) -> tuple[Colour, ...]:
    """The colours of the image's quarters without colour."""
    return quarters(image.convert("L"))


# One ordinary file of each accepted format

FORMATS = {  # by the second half of its MIME type
    "jpeg": lambda image, **options: saved(image, "JPEG", quality=90, **options),
    "png": lambda image, **options: saved(image, "PNG", **options),
    "webp": lambda image, **options: saved(image, "WEBP", quality=90, **options),
    "gif": lambda image, **options: saved(image, "GIF", **options),
    "bmp": lambda image, **options: saved(image, "BMP", **options),
    "tiff": lambda image, **options: saved(image, "TIFF", compression="tiff_lzw", **options),
    "avif": lambda image, **options: saved(image, "AVIF", quality=90, speed=10, **options),
}
