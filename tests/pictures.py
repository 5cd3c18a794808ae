"""Test pictures of every format, mode and shape, made here; nothing is kept in files.

Most show `probe()`: four coloured quarters, no two alike, so that a look at the middle of each tells
whether colours, transparency and orientation came through.
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

RED, GREEN, BLUE, YELLOW, WHITE, BLACK = (
    (200, 30, 30), (20, 140, 60), (40, 60, 200), (250, 220, 40), (255, 255, 255), (0, 0, 0),
)  # fmt: skip
QUARTERS = (RED, GREEN, BLUE, YELLOW)  # top left, top right, bottom left, bottom right
ON_GLASS = (RED, GREEN, WHITE, YELLOW)  # as seen over white where the bottom left is transparent
SECRET = "SECRET-PLACE-48.8584N"  # what metadata hide and no output may hold

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


# What Pillow cannot write


def deep(samples: Callable[[int], int] = lambda value: value * 257, image: Image.Image | None = None) -> list[int]:
    """The 16-bit samples of an image."""
    return [samples(value) for value in (image or probe()).tobytes()]


def tiff(
    size: tuple[int, int],
    data: bytes,
    *,
    bits: tuple[int, ...],
    photometric: int = 2,
    more: dict[int, tuple[int, ...]] | None = None,
) -> bytes:
    """A little-endian TIFF of one deflated strip; `more` are further tags, all of them SHORT."""
    strip = zlib.compress(data)
    tags: dict[int, tuple[str, tuple[int, ...]]] = {
        256: ("I", (size[0],)),
        257: ("I", (size[1],)),
        258: ("H", bits),
        259: ("H", (8,)),
        262: ("H", (photometric,)),
        273: ("I", (8,)),
        277: ("H", (len(bits),)),
        278: ("I", (size[1],)),
        279: ("I", (len(strip),)),
        **{tag: ("H", values) for tag, values in (more or {}).items()},
    }
    strip += b"\0" * (len(strip) % 2)
    long_values, directory = b"", struct.pack("<H", len(tags))
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{kind}", *values)
        if len(packed) > 4:
            place, long_values = 8 + len(strip) + len(long_values), long_values + packed
            packed = struct.pack("<I", place)
        directory += struct.pack("<HHI", tag, {"H": 3, "I": 4}[kind], len(values)) + packed.ljust(4, b"\0")
    start = 8 + len(strip) + len(long_values)
    return struct.pack("<2sHI", b"II", 42, start) + strip + long_values + directory + bytes(4)


def png(header: bytes, data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of the fields of IHDR and the unfiltered bytes of its lines; `chunks` come between the two."""
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in every
    )


def interlaced() -> bytes:
    """The probe as a PNG in the seven passes of Adam7."""
    image, data = probe(), b""
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in range(y, image.height, dy):
            line = [image.getpixel((column, row)) for column in range(x, image.width, dx)]
            data += b"\0" + b"".join(bytes(pixel) for pixel in line)  # type: ignore[arg-type]
    return png(struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1), data)


def png16(image: Image.Image) -> bytes:
    """An L or RGB image as a PNG of 16 bits a sample."""
    width, stride = image.width, image.width * len(image.getbands())
    samples = image.tobytes()
    lines = (samples[start : start + stride] for start in range(0, len(samples), stride))
    data = b"".join(b"\0" + bytes(byte for value in line for byte in (value, value)) for line in lines)
    return png(struct.pack(">IIBBBBB", width, image.height, 16, 2 if image.mode == "RGB" else 0, 0, 0, 0), data)


def tiff16(image: Image.Image, **options: Any) -> bytes:
    """An L, RGB, RGBA or CMYK image as a TIFF of 16 bits a sample."""
    samples = deep(image=image)
    data = struct.pack(f"<{len(samples)}H", *samples)
    photometric = {"L": 1, "RGB": 2, "RGBA": 2, "CMYK": 5}[image.mode]
    more = {338: (2,)} if image.mode == "RGBA" else {}
    return tiff(image.size, data, bits=(16,) * len(image.getbands()), photometric=photometric, more=more | options)


def display_p3() -> bytes:
    """The colour profile of Apple's screens and phones, with a plain gamma of 2.2."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"text\0\0\0\0" + b"Display P3\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 11) + b"Display P3\0" + bytes(78) + b"\0\0\0",
        b"cprt": text,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header = header.ljust(36, b"\0") + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


# Every format and mode: how its file is made, and the colours that people must see


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

FORMATS = {  # one ordinary file of each accepted format, by its MIME type's second half
    "jpeg": lambda image, **options: saved(image, "JPEG", quality=90, **options),
    "png": lambda image, **options: saved(image, "PNG", **options),
    "webp": lambda image, **options: saved(image, "WEBP", quality=90, **options),
    "gif": lambda image, **options: saved(image, "GIF", **options),
    "bmp": lambda image, **options: saved(image, "BMP", **options),
    "tiff": lambda image, **options: saved(image, "TIFF", compression="tiff_lzw", **options),
    "avif": lambda image, **options: saved(image, "AVIF", quality=90, speed=10, **options),
}


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
        "png": saved(probe(), "PNG", pnginfo=text, **some),
        "webp": saved(probe(), "WEBP", xmp=xmp, **some),
        "gif": saved(probe().quantize(4), "GIF", comment=SECRET),
        "tiff": saved(
            probe(), "TIFF", description=SECRET, software=SECRET, artist=SECRET, copyright=SECRET, **some
        ),
        "avif": saved(probe(), "AVIF", xmp=xmp, speed=10, **some),
    }
