"""Hard pictures from other people's bug reports: those of Pillow's own tests, and faulty TIFF files made here.

The first come with Pillow's source distribution, which `.ci/hard-pictures` fetches, pinned and checked.
It leaves out the TIFF files that once crashed Pillow, which virus scanners dislike: what was wrong in
each of them is made here again and named for it.
"""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.pictures import saved

FOLDER = Path(__file__).parents[1] / ".venv" / "hard-pictures" / "Tests" / "images"

WIDTH, HEIGHT, DEPTH, STRIPS, ORIENTATION, ROWS, CHROMA = 256, 257, 258, 273, 274, 278, 530  # tags of TIFF
SHORT = 3  # a type of TIFF

Entry = tuple[int, int, int, int]  # tag, type, count, and the value or where the values lie


def hard_picture(name: str) -> bytes:
    """The file of this name: one of `FAULTY`, or of Pillow's with __ between its folders."""
    if name in FAULTY:
        return FAULTY[name]()
    path = FOLDER / name.replace("__", "/")
    assert path.exists(), f"{path} is missing: run .ci/hard-pictures, which fetches it and its like."
    return path.read_bytes()


# Faults


def _two_depths() -> bytes:
    return _with_entries(_fax(), [*_entries(_fax()), (DEPTH, SHORT, 1, 2)])


def _width_for_rows() -> bytes:
    """A picture to be turned, whose width is said again in the place of its strip's height."""
    file = _fax(tiffinfo={ORIENTATION: 8})
    again = (WIDTH, SHORT, 1, 84)
    return _with_entries(file, [again if entry[0] == ROWS else entry for entry in _entries(file)])


def _chroma(*entry: int) -> bytes:
    """A photograph whose half is missing, with this in the place of how its colours are sampled."""
    file = _half_missing(_photograph())
    rest = [entry for entry in _entries(file) if entry[0] != CHROMA]
    return _with_entries(file, sorted([*rest, *([(CHROMA, *entry)] if entry else [])]))  # type: ignore[list-item]


def _noisy_directory(next_directory: int) -> bytes:
    chance = random.Random(1)
    noise = [struct.unpack("<HHII", chance.randbytes(12)) for _ in range(270)]
    entries = [(WIDTH, SHORT, 1, 20), (HEIGHT, SHORT, 1, 1536), *noise]
    return _with_entries(b"II*\0" + chance.randbytes(1000), entries, next_directory)  # type: ignore[arg-type]


FAULTY: dict[str, Callable[[], bytes]] = {
    "two depths.tif": _two_depths,
    "width for rows.tif": _width_for_rows,
    "chroma of an unknown type.tif": lambda: _chroma(4099, 2, 0x00020002),
    "chroma unlike the JPEG's.tif": lambda: _chroma(SHORT, 2, 0x00010001),
    "chroma without end.tif": lambda: _chroma(SHORT, 0xF8000002, 0x00010000),
    "no chroma.tif": lambda: _chroma(),
    "noise for a directory.tif": lambda: _noisy_directory(next_directory=100),
    "noise for a directory, and the next beyond the end.tif": lambda: _noisy_directory(next_directory=2**28),
}


# What they are made of: little-endian TIFF files


def _fax(**options: object) -> bytes:
    slope = Image.linear_gradient("L").resize((84, 218)).convert("1")
    return saved(slope, "TIFF", compression="group4", **options)


def _photograph() -> bytes:
    noise = Image.frombytes("YCbCr", (96, 64), random.Random(2).randbytes(96 * 64 * 3))
    return saved(noise, "TIFF", compression="jpeg", tiffinfo={ROWS: 16})


def _entries(file: bytes) -> list[Entry]:
    (start,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, start)
    return [struct.unpack_from("<HHII", file, start + 2 + 12 * number) for number in range(count)]  # type: ignore[misc]


def _with_entries(file: bytes, entries: list[Entry], next_directory: int = 0) -> bytes:
    """The file with another directory, behind all else."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return file[:4] + struct.pack("<I", len(file)) + file[8:] + directory + struct.pack("<I", next_directory)


def _half_missing(file: bytes) -> bytes:
    """The file with the second half of its strips beyond its end."""
    data = bytearray(file)
    _, _, count, place = next(entry for entry in _entries(file) if entry[0] == STRIPS)
    for number in range(count // 2, count):
        struct.pack_into("<I", data, place + 4 * number, len(file) + 1000 * number)
    return bytes(data)
