"""Models that write their frames otherwise than evenly, and wait for a test's word in the middle."""

import os
import time
from pathlib import Path

import numpy as np

FRAME = np.full((32, 32, 3), 100, np.uint8)


def wait(report, stage):
    """Until there is a file `go-on` in the data folder."""
    while not (Path(os.environ["LEYLINE_DATA_DIR"]) / "go-on").exists():
        report(50, stage)
        time.sleep(0.05)


class AtTheEnd:
    """Thinks, and then writes everything at once."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        wait(report, "thinking")
        for _ in range(3 * clip.fps):
            clip.write(FRAME)


class FallsSilent:
    """Writes more than five seconds at once, and then no frame for a long time."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        for _ in range(5 * clip.fps + clip.fps // 2):
            clip.write(FRAME)
        wait(report, "thinking")
