"""What the simulated model is made for, drawn here: photographs with a sky, a ground and somebody before them."""

import cv2
import numpy as np


def photograph(seed: int, width: int = 800, height: int = 531) -> np.ndarray:
    """An RGB picture with the grain, the outlines and the soft light of a photograph; another for each seed."""
    chance, size = np.random.default_rng(seed), (height, width)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    horizon = chance.uniform(0.4, 0.6) + 0.1 * (_cloud(chance, size, 1)[:1] - 0.5)
    place = chance.uniform(0.4, 0.6)
    far = _coloured(chance.uniform(150, 230, 3), 30 * _cloud(chance, size, 3) - 60 * y)
    stones = _cloud(chance, size, 2) > 0.5
    near = _coloured(chance.uniform(60, 130, 3), 90 * stones + 60 * _cloud(chance, size, 1))
    head = ((x - place) * width / height) ** 2 + (y - 0.35) ** 2 < 0.1**2
    body = ((x - place) * width / height) ** 2 / 0.2**2 + (y - 0.85) ** 2 / 0.42**2 < 1
    somebody = _coloured(chance.uniform(40, 220, 3), 80 * (_cloud(chance, size, 2) > 0.5))
    picture = np.where((y > horizon)[..., None], near, far)
    picture = np.where((head | body)[..., None], somebody, picture)
    grain = chance.normal(0, 1, (height, width, 1))
    return (cv2.GaussianBlur(picture, (0, 0), 0.8) + grain).clip(0, 255).astype(np.uint8)


def _cloud(chance: np.random.Generator, shape: tuple[int, int], softness: int) -> np.ndarray:
    """Noise from 0 to 1 in which what is wide is strong and what is fine is weak, as in nature."""
    height, width = shape
    total = np.zeros(shape)
    for octave in range(softness, 8):
        cells = chance.random((max(2, height >> octave), max(2, width >> octave))).astype(np.float32)
        total += 1.5**octave * cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return (total - total.min()) / np.ptp(total)


def _coloured(colour: np.ndarray, light: np.ndarray) -> np.ndarray:
    return colour + light[..., None]
