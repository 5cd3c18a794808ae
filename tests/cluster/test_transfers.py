"""Pictures and videos on their way, and what else may come over the wire: a real engine and real connections."""

import asyncio
import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from leyline.cluster import carrying, engine, messages, transfers, wire
from leyline.cluster.carrying import Bringing, CarryingFailed, Way
from leyline.cluster.errand import Errand
from leyline.cluster.remote import RemoteModel
from leyline.cluster.transfers import Transfers
from leyline.processes import protocol
from leyline.processes.seam import Lost
from tests.live_server import ROOT, eventually

TASK, RUN = uuid4().hex, 3
VIDEO = os.urandom(3_000_000)


class House:
    """A front door's engine and transfers with one member, and that member's way to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.transfers = Transfers(self.run_of)
        self.said: list[protocol.Said] = []
        self.model = RemoteModel(
            "gpu",
            "machine",
            self.transfers,
            stall_seconds=60,
            say=self.said.append,
            on_state=lambda: None,
            on_schema=lambda schema: None,
            on_last=lambda: None,
            on_stop=lambda: None,
        )
        self.gatherer = engine.Gatherer(
            "127.0.0.1",
            0,
            None,
            silence_seconds=5,
            on_member=lambda *_: "nobody joins here",
            on_leave=lambda address: None,
            on_said=lambda address, text: None,
            calls=self.transfers.calls,
        )
        self.start = protocol.Start(
            TASK, RUN, *(str(folder / name) for name in ("picture.jpg", "video.part", "preview.jpg")), {}
        )
        self.there, self.here = folder / "there.mp4", Path(self.start.video_path)

    def run_of(self, member: str, task: str, run: int) -> Any:
        running = self.model.running
        is_it = running and (member, task, run) == ("member://gpu", running.start.task_id, running.start.run)
        return running if is_it else None

    async def begin(self) -> "asyncio.Task[Any]":
        """The member is at work on the run."""
        self.model.hear(messages.State("ready", "", 1, 1))
        running = asyncio.create_task(self.model.run(self.start, lambda news: None))
        await eventually(lambda: self.model.running, "it is at work")
        return running

    def bringing(self, run: int = RUN, member: str = "member://gpu") -> Bringing:
        return Bringing(self.way(run, member), self.there)

    def way(self, run: int = RUN, member: str = "member://gpu") -> Way:
        return Way(lambda: engine.connect(self.gatherer.address), member, TASK, run)


@contextlib.asynccontextmanager
async def running(make: Any) -> AsyncIterator[House]:
    house: House = make()
    async with house.gatherer:
        yield house
    house.transfers.close()


@pytest.fixture
def make(tmp_path: Path) -> Any:
    (tmp_path / "picture.jpg").write_bytes(os.urandom(1_200_000))
    (tmp_path / "there.mp4").write_bytes(VIDEO)
    return lambda: House(tmp_path)


@pytest.fixture
def short_stall(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(transfers, "STALL_SECONDS", 0.3)
    yield


@pytest.mark.gen_test
async def test_a_picture_goes_there_and_a_growing_video_comes_as_it_is(make: Any, tmp_path: Path) -> None:
    async with running(make) as house:
        ending = await house.begin()
        await carrying.fetch(house.way(), tmp_path / "fetched.jpg")
        assert (tmp_path / "fetched.jpg").read_bytes() == (tmp_path / "picture.jpg").read_bytes()
        house.there.write_bytes(VIDEO[:1_000_000])
        bringing = house.bringing()
        await bringing.bring()
        assert house.here.read_bytes() == VIDEO[:1_000_000]
        with house.there.open("ab") as file:
            file.write(VIDEO[1_000_000:])
        await bringing.finish()
        bringing.close()
        house.model.hear(protocol.Done(TASK, RUN, 16, 16, 1.0))
        assert await ending == protocol.Done(TASK, RUN, 16, 16, 1.0)
        assert house.here.read_bytes() == VIDEO


@pytest.mark.gen_test
async def test_a_model_that_begins_its_video_again_has_the_second_one_arrive(make: Any) -> None:
    async with running(make) as house:
        ending = await house.begin()
        bringing = house.bringing()
        await bringing.bring()
        house.there.unlink()
        house.there.write_bytes(VIDEO[:10] + VIDEO)
        await bringing.finish()
        assert house.here.read_bytes() == VIDEO[:10] + VIDEO
        bringing.close()
        ending.cancel()


@pytest.mark.gen_test
async def test_nothing_of_a_run_that_was_given_up_is_written_any_more(make: Any) -> None:
    async with running(make) as house:
        ending = await house.begin()
        house.there.write_bytes(VIDEO[:1_000_000])
        bringing = house.bringing()
        await bringing.bring()
        house.model.leave("it was silent for too long")
        assert isinstance(await ending, Lost)
        house.here.unlink()  # as the line does with what it gives up
        house.there.write_bytes(VIDEO)
        with pytest.raises(CarryingFailed):
            await bringing.finish()
        assert not house.here.exists()
        bringing.close()


@pytest.mark.gen_test
async def test_a_transfer_of_another_run_or_of_another_member_writes_nothing(make: Any) -> None:
    async with running(make) as house:
        ending = await house.begin()
        for bringing in (house.bringing(run=RUN - 1), house.bringing(member="member://other")):
            with pytest.raises(CarryingFailed):
                await bringing.finish()
            bringing.close()
        with pytest.raises(CarryingFailed):
            await carrying.fetch(house.way(run=RUN + 1), house.folder / "fetched.jpg")
        assert not house.here.exists()
        ending.cancel()


@pytest.mark.gen_test
async def test_done_without_its_video_is_no_video(make: Any) -> None:
    async with running(make) as house:
        ending = await house.begin()
        bringing = house.bringing()
        await bringing.bring()  # and not its end
        house.model.hear(protocol.Done(TASK, RUN, 16, 16, 1.0))
        assert isinstance(await ending, Lost)
        bringing.close()


@pytest.mark.gen_test
async def test_a_chunk_that_stalls_is_given_up_and_frees_its_place(make: Any, short_stall: None) -> None:
    async with running(make) as house:
        ending = await house.begin()
        comm = await engine.connect(house.gatherer.address)
        about = {"member": "member://gpu", "task": TASK, "run": RUN}
        await comm.write({"op": transfers.BRING, "reply": False, **about})
        await comm.stream.write(wire.LENGTH.pack(500_000) + bytes(100))
        with pytest.raises(engine.CommClosedError):
            await comm.read()
        assert not house.transfers._room.locked() and not house.model.running.transfers  # type: ignore[union-attr]
        ending.cancel()


@pytest.mark.gen_test
async def test_who_waits_for_a_place_gets_one_and_leaves_it(make: Any) -> None:
    async with running(make) as house:
        house.transfers._room = asyncio.Semaphore(1)
        ending = await house.begin()
        many = [house.bringing() for _ in range(5)]
        await asyncio.gather(*(bringing.finish() for bringing in many))
        for bringing in many:
            bringing.close()
        assert not house.transfers._room.locked()
        ending.cancel()


@pytest.mark.gen_test
async def test_a_full_disk_here_is_the_runs_end_and_not_the_members(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfers._Writing, "append", full)
    async with running(make) as house:
        ending = await house.begin()
        bringing = house.bringing()
        with pytest.raises(CarryingFailed):
            await bringing.finish()
        end = await ending
        assert isinstance(end, protocol.Failed) and end.code == protocol.DISK_FULL
        assert protocol.Cancel(TASK, RUN) in house.said, "the member hears that nobody wants it any more"
        bringing.close()


class Runs:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (os.environ["RUNS"],)


@pytest.mark.gen_test
async def test_a_pickle_is_no_message_and_never_loaded(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNS", str(tmp_path / "ran"))
    async with running(make) as house:
        for said in (pickle.dumps(Runs()), b"\x81\xad__Pickled__" + b"\x01", b"\xc1" * 50):
            comm = await engine.connect(house.gatherer.address)
            await comm.stream.write(wire.LENGTH.pack(len(said)) + said)
            with pytest.raises(engine.CommClosedError):
                await comm.read()
        assert not (tmp_path / "ran").exists()


@pytest.mark.gen_test
async def test_of_what_the_engine_offers_nothing_but_joining_is_there(make: Any) -> None:
    async with running(make) as house:
        for operation in ("run_function", "identity", "terminate", "register-client", "gather", "broadcast"):
            comm = await engine.connect(house.gatherer.address)
            await comm.write({"op": operation, "reply": True})
            assert await comm.read() is None, f"{operation} is not there"
            comm.abort()
        assert sorted(house.gatherer.handlers) == sorted(
            ["register-worker", "heartbeat_worker", transfers.FETCH, transfers.BRING]
        )


IMPORTING = """
import asyncio, gc, logging, signal, sys
logging.basicConfig(level=logging.INFO)
logging.getLogger("tornado").setLevel(logging.ERROR)

