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


def criminal(connection: Connection, max_pixels: int) -> None:
    connection.send_bytes(json.dumps(picture_loop.READY).encode())
    while True:
        request = json.loads(connection.recv_bytes())
        connection.send_bytes(json.dumps(picture_loop.BEGUN).encode())
        CRIMES[Path(request["source"]).read_text()](connection)


CRIMES = {
    "answers": lambda pipe: pipe.send_bytes(b'{"width": 3, "height": 2}'),
    "hangs": lambda pipe: signal.pause(),
    "segfaults": lambda pipe: os.kill(os.getpid(), signal.SIGSEGV),
    "aborts": lambda pipe: os.abort(),
    "exits": lambda pipe: os._exit(3),
    "sends garbage": lambda pipe: pipe.send_bytes(b"\xff\xfe"),
    "sends deep nesting": lambda pipe: pipe.send_bytes(b"[" * 10_000),
    "sends impossible sizes": lambda pipe: pipe.send_bytes(b'{"width": -1, "height": 2}'),
    "sends an unknown code": lambda pipe: pipe.send_bytes(
        b'{"code": "root", "detail": "", "numbers": {}, "reason": ""}'
    ),
    "sends strange numbers": lambda pipe: pipe.send_bytes(
        b'{"code": "too_many_pixels", "detail": "", "numbers": {"detail": 1}, "reason": ""}'
    ),
    "sends half a message": lambda pipe: (os.write(pipe.fileno(), b"\0\0\0\x0fhalf"), signal.pause()),
}


def dies_young(connection: Connection, max_pixels: int) -> None:
    """Ends before it is ready, each time."""


def cramped(connection: Connection, max_pixels: int) -> None:
    """The real helper with less memory than it needs."""
    resource.setrlimit(resource.RLIMIT_AS, (120 * 2**20, 120 * 2**20))
    picture_loop.run(connection, max_pixels)


def leaky(connection: Connection, max_pixels: int) -> None:
    """The real helper, which finds after each picture that it has kept too much memory."""
    picture_loop.MOST_KEPT_BYTES = 1
    picture_loop.run(connection, max_pixels)
