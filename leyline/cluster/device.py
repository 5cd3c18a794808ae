"""The model process of a worker, on a device of its own.

Spawn imports this in the child: it uses the standard library only, and the model's side only there.
"""

import os
from multiprocessing.connection import Connection
from typing import Any

DEVICES = "CUDA_VISIBLE_DEVICES"


def run(device: str, connection: Connection, *args: Any) -> None:
    """Be the model process at the other end of `connection`, and see only this device; any, where it is ""."""
    if device:
        os.environ[DEVICES] = device  # before anything looks for one
    from model_proc.loop import run as run_model

    run_model(connection, *args)
