"""Well-behaved: reports until it is told to stop."""

import time


class WaitsForCancel:
    def load(self):
        pass

    def generate(self, image, clip, report):
        clip.write(image)
        while True:
            report(40, "waiting")
            time.sleep(0.01)
