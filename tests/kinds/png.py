"""PNG: its chunks in every state, and colours told in each of its ways."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.kinds.profiles import display_p3
from tests.pictures import probe, scene

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
UPRIGHT_6 = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # Exif: to be turned to the right
LARGE = b"a harmless text " * 100_000
P3 = ((0.3127, 0.329), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06))  # white, red, green and blue

Chunk = tuple[bytes, bytes]


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    if checksum is None:
        checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png(header: bytes, data: bytes, *chunks: Chunk) -> bytes:
    """A PNG of the fields of IHDR and the unfiltered bytes of its lines; `chunks` come between the two."""
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*each) for each in every)


def header(size: tuple[int, int], depth: int = 8, colours: int = RGB, interlaced: int = 0) -> bytes:
    return struct.pack(">IIBBBBB", *size, depth, colours, 0, 0, interlaced)


def lines(image: Image.Image) -> bytes:
    """The image's lines, unfiltered."""
    return lines_of(image.tobytes(), image.width * len(image.getbands()))


def lines_of(samples: bytes, stride: int) -> bytes:
    return b"".join(b"\0" + samples[at : at + stride] for at in range(0, len(samples), stride))


def of(image: Image.Image, *chunks: Chunk) -> bytes:
    """An image of eight bits a sample, with these chunks."""
    colours = {"L": GREY, "LA": GREY_ALPHA, "RGB": RGB, "RGBA": RGBA}[image.mode]
    return png(header(image.size, 8, colours), lines(image), *chunks)


def interlaced() -> bytes:
    """The probe as a PNG in the seven passes of Adam7."""
    return png(header(probe().size, interlaced=1), _passes(probe()))


def _passes(image: Image.Image) -> bytes:
    data = b""
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
    return data


def png16(image: Image.Image, *chunks: Chunk) -> bytes:
    """An L or RGB image as a PNG of 16 bits a sample."""
    samples = bytes(byte for value in image.tobytes() for byte in (value, value))
    colours = RGB if image.mode == "RGB" else GREY
    return png(header(image.size, 16, colours), lines_of(samples, 2 * image.width * len(image.getbands())), *chunks)


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def chromaticities(*points: tuple[float, float]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for point in points for value in point)))


def iccp(icc: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(icc))


# Around the pixels


def around(
    before: bytes = b"",
    after: bytes = b"",
    data: bytes | None = None,
    end: bytes = chunk(b"IEND", b""),
) -> bytes:
    """The scene with bytes before and after its data, or other data."""
    if data is None:
        data = chunk(b"IDAT", PIXELS)
    return SIGNATURE + chunk(b"IHDR", header(scene().size)) + before + data + after + end


PIXELS = zlib.compress(lines(scene()))
ANCILLARY = (
    *(b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"pHYs", b"tIME", b"eXIf", b"sBIT"),
    *(b"bKGD", b"hIST", b"sPLT", b"acTL", b"cLLI", b"mDCV", b"oFFs", b"tRNS", b"abCd"),
)

