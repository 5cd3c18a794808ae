"""High dynamic range and wide colours brought into BT.709: a table that FFmpeg's `lut3d` applies to each frame.

Which frames need it is left to `taking`. Curves are those of ITU-R BT.2100, the toning is BT.2408's idea: what
ordinary pictures show stays as it is, and only what is brighter is bent into the rest. Danger: tables have 33 steps
of each channel, which is enough only because they count in the source's own curve.
"""

import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 33  # of each channel
WHITE_NITS = 203.0  # of ordinary pictures beside these (BT.2408)
PEAK_NITS = 1000.0  # of the brightest that is kept apart
KNEE = 0.8  # of white: what is darker stays as it is
PQ, HLG = 16, 18  # code points of transfer curves (ITU-T H.273)
BT2020_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])

Light = NDArray[np.float64]


def table(transfer: int) -> Light:
    """What BT.709 shows for each colour of BT.2020 under this curve: (33³, 3), 0–1, red the fastest."""
    steps = np.linspace(0, 1, STEPS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    light = _light(np.stack([red, green, blue], axis=-1).reshape(-1, 3), transfer)
    if transfer in (PQ, HLG):
        light = _toned(light)
    return _video_values(np.clip(light @ BT2020_TO_BT709.T, 0, 1))


def filter_in(graph: Any, transfer: int) -> Any:
    """A filter of this graph of PyAV's that applies the table, read at once from a file that goes again."""
    with tempfile.NamedTemporaryFile("w", suffix=".cube") as file:
        file.write(f"LUT_3D_SIZE {STEPS}\n")
        np.savetxt(file, table(transfer), fmt="%.6f")
        file.flush()
        return graph.add("lut3d", file=file.name, interp="tetrahedral")


def _light(values: Light, transfer: int) -> Light:
    """Linear light, in which 1 is the white of ordinary pictures."""
    if transfer == PQ:
        power = values ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        return np.asarray(nits / WHITE_NITS)
    if transfer == HLG:
        scene = np.where(
            values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
        )
        luma = scene @ LUMA_2020
        shown = scene * np.maximum(luma, 1e-9)[:, None] ** 0.2  # as on a screen of 1000 nits
        return np.asarray(shown * PEAK_NITS / WHITE_NITS)
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


def _toned(light: Light) -> Light:
    """The same with everything up to the peak at most 1: colours keep their hue, for all channels shrink alike."""
    brightest = np.maximum(light.max(axis=1), 1e-9)
    peak, room = PEAK_NITS / WHITE_NITS, 1 - KNEE
    above = np.clip((brightest - KNEE) / (peak - KNEE), 0, 1)
    # A curve that leaves the knee with slope 1 and reaches 1 at the peak.
    slope = (peak - KNEE) / room
    bent = KNEE + room * (slope * above) / (1 + (slope - 1) * above)
    return np.asarray(light * (np.where(brightest <= KNEE, brightest, bent) / brightest)[:, None])


def _video_values(light: Light) -> Light:
    return np.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099)
