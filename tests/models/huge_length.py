"""Announces a message of a gigabyte."""

import os
import struct
import threading

from tests.models.pipe import connection


class HugeLength:
    def load(self):
        pass

    def generate(self, image, clip, report):
        os.write(connection().fileno(), struct.pack("!iQ", -1, 1 << 30))
        threading.Event().wait()
