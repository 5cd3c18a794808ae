"""Leaving before the end: Ctrl-C, a terminal that is closed, a machine that shuts down.

What is said then is left to the commands. Danger: who is told to ignore a signal (nohup, a job in the background)
is to go on ignoring it.
"""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Left(Exception):
    """Somebody asked for the end. The exit code is a shell's for a process that this signal ended."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of this, on an event loop of its own; raises `Left` once it has been left in order."""
    try:
        return asyncio.run(_until_told(work))
    except KeyboardInterrupt:  # before the loop was there, or after it
        raise Left(signal.SIGINT) from None


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    told: list[int] = []

    def leave(number: int) -> None:
        told.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, leave, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not told:
            raise
        raise Left(told[0]) from None
