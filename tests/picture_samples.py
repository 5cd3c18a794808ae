"""Every format and mode: how its file is made and what people must see; and files full of metadata."""

import struct
import zlib
from collections.abc import Callable, Iterable

from PIL import Image, ImageCms, PngImagePlugin

from tests.kinds.png import interlaced, png16
from tests.kinds.profiles import display_p3
from tests.kinds.tiff import tiff16
from tests.pictures import (
    BLACK,
    BLUE,
    GREEN,
    ON_GLASS,
    QUARTERS,
    RED,
    WHITE,
    YELLOW,
    Colour,
    glass,
    grey,
    probe,
    saved,
)

SECRET = "SECRET-PLACE-48.8584N"  # what metadata hide and no output may hold


def _flat(mode: str, colours: Iterable[Colour] = QUARTERS) -> Image.Image:
    return probe(colours=colours).convert(mode)


def _black_and_white() -> Image.Image:
    return probe(colours=(BLACK, WHITE, WHITE, BLACK)).convert("1")


def _palette_with_hole() -> Image.Image:
    image = probe(colours=(RED, GREEN, (1, 2, 3), YELLOW)).quantize(4)
    image.info["transparency"] = image.getpixel((10, 60))
    return image


def _palette_with_alphas() -> bytes:
    image = _palette_with_hole()
    hole = image.info.pop("transparency")
    return saved(image, "PNG", transparency=bytes(0 if index == hole else 255 for index in range(4)))


def _one_clear_grey(deep_samples: bool) -> bytes:
    image = probe(colours=((200,) * 3, (100,) * 3, (7,) * 3, (250,) * 3)).convert("L")
    clear = 7 * 257 if deep_samples else 7
    if not deep_samples:
        return saved(image, "PNG", transparency=clear)
    whole = png16(image)
    chunk = b"tRNS" + struct.pack(">H", clear)
    at = whole.index(b"IDAT") - 4
    return whole[:at] + struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[at:]


def _lab() -> Image.Image:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(probe(), srgb, lab, outputMode="LAB")
    assert image is not None
    return image


def _floats(mode: str, scale: float) -> bytes:
    image = probe().convert("L").convert("F").point(lambda value: value * scale + 0)
    return saved(image.convert(mode), "TIFF")


_GREYS = grey(probe())
_CLEAR_GREY = ((200,) * 3, (100,) * 3, WHITE, (250,) * 3)
_CHESS = (BLACK, WHITE, WHITE, BLACK)

