"""GIF: pictures smaller than their canvas, and blocks in every state."""

import struct
from collections.abc import Callable

from PIL import Image

from tests.pictures import saved, scene

TABLE = bytes((10, 10, 10, 255, 0, 0, 0, 160, 0, 0, 0, 255))


def extension(kind: int, *blocks: bytes) -> bytes:
    return b"!" + bytes((kind,)) + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def gif(
    canvas: tuple[int, int],
    size: tuple[int, int],
    at: tuple[int, int] = (0, 0),
    *,
    background: int = 0,
    before: bytes = b"",
    own_table: bool = False,
    pixels: int | None = None,
    end: bytes = b";",
) -> bytes:
    """A chess board of three colours at a place on a canvas; `pixels` are as many as there are."""
    width, height = size
    board = [1 + (x * 4 // width + y * 4 // height) % 3 for y in range(height) for x in range(width)]
    table = b"" if own_table else TABLE
    flags = 0x81 if own_table else 0
    return (
        struct.pack("<6sHHBBB", b"GIF89a", *canvas, 0x81 if table else 0, background, 0)
        + table
        + before
        + struct.pack("<BHHHHB", 0x2C, *at, *size, flags)
        + (TABLE if own_table else b"")
        + _unpacked(board[:pixels] if pixels is None or pixels <= len(board) else board * 9)
        + end
    )


def _unpacked(values: list[int]) -> bytes:
    """Values of two bits in codes of three, for a decoder that never gets to longer ones."""
    codes = [code for at in range(0, len(values), 2) for code in (4, *values[at : at + 2])] + [5]
    bits = sum(code << 3 * place for place, code in enumerate(codes))
    data = bits.to_bytes(-(-3 * len(codes) // 8), "little")
    blocks = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"\2" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def control(transparent: int | None = None) -> bytes:
    return extension(0xF9, bytes((transparent is not None, 10, 0, transparent or 0)))


WHOLE, CANVAS, SMALL, PLACE = (60, 40), (100, 80), (40, 30), (30, 20)

OTHER: dict[str, Callable[[], bytes]] = {
    "plain": lambda: gif(WHOLE, WHOLE),
    "smaller than its canvas": lambda: gif(CANVAS, SMALL, PLACE),
    "smaller, with another background": lambda: gif(CANVAS, SMALL, PLACE, background=2),
    "smaller, with a table of its own": lambda: gif(CANVAS, SMALL, PLACE, own_table=True),
    "smaller, one colour transparent": lambda: gif(CANVAS, SMALL, PLACE, before=control(1)),
    "smaller, the background transparent": lambda: gif(CANVAS, SMALL, PLACE, before=control(0)),
    "beyond its canvas": lambda: gif(CANVAS, SMALL, (80, 70)),
    "larger than its canvas": lambda: gif((20, 20), WHOLE),
    "no canvas": lambda: gif((0, 0), SMALL, PLACE),
    "two controls": lambda: gif(WHOLE, WHOLE, before=control(1) + control(2)),
    "transparent beyond its table": lambda: gif(WHOLE, WHOLE, before=control(9)),
    "a comment": lambda: gif(WHOLE, WHOLE, before=extension(0xFE, b"hello", b"world")),
    "an application cut off": lambda: gif(WHOLE, WHOLE, before=extension(0xFF, b"NET")),
    "XMP": lambda: gif(
        WHOLE, WHOLE, before=b"!\xff\x0bXMP DataXMP<x:xmpmeta/>" + b"\1" + bytes(range(255, -1, -1)) + b"\0"
    ),
    "an unknown extension": lambda: gif(WHOLE, WHOLE, before=extension(0x99, b"what")),
    "too many pixels": lambda: gif(WHOLE, WHOLE, pixels=9999),
    "no end": lambda: gif(WHOLE, WHOLE, end=b""),
    "no end, and none of its data": lambda: gif(WHOLE, WHOLE, end=b"")[:-1],
    "junk for an end": lambda: gif(WHOLE, WHOLE, end=b"junk"),
    "an animation": lambda: saved(
        scene().quantize(64), "GIF", save_all=True, append_images=[Image.new("P", (96, 64)) for _ in range(3)]
    ),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "half the pixels": lambda: gif(WHOLE, WHOLE, pixels=1200),
    "half the data": lambda: gif(WHOLE, WHOLE)[:700],
    "no picture": lambda: gif(WHOLE, WHOLE)[:25] + b";",
    "a picture of no size": lambda: gif(WHOLE, WHOLE).replace(
        struct.pack("<HH", *WHOLE) + b"\0\2", bytes(5) + b"\2"
    ),
}
