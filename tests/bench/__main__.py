"""`make bench`: the figures that Leyline sets itself, measured on this machine, printed and never asserted."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import fanout, gap, server, store, views

PARTS = {
    "fanout": fanout.measure,
    "gap": gap.measure,
    "server": server.measure,
    "store": store.measure,
    "views": views.measure,
}


def main() -> None:
    """Measure the parts named on the command line, or all."""
    for name in sys.argv[1:] or PARTS:
        print(f"\n{name}: {sys.modules[PARTS[name].__module__].__doc__}")
        with TemporaryDirectory(prefix="leyline-bench-") as folder:
            asyncio.run(PARTS[name](Path(folder)))


if __name__ == "__main__":
    main()
