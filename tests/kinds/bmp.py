"""BMP: every header, depth, order of bits and compression."""

import struct
from collections.abc import Callable

from PIL import Image

from tests.kinds.profiles import display_p3
from tests.pictures import scene

RAW, RLE8, RLE4, BIT_FIELDS, RLE24, ALPHA_BIT_FIELDS = 0, 1, 2, 3, 4, 6
BGRA, BGRX = (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF0000, 0xFF00, 0xFF, 0)
Masks = tuple[int, int, int, int]


def bmp(
    bits: int,
    data: bytes,
    size: tuple[int, int] = (96, 64),
    *,
    compression: int = RAW,
    header: int = 40,
    masks: tuple[int, ...] = (),
    table: bytes = b"",
    colours: int = 0,
    colour_space: bytes = b"BGRs",
    more: bytes = b"",
) -> bytes:
    """A file with the first `header` bytes of Windows' longest header; short ones have their masks behind."""
    fields = struct.pack("<IiiHHIIiiII", header, *size, 1, bits, compression, len(data), 2835, 2835, colours, 0)
    inside = struct.pack("<4I", *masks) if masks and header >= 52 else bytes(16)
    behind = struct.pack(f"<{len(masks)}I", *masks) if masks and header == 40 else b""
    head = (fields + inside + colour_space.ljust(52, b"\0") + struct.pack("<4I", 4, 124 + len(data), len(more), 0))[
        :header
    ]
    head += behind + table
    return struct.pack("<2sIHHI", b"BM", 14 + len(head + data + more), 0, 0, 14 + len(head)) + head + data + more


def core(bits: int, data: bytes, table: bytes = b"", size: tuple[int, int] = (96, 64)) -> bytes:
    """A file with the oldest header."""
    head = struct.pack("<IHHHH", 12, *size, 1, bits) + table
    return struct.pack("<2sIHHI", b"BM", 14 + len(head + data), 0, 0, 14 + len(head)) + head + data


def rows(image: Image.Image, raw_mode: str) -> bytes:
    """The image's rows from the bottom, each filled up to four bytes."""
    flipped = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    data = flipped.tobytes("raw", raw_mode)
    stride = len(data) // image.height
    return b"".join(data[at : at + stride] + bytes(-stride % 4) for at in range(0, len(data), stride))


