"""TIFF (6.0) and BigTIFF: the directory of the first picture.

Decoding is left to Pillow, which gets a directory of what says how pixels lie, and nothing else. Danger:
Pillow takes some kinds that it cannot read, and makes noise of them: those are read here in another way,
or refused.
"""

import struct
from collections.abc import Mapping, Sequence

from PIL import Image, ImageChops

from leyline.errors import DamagedPicture, UnsupportedFormat
from leyline.pictures.colour import by_profile
from leyline.pictures.containers.exif import ORIENTATION, SHORT, SIZES, Form
from leyline.pictures.pixels import Size, eight_bits_deep
from leyline.pictures.still import Limit, Still

REDUCED, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PLANAR = 254, 258, 259, 262, 277, 284
PLACES = (273, 279, 324, 325)  # where strips or tiles lie, and how long each is
COLOURS, EXTRA, FORMAT, PROFILE, DNG = 320, 338, 339, 34675, 50706
OF_PIXELS = {  # the tags by which a decoder goes
    *(256, 257, BITS, COMPRESSION, PHOTOMETRIC, 266, SAMPLES, 278, PLANAR, 292, 293, 317, COLOURS, 322, 323),
    *(*PLACES, EXTRA, FORMAT, 347, *range(512, 522), 529, 530, 532),
}
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK = 0, 1, 2, 3, 5
PLANES = {WHITE_IS_ZERO: "L", BLACK_IS_ZERO: "L", RGB: "RGB", CMYK: "CMYK"}
IN_PLANES, UNCOMPRESSED = 2, 1
SEEN_THROUGH = {1: "a", 2: "A"}  # an extra sample: opacity that the colours are multiplied with, or are not
UNSIGNED = 1
FORMS = {b"II*\0": Form("<"), b"MM\0*": Form(">"), b"II+\0": Form("<", True), b"MM\0+": Form(">", True)}

Lines = Mapping[int, bytes]  # entries of a directory by their tags


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    directory = Directory(file)
    _refuse_camera_raw(directory)
    profile = directory.entries.get(PROFILE)
    colour = by_profile(file[profile.place : profile.place + profile.count]) if profile else None
    if _lies_in_planes(directory):
        first = limit.opened(directory.plane(0), "TIFF")
        return Still(first.size, lambda enough: _by_planes(directory, limit), colour, directory.orientation)
    image = limit.opened(_bare(directory), "TIFF")

    def decode(enough: Size) -> Image.Image:
        image.load()
        return _corrected(image, directory)

    return Still(image.size, decode, colour, directory.orientation)


def _refuse_camera_raw(directory: "Directory") -> None:
    """Raw files are TIFF files whose first picture is only a small preview."""
    if directory.number(REDUCED) & 1 or DNG in directory.entries:
        raise UnsupportedFormat(
            "Camera raw files are not supported. Save the picture as JPEG or PNG and send that."
        )


class Directory:
    """What a file says of its first picture."""

    def __init__(self, file: bytes) -> None:
        self.file = file
        self.form = FORMS[file[:4]]
        (start,) = struct.unpack_from(self.form.number, file, 8 if self.form.is_big else 4)
        self.entries = {entry.tag: entry for entry in reversed([*self.form.entries(file, start)])}
        self.photometric = self.number(PHOTOMETRIC)
        self.bits = self.numbers(BITS, 1)
        self.samples = self.number(SAMPLES, 1)
        self.formats = self.numbers(FORMAT, UNSIGNED)
        self.orientation = orientation if 1 <= (orientation := self.number(ORIENTATION, 1)) <= 8 else 1

    def numbers(self, tag: int, *usual: int) -> tuple[int, ...]:
        entry = self.entries.get(tag)
        return (self.form.numbers(self.file, entry) if entry else ()) or usual

    def number(self, tag: int, usual: int = 0) -> int:
        return self.numbers(tag, usual)[0]

    def shorts(self, tag: int, values: Sequence[int]) -> bytes:
        """An entry of values that fit into it."""
        packed = struct.pack(f"{self.form.order}{len(values)}H", *values)
        return self.form.entry(tag, SHORT, len(values), packed)

    def bare(self, changed: Lines, more: bytes = b"") -> bytes:
        """The file with a directory of what says how pixels lie, some of it changed; `more` lies at `end`."""
        kept = {tag: entry.raw for tag, entry in self.entries.items() if tag in OF_PIXELS}
        lines = [line for _, line in sorted({**kept, **changed}.items()) if line]
        count = struct.pack(self.form.order + ("Q" if self.form.is_big else "H"), len(lines))
        first = struct.pack(self.form.number, self.end + len(more))
        head = self.file[: 8 if self.form.is_big else 4] + first
        padding = bytes(len(self.file) % 2)
        return b"".join((head, memoryview(self.file)[len(head) :], padding, more, count, *lines, bytes(len(first))))

    @property
    def end(self) -> int:
        return len(self.file) + len(self.file) % 2

    def plane(self, number: int) -> bytes:
        """The file as if this one of its samples were a grey picture, and all of it."""
        kept = (
            (PHOTOMETRIC, BLACK_IS_ZERO),
            (SAMPLES, 1),
            (BITS, self.bits[0]),
            (FORMAT, self.formats[0]),
            (PLANAR, 1),
        )
        lines = {tag: self.shorts(tag, (value,)) for tag, value in kept} | {EXTRA: b""}
        for tag in PLACES:
            if entry := self.entries.get(tag):
                count = entry.count // self.samples
                length = count * SIZES[entry.kind]
                place = entry.place + number * length
                fits = length <= struct.calcsize(self.form.number)
                value = self.file[place : place + length] if fits else struct.pack(self.form.number, place)
                lines[tag] = self.form.entry(tag, entry.kind, count, value)
        return self.bare(lines)


