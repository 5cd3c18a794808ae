"""`make bench`: the figures that Leyline sets itself, measured on this machine, printed and never asserted.

`python -m tests.bench gap views` measures these parts alone. bench.json holds the figures afterwards, and the
machine.
"""

import asyncio
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from leyline import __version__
from tests.bench import cluster, fanout, frames, gap, line, pictures, playing, restart, scale, server, store, views

PARTS = {
    each.__name__.rpartition(".")[2]: each
    for each in (cluster, fanout, frames, gap, line, pictures, playing, restart, scale, server, store, views)
}
FIGURES = Path("bench.json")


def main() -> None:
    """Measure the parts named on the command line, or all."""
    figures = {}
    for name in sys.argv[1:] or PARTS:
        print(f"\n{name}: {PARTS[name].__doc__}")
        with TemporaryDirectory(prefix="leyline-bench-") as folder:
            figures[name] = asyncio.run(PARTS[name].measure(Path(folder)))
    FIGURES.write_text(json.dumps({"machine": _machine(), "figures": figures}, indent=2) + "\n")
    print(f"\nThe figures are in {FIGURES}.")


def _machine() -> dict[str, str | int]:
    return {
        "processors": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "leyline": __version__,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    main()
