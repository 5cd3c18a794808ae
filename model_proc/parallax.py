"""A camera move through the picture, as fast as this machine makes it: a model that needs nothing but a processor.

The move itself is `motion`'s and its way `path`'s; here is what people may choose of it. Danger: what is drawn by
chance is drawn from the seed alone, or the same picture with the same seed would become another video.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import cv2
import numpy as np

from model_proc.model import Clip, Image, Report
from model_proc.motion import Move
from model_proc.path import chosen

LOOKING, MOVING = "looking at the picture", "generating"  # stages
LONGEST_SECONDS = 15.0  # unless the operator's own length is longer


class Choices(Protocol):
    """What is chosen for one picture; `choices` makes the class of it, which has the operator's defaults."""

    direction: Literal["any", "in", "out", "left", "right", "around"]
    strength: int
    seconds: float
    loop: bool
    seed: int | None


def choices(usual_seconds: float) -> type[Choices]:
    """The `Parameters` of a camera move, whose video lasts so long unless somebody wants it otherwise."""
    has_steps = usual_seconds >= 1 and float(2 * usual_seconds).is_integer()

    @dataclass
    class Parameters:
        direction: Literal["any", "in", "out", "left", "right", "around"] = field(
            default="any",
            metadata={
                "title": "Camera",
                "help": "Where the camera goes.",
                "labels": {
                    "any": "Another for each picture",
                    "in": "Into the picture",
                    "out": "Out of the picture",
                    "left": "To the left",
                    "right": "To the right",
                    "around": "Around",
                },
            },
        )
        strength: int = field(
            default=100,
            metadata={
                "title": "Strength",
                "help": "How far it goes.",
                "minimum": 25,
                "maximum": 150,
                "step": 5,
                "unit": "%",
            },
        )
        seconds: float = field(
            default=usual_seconds,
            metadata={
                "title": "Length",
                "help": "How long the video is.",
                "minimum": min(1.0, usual_seconds),
                "maximum": max(LONGEST_SECONDS, usual_seconds),
                "unit": "s",
                **({"step": 0.5} if has_steps else {}),
            },
        )
        loop: bool = field(
            default=True,
            metadata={"title": "There and back", "help": "Ends where it began, so that it can go on for ever."},
        )
        seed: int | None = field(
            default=None,
            metadata={
                "title": "Seed",
                "help": "The same seed makes the same video again. Empty: another one for each picture.",
                "seed": True,
            },
        )

    return Parameters


class Moving:
    """The frames of one video: their number is known at once, each is made when it is asked for."""

    def __init__(self, image: Image, shorter_side: int, fps: int, wanted: Choices) -> None:
        seed = seed_of(image) if wanted.seed is None else wanted.seed
        direction = None if wanted.direction == "any" else wanted.direction
        self._move = Move(image, shorter_side, chosen(seed, direction, wanted.strength / 100, wanted.loop))
        self._loop = wanted.loop
        self.count = max(1, round(wanted.seconds * fps))

    def frames(self) -> Iterator[Image]:
        """Each frame in its turn. A loop lacks its last: that would be its first once more."""
        last = self.count if self._loop else max(1, self.count - 1)
        for number in range(self.count):
            yield self._move.frame(number / last)


class ParallaxModel:
    """A camera move through the picture, nearer parts passing farther ones, as fast as this machine makes it."""

    def __init__(self, seconds: float = 6.0, height: int = 720, fps: int = 30) -> None:
        if not 0.1 <= seconds <= 3600:
            raise ValueError(f"seconds must be from 0.1 to 3600, not {seconds:g}")
        if not 16 <= height <= 4320:
            raise ValueError(f"height, the shorter side in pixels, must be from 16 to 4320, not {height}")
        if not 1 <= fps <= 240:
            raise ValueError(f"fps must be from 1 to 240, not {fps}")
        self._height, self._fps = height, fps
        self.Parameters = choices(seconds)

    def load(self) -> None:
        """There is nothing to load."""

    def generate(self, image: Image, clip: Clip, report: Report, parameters: Choices | None = None) -> None:
        clip.fps = self._fps
        report(0, LOOKING)
        moving = Moving(image, self._height, self._fps, parameters or self.Parameters())
        for number, frame in enumerate(moving.frames(), 1):
            clip.write(frame)
            report(100 * number / moving.count, MOVING)


def warm_up() -> None:
    """Let OpenCV prepare itself on a picture of nothing, and keep it to one core."""
    cv2.setNumThreads(1)
    Move(np.zeros((32, 32, 3), np.uint8), 32, chosen(0)).frame(0.5)


def seed_of(image: Image) -> int:
    """A seed that only this picture has."""
    return zlib.crc32(image.tobytes())
