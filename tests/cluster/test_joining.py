"""Who may join and who may not, and what each side says then."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import leyline as leyline_package
from leyline.cluster import messages
from leyline.cluster.engine import VERSION
from leyline.cluster.front import PYTHON, Cluster
from leyline.cluster.joining import joining
from leyline.cluster.messages import Hello, Refused, Welcome
from leyline.errors import StartupError
from tests.cluster.machines import (
    LiveWorker,
    all_ready,
    free_port,
    front_door,
    members,
    sentence,
    until_members,
    where,
)
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

VARIED = "tests.models.directed:Varied"
AS_ANOTHER_RELEASE = "import leyline; leyline.__version__ = '0.0.9'; from leyline.cli import main; main()"
WITHOUT_ENGINE = "import sys; sys.modules['distributed'] = None; from leyline.cli import main; main()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("house")
    server = front_door(folder / "data", model=VARIED, local_models=1)
    server.environment["DIRECTED"] = str(folder)
    with server:
        yield server


def refused(worker: LiveWorker) -> str:
    """With what sentence it ends."""
    with worker:
        assert worker.wait() == 1
    assert "Traceback" not in worker.log()
    return sentence(worker)


@pytest.mark.gen_test
async def test_a_worker_of_another_model_is_refused_in_a_sentence_on_both_sides(
    server: LiveServer, tmp_path: Path
) -> None:
    said = refused(LiveWorker(tmp_path, where(server), "--model", "parallax"))
    assert said == (
        f"The front door runs the model {VARIED}, and this worker parallax: workers of two models cannot join one "
        "front door yet."
    )
    assert said in server.log()


@pytest.mark.gen_test
async def test_a_worker_of_another_release_is_refused_in_a_sentence_on_both_sides(
    server: LiveServer, tmp_path: Path
) -> None:
    worker = LiveWorker(tmp_path, where(server))
    worker.words = (sys.executable, "-c", AS_ANOTHER_RELEASE, *worker.words[3:])
    said = refused(worker)
    assert said.startswith("The front door has Leyline ") and said.endswith(
        "this worker 0.0.9: they must be the same."
    )
    assert said in server.log()


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({"leyline": "0.0.9"}, "has Leyline "),
        ({"engine": "2020.1.0"}, "has distributed "),
        ({"python": "3.5"}, "has Python "),
        ({"protocol": 99}, "has protocol "),
        ({"model": "parallax"}, "runs the model simulated, and this worker parallax"),
    ],
)
@pytest.mark.gen_test
async def test_each_difference_is_a_refusal_in_a_sentence_and_at_joining_too(
    differs: dict[str, Any], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    joined: list[Any] = []
    fleet = SimpleNamespace(join=joined.append, leave=joined.remove, changed=lambda name: None)
    welcome = Welcome(model="simulated", options="{}", settings="{}", memory_limit_mb=0, stall_seconds=60)
    cluster = Cluster(fleet, welcome, None, silence_seconds=10, names=set, learn=lambda schema: None)
    fits = Hello(messages.VERSION, PYTHON, leyline_package.__version__, VERSION, "w", 0, "gpu", "vm", "")
    assert messages.answer(await cluster._greet(messages.encode(fits))) == welcome
    answer = messages.answer(await cluster._greet(messages.encode(replace(fits, **differs))))
    assert isinstance(answer, Refused) and says in answer.reason
    assert "event=join_refused machine='vm'" in caplog.text
    assert cluster._join("member://1", messages.encode(replace(fits, **differs)), "") == answer.reason
    assert not joined
    assert cluster._join("member://2", messages.encode(fits), "") is None and len(joined) == 1


@pytest.mark.gen_test
async def test_a_model_that_lets_people_choose_other_things_is_refused_in_a_sentence_on_both_sides(
    server: LiveServer, tmp_path: Path
) -> None:
    api = Api(server.url)
    await api.model()
    said = refused(LiveWorker(tmp_path, where(server), VARIED="1", DIRECTED=str(tmp_path)))
    assert said.startswith("The model of this worker lets people choose other things")
    assert said in server.log()
    found = await until_members(api, server, lambda found: len(found) == 1, "it has left")
    assert [each["name"] for each in found] == ["local"]


@pytest.mark.gen_test
async def test_a_worker_that_has_not_got_the_model_says_so_and_ends(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_there.py").write_text("from tests.models.directed import Directed\n")
    server = front_door(tmp_path / "data", model="only_there:Directed")
    server.environment["PYTHONPATH"] = str(tmp_path / "elsewhere")
    with server:
        said = refused(LiveWorker(tmp_path, where(server)))
        assert said.startswith("This machine cannot run the front door's model only_there:Directed: ")


@pytest.mark.gen_test
async def test_with_join_files_nobody_else_joins_and_who_is_revoked_leaves(tmp_path: Path) -> None:
    port = free_port()
    with front_door(tmp_path / "data", cluster=f"0.0.0.0:{port}", model="simulated") as server:
        file = tmp_path / "worker.join"
        made = leyline("join-file", "--name", "blue", "--address", f"127.0.0.1:{port}", data_dir=server.data_dir)
        file.write_text(made.stdout)
        file.chmod(0o600)
        api = Api(server.url)
        stranger = LiveWorker(tmp_path / "stranger", f"127.0.0.1:{port}")
        with LiveWorker(tmp_path / "blue", str(file)) as worker, stranger:
            (member,) = await until_members(api, server, all_ready(1), "it has joined")
            assert member["name"] == "blue"
            _, task = await api.upload(photo())
            assert (await api.finished(task["task_id"]))["status"] == "succeeded"
            await eventually(lambda: "event=waiting_for_front_door" in stranger.log(), "who shows none waits")
            assert "event=join_refused" in server.log()
            leyline("join-file", "--revoke", "blue", data_dir=server.data_dir)
            await until_members(api, server, lambda found: not found, "who is revoked has left")
            await eventually(lambda: "has revoked this worker's certificate" in worker.log(), "and is told why")
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
        assert not await members(api, server)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("192.0.2.1:8786", "nobody joins over a network without a certificate"),
        ("nowhere", "must be an address such as localhost:8786, or a join file"),
        ("[::1]:99999", "must be an address such as localhost:8786, or a join file"),
    ],
)
def test_what_is_no_place_to_join_is_a_sentence(where: str, says: str) -> None:
    with pytest.raises(StartupError, match=says):
        joining(where, "gpu", ("",), "")


@pytest.mark.gen_test
async def test_a_port_that_is_taken_ends_the_start_with_a_sentence(server: LiveServer, tmp_path: Path) -> None:
    second = front_door(tmp_path / "data", cluster=where(server))
    second.launch()
    assert second.wait() == 1
    assert second.log().strip().splitlines()[-1] == (
        f"No worker can join at {where(server)}: Address already in use."
    )


@pytest.mark.parametrize("words", [("worker", "--join", "localhost:1"), ("serve", "--cluster", "localhost:0")])
def test_without_the_engine_both_commands_say_what_to_install(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_ENGINE, *words],
        cwd=ROOT,
        env={"LEYLINE_DATA_DIR": str(tmp_path / "data"), "LEYLINE_PORT": "0", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith("Install it: pip install -e '.[cluster]' in Leyline's folder.")
    assert len(ended.stderr.strip().splitlines()) == 1


def leyline(*words: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leyline", *words, "--data-dir", str(data_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE_SECONDS,
    )


@pytest.mark.gen_test
async def test_with_a_file_at_a_front_door_without_tls_it_says_so_and_waits(
    server: LiveServer, tmp_path: Path
) -> None:
    command = (sys.executable, "-m", "leyline", "join-file", "--name", "blue", "--address", where(server))
    made = await asyncio.to_thread(
        subprocess.run,
        [*command, "--data-dir", server.data_dir],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=DEADLINE_SECONDS,
    )
    (tmp_path / "blue.join").write_bytes(made.stdout)
    (tmp_path / "blue.join").chmod(0o600)
    with LiveWorker(tmp_path, str(tmp_path / "blue.join")) as worker:
        await eventually(lambda: "speaks without TLS" in worker.log(), "it says so")
        assert "Traceback" not in worker.log()
