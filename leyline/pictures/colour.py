"""What the numbers of a picture mean as colours, and how they become sRGB's: about as a browser shows them.

Where a file says so is left to `containers`, the numbers of the standards to `primaries`. Danger: light
is held in numbers of four bytes a sample, several at a time, so it is worked on in bands of rows.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import product
from typing import Any, Protocol

from PIL import Image, ImageChops, ImageCms, ImageMath

from leyline.pictures.pixels import in_bands
from leyline.pictures.primaries import (
    BT2020,
    CURVES,
    HLG,
    PQ,
    PRIMARIES,
    SRGB,
    WHITE_NITS,
    Vector,
    conversion,
    srgb_light,
    srgb_value,
)

USUAL_PEAK_NITS = 1000  # of pictures of high dynamic range that do not say theirs
NEARLY_SRGB = 0.05  # how far an exponent may be from 1/2.2 and still be meant as sRGB's curve

Lights = list[Image.Image]  # red, green and blue: one number for each pixel, 1 is white


class Colour(Protocol):
    """What the numbers of a picture mean."""

    def converted(self, image: Image.Image) -> Image.Image:
        """An image in L, RGB or CMYK as RGB of sRGB."""
        ...


def to_srgb(image: Image.Image, colour: Colour | None) -> Image.Image:
    """The image as RGB of sRGB, by its own colours where they are told and fit."""
    if colour and image.mode != "LAB":
        try:
            return colour.converted(image)
        except MemoryError:
            raise
        except Exception:  # a broken or foreign profile costs the exact colours, not the picture
            pass
    return image.convert("RGB")


@dataclass(frozen=True)
class Profile:
    """A profile of the International Color Consortium."""

    icc: bytes

    def converted(self, image: Image.Image) -> Image.Image:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(BytesIO(self.icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        assert converted is not None
        return converted


@dataclass(frozen=True)
class Coding:
    """Colours by their primaries, and by the light that each of the 256 values of a channel stands for."""

    chromaticities: Vector
    light: tuple[float, ...]
    is_of_scene: bool = False  # as a camera saw it: what a screen makes of it depends on its own brightness
    peak: float = 1.0  # the brightest light that is meant to be seen

    def converted(self, image: Image.Image) -> Image.Image:
        return in_bands(self._converted, image.convert("RGB"))

    def _converted(self, band: Image.Image) -> Image.Image:
        lights = [channel.point(self.light, "F") for channel in band.split()]
        known = self.chromaticities
        if self.peak > 1:
            lights, known = _in_primaries(lights, known, BT2020), BT2020
            if self.is_of_scene:
                lights = _displayed(lights)
            lights = _tone_mapped(lights, self.peak)
        return Image.merge("RGB", [_encoded(light) for light in _in_primaries(lights, known, SRGB)])


def by_profile(icc: bytes) -> Profile | None:
    """The colours of a profile; None where this is none, or says at length that they are sRGB's."""
    return Profile(icc) if icc[36:40] == b"acsp" and not _is_srgb(icc) else None


@lru_cache(maxsize=8)
def _is_srgb(icc: bytes) -> bool:
    """Whether a profile changes no colour by more than one step of its 256."""
    if icc[16:20] != b"RGB ":
        return False
    steps = bytes(range(0, 256, 15))
    colours = Image.frombytes("RGB", (len(steps), len(steps) ** 2), b"".join(map(bytes, product(steps, repeat=3))))
    try:
        change = ImageChops.difference(colours, Profile(icc).converted(colours))
    except Exception:  # one that is broken says nothing
        return False
    return ImageChops.subtract(change, Image.new("RGB", change.size, (1, 1, 1))).getbbox() is None


def knows(primaries: int, transfer: int) -> bool:
    """Whether browsers know these two code points of ITU-T H.273."""
    return primaries in PRIMARIES and transfer in CURVES


def by_code_points(primaries: int, transfer: int, peak_nits: float = 0) -> Coding | None:
    """The colours of two code points that are known; None for sRGB's."""
    chromaticities, curve = PRIMARIES[primaries], CURVES[transfer]
    if (chromaticities, curve) == (SRGB, srgb_light):
        return None
    light = tuple(curve(value / 255) for value in range(256))
    if transfer not in (PQ, HLG):
        return Coding(chromaticities, light)
    return Coding(chromaticities, light, transfer == HLG, (peak_nits or USUAL_PEAK_NITS) / WHITE_NITS)


def by_gamma(gamma: float, chromaticities: Vector | None) -> Coding | None:
    """The colours of an encoding exponent (1/2.2 is usual) and of these primaries; None for sRGB's."""
    if gamma <= 0:
        return None
    if chromaticities is None and abs(gamma * 2.2 - 1) < NEARLY_SRGB:
        return None
    return Coding(chromaticities or SRGB, tuple(math.pow(value / 255, 1 / gamma) for value in range(256)))


# Light


def _in_primaries(lights: Lights, these: Vector, those: Vector) -> Lights:
    if these == those:
        return lights
    return [
        _calculated(lambda of, row=row: of["r"] * row[0] + of["g"] * row[1] + of["b"] * row[2], lights)
        for row in conversion(these, those)
    ]


def _displayed(lights: Lights) -> Lights:
    """Light of a scene as a screen of 1000 nits shows it (ITU-R BT.2100)."""
    luminance = _calculated(
        lambda of: of["max"](of["r"] * 0.2627 + of["g"] * 0.678 + of["b"] * 0.0593, 0.0), lights
    )
    gain = _calculated(lambda of: of["gain"] ** 0.2 * (USUAL_PEAK_NITS / WHITE_NITS), gain=luminance)
    return _times(lights, gain)


def _tone_mapped(lights: Lights, peak: float) -> Lights:
    """Light up to `peak` made light up to 1, the ordinary white in its middle (SMPTE ST 2094-50, annex).

    All three are multiplied by the same, which follows from the greatest: that one stays straight up to 1
    and then goes along a curve of Bézier to the peak.
    """
    white = 1 - 0.5 * min(math.log(peak) / math.log(USUAL_PEAK_NITS / WHITE_NITS), 1)
    x, y = 0.35 + 0.65 / white, 0.35 * white + 0.65  # the curve's middle point; its ends: (1, white), (peak, 1)

    def gain(of: Any) -> Any:
        greatest = of["max"](of["max"](of["max"](of["r"], of["g"]), of["b"]), 1.0)
        beyond = of["min"](greatest, peak) - 1.0
        along = beyond * 2 / ((beyond * (4 * (1 - 2 * x + peak)) + 4 * (x - 1) ** 2) ** 0.5 + 2 * (x - 1))
        return (along * along * (white - 2 * y + 1) + along * (2 * (y - white)) + white) / greatest

    return _times(lights, _calculated(gain, lights))


def _times(lights: Lights, gain: Image.Image) -> Lights:
    return [_calculated(lambda of: of["light"] * of["gain"], light=light, gain=gain) for light in lights]


def _encoded(light: Image.Image) -> Image.Image:
    steps = _calculated(lambda of: of["convert"](of["light"] * 65535.0 + 0.5, "I"), light=light)
    return steps.point(_srgb_values(), "L")  # what is beyond the ends of the table gets the value of its end


@cache
def _srgb_values() -> list[int]:
    return [round(255 * srgb_value(step / 65535)) for step in range(65536)]


def _calculated(formula: Callable[..., Any], lights: Lights | None = None, **others: Image.Image) -> Image.Image:
    result = ImageMath.lambda_eval(formula, **dict(zip("rgb", lights or (), strict=False)), **others)
    assert isinstance(result, Image.Image)
    return result
