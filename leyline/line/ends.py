"""When each run that has yet to begin will begin, where several are made side by side. Pure arithmetic.

What is left of the runs at work is told by `standings`.
"""

from bisect import bisect_left
from collections.abc import Iterable
from math import floor


class Ends:
    """So many seconds from now each of the model processes ends what it has; every next run takes `run_seconds`.

    Whichever ends first takes the next task. A question costs as much as a look into a list, but for positions that
    begin before the longest run of all has less than one run left; the first of these costs as much as all ends.
    """

    def __init__(self, seconds: Iterable[float], run_seconds: float) -> None:
        """With no model process at all they would begin now."""
        self._ends = sorted(seconds) or [0.0]
        self._run_seconds = run_seconds
        self._rounds: dict[int, tuple[int, list[float]]] = {}

    def __len__(self) -> int:
        return len(self._ends)

    def start_of(self, position: int) -> float:
        """Seconds until the task at this position begins, 1 for the next."""
        if self._run_seconds <= 0:
            return self._ends[0]
        before, window = self._round(len(self._ends))
        if position <= before:  # while the longest runs last, the others begin more than one each
            taking_part = bisect_left(range(1, len(self._ends) + 1), position, key=lambda n: self._round(n)[0])
            before, window = self._round(taking_part)
        rounds, turn = divmod(position - 1 - before, len(window))
        return window[turn] + rounds * self._run_seconds

    def _round(self, number: int) -> tuple[int, list[float]]:
        """Of so many that end first: how many tasks they begin more than one run before the last of them ends, and
        when each begins one in that last run's time. After that they go round in this order for ever."""
        if number not in self._rounds:
            last = self._ends[number - 1]
            turns = [(end, floor((last - end) / self._run_seconds)) for end in self._ends[:number]]
            window = sorted(end + turn * self._run_seconds for end, turn in turns)
            self._rounds[number] = sum(turn for _, turn in turns), window
        return self._rounds[number]
