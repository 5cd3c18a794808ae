"""BMP, of Windows and of OS/2, in all that browsers read of it: its header and its table of colours.

Nothing is left to Pillow but to unpack rows of bytes; runs are unpacked by `bmp_runs`. Danger: the header
has grown for forty years and files mix its parts, so what stands here is what browsers make of them.
"""

import struct
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageMath

from leyline.errors import DamagedPicture
from leyline.pictures.colour import Colour, by_profile
from leyline.pictures.containers.bmp_runs import unpacked
from leyline.pictures.pixels import BAND_PIXELS, Size
from leyline.pictures.still import Limit, Still

FILE_HEADER_BYTES = 14
CORE = 12  # the length of the oldest header; other lengths up to 64 are OS/2's, but for Windows' own
WINDOWS, WITH_MASKS, WITH_ALPHA, WITH_COLOURS, WITH_PROFILE = 40, 52, 56, 108, 124
RAW, RLE8, RLE4, BIT_FIELDS, RLE24, ALPHA_BIT_FIELDS = 0, 1, 2, 3, 4, 6
RUNS = {(RLE8, 8), (RLE4, 4), (RLE24, 24)}
EMBEDDED = b"DEBM"  # the kind of colours whose profile is in the file

Masks = tuple[int, int, int, int]  # the bits of a pixel that are red, green, blue and opacity
BYTES = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
USUAL_MASKS: dict[int, Masks] = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}


def read(file: bytes, limit: Limit) -> Still:
    """See `containers`."""
    header = Header.of(file)
    limit.judge(*header.size)
    if header.bits in USUAL_MASKS:
        masks = _masks(header)
        image = _rows(header, *(("I", "I;32") if header.bits == 32 else ("I;16", "I;16")))
        if masks[3] and not _is_anything_seen(image, masks[3]):
            masks = (*masks[:3], 0)  # who shows nothing meant no opacity
        return Still(header.size, lambda enough: image, _colour(header), plain=partial(_by_masks, masks))
    if (header.compression, header.bits) in RUNS:
        return Still(header.size, lambda enough: _runs(header), _colour(header))
    if header.compression != RAW:
        raise DamagedPicture
    return Still(header.size, lambda enough: _plain_rows(header), _colour(header))


@dataclass(frozen=True)
class Header:
    """What the two headers of a file say."""

    file: bytes
    length: int
    width: int
    height: int
    is_upright: bool  # the first row is the top one
    bits: int  # of a pixel
    compression: int
    colours: int  # in the table; 0: as many as there can be
    offset: int  # of the pixels

    @classmethod
    def of(cls, file: bytes) -> "Header":
        offset, length = struct.unpack_from("<II", file, 10)
        if length == CORE:
            width, height, _, bits = struct.unpack_from("<4H", file, 18)
            return cls(file, length, width, height, False, bits, RAW, 0, offset)
        if length not in (*range(16, 65), WITH_COLOURS, WITH_PROFILE):
            raise DamagedPicture
        fields = file[18 : FILE_HEADER_BYTES + length].ljust(WINDOWS, b"\0")
        width, height, _, bits, compression, _, _, _, colours = struct.unpack_from("<iiHHIIiiI", fields)
        return cls(file, length, width, abs(height), height < 0, bits, compression, colours, offset)

    @property
    def size(self) -> Size:
        return self.width, self.height

    @property
    def has_fields(self) -> bool:
        return self.compression in (BIT_FIELDS, ALPHA_BIT_FIELDS)

    @property
    def end(self) -> int:
        """Where the header ends, and the masks that may follow it."""
        masks = {BIT_FIELDS: 12, ALPHA_BIT_FIELDS: 16}.get(self.compression, 0) if self.length == WINDOWS else 0
        return FILE_HEADER_BYTES + self.length + masks

    @property
    def table(self) -> bytes:
        """The colours as blue, green, red and nothing, 256 of them."""
        step = 3 if self.length == CORE else 4
        table = self.file[self.end : min(self.end + step * self._colours, self.pixels)]
        entries = (table[at : at + 3] for at in range(0, min(len(table), 256 * step) - 2, step))
        return b"\0".join((*entries, b"")).ljust(1024, b"\0")

    @property
    def pixels(self) -> int:
        """Where the pixels begin. Some files name the place of the table instead."""
        step = 3 if self.length == CORE else 4
        return self.offset if self.offset > self.end or self.bits > 8 else self.end + step * self._colours

    @property
    def _colours(self) -> int:
        return self.colours or (1 << self.bits if self.bits <= 8 else 0)


