"""Changes its mind about the size."""

import numpy as np


class ChangesSize:
    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(np.zeros((32, 32, 3), np.uint8))
        clip.write(np.zeros((32, 64, 3), np.uint8))
