"""Loads until the file that SLOW_LOAD_UNTIL names is there."""

import os
import sys
import time
from pathlib import Path


class SlowLoad:
    def load(self):
        print("SlowLoad waits", file=sys.stderr)
        while not Path(os.environ["SLOW_LOAD_UNTIL"]).exists():
            time.sleep(0.02)

    def generate(self, image, clip, report):
        clip.write(image)
