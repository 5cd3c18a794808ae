"""Several model processes and one line, on a real database and a real disk; scripted ones stand in for models'."""

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leyline.line import claims, moves
from leyline.line import fleet as fleets
from leyline.line.fleet import NOBODY, NameTaken
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.processes import protocol
from leyline.processes.seam import Crashed, Lost
from leyline.processes.states import ChildState
from tests.integration.scripted_fleet import ScriptedProcess, Works, works
from tests.live_server import eventually

GONE = Lost("the machine has gone")


async def all_started(at: Works, number: int = 3) -> dict[str, ScriptedProcess]:
    """Who has which task, once so many have one."""
    await eventually(lambda: sum(1 for each in at.processes if each.current) == number, "all have one")
    return {each.current.task_id: each for each in at.processes if each.current}


def counted(monkeypatch: pytest.MonkeyPatch, at: Works) -> list[Task | None]:
    """What comes of each claim from now on."""
    claim, claims = at.fleet._workshop.moves.claim, []

    async def claim_and_count(*settle: Any) -> Task | None:
        claims.append(await claim(*settle))
        return claims[-1]

    monkeypatch.setattr(at.fleet._workshop.moves, "claim", claim_and_count)
    return claims


# Who takes what


@pytest.mark.gen_test(timeout=60)
async def test_first_starts_are_in_the_order_of_the_line_and_each_task_is_made_once(tmp_path: Path) -> None:
    async with works(tmp_path, 3) as at:
        started: list[str] = []

        async def work(process: ScriptedProcess) -> None:
            while True:
                started.append((await process.started()).task_id)
                await process.finishes()

        await at.moves.pause(True)
        tasks = await at.queued(*range(1, 31))
        await at.moves.pause(False)
        working = [asyncio.create_task(work(process)) for process in at.processes]
        await at.told(tasks[-1], TaskStatus.SUCCEEDED)
        await eventually(lambda: len(at.videos()) == 30, "all are made")
        for each in working:
            each.cancel()
        assert started == [task.task_id for task in tasks]
        await eventually(lambda: sum(member.runs for member in at.fleet.members) == 30, "each once")
        assert all(member.runs > 0 for member in at.fleet.members), "all took part"


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_that_comes_is_one_claim_however_many_are_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path, 30) as at:
        claims = counted(monkeypatch, at)
        tasks = await at.queued(1, 2)
        await all_started(at, 2)
        await at.fleet._workshop.moves.pause(False)  # a change of the line that brings nobody
        await eventually(lambda: claims[-1] is None, "the third found nobody")
        assert [task and task.task_id for task in claims if task] == [task.task_id for task in tasks]
        assert len(claims) <= 8, "of thirty that are idle"


@pytest.mark.gen_test(timeout=60)
async def test_nothing_is_claimed_for_a_process_that_is_not_idle_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path, 2) as at:
        first, second = at.processes
        claims = counted(monkeypatch, at)
        (task,) = await at.queued(1)
        (waiting,) = set(at.processes) - set((await all_started(at, 1)).values())
        await eventually(lambda: claims[-1:] == [None], "the other waits, with the turn")
        waiting.becomes(ChildState.RESTARTING)
        (after,) = await at.queued(2)
        (busy,) = {first, second} - {waiting}
        await busy.started()
        await busy.finishes()
        assert (await busy.started()).task_id == after.task_id, "it was left for who is idle"
        assert waiting.starts.empty()
        assert [(await at.store.get(each.task_id)).run for each in (task, after)] == [1, 1]


@pytest.mark.gen_test(timeout=60)
async def test_a_task_whose_process_dies_between_the_claim_and_the_start_is_taken_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path, 2) as at:
        ready_for_run = at.media.ready_for_run

        def die_first(task_id: str) -> bool:
            monkeypatch.setattr(at.media, "ready_for_run", ready_for_run)
            at.process.state = ChildState.RESTARTING
            return ready_for_run(task_id)

        monkeypatch.setattr(at.media, "ready_for_run", die_first)
        await at.queued(1, 2)
        starts = [await at.processes[1].started()]
        await at.processes[1].finishes()
        starts.append(await at.processes[1].started())
        tasks = [await at.store.get(start.task_id) for start in starts]
        made = [(task.number, task.run, task.attempt) for task in tasks]
        assert made == [(1, 2, 1), (2, 1, 1)], "first again before anybody takes the second, and no attempt counts"


