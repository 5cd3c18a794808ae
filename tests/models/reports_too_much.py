"""Gives more than everything."""


class ReportsTooMuch:
    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        report(250)
