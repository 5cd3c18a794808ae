"""PNG whose colours are told in each of the ways that it has, and in several at once."""

import struct
from collections.abc import Callable

from PIL import Image

from tests.kinds.png import (
    GREY,
    P3,
    PALETTE,
    SIGNATURE,
    UPRIGHT_6,
    chromaticities,
    chunk,
    gamma,
    header,
    iccp,
    lines_of,
    of,
    png,
    png16,
)
from tests.kinds.profiles import display_p3, profile
from tests.pictures import probe, scene

D65, D50 = (0.3127, 0.329), (0.3457, 0.3585)
ADOBE = (D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
SRGB = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
NITS = 10_000


def cicp(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, 0, 1)))


def coloured(image: Image.Image, chunks: bytes) -> bytes:
    """The image with chunks behind its header."""
    file = of(image)
    at = len(SIGNATURE) + 25
    return file[:at] + chunks + file[at:]


def _palette(chunks: bytes = b"", transparency: bytes = b"") -> bytes:
    image = scene().quantize(64)
    table = bytes(image.getpalette() or b"")[:192]
    more = chunks + chunk(b"PLTE", table) + (chunk(b"tRNS", transparency) if transparency else b"")
    file = png(header(image.size, 8, PALETTE), lines_of(image.tobytes(), image.width))
    at = len(SIGNATURE) + 25
    return file[:at] + more + file[at:]


def _few_bits(depth: int, transparency: int | None = None) -> bytes:
    """Greys of less than eight bits, from black to white, one of them perhaps transparent."""
    values = 1 << depth
    width = 96 * depth // 8
    row = b"\0" + bytes(
        sum((x * 8 // depth + i) * values // 96 << (8 - depth * (i + 1)) for i in range(8 // depth))
        for x in range(width)
    )
    more = [] if transparency is None else [(b"tRNS", struct.pack(">H", transparency))]
    return png(header((96, 64), depth, GREY), row * 64, *more)


def _see_through() -> Image.Image:
    image = scene().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


OTHER: dict[str, Callable[[], bytes]] = {
    **{
        f"code points {primaries} {transfer}": lambda p=primaries, t=transfer: coloured(scene(), cicp(p, t))
        for primaries, transfer in (
            *((primaries, 13) for primaries in (4, 5, 6, 7, 8, 9, 10, 11, 12, 22)),
            *((1, transfer) for transfer in (1, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18)),
            *((9, 1), (9, 8), (9, 14), (9, 16), (9, 18), (12, 16), (12, 18)),
        )
    },
    **{
        f"PQ up to {nits} nits": lambda n=nits: coloured(
            scene(), cicp(9, 16) + chunk(b"cLLI", struct.pack(">II", n * NITS, 100 * NITS))
        )
        for nits in (150, 300, 1000, 4000, 10_000)
    },
    "PQ made on a screen of 4000 nits": lambda: coloured(
        scene(), cicp(9, 16) + chunk(b"mDCV", struct.pack(">8HII", *range(8), 4000 * NITS, 1))
    ),
    "HLG up to 4000 nits": lambda: coloured(
        scene(), cicp(9, 18) + chunk(b"cLLI", struct.pack(">II", 4000 * NITS, 100 * NITS))
    ),
    **{f"a gamma of {value}": lambda v=value: coloured(scene(), gamma(v)) for value in (1.0, 0.55556, 0.7, 0.3)},
    "a gamma and chromaticities of P3": lambda: coloured(scene(), gamma(0.45455) + chromaticities(*P3)),
    "a linear gamma and chromaticities of P3": lambda: coloured(scene(), gamma(1.0) + chromaticities(*P3)),
    "a gamma and chromaticities of Adobe RGB": lambda: coloured(scene(), chromaticities(*ADOBE) + gamma(0.45455)),
    "a gamma and chromaticities of sRGB": lambda: coloured(scene(), gamma(0.45455) + chromaticities(D65, *SRGB)),
    "a gamma and another white": lambda: coloured(scene(), gamma(0.45455) + chromaticities(D50, *SRGB)),
    "a gamma and chromaticities of one colour": lambda: coloured(
        scene(), gamma(1.0) + chromaticities(*((0.3, 0.3),) * 4)
    ),
    "a bad sRGB and a gamma": lambda: coloured(scene(), chunk(b"sRGB", b"\x09") + gamma(1.0)),
    "a bad profile and a gamma": lambda: coloured(scene(), iccp(b"nonsense") + gamma(1.0)),
    "unknown code points and a gamma": lambda: coloured(scene(), cicp(2, 2) + gamma(1.0)),
    "a profile over a gamma": lambda: coloured(scene(), iccp(display_p3()) + gamma(1.0)),
    "a profile over sRGB": lambda: coloured(scene(), chunk(b"sRGB", b"\0") + iccp(display_p3())),
    "two profiles": lambda: coloured(scene(), iccp(display_p3()) + iccp(profile(b"RGB ", 1.0))),
    "code points over a profile": lambda: coloured(scene(), iccp(display_p3()) + cicp(9, 16)),
    "grey with a profile of greys": lambda: coloured(scene().convert("L"), iccp(profile(b"GRAY", 1.0))),
    "grey with a profile of colours": lambda: coloured(scene().convert("L"), iccp(display_p3())),
    "grey with a gamma": lambda: coloured(scene().convert("L"), gamma(1.0)),
    "grey with code points": lambda: coloured(scene().convert("L"), cicp(9, 16)),
    "colours with a profile of greys": lambda: coloured(scene(), iccp(profile(b"GRAY", 1.0))),
    "transparent with a gamma": lambda: coloured(_see_through(), gamma(1.0)),
    "transparent with code points of PQ": lambda: coloured(_see_through(), cicp(9, 16)),
    "transparent with a profile": lambda: coloured(_see_through(), iccp(display_p3())),
    "grey, transparent, with a gamma": lambda: coloured(_see_through().convert("LA"), gamma(1.0)),
    "a palette with a gamma": lambda: _palette(gamma(1.0)),
    "a palette with code points": lambda: _palette(cicp(9, 18)),
    "a palette with opacities": lambda: _palette(transparency=bytes(range(0, 256, 8))),
    "a palette with too many opacities": lambda: _palette(transparency=bytes(255 - value for value in range(256))),
    "16 bits with a gamma": lambda: png16(scene(), (b"gAMA", struct.pack(">I", 100_000))),
    "16 bits with code points of PQ": lambda: png16(scene(), (b"cICP", bytes((9, 16, 0, 1)))),
    "16 bits of grey with a gamma": lambda: png16(scene().convert("L"), (b"gAMA", struct.pack(">I", 100_000))),
    "16 bits with one clear colour": lambda: png16(
        probe(), (b"tRNS", struct.pack(">3H", *(257 * v for v in (40, 60, 200))))
    ),
    **{f"greys of {depth} bits": lambda d=depth: _few_bits(d) for depth in (1, 2, 4, 8)},
    **{f"greys of {depth} bits, one clear": lambda d=depth: _few_bits(d, 1) for depth in (1, 2, 4, 8)},
    "turned by eXIf": lambda: coloured(scene(), chunk(b"eXIf", UPRIGHT_6)),
    "an eXIf with the beginning of a JPEG's": lambda: coloured(scene(), chunk(b"eXIf", b"Exif\0\0" + UPRIGHT_6)),
}