# Planes


def _lies_in_planes(directory: Directory) -> bool:
    channels = len(PLANES.get(directory.photometric, ""))
    return (
        directory.number(PLANAR, 1) == IN_PLANES
        and 0 < channels <= directory.samples
        and directory.samples > 1
        and set(directory.bits) in ({8}, {16})
        and set(directory.formats) == {UNSIGNED}
    )


def _by_planes(directory: Directory, limit: Limit) -> Image.Image:
    mode = PLANES[directory.photometric]
    channels = len(mode)
    if mode != "CMYK" and directory.samples > channels:
        mode += SEEN_THROUGH.get(directory.number(EXTRA), "")
    planes = []
    for number in range(len(mode)):
        plane = limit.opened(directory.plane(number), "TIFF")
        plane.load()
        planes.append(eight_bits_deep(plane))
    if directory.photometric == WHITE_IS_ZERO:
        planes[0] = ImageChops.invert(planes[0])
    return Image.merge(mode, planes) if len(mode) > 1 else planes[0]


# What Pillow makes wrong


def _bare(directory: Directory) -> bytes:
    """The file of its pixels alone, in which nothing is said that Pillow misunderstands before it decodes."""
    if _is_deep_and_inverted(directory):
        return directory.bare({PHOTOMETRIC: directory.shorts(PHOTOMETRIC, (BLACK_IS_ZERO,))})
    colours = directory.numbers(COLOURS)
    if directory.photometric == PALETTE and colours and max(colours) < 256:  # they should reach to 65535
        wide = struct.pack(f"{directory.form.order}{len(colours)}H", *(value * 257 for value in colours))
        place = struct.pack(directory.form.number, directory.end)
        return directory.bare({COLOURS: directory.form.entry(COLOURS, SHORT, len(colours), place)}, wide)
    return directory.bare({})


def _corrected(image: Image.Image, directory: Directory) -> Image.Image:
    """The decoded image, as it is meant where Pillow misunderstands it in decoding. Others are refused."""
    if _is_deep_and_inverted(directory):
        if not image.mode.startswith("I;16"):
            raise DamagedPicture
        return ImageChops.invert(eight_bits_deep(image))
    if image.mode == "F" and directory.form.order == ">" and directory.number(COMPRESSION, 1) != UNCOMPRESSED:
        return Image.frombytes("F", image.size, image.tobytes(), "raw", "F;32BF")  # swapped once too often
    if image.mode == "I" and directory.formats[0] == UNSIGNED and _has_negatives(image):
        raise DamagedPicture
    return image


def _is_deep_and_inverted(directory: Directory) -> bool:
    return directory.photometric == WHITE_IS_ZERO and max(directory.bits) > 8


def _has_negatives(image: Image.Image) -> bool:
    """Whether numbers are so large that Pillow takes them for negative ones."""
    low, _ = image.getextrema()
    assert isinstance(low, (int, float))
    return low < 0
