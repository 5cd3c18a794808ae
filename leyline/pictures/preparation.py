"""Makes the upright, bounded picture that the model sees, and its thumbnail, from whatever was sent.

Which format the bytes have is left to `formats`, and limits on memory and time to the process that
this runs in (`picture_loop`). Danger: a decoder may crash, hang or ask for gigabytes; nothing here may
run in the server's own process, and no pixel is decoded before the size in the header is judged.
"""

import math
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import (  # noqa: F401  named here, they alone are loaded: Pillow would import every format it has
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from leyline.errors import DamagedPicture, DiskLow, EmptyFile, TooManyPixels, UnsupportedFormat
from leyline.pictures.formats import HEAD_BYTES, identify

LONGEST_SIDE = 2048
THUMBNAIL_SIDE = 320
DRAFT_SIDE = 1920  # a JPEG may come out this small: 12 MP of a phone then need a quarter of the memory and time
GAP = 1.5  # the quick first shrink leaves at least this many times the final side to the good second one
BAND_PIXELS = 2**20  # pixels that are converted at a time: a second copy of 50 MP would be 200 MB

RARE_KIND = "The picture is damaged or of a rare kind that cannot be read. Save it as JPEG or PNG and send that."
OUT_OF_MEMORY = (
    "Reading this picture takes more memory than the server gives to one. Make it smaller and send it again."
)

TURNS = {  # EXIF orientation → what makes it upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Each thread of the decoder costs memory, and with one per core a large machine would run into the limit.
AvifImagePlugin.DEFAULT_MAX_THREADS = 2

Band = Callable[[Image.Image], Image.Image]


def prepare(source: Path, picture: Path, thumbnail: Path, max_pixels: int) -> tuple[int, int]:
    """Write the upright `picture` (longest side ≤ 2048) and its `thumbnail` (≤ 320): JPEG, sRGB, mode 0600.

    Returns width and height of what was sent, upright. Neither file has anything of its metadata, and
    neither is synced to disk. `max_pixels` 0 means no limit. Raises `EmptyFile`, `NotAPicture`,
    `UnsupportedFormat`, `TooManyPixels`, `DamagedPicture` or `DiskLow`, and `OSError` when `source` is not there.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise EmptyFile
        kind = identify(head)
        with _decoding(kind):
            size, upright = _upright(_open(file, kind, max_pixels))
            still = upright.copy()
            still.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            files = {picture: _jpeg(upright, 95), thumbnail: _jpeg(still, 85)}
    for path, data in files.items():
        _write(path, data)
    return size


@contextmanager
def _decoding(kind: str) -> Iterator[None]:
    """Whatever a decoder raises, and it may be anything, means that the picture cannot be read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (TooManyPixels, UnsupportedFormat, DamagedPicture):
        raise
    except MemoryError:
        raise DamagedPicture(OUT_OF_MEMORY) from None
    except Exception as error:
        raise DamagedPicture(RARE_KIND if kind in ("TIFF", "BMP") else "") from error


def _open(file: IO[bytes], kind: str, max_pixels: int) -> Image.Image:
    """The picture with its header read and judged, and no pixel decoded."""
    # Pillow asks this at every place where it is about to believe a size, and raises at twice the number.
    Image.MAX_IMAGE_PIXELS = max_pixels / 2 if max_pixels else None  # type: ignore[assignment]
    try:
        image = Image.open(file, formats=[kind])
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(str(error), max_pixels) from None
    except MemoryError:
        raise
    except Exception as error:
        raise DamagedPicture(RARE_KIND) from error
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _refuse_camera_raw(image)
    if 0 in image.size:
        raise DamagedPicture
    return image


def _too_many_pixels(message: str, max_pixels: int) -> TooManyPixels:
    limit = f"the limit is {max_pixels / 1e6:.4g}"
    found = re.search(r"\((\d+) pixels\)", message)
    if not found:
        return TooManyPixels(f"The picture has too many megapixels; {limit}. Make it smaller and send it again.")
    pixels = int(found[1])
    megapixels = math.ceil(pixels / 1e5) / 10  # rounded up, for "12.0; the limit is 12" would puzzle people
    detail = f"The picture has {megapixels:,.1f} megapixels; {limit}. Make it smaller and send it again."
    return TooManyPixels(detail, limit=max_pixels, actual=pixels)


def _refuse_camera_raw(image: TiffImagePlugin.TiffImageFile) -> None:
    """Raw files are TIFF files whose first picture is only a small preview."""
    reduced = image.tag_v2.get(ExifTags.Base.NewSubfileType, 0) & 1
    if reduced or ExifTags.Base.DNGVersion in image.tag_v2:
        raise UnsupportedFormat(
            "Camera raw files are not supported. Save the picture as JPEG or PNG and send that."
        )


def _upright(image: Image.Image) -> tuple[tuple[int, int], Image.Image]:
    """The picture's size and the picture itself, upright; the second bounded, sRGB, opaque, without metadata."""
    size = image.size
    image.draft(None, _bounded(size, DRAFT_SIDE))  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that is enough
    pixels = _decoded(image)
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    small = _srgb(_shrink(pixels, _bounded(pixels.size, LONGEST_SIDE)), profile)
    small.info.clear()
    if orientation not in TURNS:
        return size, small
    return (size if orientation < 5 else size[::-1]), small.transpose(TURNS[orientation])


def _decoded(image: Image.Image) -> Image.Image:
    """The image with its pixels. Those of a WebP come straight from its decoder, which holds two copies more."""
    if not isinstance(image, WebPImagePlugin.WebPImageFile) or not hasattr(image, "_decoder"):
        image.load()
        return image
    decoder = vars(image).pop("_decoder")
    frame = decoder.get_next()
    if frame is None:
        raise DamagedPicture
    return Image.frombuffer(image.rawmode, image.size, frame[0], "raw", image.rawmode, 0, 1)


def _bounded(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken metadata is no reason to refuse a good picture
        return 1
    return orientation if isinstance(orientation, int) else 1


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image at `size`, in one of the plain modes."""
    plain = _plain(image)
    if not plain:
        return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)
    factor = max(1, int(max(image.size) / (max(size) * GAP)))
    box = (0, 0, image.width / factor, image.height / factor)
    return _reduce(image, plain, factor).resize(size, Image.Resampling.LANCZOS, box)


def _reduce(image: Image.Image, plain: Band, factor: int) -> Image.Image:
    """The image made plain and `factor` times smaller; in bands, so that no second copy has its full size."""
    rows = factor * max(1, BAND_PIXELS // (image.width * factor))
    canvas = None
    for top in range(0, image.height, rows):
        band = plain(image.crop((0, top, image.width, min(top + rows, image.height)))).reduce(factor)
        if canvas is None:
            canvas = Image.new(band.mode, (band.width, math.ceil(image.height / factor)))
        canvas.paste(band, (0, top // factor))
    assert canvas is not None
    return canvas


# Pixels: what each mode becomes, and then sRGB


def _plain(image: Image.Image) -> Band | None:
    """What makes a band of this image plain: opaque and eight bits deep in L, RGB, CMYK or LAB; None: it is."""
    if image.mode == "F" or image.mode.startswith("I"):
        return partial(_grey, *_range(image))
    if image.has_transparency_data:
        return _over_white
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return None
    return lambda band: band.convert("L" if band.mode == "1" else "RGB")


def _over_white(band: Image.Image) -> Image.Image:
    if band.mode == "La":
        band = band.convert("LA")
    band = band.convert("RGBA")
    white = Image.new("RGB", band.size, "white")
    white.paste(band, mask=band.getchannel("A"))
    return white


def _range(image: Image.Image) -> tuple[float, float]:
    """The values of black and white in a deep grey image."""
    if image.mode.startswith("I;16"):
        tags = getattr(image, "tag_v2", {})
        return 0, 4095 if tags.get(ExifTags.Base.BitsPerSample) == (12,) else 65535
    low, high = image.getextrema()
    assert isinstance(low, (int, float)) and isinstance(high, (int, float))
    if not math.isfinite(low) or not math.isfinite(high):
        raise DamagedPicture(RARE_KIND)
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


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as RGB, by its own colour profile where it has one that fits."""
    if profile and image.mode != "LAB":
        try:
            return _by_profile(image, profile)
        except Exception:  # a broken or foreign profile costs the exact colours, not the picture
            pass
    return image.convert("RGB")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    return converted


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