def in_fields(masks: Masks, bits: int = 32, opacity: int | None = None) -> bytes:
    """The scene's rows with each channel in the bits of its mask; opacity falls from right to left unless given."""
    image = scene().transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    data = b""
    for place, pixel in enumerate(zip(*[iter(image.tobytes())] * 3, strict=True)):
        alpha = (place % image.width) * 255 // (image.width - 1) if opacity is None else opacity
        number = sum(_put(value, mask) for value, mask in zip((*pixel, alpha), masks, strict=True))
        data += number.to_bytes(bits // 8, "little")
    return data


def _put(value: int, mask: int) -> int:
    if not mask:
        return 0
    shift = (mask & -mask).bit_length() - 1
    return round(value * (mask >> shift) / 255) << shift


def _table(image: Image.Image) -> bytes:
    palette = image.getpalette("RGB") or []
    return b"".join(bytes(palette[at : at + 3][::-1]) + b"\0" for at in range(0, len(palette), 3))


def _indexed(bits: int, **options: object) -> bytes:
    image = scene().quantize(1 << bits)
    raw_mode = {1: "P;1", 2: "P;2", 4: "P;4", 8: "P"}[bits]
    if bits == 2:
        values = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes()
        data = bytes(sum(values[at + i] << 6 - 2 * i for i in range(4)) for at in range(0, len(values), 4))
    else:
        data = rows(image, raw_mode)
    return bmp(bits, data, table=_table(image).ljust(4 << bits, b"\0"), **options)  # type: ignore[arg-type]


TABLE = b"".join(bytes(colour) + b"\0" for colour in ((30, 30, 200), (60, 140, 20), (200, 60, 40), (40, 220, 250)))
RUN_ROW = b"\x30\0\x30\1\0\0"  # half a row of one colour, half of another


def _runs(rows_of_it: bytes, compression: int = RLE8, bits: int = 8) -> bytes:
    return bmp(bits, rows_of_it, compression=compression, table=TABLE, colours=4)


def _embedded(icc: bytes) -> bytes:
    return bmp(24, rows(scene(), "BGR"), header=124, colour_space=b"DEBM", more=icc)


def _os2(length: int) -> bytes:
    return bmp(24, rows(scene(), "BGR"), header=length)


OTHER: dict[str, Callable[[], bytes]] = {
    "24 bits": lambda: bmp(24, rows(scene(), "BGR")),
    "24 bits, from the top": lambda: bmp(24, rows(scene(), "BGR"), (96, -64)),
    **{f"{bits} bits": lambda bits=bits: _indexed(bits) for bits in (1, 2, 4, 8)},
    "too many colours": lambda: bmp(
        8, rows(scene().quantize(64), "P"), table=_table(scene().quantize(64)).ljust(1200, b"\0"), colours=300
    ),
    "colours beyond the table": lambda: bmp(
        8, rows(scene().quantize(64), "P"), table=_table(scene().quantize(64))[:128], colours=32
    ),
    "32 bits without opacity": lambda: bmp(32, in_fields(BGRA)),
    "32 bits without opacity, of nothing": lambda: bmp(32, in_fields(BGRA, opacity=0)),
    **{
        f"32 bits, masks {red:x} {green:x} {blue:x} {alpha:x}": lambda masks=(red, green, blue, alpha): bmp(
            32, in_fields(masks), compression=BIT_FIELDS, header=124, masks=masks
        )
        for red, green, blue, alpha in (
            BGRA,
            BGRX,
            (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
            (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
            (0xFF000000, 0xFF0000, 0xFF00, 0),
            (0xFF, 0xFF0000, 0xFF00, 0),
            (0x3FF00000, 0xFFC00, 0x3FF, 0),
            (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000),
            (0xFFE00000, 0x1FFC00, 0x3FF, 0),
            (0xFF, 0, 0xFF0000, 0),
        )
    },
    **{
        f"16 bits, masks {red:x} {green:x} {blue:x} {alpha:x}": lambda masks=(red, green, blue, alpha): bmp(
            16, in_fields(masks, 16), compression=BIT_FIELDS, header=124, masks=masks
        )
        for red, green, blue, alpha in (
            (0xF00, 0xF0, 0xF, 0),
            (0xF00, 0xF0, 0xF, 0xF000),
            (0xF000, 0xF00, 0xF0, 0),
            (0xF800, 0x7E0, 0x1F, 0),
            (0x1F, 0x7E0, 0xF800, 0),
            (0x7C00, 0x3E0, 0x1F, 0x8000),
            (0x60, 0x1C, 0x3, 0),
        )
    },
    **{
        f"masks in a header of {length}": lambda length=length: bmp(
            32, in_fields(BGRA), compression=BIT_FIELDS, header=length, masks=BGRA
        )
        for length in (52, 56, 108)
    },
    "masks behind the header": lambda: bmp(32, in_fields(BGRA), compression=BIT_FIELDS, masks=BGRA[:3]),
    "masks behind the header, 4-4-4": lambda: bmp(
        16, in_fields((0xF00, 0xF0, 0xF, 0), 16), compression=BIT_FIELDS, masks=(0xF00, 0xF0, 0xF)
    ),
    "masks behind the header, with opacity": lambda: bmp(
        32, in_fields(BGRA), compression=ALPHA_BIT_FIELDS, masks=BGRA
    ),
    "masks in the header that are not for use": lambda: bmp(32, in_fields(BGRA), header=124, masks=BGRA),
    "16 bits": lambda: bmp(16, in_fields((0x7C00, 0x3E0, 0x1F, 0), 16)),
    **{f"OS/2, a header of {length}": lambda length=length: _os2(length) for length in (16, 20, 36, 46, 64)},
    "OS/2, the oldest header": lambda: core(24, rows(scene(), "BGR")),
    "OS/2, the oldest header, 8 bits": lambda: core(
        8,
        rows(scene().quantize(256), "P"),
        b"".join(_table(scene().quantize(256)).ljust(1024, b"\0")[at : at + 3] for at in range(0, 1024, 4)),
    ),
    "runs": lambda: _runs(RUN_ROW * 64 + b"\0\1"),
    "runs without an end": lambda: _runs(RUN_ROW * 64),
    "runs that end early": lambda: _runs(RUN_ROW * 40 + b"\0\1"),
    "runs that move on": lambda: _runs(RUN_ROW * 20 + b"\0\2\x10\x0a" + b"\x20\2\0\0" + RUN_ROW * 33 + b"\0\1"),
    "runs longer than a row": lambda: _runs(b"\x70\2\0\0" * 64 + b"\0\1"),
    "runs of single pixels": lambda: _runs((b"\0\x60" + bytes(range(4)) * 24 + b"\0\0") * 64 + b"\0\1"),
    "runs of 4 bits": lambda: _runs((b"\x30\x01\x30\x23\0\0") * 64 + b"\0\1", RLE4, 4),
    "runs of single pixels of 4 bits": lambda: _runs(
        (b"\0\x60" + b"\x01\x23" * 24 + b"\0\0") * 64 + b"\0\1", RLE4, 4
    ),
    "runs of 24 bits": lambda: _os2_runs(),
    "a profile": lambda: _embedded(display_p3()),
    "a profile of garbage": lambda: _embedded(b"garbage" * 30),
    "a gap before the pixels": lambda: bmp(24, rows(scene(), "BGR"), table=bytes(50)),
    "junk behind the pixels": lambda: bmp(24, rows(scene(), "BGR")) + b"junk",
    "a wrong size of the file": lambda: b"BM\7\0\0\0" + bmp(24, rows(scene(), "BGR"))[6:],
}


def _os2_runs() -> bytes:
    row = b"\x30" + bytes((200, 60, 40)) + b"\x30" + bytes((40, 220, 250)) + b"\0\0"
    return bmp(24, row * 64 + b"\0\1", compression=RLE24, header=64)


# Of no opacity at all: nobody means that. The browser that judges shows nothing.
UNSEEN: dict[str, Callable[[], bytes]] = {
    **{
        f"32 bits, a header of {length}": lambda length=length: bmp(
            32, in_fields(BGRA, opacity=0), compression=BIT_FIELDS, header=length, masks=BGRA
        )
        for length in (56, 108, 124)
    },
    "32 bits, masks that are not for use": lambda: bmp(32, in_fields(BGRA, opacity=0), header=124, masks=BGRA),
    "32 bits, opacity first": lambda: bmp(
        32,
        in_fields((0xFF000000, 0xFF0000, 0xFF00, 0xFF), opacity=0),
        compression=BIT_FIELDS,
        header=124,
        masks=(0xFF000000, 0xFF0000, 0xFF00, 0xFF),
    ),
    "masks behind the header": lambda: bmp(
        32, in_fields(BGRA, opacity=0), compression=ALPHA_BIT_FIELDS, masks=BGRA
    ),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "a row less": lambda: bmp(24, rows(scene(), "BGR")[: -3 * 96]),
    "half of it": lambda: bmp(24, rows(scene(), "BGR")[: 3 * 96 * 32]),
    "runs cut off": lambda: _runs(RUN_ROW * 40),
    "a mask with a gap": lambda: bmp(
        32, in_fields(BGRX), compression=BIT_FIELDS, header=124, masks=(0xFF00FF, 0xFF00, 0xFF000000, 0)
    ),
    "3 bits": lambda: bmp(3, bytes(9999)),
    "a PNG in it": lambda: bmp(24, bytes(9999), compression=5),
    "a header that is too long": lambda: bmp(24, rows(scene(), "BGR"), header=66),
}
