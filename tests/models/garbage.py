"""Writes broken JSON to the pipe."""

from tests.models.pipe import connection


class Garbage:
    def load(self):
        pass

    def generate(self, image, clip, report):
        connection().send_bytes(b'{"message": "Done", ')
        clip.write(image)
