"""The parent's end of the model process, with real processes: starts that fail, and what is said of them."""

import asyncio
import errno
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from leyline.processes import model as model_process
from leyline.processes.child import Child
from leyline.processes.model import ModelProcess, ModelState
from model_proc.loop import run as run_model_loop
from tests.live_server import eventually
from tests.processes import lives, send_signal

ROOT = Path(__file__).parents[2]
TINY = "tests.models.tiny:Tiny"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(model_process, "LONGEST_BACKOFF_SECONDS", 0.01)


class Watched:
    """A model process, and each state that was told of it with its detail."""

    def __init__(self, model: str) -> None:
        self.told: list[tuple[str, str]] = []
        self.process = ModelProcess(
            run_model_loop, model, {}, memory_limit_mb=0, stall_seconds=60, on_state=self._tell
        )

    def _tell(self) -> None:
        self.told.append((self.process.state.value, self.process.detail))

    async def ready(self) -> None:
        await asyncio.wait_for(self.process.ready(), 30)


@asynccontextmanager
async def started(model: str) -> AsyncIterator[Watched]:
    watched = Watched(model)
    watched.process.start()
    try:
        yield watched
    finally:
        await watched.process.stop()


def no_process(self: Child) -> None:
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


NO_ROOM = ("failed", "The server has no room for the model process at this moment.")


@pytest.mark.gen_test(timeout=60)
async def test_a_restart_for_which_there_is_no_process_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(TINY) as model:
        await model.ready()
        start, failures = Child.start, iter([no_process, no_process])
        monkeypatch.setattr(Child, "start", lambda child: next(failures, start)(child))
        assert model.process.pid
        os.kill(model.process.pid, signal.SIGKILL)
        await eventually(lambda: ("restarting", "") in model.told, "its death is heard of")
        await model.ready()
    restarting = model.told.index(("restarting", ""))
    assert model.told[restarting + 1 : -1] == [NO_ROOM, NO_ROOM, ("loading", ""), ("ready", "")]


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_could_not_be_started_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_process, "LONGEST_BACKOFF_SECONDS", 30)
    monkeypatch.setattr(Child, "start", no_process)
    async with started(TINY) as model:
        assert model.process.state is ModelState.FAILED
    assert model.told == [NO_ROOM, ("stopped", NO_ROOM[1])]


@pytest.mark.gen_test(timeout=60)
async def test_a_model_without_a_thread_to_hear_it_does_not_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int] = []
    begin, watched = threading.Thread.start, Watched(TINY)

    def no_thread(thread: threading.Thread) -> None:
        if "pipe" not in thread.name or pids:
            begin(thread)
            return
        pids.extend(child.pid or 0 for child in multiprocessing.active_children())
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    watched.process.start()
    assert watched.told == [NO_ROOM]
    assert len(pids) == 1
    assert not lives(pids[0])
    await watched.ready()
    await watched.process.stop()


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_dies_while_loading_says_how_until_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights"
    monkeypatch.setenv("WEIGHTS", str(weights))
    async with started("tests.models.dies_in_load:DiesInLoad") as model:
        failed = ("failed", "The model process was ended by signal 9.")
        await eventually(lambda: failed in model.told, "it has died")
        weights.touch()
        await model.ready()
    assert model.told[:3] == [("loading", ""), failed, ("loading", "")]
    assert model.told[-2:] == [("ready", ""), ("stopped", "")]


# Models that fork


@pytest.fixture
def forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file in which a model of tests/models/forks.py writes down what it has forked."""
    path = tmp_path / "forked"
    monkeypatch.setenv("FORKED", str(path))
    yield path
    for pid in forks(path):
        send_signal(pid, signal.SIGKILL)


def forks(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()]


@pytest.mark.gen_test(timeout=90)
async def test_an_idle_model_is_known_to_be_dead_though_what_it_forked_lives_on(forked: Path) -> None:
    async with started("tests.models.forks:Daemonizes") as model:
        await model.ready()
        assert model.process.pid
        os.kill(model.process.pid, signal.SIGKILL)
        await eventually(lambda: ("restarting", "") in model.told, "its death is heard of")
        await model.ready()
    assert len(forks(forked)) == 2
    assert all(map(lives, forks(forked)))


@pytest.mark.gen_test(timeout=90)
async def test_a_model_that_dies_while_loading_is_known_to_be_dead_though_what_it_forked_lives_on(
    forked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIES_FIRST", "yes")
    async with started("tests.models.forks:Daemonizes") as model:
        await model.ready()
    assert model.told[:3] == [
        ("loading", ""),
        ("failed", "The model process ended by itself with status 9."),
        ("loading", ""),
    ]


@pytest.mark.gen_test(timeout=90)
async def test_what_a_model_forked_dies_with_it(forked: Path) -> None:
    async with started("tests.models.forks:Forks") as model:
        await model.ready()
        (first,) = forks(forked)
        assert lives(first)
        assert model.process.pid
        os.kill(model.process.pid, signal.SIGKILL)
        await eventually(lambda: not lives(first), "the fork of a killed model is dead")
        await model.ready()
        second = forks(forked)[1]
        assert lives(second)
    await eventually(lambda: not lives(second), "the fork of a stopped model is dead")
