"""Pictures to be seen on the page, drawn here: mountains, a shore, woods, at some hour of the day.

Nothing private is ever in them, and each seed has another. They are as large and as detailed as what people send
looks on a screen; what they show is nobody's place.
"""

from pathlib import Path

import cv2
import numpy as np

NAMES = (
    "Harbour at dusk",
    "IMG_2031",
    "Ridge",
    "DSC_0442",
    "The lake",
    "P1010207",
    "Market day",
    "Tower",
    "IMG_2044",
)
SHAPES = ((1440, 960), (960, 1280), (1600, 900), (1080, 1080))
# Of each hour: the sky above and at the horizon, the sun, the far hills and the near ones; RGB.
HOURS = (
    ((64, 104, 168), (250, 205, 160), (255, 226, 170), (140, 134, 158), (38, 44, 62)),
    ((112, 168, 220), (226, 238, 244), (255, 255, 240), (128, 160, 178), (34, 74, 62)),
    ((46, 40, 88), (244, 134, 96), (255, 208, 140), (150, 92, 110), (36, 24, 44)),
    ((150, 186, 196), (244, 232, 206), (255, 246, 214), (150, 172, 160), (62, 84, 52)),
    ((20, 34, 70), (96, 132, 172), (236, 240, 250), (60, 88, 122), (10, 20, 34)),
)


def landscape(seed: int) -> np.ndarray:
    """A picture (BGR) in one of four shapes, of one of five hours."""
    chance = np.random.default_rng(seed)
    width, height = SHAPES[seed % len(SHAPES)]
    top, low, sun, far, near = (np.array(colour, float) for colour in HOURS[(3 * seed + seed // 5) % len(HOURS)])
    y, x = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[None, :, None] * width / height
    horizon = chance.uniform(0.52, 0.62)
    picture = _mix(top, low, np.clip(y / horizon, 0, 1) ** 1.4) * np.ones_like(x)
    distance = np.hypot(x - chance.uniform(0.25, 0.75) * width / height, y - horizon + chance.uniform(0.08, 0.3))
    picture = _mix(picture, sun, 0.75 * np.exp(-distance / 0.16) + 0.9 * (distance < 0.032))
    picture = _mix(picture, low + 18, 0.6 * _clouds(chance, width, height) * np.clip(1.3 - y / horizon, 0, 1))
    ranges = 4
    for number in range(ranges):
        nearness = number / (ranges - 1)
        edge = (
            horizon
            - 0.13
            + 0.15 * nearness
            + (0.15 - 0.06 * nearness) * _ridge(chance, width, 0.35 + 0.2 * nearness)
        )
        ground = _mix(_mix(low, far, 0.45 + 0.55 * nearness), near, nearness**1.6)
        haze = np.clip((y - edge[None, :, None]) / 0.3, 0, 1) * (1 - nearness) * 0.55
        inside = np.clip((y - edge[None, :, None]) * height + 0.5, 0, 1)
        picture = _mix(picture, _mix(ground, low, haze), inside)
    if seed % 3 == 1:
        picture = _lake(chance, picture, int(height * (horizon + 0.17)))
    elif seed % 3 == 2:
        picture = _woods(chance, picture, near * 0.5)
    grain = chance.normal(size=(height, width, 1)) * 2.2
    return np.clip(picture + grain, 0, 255).astype(np.uint8)[..., ::-1].copy()


def pictures(folder: Path, count: int = len(NAMES)) -> list[Path]:
    """So many landscapes as files."""
    paths = [folder / f"{NAMES[n % len(NAMES)]}{f' {n}' if n >= len(NAMES) else ''}.jpg" for n in range(count)]
    for seed, path in enumerate(paths):
        if not path.exists():
            cv2.imwrite(str(path), landscape(seed))
    return paths


def _mix(one: np.ndarray, other: np.ndarray, part: np.ndarray | float) -> np.ndarray:
    return one + (other - one) * part


def _ridge(chance: np.random.Generator, width: int, roughness: float) -> np.ndarray:
    """A line from -1 to 1 that is rough at each scale, as hills are against the sky."""
    line = np.zeros(width)
    for octave in range(8):
        points = chance.normal(size=(1, 3 * 2**octave + 1))
        line += roughness**octave * cv2.resize(points, (width, 1), interpolation=cv2.INTER_CUBIC)[0]
    return -line / np.abs(line).max()


def _clouds(chance: np.random.Generator, width: int, height: int) -> np.ndarray:
    """How much cloud there is, from 0 to 1, in long soft banks."""
    total = np.zeros((height, width))
    for octave in range(5):
        cells = chance.random((5 * 2**octave, 2 * 2**octave))
        total += 0.55**octave * cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip((total / total.max() - 0.6) * 3.2, 0, 1)[..., None]


def _lake(chance: np.random.Generator, picture: np.ndarray, shore: int) -> np.ndarray:
    """The same with still water from this row down."""
    rows = len(picture) - shore
    mirrored = (
        picture[shore - 1 : shore - 1 - rows : -1] if shore >= rows + 1 else picture[shore - rows : shore][::-1]
    )
    depth = np.linspace(0, 1, rows)[:, None]
    swell = chance.normal(size=(rows, 1)) * (1 + 7 * depth)
    across = np.arange(picture.shape[1])[None] + cv2.GaussianBlur(swell, (0, 0), 1.2)
    down = np.broadcast_to(np.arange(rows)[:, None], across.shape)
    water = cv2.remap(
        mirrored,
        across.astype(np.float32),
        down.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.vstack([picture[:shore], water * (0.86 - 0.3 * depth[..., None])])


def _woods(chance: np.random.Generator, picture: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The same behind a row of firs."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for x in np.arange(-20, width + 20, 17):
        foot, tall = height * chance.uniform(0.93, 1.05), height * chance.uniform(0.1, 0.24)
        for tier in range(7):
            up, half = foot - tall * tier / 7.5, tall * 0.22 * (1 - tier / 8)
            corners = [(x - half, up), (x, up - tall * 0.3), (x + half, up)]
            cv2.fillPoly(mask, [np.array(corners, np.int32)], 255, cv2.LINE_AA)
    mask[int(height * 0.96) :] = 255
    return _mix(picture, colour, mask[..., None] / 255)
