"""No process outlives a killed server, and there are never two models."""

import os
import signal
from pathlib import Path
from time import monotonic

import pytest

from tests.live_server import Api, LiveServer, eventually
from tests.models.plain import NOT_ALONE
from tests.pictures import photo
from tests.processes import lives

pytestmark = pytest.mark.long

GONE_SECONDS = 2.0
TRIES = 3  # the machine may be busy with other things
RESTARTS = 8  # `make crash` makes a hundred and more


async def is_idle(server: LiveServer) -> None:
    await eventually(lambda: "event=model_ready" in server.log(), "the model is loaded")


async def is_loading(server: LiveServer) -> None:
    await eventually(lambda: "SlowLoad waits" in server.log(), "the model is being loaded")


async def is_processing(server: LiveServer) -> None:
    task_id = (await Api(server.url).upload(photo()))[1]["task_id"]
    preview = server.data_dir / "tmp" / f"{task_id}-1.preview.jpg"
    await eventually(preview.exists, "the model is at work")


async def is_stopped(server: LiveServer) -> None:
    await is_processing(server)
    model = server.model_pid()
    assert model
    os.kill(model, signal.SIGSTOP)


STATES = {
    "idle": ("model_proc.simulated:SimulatedModel", is_idle),
    "loading": ("tests.models.loading:SlowLoad", is_loading),
    "processing": ("model_proc.simulated:SimulatedModel", is_processing),
    "stopped": ("model_proc.simulated:SimulatedModel", is_stopped),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.gen_test(timeout=120)
async def test_every_child_is_gone_soon_after_the_server_was_killed(tmp_path: Path, state: str) -> None:
    seconds: list[float] = []
    while len(seconds) < TRIES and not (seconds and seconds[-1] < GONE_SECONDS):
        seconds.append(await seconds_until_gone(tmp_path / f"data{len(seconds)}", state))
    assert seconds[-1] < GONE_SECONDS, seconds


async def seconds_until_gone(data: Path, state: str) -> float:
    """How long the children of a server outlive it that is killed in this state."""
    model, comes_true = STATES[state]
    server = LiveServer(data, model=model, model_seconds=60)
    server.environment = {"SLOW_LOAD_UNTIL": str(data / "never")}
    with server:
        await comes_true(server)
        children = server.children()
        assert len(children) >= 2
        assert server.model_pid() in children
        server.kill()
        began = monotonic()
        await eventually(lambda: not any(map(lives, children)), "all children are gone")
    return monotonic() - began


@pytest.mark.gen_test(timeout=120)
async def test_over_many_restarts_there_are_never_two_models(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data", model="tests.models.plain:Alone", model_seconds=60)
    server.environment = {"ALONE_LOCK": str(tmp_path / "alone")}
    with server:
        await Api(server.url).upload(photo())
        for restart in range(1, RESTARTS + 1):
            await eventually(lambda n=restart: models_loaded(server) >= n, "the model is loaded, alone")
            server.kill()
            server.start()
    assert NOT_ALONE not in server.log()


def models_loaded(server: LiveServer) -> int:
    return server.log().count("event=model_ready")
