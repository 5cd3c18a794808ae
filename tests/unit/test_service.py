"""What a service manager passes and is told: by the environment, to whom it is meant for, and without waiting."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline import service
from leyline.errors import StartupError
from leyline.service import Service

MINE = str(os.getpid())


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The manager's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(60)
        yield heard


def test_nobody_listens_where_there_is_no_manager(tmp_path: Path) -> None:
    Service({}).tell("READY=1")
    Service({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    assert Service({}).passed_sockets() == []


def test_the_manager_is_told_in_one_datagram(manager: socket.socket) -> None:
    Service({"NOTIFY_SOCKET": manager.getsockname()}).tell("READY=1", "STATUS=Ready")
    assert manager.recv(1000) == b"READY=1\nSTATUS=Ready"


def test_a_manager_may_listen_at_an_abstract_address() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0leyline-test-{MINE}")
        heard.settimeout(60)
        Service({"NOTIFY_SOCKET": f"@leyline-test-{MINE}"}).tell("STOPPING=1")
        assert heard.recv(1000) == b"STOPPING=1"


def test_a_manager_that_hears_nothing_holds_nobody_up(manager: socket.socket) -> None:
    told = Service({"NOTIFY_SOCKET": manager.getsockname()})
    for _ in range(2000):  # more than any queue has room for
        told.tell("WATCHDOG=1")


def test_children_inherit_none_of_it() -> None:
    environ = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": MINE, "PATH": "/bin"}
    environ |= {"LISTEN_FDS": "1", "LISTEN_PID": MINE, "LISTEN_FDNAMES": "leyline.socket"}
    Service(environ)
    assert environ == {"PATH": "/bin"}


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": MINE}, 30),
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0),
        ({"WATCHDOG_USEC": "soon"}, 0),
        ({}, 0),
    ],
)
def test_only_who_is_meant_is_watched(environ: dict[str, str], seconds: float) -> None:
    assert Service(dict(environ)).watchdog_seconds == seconds


def test_pings_come_three_times_within_the_watchdogs_patience(manager: socket.socket) -> None:
    watched = Service({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "30000000"})
    manager.setblocking(False)
    heard = []
    for beat in range(60):  # of half a second
        watched.ping(beat / 2, f"STATUS={beat}")
        try:
            heard.append(manager.recv(1000))
        except BlockingIOError:
            continue
    assert heard == [b"WATCHDOG=1\nSTATUS=0", b"WATCHDOG=1\nSTATUS=20", b"WATCHDOG=1\nSTATUS=40"]


def test_who_is_not_watched_pings_nobody(manager: socket.socket) -> None:
    Service({"NOTIFY_SOCKET": manager.getsockname()}).ping(0)
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(1000)


def passed(monkeypatch: pytest.MonkeyPatch, descriptor: int, pid: str = MINE) -> Service:
    monkeypatch.setattr(service, "FIRST_PASSED", descriptor)
    return Service({"LISTEN_FDS": "1", "LISTEN_PID": pid})


def test_a_listening_socket_is_taken_once_and_no_child_inherits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.set_inheritable(True)
    port = listening.getsockname()[1]
    service_ = passed(monkeypatch, listening.detach())
    [taken] = service_.passed_sockets()
    with taken:
        assert taken.getsockname()[1] == port and not taken.get_inheritable() and not taken.getblocking()
        assert service_.passed_sockets() == []


def test_what_was_passed_to_another_process_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert passed(monkeypatch, listening.fileno(), pid="1").passed_sockets() == []


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_what_is_no_listening_socket_of_a_network_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, family: socket.AddressFamily
) -> None:
    strange = socket.socket(family).detach()
    with pytest.raises(StartupError, match="ListenStream="):
        passed(monkeypatch, strange).passed_sockets()


def test_what_is_no_socket_ends_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, pytest.raises(StartupError, match="is no socket"):
        passed(monkeypatch, file.fileno()).passed_sockets()
