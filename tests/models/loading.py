"""Models that have trouble before their first picture."""

import os
import signal
import sys
import time
from pathlib import Path

from tests.models.talking import connection


class SlowLoad:
    """Loads until the file that SLOW_LOAD_UNTIL names is there."""

    def load(self):
        print("SlowLoad waits", file=sys.stderr)
        while not Path(os.environ["SLOW_LOAD_UNTIL"]).exists():
            time.sleep(0.02)

    def generate(self, image, clip, report):
        clip.write(image)


class MissesWeights:
    """Cannot load until the file that WEIGHTS names is there."""

    def load(self):
        Path(os.environ["WEIGHTS"]).read_bytes()

    def generate(self, image, clip, report):
        clip.write(image)


class RaisesInLoad:
    """Its weights are missing."""

    def load(self):
        raise FileNotFoundError("weights.bin is missing")

    def generate(self, image, clip, report):
        raise AssertionError("never loaded")


class DiesInLoad:
    """Dies while it loads, as by the kernel's out-of-memory killer, until the file that WEIGHTS names is there."""

    def load(self):
        if not Path(os.environ["WEIGHTS"]).exists():
            os.kill(os.getpid(), signal.SIGKILL)

    def generate(self, image, clip, report):
        clip.write(image)


class DiesIdle:
    """Dies as soon as it has said that it is ready, until the file that STAYS names is there."""

    def load(self):
        pipe = connection()
        send = pipe.send_bytes

        def send_and_die(data):
            send(data)
            if b"ModelReady" in data and not Path(os.environ["STAYS"]).exists():
                os.kill(os.getpid(), signal.SIGKILL)

        pipe.send_bytes = send_and_die

    def generate(self, image, clip, report):
        clip.write(image)


class Forks:
    """Forks, as a data loader does for its workers; each fork holds all that the model has open, for minutes.

    FORKED names a file that gets a line with each fork's process id. The first model dies while it loads if
    DIES_FIRST is set.
    """

    def load(self):
        forked = Path(os.environ["FORKED"])
        is_first = not forked.exists()
        is_apart, tells = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.part()
            os.write(tells, b"!")
            time.sleep(300)
            os._exit(0)
        os.read(is_apart, 1)  # who forked it may be killed from now on
        with forked.open("a") as file:
            file.write(f"{pid}\n")
        if is_first and "DIES_FIRST" in os.environ:
            os._exit(9)

    def part(self):
        """What the fork does first."""

    def generate(self, image, clip, report):
        clip.write(image)


class Daemonizes(Forks):
    def part(self):
        os.setsid()
