"""What a model says of its progress: checked, never falling, thinned to what people can follow.

A model that cannot tell its share says None: it is at work, and no percentage is shown that nobody knows.

Sending it is left to `loop`, which imports this late. Danger: a value that was held back must still
go out when the model falls silent after it, so a thread of its own waits to say it.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Self

from leyline.processes.protocol import MAX_STAGE_LENGTH
from leyline.text import fit_to_show

LEAST_SECONDS = 0.2  # from one message to the next
MOST_PROGRESS = 99.0  # 100 is said by the worker, when the video is safe


class RunReport:
    """The `Report` of one run: a context in which the model may call it, from any thread.

    `check` is called first at each call and raises when the run was canceled. `send` gets progress and
    stage: the first at once, then the newest at most five times a second, and the last.
    """

    def __init__(self, send: Callable[[float | None, str], None], check: Callable[[], None]) -> None:
        self._send = send
        self._check = check
        self._changed = threading.Condition()
        self._reached = 0.0  # the highest share that was said
        self._progress: float | None = 0.0  # what people are told: that, or that nobody knows
        self._shared_from: float | None = None
        self._stage = ""
        self._held_back = False
        self._due = 0.0
        self._open = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._send_held_back, name="report", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        """Say the last word; nothing is sent after it."""
        with self._changed:
            if self._held_back:
                self._send_now()
            self._open = False
            self._changed.notify()

    def __call__(self, progress: float | None, stage: str = "generating") -> None:
        self._check()
        percent = None if progress is None else min(checked(progress), MOST_PROGRESS)
        with self._changed:
            if percent is not None:
                self._reached = max(self._reached, percent)
            self._progress = None if percent is None else self._reached
            self._say(stage)

    def share(self, share: float, stage: str) -> None:
        """So much of what is left is done, 0 to 1; where nobody knew how far the task is, of all of it."""
        if self._shared_from is None:
            self._shared_from = self._reached
        self(self._shared_from + (MOST_PROGRESS - self._shared_from) * share, stage)

    def enter(self, stage: str) -> None:
        """Tell people of the next stage; its share is what it was, known or not."""
        self._check()
        with self._changed:
            self._say(stage)

    def _say(self, stage: str) -> None:
        self._stage = fit_to_show(stage, MAX_STAGE_LENGTH) or "generating"
        if not self._open:
            return
        if time.monotonic() >= self._due:
            self._send_now()
        else:
            self._held_back = True
            self._changed.notify()

    def _send_now(self) -> None:
        self._held_back = False
        self._due = time.monotonic() + LEAST_SECONDS
        self._send(None if self._progress is None else round(self._progress, 2), self._stage)

    def _send_held_back(self) -> None:
        with self._changed:
            while self._open:
                wait = max(0.0, self._due - time.monotonic())
                if self._held_back and not wait:
                    self._send_now()
                self._changed.wait(wait if self._held_back else None)


def checked(progress: float) -> float:
    """`progress` as a float from 0 to 100, else `ValueError`."""
    percent = float("nan")
    if not isinstance(progress, str | bytes):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            percent = float(progress)
    if not 0 <= percent <= 100:  # NaN is neither
        raise ValueError(f"Progress must be a number from 0 to 100, not {progress!r:.40}.")
    return percent
