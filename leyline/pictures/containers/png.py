"""PNG (ISO/IEC 15948): its chunks.

Decoding is left to Pillow, which gets the critical chunks alone. Danger: Pillow takes a file whose stream
of pixels ends too early for a whole one, and leaves the rest black.
"""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from leyline.errors import DamagedPicture
from leyline.pictures.colour import Colour, by_code_points, by_gamma, by_profile, knows
from leyline.pictures.containers import exif
from leyline.pictures.pixels import Size
from leyline.pictures.still import Limit, Still

SIGNATURE_BYTES = 8
GREY, RGB, PALETTE = 0, 2, 3
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, 4: 2, 6: 4}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
CHECKSUM_BYTES = 4  # of a stream of zlib, at its end
MOST_PROFILE_BYTES = 2**24
PIECE_BYTES = 2**10  # that are unpacked at a time; it may be a thousand times as many

Chunks = dict[bytes, bytes]


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    chunks: Chunks = {}
    data: list[memoryview] = []
    for kind, body, is_sound in _chunks(memoryview(file)):
        if kind == b"IDAT":
            data.append(body)
        elif kind == b"IEND":
            break
        elif not data and kind not in chunks and (is_sound or kind[:1].isupper()):
            chunks[kind] = bytes(body)
    pixels = b"".join(data)
    bare = _critical(chunks)
    image = limit.opened(bare + _written(b"IDAT", pixels), "PNG")

    def decode(enough: Size) -> Image.Image:
        try:
            image.load()
            decoded: Image.Image = image
        except (OSError, SyntaxError):  # a wrong checksum at the stream's end costs no pixel
            decoded = limit.opened(bare + _written(b"IDAT", pixels[:-CHECKSUM_BYTES]), "PNG")
            decoded.load()
        if _ends_in_nothing(decoded) and not _is_whole(pixels, chunks[b"IHDR"]):
            raise DamagedPicture
        return decoded

    return Still(image.size, decode, _colour(chunks), exif.orientation(chunks.get(b"eXIf", b"")))


def _chunks(file: memoryview) -> Iterator[tuple[bytes, memoryview, bool]]:
    """Each chunk's name and content, and whether its checksum is right; the last as far as it is there."""
    at = SIGNATURE_BYTES
    while at + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        body = file[at + 8 : at + 8 + length]
        checksum = file[at + 8 + length : at + 12 + length]
        is_data = kind == b"IDAT"  # looked at by nobody
        yield kind, body, is_data or zlib.crc32(file[at + 4 : at + 8 + length]).to_bytes(4, "big") == checksum
        at += 12 + length


def _critical(chunks: Chunks) -> bytes:
    """The beginning of a file with what the decoder must know, up to its pixels."""
    header = chunks[b"IHDR"]
    *_, depth, kind, _, _, _ = struct.unpack(">IIBBBBB", header)
    written = b"\x89PNG\r\n\x1a\n" + _written(b"IHDR", header)
    if kind == PALETTE:
        written += _written(b"PLTE", chunks[b"PLTE"])
    if clear := _clear(chunks.get(b"tRNS", b""), depth, kind):
        written += _written(b"tRNS", clear)
    return written


def _written(kind: bytes, body: bytes) -> bytes:
    """A chunk. Pillow looks at the checksums of all but the pixels."""
    checksum = 0 if kind == b"IDAT" else zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _clear(transparency: bytes, depth: int, kind: int) -> bytes:
    """What is transparent, in the form that Pillow reads."""
    if kind == PALETTE:
        return transparency[:256]
    if kind == RGB and len(transparency) >= 6:
        red, green, blue = struct.unpack_from(">3H", transparency)
        shift = 8 if depth == 16 else 0  # Pillow keeps the upper half of such samples
        return struct.pack(">3H", red >> shift, green >> shift, blue >> shift)
    if kind == GREY and len(transparency) >= 2:
        (grey,) = struct.unpack_from(">H", transparency)
        return struct.pack(
            ">H", grey * (255 // (2**depth - 1)) if depth in (2, 4) else grey
        )  # it widens such samples
    return b""


# Colours: the first that a browser understands counts, in this order


def _colour(chunks: Chunks) -> Colour | None:
    code_points = chunks.get(b"cICP", b"")
    if len(code_points) == 4 and code_points[2:] == b"\0\1" and knows(*code_points[:2]):
        return by_code_points(code_points[0], code_points[1], _peak_nits(chunks))
    if profile := by_profile(_profile(chunks.get(b"iCCP", b""))):
        return profile
    if chunks.get(b"sRGB", b"") in (b"\0", b"\1", b"\2", b"\3") or len(chunks.get(b"gAMA", b"")) != 4:
        return None
    (gamma,) = struct.unpack(">I", chunks[b"gAMA"])
    points = chunks.get(b"cHRM", b"")
    chromaticities = tuple(value / 100_000 for value in struct.unpack(">8I", points)) if len(points) == 32 else None
    return by_gamma(gamma / 100_000, chromaticities)


def _peak_nits(chunks: Chunks) -> float:
    """The brightest light that is in the picture, or that it was made on; 0 if neither is told."""
    for kind, length, place in ((b"cLLI", 8, 0), (b"mDCV", 24, 16)):
        if len(chunks.get(kind, b"")) == length:
            return float(struct.unpack_from(">I", chunks[kind], place)[0]) / 10_000
    return 0


def _profile(chunk: bytes) -> bytes:
    """The profile in an iCCP chunk; nothing where it is not whole, or too large."""
    name, _, rest = chunk.partition(b"\0")
    if not 1 <= len(name) <= 79 or rest[:1] != b"\0":
        return b""
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(rest[1:], MOST_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if stream.eof else b""


# Whether all rows are there


def _ends_in_nothing(image: Image.Image) -> bool:
    """Whether a row at the end is as Pillow leaves it where it had no data; it may be meant so.

    Of an interlaced picture the data ends with the last row or with the one before.
    """
    rows = (image.crop((0, top, image.width, top + 1)) for top in range(max(0, image.height - 2), image.height))
    return not all(any(row.tobytes()) for row in rows)


def _is_whole(stream: bytes, header: bytes) -> bool:
    """Whether the stream of pixels has as many bytes as the header promises."""
    width, height, depth, kind, _, _, interlace = struct.unpack(">IIBBBBB", header)
    missing = 0
    for left, top, across, down in PASSES if interlace else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            missing += rows * (1 + (columns * depth * SAMPLES[kind] + 7) // 8)
    unpacked = zlib.decompressobj()
    try:
        for at in range(0, len(stream), PIECE_BYTES):
            missing -= len(unpacked.decompress(stream[at : at + PIECE_BYTES]))
            if missing <= 0:
                return True
    except zlib.error:
        pass
    return False
