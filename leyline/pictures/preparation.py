"""Makes the upright, bounded picture that the model sees, and its thumbnail, from whatever was sent.

Which format the bytes have is left to `formats`, what lies around the pixels to `containers`, and limits
on memory and time to the process that this runs in (`loop`). Danger: a decoder may crash, hang or ask
for gigabytes; nothing here may run in the server's own process, and no pixel is decoded before the size
in the header is judged.
"""

import math
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import (  # noqa: F401  named here, they alone are loaded: Pillow would import every format it has
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from leyline.errors import DamagedPicture, DiskLow, EmptyFile, TooManyPixels, UnsupportedFormat
from leyline.formats import HEAD_BYTES, LONGEST_SIDE, identify
from leyline.pictures.colour import to_srgb
from leyline.pictures.containers import bmp, gif, iso_media, jpeg, png, tiff, webp
from leyline.pictures.pixels import Size, bounded, opaque, shrunk
from leyline.pictures.room import needed_bytes
from leyline.pictures.still import Limit, Still

THUMBNAIL_SIDE = 320
POSTER_SIDE = 1280
QUALITY = 98  # of JPEG: even of noise, and of what is dithered, values stay within 2 of 255 on average
SMALL_QUALITY = 85
DRAFT_SIDE = 1920  # a JPEG may come out this small: 12 MP of a phone then need a quarter of the memory and time

HUNGRY_BYTES = 128 * 2**20  # what 8 megapixels may need

RARE_KIND = "The picture is damaged or of a rare kind that cannot be read. Save it as JPEG or PNG and send that."
OUT_OF_MEMORY = (
    "Reading this picture takes more memory than the server gives to one. Make it smaller and send it again."
)

READERS: dict[str, Callable[[bytes, Limit], Still]] = {
    "JPEG": jpeg.read,
    "PNG": png.read,
    "WEBP": webp.read,
    "GIF": gif.read,
    "BMP": bmp.read,
    "TIFF": tiff.read,
    "AVIF": iso_media.read_avif,
    "HEIC": iso_media.read_heic,
}
OF_MANY_KINDS = {"TIFF", "BMP", "AVIF", "HEIC"}  # more than anybody reads

TURNS = {  # orientation → what makes it upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Sent:
    """A file whose header has been read and judged: a picture, as far as that tells."""

    kind: str
    still: Still
    file_bytes: int

    @property
    def is_large(self) -> bool:
        """Whether there is more of it than of a poster, so that it has to be made smaller."""
        return max(self.still.size) > POSTER_SIDE

    @property
    def is_hungry(self) -> bool:
        """Whether `write` needs much memory. A large JPEG does not: it is made smaller while it is decoded."""
        return self.kind != "JPEG" and self.memory_bytes > HUNGRY_BYTES

    @property
    def memory_bytes(self) -> int:
        """How much `write` may need, whatever the file holds."""
        return needed_bytes(math.prod(self.still.size), self.file_bytes)

    def write(self, picture: Path, thumbnail: Path, poster: Path | None = None) -> Size:
        """Write the upright `picture` (longest side ≤ 2048) and its `thumbnail` (≤ 320): JPEG, sRGB, mode 0600.

        And its `poster` (≤ 1280), where one is wanted and the picture is larger; any other is its own poster.
        Returns width and height of what was sent, upright. No file has anything of its metadata, and
        neither is synced to disk. Raises `DamagedPicture`, `UnsupportedFormat`, `TooManyPixels` or `DiskLow`.
        """
        with _decoding(self.kind):
            size, upright = _upright(self.still)
            own = self.still.own if upright.size == self.still.size else None
            files = {picture: own or _jpeg(upright, QUALITY)}
            if poster and max(upright.size) > POSTER_SIDE:
                upright = poster_of(upright)
                files[poster] = _jpeg(upright, SMALL_QUALITY)
            files[thumbnail] = _jpeg(thumbnail_of(upright), SMALL_QUALITY)
        for path, data in files.items():
            _write(path, data)
        return size


def measure(source: Path, max_pixels: int) -> Sent:
    """What the file's header says of its picture; no pixel is decoded. `max_pixels` 0 means no limit.

    Raises `EmptyFile`, `NotAPicture`, `UnsupportedFormat`, `TooManyPixels` or `DamagedPicture`, and `OSError`
    when `source` is not there.
    """
    file = source.read_bytes()
    if not file:
        raise EmptyFile
    kind = identify(file[:HEAD_BYTES])
    with _decoding(kind):
        return Sent(kind, READERS[kind](file, Limit(max_pixels)), len(file))


@contextmanager
def _decoding(kind: str) -> Iterator[None]:
    """Whatever a decoder raises, and it may be anything, means that the picture cannot be read."""
    sentence = RARE_KIND if kind in OF_MANY_KINDS else ""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (TooManyPixels, UnsupportedFormat):
        raise
    except MemoryError:
        raise DamagedPicture(OUT_OF_MEMORY) from None
    except Exception as error:
        raise DamagedPicture(sentence) from error


def _upright(still: Still) -> tuple[Size, Image.Image]:
    """The picture's size and the picture itself, upright; the second bounded, sRGB, opaque, without metadata."""
    pixels = still.decode(bounded(still.size, DRAFT_SIDE))
    plain = shrunk(pixels, bounded(pixels.size, LONGEST_SIDE), still.plain)
    small = opaque(plain, partial(to_srgb, colour=still.colour))
    small.info.clear()
    if still.orientation not in TURNS:
        return still.size, small
    size = still.size if still.orientation < 5 else still.size[::-1]
    return size, small.transpose(TURNS[still.orientation])


def poster_of(upright: Image.Image) -> Image.Image:
    return shrunk(upright, bounded(upright.size, POSTER_SIDE))


def thumbnail_of(image: Image.Image) -> Image.Image:
    """Of a picture or of its poster, which has fewer pixels to go through."""
    return image.resize(bounded(image.size, THUMBNAIL_SIDE), reducing_gap=2.0)


# Files


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    try:
        with open(path, "wb", opener=partial(os.open, mode=0o600)) as file:
            file.write(data)
    except OSError as error:
        raise DiskLow from error
