"""The fair order: rounds of networks, in each of its sessions; told places are those at which the claims come."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from leyline.line.fair import InTurns
from leyline.line.store import InLine
from leyline.line.tasks import FIRST, IN_TURN, LAST


class Waiting:
    """Those who wait, in a fair order, by names such as `a1` (the session a, without a network) or `Na1` (in N)."""

    def __init__(self, *names: str, begun: Iterable[str] = ()) -> None:
        self.numbers = iter(range(1, 1_000_000))
        self.by_name: dict[str, InLine] = {}
        those = [self.made(name) for name in names]
        self.order = InTurns(those, [self.made(name) for name in begun])

    def made(self, name: str, **changes: int) -> InLine:
        number = next(self.numbers)
        network, client = name[:-2] or None, name[-2]
        one = self.by_name[name] = InLine(number, number, name, client, client, network, **changes)
        return one

    def come(self, *names: str) -> None:
        for name in names:
            self.order.add(self.made(name))

    def serve(self, count: int = 1) -> list[str]:
        served = []
        for _ in range(count):
            first = self.order.first
            assert first
            self.order.take(first)
            served.append(first.task_id)
        return served

    def leave(self, name: str) -> None:
        self.order.remove(self.by_name[name])

    @property
    def names(self) -> list[str]:
        return [one.task_id for one in self.order]


def many(session: str, count: int = 9) -> list[str]:
    return [f"{session}{number}" for number in range(1, count + 1)]


def test_two_hundred_do_not_stand_before_a_single_one() -> None:
    waiting = Waiting(*many("a"))
    waiting.serve()
    waiting.come("b1")
    assert waiting.names[:3] == ["b1", "a2", "a3"]


def test_networks_have_turns_and_in_each_its_sessions() -> None:
    waiting = Waiting("Na1", "Na2", "Na3", "Nb1", "Mc1", "Mc2", "d1")
    assert waiting.names == ["Na1", "Mc1", "d1", "Nb1", "Mc2", "Na2", "Na3"]


def test_many_sessions_of_one_network_have_no_more_turns_than_a_single_one_of_another() -> None:
    waiting = Waiting(*(f"N{session}1" for session in "abcdef"), *many("z", 6))
    assert [name[0] == "N" for name in waiting.serve(12)] == [True, False] * 6


def test_who_comes_while_a_round_lasts_has_the_first_turns_of_the_next() -> None:
    waiting = Waiting(*many("a"), *many("b"), *many("c"))
    assert waiting.serve() == ["a1"]
    waiting.come("d1", "e1", "d2")
    assert waiting.names[:8] == ["b1", "c1", "d1", "e1", "a2", "b2", "c2", "d2"]


def test_nobody_is_overtaken_for_ever_however_many_come() -> None:
    waiting = Waiting(*many("a"))
    sessions = iter("bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ")
    for _ in range(10):  # two come for each that is served
        waiting.come(f"{next(sessions)}1", f"{next(sessions)}1")
        waiting.serve()
    assert "a2" not in waiting.names, "it had its turn"


def test_who_sends_one_after_the_other_has_no_more_turns_than_who_sent_all_at_once() -> None:
    waiting = Waiting(*many("a", 50))
    served = []
    for number in range(40):
        if "b" not in {name[0] for name in waiting.names}:
            waiting.come(f"b{number % 10}")
        served += [name[0] for name in waiting.serve()]
        assert abs(served.count("a") - served.count("b")) <= 1


def test_who_cancels_one_of_theirs_keeps_the_turn_for_the_others() -> None:
    waiting = Waiting(*many("a", 3), *many("b", 3))
    waiting.leave("a1")
    assert waiting.names == ["a2", "b1", "a3", "b2", "b3"]
    waiting.leave("b3")
    assert waiting.names == ["a2", "b1", "a3", "b2"]


def test_those_put_first_come_before_all_turns_and_those_put_last_behind_them() -> None:
    waiting = Waiting(*many("a", 2), *many("b", 2))
    for name, out_of_turn in (("c1", LAST), ("d1", FIRST), ("e1", LAST), ("f1", FIRST)):
        waiting.order.add(waiting.made(name, out_of_turn=out_of_turn))
    assert waiting.names == ["d1", "f1", "a1", "b1", "a2", "b2", "c1", "e1"]
    waiting.serve(2)
    waiting.come("g1")
    assert waiting.names[:4] == ["a1", "b1", "g1", "a2"], "that was nobody's turn"


def test_who_was_begun_last_before_a_restart_is_last_in_its_first_round() -> None:
    waiting = Waiting(*many("a", 3), *many("b", 2), "c1", "Nd1", "Ne1", begun=("a9", "b9", "Nd9"))
    assert waiting.names == ["c1", "a1", "b1", "Ne1", "a2", "b2", "Nd1", "a3"]


@pytest.mark.parametrize("seed", range(20))
def test_every_told_place_is_where_the_claim_comes(seed: int) -> None:
    """Whatever happens: positions, who is next, where a newcomer would stand, and the first of each network."""
    chance = random.Random(seed)
    waiting = Waiting()
    live: list[str] = []
    made = 0
    for _ in range(300):
        match chance.choice(["come"] * 5 + ["serve"] * 3 + ["leave", "exchange", "first"]):
            case "come":
                made += 1
                session = chance.choice("aaabcdef")
                name = f"{chance.choice(['', '', 'N', 'M'])}{session}{made % 10}"
                one = replace(waiting.made(name), task_id=f"{name}-{made}", place=float(made), number=made)
                told = waiting.order.place_for(replace(one, place=2.0**62))
                waiting.order.add(one)
                waiting.by_name[one.task_id] = one
                live.append(one.task_id)
                assert waiting.order.place_of(one) == told, "where it was told that it would stand"
            case "serve" if live:
                live.remove(waiting.serve()[0])
            case "leave" if live:
                name = live.pop(chance.randrange(len(live)))
                waiting.leave(name)
            case "first" if live:
                one = waiting.by_name[chance.choice(live)]
                put = replace(one, out_of_turn=chance.choice((FIRST, IN_TURN, LAST)))
                waiting.order.change([(one, put)])
                waiting.by_name[one.task_id] = put
            case "exchange" if len(live) > 1:
                exchange(waiting, chance.sample(live, 2))
        holds(waiting, live)
    for expected in waiting.names:
        assert waiting.serve() == [expected], "no turn changes by another's being taken"


def exchange(waiting: Waiting, names: list[str]) -> None:
    """The two take each other's places; everybody else stays where they are."""
    one, other = (waiting.by_name[name] for name in names)
    before = waiting.names
    swapped = [
        replace(place, task_id=task.task_id, number=task.number, owner=task.owner)
        for task, place in ((one, other), (other, one))
    ]
    waiting.order.change([(one, swapped[0]), (other, swapped[1])])
    waiting.by_name |= {each.task_id: each for each in swapped}
    turned = {names[0]: names[1], names[1]: names[0]}
    assert waiting.names == [turned.get(name, name) for name in before]


def holds(waiting: Waiting, live: list[str]) -> None:
    names = waiting.names
    assert sorted(names) == sorted(live) and len(waiting.order) == len(live)
    assert (waiting.order.first.task_id if waiting.order.first else None) == (names[0] if names else None)
    for place, name in enumerate(names, 1):
        assert waiting.order.place_of(waiting.by_name[name]) == place
