"""The runs of pixels in a compressed BMP file, unpacked.

Danger: a file of a few bytes may stand for millions of pixels; how many is judged before this is called.
"""

import re

from leyline.errors import DamagedPicture
from leyline.pictures.pixels import Size

END_OF_ROW, END, MOVE = 0, 1, 2
# Runs of one value each: how often, and which. So many at once are unpacked to at most 3 MB.
RUNS = {
    bits: re.compile(b"(?:[^\\0]%b){1,4096}" % value, re.DOTALL)
    for bits, value in ((4, b"."), (8, b"."), (24, b"..."))
}
SINGLE = [bytes((value,)) for value in range(256)]
BOTH_HALVES = [bytes((value >> 4, value & 15)) for value in range(256)]


def unpacked(data: bytes, size: Size, bits: int) -> tuple[bytes, bytes]:
    """The pixels, a byte each or three, and which of them were drawn (255); rows in the file's order.

    Raises `DamagedPicture` where the data ends before the picture does.
    """
    width, height = size
    depth = 3 if bits == 24 else 1
    pixels, drawn = bytearray(width * height * depth), bytearray(width * height)
    x = y = at = 0
    while y < height:
        if runs := RUNS[bits].match(data, at):
            row, at = _repeated(runs[0], bits), runs.end()
        elif at + 2 > len(data):
            if y == height - 1 and x >= width:
                break
            raise DamagedPicture
        elif (escape := data[at + 1]) == END_OF_ROW:
            x, y, at = 0, y + 1, at + 2
            continue
        elif escape == END:
            break
        elif escape == MOVE:
            x, y, at = x + data[at + 2], y + data[at + 3], at + 4
            continue
        else:
            row, at = _as_they_are(data, at + 2, escape, bits)
        count = len(row) // depth
        place, fitting = y * width + x, max(0, min(count, width - x))
        pixels[place * depth : (place + fitting) * depth] = row[: fitting * depth]
        drawn[place : place + fitting] = b"\xff" * fitting
        x += count
    return bytes(pixels), bytes(drawn)


def _repeated(runs: bytes, bits: int) -> bytes:
    if bits == 8:
        return b"".join([SINGLE[value] * count for count, value in zip(runs[::2], runs[1::2], strict=True)])
    if bits == 4:
        pairs = zip(runs[::2], runs[1::2], strict=True)
        return b"".join([(BOTH_HALVES[value] * ((count + 1) // 2))[:count] for count, value in pairs])
    return b"".join([runs[at + 1 : at + 4] * runs[at] for at in range(0, len(runs), 4)])


def _as_they_are(data: bytes, at: int, count: int, bits: int) -> tuple[bytes, int]:
    """So many pixels, each with a value of its own; they fill an even number of bytes."""
    length = (count * bits + 7) // 8
    row = data[at : at + length]
    if len(row) < length:
        raise DamagedPicture
    if bits == 4:
        row = b"".join([BOTH_HALVES[value] for value in row])[:count]
    return row, at + length + length % 2
