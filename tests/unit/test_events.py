"""Hints: who hears of what, and that a slow listener costs one mark per task."""

import pytest

from leyline.events import Events


def test_an_owner_hears_of_their_tasks_and_nobody_elses() -> None:
    events = Events()
    mine, theirs = events.subscribe("me"), events.subscribe("them")
    events.task_changed("task", "me")
    assert mine.mark().tasks == {"task"}
    assert theirs.mark().tasks == set()


def test_a_sessionless_task_is_heard_by_who_watches_its_id() -> None:
    events = Events()
    watching, other = events.subscribe(), events.subscribe()
    watching.watch("task")
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


def test_who_left_leaves_nothing_behind() -> None:
    events = Events()
    gone = events.subscribe("me")
    gone.watch("task")
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
