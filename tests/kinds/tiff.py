"""TIFF: samples of every depth, together and in planes. No browser shows any."""

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from tests.kinds.png import xmp
from tests.pictures import glass, probe, saved

BYTE, ASCII, SHORT, LONG, UNDEFINED = 1, 2, 3, 4, 7
LETTERS = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", UNDEFINED: "B"}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK = 0, 1, 2, 3, 5
ASSOCIATED, STRAIGHT = 1, 2
NONE, DEFLATE = 1, 8

Tags = dict[int, tuple[int, Sequence[int]]]  # tag → type and values


def tiff(
    size: tuple[int, int],
    *strips: bytes,
    bits: tuple[int, ...],
    photometric: int = RGB,
    more: Tags | None = None,
    order: str = "<",
    compression: int = DEFLATE,
) -> bytes:
    """A TIFF of whole strips, or of one for each plane; `more` are further tags."""
    packed = [zlib.compress(strip) if compression == DEFLATE else strip for strip in strips]
    places, body = [], b""
    for strip in packed:
        places.append(8 + len(body))
        body += strip + bytes(len(strip) % 2)
    tags: Tags = {
        256: (LONG, (size[0],)),
        257: (LONG, (size[1],)),
        258: (SHORT, bits),
        259: (SHORT, (compression,)),
        262: (SHORT, (photometric,)),
        273: (LONG, places),
        277: (SHORT, (len(bits),)),
        278: (LONG, (size[1],)),
        279: (LONG, [len(strip) for strip in packed]),
        **({284: (SHORT, (2,))} if len(strips) > 1 else {}),
        **(more or {}),
    }
    long_values, lines = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        value = struct.pack(f"{order}{len(values)}{LETTERS[kind]}", *values)
        if len(value) > 4:
            place, long_values = 8 + len(body) + len(long_values), long_values + value + bytes(len(value) % 2)
            value = struct.pack(order + "I", place)
        lines += struct.pack(order + "HHI", tag, kind, len(values)) + value.ljust(4, b"\0")
    start = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8 + len(body) + len(long_values))
    return start + body + long_values + struct.pack(order + "H", len(tags)) + lines + bytes(4)


def tiff16(image: Image.Image, **options: Any) -> bytes:
    """An L, RGB, RGBA or CMYK image as a TIFF of 16 bits a sample."""
    return _together(image, 16, options)


def _samples(image: Image.Image, bits: int, order: str = "<") -> bytes:
    data = image.tobytes()
    return data if bits == 8 else struct.pack(f"{order}{len(data)}H", *(value * 257 for value in data))


KINDS = {"L": BLACK_IS_ZERO, "LA": BLACK_IS_ZERO, "RGB": RGB, "RGBA": RGB, "CMYK": CMYK}


def _together(image: Image.Image, bits: int, more: Tags | None = None, **options: Any) -> bytes:
    extra = {338: (SHORT, (STRAIGHT,))} if image.mode in ("LA", "RGBA") else {}
    return tiff(
        image.size,
        _samples(image, bits, options.get("order", "<")),
        bits=(bits,) * len(image.getbands()),
        photometric=KINDS[image.mode],
        more=extra | (more or {}),
        **options,
    )


def in_planes(
    image: Image.Image, bits: int, extra: int = STRAIGHT, photometric: int | None = None, **options: Any
) -> bytes:
    return tiff(
        image.size,
        *(_samples(plane, bits, options.get("order", "<")) for plane in image.split()),
        bits=(bits,) * len(image.getbands()),
        photometric=KINDS[image.mode.upper()] if photometric is None else photometric,
        more={338: (SHORT, (extra,))} if image.mode[-1] in "Aa" else {},
        **options,
    )


def _floats(order: str, compression: int, **options: Any) -> bytes:
    values = [value / 255 for value in probe().convert("L").tobytes()]
    data = struct.pack(f"{order}{len(values)}f", *values)
    return tiff(
        probe().size,
        data,
        bits=(32,),
        photometric=BLACK_IS_ZERO,
        more={339: (SHORT, (3,))},
        order=order,
        compression=compression,
        **options,
    )


