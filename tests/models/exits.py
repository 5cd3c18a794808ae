"""Leaves Python in the polite way, which must not end the process."""

import sys


class Exits:
    def load(self):
        pass

    def generate(self, image, clip, report):
        sys.exit(3)
