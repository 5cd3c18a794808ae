"""Which format a file has, by its first bytes: one we accept, one we know and refuse, or no picture.

Whether the rest of the file keeps that promise is left to `pictures`. Danger: a wrong guess decides
what people are told, never what is decoded — the decoder is limited to the one format named here.
"""

import re

from leyline.errors import NotAPicture, UnsupportedFormat

HEAD_BYTES = 4096  # what `identify` wants to see; SVG may begin with a long comment

ACCEPTED = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
REFUSED = {
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"II\xbc\x01": "JPEG XR",
    b"%PDF-": "PDF",
    b"%!PS": "PostScript",
    b"8BPS": "Photoshop",
    b"gimp xcf": "GIMP",
    b"\0\0\1\0": "icon",
    b"icns": "icon",
    b"\xd7\xcd\xc6\x9a": "Windows Metafile",
    b"v/1\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"DDS ": "DirectDraw",
    b"qoif": "QOI",
    b"FUJIFILMCCD-RAW": "camera raw",
    b"IIRO": "camera raw",
    b"IIU\0": "camera raw",
}
BRANDS = {  # of ISO media files, in order of preference: a file may name several
    "AVIF": {b"avif", b"avis"},
    "HEIC": {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"},
    "camera raw": {b"crx "},
}
NETPBM = re.compile(rb"P[1-7]\s+(#.*\n)*\s*\d")
SVG = re.compile(rb"\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg[\s>])", re.IGNORECASE)
CANON_RAW = re.compile(rb"II\*\0.{4}CR", re.DOTALL)
BMP_HEADER_SIZES = range(12, 256)  # every known one is within; text that begins with "BM" is not


def identify(head: bytes) -> str:
    """Pillow's name of the accepted format that a file with this `head` has.

    Raises `UnsupportedFormat`, naming it, for a kind of picture we do not accept, else `NotAPicture`.
    """
    if name := _accepted(head):
        return name
    if name := _refused(head):
        raise UnsupportedFormat(f"{name} files are not supported. Save the picture as JPEG or PNG and send that.")
    raise NotAPicture


def _accepted(head: bytes) -> str | None:
    if CANON_RAW.match(head):
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADER_SIZES:
        return "BMP"
    if _media(head) == "AVIF":
        return "AVIF"
    return _by_signature(head, ACCEPTED)


def _refused(head: bytes) -> str | None:
    if CANON_RAW.match(head):
        return "camera raw"
    if NETPBM.match(head):
        return "Netpbm"
    text = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")  # UTF-8 or UTF-16
    if SVG.match(text) and b"<svg" in text:
        return "SVG"
    return _media(head) or _by_signature(head, REFUSED)


def _by_signature(head: bytes, names: dict[bytes, str]) -> str | None:
    return next((name for signature, name in names.items() if head.startswith(signature)), None)


def _media(head: bytes) -> str | None:
    """The kind of an ISO media file (a box `ftyp` with its major and its compatible brands)."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[at : at + 4] for at in (8, *range(16, end, 4))}
    return next((name for name, of_it in BRANDS.items() if brands & of_it), None)
