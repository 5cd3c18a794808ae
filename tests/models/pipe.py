"""How a model that should not can find the pipe of its process, and the run that it is in."""

import gc
from multiprocessing.connection import Connection

from leyline.processes import protocol


def connection() -> Connection:
    return next(thing for thing in gc.get_objects() if isinstance(thing, Connection))


def start() -> protocol.Start:
    return max((t for t in gc.get_objects() if isinstance(t, protocol.Start)), key=lambda start: start.run)
