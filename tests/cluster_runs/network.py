"""A network of the run's own, with a cable for each machine that can be pulled out and put back.

One Linux network namespace is the room with the front door and the switch, and each machine has one of its own:
what crosses a pulled cable is lost in silence, as in a real network, and no connection hears of it. All of it
vanishes with the processes that are in it. Needs `ip` and `unshare`, and either root or user namespaces.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

FRONT_ADDRESS = "10.77.0.1"
INSIDE = "CLUSTER_RUNS_NETWORK"  # in the environment of who is in the room already
LONGEST_SECONDS = "7200"
PREFIX = 24
TOOLS = ("ip", "unshare", "nsenter")


def is_inside() -> bool:
    """Whether this process is in the room already."""
    return INSIDE in os.environ


def check() -> None:
    """End with a sentence where there can be no such network."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        sys.exit(f"This needs {', '.join(missing)}: Debian's packages iproute2 and util-linux.")
    if subprocess.run(inside("true"), capture_output=True).returncode:
        sys.exit("This machine allows no network namespaces: run it as root, or allow user namespaces.")


def inside(*command: str) -> tuple[str, ...]:
    """The command in a room of its own, with nothing in it yet."""
    root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ("unshare", *root, "--net", *command)


def environment() -> dict[str, str]:
    """What a command in there has to have in its environment."""
    return os.environ | {INSIDE: "yes"}


def build() -> None:
    """The switch, and the front door's end of it."""
    _ip("link", "set", "lo", "up")
    _ip("link", "add", "switch", "type", "bridge")
    _ip("address", "add", f"{FRONT_ADDRESS}/{PREFIX}", "dev", "switch")
    _ip("link", "set", "switch", "up")


class Machine:
    """One machine on the switch, number 1 and up, at `address`."""

    def __init__(self, number: int) -> None:
        self.address = f"10.77.0.{10 + number}"
        self._cable = f"cable{number}"
        self._keeper = subprocess.Popen(["unshare", "--net", "sleep", LONGEST_SECONDS])
        self._wait_for_its_network()
        pid = str(self._keeper.pid)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", pid)
        _ip("link", "set", self._cable, "up")
        self.mend()
        for words in (
            ("address", "add", f"{self.address}/{PREFIX}", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            subprocess.run([*self.on_it, "ip", *words], check=True)

    @property
    def on_it(self) -> tuple[str, ...]:
        """What has to stand before a command that runs on this machine; its process is the command's own."""
        return ("nsenter", "--target", str(self._keeper.pid), "--net")

    def cut(self) -> None:
        """Pull the cable out of the switch."""
        _ip("link", "set", self._cable, "nomaster")

    def mend(self) -> None:
        """Put it in."""
        _ip("link", "set", self._cable, "master", "switch")

    def remove(self) -> None:
        """The machine, with its end of the cable; what still runs on it has no network then."""
        self._keeper.kill()
        self._keeper.wait()

    def _wait_for_its_network(self) -> None:
        ours = Path("/proc/self/ns/net").readlink()
        deadline = time.monotonic() + 10
        while Path(f"/proc/{self._keeper.pid}/ns/net").readlink() == ours:
            assert time.monotonic() < deadline, "the machine has no network of its own"
            time.sleep(0.005)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
