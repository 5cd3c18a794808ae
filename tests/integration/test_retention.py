"""What is deleted, and when, on a real database and a real disk; and that nothing that grows grows for ever."""

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline import errors
from leyline.line import failures, retention
from leyline.line.events import Events
from leyline.line.moves import Moves
from leyline.line.pins import Pins
from leyline.line.retention import DAY_SECONDS, Retention
from leyline.line.store import TaskStore
from leyline.line.tasks import TRASH_SECONDS, Task, TaskStatus
from leyline.media import Media
from leyline.processes.protocol import Done
from tests.integration.store_contract import new_task

VIDEO_BYTES = 1_000_000
NOW = 1_800_000_000.0


class House:
    """A store, its media and what keeps them small, at a time that is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = TaskStore(folder / "leyline.db")
        self.media = Media(folder)
        self.events = Events()
        self.moves = self.moves_keeping(0)
        self.numbers = iter(range(1, 1_000_000))

    def retention(self, **limits: float) -> Retention:
        """What keeps them small; `keep_days` 7 of them unless given."""
        limits = {"keep_days": 7, "keep_gb": 0, "reserve_mb": 0, **limits}
        self.moves = self.moves_keeping(limits["keep_days"] * DAY_SECONDS)
        return Retention(self.store, self.moves, self.media, **limits)

    def moves_keeping(self, seconds: float) -> Moves:
        return Moves(self.store.database, self.events, keep_seconds=seconds, clock=lambda: self.now)

    async def queued(self, **changes: Any) -> Task:
        task = await self.moves.enter(new_task(next(self.numbers), **changes))
        for path in (self.media.picture(task.task_id), self.media.thumbnail(task.task_id)):
            await asyncio.to_thread(path.write_bytes, b"picture")
        return task

    async def processing(self, **changes: Any) -> Task:
        await self.queued(**changes)
        return await self.moves.claim()

    async def succeeded(self, keep_seconds: float | None = None, **changes: Any) -> Task:
        """With a video, kept as long as `retention` was told unless said otherwise."""
        task = await self.processing(**changes)
        await asyncio.to_thread(self.media.video(task.video_key).write_bytes, bytes(VIDEO_BYTES))
        moves = self.moves if keep_seconds is None else self.moves_keeping(keep_seconds)
        return await moves.succeed(task, Done(task.task_id, task.run, 16, 16, 1.0), VIDEO_BYTES, 1.0)

    def files(self, task: Task) -> list[str]:
        return sorted(path.name for task_id, _, path in self.media.kept() if task_id == task.task_id)


@pytest.fixture
def house(tmp_path: Path, io_loop: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    built = House(tmp_path)
    monkeypatch.setattr(retention.time, "time", lambda: built.now)
    yield built
    built.store.close()


@pytest.mark.gen_test(timeout=30)
async def test_files_go_after_their_time_and_the_row_as_long_again_after_them(house: House) -> None:
    keeping = house.retention(keep_days=7)
    listener = house.events.subscribe("owner")
    task = await house.succeeded()
    house.now += 7 * DAY_SECONDS - 1
    await keeping.sweep()
    assert len(house.files(task)) == 3

    house.now += 2
    await keeping.sweep()
    kept = await house.store.get(task.task_id)
    assert (kept.status, kept.files_removed, house.files(task)) == (TaskStatus.SUCCEEDED, True, [])
    assert kept.moves > task.moves
    assert listener.mark().tasks == {task.task_id}

    house.now += 7 * DAY_SECONDS - 1
    await keeping.sweep()
    assert await house.store.get(task.task_id) is not None
    house.now += 2
    await keeping.sweep()
    assert await house.store.get(task.task_id) is None
    assert listener.mark().gone == {task.task_id}


@pytest.mark.gen_test(timeout=30)
async def test_what_waits_or_runs_is_never_touched_however_old_and_large(house: House) -> None:
    running, waiting = await house.processing(), await house.queued()
    house.now += 1000 * DAY_SECONDS
    await house.retention(keep_days=7, keep_gb=1e-9).sweep()
    for task in (running, waiting):
        assert await house.store.get(task.task_id) == task
        assert len(house.files(task)) == 2


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("keep_days", [7, 0], ids=["with an age limit", "without one"])
async def test_the_oldest_go_until_the_rest_fits_the_size_limit(house: House, keep_days: float) -> None:
    keeping = house.retention(keep_days=keep_days, keep_gb=3.5 * VIDEO_BYTES / 1e9)
    tasks = []
    for _ in range(6):
        house.now += 1
        tasks.append(await house.succeeded())
    await keeping.sweep()
    assert [bool(house.files(task)) for task in tasks] == [False, False, False, True, True, True]
    assert house.media.total_bytes() <= 3.5 * VIDEO_BYTES
    assert (await house.store.get(tasks[0].task_id)).files_removed


@pytest.mark.gen_test(timeout=30)
async def test_the_trash_is_emptied_after_an_hour_row_and_files(house: House) -> None:
    keeping = house.retention()
    listener = house.events.subscribe("owner")
    task, kept = await house.succeeded(), await house.succeeded()
    await house.moves.trash(task.task_id)
    house.now += TRASH_SECONDS - 1
    await keeping.sweep()
    assert len(house.files(task)) == 3
    assert listener.mark().gone == set()
    house.now += 1
    await keeping.sweep()
    assert (await house.store.get(task.task_id), house.files(task)) == (None, [])
    assert listener.mark().gone == {task.task_id}
    assert len(house.files(kept)) == 3


@pytest.mark.gen_test(timeout=30)
async def test_for_room_the_trash_goes_before_anything_else_the_longest_there_first(house: House) -> None:
    keeping = house.retention(keep_gb=3.5 * VIDEO_BYTES / 1e9)
    tasks = []
    for _ in range(5):
        house.now += 1
        tasks.append(await house.succeeded())
    for task in (tasks[4], tasks[3], tasks[2]):
        house.now += 1
        await house.moves.trash(task.task_id)
    await keeping.sweep()
    assert [bool(house.files(task)) for task in tasks] == [True, True, True, False, False]
    assert await house.store.get(tasks[4].task_id) is None
    assert (await house.store.get(tasks[2].task_id)).is_trashed, "there is room for it"


@pytest.mark.gen_test(timeout=30)
async def test_what_is_in_the_trash_counts_until_it_is_emptied(house: House) -> None:
    keeping = house.retention(keep_gb=3.5 * VIDEO_BYTES / 1e9)
    task = await house.succeeded()
    before = house.media.total_bytes()
    await house.moves.trash(task.task_id)
    await keeping.sweep()
    assert house.media.total_bytes() == before


@pytest.mark.gen_test(timeout=30)
async def test_a_disk_that_is_nearly_full_gets_the_trash_and_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = house.retention(reserve_mb=100)
    disk_bytes = 107 * 1_000_000  # of which ours are three videos of one
    monkeypatch.setattr(house.media, "free_bytes", lambda: disk_bytes - house.media.total_bytes())
    first, second, kept = [await house.succeeded() for _ in range(3)]

    def left() -> list[bool]:
        return [bool(house.files(task)) for task in (first, second, kept)]

    for task in (first, second):
        house.now += 1
        await house.moves.trash(task.task_id)
    assert await keeping.make_room(3_000_000)
    assert left() == [True, True, True], "there was room"
    assert not await keeping.make_room(7_000_000)
    assert left() == [True, True, True], "it would not have been enough"
    assert await keeping.make_room(4_500_000)
    assert left() == [False, True, True], "the longest there first, and no more than needed"
    monkeypatch.setattr(Retention.make_room, "__defaults__", (5_500_000,))
    await keeping.sweep()
    assert left() == [False, False, True], "a sweep keeps room for the next video"


@pytest.mark.gen_test(timeout=30)
async def test_for_room_go_the_trash_then_what_ended_without_a_video_then_videos(house: House) -> None:
    tasks = [await house.succeeded() for _ in range(2)]
    canceled = await house.moves.cancel(await house.queued())
    failed = await house.moves.fail(await house.processing(), failures.ModelError())
    for task in (canceled, failed):
        await asyncio.to_thread(house.media.picture(task.task_id).write_bytes, bytes(VIDEO_BYTES))
    newest = await house.succeeded()
    await house.moves.trash(newest.task_id)
    order = [newest, canceled, failed, *tasks]
    for gone in range(1, 6):
        await house.retention(keep_gb=(5.5 - gone) * VIDEO_BYTES / 1e9).sweep()
        assert [bool(house.files(task)) for task in order] == [False] * gone + [True] * (5 - gone)


@pytest.mark.gen_test(timeout=30)
async def test_nobodys_churn_costs_a_stranger_a_video(house: House) -> None:
    """Six are made in one network, by six sessions; each new one costs that network its oldest."""
    keeping = house.retention(keep_gb=3.5 * VIDEO_BYTES / 1e9)
    theirs = await house.succeeded(network="192.0.2.1", client="stranger")
    churn = []
    for number in range(6):
        house.now += 1
        churn.append(await house.succeeded(network="203.0.113.7", client=f"session {number}"))
        await keeping.sweep()
    assert len(house.files(theirs)) == 3
    assert [bool(house.files(task)) for task in churn] == [False] * 4 + [True] * 2


@pytest.mark.gen_test(timeout=30)
async def test_within_a_network_the_session_that_holds_most_gives_its_oldest(house: House) -> None:
    keeping = house.retention(keep_gb=4.5 * VIDEO_BYTES / 1e9)
    whose = ("much", "little", "much", "much", "little", "much")
    tasks = []
    for client in whose:
        house.now += 1
        tasks.append(await house.succeeded(network="2001:db8::/64", client=client))
    await keeping.sweep()
    assert [bool(house.files(task)) for task in tasks] == [False, True, False, True, True, True]


@pytest.mark.gen_test(timeout=30)
async def test_where_the_network_tells_nobody_apart_each_session_counts_as_one(house: House) -> None:
    keeping = house.retention(keep_gb=3.5 * VIDEO_BYTES / 1e9)
    tasks = []
    for client in ("little", "much", "much", "much"):
        house.now += 1
        tasks.append(await house.succeeded(network=None, client=client))
    await keeping.sweep()
    assert [bool(house.files(task)) for task in tasks] == [True, False, True, True]


@pytest.mark.gen_test(timeout=30)
async def test_pinned_videos_stay_whatever_their_age_and_count_for_who_holds_them(house: House) -> None:
    keeping = house.retention(keep_days=7, keep_gb=3.5 * VIDEO_BYTES / 1e9)
    pinned = [await house.succeeded(network="a", client="pins") for _ in range(2)]
    for task in pinned:
        await house.moves.pin(task.task_id, most=math.inf, most_of_network=math.inf)
    house.now += 8 * DAY_SECONDS
    await keeping.sweep()
    mine, theirs = [await house.succeeded(network=network, client="pins") for network in "ab"]
    await keeping.sweep()
    assert [bool(house.files(task)) for task in (*pinned, mine, theirs)] == [True, True, False, True]
    assert (await house.store.get(pinned[0].task_id)).expires_at is None
    unpinned = await house.moves.unpin(pinned[0].task_id)
    assert unpinned.expires_at == house.now + 7 * DAY_SECONDS, "its time begins anew"
    house.now += 7 * DAY_SECONDS
    await keeping.sweep()
    assert [bool(house.files(task)) for task in pinned] == [False, True]


@pytest.mark.gen_test(timeout=30)
async def test_the_copies_of_a_video_count_for_who_holds_it(house: House) -> None:
    keeping = house.retention(keep_gb=5.5 * VIDEO_BYTES / 1e9)
    theirs = [await house.succeeded(network="b", client="b") for _ in range(2)]
    house.now += 1
    mine = await house.succeeded(network="a", client="a")
    for link in range(4):
        await asyncio.to_thread(house.media.video(f"{mine.video_key}.{link}").write_bytes, bytes(VIDEO_BYTES))
    await keeping.sweep()
    assert [bool(house.files(task)) for task in (*theirs, mine)] == [True, True, False]


@pytest.mark.gen_test(timeout=30)
async def test_the_copies_of_a_pinned_video_take_nobodys_room(house: House) -> None:
    keeping = house.retention(keep_gb=3.5 * VIDEO_BYTES / 1e9)
    mine = await house.succeeded(network="a", client="a")
    await house.moves.pin(mine.task_id, most=math.inf, most_of_network=math.inf)
    theirs = [await house.succeeded(network="b", client="b") for _ in range(2)]
    for link in range(4):
        await asyncio.to_thread(house.media.video(f"{mine.video_key}.{link}").write_bytes, bytes(VIDEO_BYTES))
    await keeping.sweep()
    assert [len(house.files(task)) for task in (*theirs, mine)] == [3, 3, 3]


@pytest.mark.gen_test(timeout=30)
async def test_what_was_pinned_since_it_was_seen_is_not_removed(house: House) -> None:
    keeping = house.retention(keep_days=7)
    task = await house.succeeded()
    await house.moves.pin(task.task_id, most=math.inf, most_of_network=math.inf)
    await keeping._remove_files(task)
    assert len(house.files(task)) == 3


@pytest.mark.gen_test(timeout=30)
async def test_pins_have_a_limit_for_a_network_and_for_all(house: House) -> None:
    house.retention()
    pins = Pins(house.store, house.moves, 8 * VIDEO_BYTES / 1e9)
    videos = {
        network: [await house.succeeded(network=network, client=network) for _ in range(3)] for network in "abcd"
    }
    for network in "abc":
        first, second, third = videos[network]
        for task in (first, second, first):
            assert (await pins.pin(task.task_id)).pinned
        with pytest.raises(errors.PinLimit):
            await pins.pin(third.task_id)
    with pytest.raises(errors.PinLimit):
        await pins.pin(videos["d"][0].task_id)
    assert not (await pins.unpin(videos["a"][0].task_id)).pinned
    assert (await pins.pin(videos["d"][0].task_id)).pinned
    unlimited = Pins(house.store, house.moves, 0)
    assert (await unlimited.pin(videos["a"][2].task_id)).pinned


@pytest.mark.gen_test(timeout=30)
async def test_only_a_video_that_is_there_is_pinned(house: House) -> None:
    house.retention()
    pins = Pins(house.store, house.moves, 0)
    waiting, canceled = await house.queued(), await house.queued()
    await house.moves.cancel(canceled)
    for task in (waiting, canceled):
        with pytest.raises(errors.NotReady):
            await pins.pin(task.task_id)
    await house.moves.cancel(waiting)
    trashed, expired = await house.succeeded(), await house.succeeded()
    await house.moves.trash(trashed.task_id)
    await house.moves.remove_files(expired)
    with pytest.raises(errors.InTrash):
        await pins.pin(trashed.task_id)
    with pytest.raises(errors.Expired):
        await pins.pin(expired.task_id)
    assert await pins.pin("f" * 32) is None
    assert await pins.unpin("f" * 32) is None


@pytest.mark.gen_test(timeout=30)
async def test_retries_of_one_picture_cost_nobody_a_video(house: House) -> None:
    keeping = house.retention(keep_gb=1.5 * VIDEO_BYTES / 1e9)
    theirs = await house.succeeded()
    first = await house.queued()
    await asyncio.to_thread(house.media.picture(first.task_id).write_bytes, bytes(VIDEO_BYTES // 10))
    await house.moves.cancel(first)
    for _ in range(20):
        again = await house.moves.enter(new_task(next(house.numbers)))
        await asyncio.to_thread(house.media.keep_same_picture, again.task_id, first.task_id)
        await house.moves.cancel(again)
    await keeping.sweep()
    assert len(house.files(theirs)) == 3


@pytest.mark.gen_test(timeout=30)
async def test_kept_for_ever_means_for_ever(house: House) -> None:
    keeping = house.retention(keep_days=0)
    task = await house.succeeded()
    house.now += 100_000 * DAY_SECONDS
    await keeping.sweep()
    assert (task.expires_at, len(house.files(task))) == (None, 3)


@pytest.mark.gen_test(timeout=60)
async def test_one_sweep_takes_all_that_has_expired(house: House) -> None:
    keeping = house.retention(keep_days=1)
    for _ in range(2 * retention.BATCH + 50):
        task = await house.queued()
        await house.moves.cancel(task)
    house.now += DAY_SECONDS + 1
    await keeping.sweep()
    assert list(house.media.kept()) == []
    house.now += DAY_SECONDS + 1
    await keeping.sweep()
    assert await house.store.page("owner", None, 1) == []


@pytest.mark.gen_test(timeout=30)
async def test_a_removal_cut_off_after_its_commit_is_ended_at_the_next_start(house: House) -> None:
    keeping = house.retention()
    task, kept = await house.succeeded(), await house.succeeded()
    await house.moves.remove_files(task)  # and then the power went
    house.media.part().path.write_bytes(b"half an upload")
    house.media.video(f"{kept.task_id}-9").write_bytes(b"of a run that was never committed")
    house.media.picture("f" * 32).write_bytes(b"of a task that was never committed")
    running = await house.processing()
    house.media.video(running.video_key).write_bytes(b"renamed, but not committed")
    await keeping.remove_orphans()
    assert house.files(task) == []
    assert {task_id for task_id, _, _ in house.media.kept()} == {kept.task_id, running.task_id}
    assert (len(house.files(kept)), len(house.files(running))) == (3, 2)


@pytest.mark.gen_test(timeout=30)
async def test_a_deleted_task_is_gone_and_a_running_one_is_not_deleted(house: House) -> None:
    keeping = house.retention()
    running, waiting = await house.processing(), await house.queued()
    with pytest.raises(errors.TaskRunning):
        await keeping.delete(running)
    await keeping.delete(waiting)
    assert house.files(waiting) == []
    with pytest.raises(errors.NotFound):
        await keeping.delete(waiting)


@pytest.mark.gen_test(timeout=30)
async def test_a_file_that_cannot_be_removed_keeps_no_other(house: House, caplog: pytest.LogCaptureFixture) -> None:
    keeping = house.retention()
    task = await house.succeeded()
    picture = house.media.picture(task.task_id)
    picture.unlink()
    picture.mkdir()
    await keeping.delete(task)
    assert (await house.store.get(task.task_id), house.files(task)) == (None, [])
    assert f"event=removal_failed file={picture.name}" in caplog.text


@pytest.mark.gen_test(timeout=30)
async def test_a_sweep_that_failed_is_followed_by_another(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = house.retention(keep_days=1)
    task = await house.succeeded()
    house.now += DAY_SECONDS + 1
    swept = asyncio.Event()
    expired, sweep = house.store.expired_files, keeping.sweep

    async def broken_once(*values: Any) -> list[Task]:
        monkeypatch.setattr(house.store, "expired_files", expired)
        raise errors.DatabaseBusy

    async def seen() -> None:
        await sweep()
        swept.set()

    monkeypatch.setattr(house.store, "expired_files", broken_once)
    monkeypatch.setattr(keeping, "sweep", seen)
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.01)
    keeping.start()
    await asyncio.wait_for(swept.wait(), 20)
    keeping.stop()
    assert house.files(task) == []


@pytest.mark.long
@pytest.mark.gen_test(timeout=120)
async def test_the_log_of_the_database_stays_small_while_tasks_come_and_go(house: House) -> None:
    keeping = house.retention(keep_days=1)
    wal = house.media.root / "leyline.db-wal"
    largest = 0
    for _ in range(20):
        new = [new_task(next(house.numbers)) for _ in range(200)]
        tasks = await asyncio.gather(*(house.moves.enter(task) for task in new))
        assert len((await house.store.line()).waiting) == 200
        await asyncio.gather(*(house.moves.cancel(task) for task in tasks))
        house.now += 2 * DAY_SECONDS
        await keeping.sweep()
        largest = max(largest, wal.stat().st_size)
    assert largest < 8_000_000
    assert (house.media.root / "leyline.db").stat().st_size < 2_000_000
