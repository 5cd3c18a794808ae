"""Sends the beginning of a message, and then falls silent."""

import os
import struct
import threading

from tests.models.pipe import connection


class HalfMessage:
    def load(self):
        pass

    def generate(self, image, clip, report):
        os.write(connection().fileno(), struct.pack("!i", 100) + b'{"message"')
        threading.Event().wait()
