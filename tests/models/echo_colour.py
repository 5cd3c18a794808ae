"""Writes the picture itself, ten times: its colours must come back."""


class EchoColour:
    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.fps = 10
        for number in range(10):
            clip.write(image)
            report(10 * number)
