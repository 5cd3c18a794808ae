"""Speaks past its `report`, straight into the pipe, of a progress that cannot be."""

from tests.models.pipe import connection, start


class ImpossibleProgress:
    number = b"250"

    def load(self):
        pass

    def generate(self, image, clip, report):
        word = b'{"message": "Progress", "task_id": "%s", "run": %d, "progress": %s, "stage": "x"}'
        connection().send_bytes(word % (start().task_id.encode(), start().run, self.number))
        clip.write(image)


class NotANumber(ImpossibleProgress):
    number = b"NaN"
