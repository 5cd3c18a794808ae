"""The fair order: networks in turns, in each its sessions in turns, and of each the pictures by place.

    before all turns   who was put back, and whom the operator has put first; by place
    in turns           round by round, one of each who waits
    behind all turns   whom the operator has put last; by place

A round gives one turn to each that waited when it began; who comes while it lasts has the first turns of the next.
So the first picture of anybody stands behind at most one of each other network, and in its own behind at most one
of each other session, whatever they have waiting; and nobody is overtaken for ever, however many come.

Nothing of it is in the table: after a restart a round begins, and whose picture was begun last is last in it.
Danger: a picture that leaves without its turn takes its session's last turn along, not its next one; whoever
cancels one of theirs must not lose their place for the others.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from sortedcontainers import SortedList

from leyline.line.orders import ByPlace, Change, Order
from leyline.line.store import InLine
from leyline.line.tasks import FIRST, IN_TURN, LAST

Turn = tuple[int, int, int, str]  # the round, what orders those within one, and whose it is

_Name = Callable[[InLine], str]


def network_of(one: InLine) -> str:
    """A client whose network tells nobody apart counts as one."""
    return one.network or one.client


def client_of(one: InLine) -> str:
    return one.client


@dataclass(slots=True)
class _Member:
    """Who has turns: one for each of theirs, in as many rounds from the `next_round` on."""

    name: str
    queue: Order
    next_round: int
    key: tuple[int, int]  # who came in a later round is before those of earlier ones, and else behind them

    def turn(self, number: int) -> Turn:
        """Which turn is that of the first, second, … of theirs, from 1 on."""
        return (self.next_round + number - 1, *self.key, self.name)


class Rounds:
    """Those who wait, with whoever has the same name taking turns with all others; an order."""

    def __init__(
        self,
        name: _Name,
        within: Callable[[Sequence[InLine]], Order],
        waiting: Iterable[InLine] = (),
        begun: Mapping[str, int] | None = None,
    ) -> None:
        """`within` orders those of one name. `begun`: how late those had a turn who had one lately."""
        self._name = name
        self._within = within
        self._members: dict[str, _Member] = {}
        self._round = 0  # of the last turn that was taken
        self._joined = count()
        found: defaultdict[str, list[InLine]] = defaultdict(list)
        for one in waiting:
            found[name(one)].append(one)
        for each in sorted(found, key=lambda each: (begun or {}).get(each, -1)):
            self._join(each, found[each])
        members = self._members.values()
        self._turns: SortedList[Turn] = SortedList(
            member.turn(number) for member in members for number in range(1, len(member.queue) + 1)
        )

    def _join(self, name: str, waiting: Sequence[InLine] = ()) -> _Member:
        following = self._round + 1
        member = _Member(name, self._within(waiting), following, (-following, next(self._joined)))
        self._members[name] = member
        return member

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[InLine]:
        theirs: dict[str, Iterator[InLine]] = {}
        for *_, name in self._turns:
            if name not in theirs:
                theirs[name] = iter(self._members[name].queue)
            yield next(theirs[name])

    def add(self, one: InLine) -> None:
        member = self._members.get(self._name(one)) or self._join(self._name(one))
        member.queue.add(one)
        self._turns.add(member.turn(len(member.queue)))

    def remove(self, one: InLine) -> None:
        member = self._members[self._name(one)]
        self._turns.remove(member.turn(len(member.queue)))
        member.queue.remove(one)
        self._leave_when_empty(member)

    def take(self, one: InLine) -> None:
        member = self._members[self._name(one)]
        turn = member.turn(1)
        self._turns.remove(turn)
        self._round = max(self._round, turn[0])
        member.next_round += 1
        member.queue.take(one)
        self._leave_when_empty(member)

    def change(self, changes: Sequence[Change]) -> None:
        by_names: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
        for before, after in changes:
            by_names[self._name(before), self._name(after)].append((before, after))
        crossing = [each for (old, new), those in by_names.items() if old != new for each in those]
        for _, after in crossing:
            self.add(after)
        for (old, new), those in by_names.items():
            if old == new:
                self._members[new].queue.change(those)
        for before, _ in crossing:  # once all stand where they will: nobody's turns may end in between
            self.remove(before)

    def _leave_when_empty(self, member: _Member) -> None:
        if not member.queue:
            del self._members[member.name]

    @property
    def first(self) -> InLine | None:
        return self._members[self._turns[0][-1]].queue.first if self._turns else None

    def place_of(self, one: InLine) -> int:
        member = self._members[self._name(one)]
        return self._place(member.turn(member.queue.place_of(one)))

    def place_for(self, one: InLine) -> int:
        member = self._members.get(self._name(one))
        if member:
            return self._place(member.turn(member.queue.place_for(one)))
        following = self._round + 1
        newest = (following, -following + 1)  # behind all that joined for the next round, before all others of it
        before: int = self._turns.bisect_left(newest)
        return before + 1

    def place_of_first(self, name: str) -> int | None:
        """Where the first of this name stands; None where none waits."""
        member = self._members.get(name)
        return self._place(member.turn(1)) if member else None

    def _place(self, turn: Turn) -> int:
        before: int = self._turns.bisect_left(turn)
        return before + 1


class InTurns:
    """The whole order: turns, and who stands before or behind all of them."""

    def __init__(self, waiting: Iterable[InLine] = (), begun: Iterable[InLine] = ()) -> None:
        """`begun`: whose runs began last, in the order in which they did."""
        late: dict[str, int] = {}
        for number, one in enumerate(begun):
            late[network_of(one)] = late[client_of(one)] = number
        parts: dict[int, list[InLine]] = {FIRST: [], IN_TURN: [], LAST: []}
        for one in waiting:
            parts[one.out_of_turn].append(one)
        self._turns = Rounds(
            network_of, lambda those: Rounds(client_of, ByPlace, those, late), parts[IN_TURN], late
        )
        self._parts: dict[int, Order] = {
            FIRST: ByPlace(parts[FIRST]),
            IN_TURN: self._turns,
            LAST: ByPlace(parts[LAST]),
        }

    def __len__(self) -> int:
        return sum(map(len, self._parts.values()))

    def __iter__(self) -> Iterator[InLine]:
        return chain.from_iterable(self._parts.values())

    def add(self, one: InLine) -> None:
        self._parts[one.out_of_turn].add(one)

    def remove(self, one: InLine) -> None:
        self._parts[one.out_of_turn].remove(one)

    def take(self, one: InLine) -> None:
        self._parts[one.out_of_turn].take(one)

    def change(self, changes: Sequence[Change]) -> None:
        crossing = [each for each in changes if each[0].out_of_turn != each[1].out_of_turn]
        for _, after in crossing:
            self.add(after)
        for out_of_turn, part in self._parts.items():
            if staying := [each for each in changes if each[0].out_of_turn == out_of_turn == each[1].out_of_turn]:
                part.change(staying)
        for before, _ in crossing:  # as in `Rounds`
            self.remove(before)

    @property
    def first(self) -> InLine | None:
        return next((part.first for part in self._parts.values() if part), None)

    def place_of(self, one: InLine) -> int:
        return self._before(one) + self._parts[one.out_of_turn].place_of(one)

    def place_for(self, one: InLine) -> int:
        return self._before(one) + self._parts[one.out_of_turn].place_for(one)

    def place_of_first_in(self, one: InLine) -> int:
        """Where the first of its network stands, of which this one is the first by place."""
        if one.out_of_turn != IN_TURN:
            return self.place_of(one)
        return self._before(one) + (self._turns.place_of_first(network_of(one)) or 0)

    @property
    def before_turns(self) -> int:
        """How many stand before all turns."""
        return len(self._parts[FIRST])

    def _before(self, one: InLine) -> int:
        """How many stand in the parts before its own."""
        return sum(len(part) for out_of_turn, part in self._parts.items() if out_of_turn < one.out_of_turn)
