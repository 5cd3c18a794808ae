"""The real child process through its real pipe, as the worker sees it."""

import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from leyline.processes import protocol
from leyline.processes.protocol import MODEL_ERROR, MODEL_OUT_OF_MEMORY, Cancel, Done, Failed, ModelReady, Progress
from model_proc import loop
from model_proc.parameters import schema_of
from tests.video_files import make_video

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TASK = "0123456789abcdef" * 2
DEADLINE = 60  # seconds: much longer than anything here takes, unless it never happens
GONE_SECONDS = 2
TRIES = 5  # of what is quick: the machine may be busy with other things
QUICK = {"model_seconds": 0.05, "clip_seconds": 1.0, "clip_height": 180}

READY = protocol.ModelReady(schema_of(None))

spawn = multiprocessing.get_context("spawn")


class ModelChild:
    """A model process, and the worker's end of its pipe."""

    def __init__(self, folder: Path, model: str, parameters: loop.Parameters, memory_limit_mb: int) -> None:
        self.folder = folder
        self.heard: list[protocol.Message] = []
        self.pipe, childs_end = spawn.Pipe()
        arguments = (childs_end, model, parameters, memory_limit_mb)
        self.process = spawn.Process(target=loop.run, args=arguments)
        self.process.start()
        childs_end.close()

    def say(self, message: protocol.Message) -> None:
        self.pipe.send_bytes(protocol.encode(message))

    def start(self, run: int = 1, **parameters: Any) -> None:
        paths = [str(self.folder / name) for name in ("picture.png", f"{run}.part", f"{run}.jpg")]
        self.say(protocol.Start(TASK, run, *paths, parameters))

    def hear(self) -> protocol.Message:
        """The next message; EOFError when there will be none."""
        assert self.pipe.poll(DEADLINE), f"nothing more after {self.heard}"
        data = self.pipe.recv_bytes(protocol.MAX_MESSAGE_BYTES)
        self.heard.append(protocol.decode(data, protocol.MODEL.from_child))
        return self.heard[-1]

    def hear_one(self, *kinds: type[protocol.Message]) -> Any:
        """The next message of these kinds."""
        while not isinstance(message := self.hear(), kinds):
            pass
        return message

    def outcome(self, run: int = 1, **parameters: Any) -> Any:
        """Start a run, and hear how it ends."""
        self.start(run, **parameters)
        return self.hear_one(Done, Failed)

    def ended(self) -> int:
        """The exit status of the process, which ends by itself."""
        self.process.join(DEADLINE)
        assert self.process.exitcode is not None, "it still runs"
        return self.process.exitcode

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


Launch = Callable[..., ModelChild]


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launch]:
    """Spawns a model of tests/models by its file and class, or any other by its whole name."""
    monkeypatch.chdir(ROOT)
    picture = np.full((90, 160, 3), (200, 100, 50), np.uint8)
    Pillow.fromarray(picture).save(tmp_path / "picture.png")
    children: list[ModelChild] = []

    def launch(model: str, parameters: loop.Parameters | None = None, memory_limit_mb: int = 0) -> ModelChild:
        reference = model if model.startswith("model_proc") else f"tests.models.{model}"
        children.append(ModelChild(tmp_path, reference, parameters or {}, memory_limit_mb))
        return children[-1]

    yield launch
    for child in children:
        child.close()


# A good life


