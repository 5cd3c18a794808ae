"""A server under a service manager, which these tests play: they pass its socket, hear of it, and restart it."""

import asyncio
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from time import monotonic

import pytest

from leyline.systemd import HARDENING
from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, form
from tests.pictures import photo
from tests.raw import until

pytestmark = pytest.mark.long

SERVE = "os.execv(sys.executable, [sys.executable, '-m', 'leyline', 'serve'])"
RESTARTS = 3
GOES_ON = 20  # requests of each client after a restart
CONNECTING = 4  # clients that make a new connection for each request


class Manager:
    """As much of systemd as a service can tell: a socket that outlives it, and an ear."""

    def __init__(self, folder: Path, watchdog_seconds: float = 3) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(folder / "notify"))
        self.ear.settimeout(DEADLINE_SECONDS)
        self.port = self.listening.getsockname()[1]
        descriptor = self.listening.fileno()
        self.server = server = LiveServer(folder / "data")
        server.pass_fds = (descriptor,)
        server.environment = {
            "NOTIFY_SOCKET": self.ear.getsockname(),
            "LISTEN_FDS": "1",
            "WATCHDOG_USEC": f"{watchdog_seconds * 1e6:.0f}",
        }
        at_three = f"os.dup2({descriptor}, 3, inheritable=True)" if descriptor != 3 else "None"
        server.command = (
            sys.executable,
            "-c",
            f"import os, sys; {at_three}; os.environ['LISTEN_PID'] = str(os.getpid()); {SERVE}",
        )

    def hear(self) -> list[str]:
        """What it says next."""
        return self.ear.recv(4096).decode().splitlines()

    def hear_until(self, word: str) -> None:
        while word not in self.hear():
            pass


@contextmanager
def managed(folder: Path) -> Iterator[Manager]:
    manager = Manager(folder)
    with manager.listening, manager.ear:
        try:
            yield manager
        finally:
            manager.server.__exit__()


class Client(threading.Thread):
    """Asks again and again until told to end; what came of it is counted."""

    def __init__(self, ask: Callable[["Client"], object]) -> None:
        super().__init__(daemon=True)
        self.answers: Counter[object] = Counter()
        self.requests: list[tuple[float, float]] = []  # when each began and had its answer
        self._ask = ask
        self._is_over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._is_over.is_set():
            began = monotonic()
            try:
                self.answers[self._ask(self)] += 1
            except Exception as error:
                self.answers[repr(error)] += 1
            self.requests.append((began, monotonic()))

    def end(self) -> Counter[object]:
        self._is_over.set()
        self.join(DEADLINE_SECONDS)
        assert not self.is_alive()
        return self.answers


@contextmanager
def clients_of(port: int) -> Iterator[dict[str, list[Client]]]:
    """People of every kind, for as long as the block lasts."""
    kept = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)

    def connects(client: Client) -> object:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)) as connection:
            connection.request("GET", "/healthz", headers={"Connection": "close"})
            return connection.getresponse().status

    def keeps(client: Client) -> object:
        kept.request("GET", "/api/queue")  # on the connection that there is, where the last answer did not end it
        answer = kept.getresponse()
        answer.read()
        return answer.status

    def uploads(client: Client) -> object:
        body, kind = form(photo(len(client.requests)))
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)) as connection:
            connection.request("POST", "/api/video/upload/", body, {"Content-Type": kind, "Connection": "close"})
            answer = connection.getresponse()
            said = answer.read()
        return "stopping" if answer.status == 503 and b'"stopping"' in said else answer.status

    clients = {
        "connect": [Client(connects) for _ in range(CONNECTING)],
        "keep": [Client(keeps)],
        "upload": [Client(uploads)],
    }
    try:
        yield clients
    finally:
        for client in chain(*clients.values()):
            client.end()
        kept.close()


def gone_on(clients: Iterable[Client], answers: int) -> Callable[[], bool]:
    """Whether each has had so many more answers by now."""
    before = [(client, client.answers.total()) for client in clients]
    return lambda: all(client.answers.total() >= had + answers for client, had in before)


@pytest.mark.long
def test_a_restart_under_requests_refuses_no_connection(tmp_path: Path) -> None:
    with managed(tmp_path) as manager:
        manager.server.start()
        waited: list[tuple[float, float]] = []
        with clients_of(manager.port) as clients:
            for _ in range(RESTARTS):
                told = monotonic()
                assert manager.server.stop() == 0
                ended = monotonic()
                manager.server.start()
                waited.append((told, ended))
                until(gone_on([*clients["connect"], *clients["keep"]], GOES_ON), "they go on")
                until(gone_on(clients["upload"], 2), "pictures are taken")
        assert [set(client.answers) for client in clients["connect"]] == [{200}] * CONNECTING
        assert [set(client.answers) for client in clients["keep"]] == [{200}]
        [uploads] = clients["upload"]
        assert uploads.answers[202] > RESTARTS and set(uploads.answers) <= {202, "stopping"}
        assert manager.server.stop() == 0
    requests = [times for client in clients["connect"] for times in client.requests]
    for told, ended in waited:
        assert any(told < began < ended < answered for began, answered in requests), "one came while it stopped"


