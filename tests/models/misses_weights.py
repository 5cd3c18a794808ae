"""Cannot load until the file that WEIGHTS names is there."""

import os
from pathlib import Path


class MissesWeights:
    def load(self):
        Path(os.environ["WEIGHTS"]).read_bytes()

    def generate(self, image, clip, report):
        clip.write(image)
