"""A stand-in for a heavy model: takes as long as one, and makes a real video of the picture meanwhile.

The video is that of `parallax`. Danger: it must cost hardly more than waiting would, so each frame
is made when its moment comes, never in a hurry that starves the server of the processor.
"""

import time
from collections.abc import Mapping

from model_proc.model import Clip, Image, Report
from model_proc.parallax import LOOKING, MOVING, Choices, Moving, choices, warm_up

SHARE_OF_LOOKING = 0.03  # of the time, before the first frame
PATIENCE_SECONDS = 0.1  # longest wait without a word, which is how soon a cancel is heard


class SimulatedModel:
    """A stand-in for a heavy model: takes 30 seconds for each picture, and makes a real video of it.

    Parameters: `model_seconds` (30), `clip_seconds` (6), and `clip_height` (720), the shorter side in pixels. It
    takes longer than `model_seconds` when its frames need longer.
    """

    def __init__(self, parameters: Mapping[str, float | str]) -> None:
        self._model_seconds = float(parameters.get("model_seconds", 30))
        self._clip_height = int(parameters.get("clip_height", 720))
        self.Parameters = choices(float(parameters.get("clip_seconds", 6)))

    def load(self) -> None:
        warm_up()

    def generate(self, image: Image, clip: Clip, report: Report, parameters: Choices | None = None) -> None:
        pace = Pace(self._model_seconds, report)
        pace.reach(0, LOOKING)
        moving = Moving(image, self._clip_height, clip.fps, parameters or self.Parameters())
        pace.reach(SHARE_OF_LOOKING, LOOKING)
        for number, frame in enumerate(moving.frames()):
            pace.reach(SHARE_OF_LOOKING + (1 - SHARE_OF_LOOKING) * number / moving.count, MOVING)
            clip.write(frame)
        pace.reach(1, MOVING)


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
