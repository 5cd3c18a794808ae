"""What is written around the pixels of a picture costs it nothing, and what lacks pixels is refused."""

import pytest
from PIL import Image, ImageChops, ImageStat

from leyline.errors import DamagedPicture, TooManyPixels
from tests.kinds import bmp, gif, iso_media, jpeg, png, png_colours, tiff, webp
from tests.kinds.profiles import display_p3
from tests.picture_bench import Bench
from tests.pictures import BLUE, GREEN, QUARTERS, RED, WHITE, YELLOW, alike, probe, quarters, scene

TOLERANCE = 2  # of 255, on average


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def named(**tables):
    return [
        pytest.param(make, id=f"{kind} {name}") for kind, table in tables.items() for name, make in table.items()
    ]


def unlike(this, that):
    """How far two images are apart, on average over all samples."""
    assert this.size == that.size
    return sum(ImageStat.Stat(ImageChops.difference(this, that)).mean) / 3


@pytest.mark.parametrize("make", named(png=png.SAME, webp=webp.SAME, avif=iso_media.AVIF_SAME, bmp=bmp.UNSEEN))
def test_what_is_around_its_pixels_costs_no_picture(bench, make):
    assert bench.prepare(make()) == scene().size
    assert unlike(bench.seen(), scene()) <= TOLERANCE


@pytest.mark.parametrize("make", named(jpeg=jpeg.SAME))
def test_what_is_around_its_pixels_costs_no_jpeg(bench, make):
    assert bench.prepare(make()) == jpeg.SIZE
    assert unlike(bench.seen(), scene(jpeg.SIZE)) <= TOLERANCE


@pytest.mark.parametrize(
    "make",
    named(
        png=png.REFUSED,
        jpeg=jpeg.REFUSED,
        gif=gif.REFUSED,
        webp=webp.REFUSED,
        bmp=bmp.REFUSED,
        tiff=tiff.REFUSED,
        avif=iso_media.AVIF_REFUSED,
        heic=iso_media.HEIC_REFUSED,
    ),
)
def test_what_lacks_pixels_or_is_read_by_nobody_is_refused(bench, make):
    assert isinstance(bench.refusal(make()), DamagedPicture)


@pytest.mark.parametrize(("name", "make"), tiff.SAME.items(), ids=tiff.SAME)
def test_every_tiff_that_is_accepted_is_right(bench, name, make):
    expected = (RED, GREEN, WHITE if "glass" in name else BLUE, YELLOW)
    if "grey" in name:
        expected = [(round(0.299 * red + 0.587 * green + 0.114 * blue),) * 3 for red, green, blue in expected]
    assert bench.prepare(make()) == (96, 64)
    assert alike(quarters(bench.seen()), expected)


@pytest.mark.parametrize("make", named(webp=webp.TURNED))
def test_a_webp_is_turned_by_exif(bench, make):
    assert bench.prepare(make()) == scene().size[::-1]
    assert unlike(bench.seen(), scene().transpose(Image.Transpose.ROTATE_270)) <= TOLERANCE


# HEIC, which few browsers show


@pytest.mark.parametrize("make", named(heic=iso_media.HEIC_SAME))
def test_a_heic_is_read(bench, make):
    assert bench.prepare(make()) == (96, 64)
    assert alike(quarters(bench.seen()), QUARTERS)


def test_a_heic_of_tiles_is_one_picture_and_the_first(bench):
    assert bench.prepare(iso_media.heic_of_tiles()) == (192, 128)
    seen = bench.seen()
    for box in ((0, 0, 96, 64), (96, 0, 192, 64), (0, 64, 96, 128), (96, 64, 192, 128)):
        assert alike(quarters(seen.crop(box)), QUARTERS)


@pytest.mark.parametrize(
    ("properties", "turn"),
    [
        ((iso_media.turned(1),), Image.Transpose.ROTATE_90),
        ((iso_media.turned(2),), Image.Transpose.ROTATE_180),
        ((iso_media.turned(3),), Image.Transpose.ROTATE_270),
        ((iso_media.mirrored(1),), Image.Transpose.FLIP_LEFT_RIGHT),
        ((iso_media.mirrored(0),), Image.Transpose.FLIP_TOP_BOTTOM),
    ],
)
def test_a_heic_is_turned_as_its_properties_say(bench, properties, turn):
    expected = probe().transpose(turn)
    assert bench.prepare(iso_media.heic(*properties)) == expected.size
    assert alike(quarters(bench.seen()), quarters(expected))


@pytest.mark.parametrize("colours", [iso_media.nclx(12, 13, full_range=False), iso_media.icc(display_p3())])
def test_a_heic_in_display_p3_keeps_its_look(bench, colours):
    """As the browser shows the same colours in an AVIF."""
    bench.prepare(iso_media.heic(colours))
    assert alike(quarters(bench.seen()), ((218, 0, 6), (0, 144, 49), (28, 60, 208), (255, 219, 0)), 8)


def test_a_heic_has_the_same_limit_as_others(bench):
    refusal = bench.refusal(iso_media.heic(), max_pixels=6000)
    assert isinstance(refusal, TooManyPixels)
    assert refusal.extra == {"limit": 6000, "actual": 6144}


# Colours, as the browser shows them


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        (png_colours.cicp(12, 13), (0, 225, 0)),
        (png_colours.cicp(9, 16), (0, 255, 0)),
        (png.gamma(1.0), (110, 239, 110)),
    ],
)
def test_a_png_whose_colours_no_profile_tells_keeps_its_look(bench, colours, expected):
    bench.prepare(png_colours.coloured(Image.new("RGB", (16, 16), (40, 220, 40)), colours))
    assert alike([bench.seen().getpixel((8, 8))], [expected], 2)
