"""JPEG: its segments in every state, and ends that come too early."""

import struct
from collections.abc import Callable
from functools import cache

from PIL import Image

from tests.kinds.png import UPRIGHT_6, xmp
from tests.kinds.profiles import display_p3, profile
from tests.pictures import saved, scene

SIZE = (320, 240)
PROFILE = b"ICC_PROFILE\0"


@cache
def plain(**options: object) -> bytes:
    return saved(scene(SIZE), "JPEG", quality=90, **options)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def behind_its_start(*parts: bytes) -> bytes:
    """The plain one with these before all else."""
    return plain()[:2] + b"".join(parts) + plain()[2:]


def _parts_of_a_profile(count: int, numbers: tuple[int, ...]) -> list[bytes]:
    icc = display_p3()
    step = -(-len(icc) // len(numbers))
    parts = (icc[at : at + step] for at in range(0, len(icc), step))
    return [
        segment(0xE2, PROFILE + bytes((number, count)) + part) for number, part in zip(numbers, parts, strict=True)
    ]


def _without_markers(file: bytes, *markers: int) -> bytes:
    """The file without the segments of these markers before its pixels."""
    at, kept = 2, file[:2]
    while file[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        kept += b"" if file[at + 1] in markers else file[at:end]
        at = end
    return kept + file[at:]


def _jfif_last() -> bytes:
    file = _without_markers(plain(), 0xE0)
    at = file.index(b"\xff\xda")
    return file[:at] + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + file[at:]


APPLICATIONS = range(16)

SAME: dict[str, Callable[[], bytes]] = {
    "plain": plain,
    **{f"APP{n} of nothing": lambda n=n: behind_its_start(segment(0xE0 + n, b"")) for n in APPLICATIONS},
    **{
        f"APP{n} of garbage": lambda n=n: behind_its_start(segment(0xE0 + n, b"\xff\0garbage"))
        for n in APPLICATIONS
    },
    "JFIF cut off": lambda: behind_its_start(segment(0xE0, b"JFIF\0")),
    "JFIF with a broken thumbnail": lambda: behind_its_start(segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\xff\xff")),
    "JFIF after everything": _jfif_last,
    "no JFIF": lambda: _without_markers(plain(), 0xE0),
    "Exif cut off": lambda: behind_its_start(segment(0xE1, b"Exif")),
    "Exif of garbage": lambda: behind_its_start(segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff nonsense")),
    "Exif without a byte order": lambda: behind_its_start(segment(0xE1, b"Exif\0\0" + bytes(40))),
    "Exif with a directory that has no end": lambda: behind_its_start(
        segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(60))
    ),
    "XMP that turns": lambda: behind_its_start(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6))),
    "XMP of another type": lambda: behind_its_start(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0\xff\xfe\0\xd8")),
    "XMP of nothing": lambda: behind_its_start(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0")),
    "XMP that goes on": lambda: behind_its_start(segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(9))),
    "profile cut off": lambda: behind_its_start(segment(0xE2, PROFILE)),
    "profile of nothing": lambda: behind_its_start(segment(0xE2, PROFILE + b"\1\1")),
    "profile of garbage": lambda: behind_its_start(segment(0xE2, PROFILE + b"\1\1" + b"garbage" * 30)),
    "profile without a part": lambda: behind_its_start(*_parts_of_a_profile(4, (1, 2, 3))),
    "several pictures, cut off": lambda: behind_its_start(segment(0xE2, b"MPF\0")),
    "several pictures, of garbage": lambda: behind_its_start(segment(0xE2, b"MPF\0II*\0\xff\xff\xff\xff")),
    "several pictures, of which one is here": lambda: behind_its_start(
        segment(0xE2, b"MPF\0II*\0\x08\0\0\0\3\0\0\xb0\7\0\4\0\0\0" + b"0100")
    ),
    "FlashPix cut off": lambda: behind_its_start(segment(0xE2, b"FPXR\0")),
    "Photoshop cut off": lambda: behind_its_start(segment(0xED, b"Photoshop 3.0\08BIM\3")),
    "Photoshop with an impossible length": lambda: behind_its_start(
        segment(0xED, b"Photoshop 3.0\08BIM\x03\xed\0\0\xff\xff\xff\xff")
    ),
    "Adobe cut off": lambda: behind_its_start(segment(0xEE, b"Adobe\0")),
    "a comment of nothing": lambda: behind_its_start(segment(0xFE, b"")),
    "a hundred comments": lambda: behind_its_start(segment(0xFE, b"a comment " * 5000) * 100),
    "markers with padding before them": lambda: behind_its_start(b"\xff\xff\xff"),
    "no end": lambda: plain()[:-2],
    "half an end": lambda: plain()[:-1],
    "junk behind the end": lambda: plain() + b"\0junk" * 99,
    "another picture behind the end": lambda: plain() + plain(),
    "nearly all": lambda: plain()[:-5],
    "progressive": lambda: plain(progressive=True),
    "progressive, no end": lambda: plain(progressive=True)[:-2],
    "progressive, nearly all": lambda: plain(progressive=True)[:-6],
    "with restarts": lambda: plain(restart_marker_blocks=5),
    "with restarts, no end": lambda: plain(restart_marker_blocks=5)[:-2],
    "4:4:4, no end": lambda: plain(subsampling=0)[:-2],
    "4:2:2, nearly all": lambda: plain(subsampling=1)[:-4],
}


def with_exif(exif: bytes) -> bytes:
    return behind_its_start(segment(0xE1, b"Exif\0\0" + exif))


def _of(image: Image.Image, **options: object) -> bytes:
    return saved(image, "JPEG", quality=95, **options)


OTHER: dict[str, Callable[[], bytes]] = {
    "a profile": lambda: _of(scene(SIZE), icc_profile=display_p3()),
    "a profile in parts": lambda: behind_its_start(*_parts_of_a_profile(3, (1, 2, 3))),
    "a profile in parts, in another order": lambda: behind_its_start(*reversed(_parts_of_a_profile(3, (1, 2, 3)))),
    "a linear profile": lambda: _of(scene(SIZE), icc_profile=profile(b"RGB ", 1.0)),
    "grey": lambda: _of(scene(SIZE).convert("L")),
    "grey with a profile of greys": lambda: _of(scene(SIZE).convert("L"), icc_profile=profile(b"GRAY", 1.0)),
    "grey with a profile of colours": lambda: _of(scene(SIZE).convert("L"), icc_profile=display_p3()),
    "CMYK, inverted by Adobe": lambda: _of(scene(SIZE).convert("CMYK")),
    "turned by Exif": lambda: with_exif(UPRIGHT_6),
    "turned by an Exif that is not the first": lambda: behind_its_start(
        segment(0xE1, b"Exif\0\0garbage"), segment(0xE1, b"Exif\0\0" + UPRIGHT_6)
    ),
    "turned by Exif of four bytes": lambda: with_exif(
        UPRIGHT_6.replace(b"\0\3\0\0\0\1\0\6\0\0", b"\0\4\0\0\0\1\0\0\0\6")
    ),
    "three colours that are no YCbCr": lambda: _without_markers(_of(scene(SIZE), keep_rgb=True), 0xE0),
}


def _to_the_last(marker: bytes, file: bytes) -> bytes:
    return file[: file.rindex(marker)]


def _cut(file: bytes, share: float) -> bytes:
    return file[: int(len(file) * share)]


REFUSED: dict[str, Callable[[], bytes]] = {
    **{f"{share:.0%} of it": lambda share=share: _cut(plain(), share) for share in (0.3, 0.6, 0.9)},
    "60% of it, and an end": lambda: _cut(plain(), 0.6) + b"\xff\xd9",
    "60% of it with restarts, and an end": lambda: _cut(plain(restart_marker_blocks=20), 0.6) + b"\xff\xd9",
    "60% of it with restarts": lambda: _cut(plain(restart_marker_blocks=20), 0.6),
    "to a restart, and no further": lambda: _to_the_last(b"\xff\xd3", plain(restart_marker_blocks=20)),
    "60% of it, grey": lambda: _cut(_of(scene(SIZE).convert("L")), 0.6),
    "30% of it, progressive": lambda: _cut(plain(progressive=True), 0.3),
    "60% of it, progressive": lambda: _cut(plain(progressive=True), 0.6),
    "without its last scan": lambda: _to_the_last(b"\xff\xda", plain(progressive=True)),
    "no pixels": lambda: plain()[: plain().index(b"\xff\xda")],
    "no frame": lambda: _without_markers(plain(), 0xC0),
}
