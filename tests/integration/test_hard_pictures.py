"""A hundred hard pictures from other people's bug reports: each is made right or refused with a reason.

What each file should become was decided by looking at it, and at what was made of it.
"""

from collections.abc import Iterator

import pytest
from PIL import Image

from leyline.pictures.room import needed_bytes
from tests.decoding import Decoding
from tests.hard_pictures import hard_picture
from tests.pictures import BLACK, WHITE, alike

LIMIT = 50_000_000

DAMAGED, UNSUPPORTED, NO_PICTURE, TOO_MANY = (
    "damaged_picture",
    "unsupported_format",
    "not_a_picture",
    "too_many_pixels",
)

# What comes through, and its size as people see it
ACCEPTED = {
    "12in16bit.tif": (100, 100),
    "16bit.MM.deflate.tif": (64, 64),
    "apng__blend_op_over_near_transparent.png": (128, 64),
    "apng__chunk_no_fctl.png": (128, 64),
    "apng__delay_zero_denom.png": (128, 64),
    "apng__mode_16bit.png": (128, 64),
    "avif__exif.avif": (512, 512),
    "avif__hopper-missing-pixi.avif": (128, 128),
    "avif__hopper.heif": (128, 128),
    "avif__rot0mir0.avif": (640, 427),
    "avif__rot1mir0.avif": (640, 427),
    "avif__rot3mir1.avif": (640, 427),
    "avif__star.avifs": (159, 159),
    "avif__transparency.avif": (64, 64),
    "avif__xmp_tags_orientation.avif": (326, 268),
    "background_outside_palette.gif": (1, 1),
    "bmp__b__badpalettesize.bmp": (127, 64),
    "bmp__b__badrle.bmp": (127, 64),
    "bmp__b__pal8badindex.bmp": (127, 64),
    "bmp__g__pal8topdown.bmp": (127, 64),
    "bmp__g__rgb16-565.bmp": (127, 64),
    "bmp__q__pal8oversizepal.bmp": (127, 64),
    "bmp__q__rgba16-4444.bmp": (127, 64),
    "bmp__q__rgba32.bmp": (127, 64),
    "broken_exif_dpi.jpg": (100, 100),
    "comment_after_only_frame.gif": (1, 1),
    "decompression_bomb_extents.gif": (100, 100),
    "dispose_bgnd_transparency.gif": (38, 32),
    "empty_gps_ifd.jpg": (10, 10),
    "exif-dpi-zerodivision.jpg": (200, 200),
    "exif_typeerror.jpg": (800, 531),
    "frame_size.mpo": (56, 70),
    "g4-multi.tiff": (3307, 4677),
    "g4_orientation_6.tif": (590, 88),
    "hopper_16bit_qtables.jpg": (128, 128),
    "hopper_bigtiff.tif": (128, 128),
    "hopper_idat_after_image_end.png": (128, 128),
    "hopper_lzma.tif": (128, 128),
    "hopper_orientation_2.jpg": (128, 128),
    "hopper_orientation_3.jpg": (128, 128),
    "hopper_orientation_4.jpg": (128, 128),
    "hopper_orientation_5.jpg": (128, 128),
    "hopper_orientation_6.jpg": (128, 128),
    "hopper_orientation_6.webp": (128, 128),
    "hopper_orientation_7.jpg": (128, 128),
    "hopper_orientation_8.jpg": (128, 128),
    "hopper_rle8_row_overflow.bmp": (128, 128),
    "hopper_zero_comment_subblocks.gif": (128, 128),
    "i_trns.png": (64, 64),
    "icc-after-SOF.jpg": (10, 10),
    "invalid-exif.jpg": (200, 200),
    "itxt_chunks.png": (2400, 2000),
    "junk_jpeg_header.jpg": (1024, 768),
    "missing_background.gif": (32, 32),
    "multipage_single_frame_loop.tiff": (10, 10),
    "multiple_exif.jpg": (1, 1),
    "orientation_rectangle.jpg": (1, 2),
    "p_trns_single.png": (64, 64),
    "pil_sample_cmyk.jpg": (100, 100),
    "png_decompression_dos.png": (1, 1),
    "tRNS_null_1x1.png": (1, 1),
    "tiff_16bit_RGB.tiff": (100, 40),
    "tiff_16bit_RGBa.tiff": (100, 40),
    "tiff_strip_cmyk_jpeg.tif": (100, 100),
    "tiff_wrong_bits_per_sample.tiff": (52, 53),
    "total-pages-zero.tif": (1728, 2156),
    "transparent.webp": (200, 150),
    "truncated_app14.jpg": (100, 100),
    "truncated_end_chunk.png": (128, 128),
    "two depths.tif": (84, 218),
    "unknown_compression_method.png": (57, 57),
    "width for rows.tif": (218, 84),
    "xmp_tags_orientation_exiftool.png": (10, 10),
    "truncated_jpeg.jpg": (100, 100),  # progressive: all rows are there, the last of their detail is not
}

