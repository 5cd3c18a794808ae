"""Models that do as they should, each with what a test looks at."""

import fcntl
import os
import sys
import time

import numpy as np

from model_proc.simulated import SimulatedModel


class Tiny:
    """Writes the smallest sensible video at once, for tests of many tasks."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        for shade in (0, 200):
            clip.write(np.full((16, 16, 3), shade, np.uint8))


class EchoColour:
    """Writes the picture itself, ten times: its colours must come back."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.fps = 10
        for number in range(10):
            clip.write(image)
            report(10 * number)


class OddSize:
    """Writes frames with odd sides, which 4:2:0 video cannot have."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        for shade in range(0, 250, 25):
            clip.write(np.full((33, 47, 3), shade, np.uint8))


class WaitsForCancel:
    """Well-behaved: reports until it is told to stop."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        while True:
            report(40, "waiting")
            time.sleep(0.01)


class TellsModules:
    """Not a crime: says in its error which modules its process has loaded."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        forbidden = ("tornado", "sqlite3", "sqlite_utils", "leyline.line.store", "web")
        raise RuntimeError("loaded: " + " ".join(name for name in forbidden if name in sys.modules))


NOT_ALONE = "another model is alive"


class Alone(SimulatedModel):
    """Not a crime: the simulated model, which refuses to load while another one lives."""

    def load(self):
        self._lock = os.open(os.environ["ALONE_LOCK"], os.O_CREAT | os.O_RDWR)  # held until the process ends
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(NOT_ALONE) from None
        super().load()


class Takes:
    """Has another program write the video, with sound, and hands over the file. TAKES names it."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        report(40, "generating")
        clip.take(os.environ["TAKES"])


class TakesAfterNothingKnown(Takes):
    """The same, without knowing how far it is."""

    def generate(self, image, clip, report):
        report(None, "dreaming")
        clip.take(os.environ["TAKES"])


class Sleeps:
    """Takes half a second, and hardly any processor: what several of them make side by side adds up."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        report(1)
        time.sleep(0.5)
        clip.write(np.full((16, 16, 3), 100, np.uint8))
