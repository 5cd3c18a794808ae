"""What a file is, told from its first bytes and from nothing else."""

import re
from pathlib import Path

import pytest

from leyline.errors import NotAPicture, UnsupportedFormat
from leyline.formats import HEAD_BYTES, MEDIA_TYPES, SUFFIXES, identify
from tests.pictures import FORMATS, probe

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.mark.parametrize("name", FORMATS)
def test_each_accepted_format_is_known(name):
    file = FORMATS[name](probe())
    assert identify(file[:HEAD_BYTES]).lower() == name


@pytest.mark.parametrize("head", [b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0", b"MM\0*\0\0\0\x08"])
def test_every_kind_of_tiff_is_known(head):
    assert identify(head) == "TIFF"


@pytest.mark.parametrize(
    ("brands", "name"),
    [
        (b"avif\0\0\0\0mif1", "AVIF"),
        (b"mif1\0\0\0\0avif", "AVIF"),
        (b"avis\0\0\0\0msf1", "AVIF"),
        (b"mif1\0\0\0\0heicavif", "AVIF"),
        (b"mif3avif", "AVIF"),
        (b"heic\0\0\0\0mif1heic", "HEIC"),
        (b"mif1\0\0\0\0heix", "HEIC"),
        (b"msf1\0\0\0\0", "HEIC"),
        (b"mif3heic", "HEIC"),
    ],
)
def test_avif_and_heic_are_known_by_any_of_their_brands(brands, name):
    assert identify((8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands) == name


def test_the_media_types_and_suffixes_are_those_of_the_formats():
    assert {"image/jpeg", "image/png", "image/avif", "image/heic"} < set(MEDIA_TYPES)
    assert {".jpg", ".jfif", ".dib", ".heic", ".tif"} < set(SUFFIXES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (SVG, "SVG"),
        (b"\xef\xbb\xbf  \n" + SVG, "SVG"),
        (b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n' + SVG, "SVG"),
        (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>" + SVG, "SVG"),
        (SVG.decode().encode("utf-16"), "SVG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"\0\0\1\0\2\0", "icon"),
        (b"II*\0\x10\0\0\0CR\2\0", "camera raw"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "camera raw"),
        (b"P6\n# by a robot\n2 2\n255\n", "Netpbm"),
    ],
)
def test_a_known_picture_that_is_not_accepted_is_named_and_told_what_to_do(head, name):
    with pytest.raises(UnsupportedFormat) as refusal:
        identify(head)
    assert refusal.value.detail == (
        f"{name} files are not supported. Save the picture as JPEG or PNG and send that."
    )


@pytest.mark.parametrize(
    "head",
    [
        b"\0",
        b"hello, world",
        b"BMW builds cars, and this is a text that begins with the letters of a bitmap",
        b"<html><body><svg></svg></body></html>",
        b'<?xml version="1.0"?><note/>',
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom\0\0\0\1isomavc1",
        b"PK\x03\x04",
        b"#!/bin/sh\necho hello",
        b"\x89PN",
        b"\xff\xd8",
        bytes(HEAD_BYTES),
    ],
)
def test_what_is_no_picture_is_told_so(head):
    with pytest.raises(NotAPicture):
        identify(head)


UPLOADS = Path(__file__).parents[2] / "static" / "uploads"


def test_the_page_names_the_same_formats_before_the_server_has_told_it() -> None:
    """Or the text would change its length, and the page would jump, when the server has."""
    listed = re.search(r"DEFAULT_FORMATS = \[([^\]]*)\]", (UPLOADS / "intake.js").read_text())
    assert listed
    assert [f"image/{name}" for name in re.findall(r'"(\w+)"', listed[1])] == list(MEDIA_TYPES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_page_takes_the_same_names_for_pictures_of_a_folder(suffix: str) -> None:
    pattern = re.search(r"PICTURE = /(.*)/i;", (UPLOADS / "folders.js").read_text())
    assert pattern
    assert re.search(pattern[1], f"a{suffix}", re.I)
    assert not re.search(pattern[1], f"a{suffix}.txt", re.I)
