"""Meets the end of memory and says so."""


class OutOfMemory:
    def load(self):
        pass

    def generate(self, image, clip, report):
        raise MemoryError
