"""What a kept child may say and when, with a child that a test speaks for."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from leyline.processes import kept, protocol
from leyline.processes.kept import KeptChild
from leyline.processes.protocol import Began, Done, FromChild, ModelReady, Progress, Start
from leyline.processes.states import Cause, ChildState, Death
from tests.live_server import eventually

RUN = ("f" * 32, 2)
EARLIER = ("f" * 32, 1)
START = Start(*RUN, "picture", "video", "preview", {})
READY = ModelReady("{}")
DONE = Done(*RUN, 2, 2, 1.0)


class Puppet:
    """A child as `KeptChild` sees it."""

    pid = 1
    exitcode: int | None = None

    def __init__(self, *_: object, on_message: Any, on_death: Any, **__: object) -> None:
        self._on_message, self._on_death = on_message, on_death
        self.heard: list[bytes] = []
        self.killed = False

    def processor(self) -> tuple[bool, float]:
        return False, 0.0

    def start(self) -> None:
        """It runs."""

    def send(self, data: bytes) -> None:
        self.heard.append(data)

    def kill(self) -> None:
        self.killed = True

    async def wait(self, timeout_seconds: float) -> bool:
        return self.exitcode is not None

    # What a test has it do

    def says(self, *messages: FromChild) -> None:
        for message in messages:
            self._on_message(protocol.encode(message))

    def dies(self, exitcode: int = -9) -> None:
        self.exitcode = exitcode
        self._on_death()


class Kept:
    """A kept child whose processes are puppets, one after the other."""

    def __init__(self, on_ready: Callable[[Any], None] = lambda ready: None) -> None:
        self.asides: list[FromChild] = []
        self.news: list[FromChild] = []
        self.child = KeptChild(
            print,
            (),
            name="puppet",
            conversation=protocol.MODEL,
            on_aside=self.asides.append,
            on_ready=on_ready,
        )

    @property
    def puppet(self) -> Any:
        return self.child._child

    async def asked(self) -> "asyncio.Task[FromChild | Death]":
        """A request that the child has got."""
        asking = asyncio.create_task(self.child.ask(START, silence_seconds=60, on_news=self.news.append))
        await asyncio.sleep(0)
        assert self.puppet.heard == [protocol.encode(START)]
        return asking


@asynccontextmanager
async def ready(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kept]:
    monkeypatch.setattr(kept, "Child", Puppet)
    at = Kept()
    at.child.start()
    at.puppet.says(READY)
    yield at
    await at.child.stop()


@pytest.mark.gen_test
async def test_a_request_begins_has_news_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ready(monkeypatch) as at:
        asking = await at.asked()
        news = Progress(*RUN, 5, "generating")
        at.puppet.says(Began(), news, DONE)
        assert await asking == DONE
        assert at.news == [news]
        assert at.child.state is ChildState.READY


@pytest.mark.gen_test
async def test_a_child_whose_word_that_it_is_ready_is_none_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(ready: protocol.ModelReady) -> None:
        raise protocol.ProtocolError(f"{ready.schema} is no schema")

    monkeypatch.setattr(kept, "Child", Puppet)
    at = Kept(refuse)
    at.child.start()
    at.puppet.says(READY)
    assert (at.puppet.killed, at.child.state) == (True, ChildState.LOADING)
    at.puppet.dies()
    assert at.child.state is ChildState.FAILED
    assert at.child.last_death == Death(Cause.NONSENSE, ChildState.LOADING, -9)
    await at.child.stop()


@pytest.mark.gen_test
async def test_what_is_said_of_another_run_is_not_taken_for_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ready(monkeypatch) as at:
        asking = await at.asked()
        late = Done(*EARLIER, 2, 2, 1.0)
        at.puppet.says(late, Began(), late)
        assert (at.child.state, at.asides, at.news) == (ChildState.BUSY, [late, late], [])
        at.puppet.says(DONE)
        assert await asking == DONE


@pytest.mark.parametrize("message", [DONE, Progress(*RUN, 5, "generating")], ids=["its end", "news"])
@pytest.mark.gen_test
async def test_who_speaks_of_a_request_that_it_has_not_begun_is_killed(
    monkeypatch: pytest.MonkeyPatch, message: FromChild
) -> None:
    async with ready(monkeypatch) as at:
        asking = await at.asked()
        puppet = at.puppet
        puppet.says(message)
        assert puppet.killed
        puppet.says(Began(), DONE)
        assert at.child.state is ChildState.BUSY, "what a killed child says is not heard"
        puppet.dies()
        assert await asking == Death(Cause.NONSENSE, ChildState.BUSY, -9, began=False)
        assert at.news == []


@pytest.mark.gen_test
async def test_an_end_that_comes_while_the_server_stops_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ready(monkeypatch) as at:
        asking = await at.asked()
        puppet = at.puppet
        puppet.says(Began())
        await at.child.stop()
        puppet.says(DONE)
        assert puppet.killed
        puppet.dies()
        assert await asking == Death(Cause.NOT_BY_US, ChildState.STOPPED, -9, began=True)
        assert at.child.state is ChildState.STOPPED


@pytest.mark.gen_test
async def test_a_child_that_was_told_to_stop_while_it_waits_to_begin_again_stays_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "SHORTEST_PAUSE_SECONDS", 0.0)
    async with ready(monkeypatch) as at:
        at.puppet.dies()
        assert at.child.state is ChildState.FAILED
        await at.child.stop()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (at.child.state, at.child.spawned) == (ChildState.STOPPED, 1)


@pytest.mark.gen_test
async def test_a_request_that_is_begun_makes_the_next_pause_short_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    async with ready(monkeypatch) as at:
        loop = asyncio.get_running_loop()
        later = loop.call_later

        def note(seconds: float, callback: Any, *args: Any, **options: Any) -> Any:
            if callback == at.child.start:
                pauses.append(seconds)
                seconds = 3600  # a test does not wait for it
            return later(seconds, callback, *args, **options)

        def dies_and_comes_back() -> None:
            at.puppet.dies()
            at.child.start()
            at.puppet.says(READY)

        monkeypatch.setattr(loop, "call_later", note)
        for _ in range(7):
            dies_and_comes_back()
        assert pauses == [1, 2, 4, 8, 16, 30, 30]
        asking = await at.asked()
        at.puppet.says(Began(), DONE)
        await asking
        dies_and_comes_back()
        dies_and_comes_back()
        assert pauses[7:] == [0, 1], "at once after work, and then a second"


@pytest.mark.parametrize(
    ("wants", "used_seconds", "is_silent"),
    [(True, 0.0, False), (True, 1.0, True), (False, 0.0, True)],
    ids=["given no processor", "busy", "waiting for something else"],
)
@pytest.mark.gen_test
async def test_a_child_that_is_given_no_processor_is_not_taken_for_a_silent_one(
    monkeypatch: pytest.MonkeyPatch, wants: bool, used_seconds: float, is_silent: bool
) -> None:
    async with ready(monkeypatch) as at:
        looks = itertools.count()
        at.puppet.processor = lambda: (wants, next(looks) * used_seconds)
        asking = asyncio.create_task(at.child.ask(START, silence_seconds=0.02))
        await eventually(lambda: at.puppet.killed or next(looks) > 5 * kept.CHECKS_PER_SILENCE, "it is judged")
        assert at.puppet.killed == is_silent
        at.puppet.dies()
        assert isinstance(await asking, Death)