@pytest.mark.gen_test(timeout=60)
async def test_who_joins_later_is_given_work(tmp_path: Path) -> None:
    async with works(tmp_path, 0) as at:
        (task,) = await at.queued(1)
        joined = at.joined("late")
        assert (await joined.started()).task_id == task.task_id
        with pytest.raises(NameTaken):
            at.joined("late")


@pytest.mark.gen_test(timeout=60)
async def test_an_error_of_our_own_in_one_loop_does_not_hold_the_others_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 30)
    async with works(tmp_path, 2) as at:
        first, second, third = await at.queued(1, 2, 3)
        by_task = await all_started(at, 2)
        by_task[first.task_id].breaks(RuntimeError("a bug"))
        await by_task[second.task_id].finishes()
        await by_task[second.task_id].started()
        start = await by_task[second.task_id].started()
        assert start.task_id == third.task_id


# Who goes


@pytest.mark.gen_test(timeout=60)
async def test_what_is_lost_with_its_machine_is_first_again_counts_no_attempt_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    async with works(tmp_path, 2) as at:
        first, _, third = await at.queued(1, 2, 3)
        by_task = await all_started(at, 2)
        lost = by_task[first.task_id]
        start = await lost.started()
        await asyncio.to_thread(Path(start.video_path).write_bytes, b"half a video")
        at.fleet.leave(lost)
        lost.ends(GONE)
        (stayed,) = set(at.processes) - {lost}
        await stayed.started()
        await stayed.finishes()
        again = await stayed.started()
        assert (again.task_id, again.run) == (first.task_id, 2), "before the third"
        assert (await at.store.get(first.task_id)).attempt == 1
        assert Path(start.video_path).name not in at.leftovers()
        await stayed.finishes()
        assert (await stayed.started()).task_id == third.task_id
        assert [member.member.name for member in at.fleet.members] == [stayed.name]


@pytest.mark.gen_test(timeout=60)
async def test_a_task_that_takes_every_machine_down_ends_after_ten_runs(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        for _ in range(moves.MOST_FREE_RUNS):
            await at.process.started()
            at.process.ends(GONE)
        failed = await at.told(task, TaskStatus.FAILED)
        assert (failed.error_code, failed.attempt, failed.run) == ("interrupted", 1, 10)


@pytest.mark.gen_test(timeout=60)
async def test_a_run_that_something_on_the_way_gives_up_is_lost_and_its_loop_goes_on(tmp_path: Path) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        at.process._outcome.cancel()
        again = await at.process.started()
        assert (again.task_id, again.run) == (task.task_id, 2)
        assert (await at.store.get(task.task_id)).attempt == 1


@pytest.mark.gen_test(timeout=60)
async def test_who_is_drained_finishes_takes_no_other_and_is_let_go(tmp_path: Path) -> None:
    async with works(tmp_path, 2) as at:
        first, second, third = await at.queued(1, 2, 3)
        by_task = await all_started(at, 2)
        drained, other = by_task[first.task_id], by_task[second.task_id]
        seen = at.fleet.drain(drained.name)
        assert seen.ends and not drained.is_stopped
        assert at.fleet.drain("nobody") is None
        await drained.finishes()
        await at.told(first, TaskStatus.SUCCEEDED)
        await eventually(lambda: drained.is_stopped, "it is let go")
        assert [each.member for each in at.fleet.members] == [other]
        assert not drained.current, "it took no other"
        await other.started()
        await other.finishes()
        assert (await other.started()).task_id == third.task_id


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("state", [ChildState.READY, ChildState.LOADING])
async def test_who_is_drained_while_it_has_nothing_goes_at_once(tmp_path: Path, state: ChildState) -> None:
    async with works(tmp_path, 2) as at:
        at.process.becomes(state)
        at.fleet.drain(at.process.name)
        await eventually(lambda: at.process.is_stopped, "it is let go")
        assert len(at.fleet.members) == 1
        (task,) = await at.queued(1)
        assert (await at.processes[1].started()).task_id == task.task_id, "the turn has not gone with it"


@pytest.mark.gen_test(timeout=60)
async def test_who_is_let_go_gives_its_task_back_and_no_attempt_counts(tmp_path: Path) -> None:
    async with works(tmp_path, 2) as at:
        first, second, _ = await at.queued(1, 2, 3)
        by_task = await all_started(at, 2)
        gone, other = by_task[first.task_id], by_task[second.task_id]
        at.fleet.drain(gone.name)
        at.fleet.let_go(gone.name)
        await eventually(lambda: gone.is_stopped, "it is let go")
        await other.started()
        await other.finishes()
        again = await other.started()
        assert (again.task_id, again.run) == (first.task_id, 2)
        assert (await at.store.get(first.task_id)).attempt == 1


@pytest.mark.gen_test(timeout=60)
async def test_who_is_let_go_between_the_claim_and_the_start_begins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path, 2) as at:
        ready_for_run = at.media.ready_for_run

        def let_go_first(task_id: str) -> bool:
            monkeypatch.setattr(at.media, "ready_for_run", ready_for_run)
            loop.call_soon_threadsafe(at.fleet.let_go, at.process.name)
            return ready_for_run(task_id)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(at.media, "ready_for_run", let_go_first)
        (task,) = await at.queued(1)
        start = await at.processes[1].started()
        assert (start.task_id, start.run, at.process.starts.empty()) == (task.task_id, 2, True)
        assert (await at.store.get(task.task_id)).attempt == 1
        await eventually(lambda: at.process.is_stopped, "it is let go")


