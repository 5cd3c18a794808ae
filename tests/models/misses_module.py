"""Imports a module that nobody has."""

import no_such_accelerator


class MissesModule:
    def load(self):
        no_such_accelerator.start()

    def generate(self, image, clip, report):
        clip.write(image)
