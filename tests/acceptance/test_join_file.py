"""`leyline join-file` as people run it: what it writes where, with which mode, and what it says."""

import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from leyline.cluster import join_file

pytestmark = pytest.mark.long

LEYLINE = (sys.executable, "-m", "leyline", "join-file")


def leyline(data: Path, *words: str, **options: object) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
    environment |= {"LEYLINE_DATA_DIR": str(data)} | options.pop("environ", {})  # type: ignore[operator]
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([*LEYLINE, *words], env=environment, text=True, timeout=60, **given)  # type: ignore[call-overload,no-any-return]


def test_the_file_is_closed_to_others_and_people_are_told_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "worker.join"
    with path.open("w") as file:  # as a shell does it
        os.fchmod(file.fileno(), 0o644)
        done = leyline(tmp_path / "data", "--address", "front.example.org:8786", "--days", "30", stdout=file)
    assert done.returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    made = join_file.read(path)
    assert (made.name, made.address) == ("worker-1", "front.example.org:8786")
    until = f"{made.until:%Y-%m-%d %H:%M} UTC"
    assert f"Made for worker-1, to join at front.example.org:8786 until {until}." in done.stderr
    assert "can run code at the front door and on every worker" in done.stderr
    assert "To end it: leyline join-file --revoke worker-1" in done.stderr
    assert "PRIVATE" not in done.stderr


def test_list_tells_who_may_join_and_revoke_ends_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert leyline(data, "--list").stdout == "Nobody may join: no join file was made.\n"
    for name in ("gpu", "another-gpu"):
        assert leyline(data, "--name", name, "--address", "front:8786").returncode == 0
    done = leyline(data, "--revoke", "gpu")
    assert (done.returncode, done.stdout) == (0, "")
    assert (
        done.stderr
        == "Revoked: gpu. It cannot join again, and a connection that it has ends within five seconds.\n"
    )
    first, second = leyline(data, "--list").stdout.splitlines()
    assert (first.split()[0], first.split()[-1]) == ("another-gpu", "valid")
    assert (second.split()[0], second.split()[-1]) == ("gpu", "revoked")


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        (("--name", "gpu", "--address", "a:1"), 1, "A worker may join as gpu already"),
        (("--name", "../gpu", "--address", "a:1"), 1, "is no name for a worker"),
        (("--revoke", "nobody"), 1, "No certificate was made for a worker named nobody"),
        (("--address", "front"), 2, "must be a host and a port"),
        (("--list", "--revoke", "gpu"), 2, "two commands"),
        (("--days", "0"), 2, "--days"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], exit_code: int, sentence: str
) -> None:
    leyline(tmp_path, "--name", "gpu", "--address", "front:8786")
    done = leyline(tmp_path, *words)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("cluster", "address"),
    [
        ("0.0.0.0:9000", f"{socket.getfqdn()}:9000"),
        ("front.example.org:8786", "front.example.org:8786"),
        ("[::]:8786", f"{socket.getfqdn()}:8786"),
        ("", f"{socket.getfqdn()}:8786"),
    ],
)
def test_the_address_is_where_the_front_door_listens(tmp_path: Path, cluster: str, address: str) -> None:
    done = leyline(tmp_path / "data", environ={"LEYLINE_CLUSTER": cluster})
    assert f"\naddress: {address}\n" in done.stdout


def test_an_address_of_this_machine_alone_is_told(tmp_path: Path) -> None:
    assert "only this machine itself can join" in leyline(tmp_path / "data", "--address", "localhost:1").stderr
    assert "only this machine" not in leyline(tmp_path / "data", "--address", "front:1").stderr


def test_a_screen_gets_no_secret(tmp_path: Path) -> None:
    master, terminal = pty.openpty()
    done = leyline(tmp_path / "data", stdout=terminal)
    os.close(terminal)
    os.close(master)
    assert done.returncode == 2
    assert "leyline join-file > worker.join" in done.stderr
    assert not (tmp_path / "data").exists(), "and nothing was made"


def test_a_full_disk_is_told_with_how_to_free_the_name(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = leyline(tmp_path / "data", stdout=full)
    assert done.returncode == 1
    assert (
        "No space left on device. Its name is taken; to free it: leyline join-file --revoke worker-1" in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_root_makes_nothing_that_the_servers_user_cannot_read(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1)
    done = leyline(tmp_path)
    assert (done.returncode, "is that of user 1: run this as that user" in done.stderr) == (1, True)
    assert not (tmp_path / "cluster").exists()
