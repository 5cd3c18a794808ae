"""What is not made into a picture: each with its code, its numbers and a sentence that says what to do."""

import struct

import pytest
from PIL import Image

from leyline.errors import DamagedPicture, EmptyFile, NotAPicture, TooManyPixels, UnsupportedFormat
from leyline.pictures import preparation as pictures
from tests.kinds.png import png
from tests.kinds.tiff import SHORT, tiff
from tests.picture_bench import Bench
from tests.picture_samples import sample
from tests.pictures import (
    FORMATS,
    QUARTERS,
    alike,
    grainy,
    probe,
    quarters,
    saved,
)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_an_empty_file_is_told_so(bench):
    assert isinstance(bench.refusal(b""), EmptyFile)


@pytest.mark.parametrize("file", [b"hello", b"\0" * 5000, b"%!", b"GIF8"])
def test_what_is_no_picture_is_told_so(bench, file):
    assert isinstance(bench.refusal(file), NotAPicture)


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_cut_off_is_damaged(bench, name):
    file = FORMATS[name](grainy((120, 90)))
    for length in (len(file) // 4, len(file) // 2, len(file) * 9 // 10):
        assert isinstance(bench.refusal(file[:length]), DamagedPicture)


@pytest.mark.parametrize("name", FORMATS)
def test_a_signature_alone_is_damaged(bench, name):
    file = FORMATS[name](probe())
    length = {"webp": 12, "avif": 32, "bmp": 20}.get(name, 8)
    assert isinstance(bench.refusal(file[:length]), DamagedPicture)


@pytest.mark.parametrize("name", FORMATS)
def test_too_many_pixels_are_refused_with_limit_and_actual(bench, name):
    refusal = bench.refusal(FORMATS[name](Image.new("RGB", (1500, 1001))), 1_500_000)
    assert isinstance(refusal, TooManyPixels)
    assert refusal.extra == {"limit": 1_500_000, "actual": 1_501_500}
    assert "has 1.6 megapixels; the limit is 1.5." in refusal.detail


@pytest.mark.parametrize("name", FORMATS)
def test_as_many_pixels_as_the_limit_are_accepted(bench, name):
    assert bench.prepare(FORMATS[name](probe((300, 101))), 30_300) == (300, 101)


@pytest.mark.parametrize("name", FORMATS)
def test_no_limit_means_none(bench, name):
    assert bench.prepare(FORMATS[name](probe((300, 101))), 0) == (300, 101)


def huge_webp(width, height):
    """A lossless WebP of one colour: the whole file has 40 bytes."""
    bits = (width - 1) | (height - 1) << 14
    data = b"\x2f" + struct.pack("<I", bits) + bytes((0x88, 0x88, 0x08, 0, 0, 0, 0))
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "file",
    [
        huge_webp(16383, 16383),
        png(struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0), b""),
        b"GIF89a"
        + struct.pack("<HH", 65535, 65535)
        + b"\0\0\0,\0\0\0\0"
        + struct.pack("<HH", 65535, 65535)
        + b"\0\x02\0;",
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 10**6, 10**6, 1, 24, 0, 0, 0, 0, 0, 0),
        tiff((100_000, 100_000), b"", bits=(8, 8, 8)),
        sample("jpeg").replace(struct.pack(">HH", 64, 96), struct.pack(">HH", 65535, 65535)),
    ],
    ids=["webp", "png", "gif", "bmp", "tiff", "jpeg"],
)
def test_a_giant_in_a_small_file_is_refused_by_its_header(bench, file):
    refusal = bench.refusal(file)
    assert isinstance(refusal, TooManyPixels)
    assert refusal.extra["actual"] > 200_000_000


def test_the_bytes_decide_not_what_the_file_says_of_itself(bench):
    """A name or a MIME type never comes here; a format inside of another's first bytes is damaged."""
    assert isinstance(bench.refusal(b"\xff\xd8\xff" + sample("png")), DamagedPicture)


@pytest.mark.parametrize("tags", [{254: (SHORT, (1,))}, {50706: (SHORT, (1, 4, 0, 0))}])
def test_a_camera_raw_file_is_not_taken_for_its_preview(bench, tags):
    refusal = bench.refusal(tiff((8, 8), bytes(192), bits=(8, 8, 8), more=tags))
    assert isinstance(refusal, UnsupportedFormat)
    assert "Camera raw" in refusal.detail


def test_broken_metadata_cost_no_picture(bench):
    bench.prepare(saved(probe(), "JPEG", quality=90, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff nonsense"))
    assert alike(quarters(bench.seen()), QUARTERS)


def test_a_decoder_that_runs_out_of_memory_says_so_honestly(bench, monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(pictures, "_upright", no_memory)
    assert "memory" in bench.refusal(sample("png")).detail
