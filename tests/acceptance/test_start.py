"""Starting: what cannot be is said in one sentence, and the command ends."""

import re
import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, eventually, tab
from tests.pictures import photo
from tests.small_disk import SmallDisk


def refused(data_dir: Path, **settings: object) -> tuple[int, str]:
    """The exit code and the words of a server that cannot start."""
    return ended(LiveServer(data_dir, **settings))


def ended(server: LiveServer) -> tuple[int, str]:
    server.launch()
    assert server.process
    code = server.process.wait(DEADLINE_SECONDS)
    server.wait()
    return code, server.log()


def test_a_port_in_use_is_named_and_the_command_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, words = refused(tmp_path / "data", host="127.0.0.1", port=port)
    assert code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in words
    assert "Traceback" not in words


def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    code, words = refused(tmp_path / "data")
    assert code == 1
    assert str(tmp_path / "data") in words
    assert "Traceback" not in words


@pytest.mark.parametrize("name", ["pictures", "videos", "tmp"])
@pytest.mark.parametrize("what", ["a file", "a link to nowhere"])
def test_what_stands_in_place_of_a_folder_is_named(tmp_path: Path, name: str, what: str) -> None:
    folder = tmp_path / "data" / name
    folder.parent.mkdir()
    folder.write_text("no folder") if what == "a file" else folder.symlink_to(tmp_path / "nowhere")
    code, words = refused(tmp_path / "data")
    assert code == 1
    assert f"The folder {folder} cannot be made" in words
    assert "Traceback" not in words


@pytest.mark.parametrize("name", ["pictures", "videos"])
def test_a_folder_on_another_disk_is_named_before_anything_is_lost_on_the_way_to_it(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    with SmallDisk(tmp_path / "disk", 10) as disk:
        data = disk.seen / "data"
        data.mkdir()
        (data / name).symlink_to(tmp_path / "elsewhere")
        code, words = ended(disk.server())
    assert code == 1
    assert f"{name} lies on another disk" in words
    assert "Traceback" not in words


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    code, words = refused(tmp_path / "data", port="many")
    assert code == 2
    assert "LEYLINE_PORT" in words
    assert "Traceback" not in words


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "missing"),
    [
        ("breezing:Breathing", "there is no module breezing"),
        ("tests.models.breezing:Breathing", "there is no module tests.models.breezing"),
        ("tests.models.plain:Breathing", "the module tests.models.plain has no class Breathing"),
    ],
)
@pytest.mark.gen_test(timeout=120)
async def test_a_model_that_is_not_there_ends_the_start_in_one_sentence_and_tasks_are_kept(
    tmp_path: Path, model: str, missing: str
) -> None:
    server = LiveServer(tmp_path / "data", model="tests.models.loading:MissesWeights")
    server.environment = {"WEIGHTS": str(tmp_path / "weights")}
    with server:
        task_id = (await Api(server.url).upload(photo()))[1]["task_id"]
        assert server.stop() == 0
        before = len(server.log())
        server.settings["model"] = model
        code, log = ended(server)
        said = [line for line in log[before:].splitlines() if not re.match(r"\d{4}-\d\d-\d\d ", line)]
        assert (code, said) == (2, [f"LEYLINE_MODEL={model!r} (or --model) names no model: {missing}."])
        server.settings["model"] = "tests.models.loading:MissesWeights"
        server.start()
        assert (await Api(server.url).status(task_id))["status"] == "queued"
        (tmp_path / "weights").touch()
        assert (await Api(server.url).finished(task_id))["status"] == "succeeded"


@pytest.mark.gen_test(timeout=60)
async def test_a_model_that_misses_something_else_is_waited_for(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.misses_module:MissesModule") as server:
        async with tab(server) as (_, socket):
            await eventually(lambda: server.log().count("event=model_started") == 2, "it was tried again")
            told = await socket.until("model", lambda model: model["state"] == "failed")
            assert told["detail"] == "The model could not be loaded. The server's log says why."
            assert "No module named 'no_such_accelerator'" in server.log()


def test_a_server_on_every_network_says_so(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", host="0.0.0.0") as server:
        assert "every network" in server.said
        assert server.url.startswith("http://localhost:")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_a_server_on_every_network_of_ipv6_serves_ipv4_too(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", host="::") as server:
        assert "every network" in server.said
        port = server.url.rpartition(":")[2]
        for address in ("127.0.0.1", "[::1]"):
            with urlopen(f"http://{address}:{port}/healthz") as answer:
                assert answer.status == 200
