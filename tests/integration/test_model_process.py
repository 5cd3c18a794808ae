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
from time import monotonic

import pytest
from PIL import Image as Pillow

from leyline.processes import kept, protocol
from leyline.processes.child import Child
from leyline.processes.model import ModelProcess
from leyline.processes.seam import Crashed, Outcome
from leyline.processes.states import ChildState
from model_proc.loop import run as run_model_loop
from tests.live_server import eventually
from tests.processes import lives, send_signal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TINY = "tests.models.plain:Tiny"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(kept, "LONGEST_PAUSE_SECONDS", 0.01)


class Watched:
    """A model process, and each state that was told of it with its detail."""

    def __init__(self, model: str, stall_seconds: float = 60) -> None:
        self.told: list[tuple[str, str]] = []
        self.told_at: list[float] = []
        self.wrong: list[tuple[str, str]] = []
        self.schemas: list[str] = []
        self.process = ModelProcess(
            run_model_loop,
            model,
            {},
            memory_limit_mb=0,
            stall_seconds=stall_seconds,
            on_state=self._tell,
            on_schema=self.schemas.append,
            on_wrong_setting=lambda *wrong: self.wrong.append(wrong),
        )

    def _tell(self) -> None:
        self.told.append((self.process.state.value, self.process.detail))
        self.told_at.append(monotonic())

    async def ready(self) -> None:
        await asyncio.wait_for(self.process.ready(), 30)

    async def run(self, folder: Path) -> Outcome:
        """How a run ends that is begun as soon as it can be."""
        picture = folder / "picture.png"
        Pillow.new("RGB", (32, 32)).save(picture)
        await self.ready()
        start = protocol.Start("f" * 32, 1, str(picture), str(folder / "1.part"), str(folder / "1.jpg"), {})
        return await self.process.run(start, lambda news: None)

    def kill(self) -> None:
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGKILL)


@asynccontextmanager
async def started(model: str, stall_seconds: float = 60) -> AsyncIterator[Watched]:
    watched = Watched(model, stall_seconds)
    watched.process.start()
    try:
        yield watched
    finally:
        await watched.process.stop()


def no_process(self: Child) -> None:
    raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")


NO_ROOM = ("failed", "The server has no room for the model process at this moment.")
NOT_LOADED = ("failed", "The model could not be loaded. The server's log says why.")
UNUSED = ("failed", "The model process ended before it had begun a picture. The server's log says how.")


@pytest.mark.gen_test(timeout=60)
async def test_a_restart_for_which_there_is_no_process_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(TINY) as model:
        await model.run(tmp_path)
        start, failures = Child.start, iter([no_process, no_process])
        monkeypatch.setattr(Child, "start", lambda child: next(failures, start)(child))
        model.kill()
        await eventually(lambda: ("restarting", "") in model.told, "its death is heard of")
        await model.ready()
    restarting = model.told.index(("restarting", ""))
    assert model.told[restarting + 1 : -1] == [NO_ROOM, NO_ROOM, ("loading", ""), ("ready", "")]


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_could_not_be_started_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LONGEST_PAUSE_SECONDS", 30)
    monkeypatch.setattr(Child, "start", no_process)
    async with started(TINY) as model:
        assert model.process.state is ChildState.FAILED
    assert model.told == [NO_ROOM, ("stopped", "")]


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
    async with started("tests.models.loading:DiesInLoad") as model:
        await eventually(lambda: NOT_LOADED in model.told, "it has died")
        weights.touch()
        await model.ready()
    assert model.told[:3] == [("loading", ""), NOT_LOADED, ("loading", "")]
    assert model.told[-2:] == [("ready", ""), ("stopped", "")]


@pytest.mark.long
@pytest.mark.gen_test(timeout=90)
async def test_a_model_that_dies_idle_after_its_load_is_tried_again_after_pauses_that_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SHORTEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(kept, "LONGEST_PAUSE_SECONDS", 0.6)
    monkeypatch.setenv("STAYS", str(tmp_path / "stays"))
    async with started("tests.models.loading:DiesIdle") as model:
        await eventually(lambda: model.told.count(UNUSED) == 4, "it has died four times")
        (tmp_path / "stays").touch()
        assert isinstance(await model.run(tmp_path), protocol.Done)
        model.kill()
        await eventually(lambda: ("restarting", "") in model.told, "its death is heard of")
        await model.ready()
    one_life = [("loading", ""), ("ready", ""), UNUSED]
    assert model.told[: 4 * 3] == one_life * 4
    pauses = [model.told_at[died + 1] - model.told_at[died] for died in (2, 5, 8, 11)]
    assert all(pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.6, 0.6), strict=True)), pauses