SAMPLES: dict[str, tuple[Callable[[], bytes], tuple[Colour, ...]]] = {
    "jpeg": (lambda: saved(probe(), "JPEG", quality=90), QUARTERS),
    "jpeg progressive 4:4:4": (lambda: saved(probe(), "JPEG", progressive=True, subsampling=0), QUARTERS),
    "jpeg grey": (lambda: saved(_flat("L"), "JPEG"), _GREYS),
    "jpeg CMYK, inverted by Adobe": (lambda: saved(_flat("CMYK"), "JPEG"), QUARTERS),
    "png": (lambda: saved(probe(), "PNG"), QUARTERS),
    "png interlaced": (interlaced, QUARTERS),
    "png palette": (lambda: saved(probe().quantize(4), "PNG"), QUARTERS),
    "png palette with one clear colour": (lambda: saved(_palette_with_hole(), "PNG"), ON_GLASS),
    "png palette with alphas": (_palette_with_alphas, ON_GLASS),
    "png RGBA": (lambda: saved(glass(), "PNG"), ON_GLASS),
    "png RGB with one clear colour": (lambda: saved(probe(), "PNG", transparency=BLUE), ON_GLASS),
    "png grey": (lambda: saved(_flat("L"), "PNG"), _GREYS),
    "png grey and alpha": (lambda: saved(glass().convert("LA"), "PNG"), (*_GREYS[:2], WHITE, _GREYS[3])),
    "png grey with one clear value": (lambda: _one_clear_grey(False), _CLEAR_GREY),
    "png 16-bit grey with one clear value": (lambda: _one_clear_grey(True), _CLEAR_GREY),
    "png 1-bit": (lambda: saved(_black_and_white(), "PNG"), _CHESS),
    "png 16-bit grey": (lambda: png16(_flat("L")), _GREYS),
    "png 16-bit": (lambda: png16(probe()), QUARTERS),
    "webp": (lambda: saved(probe(), "WEBP", quality=90), QUARTERS),
    "webp lossless": (lambda: saved(probe(), "WEBP", lossless=True), QUARTERS),
    "webp with alpha": (lambda: saved(glass(), "WEBP", quality=95), ON_GLASS),
    "webp lossless with alpha": (lambda: saved(glass(), "WEBP", lossless=True), ON_GLASS),
    "gif": (lambda: saved(probe().quantize(4), "GIF"), QUARTERS),
    "gif grey": (lambda: saved(_flat("L"), "GIF"), _GREYS),
    "gif with one clear colour": (lambda: saved(_palette_with_hole(), "GIF"), ON_GLASS),
    "bmp": (lambda: saved(probe(), "BMP"), QUARTERS),
    "bmp palette": (lambda: saved(probe().quantize(4), "BMP"), QUARTERS),
    "bmp grey": (lambda: saved(_flat("L"), "BMP"), _GREYS),
    "bmp 1-bit": (lambda: saved(_black_and_white(), "BMP"), _CHESS),
    "bmp 32-bit without a meaning for the fourth byte": (
        lambda: saved(glass(), "BMP"), (RED, GREEN, BLACK, YELLOW)
    ),
    "tiff": (lambda: saved(probe(), "TIFF"), QUARTERS),
    "tiff LZW": (lambda: saved(probe(), "TIFF", compression="tiff_lzw"), QUARTERS),
    "tiff JPEG": (lambda: saved(probe(), "TIFF", compression="jpeg", quality=95), QUARTERS),
    "tiff palette": (lambda: saved(probe().quantize(4), "TIFF"), QUARTERS),
    "tiff grey": (lambda: saved(_flat("L"), "TIFF"), _GREYS),
    "tiff grey and alpha": (lambda: saved(glass().convert("LA"), "TIFF"), (*_GREYS[:2], WHITE, _GREYS[3])),
    "tiff fax": (lambda: saved(_black_and_white(), "TIFF", compression="group4"), _CHESS),
    "tiff RGBA": (lambda: saved(glass(), "TIFF"), ON_GLASS),
    "tiff CMYK": (lambda: saved(_flat("CMYK"), "TIFF"), QUARTERS),
    "tiff Lab": (lambda: saved(_lab(), "TIFF"), QUARTERS),
    "tiff 16-bit grey": (lambda: tiff16(_flat("L")), _GREYS),
    "tiff 16-bit": (lambda: tiff16(probe()), QUARTERS),
    "tiff 16-bit RGBA": (lambda: tiff16(glass()), ON_GLASS),
    "tiff 16-bit CMYK": (lambda: tiff16(_flat("CMYK")), QUARTERS),
    "tiff 32-bit integers to 255": (lambda: _floats("I", 1), _GREYS),
    "tiff 32-bit integers to 65535": (lambda: _floats("I", 257), _GREYS),
    "tiff floats to 1": (lambda: _floats("F", 1 / 255), _GREYS),
    "tiff floats to 255": (lambda: _floats("F", 1), _GREYS),
    "avif": (lambda: saved(probe(), "AVIF", quality=90, speed=10), QUARTERS),
    "avif 4:4:4 with alpha": (lambda: saved(glass(), "AVIF", quality=90, subsampling="4:4:4", speed=10), ON_GLASS),
}  # fmt: skip


def sample(name: str) -> bytes:
    """The file of one of `SAMPLES`."""
    return SAMPLES[name][0]()


# Metadata


def _private_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = exif[0x0110] = exif[0x9286] = SECRET  # description, maker, model, comment
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 29: SECRET})  # GPS
    return exif


def _private_xmp() -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description place="{SECRET}"/></x:xmpmeta>'.encode()


def private() -> dict[str, bytes]:
    """A file of each format that can carry metadata, with `SECRET` in each place it has for them."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET)
    text.add_itxt("Author", SECRET)
    text.add_text("Description", SECRET, zip=True)
    exif, xmp, profile = _private_exif(), _private_xmp(), display_p3() + SECRET.encode()
    some = {"exif": exif, "icc_profile": profile}
    return {
        "jpeg": saved(probe(), "JPEG", comment=SECRET, xmp=xmp, **some),
        "jpeg without a profile": saved(probe(), "JPEG", comment=SECRET, xmp=xmp, exif=exif),
        "png": saved(probe(), "PNG", pnginfo=text, **some),
        "webp": saved(probe(), "WEBP", xmp=xmp, **some),
        "gif": saved(probe().quantize(4), "GIF", comment=SECRET),
        "tiff": saved(
            probe(), "TIFF", description=SECRET, software=SECRET, artist=SECRET, copyright=SECRET, **some
        ),
        "avif": saved(probe(), "AVIF", xmp=xmp, speed=10, **some),
    }
