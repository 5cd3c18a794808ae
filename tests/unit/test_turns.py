"""One or a few at a time: clients in turn, each one's own in the order of asking, and nobody takes a turn along."""

import asyncio

import pytest

from leyline.turns import Turns


class Counter:
    """Where clients come for a turn, which lasts until it is ended."""

    def __init__(self, at_once: int = 1) -> None:
        self.turns = Turns(at_once)
        self.served: list[str] = []
        self.ends: list[asyncio.Event] = []

    async def come(self, name: str) -> None:
        """Such as `a1`: the first that the client `a` asks, in a network of its own; or `Na1`: in `N`."""
        network, client = name[0], name[-2]
        async with self.turns.turn(network, client):
            self.served.append(name)
            self.ends.append(end := asyncio.Event())
            await end.wait()

    async def all_come(self, *names: str) -> list[asyncio.Task[None]]:
        coming = [asyncio.create_task(self.come(name)) for name in names]
        await self.settle()
        return coming

    async def end(self) -> None:
        """The turn that is taken."""
        self.ends[-1].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.mark.gen_test
async def test_clients_have_their_turns_one_after_the_other_whatever_each_has_waiting(counter: Counter) -> None:
    await counter.all_come("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert counter.served == ["a1"], "one at a time"
    for _ in range(6):
        await counter.end()
    assert counter.served == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]
    await counter.end()


@pytest.mark.gen_test
async def test_who_comes_last_waits_for_one_turn_of_each_other_client(counter: Counter) -> None:
    await counter.all_come("a1", "a2", "a3")
    await counter.end()
    await counter.all_come("b1")
    await counter.end()
    await counter.end()
    assert counter.served == ["a1", "a2", "b1", "a3"]
    await counter.end()


@pytest.mark.gen_test
async def test_networks_have_their_turns_one_after_the_other_and_the_clients_of_each(counter: Counter) -> None:
    await counter.all_come("Na1", "Na2", "Na3", "Nb1", "Nb2", "Nc1", "Md1", "Md2")
    for _ in range(7):
        await counter.end()
    assert counter.served == ["Na1", "Md1", "Nb1", "Md2", "Nc1", "Na2", "Nb2", "Na3"]
    await counter.end()


@pytest.mark.gen_test
async def test_a_stranger_waits_for_one_turn_however_many_sessions_a_network_makes(counter: Counter) -> None:
    await counter.all_come(*(f"N{client}1" for client in "abcdefghijklmno"))
    await counter.all_come("Mz1")
    await counter.end()
    assert counter.served == ["Na1", "Mz1"]
    for _ in range(15):
        await counter.end()


@pytest.mark.gen_test
async def test_who_leaves_takes_no_turn_along(counter: Counter) -> None:
    async with counter.turns.turn("a", "a"):
        late, leaving, *_ = await counter.all_come("b1", "c1", "c2", "d1")
        leaving.cancel()
        await counter.settle()
    late.cancel()  # its turn has come, and it does not know yet
    await counter.settle()
    assert counter.served == ["c2"] and late.cancelled() and leaving.cancelled()
    await counter.end()
    await counter.end()
    assert counter.served == ["c2", "d1"]
    await counter.all_come("e1")
    assert counter.served[-1] == "e1", "the counter is free again"
    await counter.end()


@pytest.mark.gen_test
async def test_as_many_have_a_turn_as_there_are_and_clients_still_alternate() -> None:
    counter = Counter(at_once=2)
    await counter.all_come("a1", "a2", "a3", "a4", "b1")
    assert counter.served == ["a1", "a2"], "two at a time"
    await counter.end()
    assert counter.served == ["a1", "a2", "b1"] or counter.served == ["a1", "a2", "a3"]
    for _ in range(3):
        await counter.end()
    assert sorted(counter.served) == ["a1", "a2", "a3", "a4", "b1"]
    counter.ends[0].set()
    await counter.settle()


@pytest.mark.gen_test
async def test_of_one_client_the_lowest_rank_comes_first_and_then_who_asked_first(counter: Counter) -> None:
    await counter.turns.come("N", "a")
    coming = [asyncio.create_task(counter.turns.come("N", "a", rank)) for rank in (3, 1, 2, 1)]
    came: list[int] = []
    for number, each in enumerate(coming):
        each.add_done_callback(lambda _, number=number: came.append(number))
    await counter.settle()
    for _ in coming:
        counter.turns.pass_on("N", "a")
        await counter.settle()
    assert came == [1, 3, 2, 0]
