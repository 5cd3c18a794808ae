"""The runs of pixels in a compressed BMP file, unpacked.

Danger: a file of a few bytes may stand for millions of pixels; how many is judged before this is called.
"""

from leyline.errors import DamagedPicture
from leyline.pictures.pixels import Size

END_OF_ROW, END, MOVE = 0, 1, 2


def unpacked(data: memoryview, size: Size, bits: int) -> tuple[bytes, bytes]:
    """The pixels, a byte each or three, and which of them were drawn (255); rows in the file's order.

    Raises `DamagedPicture` where the data ends before the picture does.
    """
    width, height = size
    depth = 3 if bits == 24 else 1
    pixels, drawn = bytearray(width * height * depth), bytearray(width * height)
    x = y = at = 0
    while y < height:
        if at + 2 > len(data):
            if y == height - 1 and x >= width:
                break
            raise DamagedPicture
        count, value = data[at], data[at + 1]
        at += 2
        if not count and value == END_OF_ROW:
            x, y = 0, y + 1
            continue
        if not count and value == END:
            break
        if not count and value == MOVE:
            x, y, at = x + data[at], y + data[at + 1], at + 2
            continue
        if count:
            row, at = _repeated(data, at - 1, count, bits)
        else:
            count = value
            row, at = _as_they_are(data, at, count, bits)
        place, fitting = y * width + x, max(0, min(count, width - x))
        pixels[place * depth : (place + fitting) * depth] = row[: fitting * depth]
        drawn[place : place + fitting] = b"\xff" * fitting
        x += count
    return bytes(pixels), bytes(drawn)


def _repeated(data: memoryview, at: int, count: int, bits: int) -> tuple[bytes, int]:
    if bits == 4:
        return bytes((data[at] >> 4, data[at] & 15)) * ((count + 1) // 2), at + 1
    length = bits // 8
    return bytes(data[at : at + length]) * count, at + length


def _as_they_are(data: memoryview, at: int, count: int, bits: int) -> tuple[bytes, int]:
    """So many pixels, each with a value of its own; they fill an even number of bytes."""
    length = (count * bits + 7) // 8
    row = bytes(data[at : at + length])
    if len(row) < length:
        raise DamagedPicture
    if bits == 4:
        row = bytes(value for byte in row for value in (byte >> 4, byte & 15))
    return row, at + length + length % 2
