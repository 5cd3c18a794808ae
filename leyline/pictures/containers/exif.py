"""Directories in the form of TIFF, and the orientation that one of Exif tells.

What a TIFF file's own directory means is left to `tiff`. Danger: places and counts come from the file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ORIENTATION = 274
SHORT = 3
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # types whose values are whole numbers
MOST_VALUES = 2**16  # of one entry
MOST_ENTRIES = 2**16 - 1  # of a directory; that of BigTIFF could have more


@dataclass(frozen=True)
class Entry:
    """One line of a directory: `raw` as it stands in the file, `place` where its values lie."""

    tag: int
    kind: int
    count: int
    place: int
    raw: bytes


@dataclass(frozen=True)
class Form:
    """The byte order, and whether places have four bytes or, in BigTIFF, eight."""

    order: str
    is_big: bool = False

    @property
    def number(self) -> str:
        return self.order + ("Q" if self.is_big else "I")

    def entry(self, tag: int, kind: int, count: int, value: bytes) -> bytes:
        """An entry that holds its value, or where its values lie."""
        return struct.pack(self.order + ("HHQ" if self.is_big else "HHI"), tag, kind, count) + value.ljust(
            8 if self.is_big else 4, b"\0"
        )

    def entries(self, file: bytes, start: int) -> Iterator[Entry]:
        """The directory that begins at `start`; as much of it as is there."""
        head, line, width = (8, "HHQ", 8) if self.is_big else (2, "HHI", 4)
        promised = int.from_bytes(file[start : start + head], "little" if self.order == "<" else "big")
        count = min(promised, MOST_ENTRIES)
        step = 4 + 2 * width
        for at in range(start + head, min(start + head + count * step, len(file) - step + 1), step):
            tag, kind, values = struct.unpack_from(self.order + line, file, at)
            place = at + 4 + width
            if SIZES.get(kind, 1) * values > width:
                (place,) = struct.unpack_from(self.number, file, place)
            yield Entry(tag, kind, values, place, file[at : at + step])

    def numbers(self, file: bytes, entry: Entry) -> tuple[int, ...]:
        """The values of an entry, where they are whole numbers; none where they are not there."""
        letter, count = NUMBERS.get(entry.kind, ""), min(entry.count, MOST_VALUES)
        if not letter or entry.place + count * SIZES[entry.kind] > len(file):
            return ()
        return struct.unpack_from(f"{self.order}{count}{letter}", file, entry.place)


def orientation(exif: bytes) -> int:
    """How the picture is to be turned, 1 to 8; 1 where nothing sensible is said."""
    form = {b"II*\0": Form("<"), b"MM\0*": Form(">")}.get(exif[:4])
    if not form or len(exif) < 8:
        return 1
    (start,) = struct.unpack_from(form.number, exif, 4)
    for entry in form.entries(exif, start):
        if (entry.tag, entry.kind, entry.count) == (ORIENTATION, SHORT, 1):
            (value,) = form.numbers(exif, entry)
            return value if 1 <= value <= 8 else 1
    return 1
