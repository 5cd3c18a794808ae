"""How often a client may do something: so many a minute, and a burst of them at once.

Who the client is, and what counts, is left to the callers. Danger: clients are as many as there are
addresses, so the table of them is bounded; who is forgotten first is who has been quiet the longest.
"""

import time
from collections.abc import Callable

from leyline.errors import ClientLimit

MOST_CLIENTS = 10_000


class RateLimit:
    """A token bucket for each client, kept as one number: when its bucket will be full again (GCRA)."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` 0 means no limit."""
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._burst_seconds = burst * self._seconds_each
        self._clock = clock
        self._full_at: dict[str, float] = {}  # the longest quiet first

    def take(self, client: str, amount: int = 1) -> None:
        """Count so many; `ClientLimit`, with the seconds to wait, when they are not left."""
        self.check(client, amount)
        if self._seconds_each:
            taken_seconds = amount * self._seconds_each
            self._full_at[client] = max(self._full_at.pop(client, 0.0), self._clock()) + taken_seconds
            self._forget()

    def give_back(self, client: str, amount: int = 1) -> None:
        """So many that were counted do not count."""
        if client in self._full_at:
            self._full_at[client] -= amount * self._seconds_each

    def check(self, client: str, amount: int = 1) -> None:
        """`ClientLimit` when so many are not left; counts nothing."""
        waited_for = max(self._full_at.get(client, 0.0) - self._clock(), 0.0)
        wait_seconds = waited_for + amount * self._seconds_each - self._burst_seconds
        if wait_seconds > 1e-9:
            self._full_at[client] = self._full_at.pop(client, 0.0)  # who keeps trying is not forgotten
            limit = ClientLimit("Too many requests. Wait a moment and try again.")
            limit.retry_after_seconds = wait_seconds
            raise limit

    def _forget(self) -> None:
        while len(self._full_at) > MOST_CLIENTS:
            del self._full_at[next(iter(self._full_at))]
