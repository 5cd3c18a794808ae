"""WebP (RFC 9649): its chunks.

Decoding is left to Pillow, which gets no metadata. Danger: its decoder holds two copies more than it must.
"""

import struct

from PIL import Image, WebPImagePlugin

from leyline.errors import DamagedPicture
from leyline.pictures.colour import by_profile
from leyline.pictures.containers import exif
from leyline.pictures.pixels import Size
from leyline.pictures.still import Limit, Still

PIXELS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
OF_PIXELS = 0x12  # the flags of transparency and of animation, among those of metadata


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    chunks = _chunks(file)
    told = {kind: body for kind, body in reversed(chunks) if kind not in PIXELS}
    bare = b"WEBP" + b"".join(_written(kind, body) for kind, body in chunks if kind in PIXELS)
    size = _size(*chunks[0])
    limit.judge(*size)

    def decode(enough: Size) -> Image.Image:
        image = limit.opened(b"RIFF" + struct.pack("<I", len(bare)) + bare, "WEBP")  # takes memory for its pixels
        assert isinstance(image, WebPImagePlugin.WebPImageFile)
        if image.size != size:
            raise DamagedPicture
        frame = vars(image).pop("_decoder").get_next()
        if frame is None:
            raise DamagedPicture
        return Image.frombuffer(image.rawmode, image.size, frame[0], "raw", image.rawmode, 0, 1)

    orientation = exif.orientation(bytes(told.get(b"EXIF", b"")).removeprefix(b"Exif\0\0"))
    return Still(size, decode, by_profile(bytes(told.get(b"ICCP", b""))), orientation)


def _size(kind: bytes, body: memoryview) -> Size:
    """Width and height as the first chunk has them."""
    match kind:
        case b"VP8X":
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":  # RFC 6386, 9.1: a frame's tag, a start code, then the sizes, with a scale above each
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    raise DamagedPicture


def _chunks(file: bytes) -> list[tuple[bytes, memoryview]]:
    chunks = []
    at = 12
    while at + 8 <= len(file):
        kind, length = struct.unpack_from("<4sI", file, at)
        chunks.append((kind, memoryview(file)[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return chunks


def _written(kind: bytes, body: memoryview) -> bytes:
    content = bytes(body)
    if kind == b"VP8X":
        content = bytes((content[0] & OF_PIXELS,)) + content[1:]
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
