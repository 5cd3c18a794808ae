"""Raises an exception for every picture."""


class Raises:
    def load(self):
        pass

    def generate(self, image, clip, report):
        report(10)
        clip.write(image)
        raise RuntimeError("the \ud800 weights\nare upside down" + "!" * 10_000)
