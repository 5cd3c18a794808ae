"""Pixels of every kind made plain and few: opaque or premultiplied, eight bits deep, as small as asked for.

What they mean as colours is left to `colour`. Danger: a second copy of 50 megapixels would be 200 MB, so
what has the size of the original is worked on in bands of rows.
"""

import math
from collections.abc import Callable
from functools import partial

from PIL import ExifTags, Image

from leyline.errors import DamagedPicture

BAND_PIXELS = 2**20  # pixels that are worked on at a time

Size = tuple[int, int]
Band = Callable[[Image.Image], Image.Image]


def bounded(size: Size, longest: int) -> Size:
    """The size with its longest side no longer than that, in the same shape."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(image: Image.Image, size: Size, plain: Band | None = None) -> Image.Image:
    """The image at `size`, in one of L, La, RGB, RGBa, CMYK and LAB; `plain` is for what its mode does not tell."""
    plain = plain or _plain(image)
    factor = max(1, max(image.size) // max(size))  # what is left then is less than twice the final side
    if plain:
        return _averaged(in_bands(plain, image, factor), size)
    return _averaged(image.reduce(factor) if factor > 1 else image, size)


def _averaged(image: Image.Image, size: Size) -> Image.Image:
    """The plain image smaller, by less than two times: each pixel is the mean of the area that it covers.

    That makes no halo and no pattern of fine lines. OpenCV is quick at it for whole factors only: at twice the
    final size by straight lines between pixels, then by two takes half the time of its way for any factor.
    """
    if image.size == size:
        return image
    if image.mode == "LAB":  # its bytes have signs, which OpenCV would not know
        return image.resize(size, Image.Resampling.LANCZOS)
    import cv2  # heavy, and needed for large pictures only: `loop` loads it before the limit on memory counts
    import numpy as np

    width, height = size
    doubled = cv2.resize(np.asarray(image), (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    return Image.fromarray(cv2.resize(doubled, size, interpolation=cv2.INTER_AREA), image.mode)


def in_bands(change: Band, image: Image.Image, factor: int = 1) -> Image.Image:
    """The image changed and made `factor` times smaller, band by band: no second copy has its full size."""
    rows = factor * max(1, BAND_PIXELS // (image.width * factor))
    canvas = None
    for top in range(0, image.height, rows):
        band = change(image.crop((0, top, image.width, min(top + rows, image.height)))).reduce(factor)
        if canvas is None:
            canvas = Image.new(band.mode, (band.width, math.ceil(image.height / factor)))
        canvas.paste(band, (0, top // factor))
    assert canvas is not None
    return canvas


def eight_bits_deep(image: Image.Image) -> Image.Image:
    """A grey image as L."""
    plain = _plain(image)
    return in_bands(plain, image) if plain else image


def opaque(image: Image.Image, to_srgb: Band) -> Image.Image:
    """The plain image in sRGB, over white where one sees through it."""
    if image.mode not in ("La", "RGBa"):
        return to_srgb(image)
    image = image.convert(image.mode.upper())
    white = Image.new("RGB", image.size, "white")
    white.paste(to_srgb(image.convert(image.mode[:-1])), mask=image.getchannel("A"))
    return white


# What each mode becomes


def _plain(image: Image.Image) -> Band | None:
    """What makes a band of this image plain; None: it is."""
    if image.mode == "F" or image.mode.startswith("I"):
        return partial(_grey, *_range(image))
    if image.has_transparency_data:
        return _premultiplied
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return None
    return lambda band: band.convert("L" if band.mode == "1" else "RGB")


def _premultiplied(band: Image.Image) -> Image.Image:
    """Colours times their opacity: what shrinks without bleeding what cannot be seen."""
    if band.mode in ("La", "RGBa"):
        return band
    if band.mode == "LA":
        return band.convert("La")
    return band.convert("RGBA").convert("RGBa")


def _range(image: Image.Image) -> tuple[float, float]:
    """The values of black and white in a deep grey image."""
    if image.mode.startswith("I;16"):
        tags = getattr(image, "tag_v2", {})
        return 0, 4095 if tags.get(ExifTags.Base.BitsPerSample) == (12,) else 65535
    low, high = image.getextrema()
    assert isinstance(low, (int, float)) and isinstance(high, (int, float))
    if not math.isfinite(low) or not math.isfinite(high):
        raise DamagedPicture
    # No white is agreed on for 32 bits: the least usual one that no value exceeds, else the range met.
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    return next(((0, white) for white in usual if low >= 0 and high <= white), (low, high))


def _grey(black: float, white: float, band: Image.Image) -> Image.Image:
    scale = 255 / (white - black) if white > black else 0
    grey = band.convert("F").point(lambda value: value * scale + (0.5 - black * scale)).convert("L")
    if "transparency" in band.info:
        clear = band.info["transparency"]
        mask = band.convert("I").point([255 * (value == clear) for value in range(65536)], "L")
        grey.paste(255, mask=mask)
    return grey
