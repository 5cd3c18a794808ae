"""Has only half of the interface."""


class LacksGenerate:
    def load(self):
        pass