@pytest.mark.gen_test(timeout=60)
async def test_a_model_killed_in_its_first_run_restarts_without_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LONGEST_PAUSE_SECONDS", 30)
    async with started("tests.models.dying:Killed") as model:
        for _ in range(3):
            crashed = await model.run(tmp_path)
            assert isinstance(crashed, Crashed)
            assert crashed.began
            assert "-9" in crashed.reason
            assert "9" not in crashed.detail
    life = [("loading", ""), ("ready", ""), ("busy", ""), ("restarting", "")]
    assert model.told[: 3 * 4] == life * 3


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_does_not_take_up_a_run_is_not_held_against_its_picture(tmp_path: Path) -> None:
    async with started(TINY, stall_seconds=0.5) as model:
        await model.ready()
        assert model.process.pid
        os.kill(model.process.pid, signal.SIGSTOP)
        crashed = await model.run(tmp_path)
        assert isinstance(crashed, Crashed)
        assert (crashed.began, crashed.detail) == (False, "The model said nothing for 0.5 s.")
        assert isinstance(await model.run(tmp_path), protocol.Done)


@pytest.mark.gen_test(timeout=60)
async def test_a_run_that_nobody_waits_for_any_more_ends_with_its_process(tmp_path: Path) -> None:
    async with started("tests.models.dying:Hangs") as model:
        run = asyncio.ensure_future(model.run(tmp_path))
        await eventually(lambda: ("busy", "") in model.told, "it has begun")
        pid = model.process.pid
        assert pid
        run.cancel()
        await eventually(lambda: not lives(pid), "it is dead")
        await model.ready()


# Models that are not there


@pytest.mark.parametrize(
    ("model", "missing"),
    [
        ("nowhere:Nowhere", "there is no module nowhere"),
        ("tests.models.nowhere:Nowhere", "there is no module tests.models.nowhere"),
        ("tests.models.plain.py:Tiny", "there is no module tests.models.plain.py"),
        ("tests.models.plain:Small", "the module tests.models.plain has no class Small"),
    ],
)
@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_is_not_there_is_told_once(model: str, missing: str) -> None:
    async with started(model) as watched:
        await eventually(lambda: watched.told.count(NOT_LOADED) == 2, "it was tried twice")
    assert watched.wrong == [("model", missing)]


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_misses_something_else_may_come_back() -> None:
    async with started("tests.models.misses_module:MissesModule") as watched:
        await eventually(lambda: watched.told.count(NOT_LOADED) == 2, "it was tried twice")
    assert watched.wrong == []


# Models that fork


@pytest.fixture
def forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file in which `Forks` writes down what it has forked."""
    path = tmp_path / "forked"
    monkeypatch.setenv("FORKED", str(path))
    yield path
    for pid in forks(path):
        send_signal(pid, signal.SIGKILL)


def forks(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()]


@pytest.mark.gen_test(timeout=90)
async def test_an_idle_model_is_known_to_be_dead_though_what_it_forked_lives_on(forked: Path) -> None:
    async with started("tests.models.loading:Daemonizes") as model:
        await model.ready()
        model.kill()
        await eventually(lambda: UNUSED in model.told, "its death is heard of")
        await model.ready()
    assert len(forks(forked)) == 2
    assert all(map(lives, forks(forked)))


@pytest.mark.gen_test(timeout=90)
async def test_a_model_that_dies_while_loading_is_known_to_be_dead_though_what_it_forked_lives_on(
    forked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIES_FIRST", "yes")
    async with started("tests.models.loading:Daemonizes") as model:
        await model.ready()
    assert model.told[:3] == [
        ("loading", ""),
        NOT_LOADED,
        ("loading", ""),
    ]


@pytest.mark.gen_test(timeout=90)
async def test_what_a_model_forked_dies_with_it(forked: Path) -> None:
    async with started("tests.models.loading:Forks") as model:
        await model.ready()
        (first,) = forks(forked)
        assert lives(first)
        model.kill()
        await eventually(lambda: not lives(first), "the fork of a killed model is dead")
        await eventually(lambda: UNUSED in model.told, "its own death is heard of")
        await model.ready()
        second = forks(forked)[1]
        assert lives(second)
    await eventually(lambda: not lives(second), "the fork of a stopped model is dead")
