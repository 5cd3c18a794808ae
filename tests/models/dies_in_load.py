"""Dies while it loads, as by the kernel's out-of-memory killer, until the file that WEIGHTS names is there."""

import os
import signal
from pathlib import Path


class DiesInLoad:
    def load(self):
        if not Path(os.environ["WEIGHTS"]).exists():
            os.kill(os.getpid(), signal.SIGKILL)

    def generate(self, image, clip, report):
        clip.write(image)
