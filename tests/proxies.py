"""A real nginx between a test and its server, with whatever directives the test is about."""

import contextlib
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PASSES_SOCKETS = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
)
KEEPS_HOST = "proxy_set_header Host $http_host;"
KINDS_OF_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def accepts(url: str) -> bool:
    """Whether something listens there."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", int(re.findall(r":(\d+)", url)[0])), 1),
    ):
        return True
    return False


class Nginx:
    """An nginx on a free port, in front of the server at `inner`. Ends with its `with` block."""

    def __init__(self, folder: Path, inner: str) -> None:
        folder.mkdir()
        self._folder = folder
        self._inner = inner.rpartition("/")[2].replace("localhost", "127.0.0.1")
        self._port = free_port()
        self._number = 0  # of the configuration
        self.url = f"http://localhost:{self._port}"

    @contextlib.contextmanager
    def running(self, directives: str) -> Iterator["Nginx"]:
        """Run with these directives of its one location."""
        self._write(directives)
        command = ["nginx", "-p", str(self._folder), "-c", str(self._folder / "configuration")]
        with (self._folder / "said").open("w") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said, env={"PATH": "/usr/sbin:/usr/bin"})
        try:
            yield self
        finally:
            self._process.terminate()
            self._process.wait(30)

    def change(self, directives: str) -> None:
        """Go on with other directives, which are in force when this returns; what is connected stays so."""
        self._write(directives)
        self._process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while self._in_force() != str(self._number):
            assert time.monotonic() < deadline, (self._folder / "said").read_text()
            time.sleep(0.02)

    def _in_force(self) -> str | None:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.headers["X-Configuration"]
        except urllib.error.HTTPError as refused:
            return refused.headers["X-Configuration"]

    def _write(self, directives: str) -> None:
        self._number += 1
        paths = "".join(f"{kind}_temp_path {self._folder}/{kind};" for kind in KINDS_OF_TEMPORARY)
        unbuffered = "proxy_request_buffering off; proxy_max_temp_file_size 0;"
        unbuffered += f" add_header X-Configuration {self._number} always;"
        location = f"location / {{ proxy_pass http://{self._inner}; {unbuffered} {directives} }}"
        http = f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{self._port}; {location} }} }}"
        text = f"daemon off; pid {self._folder}/pid; error_log {self._folder}/log; events {{}} {http}"
        (self._folder / "configuration").write_text(text)
