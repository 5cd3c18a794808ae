"""What an order of those who wait can be asked, and the plainest of them: by place, first come, first served.

The other one is `fair`'s. Danger: a place is told to people and must be where the claim finds it; so nothing is
counted here by going through the line, and nothing is sorted but by what the table has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sortedcontainers import SortedDict

from leyline.line.store import InLine

Change = tuple[InLine, InLine]  # how one that waits stood, and how it stands from now on


class Order(Protocol):
    """Who waits, first to last. Each look-up is logarithmic."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[InLine]: ...

    def add(self, one: InLine) -> None:
        """It waits from now on."""

    def remove(self, one: InLine) -> None:
        """It has left without its turn."""

    def take(self, one: InLine) -> None:
        """It has had its turn."""

    def change(self, changes: Sequence[Change]) -> None:
        """These stand elsewhere, all at once: what they had between them they still have."""

    @property
    def first(self) -> InLine | None: ...

    def place_of(self, one: InLine) -> int:
        """1 for the first."""

    def place_for(self, one: InLine) -> int:
        """Where it would stand if it were added."""


class ByPlace:
    """By their places in line."""

    def __init__(self, waiting: Iterable[InLine] = ()) -> None:
        self._order: SortedDict[tuple[int, float, int], InLine] = SortedDict((each.key, each) for each in waiting)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[InLine]:
        return iter(self._order.values())

    def add(self, one: InLine) -> None:
        self._order[one.key] = one

    def remove(self, one: InLine) -> None:
        del self._order[one.key]

    take = remove

    def change(self, changes: Sequence[Change]) -> None:
        for before, _ in changes:
            self.remove(before)
        for _, after in changes:
            self.add(after)

    @property
    def first(self) -> InLine | None:
        return self._order.peekitem(0)[1] if self._order else None

    def place_of(self, one: InLine) -> int:
        before: int = self._order.index(one.key)
        return before + 1

    def place_for(self, one: InLine) -> int:
        before: int = self._order.bisect_right(one.key)
        return before + 1


class Named(dict[str, ByPlace]):
    """Those of each name that somebody waits under, and none for any other."""

    @classmethod
    def of(cls, waiting: Iterable[tuple[str | None, InLine]]) -> "Named":
        """All at once, which takes a quarter of the time of one after the other."""
        found: defaultdict[str, list[InLine]] = defaultdict(list)
        for name, one in waiting:
            if name is not None:
                found[name].append(one)
        return cls((name, ByPlace(those)) for name, those in found.items())

    def first(self, name: str | None) -> InLine | None:
        """Of this name; None where none waits."""
        theirs = self.get(name or "")
        return theirs.first if theirs else None

    def add(self, name: str, one: InLine) -> None:
        if name not in self:
            self[name] = ByPlace()
        self[name].add(one)

    def remove(self, name: str, one: InLine) -> None:
        self[name].remove(one)
        if not self[name]:
            del self[name]
