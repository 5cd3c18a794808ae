"""AVIF and HEIC: boxes written one by one around pictures that real encoders have coded."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import accumulate

import av

from tests.kinds.png import xmp
from tests.kinds.profiles import display_p3
from tests.pictures import glass, probe, saved, scene

PQ, HLG = 16, 18
ESSENTIAL = {b"av1C", b"hvcC", b"irot", b"imir"}  # properties that nobody may leave out of account


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


@dataclass(frozen=True)
class Item:
    """A thing in a file, with its properties; `refers` numbers those that it is made from, or for."""

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()
    refers: tuple[bytes, tuple[int, ...]] | None = None


def media(*items: Item, brands: Sequence[bytes], times_associated: int = 1) -> bytes:
    """A file of items, numbered from 1; the first is the picture."""
    properties = [each for item in items for each in item.properties]
    head = box(b"ftyp", brands[0], bytes(4), *brands)

    def meta(start: int) -> bytes:
        return full_box(
            b"meta",
            full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", struct.pack(">H", 1)),
            _places(items, start),
            full_box(
                b"iinf",
                struct.pack(">H", len(items)),
                *(
                    full_box(b"infe", struct.pack(">HH", number, 0), item.kind, b"\0", _mime(item.kind), version=2)
                    for number, item in enumerate(items, start=1)
                ),
            ),
            full_box(
                b"iref",
                *(
                    box(
                        item.refers[0],
                        struct.pack(f">HH{len(item.refers[1])}H", number, len(item.refers[1]), *item.refers[1]),
                    )
                    for number, item in enumerate(items, start=1)
                    if item.refers
                ),
            ),
            box(
                b"iprp",
                box(b"ipco", *properties),
                full_box(
                    b"ipma",
                    struct.pack(">I", len(items) * times_associated),
                    _associations(items, properties) * times_associated,
                ),
            ),
        )

    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box(b"mdat", *(item.data for item in items))


def _places(items: Sequence[Item], start: int) -> bytes:
    places = list(accumulate((len(item.data) for item in items), initial=start))
    return full_box(
        b"iloc",
        struct.pack(">HH", 0x4400, len(items)),
        *(
            struct.pack(">HHHII", number, 0, 1, places[number - 1], len(item.data))
            for number, item in enumerate(items, start=1)
        ),
    )


def _associations(items: Sequence[Item], properties: list[bytes]) -> bytes:
    told = b""
    for number, item in enumerate(items, start=1):
        own = [properties.index(each) + 1 | 0x80 * (each[4:8] in ESSENTIAL) for each in item.properties]
        told += struct.pack(">HB", number, len(own)) + bytes(own)
    return told


def _with_metadata(picture: Item, metadata: tuple[bytes, bytes] | None) -> tuple[Item, ...]:
    """The picture, and perhaps an item of metadata about it: its kind and its content."""
    return (picture, Item(*metadata, refers=(b"cdsc", (1,)))) if metadata else (picture,)


def _mime(kind: bytes) -> bytes:
    return b"application/rdf+xml\0" if kind == b"mime" else b""


def _inside(file: bytes, kind: bytes) -> bytes:
    """The first box of this kind, wherever it is."""
    at = file.index(kind) - 4
    return file[at : at + int.from_bytes(file[at : at + 4], "big")]


# Properties


def size(width: int, height: int) -> bytes:
    return full_box(b"ispe", struct.pack(">II", width, height))


def nclx(primaries: int, transfer: int, full_range: bool = True) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, 6, 0x80 * full_range))


def icc(profile: bytes) -> bytes:
    return box(b"colr", b"prof", profile)


def turned(quarters: int) -> bytes:
    return box(b"irot", bytes((quarters,)))


def mirrored(axis: int) -> bytes:
    return box(b"imir", bytes((axis,)))


PIXELS = full_box(b"pixi", b"\3\x08\x08\x08")
SRGB = nclx(1, 13)

# AVIF

AVIF_BRANDS = (b"avif", b"mif1", b"miaf")


@cache
def _av1(mode: str = "RGB") -> tuple[bytes, bytes]:
    """The scene as AV1 and its configuration."""
    file = saved(scene().convert(mode), "AVIF", quality=100, subsampling="4:4:4", speed=8)
    return _inside(file, b"av1C"), _inside(file, b"mdat")[8:]


def avif(
    *properties: bytes,
    brands: Sequence[bytes] = AVIF_BRANDS,
    metadata: tuple[bytes, bytes] | None = None,
    times_associated: int = 1,
) -> bytes:
    configuration, data = _av1()
    picture = Item(b"av01", data, (size(*scene().size), configuration, PIXELS, *properties))
    return media(*_with_metadata(picture, metadata), brands=brands, times_associated=times_associated)


AVIF_SAME: dict[str, Callable[[], bytes]] = {
    "plain": lambda: avif(SRGB),
    "unknown code points": lambda: avif(nclx(2, 2)),
    "reserved code points": lambda: avif(nclx(0, 3)),
    "no code points": lambda: avif(),
    **{f"the curve of video, {transfer}": lambda t=transfer: avif(nclx(1, t)) for transfer in (1, 6, 14, 15)},
    "Exif that turns": lambda: avif(SRGB, metadata=(b"Exif", bytes(4) + _turns())),
    "Exif of garbage": lambda: avif(SRGB, metadata=(b"Exif", b"garbage")),
    "Exif of nothing": lambda: avif(SRGB, metadata=(b"Exif", b"")),
    "XMP that turns": lambda: avif(SRGB, metadata=(b"mime", xmp(6))),
    "XMP of another type": lambda: avif(SRGB, metadata=(b"mime", b"\xff\xfe\0\xd8")),
    "an unknown property": lambda: avif(SRGB, box(b"what", b"ever")),
    "only a general brand first": lambda: avif(SRGB, brands=(b"mif1", b"avif", b"miaf")),
}


def _turns() -> bytes:
    return b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"


AVIF_OTHER: dict[str, Callable[[], bytes]] = {
    **{
        f"code points {primaries} {transfer}": lambda p=primaries, t=transfer: avif(nclx(p, t))
        for primaries, transfer in (
            *((primaries, 13) for primaries in (4, 5, 6, 9, 10, 11, 12, 22)),
            *((1, transfer) for transfer in (4, 5, 7, 8, PQ, 17, HLG)),
            *((9, PQ), (9, HLG), (12, PQ), (12, HLG), (9, 1), (9, 14), (2, PQ), (12, 1)),
        )
    },
    **{
        f"PQ up to {nits} nits": lambda n=nits: avif(nclx(9, PQ), box(b"clli", struct.pack(">HH", n, 100)))
        for nits in (300, 4000)
    },
    "PQ made on a screen of 4000 nits": lambda: avif(
        nclx(9, PQ), box(b"mdcv", struct.pack(">8HII", *range(8), 40_000_000, 1))
    ),
    "a profile": lambda: avif(icc(display_p3())),
    "a profile and code points": lambda: avif(icc(display_p3()), nclx(9, PQ)),
    "code points and a profile": lambda: avif(nclx(9, PQ), icc(display_p3())),
    **{f"turned by {quarters}": lambda q=quarters: avif(SRGB, turned(q)) for quarters in range(4)},
    **{f"mirrored by {axis}": lambda a=axis: avif(SRGB, mirrored(a)) for axis in range(2)},
    **{
        f"turned by {quarters} and mirrored by {axis}": lambda q=quarters, a=axis: avif(
            SRGB, turned(q), mirrored(a)
        )
        for quarters in (1, 3)
        for axis in range(2)
    },
    "partly transparent": lambda: saved(glass(), "AVIF", quality=100, subsampling="4:4:4", speed=8),
    "grey": lambda: saved(scene().convert("L"), "AVIF", quality=100, speed=8),
}


def _small_print() -> bytes:
    """What begins like the short form of the format, which hardly anybody reads."""
    return (
        struct.pack(">I4s4s4s", 16, b"ftyp", b"mif3", b"avif") + box(b"mini", bytes(60)) + box(b"mdat", bytes(60))
    )


AVIF_REFUSED: dict[str, Callable[[], bytes]] = {
    "its short form": _small_print,
    "properties associated twice": lambda: avif(SRGB, times_associated=2),
    "half of it": lambda: avif(SRGB)[: len(avif(SRGB)) // 2],
    "no boxes": lambda: avif(SRGB)[:36],
}

# HEIC

HEIC_BRANDS = (b"heic", b"mif1", b"heic")


@cache
def _hevc(image_format: str = "yuv444p", width: int = 96, height: int = 64) -> tuple[bytes, bytes]:
    """The probe as HEVC and its configuration."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx265", rate=1, options={"x265-params": "qp=4:log-level=none", "tag": "hvc1"}
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, image_format
        frame = av.VideoFrame.from_image(probe((width, height)))
        for packet in (*stream.encode(frame), *stream.encode()):
            packet.pts = packet.dts = 0  # the encoder leaves them to chance
            container.mux(packet)
    return _inside(file.getvalue(), b"hvcC"), _inside(file.getvalue(), b"mdat")[8:]


