"""A worker's folder for what a run needs on this machine's disk while it lasts; nothing of it outlives the worker.

A worker that is killed cannot remove its own, so the next one here does. Danger: the folders of living workers lie
beside it, perhaps of other containers with other process numbers: the kernel's lock on a folder tells whether its
worker lives, and nothing else does.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from leyline.errors import StartupError

PREFIX = "leyline-worker-"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder of this process alone; it is gone afterwards, and so are those of workers that were killed here.

    `StartupError` where there is no room for it.
    """
    try:
        _remove_left_over()
        path, lock = _made()
    except OSError as error:
        raise StartupError(f"There is no temporary folder to work in (TMPDIR): {error.strerror}.") from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _made() -> tuple[Path, int]:
    """A new folder and the lock on it. Who looks for left-over ones may take it before it is locked."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        with contextlib.suppress(FileNotFoundError):
            lock = _opened(path)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def _remove_left_over() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # no folder, somebody else's, or gone by now
            if path.lstat().st_uid != os.geteuid():
                continue
            lock = _opened(path)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: its worker lives
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
