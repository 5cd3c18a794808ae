"""Starting: what cannot be is said in one sentence, and the command ends."""

import socket
from pathlib import Path

from tests.live_server import DEADLINE_SECONDS, LiveServer


def refused(data_dir: Path, **settings: object) -> tuple[int, str]:
    """The exit code and the words of a server that cannot start."""
    server = LiveServer(data_dir, **settings)
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


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    code, words = refused(tmp_path / "data", port="many")
    assert code == 2
    assert "LEYLINE_PORT" in words
    assert "Traceback" not in words
