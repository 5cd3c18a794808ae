"""A member as the line sees it, whatever it says, and when: no engine, no machine."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from leyline.cluster import remote
from leyline.cluster.messages import Died, Goodbye, NotCarried, Printed, State, Still
from leyline.cluster.remote import RemoteModel
from leyline.cluster.transfers import Transfers
from leyline.processes import protocol
from leyline.processes.seam import Crashed, Lost
from leyline.processes.states import ChildState
from tests.live_server import eventually

TASK, RUN = uuid4().hex, 2
READY, BUSY = State("ready", "", 1, 7), State("busy", "", 1, 7)


class Room:
    """A member, what was said to it, and what was heard of its run."""

    def __init__(self, folder: Path) -> None:
        self.said: list[protocol.Said] = []
        self.heard: list[Any] = []
        self.dropped = 0
        self.refusal: str | None = None
        self.transfers = Transfers(lambda *_: None)
        self.model = RemoteModel(
            "gpu",
            "machine",
            self.transfers,
            stall_seconds=60,
            say=self.said.append,
            on_state=lambda: None,
            on_schema=lambda schema: self.refusal,
            on_last=self.drop,
            on_stop=lambda: None,
        )
        paths = (str(folder / name) for name in ("picture.jpg", "video.part", "preview.jpg"))
        self.start = protocol.Start(TASK, RUN, *paths, {"prompt": "Wind"})

    def drop(self) -> None:
        self.dropped += 1

    def begin(self) -> "asyncio.Task[Any]":
        self.model.hear(READY)
        return asyncio.create_task(self.model.run(self.start, self.heard.append))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.gen_test
async def test_a_word_that_it_was_ready_before_makes_it_not_idle_while_it_has_a_run(room: Room) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    assert not room.model.idle and room.model.state is ChildState.BUSY
    room.model.hear(READY)  # said before it heard of the run
    assert not room.model.idle and room.model.state is ChildState.BUSY
    room.model.hear(BUSY)
    room.model.hear(READY)
    room.model.hear(protocol.Failed(TASK, RUN, protocol.UNSUITABLE, "No face."))
    assert await running == protocol.Failed(TASK, RUN, protocol.UNSUITABLE, "No face.")
    assert room.model.idle


@pytest.mark.gen_test
async def test_it_hears_what_to_make_and_none_of_the_front_doors_paths(room: Room) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    assert room.said == [protocol.Start(TASK, RUN, "", "", "", {"prompt": "Wind"})]
    running.cancel()


@pytest.mark.gen_test
async def test_what_it_says_of_another_run_is_not_heard(room: Room) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    for message in (
        protocol.Progress(TASK, RUN - 1, 50, "old"),
        protocol.Done(TASK, RUN - 1, 1, 1, 1.0),
        protocol.Failed(uuid4().hex, RUN, protocol.MODEL_ERROR, ""),
        Printed(TASK, RUN + 1, "not of this one"),
    ):
        room.model.hear(message)
    await asyncio.sleep(0)
    assert not room.heard and not running.done() and room.model.last_lines(TASK, RUN) == []
    room.model.hear(protocol.Progress(TASK, RUN, 50, "now"))
    assert room.heard == [protocol.Progress(TASK, RUN, 50, "now")]
    running.cancel()


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [
        (lambda model: model.hear(Died(TASK, RUN, "It hung.", "why", True)), Crashed("It hung.", "why", True)),
        (lambda model: model.hear(NotCarried(TASK, RUN, "no way")), Lost("no way")),
        (lambda model: model.hear(Goodbye("it stops")), Lost("it left: it stops")),
        (lambda model: model.leave("silent"), Lost("silent")),
    ],
)
@pytest.mark.gen_test
async def test_each_way_for_a_run_to_end(room: Room, ends: Callable[[RemoteModel], None], outcome: object) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    ends(room.model)
    assert await running == outcome
    room.model.hear(protocol.Progress(TASK, RUN, 99, "late"))
    assert not room.heard


@pytest.mark.gen_test
async def test_who_cannot_carry_rests_longer_each_time_and_is_given_nothing_meanwhile(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "LONGEST_REST_SECONDS", 0.1)
    room.model._rest_seconds = 0.05
    for rest_seconds in (0.05, 0.1, 0.1):
        running = room.begin()
        await asyncio.sleep(0)
        room.model.hear(NotCarried(TASK, RUN, "its disk is full"))
        began = asyncio.get_running_loop().time()
        assert await running == Lost("its disk is full")
        room.model.hear(READY)
        assert not room.model.idle and room.model.state is ChildState.FAILED
        assert room.model.detail == remote.RESTS
        await room.model.ready()
        assert asyncio.get_running_loop().time() - began >= rest_seconds * 0.99
        assert room.model.idle and room.model.detail == ""


@pytest.mark.gen_test
async def test_a_video_that_has_arrived_ends_the_long_rests(room: Room) -> None:
    room.model._rest_seconds = remote.LONGEST_REST_SECONDS
    running = room.begin()
    await asyncio.sleep(0)
    assert room.model.running
    room.model.running.video_bytes = 10
    room.model.hear(protocol.Done(TASK, RUN, 1, 1, 1.0))
    await running
    assert room.model.idle and room.model._rest_seconds == remote.SHORTEST_REST_SECONDS


@pytest.mark.gen_test
async def test_a_run_of_which_nothing_is_said_for_too_long_is_given_up_and_its_member_with_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.model._patience = 0.2
    running = room.begin()
    outcome = await running
    assert isinstance(outcome, Lost) and room.dropped == 1
    assert room.said[-1] == protocol.Cancel(TASK, RUN)


@pytest.mark.gen_test
async def test_a_run_that_the_line_gives_up_is_called_off_over_there(room: Room) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert room.said[-1] == protocol.Cancel(TASK, RUN)
    assert room.model.running is None


@pytest.mark.gen_test
async def test_who_has_left_is_never_idle_again_and_loses_what_it_is_given(room: Room) -> None:
    room.model.hear(READY)
    room.model.leave("gone")
    room.model.hear(READY)
    assert not room.model.idle and room.model.state is ChildState.STOPPED
    assert await room.model.run(room.start, room.heard.append) == Lost("gone")


@pytest.mark.gen_test
async def test_a_refused_model_is_told_why_and_has_to_go(room: Room) -> None:
    room.refusal = "Another release."
    room.model.hear(protocol.ModelReady("{}"))
    assert room.model.state is ChildState.STOPPED and room.dropped == 1
    assert room.said[-1] == remote.messages.Refused("Another release.")


@pytest.mark.gen_test
async def test_a_preview_is_there_when_it_is_told_and_one_that_is_none_is_not_told(
    room: Room, tmp_path: Path
) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    room.model.hear(Still(TASK, RUN, 1, "not base64!"))
    await eventually(lambda: not room.model.running.transfers, "it was looked at")  # type: ignore[union-attr]
    room.model.hear(Still(TASK, RUN, 2, "A" * (remote.MAX_STILL_TEXT + 4)))
    room.model.hear(Still(TASK, RUN, 3, "/9j/"))
    await eventually(lambda: room.heard, "it is told")
    assert room.heard == [protocol.Preview(TASK, RUN, 3)]
    preview = tmp_path / "preview.jpg"
    assert preview.read_bytes() == b"\xff\xd8\xff" and preview.stat().st_mode & 0o777 == 0o600
    running.cancel()


@pytest.mark.gen_test
async def test_what_it_printed_is_made_fit_to_be_shown_and_bounded(room: Room) -> None:
    running = room.begin()
    await asyncio.sleep(0)
    room.model.hear(
        Printed(TASK, RUN, "\n".join(["\x1b[31mred", *(f"line {n}" for n in range(30)), "a\x00b" + "x" * 9000]))
    )
    lines = room.model.last_lines(TASK, RUN)
    assert len(lines) <= 20 and all(len(line) <= 500 and line.isprintable() for line in lines)
    running.cancel()


def test_a_state_that_is_none_is_refused(room: Room) -> None:
    for state in ("flying", "stopped"):
        with pytest.raises(protocol.ProtocolError):
            room.model.hear(State(state, "", 1, 1))
