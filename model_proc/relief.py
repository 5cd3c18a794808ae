"""A relief guessed from one picture: which of its parts are probably nearer than others.

Moving a camera through it is left to `motion`. Danger: this is a guess from four habits of people who
take pictures, not a measurement of depth; it must be gentle enough to look well where it is wrong.
"""

import cv2
import numpy as np
from cv2.typing import MatLike

from model_proc.model import Image

Plane = MatLike  # one float32 per pixel, shape (height, width)
Colours = MatLike  # three float32 per pixel, shape (height, width, 3)

LONGEST_SIDE = 256  # pixels of the thumbnail from which the relief is guessed
OUTLINE = 0.02  # how far a near thing's relief reaches over its outline, as a share of the longest side
SOFTNESS = 0.05  # blur of the relief, likewise: slopes so gentle that nothing tears and a post hardly bows
MIDDLE = np.float32(0.45)  # neither far nor near


def guess_relief(image: Image) -> Plane:
    """0 (far) to 1 (near) for each pixel of a thumbnail of `image`; smooth everywhere."""
    small = _thumbnail(image)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    middle, ground = _middle(small.shape[:2]), _ground(small.shape[:2])
    guess = 0.45 * _unlike_the_edges(lab) * (0.35 + 0.65 * middle) + 0.15 * _sharpness(lab[..., 0])
    guess += 0.15 * middle + 0.45 * ground
    relief = _settled(guess.astype(np.float32), lab[..., 0] / np.float32(100))
    return MIDDLE + (relief - MIDDLE) * np.float32(1 - 0.85 * _drawn(image))


def relief_of_part(part: tuple[slice, slice], size: tuple[int, int]) -> Plane:
    """The relief of a canvas of `size` whose `part` lies like a card before the rest."""
    mask = np.zeros((size[1], size[0]), np.float32)
    mask[part] = 1
    small = cv2.resize(mask, (max(8, size[0] // 8), max(8, size[1] // 8)), interpolation=cv2.INTER_AREA)
    reach = max(small.shape) // 16 * 2 + 1
    card = cv2.dilate(small, np.ones((reach, reach), np.uint8))  # so that the slope begins off the card
    return MIDDLE + (cv2.GaussianBlur(card, (0, 0), reach / 6) - np.float32(0.5)) / 2


def _thumbnail(image: Image) -> Colours:
    height, width = image.shape[:2]
    scale = LONGEST_SIDE / max(height, width)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)


def _drawn(image: Image) -> float:
    """1 for texts and drawings, 0 for photographs: these have hardly two equal pixels side by side.

    Straight lines and letters look broken when they bend, so a drawing gets hardly any relief.
    """
    rows = image[::4]
    equal = float((rows == np.roll(rows, 1, axis=1)).all(axis=2).mean())
    return min(max((equal - 0.3) / 0.3, 0.0), 1.0)


def _unlike_the_edges(lab: Colours) -> Plane:
    """How far each colour is from those along the top and both sides, where backgrounds are."""
    depth = max(1, min(lab.shape[:2]) // 16)
    edges = (lab[:depth], lab[:, :depth], lab[:, -depth:])
    return np.asarray(np.minimum.reduce([_unlike(lab, edge.reshape(-1, 3)) for edge in edges]))


def _unlike(lab: Colours, colours: Colours) -> Plane:
    spread = np.cov(colours, rowvar=False) + 40 * np.eye(3)
    offset = lab - colours.mean(axis=0)
    squared = np.einsum("hwi,ij,hwj->hw", offset, np.linalg.inv(spread), offset)
    return np.asarray(1 - np.exp(-squared / 8), np.float32)


def _sharpness(lightness: Plane) -> Plane:
    """What is in focus is probably what the picture is of."""
    detail = cv2.GaussianBlur(np.abs(cv2.Laplacian(lightness, cv2.CV_32F)), (0, 0), 6)
    return np.asarray(np.minimum(detail / (np.percentile(detail, 95) + 1), 1), np.float32)


def _middle(shape: tuple[int, int]) -> Plane:
    """What a picture is of stands near its middle, a little low."""
    y, x = np.mgrid[-0.5 : 0.5 : shape[0] * 1j, -0.5 : 0.5 : shape[1] * 1j]
    return np.asarray(np.exp(-(x**2 + (y - 0.06) ** 2) / (2 * 0.25**2)), np.float32)


def _ground(shape: tuple[int, int]) -> Plane:
    """The ground comes nearer towards the bottom, the sky is far."""
    y = np.linspace(0, 1, shape[0], dtype=np.float32)
    return np.repeat((y * y * (3 - 2 * y))[:, None], shape[1], axis=1)


def _settled(guess: Plane, guide: Plane) -> Plane:
    side = max(guess.shape)
    guess = _guided(guess, guide, radius=round(side * 0.06), tolerance=0.004)
    reach = 2 * round(side * OUTLINE) + 1
    guess = cv2.dilate(guess, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    guess = cv2.GaussianBlur(guess, (0, 0), side * SOFTNESS)
    low, high = np.percentile(guess, (1, 99))
    return np.asarray(np.clip((guess - low) / max(high - low, 0.05), 0, 1), np.float32)


def _guided(plane: Plane, guide: Plane, radius: int, tolerance: float) -> Plane:
    """The guided filter of He, Sun and Tang (2010): smooths `plane` but for the outlines in `guide`."""

    def mean(values: Plane) -> Plane:
        return cv2.blur(values, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    plane_mean, guide_mean = mean(plane), mean(guide)
    slope = (mean(plane * guide) - plane_mean * guide_mean) / (mean(guide * guide) - guide_mean**2 + tolerance)
    return mean(slope) * guide + mean(plane_mean - slope * guide_mean)
