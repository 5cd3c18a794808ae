"""The states of a kept child, its moves, and how it ends: the table that `kept` obeys. Pure: no I/O, no clock.

docs/states.md prints the table. A state's value is what people and programs are told of the model.
"""

from dataclasses import dataclass
from enum import StrEnum


class ChildState(StrEnum):
    STOPPED = "stopped"
    LOADING = "loading"  # the process runs; requests wait until it is ready
    READY = "ready"  # waits for a request
    BUSY = "busy"  # has a request
    RESTARTING = "restarting"  # died after it had proved itself; a new one comes at once
    FAILED = "failed"  # could not be started or loaded, or died before its first request; tried again after a pause


class Happening(StrEnum):
    SPAWNED = "a process was started"
    NOT_SPAWNED = "no process could be started"
    READY = "it said that it is ready"
    ASKED = "it got a request"
    ANSWERED = "it ended its request"
    DIED_UNPROVED = "it died before it had begun any request"
    DIED_PROVED = "it died after it had begun one"
    STOPPED = "the server stops"


_STOPS = {Happening.STOPPED: ChildState.STOPPED}
_DIES = {Happening.DIED_UNPROVED: ChildState.FAILED, Happening.DIED_PROVED: ChildState.RESTARTING}
_STARTS = {Happening.SPAWNED: ChildState.LOADING, Happening.NOT_SPAWNED: ChildState.FAILED}

MOVES: dict[ChildState, dict[Happening, ChildState]] = {
    ChildState.STOPPED: {**_STARTS},
    ChildState.LOADING: {Happening.READY: ChildState.READY, Happening.DIED_UNPROVED: ChildState.FAILED, **_STOPS},
    ChildState.READY: {Happening.ASKED: ChildState.BUSY, **_DIES, **_STOPS},
    ChildState.BUSY: {Happening.ANSWERED: ChildState.READY, **_DIES, **_STOPS},
    ChildState.RESTARTING: {**_STARTS, **_STOPS},
    ChildState.FAILED: {**_STARTS, **_STOPS},
}


class Cause(StrEnum):
    """Why a process is not there any more, for the log."""

    NOT_SPAWNED = "no process, thread or descriptor was to be had"
    NOT_BY_US = "ended by itself or from outside"
    LATE = "was not ready in time"
    SILENCE = "said nothing for too long"
    NONSENSE = "broke the protocol"
    DISOBEDIENCE = "ignored a cancel"
    UNWANTED = "nobody waits for its answer"


@dataclass(frozen=True)
class Death:
    """How a child ended: in which `state`, with `exitcode` as of `Child`; `began` when it had a request in hand."""

    cause: Cause
    state: ChildState
    exitcode: int | None = None
    began: bool = False

    def __str__(self) -> str:
        return f"{self.cause.value} (exit code {self.exitcode})"
