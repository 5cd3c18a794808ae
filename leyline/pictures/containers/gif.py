"""GIF (89a): the first picture of it.

Its pixels are left to Pillow, which gets it alone. Danger: Pillow fills what lies around a picture that
is smaller than its canvas with a colour; everybody else lets one see through.
"""

import struct

from PIL import Image

from leyline.pictures.pixels import Size
from leyline.pictures.still import Limit, Still

HEADER_BYTES = 13
EXTENSION, PICTURE = 0x21, 0x2C
CONTROL = 0xF9  # the kind of extension that tells what is transparent
HAS_TABLE = 0x80
END = b";"


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    canvas, at, table = _screen(file)
    control = b""
    while file[at] != PICTURE:
        if file[at] == EXTENSION:
            blocks, after = _blocks(file, at + 2)
            if file[at + 1] == CONTROL:
                control = file[at : at + 2] + blocks
            at = after
        else:
            at += 1
    left, top, width, height, flags = struct.unpack_from("<4HB", file, at + 1)
    at += 10
    if flags & HAS_TABLE:
        length = _table_bytes(flags)
        table, at = file[at : at + length], at + length
    size = max(canvas[0], left + width), max(canvas[1], top + height)
    limit.judge(*size)
    blocks, _ = _blocks(file, at + 1)
    bare = (
        struct.pack("<6s2HBBB", b"GIF89a", width, height, _table_flags(table), 0, 0)
        + table
        + control
        + struct.pack("<B4HB", PICTURE, 0, 0, width, height, flags & 0x40)
        + file[at : at + 1]
        + blocks
        + END
    )
    image = limit.opened(bare, "GIF")

    def decode(enough: Size) -> Image.Image:
        image.load()
        if size == image.size:
            return image
        around = Image.new("RGBA", size)
        around.paste(image.convert("RGBA"), (left, top))
        return around

    return Still(size, decode)


def _screen(file: bytes) -> tuple[Size, int, bytes]:
    """The size of the canvas, where the header ends, and the table of colours in it."""
    width, height, flags = struct.unpack_from("<2HB", file, 6)
    end = HEADER_BYTES + (_table_bytes(flags) if flags & HAS_TABLE else 0)
    return (width, height), end, file[HEADER_BYTES:end]


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1)


def _table_flags(table: bytes) -> int:
    return HAS_TABLE | (len(table) // 3).bit_length() - 2 if table else 0


def _blocks(file: bytes, at: int) -> tuple[bytes, int]:
    """Blocks of data with their lengths and the empty one at the end, and where the file goes on.

    The last is as long as it is; the empty one is added where the file ends before it.
    """
    start = at
    while at < len(file) and file[at]:
        if at + file[at] >= len(file):
            rest = file[at + 1 :]
            return file[start:at] + (bytes((len(rest),)) + rest if rest else b"") + b"\0", len(file)
        at += file[at] + 1
    return file[start:at] + b"\0", at + 1
