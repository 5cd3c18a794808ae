"""Not a crime: the simulated model, which refuses to load while another one lives."""

import fcntl
import os

from model_proc.simulated import SimulatedModel

NOT_ALONE = "another model is alive"


class Alone(SimulatedModel):
    def load(self):
        self._lock = os.open(os.environ["ALONE_LOCK"], os.O_CREAT | os.O_RDWR)  # held until the process ends
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(NOT_ALONE) from None
        super().load()
