"""Starting: what cannot be is said in one sentence, and the command ends."""

import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.live_server import DEADLINE_SECONDS, LiveServer
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
