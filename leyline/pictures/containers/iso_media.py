"""AVIF and HEIC (ISO/IEC 23008-12): the boxes around the picture that counts.

Decoding is left to Pillow's libavif and to libheif, which get no metadata. Danger: boxes lie in boxes, and
each says itself how long it is.
"""

import struct
from collections.abc import Iterator

import pi_heif
from PIL import AvifImagePlugin, Image

from leyline.pictures.colour import Colour, by_code_points, by_profile
from leyline.pictures.containers import exif
from leyline.pictures.pixels import Size
from leyline.pictures.primaries import CURVES, PRIMARIES
from leyline.pictures.still import Limit, Still

# Each thread of a decoder costs memory, and with one per core a large machine would run into the limit.
AvifImagePlugin.DEFAULT_MAX_THREADS = 2
pi_heif.options.DECODE_THREADS = 2
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False

METADATA = {b"Exif", b"mime"}  # kinds of items; what is told by them is told by properties too, or is nobody's
VIDEO_CURVES = {1, 6, 14, 15}  # browsers take them for sRGB's
SRGB_PRIMARIES, SRGB_CURVE = 1, 13

Box = tuple[bytes, int, int]  # its kind, and where its content begins and ends


def read_avif(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    bare = bytearray(_without_metadata(file))
    if bare[8:12] != b"avis":
        bare[8:12] = b"avif"  # Pillow looks at this one brand
    image = limit.opened(bytes(bare), "AVIF")

    def decode(enough: Size) -> Image.Image:
        image.load()
        return image

    orientation = exif.orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0"))
    return Still(image.size, decode, _colour(file), orientation)


def read_heic(file: bytes, limit: Limit) -> Still:
    """See `containers`. The picture is upright as it is decoded."""
    kinds = {kind for kind, _ in _items(file)}
    if b"av01" in kinds and b"hvc1" not in kinds:
        return read_avif(file, limit)
    pictures = pi_heif.open_heif(_without_metadata(file))
    picture = pictures[pictures.primary_index]
    limit.judge(*picture.size)

    def decode(enough: Size) -> Image.Image:
        picture.load()
        limit.judge(*picture.size)  # it may have been another
        return Image.frombytes(picture.mode, picture.size, picture.data, "raw", picture.mode, picture.stride)

    return Still(picture.size, decode, _colour(file))


def _without_metadata(file: bytes) -> bytes:
    """The file with its items of metadata made items of no known kind."""
    bare = bytearray(file)
    for kind, place in _items(file):
        if kind in METADATA:
            bare[place : place + 4] = b"skip"
    return bytes(bare)


# Boxes


def _boxes(file: bytes, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", file, start)
        head = 8
        if length == 1 and start + 16 <= end:
            (length,), head = struct.unpack_from(">Q", file, start + 8), 16
        stop = min(start + length, end) if length else end
        if stop < start + head:
            return
        yield kind, start + head, stop
        start = stop


def _inside(file: bytes, box: Box | None, wanted: bytes, skipped: int = 0) -> Box | None:
    """The first box of a kind in another, behind so many bytes of its content."""
    if not box:
        return None
    return next((inner for inner in _boxes(file, box[1] + skipped, box[2]) if inner[0] == wanted), None)


def _meta(file: bytes) -> Box | None:
    return next((box for box in _boxes(file, 0, len(file)) if box[0] == b"meta"), None)


def _in_meta(file: bytes, wanted: bytes) -> Box | None:
    return _inside(file, _meta(file), wanted, skipped=4)


def _items(file: bytes) -> Iterator[tuple[bytes, int]]:
    """The kind of each item, and where it is written."""
    box = _in_meta(file, b"iinf")
    if not box:
        return
    skipped = 8 if file[box[1]] else 6  # version and flags, and how many there are
    for kind, start, end in _boxes(file, box[1] + skipped, box[2]):
        place = start + {2: 8, 3: 10}.get(file[start], end)
        if kind == b"infe" and place + 4 <= end:
            yield file[place : place + 4], place


def _properties(file: bytes) -> list[Box]:
    """The properties of the primary item."""
    box, properties = _in_meta(file, b"pitm"), _in_meta(file, b"iprp")
    holder = _inside(file, properties, b"ipco")
    if not box or not properties or not holder:
        return []
    primary = int.from_bytes(file[box[1] + 4 : box[1] + (8 if file[box[1]] else 6)], "big")
    all_of_them = list(_boxes(file, holder[1], holder[2]))
    numbers = (number for item, number in _associations(file, properties) if item == primary)
    return [all_of_them[number - 1] for number in numbers if 0 < number <= len(all_of_them)]


def _associations(file: bytes, properties: Box) -> Iterator[tuple[int, int]]:
    """Each item with the number of each of its properties."""
    for kind, start, end in _boxes(file, properties[1], properties[2]):
        if kind != b"ipma":
            continue
        item_bytes, number_bytes = (4 if file[start] else 2), (2 if file[start + 3] & 1 else 1)
        at = start + 8
        while at + item_bytes < end:
            item, count = int.from_bytes(file[at : at + item_bytes], "big"), file[at + item_bytes]
            at += item_bytes + 1
            for place in range(at, min(at + count * number_bytes, end), number_bytes):
                number = int.from_bytes(file[place : place + number_bytes], "big")
                yield item, number & (0x7FFF if number_bytes == 2 else 0x7F)
            at += count * number_bytes


# Colours


def _colour(file: bytes) -> Colour | None:
    properties = _properties(file)
    told = {file[start : start + 4]: file[start + 4 : end] for kind, start, end in properties if kind == b"colr"}
    if profile := by_profile(told.get(b"prof") or told.get(b"rICC") or b""):
        return profile
    if len(told.get(b"nclx", b"")) < 4:
        return None
    primaries, curve = struct.unpack_from(">HH", told[b"nclx"])
    return by_code_points(
        primaries if primaries in PRIMARIES else SRGB_PRIMARIES,
        curve if curve in CURVES and curve not in VIDEO_CURVES else SRGB_CURVE,
        _peak_nits(file, properties),
    )


def _peak_nits(file: bytes, properties: list[Box]) -> int:
    """The brightest light that is in the picture; 0 if it is not told."""
    return next(
        (int.from_bytes(file[start : start + 2], "big") for kind, start, _ in properties if kind == b"clli"), 0
    )