SAME: dict[str, Callable[[], bytes]] = {
    "plain": around,
    **{
        f"{kind.decode()} with a bad checksum": lambda kind=kind: around(chunk(kind, b"k\0v", 1))
        for kind in ANCILLARY
    },
    **{f"{kind.decode()} of one byte": lambda kind=kind: around(chunk(kind, b"k")) for kind in ANCILLARY},
    **{f"{kind.decode()} of nothing": lambda kind=kind: around(chunk(kind, b"")) for kind in ANCILLARY},
    "large zTXt": lambda: around(chunk(b"zTXt", b"key\0\0" + zlib.compress(LARGE))),
    "large iTXt": lambda: around(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(LARGE))),
    "large iCCP": lambda: around(chunk(b"iCCP", b"name\0\0" + zlib.compress(LARGE))),
    "very large iCCP": lambda: around(chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(2**25)))),
    "thousands of texts": lambda: around(chunk(b"tEXt", b"key\0" + LARGE[:2000]) * 2000),
    "zTXt that is not packed": lambda: around(chunk(b"zTXt", b"key\0\0" + b"this is plain text")),
    "iCCP cut off": lambda: around(chunk(b"iCCP", b"name\0\0" + zlib.compress(display_p3())[:-20])),
    "iCCP without a name": lambda: around(chunk(b"iCCP", b"\0\0" + zlib.compress(display_p3()))),
    "iCCP of another method": lambda: around(chunk(b"iCCP", b"name\0\7" + zlib.compress(display_p3()))),
    "iCCP with a bad checksum": lambda: around(chunk(b"iCCP", b"name\0\0" + zlib.compress(display_p3()), 1)),
    "eXIf of garbage": lambda: around(chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff nonsense")),
    "eXIf after the pixels": lambda: around(after=chunk(b"eXIf", UPRIGHT_6)),
    "eXIf with a bad checksum, turned": lambda: around(chunk(b"eXIf", UPRIGHT_6, 1)),
    "XMP that turns": lambda: around(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6))),
    "XMP that turns, of another type": lambda: around(chunk(b"tEXt", b"XML:com.adobe.xmp\0" + xmp(6))),
    "an Exif of ImageMagick's that turns": lambda: around(
        chunk(b"tEXt", b"Raw profile type exif\0\nexif\n26\n" + UPRIGHT_6.hex().encode())
    ),
    "sRGB and a gamma": lambda: around(chunk(b"sRGB", b"\0") + gamma(1.0)),
    "the gamma of sRGB": lambda: around(gamma(0.45455)),
    "chromaticities without a gamma": lambda: around(chromaticities(*P3)),
    "a gamma of 0": lambda: around(gamma(0)),
    "a gamma after the pixels": lambda: around(after=gamma(1.0)),
    "code points of limited range": lambda: around(chunk(b"cICP", bytes((12, 13, 0, 0)))),
    "code points that are unknown": lambda: around(chunk(b"cICP", bytes((2, 2, 0, 1)))),
    "code points of sRGB over a profile": lambda: around(chunk(b"cICP", bytes((1, 13, 0, 1))) + iccp(display_p3())),
    "a suggested palette": lambda: around(chunk(b"PLTE", bytes(range(9)))),
    "an animation of one picture": lambda: around(
        chunk(b"acTL", struct.pack(">II", 1, 0))
        + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, *scene().size, 0, 0, 1, 10, 0, 0))
    ),
    "no end": lambda: around(end=b""),
    "a bad checksum at the end": lambda: around(end=chunk(b"IEND", b"", 1)),
    "a chunk that is longer than the file": lambda: around(after=struct.pack(">I", 2**31 - 1) + b"tEXt", end=b""),
    "junk behind the end": lambda: around() + b"junk" * 99,
    "pixels with a bad checksum": lambda: around(data=chunk(b"IDAT", PIXELS, 1)),
    "a stream with a bad checksum": lambda: around(data=chunk(b"IDAT", PIXELS[:-4] + b"nope")),
    "a stream without a checksum": lambda: around(data=chunk(b"IDAT", PIXELS[:-4])),
    "a stream with more behind it": lambda: around(data=chunk(b"IDAT", PIXELS + b"more")),
    "a stream of too many pixels": lambda: around(data=chunk(b"IDAT", zlib.compress(lines(scene()) + bytes(9999)))),
    "a stream in many pieces": lambda: around(
        data=b"".join(chunk(b"IDAT", PIXELS[at : at + 100]) for at in range(0, len(PIXELS), 100))
    ),
    "a stream with nothing in between": lambda: around(
        data=chunk(b"IDAT", PIXELS[:99]) + chunk(b"IDAT", b"") + chunk(b"IDAT", PIXELS[99:])
    ),
    **{f"{cut} bytes missing": lambda cut=cut: around()[:-cut] for cut in (1, 4, 8, 12, 15, 20)},
    "interlaced": lambda: png(header(scene().size, interlaced=1), _passes(scene())),
    "16 bits": lambda: png16(scene()),
}

REFUSED: dict[str, Callable[[], bytes]] = {
    "a row less": lambda: around(data=chunk(b"IDAT", zlib.compress(lines(scene())[: -1 - 3 * scene().width]))),
    "half the rows": lambda: around(data=chunk(b"IDAT", zlib.compress(lines(scene())[: len(lines(scene())) // 2]))),
    "interlaced, without its last rows": lambda: png(header(scene().size, interlaced=1), _passes(scene())[:-600]),
    "half the stream": lambda: around(data=chunk(b"IDAT", PIXELS[: len(PIXELS) // 2])),
    "no pixels": lambda: around(data=b""),
    "an unknown filter": lambda: around(data=chunk(b"IDAT", zlib.compress(b"\x09" + lines(scene())[1:]))),
    "no palette": lambda: png(header((8, 8), 8, PALETTE), bytes(72)),
}


def xmp(orientation: int) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'
    ).encode()
