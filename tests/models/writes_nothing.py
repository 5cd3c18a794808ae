"""Ends well without a single frame."""


class WritesNothing:
    def load(self):
        pass

    def generate(self, image, clip, report):
        report(100)
