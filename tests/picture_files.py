"""Writers of picture files that Pillow does not write: 16 bits a sample, Adam7, a colour profile."""

import struct
import zlib
from typing import Any

from PIL import Image

from tests.pictures import probe


def tiff(
    size: tuple[int, int],
    data: bytes,
    *,
    bits: tuple[int, ...],
    photometric: int = 2,
    more: dict[int, tuple[int, ...]] | None = None,
) -> bytes:
    """A little-endian TIFF of one deflated strip; `more` are further tags, all of them SHORT."""
    strip = zlib.compress(data)
    tags: dict[int, tuple[str, tuple[int, ...]]] = {
        256: ("I", (size[0],)),
        257: ("I", (size[1],)),
        258: ("H", bits),
        259: ("H", (8,)),
        262: ("H", (photometric,)),
        273: ("I", (8,)),
        277: ("H", (len(bits),)),
        278: ("I", (size[1],)),
        279: ("I", (len(strip),)),
        **{tag: ("H", values) for tag, values in (more or {}).items()},
    }
    strip += b"\0" * (len(strip) % 2)
    long_values, directory = b"", struct.pack("<H", len(tags))
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{kind}", *values)
        if len(packed) > 4:
            place, long_values = 8 + len(strip) + len(long_values), long_values + packed
            packed = struct.pack("<I", place)
        directory += struct.pack("<HHI", tag, {"H": 3, "I": 4}[kind], len(values)) + packed.ljust(4, b"\0")
    start = 8 + len(strip) + len(long_values)
    return struct.pack("<2sHI", b"II", 42, start) + strip + long_values + directory + bytes(4)


def png(header: bytes, data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of the fields of IHDR and the unfiltered bytes of its lines; `chunks` come between the two."""
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in every
    )


def interlaced() -> bytes:
    """The probe as a PNG in the seven passes of Adam7."""
    image, data = probe(), b""
    for x, y, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in range(y, image.height, dy):
            line = [image.getpixel((column, row)) for column in range(x, image.width, dx)]
            data += b"\0" + b"".join(bytes(pixel) for pixel in line)  # type: ignore[arg-type]
    return png(struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1), data)


def png16(image: Image.Image) -> bytes:
    """An L or RGB image as a PNG of 16 bits a sample."""
    width, stride = image.width, image.width * len(image.getbands())
    samples = image.tobytes()
    lines = (samples[start : start + stride] for start in range(0, len(samples), stride))
    data = b"".join(b"\0" + bytes(byte for value in line for byte in (value, value)) for line in lines)
    return png(struct.pack(">IIBBBBB", width, image.height, 16, 2 if image.mode == "RGB" else 0, 0, 0, 0), data)


def tiff16(image: Image.Image, **options: Any) -> bytes:
    """An L, RGB, RGBA or CMYK image as a TIFF of 16 bits a sample."""
    samples = [value * 257 for value in image.tobytes()]
    data = struct.pack(f"<{len(samples)}H", *samples)
    photometric = {"L": 1, "RGB": 2, "RGBA": 2, "CMYK": 5}[image.mode]
    more = {338: (2,)} if image.mode == "RGBA" else {}
    return tiff(image.size, data, bits=(16,) * len(image.getbands()), photometric=photometric, more=more | options)


def display_p3() -> bytes:
    """The colour profile of Apple's screens and phones, with a plain gamma of 2.2."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"text\0\0\0\0" + b"Display P3\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 11) + b"Display P3\0" + bytes(78) + b"\0\0\0",
        b"cprt": text,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": gamma,
        b"gTRC": gamma,
        b"bTRC": gamma,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header = header.ljust(36, b"\0") + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body
