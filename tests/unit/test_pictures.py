"""From whatever was sent to the upright, bounded picture that the model sees, and its thumbnail."""

import itertools
import stat
import struct
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from leyline.errors import DamagedPicture, DiskLow
from leyline.pictures import preparation
from leyline.pictures.pixels import bounded, shrunk
from tests.kinds.png import png
from tests.kinds.profiles import display_p3
from tests.kinds.tiff import tiff
from tests.photographs import photograph
from tests.picture_bench import Bench
from tests.picture_samples import SAMPLES, SECRET, private, sample
from tests.pictures import (
    BLACK,
    FORMATS,
    GREEN,
    QUARTERS,
    RED,
    WHITE,
    alike,
    probe,
    quarters,
    saved,
    snapshot,
)

TURNED_BACK = {  # EXIF orientation → how a camera stores what is upright in the end
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


# Colours and shapes


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_and_mode_looks_right(bench, name):
    assert bench.prepare(sample(name)) == (96, 64)
    assert alike(quarters(bench.seen()), SAMPLES[name][1])
    with Image.open(bench.thumbnail) as still:
        assert alike(quarters(still), SAMPLES[name][1], 20)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_a_picture_is_turned_upright(bench, name, orientation):
    stored = probe().transpose(TURNED_BACK[orientation]) if orientation > 1 else probe()
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert bench.prepare(FORMATS[name](stored, exif=exif)) == (96, 64)
    assert alike(quarters(bench.seen()), QUARTERS)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(bench, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert bench.prepare(FORMATS["jpeg"](probe(), exif=exif)) == (96, 64)
    assert alike(quarters(bench.seen()), QUARTERS)


def test_sixteen_bits_are_scaled_not_clipped(bench):
    row = struct.pack(">4H", 0, 0x4000, 0x8000, 0xFFFF)
    bench.prepare(png(struct.pack(">IIBBBBB", 4, 1, 16, 0, 0, 0, 0), b"\0" + row))
    assert [bench.seen().getpixel((x, 0))[0] for x in range(4)] == pytest.approx([0, 64, 128, 255], abs=3)


def test_twelve_bits_reach_to_white(bench):
    bench.prepare(tiff((2, 1), bytes((0x00, 0x0F, 0xFF)), bits=(12,), photometric=1))
    assert [bench.seen().getpixel((x, 0))[0] for x in range(2)] == pytest.approx([0, 255], abs=3)


@pytest.mark.parametrize(
    ("mode", "values"), [("I", (-5_000, 0, 5_000)), ("F", (-1.0, 0.0, 1.0)), ("F", (0, 5e5, 1e6))]
)
def test_deep_grey_of_any_range_goes_from_black_to_white(bench, mode, values):
    image = Image.new(mode, (3, 1))
    for x, value in enumerate(values):
        image.putpixel((x, 0), value)
    bench.prepare(saved(image, "TIFF"))
    assert [bench.seen().getpixel((x, 0))[0] for x in range(3)] == pytest.approx([0, 128, 255], abs=3)


@pytest.mark.parametrize("value", [0, 77, -3])
def test_deep_grey_of_one_value_is_a_plain_picture(bench, value):
    bench.prepare(saved(Image.new("I", (8, 8), value), "TIFF"))
    assert bench.seen().getpixel((4, 4)) == pytest.approx((max(value, 0),) * 3, abs=3)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_floats_that_are_no_numbers_are_refused_not_guessed(bench, value):
    assert isinstance(bench.refusal(saved(Image.new("F", (8, 8), value), "TIFF")), DamagedPicture)


def test_a_wide_colour_of_a_phone_keeps_its_look(bench):
    # Display P3's (234, 51, 35) is sRGB's purest red; without its profile it would look dull.
    bench.prepare(saved(Image.new("RGB", (32, 32), (234, 51, 35)), "PNG", icc_profile=display_p3()))
    assert alike([bench.seen().getpixel((16, 16))], [(255, 0, 0)])


@pytest.mark.parametrize("profile", [b"no profile", display_p3()[:200], display_p3().replace(b"RGB ", b"CMYK")])
def test_a_broken_or_foreign_profile_costs_no_picture(bench, profile):
    bench.prepare(saved(probe(), "JPEG", quality=90, icc_profile=profile))
    assert alike(quarters(bench.seen()), QUARTERS)


def test_a_half_transparent_colour_is_mixed_with_white(bench):
    bench.prepare(saved(Image.new("RGBA", (8, 8), (*BLACK, 128)), "PNG"))
    assert alike([bench.seen().getpixel((4, 4))], [(127, 127, 127)], 3)


def test_what_is_transparent_does_not_bleed_its_hidden_colour_when_shrunk(bench):
    image = Image.new("RGBA", (6000, 40), (255, 0, 0, 0))
    for x in range(0, 6000, 2):
        image.paste((*BLACK, 255), (x, 0, x + 1, 40))
    bench.prepare(saved(image, "PNG"))
    assert alike([bench.seen().getpixel((1000, 6))], [(128, 128, 128)], 20)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((1, 1), (1, 1)),
        ((3, 5), (3, 5)),
        ((1, 60_000), (1, 2048)),
        ((60_000, 1), (2048, 1)),
        ((20_000, 9), (2048, 1)),
        ((2049, 1000), (2048, 1000)),
        ((5000, 2501), (2048, 1024)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1"])
def test_every_shape_comes_through(bench, size, kept, mode):
    colour = {"RGB": RED, "RGBA": (*RED, 255), "P": RED, "1": 255}[mode]
    assert bench.prepare(saved(Image.new(mode, size, colour), "PNG")) == size
    seen = bench.seen()
    assert seen.size == kept
    assert alike([seen.getpixel((kept[0] // 2, kept[1] // 2))], [WHITE if mode == "1" else RED])
    with Image.open(bench.thumbnail) as still:
        assert max(still.size) == min(320, max(size))


@pytest.mark.parametrize("size", [(65_000, 1), (1, 65_000), (9, 17), (8000, 11)])
def test_jpegs_of_every_shape_come_through(bench, size):
    assert bench.prepare(FORMATS["jpeg"](Image.new("RGB", size, GREEN))) == size
    seen = bench.seen()
    assert max(seen.size) == min(max(size), 2048) or 1920 <= max(seen.size) <= 2048
    assert alike([seen.getpixel((seen.width // 2, seen.height // 2))], [GREEN])


def test_a_large_picture_is_bounded_and_keeps_its_fine_parts_in_place(bench):
    image = probe((5000, 3000))
    image.paste(BLACK, (2500, 1500, 2600, 1600))
    assert bench.prepare(FORMATS["png"](image)) == (5000, 3000)
    seen = bench.seen()
    assert seen.size == (2048, 1229)
    assert alike(quarters(seen), QUARTERS)
    assert alike([seen.getpixel((1044, 635))], [BLACK])


def test_a_phones_photo_is_kept_with_its_shape(bench):
    assert bench.prepare(snapshot(1, (4032, 3024))) == (4032, 3024)
    assert bench.seen().size == (2016, 1512)


@pytest.mark.parametrize(
    ("name", "options"), [("gif", {}), ("png", {}), ("webp", {"lossless": True}), ("tiff", {}), ("avif", {})]
)
def test_only_the_first_frame_counts(bench, name, options):
    later = [Image.new("RGB", (96, 64), BLACK) for _ in range(3)]
    bench.prepare(FORMATS[name](probe(), save_all=True, append_images=later, **options))
    assert alike(quarters(bench.seen()), QUARTERS)


def test_the_first_of_a_cameras_two_pictures_counts(bench):
    file = saved(probe(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))], quality=90)
    assert bench.prepare(file) == (96, 64)
    assert alike(quarters(bench.seen()), QUARTERS)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK"])
def test_bands_and_shrinking_leave_no_seams(bench, mode):
    """A soft slope stays soft where one band ends and the next begins."""
    slope = Image.linear_gradient("L").resize((3001, 4999))
    file = saved(slope.convert(mode), "TIFF" if mode == "CMYK" else "PNG")
    bench.prepare(file)
    column = list(ImageOps.grayscale(bench.seen()).crop((600, 0, 601, 2048)).tobytes())
    steps = [abs(one - other) for one, other in itertools.pairwise(column)]
    assert max(steps) <= (8 if mode == "P" else 3)
    assert column[0] <= 4 and column[-1] >= 251


# What is written


@pytest.mark.parametrize("name", private())
def test_nothing_private_is_in_what_is_kept(bench, name):
    file = private()[name]
    assert SECRET.encode() in file
    bench.prepare(file)
    for output in (bench.picture, bench.thumbnail):
        assert SECRET.encode() not in output.read_bytes()
        assert set(markers(output.read_bytes())) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}  # JFIF, tables, frame, scan


def markers(jpeg):
    """The markers of a JPEG's segments up to its pixels."""
    at = 2
    while True:
        assert jpeg[at] == 0xFF
        yield jpeg[at + 1]
        if jpeg[at + 1] == 0xDA:
            return
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")


def test_both_files_are_for_the_owner_only(bench):
    bench.prepare(sample("jpeg"))
    assert [stat.S_IMODE(path.stat().st_mode) for path in (bench.picture, bench.thumbnail)] == [0o600, 0o600]


def test_the_picture_keeps_all_its_colour_detail(bench):
    bench.prepare(sample("png"))
    with Image.open(bench.picture) as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


def test_a_full_disk_is_not_the_pictures_fault(bench, tmp_path):
    bench.picture.symlink_to("/dev/full")
    with pytest.raises(DiskLow):
        bench.prepare(sample("jpeg"))


# A JPEG's own pixels, and how larger ones are shrunk


def small_photograph(**options):
    image = Image.fromarray(photograph(3, 640, 400))
    return image, saved(image, "JPEG", quality=90, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"subsampling": 0},
        {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()},
        {"exif": b"Exif\0\0SECRET", "comment": b"SECRET", "xmp": b"SECRET"},
        {"restart_marker_rows": 1},
    ],
    ids=["baseline", "progressive", "full chroma", "a profile of sRGB", "metadata", "restarts"],
)
def test_a_small_plain_jpeg_keeps_its_own_pixels_and_nothing_else(bench, options):
    _, file = small_photograph(**options)
    bench.prepare(file + b"SECRET behind the end")
    with Image.open(BytesIO(file)) as sent:
        assert ImageChops.difference(sent.convert("RGB"), bench.seen()).getbbox() is None
    kept = bench.picture.read_bytes()
    assert len(kept) <= len(file) and kept.endswith(b"\xff\xd9")
    assert b"SECRET" not in kept and b"ICC_PROFILE" not in kept


def test_metadata_between_the_scans_of_a_jpeg_is_left_out_too(bench):
    _, file = small_photograph(progressive=True)
    second = file.index(b"\xff\xda", file.index(b"\xff\xda") + 2)
    bench.prepare(file[:second] + b"\xff\xfe\0\x08SECRET" + file[second:])
    assert b"SECRET" not in bench.picture.read_bytes()
    with Image.open(BytesIO(file)) as sent:
        assert ImageChops.difference(sent, bench.seen()).getbbox() is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda image: saved(image, "JPEG", exif=turned(6)), "it lies on its side"),
        (lambda image: saved(image, "JPEG", icc_profile=display_p3()), "its colours are others"),
        (lambda image: saved(image.convert("L"), "JPEG"), "it is grey"),
        (lambda image: saved(image, "JPEG")[:-2], "it does not end"),
        (lambda image: many_scans(image, 100), "it has scans without end"),
        (lambda image: saved(image.resize((2100, 1300)), "JPEG"), "it is too large"),
    ],
)
def test_any_other_jpeg_is_made_anew(bench, change, why):
    image, _ = small_photograph()
    file = change(image)
    bench.prepare(file)
    kept = bench.picture.read_bytes()
    assert kept[:200] != file[:200] and kept[-100:] != file[-100:], why
    assert max(bench.seen().size) <= 2048


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def many_scans(image, scans):
    file = saved(image, "JPEG", progressive=True)
    last = file.rindex(b"\xff\xda")
    return file[:last] + file[last:-2] * scans + file[-2:]


@pytest.mark.parametrize("width", [2100, 2500, 3000, 4100])
def test_a_photograph_is_shrunk_as_well_as_by_lanczos(bench, width):
    image = Image.fromarray(photograph(5, width, 300))
    bench.prepare(saved(image, "PNG", compress_level=1))
    best = image.resize(bench.seen().size, Image.Resampling.LANCZOS)
    differences = ImageStat.Stat(ImageChops.difference(best, bench.seen())).mean
    assert max(differences) < 1.5, "one step in the shrinking, half a step in the file's own rounding"


@pytest.mark.parametrize(("width", "height"), [(1500, 1000), (2500, 1600), (1600, 2500)])
def test_poster_and_thumbnail_are_as_good_as_by_lanczos(width, height):
    """The thumbnail is made of the poster, and that of the picture."""
    image = Image.fromarray(photograph(5, width, height))
    poster = preparation.poster_of(shrunk(image, bounded(image.size, 2048)))
    for small, side in ((poster, 1280), (preparation.thumbnail_of(poster), 320)):
        assert max(small.size) == side
        best = image.resize(small.size, Image.Resampling.LANCZOS)
        assert max(ImageStat.Stat(ImageChops.difference(best, small)).mean) < 1


def test_a_thumbnail_has_the_shape_of_its_picture_whether_or_not_there_is_a_poster(bench):
    bench.source.write_bytes(saved(Image.fromarray(photograph(5, 1500, 1000)), "PNG", compress_level=1))
    poster = bench.source.with_name("poster")
    sizes = []
    for wanted in (None, poster):
        preparation.measure(bench.source, 50_000_000).write(bench.picture, bench.thumbnail, wanted)
        with Image.open(bench.thumbnail) as still:
            sizes.append(still.size)
    with Image.open(poster) as still:
        assert still.size == (1280, 853)
    assert sizes == [(320, 213), (320, 213)]


def test_fine_lines_keep_their_weight_when_shrunk(bench):
    """Each line as wide as a pixel, ten apart: in the smaller picture none is lost, and none is twice as dark."""
    image = Image.new("L", (2500, 400), 255)
    for x in range(5, 2500, 10):
        image.paste(0, (x, 0, x + 1, 400))
    bench.prepare(saved(image, "PNG"))
    row = [255 - value for value in bench.seen().convert("L").crop((0, 100, 2048, 101)).tobytes()]
    weights = [sum(row[round(at) - 4 : round(at) + 5]) for at in (x * 2048 / 2500 for x in range(15, 2490, 10))]
    assert min(weights) > 0.9 * 255 * 2048 / 2500
    assert max(weights) < 1.1 * 255 * 2048 / 2500