REFUSED = {
    "16bit.cropped.jp2": UNSUPPORTED,
    "apng__syntax_num_frames_zero.png": DAMAGED,
    "bmp__b__badheadersize.bmp": DAMAGED,
    "bmp__b__reallybig.bmp": TOO_MANY,
    "bmp__b__shortfile.bmp": DAMAGED,
    "bmp__q__rgb24png.bmp": DAMAGED,
    "broken.png": DAMAGED,
    "broken_data_stream.png": DAMAGED,
    "chroma of an unknown type.tif": DAMAGED,
    "chroma unlike the JPEG's.tif": DAMAGED,
    "noise for a directory.tif": DAMAGED,
    "chroma without end.tif": DAMAGED,
    "noise for a directory, and the next beyond the end.tif": DAMAGED,
    "crash-7d4c83eb92150fb8f1653a697703ae06ae7c4998.j2k": UNSUPPORTED,
    "no chroma.tif": DAMAGED,
    "decompression_bomb.gif": TOO_MANY,
    "drawing.wmf": UNSUPPORTED,
    "duplicate_xref_entry.pdf": UNSUPPORTED,
    "hopper_webp.tif": DAMAGED,
    "l2rgb_read.bmp": TOO_MANY,
    "libtiff_segfault.tif": DAMAGED,
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": DAMAGED,
    "pngtest_bad.png.bin": NO_PICTURE,
    "seek_too_large.tif": DAMAGED,
    "tiff_overflow_rows_per_strip.tif": DAMAGED,
    "timeout-6646305047838720": DAMAGED,
    "truncated_image.png": DAMAGED,
    "zero_width.gif": DAMAGED,
}

# A colour that shows at a place (as shares of width and height) where a careless reader goes wrong
PROBES = [
    ("avif__rot0mir0.avif", 0.05, 0.05, (185, 216, 233)),
    ("avif__rot0mir0.avif", 0.95, 0.95, (134, 136, 58)),
    ("avif__rot1mir0.avif", 0.05, 0.05, (185, 216, 233)),
    ("avif__rot1mir0.avif", 0.95, 0.95, (134, 136, 58)),
    ("avif__rot3mir1.avif", 0.05, 0.05, (185, 216, 233)),
    ("avif__rot3mir1.avif", 0.95, 0.95, (134, 136, 58)),
    ("hopper_orientation_2.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_2.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_3.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_3.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_4.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_4.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_5.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_5.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_6.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_6.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_7.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_7.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_8.jpg", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_8.jpg", 0.95, 0.2, (76, 116, 186)),
    ("hopper_orientation_6.webp", 0.02, 0.02, (14, 13, 57)),
    ("hopper_orientation_6.webp", 0.95, 0.2, (76, 116, 186)),
    ("pil_sample_cmyk.jpg", 0.02, 0.02, (254, 14, 25)),
    ("pil_sample_cmyk.jpg", 0.98, 0.98, BLACK),
    ("tiff_strip_cmyk_jpeg.tif", 0.02, 0.02, (254, 14, 25)),
    ("tiff_strip_cmyk_jpeg.tif", 0.98, 0.98, BLACK),
    ("i_trns.png", 0.5, 0.5, WHITE),
    ("i_trns.png", 0.1, 0.5, BLACK),
    ("p_trns_single.png", 0.02, 0.02, (250, 1, 0)),
    ("p_trns_single.png", 0.5, 0.5, WHITE),
    ("avif__transparency.avif", 0.02, 0.02, (250, 1, 0)),
    ("avif__transparency.avif", 0.5, 0.5, WHITE),
    ("transparent.webp", 0.02, 0.02, WHITE),
    ("dispose_bgnd_transparency.gif", 0.98, 0.98, WHITE),
    ("dispose_bgnd_transparency.gif", 0.5, 0.5, (237, 185, 21)),
    ("missing_background.gif", 0.02, 0.02, WHITE),
    ("tRNS_null_1x1.png", 0.5, 0.5, WHITE),
    ("tiff_16bit_RGBa.tiff", 0.02, 0.02, WHITE),
    ("avif__star.avifs", 0.02, 0.02, WHITE),
    ("bmp__g__pal8topdown.bmp", 0.02, 0.02, (251, 2, 0)),
    ("bmp__g__rgb16-565.bmp", 0.02, 0.02, (251, 17, 16)),
    ("bmp__q__rgba32.bmp", 0.02, 0.02, (251, 17, 16)),
    ("apng__mode_16bit.png", 0.5, 0.5, (254, 0, 0)),
    ("orientation_rectangle.jpg", 0.5, 0.5, (254, 0, 0)),
    ("hopper_bigtiff.tif", 0.95, 0.2, (76, 116, 186)),
    ("hopper_lzma.tif", 0.95, 0.2, (76, 116, 186)),
    ("hopper_16bit_qtables.jpg", 0.95, 0.2, (76, 116, 186)),
    ("total-pages-zero.tif", 0.02, 0.02, WHITE),
]


@pytest.fixture(scope="module")
def decoding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decoding]:
    """One helper for the whole corpus: no file may take it along."""
    with Decoding(tmp_path_factory.mktemp("corpus"), LIMIT) as decoding:
        yield decoding
        assert decoding.peak_bytes() < 64 * 2**20 + needed_bytes(LIMIT, 0), "the libraries, and the largest picture"


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_good_picture_comes_through(decoding: Decoding, name: str) -> None:
    answer = decoding.prepare(hard_picture(name))
    assert (answer.get("width"), answer.get("height")) == ACCEPTED[name], answer
    for path in decoding.outputs:
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_picture_is_refused_with_its_reason(decoding: Decoding, name: str) -> None:
    answer = decoding.prepare(hard_picture(name))
    assert answer.get("code") == REFUSED[name], answer
    assert not any(path.exists() for path in decoding.outputs)


@pytest.mark.parametrize(("name", "x", "y", "colour"), PROBES)
def test_a_hard_picture_looks_right(
    decoding: Decoding, name: str, x: float, y: float, colour: tuple[int, ...]
) -> None:
    decoding.prepare(hard_picture(name))
    with Image.open(decoding.outputs[0]) as image:
        seen = image.getpixel((int(x * image.width), int(y * image.height)))
    assert alike([seen], [colour], 25)  # type: ignore[list-item]
