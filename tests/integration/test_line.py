"""The line as it is told: as it is at that moment, and at most once a second."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline.line import standings as line
from leyline.line.events import Live
from leyline.line.standings import Eta, Line
from leyline.line.store import TaskStore
from leyline.processes.states import ChildState
from tests.integration.store_contract import NOW, added, moves_of, new_task
from tests.steady_models import SteadyModels


@pytest.fixture
def store(tmp_path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(tmp_path / "leyline.db")
    yield opened
    opened.close()


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_of_a_change_at_once_when_the_line_was_quiet(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 600)
    moves = moves_of(store)
    events = moves._events
    listener = events.subscribe()
    telling = asyncio.create_task(
        Line(moves.index, events, prior_seconds=30, models=SteadyModels(moves.index)).announce()
    )
    await added(moves, 1)
    assert (await asyncio.wait_for(listener.changes(), 20)).line
    await added(moves, 2)
    with pytest.raises(TimeoutError):  # it was not quiet
        await asyncio.wait_for(listener.changes(), 0.3)
    telling.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_of_changes_and_of_nothing_else(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 0.01)
    moves = moves_of(store)
    events = moves._events
    shown = Line(moves.index, events, prior_seconds=30, models=SteadyModels(moves.index))
    listener = events.subscribe()
    telling = asyncio.create_task(shown.announce())

    async def told_of_the_line() -> None:
        while not (await listener.changes()).line:
            pass

    await asyncio.wait_for(told_of_the_line(), 20)
    await added(moves, 1)
    await asyncio.wait_for(told_of_the_line(), 20)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(told_of_the_line(), 0.3)
    with monkeypatch.context() as context:
        wrongs: list[int] = []
        context.setattr(shown, "seconds_until_ready", lambda _: wrongs.append(1) or 1 / 0)
        events.line_changed()
        while len(wrongs) < 3:  # noqa: ASYNC110 - it fails again and again, and tells nobody
            await asyncio.sleep(0.01)
    await asyncio.wait_for(told_of_the_line(), 20)
    telling.cancel()


@pytest.mark.gen_test(timeout=30)
async def test_room_comes_when_the_line_moves_or_the_clients_own_first_task_starts(store: TaskStore) -> None:
    moves = moves_of(store)
    events = moves._events
    shown = Line(moves.index, events, prior_seconds=30, models=SteadyModels(moves.index))
    for number, client in enumerate(("early", "early", "late", "late"), 1):
        await moves.enter(new_task(number, owner=client, client=client))
    running = await moves.claim()
    events.live[running.task_id] = Live(running.task_id, 1, started=line.time.monotonic() - 10)
    ends_at = events.live[running.task_id].started + 30
    for client, more in ((None, 0), ("unknown", 0), ("early", 0), ("late", 30)):
        most = ends_at + more - line.time.monotonic()
        seconds = shown.seconds_until_room(client)
        assert ends_at + more - line.time.monotonic() <= seconds <= most
    await moves.pause(True)
    most = ends_at + 30 - line.time.monotonic()
    seconds = shown.seconds_until_room()
    assert ends_at + 30 - line.time.monotonic() <= seconds <= most, "nobody knows; one run longer is a guess"


@pytest.mark.gen_test(timeout=30)
async def test_no_time_is_told_that_nobody_knows(store: TaskStore) -> None:
    moves, state = moves_of(store), [ChildState.BUSY]
    shown = Line(
        moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index, state=lambda: state[0])
    )
    await added(moves, 1, 2)
    await moves.claim()

    def told() -> list[str]:
        """What is told of who runs, of who waits, and of a picture sent now."""
        etas = [*(shown.standing(new_task(number).task_id).eta for number in (1, 2)), shown.for_newcomer()]
        return ["a time" if isinstance(eta, Eta) else eta.value for eta in etas]

    assert told() == ["a time"] * 3
    for state[0], reason in (
        (ChildState.STOPPED, "model_loading"),
        (ChildState.LOADING, "model_loading"),
        (ChildState.RESTARTING, "model_loading"),
        (ChildState.FAILED, "model_failed"),
    ):
        assert told() == [reason] * 3
    state[0] = ChildState.READY
    assert told() == ["a time"] * 3
    await moves.pause(True)
    assert told() == ["a time", "paused", "paused"], "what runs is finished"
    state[0] = ChildState.FAILED
    assert told() == ["model_failed", "paused", "paused"], "that would not begin with the model either"


@pytest.mark.gen_test(timeout=30)
async def test_people_are_told_when_a_time_becomes_known_or_unknown(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TICK_SECONDS", 0.01)
    moves, state = moves_of(store), [ChildState.LOADING]
    listener = moves._events.subscribe()
    shown = Line(
        moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index, state=lambda: state[0])
    )
    telling = asyncio.create_task(shown.announce())
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
    moves = moves_of(store)
    (task,) = await added(moves, 1)
    shown = Line(moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index))

    def ready_at() -> float:
        return shown.standing(task.task_id).eta.ready_at - NOW

    assert ready_at() == 30
    now[0] += 0.9
    assert ready_at() == 30
    now[0] += 0.2
    assert ready_at() == pytest.approx(31.1)


@pytest.mark.gen_test(timeout=30)
async def test_what_was_said_of_tasks_that_have_left_is_forgotten(store: TaskStore) -> None:
    moves = moves_of(store)
    shown = Line(moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index))
    for number in range(3 * line.FORGOTTEN_TOGETHER):
        (task,) = await added(moves, number)
        shown.standing(task.task_id)
        await moves.cancel(task)
    assert len(shown._said) <= line.FORGOTTEN_TOGETHER + 1


@pytest.mark.gen_test(timeout=30)
async def test_who_is_deep_in_the_line_hears_of_it_every_few_seconds_and_who_is_near_at_once(
    store: TaskStore,
) -> None:
    now = [1000.0]
    moves = moves_of(store)
    events = moves._events
    shown = Line(moves.index, events, prior_seconds=30, models=SteadyModels(moves.index), clock=lambda: now[0])
    listener, told = events.subscribe(), line.Told()
    heard: list[tuple[bool, bool]] = []
    for now[0], is_news in (
        *((1000.0, True), (1001.0, True), (1002.0, False), (1004.9, True), (1005.0, False)),
        *((1006.0, False), (1011.0, False), (1012.0, True), (1013.0, True), (1016.9, False), (1017.0, False)),
    ):
        if is_news:
            events.line_changed()
        told = shown._tell_after(told)
        marked = listener.mark()
        heard.append((marked.line, marked.deep))
        marked.line = marked.deep = False
    all_of_it, near, nothing, deep = (True, True), (True, False), (False, False), (False, True)
    assert heard == [all_of_it, near, nothing, near, deep, nothing, nothing, all_of_it, near, nothing, deep]


@pytest.mark.gen_test(timeout=30)
async def test_who_runs_or_is_among_the_first_is_near_the_front(store: TaskStore) -> None:
    moves = moves_of(store)
    shown = Line(moves.index, moves._events, prior_seconds=30, models=SteadyModels(moves.index))
    tasks = await added(moves, *range(1, line.NEAR_FRONT + 3))
    await moves.claim()
    assert [shown.is_near(task.task_id) for task in tasks] == [*[True] * (line.NEAR_FRONT + 1), False]
