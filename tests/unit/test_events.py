"""Hints: who hears of what, and that a slow listener costs one mark per task."""

import asyncio
from collections.abc import Callable

import pytest

from leyline.line.events import WOKEN_AT_ONCE, Changes, Events, Live, Subscription
from leyline.line.tasks import LIVE_CHANGES_PER_MOVE


def test_an_owner_hears_of_their_tasks_and_nobody_elses() -> None:
    events = Events()
    mine, theirs = events.subscribe("me"), events.subscribe("them")
    events.task_changed("task", "me")
    assert mine.mark().tasks == {"task"}
    assert theirs.mark().tasks == set()


def test_a_sessionless_task_is_heard_by_who_watches_its_id() -> None:
    events = Events()
    watching, other = events.subscribe(), events.subscribe()
    watching.follow("task")
    events.task_changed("task", None)
    assert watching.mark().tasks == {"task"}
    assert other.mark().tasks == set()


@pytest.mark.gen_test
async def test_a_slow_listener_costs_one_mark_per_task() -> None:
    events = Events()
    slow = events.subscribe("me")
    events.run_started("task", 1)
    for progress in range(100):
        events.run_advanced("task", 1, "me", progress=float(progress))
    changes = await slow.changes()
    assert (changes.live, changes.tasks) == ({"task"}, set())
    assert events.live["task"].progress == 99.0


def test_a_late_word_of_an_earlier_run_changes_nothing() -> None:
    events = Events()
    events.run_started("task", 2)
    events.run_advanced("task", 1, None, progress=80.0)
    events.run_ended("task", 1)
    assert events.live["task"].progress == 0.0


def test_no_number_of_changes_reaches_the_version_of_the_next_move() -> None:
    events = Events()
    events.live["task"] = Live("task", 1, started=0, changes=LIVE_CHANGES_PER_MOVE - 2)
    for progress in (1.0, 2.0, 3.0):
        events.run_advanced("task", 1, None, progress=progress)
    assert events.live["task"].changes == LIVE_CHANGES_PER_MOVE - 1
    assert events.live["task"].progress == 3.0


def test_who_left_leaves_nothing_behind() -> None:
    events = Events()
    gone = events.subscribe("me")
    gone.follow("task")
    gone.close()
    gone.close()
    assert not events.by_task
    assert not events._by_owner
    assert not events._all


def test_a_deleted_task_is_gone_and_not_changed() -> None:
    events = Events()
    listener = events.subscribe("me")
    events.task_changed("task", "me")
    events.task_gone("task", "me")
    assert (listener.mark().tasks, listener.mark().gone) == (set(), {"task"})


@pytest.mark.gen_test
async def test_a_crowd_of_listeners_is_woken_in_turns() -> None:
    """All at once they would stop the event loop for as long as each of them takes together."""
    events = Events()
    heard = 0

    async def listen(news: Subscription) -> None:
        nonlocal heard
        assert (await news.changes()).line
        heard += 1

    crowd = [asyncio.create_task(listen(events.subscribe())) for _ in range(200)]
    await asyncio.sleep(0)
    events.tell_line()
    at_once = 0
    while heard < 200:
        before = heard
        await asyncio.sleep(0)
        at_once = max(at_once, heard - before)
    assert at_once <= WOKEN_AT_ONCE
    await asyncio.gather(*crowd)


@pytest.mark.gen_test
async def test_who_leaves_while_waiting_is_not_waited_for() -> None:
    events = Events()
    leaving, staying = (asyncio.create_task(events.subscribe().changes()) for _ in range(2))
    await asyncio.sleep(0)
    events.tell_line()
    leaving.cancel()
    assert (await staying).line


@pytest.mark.gen_test
async def test_what_happens_between_two_looks_is_not_missed() -> None:
    events = Events()
    listener = events.subscribe("me")
    for task_id in ("one", "two"):
        events.task_changed(task_id, "me")
        assert (await listener.changes()).tasks == {task_id}
    waiting = asyncio.create_task(listener.changes())
    await asyncio.sleep(0)
    events.task_changed("three", "me")
    events.task_changed("four", "me")
    assert (await waiting).tasks == {"three", "four"}


async def _waiting(*listeners: Subscription) -> list["asyncio.Task[Changes]"]:
    """Each of them waits for its changes."""
    waits = [asyncio.create_task(listener.changes()) for listener in listeners]
    await asyncio.sleep(0)
    return waits


@pytest.mark.gen_test
async def test_what_can_be_said_at_once_wakes_nobody_and_the_rest_does() -> None:
    events, said = Events(), []

    def tell(changes: Changes) -> bool:
        said.append(set(changes.live))
        changes.live.discard("one")
        return not (changes.live or changes.tasks)

    listener = events.subscribe("me", tell)
    (waiting,) = await _waiting(listener)
    for task_id in ("one", "two"):
        events.run_started(task_id, 1)
    for progress in (1.0, 2.0):
        events.run_advanced("one", 1, "me", progress=progress)
        await asyncio.sleep(0)
    assert (said, waiting.done()) == ([{"one"}, {"one"}], False)
    events.run_advanced("one", 1, "me", progress=3.0)
    events.run_advanced("two", 1, "me", progress=3.0)
    assert (await waiting).live == {"two"}, "that alone is left"


@pytest.mark.gen_test
async def test_a_bug_in_telling_one_keeps_nobody_else_from_hearing() -> None:
    events = Events()

    def tell(changes: Changes) -> bool:
        raise ZeroDivisionError

    waits = await _waiting(events.subscribe("me", tell), events.subscribe("me"))
    events.task_changed("task", "me")
    assert [changes.tasks for changes in await asyncio.gather(*waits)] == [{"task"}, {"task"}]


@pytest.mark.gen_test
async def test_news_of_a_task_do_not_wait_behind_a_crowd_that_hears_of_the_line() -> None:
    events, heard = Events(), []

    def telling(name: str) -> Callable[[Changes], bool]:
        return lambda changes: not heard.append((name, changes.line))

    crowd = [events.subscribe(f"{number}", telling(f"{number}")) for number in range(10 * WOKEN_AT_ONCE)]
    waits = await _waiting(*crowd)
    events.tell_line()
    owner = f"{len(crowd) - 1}"  # who would be the last of all
    events.task_changed("task", owner)
    await asyncio.sleep(0)
    assert heard[0] == (owner, True)
    assert len(heard) == WOKEN_AT_ONCE, "and others have their turn too"
    for _ in crowd:
        await asyncio.sleep(0)
    assert len({name for name, _ in heard}) == len(heard) == len(crowd), "each once"
    for wait in waits:
        wait.cancel()


@pytest.mark.gen_test
async def test_who_hears_of_the_line_has_a_turn_however_much_news_there_is_of_tasks() -> None:
    events, heard = Events(), []
    patient = events.subscribe("patient", lambda changes: not heard.append("patient"))
    busy = [events.subscribe("busy", lambda changes: not heard.append("busy")) for _ in range(2 * WOKEN_AT_ONCE)]
    waits = await _waiting(patient, *busy)
    patient.mark(is_urgent=False).line = True
    events.task_changed("task", "busy")
    await asyncio.sleep(0)
    assert "patient" in heard
    for wait in waits:
        wait.cancel()
