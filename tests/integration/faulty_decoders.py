"""Helpers that misbehave: each function is a target for `PictureProcess`, named for its crime.

`criminal` does what is written in the file that it is given. Spawn imports this module in the child.
"""

import json
import os
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from leyline.pictures import loop as picture_loop
from leyline.processes import protocol

FROM_PARENT = protocol.PICTURES.from_parent


def criminal(connection: Connection, max_pixels: int) -> None:
    connection.send_bytes(protocol.encode(protocol.Ready()))
    crime = ""
    while not isinstance(request := protocol.decode(connection.recv_bytes(), FROM_PARENT), protocol.Shutdown):
        connection.send_bytes(protocol.encode(protocol.Began()))
        if isinstance(request, protocol.Measure):
            crime = Path(request.source_path).read_text()
            connection.send_bytes(protocol.encode(protocol.Measured(1)))
        else:
            CRIMES[crime](connection)


def refusal(**changes: object) -> bytes:
    """A refusal that is right but for these fields."""
    right = {"code": "too_many_pixels", "detail": "", "limit": None, "actual": None, "reason": ""}
    return json.dumps({"message": "Refused", **right, **changes}).encode()


CRIMES = {
    "answers": lambda pipe: pipe.send_bytes(protocol.encode(protocol.Prepared(3, 2))),
    "hangs": lambda pipe: signal.pause(),
    "segfaults": lambda pipe: os.kill(os.getpid(), signal.SIGSEGV),
    "aborts": lambda pipe: os.abort(),
    "exits": lambda pipe: os._exit(3),
    "sends garbage": lambda pipe: pipe.send_bytes(b"\xff\xfe"),
    "sends deep nesting": lambda pipe: pipe.send_bytes(b"[" * 10_000),
    "sends impossible sizes": lambda pipe: pipe.send_bytes(b'{"message": "Prepared", "width": -1, "height": 2}'),
    "sends a picture without a size": lambda pipe: pipe.send_bytes(
        b'{"message": "Prepared", "width": 0, "height": 2}'
    ),
    "sends an unknown code": lambda pipe: pipe.send_bytes(refusal(code="root")),
    "sends strange numbers": lambda pipe: pipe.send_bytes(refusal(limit="all")),
    "is ready again": lambda pipe: pipe.send_bytes(protocol.encode(protocol.Ready())),
    "begins again": lambda pipe: pipe.send_bytes(protocol.encode(protocol.Began())),
    "speaks like a model": lambda pipe: pipe.send_bytes(protocol.encode(protocol.Preview("f" * 32, 1, 1))),
    "sends half a message": lambda pipe: (os.write(pipe.fileno(), b"\0\0\0\x0fhalf"), signal.pause()),
}


def dies_young(connection: Connection, max_pixels: int) -> None:
    """Ends before it is ready, each time."""


def dawdles(connection: Connection, max_pixels: int) -> None:
    """Never says that it is ready."""
    signal.pause()


def cramped(connection: Connection, max_pixels: int) -> None:
    """The real helper with less memory than it needs."""
    resource.setrlimit(resource.RLIMIT_AS, (360 * 2**20, 360 * 2**20))
    picture_loop.run(connection, max_pixels)


def leaky(connection: Connection, max_pixels: int) -> None:
    """The real helper, which finds after each picture that it has kept too much memory."""
    picture_loop.MOST_WARM_BYTES = picture_loop.MOST_KEPT_BYTES = 1
    picture_loop.run(connection, max_pixels)