def _colour(header: Header) -> Colour | None:
    if header.length < WITH_PROFILE or header.file[70:74] != EMBEDDED:
        return None
    place, length = struct.unpack_from("<II", header.file, 126)
    return by_profile(header.file[FILE_HEADER_BYTES + place : FILE_HEADER_BYTES + place + length])


# Rows


def _rows(header: Header, mode: str, raw_mode: str) -> Image.Image:
    bits = header.width * header.bits
    step = (bits + 31) // 32 * 4
    data = header.file[header.pixels : header.pixels + step * header.height]
    missing = step * header.height - len(data)
    if missing > step - (bits + 7) // 8:  # more than what fills up the last row
        raise DamagedPicture
    return Image.frombuffer(
        mode, header.size, data + bytes(missing), "raw", raw_mode, step, 1 if header.is_upright else -1
    )


def _plain_rows(header: Header) -> Image.Image:
    if header.bits == 24:
        return _rows(header, "RGB", "BGR")
    image = _rows(header, "P", {1: "P;1", 2: "P;2", 4: "P;4", 8: "P"}[header.bits])
    image.putpalette(header.table, "BGRX")
    return image


def _runs(header: Header) -> Image.Image:
    pixels, drawn = unpacked(header.file[header.pixels :], header.size, header.bits)
    direction = 1 if header.is_upright else -1
    if header.bits == 24:
        image = Image.frombytes("RGB", header.size, pixels, "raw", "BGR", 0, direction)
    else:
        image = Image.frombytes("P", header.size, pixels, "raw", "P", 0, direction)
        image.putpalette(header.table, "BGRX")
    if 0 not in drawn:
        return image
    seen = Image.frombytes("L", header.size, drawn, "raw", "L", 0, direction)
    black = Image.new("RGB", header.size)
    black.paste(image.convert("RGB"), mask=seen)
    return black


# Bit fields


def _masks(header: Header) -> Masks:
    red, green, blue, alpha = USUAL_MASKS[header.bits]
    place = FILE_HEADER_BYTES + WINDOWS
    has_alpha = header.compression == ALPHA_BIT_FIELDS or header.length >= WITH_ALPHA
    if header.has_fields:
        red, green, blue = struct.unpack_from("<3I", header.file, place)
    elif header.compression != RAW:
        raise DamagedPicture
    elif header.bits == 16 or header.length < WITH_COLOURS:
        has_alpha = False
    if has_alpha:
        (alpha,) = struct.unpack_from("<I", header.file, place + 12)
    return red, green, blue, alpha


def _by_masks(masks: Masks, band: Image.Image) -> Image.Image:
    told = masks if masks[3] else masks[:3]
    if band.mode == "I" and set(told) <= set(BYTES):  # the usual case, and quicker
        planes = Image.frombytes("RGBA", band.size, band.tobytes()).split()
        channels = [planes[BYTES.index(mask)] for mask in told]
    else:
        pixels = band.convert("I")
        channels = [_channel(pixels, mask) for mask in told]
    return Image.merge("RGBA", channels).convert("RGBa") if masks[3] else Image.merge("RGB", channels)


def _channel(pixels: Image.Image, mask: int) -> Image.Image:
    """What the bits of a mask say, from 0 to 255."""
    if not mask:
        return Image.new("L", pixels.size)
    shift = (mask & -mask).bit_length() - 1
    most = mask >> shift
    if most & (most + 1):  # there is a gap in it
        raise DamagedPicture
    if most > 255:  # the upper eight bits will do
        shift, most = shift + most.bit_length() - 8, 255
    channel = ImageMath.lambda_eval(
        lambda of: of["convert"](((of["pixels"] >> shift & most) * 255 + most // 2) / most, "L"), pixels=pixels
    )
    assert isinstance(channel, Image.Image)
    return channel


def _is_anything_seen(image: Image.Image, mask: int) -> bool:
    rows = max(1, BAND_PIXELS // image.width)
    bands = (
        image.crop((0, top, image.width, min(top + rows, image.height))) for top in range(0, image.height, rows)
    )
    return any(_channel(band.convert("I"), mask).getbbox() for band in bands)
