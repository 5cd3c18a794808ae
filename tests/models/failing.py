"""Models that fail at every picture, each in its own way."""

import sys

import numpy as np

from model_proc.model import Unsuitable


class Raises:
    """Raises an exception for every picture."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        report(10)
        clip.write(image)
        raise RuntimeError("the \ud800 weights\nare upside down" + "!" * 10_000)


class OutOfMemory:
    """Meets the end of memory and says so."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        raise MemoryError


class EatsMemory:
    """Really allocates until the memory limit stops it."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        eaten = []
        while True:
            eaten.append(b"x" * 10_000_000)
            report(50)


class Exits:
    """Leaves Python in the polite way, which must not end the process."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        sys.exit(3)


class LacksGenerate:
    """Has only half of the interface."""

    def load(self):
        pass


class WritesNothing:
    """Ends well without a single frame."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        report(100)


class ChangesSize:
    """Changes its mind about the size."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(np.zeros((32, 32, 3), np.uint8))
        clip.write(np.zeros((32, 64, 3), np.uint8))


class ReportsNan:
    """Divides nothing by nothing."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        report(float("nan"))


class ReportsTooMuch:
    """Gives more than everything."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        report(250)


class SaysNo:
    """Not a crime: finds nothing in the picture that it could move, and says so. One name of its is a trick."""

    sentences = iter(["No face\n was found \x1b[31min\u202e gpj.exe." + "!" * 1000, "", RuntimeError])

    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        raise Unsuitable(next(self.sentences))