def test_child_says_ready_then_began_then_makes_the_video(launch, tmp_path):
    child = launch("model_proc.simulated:SimulatedModel", QUICK)
    ready = child.hear()
    assert isinstance(ready, protocol.ModelReady) and '"direction"' in ready.schema
    assert child.outcome() == Done(TASK, 1, 320, 180, 1.0)
    assert child.heard[1] == protocol.Began()
    with av.open(str(tmp_path / "1.part")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == 30
    assert np.abs(frames[0][90, 160].astype(int) - (200, 100, 50)).max() <= 4


def test_progress_begins_at_once_ends_with_encoding_and_never_reaches_100(launch):
    child = launch("model_proc.simulated:SimulatedModel", {**QUICK, "model_seconds": 0.6})
    child.outcome()
    words = [message for message in child.heard if isinstance(message, Progress)]
    assert (words[0].progress, words[0].stage) == (0, "starting")
    assert (words[-1].progress, words[-1].stage) == (99, "encoding")
    assert [word.progress for word in words] == sorted(word.progress for word in words)


def test_previews_are_announced_and_lie_where_they_were_asked_for(launch, tmp_path):
    child = launch("model_proc.simulated:SimulatedModel", {**QUICK, "clip_height": 400})
    child.outcome()
    assert protocol.Preview(TASK, 1, 1) in child.heard
    with Pillow.open(tmp_path / "1.jpg") as preview:
        assert (preview.format, max(preview.size)) == ("JPEG", 320)


def test_one_process_makes_one_video_after_the_other(launch):
    child = launch("plain:Tiny")
    outcomes = [child.outcome(run) for run in (1, 2, 3)]
    assert outcomes == [Done(TASK, run, 16, 16, 2 / 30) for run in (1, 2, 3)]


def test_model_sees_the_picture_and_may_choose_its_frame_rate(launch, tmp_path):
    assert launch("plain:EchoColour").outcome() == Done(TASK, 1, 160, 90, 1.0)
    with av.open(str(tmp_path / "1.part")) as video:
        frame = next(video.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(frame.astype(int) - (200, 100, 50)).max() <= 4


def test_odd_edges_are_cropped(launch):
    assert launch("plain:OddSize").outcome() == Done(TASK, 1, 46, 32, 10 / 30)


def test_child_holds_neither_the_web_nor_the_database(launch):
    outcome = launch("plain:TellsModules").outcome()
    assert outcome == Failed(TASK, 1, MODEL_ERROR, "RuntimeError: loaded:")


def test_importing_the_loop_loads_nothing_heavy():
    check = "import sys, model_proc.loop; print(*{'numpy', 'cv2', 'PIL', 'av', 'tornado'} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, check=True)
    assert printed.stdout.split() == []


# Models that misbehave and live on

ENDINGS = {
    "failing:Raises": (MODEL_ERROR, "RuntimeError: the \ufffd weights are upside down!!!"),
    "failing:Exits": (MODEL_ERROR, "SystemExit: 3"),
    "failing:OutOfMemory": (MODEL_OUT_OF_MEMORY, "MemoryError"),
    "failing:WritesNothing": (MODEL_ERROR, "The model wrote no frames."),
    "failing:ReportsNan": (MODEL_ERROR, "from 0 to 100, not nan"),
    "failing:ReportsTooMuch": (MODEL_ERROR, "from 0 to 100, not 250"),
    "failing:ChangesSize": (MODEL_ERROR, "64 × 32 pixels came after frames of 32 × 32"),
}


@pytest.mark.parametrize("model", ENDINGS)
def test_misbehaving_model_fails_its_task_only(launch, tmp_path, model):
    code, words = ENDINGS[model]
    child = launch(model)
    for run in (1, 2):
        outcome = child.outcome(run)
        assert isinstance(outcome, Failed)
        assert (outcome.task_id, outcome.run, outcome.code) == (TASK, run, code)
        assert words in outcome.detail
        assert len(outcome.detail) <= 500
    assert not list(tmp_path.glob("*.part"))


def test_memory_limit_ends_the_task_and_spares_the_process(launch):
    child = launch("failing:EatsMemory", memory_limit_mb=600)
    for run in (1, 2):
        outcome = child.outcome(run)
        assert isinstance(outcome, Failed)
        assert outcome.code == MODEL_OUT_OF_MEMORY


def test_full_disk_is_told_apart_from_a_bad_model(launch, tmp_path):
    child = launch("plain:EchoColour")
    (tmp_path / "1.part").symlink_to("/dev/full")
    assert child.outcome(1).code == protocol.DISK_FULL
    assert isinstance(child.outcome(2), Done)


def test_missing_picture_fails_its_task_only(launch, tmp_path):
    child = launch("plain:Tiny")
    (tmp_path / "picture.png").rename(tmp_path / "elsewhere.png")
    assert isinstance(child.outcome(1), Failed)
    (tmp_path / "elsewhere.png").rename(tmp_path / "picture.png")
    assert isinstance(child.outcome(2), Done)


def test_a_model_says_in_one_short_line_why_a_picture_cannot_be_done(launch, tmp_path):
    child = launch("failing:SaysNo")
    said = child.outcome()
    assert (said.code, said.detail[:35]) == (protocol.UNSUITABLE, "No face was found [31min gpj.exe.!!")
    assert len(said.detail) == protocol.MAX_SENTENCE_LENGTH
    assert child.outcome(2) == Failed(TASK, 2, protocol.UNSUITABLE, "")
    assert not list(tmp_path.glob("*.part"))


# Files that are there already


@pytest.mark.parametrize(("model", "least"), [("plain:Takes", 40), ("plain:TakesAfterNothingKnown", 0)])
def test_a_file_that_a_model_hands_over_becomes_the_video_and_taking_it_is_a_stage(
    launch, tmp_path, monkeypatch, model, least
):
    source = make_video(tmp_path / "source.mkv", 100, codec="ffv1", sound="flac")
    monkeypatch.setenv("TAKES", str(source))
    child = launch(model)
    done = child.outcome()
    assert done == Done(TASK, 1, 192, 108, 4.0, sound=True)
    words = [message for message in child.heard if isinstance(message, Progress) and message.stage == "encoding"]
    assert words and all(least <= word.progress <= 99 for word in words)
    assert protocol.Preview(TASK, 1, 1) in child.heard


def test_a_file_that_cannot_be_taken_fails_its_task_only(launch, tmp_path, monkeypatch):
    source = tmp_path / "source.mp4"
    source.write_text("no video")
    monkeypatch.setenv("TAKES", str(source))
    child = launch("plain:Takes")
    failed = child.outcome()
    assert (failed.code, "neither MP4" in failed.detail) == (MODEL_ERROR, True)
    make_video(source)
    assert child.outcome(2) == Done(TASK, 2, 192, 108, 2.0)


# Models that cannot be loaded

NOT_LOADED = {
    "raises_on_import:RaisesOnImport": "RuntimeError: no such accelerator",
    "loading:RaisesInLoad": "FileNotFoundError: weights.bin is missing",
    "failing:LacksGenerate": "has no method generate",
    "misses_module:MissesModule": "No module named 'no_such_accelerator'",
    "plain:np": "the module tests.models.plain has no class np",
    "plain:Small": "the module tests.models.plain has no class Small",
    "talking:start": "the module tests.models.talking has no class start",  # a function
    "nowhere:Nowhere": "there is no module tests.models.nowhere",
    "nowhere.deeper:Nowhere": "there is no module tests.models.nowhere",
}
MISSING = {"plain:Small", "plain:np", "talking:start", "nowhere:Nowhere", "nowhere.deeper:Nowhere"}


@pytest.mark.parametrize("model", NOT_LOADED)
def test_model_that_cannot_be_loaded_says_why_and_exits(launch, model):
    child = launch(model)
    failure = child.hear()
    assert isinstance(failure, protocol.LoadFailed)
    assert NOT_LOADED[model] in failure.detail
    assert failure.wrong == ("model" if model in MISSING else "")
    assert child.ended() == 1


def test_codec_that_cannot_be_used_is_named_before_any_task(launch):
    child = launch("plain:Tiny", {"codec": "libvpx"})
    failure = child.hear_one(protocol.LoadFailed)
    assert "'libvpx' cannot write MP4" in failure.detail


def test_slow_load_is_awaited(launch, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SLOW_LOAD_UNTIL", str(tmp_path / "loaded"))
    child = launch("loading:SlowLoad")
    said = ""
    while "SlowLoad waits" not in said:
        assert not child.pipe.poll(0.01), "it says something before it has loaded"
        said += capfd.readouterr().err
    (tmp_path / "loaded").touch()
    assert child.hear() == READY


# What people choose


def test_a_model_says_what_may_be_chosen_and_gets_what_was(launch, tmp_path, monkeypatch):
    monkeypatch.setenv("CHOSEN", str(tmp_path / "chosen"))
    child = launch("choosing:Chooses")
    assert list(json.loads(child.hear_one(ModelReady).schema)["properties"])[:2] == ["prompt", "direction"]
    chosen = {
        "prompt": "Wind\nand „waves“",
        "direction": "out",
        "seconds": 3,
        "frames": 2,
        "loop": False,
        "seed": 7,
    }
    assert isinstance(child.outcome(**chosen), Done)
    assert json.loads((tmp_path / "chosen").read_text()) == chosen


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("SaysNoTitle", "Parameters.loop: title is missing"),
        ("TakesNothing", "generate takes no argument parameters"),
        ("SaysTooMuch", "more than the pipe to the server carries"),
    ],
)
def test_a_model_that_says_badly_what_may_be_chosen_is_not_loaded(launch, model, said):
    child = launch(f"choosing:{model}")
    failure = child.hear_one(protocol.LoadFailed)
    assert said in failure.detail
    assert failure.wrong == ""
    assert child.ended() == 1


# Deaths


@pytest.mark.parametrize(("model", "status"), [("dying:Killed", -signal.SIGKILL), ("dying:Vanishes", 0)])
def test_death_in_a_run_is_an_end_of_the_pipe_after_a_sign_of_life(launch, model, status):
    child = launch(model)
    with pytest.raises(EOFError):
        child.outcome()
    assert child.heard[-1] == Progress(TASK, 1, 0, "starting")
    assert child.ended() == status


ENDS = {
    "the end of the pipe": (lambda child: child.pipe.close(), 0),
    "a shutdown": (lambda child: child.say(protocol.Shutdown()), 0),
    "SIGTERM": (lambda child: child.process.terminate(), -signal.SIGTERM),
    "nonsense from the worker": (lambda child: child.pipe.send_bytes(b"{}"), 2),
}


@pytest.mark.parametrize("end", ENDS)
def test_hanging_model_is_ended_in_time(launch, end):
    bring_about, status = ENDS[end]
    for _ in range(TRIES):
        child = busy(launch)
        began = time.monotonic()
        bring_about(child)
        assert child.ended() == status
        if time.monotonic() - began < GONE_SECONDS:
            return
    raise AssertionError(f"it ends after more than {GONE_SECONDS} s")


def test_keyboard_interrupt_is_left_to_the_server(launch):
    child = launch("plain:Tiny")
    child.hear_one(ModelReady)
    os.kill(child.process.pid, signal.SIGINT)
    assert isinstance(child.outcome(), Done)


@pytest.mark.parametrize("stopped", [False, True])
def test_child_does_not_outlive_a_killed_server(tmp_path, stopped):
    # What the pipe's end does is shown above; a stopped process can only be ended by the kernel.
    server = (
        "import multiprocessing, time; from model_proc import loop; from leyline.processes import protocol\n"
        "spawn = multiprocessing.get_context('spawn'); pipe, childs_end = spawn.Pipe()\n"
        "child = spawn.Process(target=loop.run, args=(childs_end, 'tests.models.plain:Tiny', {}, 0))\n"
        "child.start(); pipe.recv_bytes(); print(child.pid, flush=True); time.sleep(60)\n"
    )
    assert any(ends_in_time(server, stopped) for _ in range(TRIES)), "it still runs"


def ends_in_time(server: str, stopped: bool) -> bool:
    with subprocess.Popen([sys.executable, "-c", server], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        if stopped:
            signal.pidfd_send_signal(child, signal.SIGSTOP)
        process.kill()
    try:
        return bool(select.select([child], [], [], GONE_SECONDS)[0])
    finally:
        os.close(child)


def busy(launch: Launch) -> ModelChild:
    """A child in the middle of a run that never ends."""
    child = launch("dying:Hangs")
    child.start()
    while child.hear_one(Progress).progress < 5:
        pass
    return child


# Cancel


def test_cancel_reaches_a_model_that_writes_or_reports(launch, tmp_path):
    child = launch("plain:WaitsForCancel")
    child.start()
    hear_waiting(child)
    child.say(Cancel(TASK, 1))
    assert child.hear_one(Done, Failed).code == protocol.CANCELED
    assert not (tmp_path / "1.part").exists()


def test_cancel_right_behind_its_start_is_not_lost(launch):
    child = launch("plain:WaitsForCancel")
    child.hear_one(ModelReady)
    child.start()
    child.say(Cancel(TASK, 1))
    assert child.hear_one(Done, Failed).code == protocol.CANCELED


def test_cancel_of_another_run_or_task_stops_nothing(launch):
    child = launch("plain:WaitsForCancel")
    child.start(run=1)
    child.say(Cancel(TASK, 1))
    child.hear_one(Failed)
    child.start(run=2)
    child.say(Cancel(TASK, 1))
    child.say(Cancel("f" * 32, 2))
    hear_waiting(child)
    hear_waiting(child)
    child.say(Cancel(TASK, 2))
    assert child.hear_one(Done, Failed) == Failed(TASK, 2, protocol.CANCELED, "Canceled")


def test_simulated_model_hears_a_cancel_within_its_patience(launch):
    child = launch("model_proc.simulated:SimulatedModel", {**QUICK, "model_seconds": 20})
    patience = []
    while len(patience) < TRIES and not (patience and patience[-1] < 0.3):
        run = len(patience) + 1
        child.start(run)
        child.hear_one(protocol.Preview)
        asked = time.monotonic()
        child.say(Cancel(TASK, run))
        child.hear_one(Failed)
        patience.append(time.monotonic() - asked)
    assert patience[-1] < 0.3, patience


def test_model_that_ignores_a_cancel_goes_on_until_it_is_killed(launch):
    child = launch("dying:IgnoresCancel")
    child.start()
    child.hear_one(Progress)
    child.say(Cancel(TASK, 1))
    while child.pipe.poll(0.5):
        assert isinstance(child.hear(), Progress)
    assert child.process.is_alive()


def hear_waiting(child: ModelChild) -> None:
    while child.hear_one(Progress).stage != "waiting":
        pass


# Crimes on the pipe, as they arrive at the worker's end


def after_ready(launch: Launch, model: str) -> Connection:
    child = launch(model)
    child.hear_one(ModelReady)
    child.start()
    assert child.hear() == protocol.Began()
    assert child.hear() == Progress(TASK, 1, 0, "starting")
    assert child.pipe.poll(DEADLINE)
    return child.pipe


def test_garbage_is_no_message(launch):
    data = after_ready(launch, "talking:Garbage").recv_bytes(protocol.MAX_MESSAGE_BYTES)
    with pytest.raises(protocol.ProtocolError):
        protocol.decode(data, protocol.MODEL.from_child)


def test_huge_length_is_refused_before_it_is_read(launch):
    with pytest.raises(OSError, match="bad message length"):
        after_ready(launch, "talking:HugeLength").recv_bytes(protocol.MAX_MESSAGE_BYTES)


def test_half_message_is_only_half(launch):
    pipe = after_ready(launch, "talking:HalfMessage")
    assert os.read(pipe.fileno(), 1000) == b'\x00\x00\x00d{"message"'
    assert not pipe.poll(0.2)


@pytest.mark.parametrize(
    ("model", "other"),
    [("talking:LateMessage", (TASK, 6)), ("talking:WrongTask", ("f" * 32, 7))],
)
def test_words_of_another_run_come_before_the_runs_own(launch, model, other):
    child = launch(model)
    stranger = child.outcome(run=7)
    assert (stranger.task_id, stranger.run) == other
    assert child.hear_one(Done) == Done(TASK, 7, 160, 90, 1 / 30)
