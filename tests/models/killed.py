"""Dies as by the kernel's out-of-memory killer."""

import os
import signal


class Killed:
    def load(self):
        pass

    def generate(self, image, clip, report):
        os.kill(os.getpid(), signal.SIGKILL)
