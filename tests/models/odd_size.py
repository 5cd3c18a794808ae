"""Writes frames with odd sides, which 4:2:0 video cannot have."""

import numpy as np


class OddSize:
    def load(self):
        pass

    def generate(self, image, clip, report):
        for shade in range(0, 250, 25):
            clip.write(np.full((33, 47, 3), shade, np.uint8))
