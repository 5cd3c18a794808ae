"""Frames from one picture: a camera move through a relief that is guessed from the picture.

Where the camera goes is `path`'s, writing the frames `video`'s, pacing the model's. Danger: the relief is a guess
that makes near things move more than far ones, never a measured depth. And coordinates stay fractions of a
pixel everywhere: crops at whole pixels would jitter in a move as slow as this one.
"""

import math

import cv2
import numpy as np

from model_proc.model import Image
from model_proc.path import PIVOT, CameraPath, View
from model_proc.relief import Plane, guess_relief, relief_of_part

Size = tuple[int, int]  # width, height

LONGEST_ASPECT = 3.0  # a longer picture is laid on a canvas of this shape
FINEST_DENSITY = 1.25  # canvas pixels per video pixel, for the moment the camera is nearest
THINNEST = 16  # video pixels across a framed picture; a line thinner than that would vanish
GRID = 4  # video pixels between the points at which the move is computed


class Move:
    """A camera move along `path` over `image`, in frames `shorter_side` pixels high or wide.

    Takes a picture of any shape, 1×1 too. Frames have even sides and stand upright as the picture does.
    """

    def __init__(self, image: Image, shorter_side: int, path: CameraPath) -> None:
        height, width = image.shape[:2]
        self.size = clip_size(width, height, shorter_side)
        lay_out = framed if max(width, height) > LONGEST_ASPECT * min(width, height) else filled
        self._path = path
        self._canvas, relief = lay_out(image, self.size)
        grid = math.ceil(self.size[0] / GRID), math.ceil(self.size[1] / GRID)
        self._relief = cv2.resize(relief, grid, interpolation=cv2.INTER_LINEAR)
        self._grid_u, self._grid_v = _places(grid)
        u, v = _places(self.size)
        self._columns = u * self._canvas.shape[1] - np.float32(0.5)
        self._rows = v * self._canvas.shape[0] - np.float32(0.5)

    def frame(self, moment: float) -> Image:
        """The RGB frame at `moment` of the move, 0–1."""
        du, dv = self._offsets(self._path.view(moment))
        columns = cv2.resize(du * np.float32(self._canvas.shape[1]), self.size)
        rows = cv2.resize(dv * np.float32(self._canvas.shape[0]), self.size)
        cv2.add(columns, self._columns, dst=columns)
        cv2.add(rows, self._rows, dst=rows)
        # Cubic: a linear one would soften and sharpen the picture visibly as it crosses the pixels.
        seen = cv2.remap(self._canvas, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(seen, np.uint8)

    def travel(self, moment: float) -> tuple[Plane, Plane]:
        """What is seen at each point of a coarse grid: its place in the picture, as shares of width and height."""
        du, dv = self._offsets(self._path.view(moment))
        return self._grid_u + du, self._grid_v + dv

    def _offsets(self, view: View) -> tuple[Plane, Plane]:
        """How far away lies what is seen at each grid point, as shares of width and height."""
        relief = self._relief
        from_left, from_top = self._grid_u - np.float32(0.5), self._grid_v - np.float32(0.5)
        # Where all is equally far this is the picture of a turned plane, so what is straight stays straight.
        turned = 1 + np.float32(view.yaw) * from_left + np.float32(view.pitch) * from_top
        for _ in range(3):
            # The relief of the place that a point shows, not of the point: so what is near takes its
            # outline along, instead of moving under a mask that stands still.
            scale = (1 - (view.far + (view.near - view.far) * relief)) / turned - 1
            du = view.pan_x + view.sway * (relief - PIVOT) + from_left * scale
            dv = view.pan_y + view.rise * (relief - PIVOT) + from_top * scale
            relief = _sample(self._relief, self._grid_u + du, self._grid_v + dv)
        return du, dv


# The canvas


def clip_size(width: int, height: int, shorter_side: int) -> Size:
    """The size of the video of a picture: its shape, up to 1:3 or 3:1, with even sides."""
    short = max(2, shorter_side // 2 * 2)
    aspect = min(max(width, height) / min(width, height), LONGEST_ASPECT)
    long = round(short * aspect / 2) * 2
    return (long, short) if width >= height else (short, long)


def filled(image: Image, size: Size) -> tuple[Image, Plane]:
    """A canvas that the picture fills, finer than the video where it has the pixels; and its relief."""
    density = min(max(1.0, min(image.shape[1] / size[0], image.shape[0] / size[1])), FINEST_DENSITY)
    canvas = resized(image, (round(size[0] * density), round(size[1] * density)))
    return canvas, guess_relief(image)


def framed(image: Image, size: Size) -> tuple[Image, Plane]:
    """A canvas on which the whole picture lies over a dark, blurred copy of itself; and its relief."""
    backdrop = resized(image, (max(1, size[0] // 24), max(1, size[1] // 24)))
    canvas = resized(np.asarray(cv2.GaussianBlur(backdrop, (0, 0), 2.5) * 0.4, np.uint8), size)
    scale = min(size[0] / image.shape[1], size[1] / image.shape[0])
    width, height = (max(THINNEST, round(side * scale)) for side in image.shape[1::-1])
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    part = slice(top, top + height), slice(left, left + width)
    canvas[part] = resized(image, (width, height))
    return canvas, relief_of_part(part, size)


def resized(image: Image, size: Size) -> Image:
    """The image at `size`: by areas in the direction in which it shrinks, by cubics where it grows."""
    fewer = min(size[0], image.shape[1]), min(size[1], image.shape[0])
    shrunk = cv2.resize(image, fewer, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _places(size: Size) -> tuple[Plane, Plane]:
    """The middle of each pixel as shares of width and height, 0–1."""
    u = (np.arange(size[0], dtype=np.float32) + np.float32(0.5)) / np.float32(size[0])
    v = (np.arange(size[1], dtype=np.float32) + np.float32(0.5)) / np.float32(size[1])
    columns, rows = np.meshgrid(u, v)
    return columns, rows


def _sample(plane: Plane, u: Plane, v: Plane) -> Plane:
    height, width = plane.shape
    columns, rows = u * np.float32(width) - np.float32(0.5), v * np.float32(height) - np.float32(0.5)
    return cv2.remap(plane, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
