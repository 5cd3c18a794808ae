"""Which server `leyline submit` finds at an address, and the proxies and the TLS on the way."""

import subprocess
import sys
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.acceptance.submitting import environment
from tests.live_server import ROOT, LiveServer

pytestmark = pytest.mark.long


def test_a_password_in_an_address_is_used_and_never_repeated(pictures: Path) -> None:
    with PlainProxy(401) as proxy:
        url = f"http://anna:s3cr3t%40home@127.0.0.1:{proxy.port}"
        done = subprocess.run(
            [sys.executable, "-m", "leyline", "submit", "--url", url, str(pictures)],
            **{"cwd": ROOT, "env": environment(), "capture_output": True, "text": True, "timeout": 60},
        )
    assert "A server on the way wants a name and a password (401)." in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    assert proxy.asked[0].headers["Authorization"] == f"Basic {b64encode(b'anna:s3cr3t@home').decode()}"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "does not let this through"),
        (413, "takes no files of this size"),
        (502, "cannot reach Leyline"),
        (504, "waited too long for Leyline"),
    ],
)
def test_a_proxys_own_refusal_has_words(status: int, says: str, pictures: Path) -> None:
    with PlainProxy(status) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        words = [
            sys.executable,
            "-m",
            "leyline",
            "submit",
            "--no-wait",
            "--url",
            url,
            str(pictures / "photo 1.jpg"),
        ]
        done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == (5 if status in (502, 504) else 4)
    assert f"A server on the way {says} ({status})." in done.stderr


def test_what_is_wrong_with_tls_is_one_sentence(server: LiveServer, pictures: Path) -> None:
    with PlainProxy(403) as proxy:
        tls_is_not_spoken(f"https://localhost:{proxy.port}", pictures)
    tls_is_not_spoken(server.url.replace("http:", "https:"), pictures)


def tls_is_not_spoken(url: str, pictures: Path) -> None:
    words = [sys.executable, "-m", "leyline", "submit", "--url", url, str(pictures)]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 5
    assert done.stdout + done.stderr == (
        f"{url} cannot be reached safely: what answers there does not speak TLS. Try the address with http://.\n"
    )


class PlainProxy:
    """A proxy that refuses everything by itself, with a page for people."""

    def __init__(self, status: int) -> None:
        asked: list[BaseHTTPRequestHandler] = []

        class Refusing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"<html><body><h1>No</h1></body></html>")

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "PlainProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
