"""The interface that a model implements, and what it is given.

A model is any class with these two methods, named to the server as `package.module:Class`. It needs
no base class. It is built without arguments, unless its `__init__` has a parameter of the name
`parameters`: that gets the server's settings for models, a mapping of names to numbers and strings.
"""

from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # RGB, shape (height, width, 3)


class Canceled(BaseException):
    """Raised by `report` when somebody canceled the task; let it pass.

    Not an `Exception`: it is an order, and a model's own `except Exception` must not swallow it.
    """


class Unsuitable(Exception):
    """To be raised by a model for a picture of which it can make no video, with a sentence for whoever sent it.

    `raise Unsuitable("No face was found.")`: the task fails at once and is not tried again, and its people read
    the sentence, at most 300 characters of it in one line, as the model's own.
    """


class Report(Protocol):
    def __call__(self, progress: float | None, stage: str = "generating") -> None:
        """Tell people how far the task is: `progress` from 0 to 100, `stage` in one or two words.

        None as `progress` says that the model is at work and nobody knows its share: no percentage is shown, until
        there is a number again. Call it as often as is convenient. Raises `Canceled` when the task was canceled,
        and `ValueError` for NaN or a number outside 0–100.
        """


class Clip(Protocol):
    """The video being made."""

    fps: int
    """Frames per second, 30 unless set before the first `write`."""

    def write(self, frame: Image) -> None:
        """Append one RGB frame. The first fixes the size (an odd edge is cropped by one pixel)."""

    def take(self, path: str | PathLike[str]) -> None:
        """Make the finished video file at `path` the clip: once, and instead of writing frames.

        For models that write a video themselves. MP4, QuickTime, WebM, Matroska, AVI and MPEG-TS of at most half an
        hour; what browsers play is copied without loss, anything else is encoded; it may have sound. The file stays
        where it is. Raises `ValueError` with a plain sentence for one that is damaged, not complete or no video.
        """


class Model(Protocol):
    def load(self) -> None:
        """Load weights, once, before the first picture. May take as long as it takes."""

    def generate(self, image: Image, clip: Clip, report: Report, **chosen: Any) -> None:
        """Write the frames of one video made from `image` to `clip`. Any exception fails the task only.

        A model without `Parameters` takes three arguments and no more. One that has them (see `parameters`) takes
        another, `parameters`: an instance of its own class.
        """
