"""The table of picture formats that are accepted, and which one a file has, by its first bytes.

Whether the rest of the file keeps that promise is left to `containers`. Danger: a wrong guess decides
what people are told, never what is decoded — the decoder is limited to the one format named here.
"""

import re
from dataclasses import dataclass

from leyline.errors import NotAPicture, UnsupportedFormat

LONGEST_SIDE = 2048  # of what is kept of a picture, in pixels
HEAD_BYTES = 4096  # what `identify` wants to see; SVG may begin with a long comment


@dataclass(frozen=True)
class Format:
    """A format, how its files call themselves, and how they are known: by a pattern or by a brand."""

    name: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    head: bytes = rb"(?!)"  # a pattern of the first bytes
    brands: frozenset[bytes] = frozenset()  # of ISO media files (ISO/IEC 14496-12, 4.3)


FORMATS = (
    Format("JPEG", ("image/jpeg",), (".jpg", ".jpeg", ".jpe", ".jfif"), rb"\xff\xd8\xff"),
    Format("PNG", ("image/png",), (".png", ".apng"), rb"\x89PNG\r\n\x1a\n"),
    Format("WEBP", ("image/webp",), (".webp",), rb"RIFF.{4}WEBP"),
    Format("GIF", ("image/gif",), (".gif",), rb"GIF8[79]a"),
    Format("BMP", ("image/bmp",), (".bmp", ".dib"), rb"BM.{12}[\x0c-\xff]\0\0\0"),  # a header is that long
    Format("TIFF", ("image/tiff",), (".tif", ".tiff"), rb"(II[*+]\0|MM\0[*+])(?!.{4}CR)"),  # CR: Canon's raw
    Format("AVIF", ("image/avif",), (".avif", ".avifs"), brands=frozenset({b"avif", b"avis"})),
    Format(
        "HEIC",
        ("image/heic", "image/heif"),
        (".heic", ".heif", ".hif"),
        brands=frozenset(
            {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
            | {b"mif1", b"mif2", b"mif3", b"msf1"}  # of any coding, and HEVC's where no other brand says more
        ),
    ),
)
MEDIA_TYPES = tuple(media_type for each in FORMATS for media_type in each.media_types)
SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)

REFUSED = {
    rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51": "JPEG 2000",
    rb"\0\0\0\x0cJXL |\xff\x0a": "JPEG XL",
    rb"II\xbc\x01": "JPEG XR",
    rb"%PDF-": "PDF",
    rb"%!PS": "PostScript",
    rb"8BPS": "Photoshop",
    rb"gimp xcf": "GIMP",
    rb"\0\0\x01\0|icns": "icon",
    rb"\xd7\xcd\xc6\x9a": "Windows Metafile",
    rb"v/1\x01": "OpenEXR",
    rb"#\?RADIANCE": "Radiance HDR",
    rb"DDS ": "DirectDraw",
    rb"qoif": "QOI",
    rb"II\*\0.{4}CR|FUJIFILMCCD-RAW|IIRO|IIU\0|.{4}ftypcrx ": "camera raw",
    rb"P[1-7]\s+(#.*\n)*\s*\d": "Netpbm",
}
SVG = re.compile(rb"\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg[\s>])", re.IGNORECASE)


def identify(head: bytes) -> str:
    """The name of the accepted format that a file with this `head` has.

    Raises `UnsupportedFormat`, naming it, for a kind of picture we do not accept, else `NotAPicture`.
    """
    if name := _accepted(head):
        return name
    if name := _refused(head):
        raise UnsupportedFormat(f"{name} files are not supported. Save the picture as JPEG or PNG and send that.")
    raise NotAPicture


def _accepted(head: bytes) -> str | None:
    brands = _brands(head)
    return next((each.name for each in FORMATS if brands & each.brands or _begins(head, each.head)), None)


def _refused(head: bytes) -> str | None:
    text = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")  # UTF-8 or UTF-16
    if SVG.match(text) and b"<svg" in text:
        return "SVG"
    return next((name for pattern, name in REFUSED.items() if _begins(head, pattern)), None)


def _begins(head: bytes, pattern: bytes) -> bool:
    return bool(re.match(pattern, head, re.DOTALL))


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO media file (a box `ftyp`): the major one, the small print of it, the compatible ones."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[at : at + 4] for at in (8, *range(12, end, 4))}
