"""Models that print: by every way, and more than anybody can read."""

import ctypes
import os
import signal
import subprocess
import sys
import threading

libc = ctypes.CDLL(None)


class Prints:
    """Prints at its load and in its run, by Python, C, the descriptor and a program of its own."""

    def load(self):
        print("weights are there")

    def generate(self, image, clip, report):
        print("by Python")
        print("to standard error", file=sys.stderr)
        libc.printf(b"by C\n")
        os.write(1, b"by the descriptor\n")
        subprocess.run(["echo", "by a program"], check=True)
        clip.write(image)
        libc.printf(b"without its end in C")
        libc.fflush(None)
        print(" and in Python", end="")


class Murmurs:
    """Says where it has got to and goes on for ever there, until it is canceled."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        print("step 4 of 10")
        while True:
            report(40)
            threading.Event().wait(0.05)


class SaysLastWords:
    """Says by C what it does, and dies of it."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        libc.printf(b"loading a broken kernel\n")
        os.kill(os.getpid(), signal.SIGKILL)


class Floods:
    """Prints megabytes, first as one line, then as many, while another thread of its goes on with it for ever."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        for _ in range(100):
            os.write(1, b"x" * 40_000)
        os.write(1, b"\n")
        for first in range(0, 200_000, 1000):
            os.write(1, b"".join(b"line %d\n" % number for number in range(first, first + 1000)))
        clip.write(image)
        print("the last of it")
        threading.Thread(target=self.go_on, daemon=True).start()

    def go_on(self):
        while True:
            os.write(1, b"still here\n" * 1000)
