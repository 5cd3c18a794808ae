"""The `leyline` command on a machine whose wall clock is set to and fro: `python -m tests.strange_clock serve`.

The file that `CLOCK` names holds by how many seconds the clock is wrong, and may change at any time. The kernel's
monotonic clock, which nobody can set, is left alone.
"""

import os
import sys
import time
from pathlib import Path

CLOCK = Path(os.environ["CLOCK"])

_true_time = time.time


def strange_time() -> float:
    return _true_time() + float(CLOCK.read_text() or 0)


time.time = strange_time

if __name__ == "__main__":
    from leyline.cli import main

    sys.exit(main())
