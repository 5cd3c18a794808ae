"""How much a JPEG lacks that ends too early: an end marker, a few blocks, or rows.

libjpeg does not say: where it meets an end it fills what is missing with plain blocks, in silence. So the
file is decoded twice, once with noise before its end: what then differs is what was not there. Danger: to
add an end marker and look no further would make half a file a whole picture.
"""

import random
import re
import struct
from collections.abc import Iterator

from PIL import Image, ImageChops

from leyline.pictures.still import Limit

END = b"\xff\xd9"
SCAN_MARKER, END_MARKER = 0xDA, 0xD9
FRAMES = {0xC0, 0xC1, 0xC2}
MARKER = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")  # within a scan all else belongs to its data
MOST_SCANS = 1000
NOISE_BYTES = 4096  # more than are in the blocks that may be missing
SEEN = 16  # a difference of values that one sees
MISSING_BLOCKS = 4  # that a picture may lack at the end of its last row, and never more than a quarter of it


def may_lack_rows(image: Image.Image) -> bool:
    """Whether the last row of a decoded picture is as libjpeg fills it. In some pictures it is meant so."""
    row = image.crop((0, image.height - 1, image.width, image.height))
    return all(band.getextrema()[0] == band.getextrema()[1] for band in row.split())


def lacks_next_to_nothing(file: bytes, limit: Limit) -> bool:
    """Whether every scan has begun that the picture needs, and no more is missing than a few blocks."""
    scans, end = _scans(file)
    if not _cover_everything(file, scans):
        return False
    half, half_with_noise = (_at_half(file[:end] + more + END, limit) for more in (b"", _noise()))
    difference = ImageChops.difference(half, half_with_noise).point(lambda value: 255 * (value > SEEN))
    box = difference.getbbox(alpha_only=False)
    if not box:
        return True
    width, height = (side * 4 + 1 for side in _sampling(file))  # of a block at half its size
    missing = min(MISSING_BLOCKS * width, half.width // 4)
    return half.height - box[1] <= height and box[2] - box[0] <= missing


def _scans(file: bytes) -> tuple[list[bytes], int]:
    """The header of each scan that has begun, and where the last one's data ends."""
    headers: list[bytes] = []
    at = file.find(b"\xff\xda")
    while 0 <= at < len(file) - 4 and len(headers) < MOST_SCANS:
        (length,) = struct.unpack_from(">H", file, at + 2)
        if file[at + 1] == SCAN_MARKER:
            headers.append(file[at + 4 : at + 2 + length])
        found = MARKER.search(file, at + 2 + length)
        if not found or file[found.start() + 1] == END_MARKER:
            return headers, found.start() if found else len(file.rstrip(b"\xff"))
        at = found.start()
    return headers, len(file)


def _cover_everything(file: bytes, scans: list[bytes]) -> bool:
    """Whether each coefficient of each component has come with its last bit (T.81, G.1)."""
    missing = {(component, place) for component in _components(file) for place in range(64)}
    for scan in scans:
        if len(scan) < 1 or len(scan) < 4 + 2 * scan[0]:
            return False
        first, last, precision = scan[1 + 2 * scan[0] : 4 + 2 * scan[0]]
        if precision & 15 == 0:
            missing -= {(scan[1 + 2 * i], place) for i in range(scan[0]) for place in range(first, last + 1)}
    return not missing


def _components(file: bytes) -> Iterator[int]:
    frame = _frame(file)
    return (frame[6 + 3 * number] for number in range(min(frame[5], (len(frame) - 6) // 3)))


def _sampling(file: bytes) -> tuple[int, int]:
    """How many blocks of 8 × 8 are decoded at once, across and down."""
    frame = _frame(file)
    if frame[5] == 1:
        return 1, 1
    factors = [frame[7 + 3 * number] for number in range(min(frame[5], (len(frame) - 6) // 3))]
    return max(factor >> 4 for factor in factors), max(factor & 15 for factor in factors)


def _frame(file: bytes) -> bytes:
    """The segment that says what the picture is made of."""
    at = 2
    while file[at + 1] not in FRAMES:
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
    return file[at + 4 : at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")]


def _noise() -> bytes:
    """Data of blocks, with all the marks at which decoding may begin anew."""
    chance = random.Random(1)
    piece = bytes(chance.randrange(255) for _ in range(NOISE_BYTES))
    return piece + b"".join(bytes((0xFF, 0xD0 + number)) + piece for number in range(8))


def _at_half(file: bytes, limit: Limit) -> Image.Image:
    image = limit.opened(file, "JPEG")
    image.draft(None, (max(1, image.width // 2), max(1, image.height // 2)))
    image.load()
    return image