def heic(
    *properties: bytes,
    image_format: str = "yuv444p",
    brands: Sequence[bytes] = HEIC_BRANDS,
    metadata: tuple[bytes, bytes] | None = None,
) -> bytes:
    configuration, data = _hevc(image_format)
    picture = Item(b"hvc1", data, (size(*probe().size), configuration, *properties))
    return media(*_with_metadata(picture, metadata), brands=brands)


def heic_of_tiles(*properties: bytes) -> bytes:
    """A picture of four tiles, as a phone makes it, with a thumbnail and a second picture behind."""
    configuration, data = _hevc("yuv420p")
    width, height = probe().size
    tile = Item(b"hvc1", data, (size(width, height), configuration))
    grid = Item(
        b"grid",
        struct.pack(">BBBBHH", 0, 0, 1, 1, 2 * width, 2 * height),
        (size(2 * width, 2 * height), *properties),
        (b"dimg", (2, 3, 4, 5)),
    )
    thumbnail = Item(b"hvc1", data, tile.properties, (b"thmb", (1,)))
    return media(grid, *[tile] * 4, thumbnail, tile, brands=HEIC_BRANDS)


# All show `probe()`, perhaps turned
HEIC_SAME: dict[str, Callable[[], bytes]] = {
    "plain": heic,
    "code points of sRGB": lambda: heic(nclx(1, 13, full_range=False)),
    "4:2:0": lambda: heic(image_format="yuv420p"),
    "10 bits": lambda: heic(image_format="yuv420p10le"),
    "only a general brand": lambda: heic(brands=(b"mif1",)),
    "Exif that turns": lambda: heic(metadata=(b"Exif", bytes(4) + _turns())),
    "Exif of garbage": lambda: heic(metadata=(b"Exif", b"garbage")),
    "XMP that turns": lambda: heic(metadata=(b"mime", xmp(6))),
}

HEIC_REFUSED: dict[str, Callable[[], bytes]] = {
    "half of it": lambda: heic()[: len(heic()) // 2],
    "no boxes": lambda: heic()[:32],
    "a picture that is not there": lambda: media(Item(b"what", b"ever"), brands=HEIC_BRANDS),
}
