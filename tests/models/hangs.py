"""Says one word and then nothing for ever."""

import threading


class Hangs:
    def load(self):
        pass

    def generate(self, image, clip, report):
        report(5)
        threading.Event().wait()
