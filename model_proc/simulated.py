"""A stand-in for a heavy model: takes as long as one, and makes a real video of the picture meanwhile.

The move in the video is `motion`'s. Danger: it must cost hardly more than waiting would, so each frame
is made when its moment comes, never in a hurry that starves the server of the processor.
"""

import time
from collections.abc import Mapping

import cv2
import numpy as np

from model_proc.model import Clip, Image, Report
from model_proc.motion import Move

LOOKING = 0.03  # share of the time before the first frame
PATIENCE_SECONDS = 0.1  # longest wait without a word, which is how soon a cancel is heard


class SimulatedModel:
    """Takes `model_seconds` for a picture, or longer when its frames need longer.

    Parameters: `model_seconds` (30), `clip_seconds` (6), and `clip_height` (720), the shorter side in pixels.
    """

    def __init__(self, parameters: Mapping[str, float | str]) -> None:
        self._model_seconds = float(parameters.get("model_seconds", 30))
        self._clip_seconds = float(parameters.get("clip_seconds", 6))
        self._clip_height = int(parameters.get("clip_height", 720))

    def load(self) -> None:
        """Let OpenCV prepare itself on a picture of nothing, and keep it to one core."""
        cv2.setNumThreads(1)
        Move(np.zeros((32, 32, 3), np.uint8), 32).frame(0.5)

    def generate(self, image: Image, clip: Clip, report: Report) -> None:
        pace = Pace(self._model_seconds, report)
        pace.reach(0, "looking at the picture")
        move = Move(image, self._clip_height)
        pace.reach(LOOKING, "looking at the picture")
        frames = max(1, round(self._clip_seconds * clip.fps))
        for number in range(frames):
            pace.reach(LOOKING + (1 - LOOKING) * number / frames, "generating")
            clip.write(move.frame(number / frames))
        pace.reach(1, "generating")


class Pace:
    """The time of one run, from now: nothing is reached before its share of `seconds` has passed."""

    def __init__(self, seconds: float, report: Report) -> None:
        self._seconds = seconds
        self._report = report
        self._began = time.monotonic()

    def reach(self, share: float, stage: str) -> None:
        """Report the way to `share` (0–1) of the run, waiting where the work was quicker than the time."""
        while (ahead := share * self._seconds - (time.monotonic() - self._began)) > 0:
            self._report(100 * (share - ahead / self._seconds), stage)
            time.sleep(min(ahead, PATIENCE_SECONDS))
        self._report(100 * share, stage)
