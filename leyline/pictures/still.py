"""A picture whose header has been read and judged, and no pixel of it decoded.

Who reads which header is left to `containers`. Danger: whatever Pillow says of a size comes from the
file; it is judged wherever it is about to be believed.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile

from leyline.errors import DamagedPicture, TooManyPixels
from leyline.pictures.colour import Colour
from leyline.pictures.pixels import Band, Size


@dataclass(frozen=True)
class Still:
    """What is known of a picture before its pixels are."""

    size: Size  # of what `decode` makes at full scale
    decode: Callable[[Size], Image.Image]  # its pixels; at least as many as this size has, where it can choose
    colour: Colour | None = None
    orientation: int = 1  # as Exif counts
    plain: Band | None = None  # what `pixels` needs where the mode of the decoded image does not tell
    own: bytes | None = None  # a JPEG in sRGB, upright and bare, with the very pixels that `decode` makes


@dataclass(frozen=True)
class Limit:
    """How many pixels a picture may have; 0 means any number."""

    max_pixels: int

    def judge(self, width: int, height: int) -> None:
        """Raises `TooManyPixels`, or `DamagedPicture` where there are none."""
        if width <= 0 or height <= 0:
            raise DamagedPicture
        if self.max_pixels and width * height > self.max_pixels:
            raise self._too_many(width * height)

    def opened(self, file: bytes, kind: str) -> ImageFile.ImageFile:
        """The file as an image of this one of Pillow's formats, its header read and judged."""
        # Pillow asks this at every place where it is about to believe a size, and raises at twice the number.
        Image.MAX_IMAGE_PIXELS = self.max_pixels / 2 if self.max_pixels else None  # type: ignore[assignment]
        try:
            image = Image.open(BytesIO(file), formats=[kind])
        except Image.DecompressionBombError as error:
            pixels = re.search(r"\((\d+) pixels\)", str(error))
            raise self._too_many(int(pixels[1]) if pixels else 0) from None
        self.judge(*image.size)
        return image

    def _too_many(self, pixels: int) -> TooManyPixels:
        limit = f"the limit is {self.max_pixels / 1e6:.4g}"
        if not pixels:
            return TooManyPixels(
                f"The picture has too many megapixels; {limit}. Make it smaller and send it again."
            )
        megapixels = math.ceil(pixels / 1e5) / 10  # rounded up, for "12.0; the limit is 12" would puzzle people
        detail = f"The picture has {megapixels:,.1f} megapixels; {limit}. Make it smaller and send it again."
        return TooManyPixels(detail, limit=self.max_pixels, actual=pixels)