def seen():
    loggers = ["", "tornado", "tornado.application", "leyline", "asyncio"]
    logs = [(log.level, log.propagate, list(log.handlers)) for log in map(logging.getLogger, loggers)]
    signals = [signal.getsignal(number) for number in (2, 15, 1, 17)]
    loop = type(asyncio.get_event_loop_policy())
    return logs, signals, gc.get_threshold(), gc.callbacks[:], sys.path[:], sys.excepthook, loop

before = seen()
from leyline.cluster import engine
assert seen() == before, (before, seen())
"""


def test_importing_the_engine_changes_nothing_of_its_process() -> None:
    subprocess.run([sys.executable, "-c", IMPORTING], cwd=ROOT, check=True, timeout=60)


class Idle:
    """A model process that waits for something to do, and hears what it is told."""

    idle, canceled = True, False

    def cancel(self, task_id: str, run: int) -> None:
        self.canceled = True

    def last_lines(self, task_id: str, run: int) -> list[str]:
        return ["a line"]

    async def run(self, start: protocol.Start, heard: Any) -> protocol.Done:
        await asyncio.to_thread(Path(start.video_path).write_bytes, VIDEO)
        return protocol.Done(TASK, RUN, 16, 16, 1.0)


@pytest.mark.parametrize("while_it", ["fetches", "brings"])
@pytest.mark.gen_test
async def test_a_cancel_is_heard_while_files_are_on_their_way(make: Any, while_it: str, tmp_path: Path) -> None:
    async with running(make) as house:
        ending = await house.begin()
        said: list[protocol.Said] = []
        (tmp_path / "worker").mkdir()
        errand = Errand(house.start, Idle(), house.way(), tmp_path / "worker", said.append)  # type: ignore[arg-type]
        if while_it == "fetches":
            house.transfers._room = asyncio.Semaphore(0)  # it would take for ever
        else:
            house.transfers._take_next = lambda *_: asyncio.sleep(60)  # type: ignore[method-assign, assignment]
        carrying_out = asyncio.create_task(errand.carry_out())
        await eventually(lambda: house.model.running.transfers, "it is on its way")  # type: ignore[union-attr]
        errand.cancel(TASK, RUN - 1)
        await asyncio.sleep(0)
        assert not carrying_out.done()
        if while_it == "brings":
            await eventually(lambda: list((tmp_path / "worker").glob("*/video.part")), "the video is there")
        errand.cancel(TASK, RUN)
        await carrying_out
        lines = messages.Printed(TASK, RUN, "a line")
        assert said[-2:] == [lines, protocol.Failed(TASK, RUN, protocol.CANCELED, "")]
        assert not list((tmp_path / "worker").iterdir())
        ending.cancel()