def test_who_waits_for_a_change_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    with managed(tmp_path) as manager:
        server = manager.server.start()
        with closing(http.client.HTTPConnection("127.0.0.1", manager.port, timeout=DEADLINE_SECONDS)) as connection:
            connection.request("GET", "/")
            page = connection.getresponse()
            page.read()
            session = {"Cookie": (page.getheader("Set-Cookie") or "").partition(";")[0]}
            connection.request("GET", "/api/video/", headers={**session, "Prefer": "wait=60"})
            began = monotonic()
            assert server.stop() == 0
            answer = connection.getresponse()
            assert answer.status == 200 and json.loads(answer.read())["tasks"] == []
        assert monotonic() - began < 30


def test_the_manager_hears_of_each_step_and_of_how_it_is(tmp_path: Path) -> None:
    with managed(tmp_path) as manager:
        manager.server.start()
        assert manager.server.url.endswith(f":{manager.port}"), "the socket's port, not the setting's"
        ready, status = manager.hear()
        assert ready == "READY=1" and status.startswith("STATUS=Model ")
        for _ in range(2):
            ping, status = manager.hear()
            assert ping == "WATCHDOG=1" and status.endswith("; 0 waiting, 0 running")
        manager.server.signal(signal.SIGTERM)
        manager.hear_until("STOPPING=1")
        assert manager.server.wait() == 0


@pytest.mark.long
def test_the_watchdog_hears_nothing_of_a_server_that_stands_still(tmp_path: Path) -> None:
    with managed(tmp_path) as manager:
        manager.server.start()
        manager.hear_until("WATCHDOG=1")
        manager.server.signal(signal.SIGSTOP)
        manager.ear.settimeout(3)  # all of its patience
        with pytest.raises(TimeoutError):
            while True:
                manager.hear()  # what was said before
        manager.ear.settimeout(DEADLINE_SECONDS)
        manager.server.signal(signal.SIGCONT)
        manager.hear_until("WATCHDOG=1")


def test_no_child_holds_the_socket_or_speaks_to_the_manager(tmp_path: Path) -> None:
    with managed(tmp_path) as manager:
        server = manager.server.start()
        inode = os.fstat(manager.listening.fileno()).st_ino
        children = until(lambda: server.model_pid() and server.children(), "the model runs")
        assert server.process and f"socket:[{inode}]" in open_files(server.process.pid)
        for pid in children:
            assert f"socket:[{inode}]" not in open_files(pid)
            inherited = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            assert not [each for each in inherited if each.startswith((b"NOTIFY_", b"LISTEN_", b"WATCHDOG_"))]


def open_files(pid: int) -> set[str]:
    return {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}


def refused_by_the_unit() -> list[str]:
    """The system calls that the unit's filter takes out of those of an ordinary service."""

    def calls_of(group: str) -> list[str]:
        shown = subprocess.run(
            ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True
        ).stdout
        names = [line.strip() for line in shown.splitlines()[1:] if line.strip() and "#" not in line]
        return [call for name in names for call in (calls_of(name) if name.startswith("@") else [name])]

    return [call for group in re.findall(r"SystemCallFilter=~(@\w+)", HARDENING) for call in calls_of(group)]


@pytest.mark.long
@pytest.mark.gen_test(timeout=120)
async def test_what_the_units_filter_refuses_is_missed_by_nothing(tmp_path: Path) -> None:
    """All of it fails with EPERM here, as there: a picture becomes a video, and a link's label is burned in."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("LEFT OUT: systemd-analyze is not here (Debian: systemd)")
    refused = ",".join(f"?{call}" for call in refused_by_the_unit())
    assert "chown" in refused and "setresuid" in refused
    server = LiveServer(tmp_path / "data")
    injected = ("-e", f"trace={refused}", "-e", f"inject={refused}:error=EPERM")
    server.command = ("strace", "-D", "-f", "-qq", "-o", str(tmp_path / "trace"), *injected, *server.command)
    with server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(photo())
        assert (await api.finished(task["task_id"]))["status"] == "succeeded"
        asked = json.dumps({"label": "For Anna", "burn_label": True})
        _, link = await api.call("POST", f"/api/video/{task['task_id']}/links", body=asked)
        visitor = await Api(server.url).open_page()
        status = 503
        async with asyncio.timeout(DEADLINE_SECONDS):
            while status == 503:  # while it is burned in
                token = link["url"].rpartition("/")[2]
                status, _ = await visitor.call("POST", f"/api/watch/{token}/view", body=b"{}")
                await asyncio.sleep(0.1)
        assert status == 200
        assert await asyncio.to_thread(server.stop) == 0
