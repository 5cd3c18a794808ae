"""Its weights are missing."""


class RaisesInLoad:
    def load(self):
        raise FileNotFoundError("weights.bin is missing")

    def generate(self, image, clip, report):
        raise AssertionError("never loaded")
