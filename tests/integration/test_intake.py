"""The way into the line, on a real database and a real disk; only the decoding of pictures is stood in for."""

import asyncio
import errno
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leyline import errors
from leyline.intake import intake
from leyline.intake.incoming import WRITTEN_AT_ONCE_BYTES
from leyline.intake.intake import Intake
from leyline.intake.reservations import Reservation, Sender
from leyline.line.events import Events
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from leyline.media import Media, Part
from leyline.pictures.process import Prepared
from leyline.settings import Settings
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.receivers import Receivers
from model_proc.parameters import schema_of
from tests.models.choosing import Chooses, ChoosesLess
from tests.steady_models import SteadyModels

ME = Sender("me", "me")
PICTURE = b"a picture"


class Pictures:
    """Makes something of everything, unless it is told what is wrong."""

    def __init__(self) -> None:
        self.wrong: Exception | None = None
        self.difficult = b""  # of this, it takes until `done` is set
        self.begun, self.done = asyncio.Event(), asyncio.Event()

    async def prepare(self, source: Path, picture: Path, thumbnail: Path, *whose: str | None) -> Prepared:
        if self.wrong:
            raise self.wrong
        if await asyncio.to_thread(source.read_bytes) == self.difficult:
            self.begun.set()
            await self.done.wait()
        await asyncio.to_thread(shutil.copy, source, picture)
        await asyncio.to_thread(shutil.copy, source, thumbnail)
        return Prepared(64, 48)


class Way:
    """An intake with everything that it leads to."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.store = TaskStore(folder / "leyline.db")
        self.media = Media(folder)
        self.events = Events()
        self.pictures = Pictures()
        self.moves = Moves(self.store.database, self.events, keep_seconds=60)
        self.retention = Retention(self.store, self.moves, self.media, keep_days=7, keep_gb=20, reserve_mb=0)
        self.known = KnownSchema(self.store.database, "stand-in", {})
        allowed = Settings(**settings).webhook_origins
        self.outbox = Outbox(self.store.database, "", allowed)
        self.intake = Intake(
            self.store,
            self.moves,
            self.media,
            self.pictures,
            Line(self.moves.index, self.events, prior_seconds=30, models=SteadyModels(self.moves.index)),
            self.retention,
            self.known,
            Receivers(allowed, self.outbox),
            Settings(**settings),
        )

    async def received(self, sender: Sender = ME, picture: bytes = PICTURE) -> Reservation:
        """Of an upload of which everything has come."""
        reservation = await self.intake.reserve(sender, len(picture))
        await self.intake.receive(reservation, picture)
        return reservation

    async def accept(self, sender: Sender = ME, picture: bytes = PICTURE) -> Task:
        return (await self.finish(await self.received(sender, picture)))[0]

    async def finish(self, reservation: Reservation, *more: Any) -> tuple[Task, bool]:
        return await self.intake.finish(reservation, "beach.jpg", "mine", *more)

    async def files(self) -> list[str]:
        """The names of all that lies on the disk, once what was given up is gone."""
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        folders = [self.media.root / name for name in ("pictures", "videos", "tmp")]
        async with asyncio.timeout(30):
            while any(folders[-1].iterdir()):  # noqa: ASYNC110 - removed by a thread that tells nobody
                await asyncio.sleep(0.01)
        return sorted(path.name for folder in folders for path in folder.iterdir())


@pytest.fixture
def way(tmp_path: Path, io_loop: object) -> Iterator[Way]:
    built = Way(tmp_path, max_waiting=5, max_waiting_per_client=3)
    yield built
    built.store.close()


@pytest.mark.gen_test(timeout=30)
async def test_an_accepted_picture_is_on_disk_in_line_and_told(way: Way) -> None:
    listener = way.events.subscribe("me")
    task = await way.accept()
    assert await way.files() == [f"{task.task_id}.jpg", f"{task.task_id}.thumbnail.jpg"]
    assert way.media.picture(task.task_id).read_bytes() == PICTURE
    assert (task.client_id, task.image_name) == ("mine", "beach.jpg")
    assert (task.image_bytes, task.image_width, task.image_height) == (len(PICTURE), 64, 48)
    assert await way.store.get(task.task_id) == task
    assert (listener.mark().tasks, way.events.line_version) == ({task.task_id}, 1)


# Limits


@pytest.mark.gen_test(timeout=30)
async def test_uploads_at_once_reserve_exactly_what_there_is(way: Way) -> None:
    senders = [Sender(f"owner {number}", f"owner {number}") for number in range(20)]
    begun = await asyncio.gather(*(way.intake.reserve(sender, 0) for sender in senders), return_exceptions=True)
    assert [isinstance(upload, Reservation) for upload in begun] == [True] * 5 + [False] * 15
    assert {type(refusal) for refusal in begun[5:]} == {errors.LineFull}


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_is_counted_once_while_its_task_is_committed(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted twice, as an upload and as a task, it would refuse too early; missed in between, too late."""
    committed, go_on = asyncio.Semaphore(0), asyncio.Event()
    add = way.moves.enter

    async def add_and_wait(*values: Any) -> Task:
        task = await add(*values)
        committed.release()
        await go_on.wait()
        return task

    monkeypatch.setattr(way.moves, "enter", add_and_wait)
    finishing = [asyncio.create_task(way.finish(await way.received(Sender(None, "me")))) for _ in range(2)]
    for _ in finishing:
        await committed.acquire()
    assert way.moves.index.count("me") == 2
    await way.intake.reserve(ME, 0)
    with pytest.raises(errors.ClientLimit, match="You have 3 pictures"):
        await way.intake.reserve(ME, 0)
    go_on.set()
    await asyncio.gather(*finishing)
    with pytest.raises(errors.ClientLimit, match="You have 3 pictures"):
        await way.intake.reserve(ME, 0)


