"""The `leyline` command on a machine where one step fails, or where a process dies at that step.

Run as `python -m tests.faulty serve`, with a folder for both sides in `FAULTY_DIR`. Each write, fsync, rename,
unlink, commit and pipe send of the server, of the model process and of the picture helper is a step, counted per
process from the moment in which the plan was written. Steps are written down before they are taken, so the last
one of a killed process is the one that killed it. Nothing in Leyline knows of this: the calls are wrapped here,
and spawn runs this module again in each child.
"""

import builtins
import errno
import functools
import io
import multiprocessing
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("FAULTY_DIR", "/nonexistent"))
PLAN, STEPS = FOLDER / "plan", FOLDER / "steps"
PROCESSES = {"leyline model": "model", "leyline picture_helper": "pictures"}

_open, _write, _unlink = os.open, os.write, os.unlink


@dataclass(frozen=True)
class Plan:
    """At its step number `step` (from 1), `process` meets `fault`: kill, fail or full."""

    process: str
    step: int
    fault: str

    def give(self, folder: Path) -> None:
        """Begin to count steps for this plan; the steps of the last plan are forgotten."""
        (folder / "steps").write_text("")
        part = folder / "plan.part"
        part.write_text(f"{self.process} {self.step} {self.fault} {os.urandom(8).hex()}")
        part.rename(folder / "plan")

    def take_back(self, folder: Path) -> None:
        """Whoever has not met the fault by now never will."""
        (folder / "plan").unlink(missing_ok=True)


def steps(folder: Path, process: str) -> list[str]:
    """What the process has done since the plan was given, the step with the fault included."""
    lines = (folder / "steps").read_text().splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith(f"{process} ")]


class Steps:
    """Counts this process's steps, and brings the fault at the planned one."""

    def __init__(self) -> None:
        self._plan = ""
        self._count = 0

    def take(self, name: str) -> str:
        """One step begins; the fault that it meets, or nothing."""
        try:
            with io.FileIO(PLAN) as file:
                plan = file.readall().decode()
        except FileNotFoundError:
            return ""
        if plan != self._plan:
            self._plan, self._count = plan, 0
        self._count += 1
        here = PROCESSES.get(multiprocessing.current_process().name, "server")
        self._note(f"{here} {name}\n")
        process, step, fault, _ = plan.split()
        if (here, self._count) != (process, int(step)):
            return ""
        _unlink(PLAN)  # once is enough: whoever comes after meets no fault
        if fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return fault

    def _note(self, line: str) -> None:
        descriptor = _open(STEPS, os.O_WRONLY | os.O_APPEND)
        _write(descriptor, line.encode())
        os.close(descriptor)


STEP = Steps()


def on_disk(name: str) -> None:
    fault = STEP.take(name)
    if fault:
        number = errno.ENOSPC if fault == "full" else errno.EIO
        raise OSError(number, os.strerror(number))


class FaultyFile(io.FileIO):
    def write(self, data: Any) -> int:
        on_disk(f"write {_kind(self.fileno())}")
        return super().write(data)


class FaultyConnection(sqlite3.Connection):
    _writes = False

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            self._writes = "IMMEDIATE" in sql
        if sql == "COMMIT" and self._writes and (fault := STEP.take("commit")):
            full = "database or disk is full"
            error = sqlite3.OperationalError(full if fault == "full" else "disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL if fault == "full" else sqlite3.SQLITE_IOERR
            raise error
        return super().execute(sql, *arguments)


def faulty_open(
    real: Callable[..., Any], file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any
) -> Any:
    if "b" not in mode or not set(mode) & set("wxa"):
        return real(file, mode, buffering, *rest, **named)
    raw = FaultyFile(file, mode.replace("b", ""), named.get("closefd", True), named.get("opener"))
    return raw if buffering == 0 else io.BufferedWriter(raw)


def faulty_call(real: Callable[..., Any], name: str, target: Any, *rest: Any, **named: Any) -> Any:
    on_disk(f"{name} {_kind(target)}")
    return real(target, *rest, **named)


def faulty_send(real: Callable[..., Any], self: Connection, data: bytes) -> None:
    if STEP.take("send"):
        with socket.socket(fileno=os.dup(self.fileno())) as pipe:
            pipe.shutdown(socket.SHUT_RDWR)  # a pipe does not fail, it breaks
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
    real(self, data)


def _kind(file: Any) -> str:
    """What sort of file it is, without the names that differ from run to run."""
    path = Path(f"/proc/self/fd/{file}").readlink() if isinstance(file, int) else Path(file)
    return f"{path.parent.name}/*{path.suffix}" if path.suffix else path.name


def install() -> None:
    for name in ("fsync", "rename", "replace", "unlink", "link"):
        setattr(os, name, functools.partial(faulty_call, getattr(os, name), name))
    builtins.open = io.open = functools.partial(faulty_open, io.open)  # type: ignore[assignment]
    send_bytes = Connection.send_bytes
    Connection.send_bytes = lambda self, data: faulty_send(send_bytes, self, data)  # type: ignore[method-assign]
    sqlite3.connect = functools.partial(sqlite3.connect, factory=FaultyConnection)


install()

if __name__ == "__main__":
    from leyline.cli import main

    sys.exit(main())
