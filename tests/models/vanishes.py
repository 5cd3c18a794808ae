"""Leaves at once and with a good conscience: exit status 0, no word."""

import os


class Vanishes:
    def load(self):
        pass

    def generate(self, image, clip, report):
        os._exit(0)
