"""Says that an earlier run of its task is done, and then does its work."""

from leyline.processes import protocol
from tests.models.pipe import connection, start


class LateMessage:
    def load(self):
        pass

    def generate(self, image, clip, report):
        earlier = start().task_id, start().run - 1
        connection().send_bytes(protocol.encode(protocol.Progress(*earlier, 77.0, "late")))
        connection().send_bytes(protocol.encode(protocol.Done(*earlier, 2, 2, 1.0)))
        clip.write(image)
