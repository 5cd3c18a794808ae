"""A real server process for tests, and a small client of its API that hides nothing."""

import asyncio
import contextlib
import json
import os
import re
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import websocket_connect

from tests import processes

ROOT = Path(__file__).parent.parent
QUICK = {"model_seconds": 0.05, "clip_seconds": 1, "clip_height": 180}
GONE = (HTTPClientError, OSError)  # what a request raises when the server is not there, or dies over it
DEADLINE_SECONDS = 60  # for whatever a test waits for; it should come in a fraction of that


class LiveServer:
    """`leyline serve` on a free port, with settings by name. Ends with its `with` block, however that ends."""

    command: tuple[str, ...] = (sys.executable, "-m", "leyline", "serve")
    cwd = ROOT
    pass_fds: tuple[int, ...] = ()

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        self.data_dir = data_dir
        self.environment: dict[str, str] = {}  # variables that are no settings
        self.settings = {"port": 0, "data_dir": data_dir, **QUICK, **settings}
        self.url = self.said = ""
        self.process: subprocess.Popen[str] | None = None
        self.log_path = data_dir.parent / f"{data_dir.name}.log"

    def start(self) -> "LiveServer":
        """Start it and wait until it listens."""
        self.launch()
        assert self.process and self.process.stdout
        said = select.select([self.process.stdout], [], [], DEADLINE_SECONDS)[0]
        line = self.process.stdout.readline() if said else ""
        if "http://" not in line:
            self.__exit__()
            raise AssertionError(f"the server did not start: {self.log()[-2000:]}")
        self.said, self.url = line, line.split()[-1]
        return self

    def launch(self) -> None:
        """Start it without waiting."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        environment |= {f"LEYLINE_{name.upper()}": str(value) for name, value in self.settings.items()}
        environment |= self.environment
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                pass_fds=self.pass_fds,
            )

    def log(self) -> str:
        """Everything it has said on stderr."""
        return self.log_path.read_text()

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Its exit code."""
        assert self.process and self.process.stdout
        self.process.stdout.close()
        return self.process.wait(DEADLINE_SECONDS)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def children(self) -> list[int]:
        """The process ids of its living children."""
        assert self.process
        return processes.children(self.process.pid)

    def model_pid(self) -> int | None:
        """The newest model process in its log."""
        started = self.model_pids()
        return started[-1] if started else None

    def model_pids(self) -> list[int]:
        """All model processes in its log."""
        return [int(pid) for pid in re.findall(r"event=model_started pid=(\d+)", self.log())]

    def __enter__(self) -> "LiveServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.wait()


class Api:
    """HTTP and WebSocket as one browser session, or as none."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        self.url = url
        self.tls = tls
        self.cookie = ""
        self._client = AsyncHTTPClient(force_instance=True, max_clients=50)

    async def open_page(self) -> "Api":
        """Get a session, as a browser does."""
        answer = await self.request("GET", "/")
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return self

    async def request(self, method: str, path: str, **options: Any) -> HTTPResponse:
        headers = {**({"Cookie": self.cookie} if self.cookie else {}), **options.pop("headers", {})}
        request = HTTPRequest(
            self.url + path,
            method,
            headers,
            allow_nonstandard_methods=True,
            request_timeout=DEADLINE_SECONDS,
            follow_redirects=False,
            ssl_options=self.tls,
            **options,
        )
        return await self._client.fetch(request, raise_error=False)

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        answer = await self.request(method, path, **options)
        return answer.code, json.loads(answer.body or b"null")

    async def upload(self, picture: bytes, name: str = "photo.jpg", **headers: str) -> tuple[int, Any]:
        """The status and the JSON of the answer to a picture."""
        answer = await self.send(picture, name, **headers)
        return answer.code, json.loads(answer.body or b"null")

    async def send(self, picture: bytes, name: str = "photo.jpg", **headers: str) -> HTTPResponse:
        """The answer to a picture; `GONE` when the server dies over it."""
        body, content_type = form(picture, name)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.request(
            "POST", "/api/video/upload/", body=body, headers={"Content-Type": content_type, **named}
        )

    async def status(self, task_id: str) -> Any:
        return (await self.call("GET", f"/api/video/{task_id}/status"))[1]

    async def finished(self, task_id: str) -> Any:
        """The task once it has finished."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (task := await self.status(task_id))["finished_at"] is None:
                await self.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})
        return task

    async def model(self) -> Any:
        """What is told of the model once it has been loaded."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (model := (await self.call("GET", "/api/model"))[1])["state"] not in ("ready", "busy"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return model

    async def socket(self, path: str = "/api/video/events") -> "Socket":
        headers = {"Cookie": self.cookie} if self.cookie else {}
        connection = await websocket_connect(
            HTTPRequest(self.url.replace("http", "ws") + path, headers=headers, ssl_options=self.tls)
        )
        return Socket(connection)


class Socket:
    """The client's end of a WebSocket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.heard: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        """The next message; EOFError when the server closed."""
        text = await asyncio.wait_for(self._connection.read_message(), DEADLINE_SECONDS)
        if text is None:
            raise EOFError
        message: dict[str, Any] = json.loads(text)
        self.heard.append(message)
        return message

    async def until(self, event: str, matches: Callable[[Any], bool] = lambda data: True) -> Any:
        """The data of the next such message; all others on the way are in `heard`."""
        async with asyncio.timeout(DEADLINE_SECONDS):  # others may come without an end
            while True:
                message = await self.next()
                if message["event"] == event and matches(message["data"]):
                    return message["data"]

    async def say(self, event: str, **data: Any) -> None:
        await self._connection.write_message(json.dumps({"event": event, "data": data}))

    async def say_raw(self, text: str) -> None:
        await self._connection.write_message(text)

    def close(self) -> None:
        self._connection.close()


@contextlib.asynccontextmanager
async def tab(server: LiveServer) -> AsyncIterator[tuple[Api, Socket]]:
    """A page in a browser: its session, and its socket that has had its snapshot."""
    api = await Api(server.url).open_page()
    socket = await api.socket()
    await socket.until("snapshot")
    try:
        yield api, socket
    finally:
        socket.close()


def form(picture: bytes, name: str = "photo.jpg", **fields: str) -> tuple[bytes, str]:
    """A multipart body with the picture, and its content type."""
    boundary = "leyline-test-boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: image/jpeg\r\n\r\n".encode()
        + picture
        + f"\r\n--{boundary}--\r\n".encode()
    )
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


async def eventually(truth: Callable[[], Any], what: str, seconds: float = DEADLINE_SECONDS) -> Any:
    """The first true answer of `truth`, which nothing announces; AssertionError at the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := truth()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)
    return answer
