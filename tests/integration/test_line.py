"""The line as it is read and told: never stale, shared by who asks at once, and at most once a second."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline.line import standings as line
from leyline.line.events import Events, Live
from leyline.line.standings import Eta, Line
from leyline.line.store import LineState, TaskStore
from leyline.processes.states import ChildState
from tests.integration.store_contract import NOW, added, moves_of, new_task


@pytest.fixture
def store(tmp_path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(tmp_path / "leyline.db")
    yield opened
    opened.close()


class SlowReading:
    """Holds each reading of the line back until it is let go, and counts them."""

    def __init__(self, store: TaskStore) -> None:
        self._read = store.line
        self.count = 0
        self.go_on = asyncio.Event()
        self.wrong: Exception | None = None

    async def __call__(self) -> LineState:
        self.count += 1
        state = await self._read()
        await self.go_on.wait()
        if self.wrong:
            raise self.wrong
        return state


@pytest.mark.gen_test(timeout=30)
async def test_who_asks_after_a_change_is_never_shown_the_line_before_it(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = Events()
    shown = Line(store, events, prior_seconds=30)
    assert (await shown.view()).size == 0
    (task,) = await added(moves_of(store), 1)
    events.line_changed()
    monkeypatch.setattr(store, "line", SlowReading(store))
    first, second = asyncio.create_task(shown.view()), asyncio.create_task(shown.view())
    await asyncio.sleep(0)
    store.line.go_on.set()
    assert [(await view).position(task.task_id) for view in (first, second)] == [1, 1]


@pytest.mark.gen_test(timeout=30)
async def test_who_asks_at_once_shares_one_reading(store: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    events = Events()
    shown = Line(store, events, prior_seconds=30)
    monkeypatch.setattr(store, "line", SlowReading(store))
    store.line.go_on.set()
    await asyncio.gather(*(shown.view() for _ in range(100)))
    assert store.line.count == 1
    events.line_changed()
    await asyncio.gather(*(shown.view() for _ in range(100)))
    assert store.line.count == 2


@pytest.mark.gen_test(timeout=30)
async def test_a_client_that_leaves_does_not_take_the_reading_of_the_others_along(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Line(store, Events(), prior_seconds=30)
    monkeypatch.setattr(store, "line", SlowReading(store))
    leaves, stays = asyncio.create_task(shown.view()), asyncio.create_task(shown.view())
    await asyncio.sleep(0)
    leaves.cancel()
    store.line.go_on.set()
    assert (await stays).size == 0


@pytest.mark.gen_test(timeout=30)
async def test_a_reading_that_failed_is_made_again(store: TaskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Line(store, Events(), prior_seconds=30)
    monkeypatch.setattr(store, "line", SlowReading(store))
    store.line.go_on.set()
    store.line.wrong = OSError("the disk")
    with pytest.raises(OSError, match="the disk"):
        await shown.view()
    store.line.wrong = None
    assert (await shown.view()).size == 0


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_of_a_change_at_once_when_the_line_was_quiet(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 600)
    events = Events()
    listener = events.subscribe()
    telling = asyncio.create_task(Line(store, events, prior_seconds=30).announce())
    await added(moves_of(store), 1)
    events.line_changed()
    assert (await asyncio.wait_for(listener.changes(), 20)).line
    await added(moves_of(store), 2)
    events.line_changed()
    with pytest.raises(TimeoutError):  # it was not quiet
        await asyncio.wait_for(listener.changes(), 0.3)
    telling.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_of_changes_and_of_nothing_else(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 0.01)
    events = Events()
    shown = Line(store, events, prior_seconds=30)
    listener = events.subscribe()
    telling = asyncio.create_task(shown.announce())
    assert (await asyncio.wait_for(listener.changes(), 20)).line
    await added(moves_of(store), 1)
    events.line_changed()
    assert (await asyncio.wait_for(listener.changes(), 20)).line
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(listener.changes(), 0.3)
    monkeypatch.setattr(store, "line", SlowReading(store))
    store.line.wrong = OSError("the disk")
    store.line.go_on.set()
    events.line_changed()
    while store.line.count < 3:  # noqa: ASYNC110 - it fails again and again, and tells nobody
        await asyncio.sleep(0.01)
    store.line.wrong = None
    assert (await asyncio.wait_for(listener.changes(), 20)).line
    telling.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_room_comes_when_the_line_moves_or_the_clients_own_first_task_starts(store: TaskStore) -> None:
    events = Events()
    shown = Line(store, events, prior_seconds=30)
    for number, client in enumerate(("early", "early", "late", "late"), 1):
        await moves_of(store).enter(new_task(number, owner=client, client=client))
    running = await moves_of(store).claim()
    events.live[running.task_id] = Live(running.task_id, 1, started=line.time.monotonic() - 10)
    events.line_changed()
    ends_at = events.live[running.task_id].started + 30
    for client, more in ((None, 0), ("unknown", 0), ("early", 0), ("late", 30)):
        most = ends_at + more - line.time.monotonic()
        seconds = await shown.seconds_until_room(client)
        assert ends_at + more - line.time.monotonic() <= seconds <= most
    await moves_of(store).pause(True)
    events.line_changed()
    most = ends_at + 30 - line.time.monotonic()
    seconds = await shown.seconds_until_room()
    assert ends_at + 30 - line.time.monotonic() <= seconds <= most, "nobody knows; one run longer is a guess"


@pytest.mark.gen_test(timeout=30)
async def test_no_time_is_told_that_nobody_knows(store: TaskStore) -> None:
    events, state = Events(), [ChildState.BUSY]
    shown = Line(store, events, prior_seconds=30, model_state=lambda: state[0])
    moves = moves_of(store)
    await added(moves, 1, 2)
    running, waiting = await moves.claim(), await store.get(new_task(2).task_id)
    events.line_changed()

    async def told() -> list[str]:
        """What is told of who runs, of who waits, and of a picture sent now."""
        etas = [(await shown.standing(task)).eta for task in (running, waiting)] + [await shown.for_newcomer()]
        return ["a time" if isinstance(eta, Eta) else eta.value for eta in etas]

    assert await told() == ["a time"] * 3
    for state[0], reason in (
        (ChildState.STOPPED, "model_loading"),
        (ChildState.LOADING, "model_loading"),
        (ChildState.RESTARTING, "model_loading"),
        (ChildState.FAILED, "model_failed"),
    ):
        assert await told() == [reason] * 3
    state[0] = ChildState.READY
    assert await told() == ["a time"] * 3
    await moves.pause(True)
    events.line_changed()
    assert await told() == ["a time", "paused", "paused"], "what runs is finished"
    state[0] = ChildState.FAILED
    assert await told() == ["model_failed", "paused", "paused"], "that would not begin with the model either"


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_when_a_time_becomes_known_or_unknown(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 0.01)
    events, state = Events(), [ChildState.LOADING]
    listener = events.subscribe()
    telling = asyncio.create_task(Line(store, events, 30, model_state=lambda: state[0]).announce())
    for state[0] in (ChildState.LOADING, ChildState.FAILED, ChildState.READY, ChildState.LOADING):
        assert (await asyncio.wait_for(listener.changes(), 20)).line
        with pytest.raises(TimeoutError):  # nothing more has changed
            await asyncio.wait_for(listener.changes(), 0.1)
    telling.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_a_time_is_said_again_until_it_has_moved_by_a_second(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(line.time, "time", lambda: now[0])
    (task,) = await added(moves_of(store), 1)
    shown = Line(store, Events(), prior_seconds=30)

    async def ready_at() -> float:
        return (await shown.standing(task)).eta.ready_at - NOW

    assert await ready_at() == 30
    now[0] += 0.9
    assert await ready_at() == 30
    now[0] += 0.2
    assert await ready_at() == pytest.approx(31.1)
