"""The memory that pictures share: never more than there is, in the order of asking, and given back by everybody."""

import asyncio

import pytest

from leyline.pictures.room import Room


class Guests:
    """Who is in a room of ten bytes."""

    def __init__(self) -> None:
        self.room = Room(10)
        self.inside: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}

    async def stay(self, name: str, needed: int) -> None:
        async with self.room.of(needed):
            self.inside.append(name)
            self._leave[name] = asyncio.Event()
            await self._leave[name].wait()
            self.inside.remove(name)

    async def come(self, **needed: int) -> list[asyncio.Task[None]]:
        coming = [asyncio.create_task(self.stay(name, number)) for name, number in needed.items()]
        await self.settle()
        return coming

    async def go(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def guests() -> Guests:
    return Guests()


@pytest.mark.gen_test
async def test_as_many_are_in_as_there_is_room_for(guests: Guests) -> None:
    await guests.come(a=4, b=4, c=4, d=2)
    assert guests.inside == ["a", "b"]
    await guests.go("a")
    assert guests.inside == ["b", "c", "d"]
    await guests.go("b", "c", "d")


@pytest.mark.gen_test
async def test_small_ones_do_not_go_past_a_large_one_for_ever(guests: Guests) -> None:
    await guests.come(a=6, large=10, b=1)
    assert guests.inside == ["a"]
    await guests.go("a")
    assert guests.inside == ["large"]
    await guests.go("large")
    assert guests.inside == ["b"]
    await guests.go("b")


@pytest.mark.gen_test
async def test_who_needs_more_than_there_is_has_it_all_alone(guests: Guests) -> None:
    await guests.come(huge=1000, a=1)
    assert guests.inside == ["huge"]
    await guests.go("huge")
    assert guests.inside == ["a"]
    await guests.go("a")


@pytest.mark.gen_test
async def test_who_leaves_while_waiting_or_while_being_let_in_takes_nothing_along(guests: Guests) -> None:
    await guests.come(a=10)
    waiting, entering, _ = await guests.come(waiting=9, entering=9, b=10)
    waiting.cancel()
    await guests.settle()
    guests._leave["a"].set()
    await asyncio.sleep(0)
    entering.cancel()
    await guests.settle()
    assert guests.inside == ["b"]
    assert waiting.cancelled() and entering.cancelled()
    await guests.go("b")
    await guests.come(whole=10)
    assert guests.inside == ["whole"]
    await guests.go("whole")
