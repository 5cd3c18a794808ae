"""The event loop's pulse: a beat twice a second, and how late each one is.

Who counts that is left to the caller. Danger: it is the only sign from inside that something holds the loop up; so
it must do nothing that may itself be late, and never end by an error of who listens.
"""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger("leyline.server")

BEAT_SECONDS = 0.5


class Pulse:
    """Calls each of `on_beat` with the seconds by which the beat is late."""

    def __init__(self, *on_beat: Callable[[float], None]) -> None:
        self._on_beat = list(on_beat)
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Beat from now on, with the event loop running."""
        self._wait()

    def stop(self) -> None:
        if self._next:
            self._next.cancel()

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + BEAT_SECONDS
        self._next = loop.call_at(due, self._beat, due)

    def _beat(self, due: float) -> None:
        late_seconds = max(asyncio.get_running_loop().time() - due, 0.0)
        self._wait()
        for hear in self._on_beat:
            try:
                hear(late_seconds)
            except Exception:
                log.exception("event=bug in=pulse")