def _palette(highest: int) -> bytes:
    image = probe().quantize(4)
    table = [value * highest // 255 for value in (image.getpalette() or [])[:12]] + [0] * (768 - 12)
    by_channel = [table[at] for channel in range(3) for at in range(channel, 768, 3)]
    return tiff(image.size, image.tobytes(), bits=(8,), photometric=PALETTE, more={320: (SHORT, by_channel)})


def _inverted(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 - value)


def _grey() -> Image.Image:
    return probe().convert("L")


WITH_METADATA: Tags = {
    270: (SHORT, (1, 2, 3)),
    282: (SHORT, (0,)),
    305: (LONG, (2**32 - 1,)),
    306: (BYTE, (255,) * 9),
    700: (SHORT, (1, 2, 3)),
    33432: (LONG, (7, 7)),
    33723: (LONG, (2**31,)),
    34377: (BYTE, (56,) * 5),
    34665: (LONG, (2**32 - 1,)),
    34853: (LONG, (3,)),
    34675: (UNDEFINED, b"garbage" * 30),
    37724: (BYTE, (0,)),
}

ORDERS = ("<", ">")
COMPRESSIONS = (NONE, DEFLATE)

# All show `probe()`, in its colours or, with "grey" in the name, without them; with "glass", a part is transparent.
SAME: dict[str, Callable[[], bytes]] = {
    **{
        f"{name} of {bits} bits in planes {order} {compression}": lambda m=make, b=bits, o=order, c=compression: (
            in_planes(m(), b, order=o, compression=c)
        )
        for name, make in (
            ("RGB", probe),
            ("CMYK", lambda: probe().convert("CMYK")),
            ("glass", glass),
            ("grey glass", lambda: glass().convert("LA")),
        )
        for bits in (8, 16)
        for order in ORDERS
        for compression in COMPRESSIONS
    },
    **{
        f"glass of {bits} bits in planes, multiplied": lambda b=bits: in_planes(
            glass().convert("RGBa"), b, ASSOCIATED
        )
        for bits in (8, 16)
    },
    **{
        f"grey glass of {bits} bits in planes, multiplied": lambda b=bits: in_planes(
            glass().convert("LA").convert("La"), b, ASSOCIATED
        )
        for bits in (8, 16)
    },
    "RGB with something more in planes": lambda: in_planes(glass_filled(), 8, extra=0),
    **{
        f"{name} of 16 bits {order} {compression}": lambda m=make, o=order, c=compression: _together(
            m(), 16, order=o, compression=c
        )
        for name, make in (
            ("RGB", probe),
            ("grey", _grey),
            ("CMYK", lambda: probe().convert("CMYK")),
            ("glass", glass),
        )
        for order in ORDERS
        for compression in COMPRESSIONS
    },
    **{
        f"grey of {bits} bits, white first {order}": lambda b=bits, o=order: _together(
            _inverted(_grey()), b, {262: (SHORT, (WHITE_IS_ZERO,))}, order=o
        )
        for bits in (8, 16)
        for order in ORDERS
    },
    **{
        f"grey floats {order} {compression}": lambda o=order, c=compression: _floats(o, c)
        for order in ORDERS
        for compression in COMPRESSIONS
    },
    **{f"a palette up to {highest}": lambda h=highest: _palette(h) for highest in (255, 65280, 65535)},
    "metadata of every wrong type": lambda: _together(probe(), 8, WITH_METADATA),
    "XMP that turns": lambda: _together(probe(), 8, {700: (BYTE, xmp(6))}),
    "an Exif inside that turns": lambda: _together(probe(), 8, {34665: (LONG, (8,))}),
    "a profile that is not there": lambda: _together(probe(), 8, {34675: (LONG, (2**31, 2**31))}),
    "BigTIFF": lambda: saved(probe(), "TIFF", big_tiff=True),
}


def glass_filled() -> Image.Image:
    image = probe().convert("RGBA")
    image.putalpha(7)
    return image


REFUSED: dict[str, Callable[[], bytes]] = {
    "half the data": lambda: _together(probe(), 8, compression=NONE)[:9000],
    "a plane less": lambda: tiff(probe().size, *(plane.tobytes() for plane in probe().split()[:2]), bits=(8, 8, 8)),
    "floats of which 0 is white": lambda: tiff(
        (4, 1), struct.pack("<4f", 0, 0.3, 0.6, 1), bits=(32,), photometric=WHITE_IS_ZERO, more={339: (SHORT, (3,))}
    ),
    "numbers of 32 bits that are too large": lambda: tiff(
        (2, 1), struct.pack("<2I", 0, 2**32 - 1), bits=(32,), photometric=BLACK_IS_ZERO
    ),
    "floats in colours": lambda: tiff((1, 1), bytes(12), bits=(32,) * 3, more={339: (SHORT, (3, 3, 3))}),
}
