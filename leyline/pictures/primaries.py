"""The colours of light that numbers can stand for, as ITU-T H.273 names them, and the way from one to another.

Pixels are left to `colour`. Numbers are those of the standards named; where they tell something of
pictures that have no light of their own, a browser's reading of it counts.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

Vector = Sequence[float]
Matrix = Sequence[Vector]

WHITE_NITS = 203  # the white of ordinary pictures beside ones of high dynamic range (ITU-R BT.2408)
PQ, HLG = 16, 18

# Chromaticities: x and y of white, red, green and blue

D65, ILLUMINANT_C = (0.3127, 0.329), (0.31, 0.316)
SRGB = (*D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
BT2020 = (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
PRIMARIES = {
    1: SRGB,
    4: (*ILLUMINANT_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    8: (*ILLUMINANT_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: BT2020,
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}

# Curves: the light that an encoded value from 0 to 1 stands for


def srgb_light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4)


def srgb_value(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055


def _video_light(value: float) -> float:
    """What a television's screen makes of video (ITU-R BT.1886), not what its camera saw."""
    return math.pow(value, 2.4)


def _smpte240_light(value: float) -> float:
    return value / 4 if value < 0.0913 else math.pow((value + 0.1115) / 1.1115, 1 / 0.45)


def _pq_light(value: float) -> float:
    """SMPTE ST 2084, as a multiple of the white of ordinary pictures."""
    root = math.pow(value, 32 / 2523)
    share = max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return 10_000 / WHITE_NITS * math.pow(share, 16384 / 2610)


def _hlg_light(value: float) -> float:
    """ARIB STD-B67: light of the scene."""
    if value <= 0.5:
        return value * value / 3
    return (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


CURVES: dict[int, Callable[[float], float]] = {
    1: _video_light,
    4: lambda value: math.pow(value, 2.2),
    5: lambda value: math.pow(value, 2.8),
    6: _video_light,
    7: _smpte240_light,
    8: lambda value: value,
    11: _video_light,
    13: srgb_light,
    14: _video_light,
    15: _video_light,
    PQ: _pq_light,
    17: lambda value: math.pow(value, 2.6) * 52.37 / 48,
    HLG: _hlg_light,
}

# From one to another

BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


@cache
def conversion(these: Vector, those: Vector) -> Matrix:
    """What makes light in `these` primaries light in `those`, white to white.

    Raises `ZeroDivisionError` for primaries that span no colours.
    """
    return _product(_inverse(_to_xyz(those)), _to_xyz(these))


def _to_xyz(chromaticities: Vector) -> Matrix:
    """From light in these primaries to XYZ as it looks under D65, by Bradford's adaptation."""
    white, *primaries = (_xyz(*chromaticities[at : at + 2]) for at in (0, 2, 4, 6))
    columns = _transposed(primaries)
    shares = _applied(_inverse(columns), white)
    own = tuple(tuple(value * share for value, share in zip(row, shares, strict=True)) for row in columns)
    here, there = _applied(BRADFORD, white), _applied(BRADFORD, _xyz(*D65))
    gains = tuple(tuple(there[i] / here[i] if i == j else 0.0 for j in range(3)) for i in range(3))
    return _product(_inverse(BRADFORD), _product(gains, _product(BRADFORD, own)))


def _xyz(x: float, y: float) -> Vector:
    """A point of this chromaticity; which one does not matter but for white, whose y is never 0."""
    return (x / y, 1.0, (1 - x - y) / y) if y else (x, 0.0, 1 - x)


def _transposed(matrix: Iterable[Vector]) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _applied(matrix: Matrix, vector: Vector) -> Vector:
    return tuple(sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix)


def _product(left: Matrix, right: Matrix) -> Matrix:
    return _transposed(_applied(left, column) for column in _transposed(right))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return tuple(tuple(value / determinant for value in row) for row in adjugate)
