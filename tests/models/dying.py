"""Models whose process dies or falls silent over a picture, and one that does so over some."""

import contextlib
import os
import signal
import threading

from tests.models.failing import EatsMemory
from tests.models.plain import Tiny


class Killed:
    """Dies as by the kernel's out-of-memory killer."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        os.kill(os.getpid(), signal.SIGKILL)


class Vanishes:
    """Leaves at once and with a good conscience: exit status 0, no word."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        os._exit(0)


class Hangs:
    """Says one word and then nothing for ever."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        report(5)
        threading.Event().wait()


class IgnoresCancel:
    """Swallows every order to stop."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        while True:
            with contextlib.suppress(BaseException):
                report(10)
            threading.Event().wait(0.05)


RED, GREEN, BLUE = 0x00F, 0x0F0, 0xF00  # numbers of `tests.pictures.photo`


class Moody:
    """Does to pictures of some colours what other models do to all; all others get their video."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        channels = tuple(int(channel > 128) for channel in image.mean(axis=(0, 1)))
        moods = {(1, 0, 0): Killed, (0, 1, 0): EatsMemory, (0, 0, 1): Hangs}
        moods.get(channels, Tiny)().generate(image, clip, report)
