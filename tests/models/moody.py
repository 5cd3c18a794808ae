"""Does to pictures of some colours what other models do to all; all others get their video."""

from tests.models.eats_memory import EatsMemory
from tests.models.hangs import Hangs
from tests.models.killed import Killed
from tests.models.tiny import Tiny

RED, GREEN, BLUE = 0x00F, 0x0F0, 0xF00  # numbers of `tests.pictures.photo`


class Moody:
    def load(self):
        pass

    def generate(self, image, clip, report):
        channels = tuple(int(channel > 128) for channel in image.mean(axis=(0, 1)))
        moods = {(1, 0, 0): Killed, (0, 1, 0): EatsMemory, (0, 0, 1): Hangs}
        moods.get(channels, Tiny)().generate(image, clip, report)
