"""Speaks of somebody else's task, and then does its own work."""

from leyline.processes import protocol
from tests.models.pipe import connection, start


class WrongTask:
    def load(self):
        pass

    def generate(self, image, clip, report):
        other = "f" * 32, start().run
        connection().send_bytes(protocol.encode(protocol.Progress(*other, 77.0, "wrong")))
        connection().send_bytes(protocol.encode(protocol.Done(*other, 2, 2, 1.0)))
        clip.write(image)
