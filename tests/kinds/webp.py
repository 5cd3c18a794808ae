"""WebP: its chunks in every state."""

import struct
from collections.abc import Callable

from PIL import Image

from tests.kinds.png import UPRIGHT_6, xmp
from tests.kinds.profiles import display_p3
from tests.pictures import saved, scene

PROFILE, EXIF, XMP = 0x20, 0x08, 0x04  # flags


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def webp(flags: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """The scene, without loss, in a file that announces metadata."""
    pixels = saved(scene(), "WEBP", lossless=True)[12:]
    width, height = scene().size
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size) + before + pixels + after
    return b"RIFF" + struct.pack("<I", len(body)) + body


SAME: dict[str, Callable[[], bytes]] = {
    "plain": lambda: saved(scene(), "WEBP", lossless=True),
    "Exif of garbage": lambda: webp(EXIF, after=chunk(b"EXIF", b"garbage")),
    "Exif of nothing": lambda: webp(EXIF, after=chunk(b"EXIF", b"")),
    "XMP that turns": lambda: webp(XMP, after=chunk(b"XMP ", xmp(6))),
    "XMP of another type": lambda: webp(XMP, after=chunk(b"XMP ", b"\xff\xfe\0\xd8")),
    "a profile of garbage": lambda: webp(PROFILE, before=chunk(b"ICCP", b"garbage" * 30)),
    "a profile of nothing": lambda: webp(PROFILE, before=chunk(b"ICCP", b"")),
    "unknown chunks": lambda: webp(0, after=chunk(b"what", b"ever")),
    "an animation": lambda: saved(
        scene(), "WEBP", lossless=True, save_all=True, append_images=[Image.new("RGB", (96, 64)) for _ in range(3)]
    ),
}

OTHER: dict[str, Callable[[], bytes]] = {
    "a profile": lambda: webp(PROFILE, before=chunk(b"ICCP", display_p3())),
    "transparent": lambda: saved(scene().convert("RGBA").point(lambda value: value // 2), "WEBP", lossless=True),
}

# Turned by Exif, which the browser that judges does not do
TURNED: dict[str, Callable[[], bytes]] = {
    "Exif": lambda: webp(EXIF, after=chunk(b"EXIF", UPRIGHT_6)),
    "Exif as in a JPEG": lambda: webp(EXIF, after=chunk(b"EXIF", b"Exif\0\0" + UPRIGHT_6)),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "half of it": lambda: webp(0)[: len(webp(0)) // 2],
    "no pixels": lambda: b"RIFF\x16\0\0\0WEBP" + chunk(b"VP8X", bytes(10)),
}
