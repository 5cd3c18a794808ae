"""Processes from outside: signals that may come too late, and who is still alive."""

import contextlib
import os
from pathlib import Path


def send_signal(pid: int, number: int) -> None:
    """The signal, or nothing when the process has gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def lives(pid: int) -> bool:
    """Whether the process runs or is stopped; one that only waits to be collected does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    return False


def children(pid: int) -> list[int]:
    """Its living children; none when it has gone."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def is_tracker(pid: int) -> bool:
    """Whether it is multiprocessing's own small process, which has no work that could be caught in the act."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
