"""A model process as the line sees it, wherever it runs: here, at the other end of a pipe, or on another machine.

The line gives it one run at a time and hears how that ended; what is between is left to whoever satisfies this:
`model` over a pipe. Danger: `run` must end whatever happens to the process, its machine and the way there, and what
is said of a run names it (task and run), for it may come too late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from leyline.processes import protocol
from leyline.processes.states import ChildState


@dataclass(frozen=True)
class Crashed:
    """The process died, hung or broke the protocol during the run.

    `detail` is a sentence for people, "" where there is nothing to add to that; `reason` is for the log.
    `began` is False when it had not taken up the run: the Start had met a process already dead.
    """

    detail: str = ""
    reason: str = ""
    began: bool = True


@dataclass(frozen=True)
class Lost:
    """The machine has gone with the run on it, or was given up, or left: no picture is to blame.

    `reason` is for the log.
    """

    reason: str


Outcome = protocol.Done | protocol.Failed | Crashed | Lost
News = protocol.Progress | protocol.Preview | protocol.Grown
Heard = Callable[[News], None]


class Member(Protocol):
    """One model process of the fleet. It is kept alive by itself: after a death another one comes in its place.

    It tells the fleet of each change of `state` (`Fleet.changed`), by a callback that it was made with, once
    `state`, `detail` and `idle` are the new ones. On the event loop only.
    """

    @property
    def name(self) -> str:
        """By which people and programs tell it from the others of the fleet; it never changes."""

    @property
    def machine(self) -> str:
        """The machine on which it runs, for people."""

    @property
    def state(self) -> ChildState: ...

    @property
    def detail(self) -> str:
        """Why it is in `FAILED`, as a sentence for people; else ""."""

    @property
    def idle(self) -> bool:
        """Whether `run` may be called right now."""

    @property
    def spawned(self) -> int:
        """How many processes it has had."""

    @property
    def pid(self) -> int | None:
        """The running process, as its machine knows it."""

    async def ready(self) -> None:
        """Wait until it is loaded and idle. May be canceled."""

    async def run(self, start: protocol.Start, heard: Heard) -> Outcome:
        """Make one video while it is idle; what is said of the run meanwhile goes to `heard`.

        `start` has the server's own paths: what `Grown`, `Preview` and `Done` tell of lies there by then.
        Returns in a bounded time after the last sign of life. When this is canceled the run is given up, and
        nothing is written to these paths any more.
        """

    def cancel(self, task_id: str, run: int) -> None:
        """Ask the model to stop this run, and kill it when it does not listen; nothing for any other run."""

    def last_lines(self, task_id: str, run: int) -> list[str]:
        """What the model has printed last in this run; nothing of one that is neither at work nor ended last."""

    async def stop(self) -> None:
        """End it for good, or let it go; safe to call twice."""