@pytest.mark.gen_test(timeout=60)
async def test_a_video_that_is_being_published_is_not_given_back_with_who_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path) as at:
        (task,) = await at.queued(1)
        await at.process.started()
        keep_video = at.media.keep_video

        def let_go_first(video_key: str) -> int:
            loop.call_soon_threadsafe(at.fleet.let_go, at.process.name)
            return keep_video(video_key)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(at.media, "keep_video", let_go_first)
        await at.process.finishes()
        done = await at.told(task, TaskStatus.SUCCEEDED)
        assert (done.run, at.videos()) == (1, [done.video_key])
        await eventually(lambda: at.process.is_stopped, "it is let go afterwards")


# Cancel, disk, stop


@pytest.mark.gen_test(timeout=60)
async def test_a_cancel_reaches_the_process_that_has_the_task_and_no_other(tmp_path: Path) -> None:
    async with works(tmp_path, 3) as at:
        tasks = await at.queued(1, 2, 3)
        by_task = await all_started(at)
        for task in (tasks[2], tasks[0], tasks[1]):
            process = by_task[task.task_id]
            await at.canceling.cancel(task.task_id)
            assert process.canceled == [(task.task_id, 1)]
            process.fails(protocol.CANCELED)
            await at.told(task, TaskStatus.CANCELED)
        assert sum(len(process.canceled) for process in at.processes) == 3


@pytest.mark.gen_test(timeout=60)
async def test_what_was_put_back_and_begun_by_another_is_canceled_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with works(tmp_path, 2) as at:
        held = asyncio.Event()
        remove_run = at.media.remove_run

        def hold(video_key: str) -> None:
            asyncio.run_coroutine_threadsafe(held.wait(), loop).result(30)
            remove_run(video_key)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(at.media, "remove_run", hold)
        (task,) = await at.queued(1)
        (before,) = (await all_started(at, 1)).values()
        (after,) = set(at.processes) - {before}
        before.ends(Crashed(reason="died"))  # and is still about its files when the other one begins
        await after.started()
        held.set()
        await eventually(lambda: at.fleet.members[at.processes.index(before)].task is None, "it has put it down")
        await at.canceling.cancel(task.task_id)
        assert after.canceled == [(task.task_id, 2)]
        assert at.fleet.last_lines(task.task_id, 2) == []


@pytest.mark.gen_test(timeout=60)
async def test_a_full_disk_uses_up_one_run_however_many_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "REST_SECONDS", 0.01)
    async with works(tmp_path, 5) as at:
        looks: list[bool] = []
        is_full = True

        def look() -> bool:
            looks.append(not is_full)
            return looks[-1]

        def ready_for_run(task_id: str) -> bool:
            if is_full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return True

        monkeypatch.setattr(at.media, "ready_for_run", ready_for_run)
        monkeypatch.setattr(at.retention, "has_room", look)
        (first,) = await at.queued(1)
        await eventually(lambda: len(looks) > 20, "many looks")
        second, third = await at.queued(2, 3)
        await eventually(lambda: len(looks) > 40, "many more")
        assert [(await at.store.get(task.task_id)).run for task in (first, second, third)] == [1, 0, 0]
        is_full = False
        by_task = await all_started(at)
        assert set(by_task) == {task.task_id for task in (first, second, third)}
        assert [(await at.store.get(task.task_id)).run for task in (first, second, third)] == [2, 1, 1]


