"""A front door and workers of it, as real processes of this machine."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer

SILENCE = {"worker_silence_seconds": 5}  # the least


class LiveWorker:
    """`leyline worker`. Ends with its `with` block, however that ends."""

    def __init__(self, folder: Path, where: str, *words: str, **environment: str) -> None:
        self.folder = folder
        self.words = (sys.executable, "-m", "leyline", "worker", "--join", where, *words)
        self.environment = environment
        self.temp = folder / "temp"
        self.log_path = folder / "worker.log"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "LiveWorker":
        self.temp.mkdir(parents=True, exist_ok=True)
        clean = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd=ROOT,
                env={**clean, "TMPDIR": str(self.temp), **self.environment},
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
            )
        return self

    def log(self) -> str:
        return self.log_path.read_text()

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process
        return self.process.wait(DEADLINE_SECONDS)

    def leftovers(self) -> list[Path]:
        """The files of its temporary folder."""
        return [path for path in self.temp.rglob("*") if path.is_file()]

    def model_pids(self) -> list[int]:
        """Of all model processes that it has started, oldest first."""
        return [int(pid) for pid in re.findall(r"event=model_started pid=(\d+)", self.log())]

    def __enter__(self) -> "LiveWorker":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.wait()


def front_door(data_dir: Path, **settings: Any) -> LiveServer:
    """A front door without a model of its own."""
    return LiveServer(data_dir, **{"local_models": 0, "cluster": "127.0.0.1:0", **SILENCE, **settings})


def cluster_port(server: LiveServer) -> int:
    """Where workers join it."""
    return int(re.findall(r"event=cluster_started at=\S+:(\d+) ", server.log())[-1])


def where(server: LiveServer) -> str:
    return f"127.0.0.1:{cluster_port(server)}"


async def members(api: Api, server: LiveServer) -> list[dict[str, Any]]:
    """What the operator is told of each."""
    token = (server.data_dir / "operator-token").read_text().strip()
    status, told = await api.call("GET", "/api/workers", headers={"Authorization": f"Bearer {token}"})
    assert status == 200, told
    found: list[dict[str, Any]] = told["workers"]
    return found


async def until_members(
    api: Api, server: LiveServer, matches: Callable[[list[dict[str, Any]]], Any], what: str
) -> list[dict[str, Any]]:
    """What is told of them once it matches."""
    found: list[dict[str, Any]] = []

    async def look() -> bool:
        found[:] = await members(api, server)
        return bool(matches(found))

    await eventually_true(look, what)
    return found


async def eventually_true(look: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await look():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what}") from None


def all_ready(number: int) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: len(found) == number and all(each["state"] == "ready" for each in found)


def free_port() -> int:
    """One on which nobody listens now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def sentence(worker: LiveWorker) -> str:
    """What it said last, for people."""
    return worker.log().strip().splitlines()[-1]
