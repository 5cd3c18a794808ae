"""A model that is busy for some seconds, and cannot say how far it is."""

import time

import numpy as np


class Unknowing:
    """Reports that it goes on, and writes its frames at the end."""

    def __init__(self, parameters):
        self._seconds = parameters["model_seconds"]

    def load(self):
        pass

    def generate(self, image, clip, report):
        ends = time.monotonic() + self._seconds
        while time.monotonic() < ends:
            report(None, "denoising")
            time.sleep(0.1)
        for _ in range(30):
            clip.write(np.zeros((48, 64, 3), np.uint8))
