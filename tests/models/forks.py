"""Forks, as a data loader does for its workers; each fork holds all that the model has open, for minutes.

FORKED names a file that gets a line with each fork's process id. The first model dies while it loads if
DIES_FIRST is set.
"""

import os
import time
from pathlib import Path


class Forks:
    def load(self):
        forked = Path(os.environ["FORKED"])
        is_first = not forked.exists()
        pid = os.fork()
        if pid == 0:
            self.be_forked()
        with forked.open("a") as file:
            file.write(f"{pid}\n")
        if is_first and "DIES_FIRST" in os.environ:
            os._exit(9)

    def be_forked(self):
        time.sleep(300)
        os._exit(0)

    def generate(self, image, clip, report):
        clip.write(image)


class Daemonizes(Forks):
    def be_forked(self):
        os.setsid()
        super().be_forked()
