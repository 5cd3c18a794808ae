"""A small disk of its own for a server under test: a tmpfs that only its processes see, gone with the test.

Needs either root or a kernel that lets users make name spaces; where neither is given, the tests that need it
fail and say so.
"""

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Self

from tests.live_server import LiveServer

FILLER = "filler"
HOLD = 'mount -t tmpfs -o size="$1" leyline "$2" && echo mounted && exec cat'


class SmallDisk:
    """A disk of `megabytes`, mounted at `path` for those who enter, and seen from outside at `seen`."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        self._size = f"{megabytes}m"
        path.mkdir()

    def __enter__(self) -> Self:
        user = () if os.geteuid() == 0 else ("--map-root-user",)
        self._holder = subprocess.Popen(
            ["unshare", "--mount", *user, "sh", "-c", HOLD, "sh", self._size, str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout
        if not self._holder.stdout.readline():
            self.__exit__()
            raise AssertionError(
                "Tests with a small disk need to mount one: run them as root, or allow user namespaces."
            )
        self.seen = Path(f"/proc/{self._holder.pid}/root{self.path}")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._holder.stdin and self._holder.stdout
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()

    @property
    def enter(self) -> tuple[str, ...]:
        """The beginning of a command that is to see the disk."""
        user = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
        return ("nsenter", "--target", str(self._holder.pid), "--mount", *user, f"--wdns={Path.cwd()}")

    def server(self, **settings: object) -> LiveServer:
        """A server with its data folder on this disk; call `start`."""
        server = LiveServer(self.seen / "data", **settings)
        server.settings["data_dir"] = self.path / "data"
        server.log_path = self.path.parent / "server.log"
        server.command = (*self.enter, *server.command)
        return server

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.seen)
        return found.f_bavail * found.f_frsize

    def fill(self, leave_bytes: int = 0) -> None:
        """Somebody else's file takes all the space but this much, to the block."""
        with (self.seen / FILLER).open("ab", buffering=0) as file:
            while (more := self.free_bytes - leave_bytes) > 0:
                with contextlib.suppress(OSError):  # the server was quicker
                    os.posix_fallocate(file.fileno(), 0, file.seek(0, os.SEEK_END) + more)

    def heal(self) -> None:
        """That file goes."""
        (self.seen / FILLER).unlink()

    def set_read_only(self) -> None:
        """From now on nothing on the disk can be written."""
        self._mount("-o", "remount,ro", str(self.path))

    def protect(self, file: Path) -> None:
        """From now on this file, named as who entered sees it, cannot be written, though its folder can."""
        self._mount("--bind", str(file), str(file))
        self._mount("-o", "remount,ro,bind", str(file))

    def _mount(self, *arguments: str) -> None:
        subprocess.run([*self.enter, "mount", *arguments], check=True)
