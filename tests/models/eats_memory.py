"""Really allocates until the memory limit stops it."""


class EatsMemory:
    def load(self):
        pass

    def generate(self, image, clip, report):
        eaten = []
        while True:
            eaten.append(b"x" * 10_000_000)
            report(50)
