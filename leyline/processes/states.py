"""The states of a kept child and its moves: the table that `kept` obeys. Pure: no I/O, no clock.

docs/states.md prints it. A state's value is what people and programs are told of the model.
"""

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
