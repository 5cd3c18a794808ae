"""JPEG (ITU-T T.81): its segments up to the pixels.

Decoding is left to Pillow, which gets the segments that libjpeg needs. Whether a file that ends too early
lacks anything that one could see is left to `jpeg_end`.
"""

import re
import struct
from collections.abc import Iterator

from PIL import Image

from leyline.errors import DamagedPicture
from leyline.pictures.colour import Colour, by_profile
from leyline.pictures.containers import exif, jpeg_end
from leyline.pictures.pixels import Size
from leyline.pictures.still import Limit, Still

APP0, APP1, APP2, APP14, COMMENT, SCAN = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xDA
ALONE = {0x01, *range(0xD0, 0xDA)}  # markers without a segment
FRAMES = {0xC0, 0xC2}  # baseline and progressive, which every decoder knows
TABLES = {0xC4, 0xDB, 0xDD}
END = 0xD9
MARKER = re.compile(rb"\xff[^\0\xff\xd0-\xd7]")  # within a scan all else belongs to its data
MOST_OWN_SCANS = 32  # a usual progressive file has ten; with thousands one could keep the model busy
EXIF, PROFILE = b"Exif\0\0", b"ICC_PROFILE\0"

Segment = tuple[int, memoryview]  # its marker and what follows its length


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    segments, rest = _segments(memoryview(file))
    scans, end = _scans(rest)
    pixels = rest[:end] if scans else rest  # some cameras put a film of megabytes behind the end
    bare = b"".join((b"\xff\xd8", *(_written(segment) for segment in segments if _is_needed(*segment)), pixels))
    image = limit.opened(bare, "JPEG")

    def decode(enough: Size) -> Image.Image:
        image.draft(None, enough)  # decoded at 1/2, 1/4 or 1/8 where that suffices
        try:
            image.load()
        except OSError:  # it ends too early
            if not jpeg_end.lacks_next_to_nothing(bare, limit):
                raise
            ended = limit.opened(bare + jpeg_end.END, "JPEG")
            ended.draft(None, enough)
            ended.load()
            return ended
        if jpeg_end.may_lack_rows(image) and not jpeg_end.lacks_next_to_nothing(bare, limit):
            raise DamagedPicture
        return image

    colour, orientation = _colour(segments), _orientation(segments)
    is_plain = image.mode == "RGB" and colour is None and orientation == 1
    return Still(image.size, decode, colour, orientation, own=_stripped(segments, scans) if is_plain else None)


def _segments(file: memoryview) -> tuple[list[Segment], memoryview]:
    """The segments before the first scan, and the rest from there on."""
    segments: list[Segment] = []
    at = 2
    while at + 4 <= len(file):
        marker = file[at + 1]
        if file[at] != 0xFF or marker in (0, 0xFF) or marker in ALONE:
            at += 2 if file[at] == 0xFF and marker != 0xFF else 1
            continue
        if marker == SCAN:
            break
        (length,) = struct.unpack_from(">H", file, at + 2)
        segments.append((marker, file[at + 4 : at + 2 + length]))
        at += 2 + max(length, 2)
    return segments, file[at:]


def _stripped(segments: list[Segment], scans: list[memoryview]) -> bytes | None:
    """The same pixels with nothing around them: no metadata, no preview, nothing behind the end.

    None without `scans`, and of a kind that some decoders do not know.
    """
    needed = [(marker, body) for marker, body in segments if _is_needed(marker, body)]
    if [marker for marker, _ in needed if marker in FRAMES][1:] or not needed or not scans:
        return None
    parts = [b"\xff\xd8"]
    for marker, body in needed:
        if marker == APP0:
            body = memoryview(bytes(body[:12]) + b"\0\0")  # without the preview that may be in it
        elif marker not in FRAMES | TABLES | {APP14}:
            return None
        parts.append(_written((marker, body)))
    return b"".join((*parts, *scans, bytes((0xFF, END))))


def _scans(pixels: memoryview) -> tuple[list[memoryview], int]:
    """The scans and the tables between them, and where the picture ends; none where it does not come to its end."""
    parts: list[memoryview] = []
    scans = at = 0
    while at + 4 <= len(pixels) and scans <= MOST_OWN_SCANS:
        marker = pixels[at + 1]
        end = at + 2 + int.from_bytes(pixels[at + 2 : at + 4], "big")
        if marker == SCAN:
            scans += 1
            found = MARKER.search(pixels, end)
            if not found:
                return [], 0
            end = found.start()
        if marker in TABLES | {SCAN}:
            parts.append(pixels[at:end])
        at = end
        if bytes(pixels[at : at + 2]) == bytes((0xFF, END)):
            return parts, at + 2
        if pixels[at] != 0xFF:
            return [], 0
    return [], 0


def _written(segment: Segment) -> bytes:
    marker, body = segment
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _is_needed(marker: int, body: memoryview) -> bool:
    """Whether libjpeg reads it; JFIF's and Adobe's tell it what the components are."""
    if marker == APP0:
        return len(body) >= 14 and bytes(body[:5]) == b"JFIF\0"
    if marker == APP14:
        return len(body) >= 12 and bytes(body[:5]) == b"Adobe"
    return marker != COMMENT and not APP0 < marker <= APP0 + 15


def _orientation(segments: list[Segment]) -> int:
    first = next(_beginning(segments, APP1, EXIF), memoryview(b""))
    return exif.orientation(bytes(first[len(EXIF) :]))


def _colour(segments: list[Segment]) -> Colour | None:
    """The profile, which may be in several numbered parts."""
    parts = sorted(bytes(body[len(PROFILE) :]) for body in _beginning(segments, APP2, PROFILE))
    if [tuple(part[:2]) for part in parts] != [(number + 1, len(parts)) for number in range(len(parts))]:
        return None
    return by_profile(b"".join(part[2:] for part in parts))


def _beginning(segments: list[Segment], marker: int, words: bytes) -> Iterator[memoryview]:
    return (body for kind, body in segments if kind == marker and bytes(body[: len(words)]) == words)
