"""Takes the states that are named, or all; `--keep` puts the chosen few of them with the documents."""

import argparse
import sys
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

from tests.browser.chromium import chromium
from tests.browser.screenshots import chosen
from tests.browser.screenshots.servers import Servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("states", nargs="*", default=["*"], help="names, or patterns such as 'wall*'")
    parser.add_argument("--keep", action="store_true", help="write docs/screenshots anew")
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="leyline-screenshots-") as folder, chromium() as driver:
        servers = Servers(driver, Path(folder), lambda name: any(fnmatch(name, each) for each in asked.states))
        for states in Servers.ALL:
            states(servers)
    if asked.keep:
        chosen.keep()
    print(f"{time.monotonic() - started:.0f} s")
    if servers.missed:
        sys.exit("Not taken:\n" + "\n".join(servers.missed))


if __name__ == "__main__":
    main()
