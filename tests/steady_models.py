"""Model processes as estimates see them, whose states are as a test says."""

from collections.abc import Callable, Iterable

from leyline.line.index import LineIndex
from leyline.processes.states import ChildState


class SteadyModels:
    """So many of them, at whatever runs; the others are idle. None where the state is none in which one works."""

    def __init__(
        self, index: LineIndex, number: int = 1, state: Callable[[], ChildState] = lambda: ChildState.READY
    ) -> None:
        self._index = index
        self._state = state
        self.number = number
        self.version = 0

    @property
    def takers_state(self) -> ChildState:
        return self._state()

    def takers(self) -> Iterable[str | None]:
        if self._works():
            running = self._index.running
            yield from running
            yield from [None] * (self.number - len(running))

    def is_made(self, task_id: str) -> bool:
        return self._works() and self._index.runs(task_id)

    def _works(self) -> bool:
        return self._state() in (ChildState.READY, ChildState.BUSY)
