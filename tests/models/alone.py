"""Not a crime: the simulated model, which refuses to load while another one lives."""

import fcntl
import os
from pathlib import Path

from model_proc.simulated import SimulatedModel

NOT_ALONE = "another model is alive"


class Alone(SimulatedModel):
    def load(self):
        self._lock = Path(os.environ["ALONE_LOCK"]).open("a")  # held until the process ends, however it ends
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(NOT_ALONE) from None
        super().load()
