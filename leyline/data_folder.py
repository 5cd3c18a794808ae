"""The data folder as a whole: one server at a time holds it, and it keeps the installation's secrets.

What lies in it is left to `media` and `store`, and waiting for it to `standby`. Danger: the lock is the kernel's
(flock), so it ends with the process that holds it, however that ends; the file's text only names the holder. On
a network's file system it is as good as that file system's locks.
"""

import contextlib
import fcntl
import os
import platform
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from leyline.errors import FolderInUse, StartupError

LOCK = "lock"
BALLAST_BYTES = 1_000_000


class DataFolder:
    """A data folder held by this process, until `release`."""

    def __init__(self, root: Path) -> None:
        """Make the folder if needed and take its lock; `FolderInUse` names who has it, else `StartupError`."""
        self.root = root
        try:
            root.mkdir(0o700, parents=True, exist_ok=True)
            self._lock = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartupError(f"The data folder {root} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 200, 0).decode(errors="replace").strip() or "another server"
            os.close(self._lock)
            raise FolderInUse(
                f"The data folder {root} is in use by {holder}. Stop that server, or name another --data-dir.",
                holder=holder,
            ) from None
        except OSError as error:  # as where a network's file system has no locks
            os.close(self._lock)
            raise StartupError(
                f"The data folder {root} cannot be locked: {error.strerror}. Without a lock two servers could "
                "write there at once: have the file system mounted with locks, or name another --data-dir."
            ) from error
        self.sign(f"process {os.getpid()}")
        with contextlib.suppress(OSError):
            self._trim()

    def sign(self, holder: str) -> None:
        """Write into the lock who of this machine holds it, for whoever comes second."""
        with contextlib.suppress(OSError):  # a full disk costs the name, not the lock
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, f"{holder} on {platform.node()}".encode(), 0)

    def _trim(self) -> None:
        """Give up the ballast when the disk is full: opening the database takes a little room. Else take it in."""
        ballast = self.root / "ballast"
        if shutil.disk_usage(self.root).free < BALLAST_BYTES:
            ballast.unlink(missing_ok=True)
        elif not ballast.exists():
            ballast.write_bytes(bytes(BALLAST_BYTES))

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
        """A random secret of this installation, 64 hex digits, made at its first use and kept 0600."""
        path = self.root / name
        try:
            if not path.exists():
                part = path.with_suffix(".part")
                part.unlink(missing_ok=True)
                descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(make())
                sync(part)
                part.rename(path)
                sync(self.root)
            text = path.read_text().strip()
        except UnicodeDecodeError:
            text = ""
        except OSError as error:
            raise StartupError(f"The secret {path} cannot be read or made: {error.strerror}.") from error
        if len(text) < 32:
            raise StartupError(f"The secret {path} is damaged. Remove it, and a new one is made.")
        return text

    def release(self) -> None:
        """Let another server have the folder."""
        os.close(self._lock)


def sync(path: Path) -> None:
    """Return when the disk has this file's content, or the names in this folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