@pytest.mark.gen_test(timeout=60)
async def test_a_stop_puts_all_back_in_their_order_and_counts_no_attempt(tmp_path: Path) -> None:
    async with works(tmp_path, 3) as at:
        tasks = await at.queued(1, 2, 3, 4)
        await all_started(at)
    store = TaskStore(tmp_path / "leyline.db")
    line, back = await store.line(), [await store.get(task.task_id) for task in tasks]
    store.close()
    assert [waiting.task_id for waiting in line.waiting] == [task.task_id for task in tasks]
    assert [(task.status, task.run, task.attempt) for task in back] == [
        *[(TaskStatus.QUEUED, 1, 1)] * 3,
        (TaskStatus.QUEUED, 0, 1),
    ]


@pytest.mark.gen_test(timeout=60)
async def test_what_a_killed_server_had_in_hand_is_first_again_in_its_order(tmp_path: Path) -> None:
    left = Works(tmp_path)
    tasks = await left.queued(1, 2, 3, 4)
    for _ in range(3):
        await left.moves.claim()
    left.store.close()
    async with works(tmp_path, 2) as at:
        assert set(await all_started(at, 2)) == {task.task_id for task in tasks[:2]}
        back = [await at.store.get(task.task_id) for task in tasks]
        assert [(task.run, task.attempt) for task in back] == [(2, 1), (2, 1), (1, 1), (0, 1)]


# How they are


@pytest.mark.gen_test(timeout=60)
async def test_all_together_are_what_the_best_of_them_is(tmp_path: Path) -> None:
    async with works(tmp_path, 0) as at:
        assert (at.fleet.state, at.fleet.detail) == (ChildState.LOADING, NOBODY)
        one, two = at.joined("one"), at.joined("two")
        seen = []
        for states in (
            (ChildState.READY, ChildState.BUSY),
            (ChildState.READY, ChildState.FAILED),
            (ChildState.FAILED, ChildState.LOADING),
            (ChildState.RESTARTING, ChildState.FAILED),
            (ChildState.FAILED, ChildState.FAILED),
        ):
            for process, state in zip((one, two), states, strict=True):
                process.detail = "It did not load." if state is ChildState.FAILED else ""
                process.becomes(state)
            counts = {state.value: number for state, number in at.fleet.counts.items() if number}
            seen.append((at.fleet.state.value, at.fleet.detail, counts))
        assert seen == [
            ("busy", "", {"ready": 1, "busy": 1}),
            ("ready", "", {"ready": 1, "failed": 1}),
            ("loading", "", {"loading": 1, "failed": 1}),
            ("restarting", "", {"restarting": 1, "failed": 1}),
            ("failed", "It did not load.", {"failed": 2}),
        ]


@pytest.mark.gen_test(timeout=60)
async def test_people_hear_of_another_state_at_once_and_of_other_numbers_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "TOLD_SECONDS", 0.05)
    async with works(tmp_path, 3) as at:
        told = at.events.times_told

        def heard(act: Callable[[], None]) -> int:
            nonlocal told
            act()
            told, before = at.events.times_told, told
            return told - before

        assert heard(lambda: at.processes[0].becomes(ChildState.BUSY)) == 1
        assert heard(lambda: [each.becomes(ChildState.BUSY) for each in at.processes[1:]]) == 0
        await eventually(lambda: at.events.times_told == told + 1, "both, together")
        told = at.events.times_told
        assert heard(lambda: [each.becomes(ChildState.LOADING) for each in at.processes[1:]]) == 0
        assert heard(lambda: at.processes[0].becomes(ChildState.RESTARTING)) == 1, "nobody works any more"
        await asyncio.sleep(0.1)
        assert at.events.times_told == told, "the numbers were told with it"


@pytest.mark.gen_test(timeout=60)
async def test_only_those_count_for_who_waits_that_work_and_take_another(tmp_path: Path) -> None:
    async with works(tmp_path, 4) as at:
        (task,) = await at.queued(1)
        (busy,) = (await all_started(at, 1)).values()
        idle = [process for process in at.processes if process is not busy]
        assert sorted(at.fleet.takers(), key=bool) == [None, None, None, task.task_id]
        idle[0].becomes(ChildState.LOADING)
        idle[1].becomes(ChildState.FAILED)
        assert sorted(at.fleet.takers(), key=bool) == [None, task.task_id]
        at.fleet.drain(busy.name)
        assert list(at.fleet.takers()) == [None]
        assert (at.fleet.state, at.fleet.takers_state) == (ChildState.BUSY, ChildState.READY)
        at.fleet.drain(idle[2].name)
        assert (list(at.fleet.takers()), at.fleet.takers_state) == ([], ChildState.LOADING)
        assert at.fleet.is_made(task.task_id) and not at.fleet.is_made("another")