@pytest.mark.gen_test(timeout=60)
async def test_as_many_as_fit_are_taken_whenever_the_others_commit(way: Way) -> None:
    for _ in range(20):
        answers = await asyncio.gather(*(way.accept() for _ in range(5)), return_exceptions=True)
        tasks = [answer for answer in answers if isinstance(answer, Task)]
        refused = [type(answer) for answer in answers if not isinstance(answer, Task)]
        assert (len(tasks), refused) == (3, [errors.ClientLimit] * 2)
        for task in tasks:
            await way.moves.delete(task.task_id)


@pytest.mark.gen_test(timeout=30)
async def test_what_a_session_sends_at_once_enters_the_line_in_the_order_in_which_it_began(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ORDER_SECONDS", 30)
    first, second = await way.intake.reserve(ME, len(PICTURE)), await way.received()
    later = asyncio.ensure_future(way.finish(second))
    others = await way.accept(Sender("other", "other"))  # who waits for nobody
    await way.intake.receive(first, PICTURE)
    assert not later.done()
    earlier, _ = await way.finish(first)
    assert others.place < earlier.place < (await later)[0].place


@pytest.mark.gen_test(timeout=30)
async def test_what_has_come_whole_is_waited_for_though_its_picture_is_a_difficult_one(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ORDER_SECONDS", 0)
    way.pictures.difficult = b"a difficult picture"
    first = asyncio.ensure_future(way.finish(await way.received(ME, way.pictures.difficult)))
    await way.pictures.begun.wait()
    second = await way.received()
    later = asyncio.ensure_future(way.finish(second))
    async with asyncio.timeout(20):
        while not way.media.picture(second.task_id).exists():  # noqa: ASYNC110 - made ready beside the first
            await asyncio.sleep(0.01)
    assert not later.done()
    way.pictures.done.set()
    assert (await first)[0].place < (await later)[0].place


@pytest.mark.gen_test(timeout=30)
async def test_of_who_leaves_while_an_earlier_one_is_waited_for_nothing_is_left(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ORDER_SECONDS", 30)
    await way.intake.reserve(ME, len(PICTURE))
    second = await way.received()
    later = asyncio.ensure_future(way.finish(second))
    async with asyncio.timeout(20):
        while not way.media.picture(second.task_id).exists():  # noqa: ASYNC110 - a thread's work
            await asyncio.sleep(0.01)
    later.cancel()
    with pytest.raises(asyncio.CancelledError):
        await later
    assert not way.media.picture(second.task_id).exists()


@pytest.mark.gen_test(timeout=30)
async def test_a_slow_upload_is_not_waited_for_long(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ORDER_SECONDS", 0.05)
    slow = await way.intake.reserve(ME, len(PICTURE))
    task = await way.accept()
    await way.intake.receive(slow, PICTURE)
    assert task.place < (await way.finish(slow))[0].place


@pytest.mark.gen_test(timeout=30)
async def test_what_is_released_can_be_reserved_again(way: Way) -> None:
    uploads = [await way.intake.reserve(ME, 0) for _ in range(3)]
    with pytest.raises(errors.ClientLimit) as refused:
        await way.intake.reserve(ME, 0)
    assert refused.value.retry_after_seconds >= 1
    way.intake.leave(uploads[0])
    way.intake.leave(uploads[0])
    await way.intake.reserve(ME, 0)
    with pytest.raises(errors.ClientLimit):
        await way.intake.reserve(ME, 0)


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_without_any_size_looks_for_room_piece_by_piece(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.intake._limit_bytes = 0
    upload = await way.intake.reserve(ME, None)
    await way.intake.receive(upload, PICTURE)
    monkeypatch.setattr(way.media, "free_bytes", lambda: WRITTEN_AT_ONCE_BYTES - 1)
    with pytest.raises(errors.DiskLow):
        await way.intake.receive(upload, bytes(WRITTEN_AT_ONCE_BYTES))
    way.intake.leave(upload)
    assert await way.files() == []


@pytest.mark.gen_test(timeout=30)
async def test_bytes_are_reserved_as_they_were_declared(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way.media, "free_bytes", lambda: 2_500)
    first = await way.intake.reserve(ME, 1_000)
    await way.intake.reserve(ME, 1_000)
    with pytest.raises(errors.DiskLow):
        await way.intake.reserve(ME, 1_000)
    way.intake.leave(first)
    await way.intake.reserve(ME, 1_000)


@pytest.mark.gen_test(timeout=30)
async def test_who_declares_nothing_is_taken_to_send_as_much_as_may_come(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way.media, "free_bytes", lambda: 50_000_000)
    await way.intake.reserve(ME, None)
    await way.intake.reserve(ME, None)
    with pytest.raises(errors.DiskLow):
        await way.intake.reserve(ME, None)


@pytest.mark.gen_test(timeout=30)
async def test_a_declared_size_over_the_limit_is_refused_before_it_comes(tmp_path: Path, way: Way) -> None:
    with pytest.raises(errors.TooLarge, match=r"25\.0 MB.*at most 20 MB"):
        await way.intake.reserve(ME, 25_000_000)
    upload = await way.intake.reserve(ME, 0)
    with pytest.raises(errors.TooLarge, match=r"more than 20\.0 MB"):
        await way.intake.receive(upload, bytes(20_000_001))
    way.intake.leave(upload)
    assert await way.files() == []


@pytest.mark.gen_test(timeout=30)
async def test_a_stopping_server_takes_nothing(way: Way) -> None:
    way.intake.stopping = True
    with pytest.raises(errors.Stopping):
        await way.intake.reserve(ME, 0)


@pytest.mark.gen_test(timeout=30)
async def test_who_leaves_while_the_upload_is_finished_takes_nothing_away_from_it(way: Way) -> None:
    upload = await way.received()
    prepare = way.pictures.prepare

    async def leave_first(*paths: Any) -> Prepared:
        way.intake.leave(upload)
        assert upload.file.part.path.exists()
        with pytest.raises(errors.ClientLimit):
            await asyncio.gather(*(way.intake.reserve(ME, 0) for _ in range(3)))
        return await prepare(*paths)

    way.pictures.prepare = leave_first  # type: ignore[method-assign]
    task, _ = await way.finish(upload)
    assert await way.store.get(task.task_id) == task
    assert upload.over.is_set()


# The idempotency key


@pytest.mark.slow
@pytest.mark.gen_test(timeout=30)
async def test_a_key_whose_task_went_meanwhile_makes_a_new_one_within_the_limits(way: Way) -> None:
    sender = replace(ME, idempotency_key="key")
    first = await way.accept(sender)
    upload = await way.received(sender)
    assert not upload.takes_place
    await way.moves.delete(first.task_id)
    for _ in range(3):
        await way.accept()
    with pytest.raises(errors.ClientLimit):
        await way.finish(upload)
    assert len((await way.store.line()).waiting) == 3


@pytest.mark.gen_test(timeout=30)
async def test_a_known_key_skips_the_place_and_never_the_room(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = replace(ME, idempotency_key="key")
    first = await way.accept(sender)
    for _ in range(2):
        await way.accept()
    with pytest.raises(errors.ClientLimit):
        await way.accept()
    assert await way.accept(sender) == first, "no place is left, and none is needed"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, len(PICTURE) - 1))
    with pytest.raises(errors.DiskLow):
        await way.received(sender)
    assert len(await way.files()) == 6, "three pictures and their thumbnails, and nothing of what was refused"


@pytest.mark.gen_test(timeout=30)
async def test_who_gives_a_key_back_twice_does_not_free_it_for_a_third(way: Way) -> None:
    sender = replace(ME, idempotency_key="key")
    refused = await way.intake.reserve(sender, 0)
    way.intake.leave(refused)
    await way.intake.reserve(sender, 0)
    way.intake.leave(refused)
    with pytest.raises(errors.KeyInFlight):
        await way.intake.reserve(sender, 0)


@pytest.mark.gen_test(timeout=30)
async def test_another_picture_under_a_known_key_is_charged_and_a_replay_is_not(way: Way) -> None:
    sender = Sender(None, "address", idempotency_key="key")
    await way.accept(sender)

    def charge() -> None:
        raise errors.ClientLimit

    replay = await way.received(sender)
    assert (await way.finish(replay, charge))[1] is False
    another = await way.received(sender, b"another picture")
    with pytest.raises(errors.ClientLimit):
        await way.finish(another, charge)
    assert len((await way.store.line()).waiting) == 1


@pytest.mark.gen_test(timeout=30)
async def test_a_key_is_free_again_after_a_refusal(way: Way) -> None:
    sender = replace(ME, idempotency_key="key")
    way.pictures.wrong = errors.DamagedPicture()
    with pytest.raises(errors.DamagedPicture):
        await way.accept(sender)
    way.pictures.wrong = None
    assert (await way.accept(sender)).idempotency_key == "key"


# When a step fails


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("wrong", [errors.DamagedPicture(), OSError(28, "No space left")], ids=["damaged", "full"])
async def test_a_picture_that_cannot_be_kept_leaves_nothing(way: Way, wrong: Exception) -> None:
    way.pictures.wrong = wrong
    with pytest.raises(errors.DiskLow if isinstance(wrong, OSError) else errors.DamagedPicture):
        await way.accept()
    assert await way.files() == []
    assert (await way.store.line()).waiting == ()


@pytest.mark.gen_test(timeout=30)
async def test_a_refused_commit_takes_the_picture_back(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> Task:
        raise errors.DatabaseBusy

    monkeypatch.setattr(way.moves, "enter", busy)
    with pytest.raises(errors.DatabaseBusy):
        await way.accept()
    assert (await way.files(), way.events.line_version) == ([], 0)


@pytest.mark.gen_test(timeout=30)
async def test_a_commit_under_way_is_not_taken_back_when_its_client_leaves(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    committing, go_on = asyncio.Event(), asyncio.Event()
    enter = way.moves.enter

    async def slow(*values: Any) -> Task:
        committing.set()
        await go_on.wait()
        return await enter(*values)

    monkeypatch.setattr(way.moves, "enter", slow)
    upload = await way.received()
    accepting = asyncio.create_task(way.finish(upload))
    await committing.wait()
    accepting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await accepting
    listener = way.events.subscribe("me")
    go_on.set()
    (task_id,) = (await listener.changes()).tasks
    assert await way.files() == [f"{task_id}.jpg", f"{task_id}.thumbnail.jpg"]


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("knows_links", [True, False])
async def test_a_retry_on_a_full_disk_says_so_and_leaves_nothing(
    way: Way, monkeypatch: pytest.MonkeyPatch, knows_links: bool
) -> None:
    task = await way.accept()
    canceled = await way.moves.cancel(task)
    before = await way.files()
    monkeypatch.setattr(os, "link", lambda *_: fail(errno.ENOSPC if knows_links else errno.EPERM))
    monkeypatch.setattr(Part, "append", lambda *_: fail(errno.ENOSPC))
    with pytest.raises(errors.DiskLow):
        await way.intake.retry(canceled, "me")
    assert await way.files() == before


@pytest.mark.gen_test(timeout=30)
async def test_a_retry_where_the_disk_knows_no_links_copies_beside_the_event_loop(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    canceled = await way.moves.cancel(await way.accept())
    threads: list[threading.Thread] = []

    def no_links(*_: object) -> None:
        threads.append(threading.current_thread())
        fail(errno.EPERM)

    monkeypatch.setattr(os, "link", no_links)
    again = await way.intake.retry(canceled, "me")
    assert way.media.picture(again.task_id).read_bytes() == PICTURE
    assert threads and threading.main_thread() not in threads


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize(
    ("first", "then", "is_chosen"),
    [({}, None, False), ({"seconds": 12}, None, True), ({"seconds": 12}, {}, False), ({}, {"seconds": 12}, True)],
    ids=["of nothing", "of what was chosen", "with nothing", "with what is chosen"],
)
async def test_what_is_chosen_and_what_is_not_is_still_known_of_a_retry(
    way: Way, first: Any, then: Any, is_chosen: bool
) -> None:
    """A model that has changed fails what was chosen and no longer fits it, and nothing else."""
    way.known.learn(schema_of(Chooses.Parameters))
    task, _ = await way.finish(await way.received(), lambda: None, first)
    again = await way.intake.retry(await way.moves.cancel(task), "me", chosen=then)
    assert again.is_chosen == is_chosen
    way.known.learn(schema_of(ChoosesLess.Parameters))
    assert bool(way.known.changed(way.known.settled(again))) == is_chosen
    await way.known.kept()


def fail(number: int) -> None:
    raise OSError(number, os.strerror(number))


@pytest.mark.gen_test(timeout=30)
async def test_an_undo_that_was_refused_can_be_asked_again(way: Way) -> None:
    first, second, _ = [await way.accept() for _ in range(3)]
    canceled = await way.moves.cancel(first)
    another = await way.accept()
    with pytest.raises(errors.ClientLimit):
        await way.intake.retry(canceled, "me")
    await way.moves.delete(another.task_id)
    again = await way.intake.retry(canceled, "me")
    assert (again.place, again.retry_of) == (first.place, first.task_id)
    assert (await way.moves.claim()).task_id == again.task_id
    assert second.place > again.place


# One upload's file


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_given_up_while_it_is_written_leaves_no_file(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await way.intake.reserve(ME, 0)
    writing, go_on = threading.Event(), threading.Event()
    open_file = Path.open

    def slow(self: Path, *args: Any, **options: Any) -> Any:
        writing.set()
        go_on.wait(30)
        return open_file(self, *args, **options)

    monkeypatch.setattr(Path, "open", slow)
    write = asyncio.create_task(way.intake.receive(upload, PICTURE))
    await asyncio.to_thread(writing.wait, 30)
    way.intake.leave(upload)
    go_on.set()
    await write
    monkeypatch.undo()
    await way.intake.receive(upload, PICTURE)  # a late piece
    assert await way.files() == []


@pytest.mark.gen_test(timeout=30)
async def test_a_disk_that_takes_pieces_gets_all_of_them(way: Way) -> None:
    upload = await way.received(picture=b"begin ")
    upload.file.part._file = Nibbler(upload.file.part._file)
    await way.intake.receive(upload, b"of a picture")
    await asyncio.to_thread(upload.file.complete)
    assert upload.file.part.path.read_bytes() == b"begin of a picture"
    way.intake.leave(upload)
    assert await way.files() == []


class Nibbler:
    """A file that takes three bytes at a time."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        return self._file.write(data[:3])

    def close(self) -> None:
        self._file.close()


@pytest.mark.gen_test(timeout=30)
async def test_an_upload_without_a_byte_is_empty(way: Way) -> None:
    upload = await way.intake.reserve(ME, 0)
    with pytest.raises(errors.EmptyFile):
        await way.finish(upload)
