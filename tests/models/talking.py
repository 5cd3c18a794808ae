"""Models that speak past their `report`, straight into the pipe of their process."""

import gc
import os
import struct
import threading
from multiprocessing.connection import Connection

from leyline.processes import protocol


def connection() -> Connection:
    """The pipe of this process."""
    return next(thing for thing in gc.get_objects() if isinstance(thing, Connection) and not thing.closed)


def start() -> protocol.Start:
    """The run that the model is in."""
    return max((t for t in gc.get_objects() if isinstance(t, protocol.Start)), key=lambda start: start.run)


class Garbage:
    """Writes broken JSON to the pipe."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        connection().send_bytes(b'{"message": "Done", ')
        clip.write(image)


class HalfMessage:
    """Sends the beginning of a message, and then falls silent."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        os.write(connection().fileno(), struct.pack("!i", 100) + b'{"message"')
        threading.Event().wait()


class HugeLength:
    """Announces a message of a gigabyte."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        os.write(connection().fileno(), struct.pack("!iQ", -1, 1 << 30))
        threading.Event().wait()


class ImpossibleProgress:
    """Speaks past its `report`, straight into the pipe, of a progress that cannot be."""

    number = b"250"

    def load(self):
        pass

    def generate(self, image, clip, report):
        word = b'{"message": "Progress", "task_id": "%s", "run": %d, "progress": %s, "stage": "x"}'
        connection().send_bytes(word % (start().task_id.encode(), start().run, self.number))
        clip.write(image)


class NotANumber(ImpossibleProgress):
    number = b"NaN"


class LateMessage:
    """Says that an earlier run of its task is done, and then does its work."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        earlier = start().task_id, start().run - 1
        connection().send_bytes(protocol.encode(protocol.Progress(*earlier, 77.0, "late")))
        connection().send_bytes(protocol.encode(protocol.Done(*earlier, 2, 2, 1.0)))
        clip.write(image)


class WrongTask:
    """Speaks of somebody else's task, and then does its own work."""

    def load(self):
        pass

    def generate(self, image, clip, report):
        other = "f" * 32, start().run
        connection().send_bytes(protocol.encode(protocol.Progress(*other, 77.0, "wrong")))
        connection().send_bytes(protocol.encode(protocol.Done(*other, 2, 2, 1.0)))
        clip.write(image)
