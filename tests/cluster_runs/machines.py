"""A front door and its workers as real processes, each on a machine of its own, with what it left there."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.cluster_runs.network import FRONT_ADDRESS, Machine
from tests.live_server import GONE, ROOT, Api, LiveServer, eventually
from tests.processes import children, is_tracker, lives, send_signal

PORT = 8786
MARK = "CLUSTER_RUNS_MARK"  # in the environment of every process of one run, and of what these start
SILENCE_SECONDS = 5
CHILDREN_END_SECONDS = 10.0  # of a worker that was killed, on a machine with more to do than it can
OPERATOR = {"Authorization": "Bearer operator"}
SETTINGS = {
    "cluster": f"{FRONT_ADDRESS}:{PORT}",
    "local_models": 0,
    "worker_silence_seconds": SILENCE_SECONDS,
    "operator_token": "operator",
    "max_attempts": 100,
    "max_waiting": 0,
    "max_waiting_per_client": 0,
    "uploads_per_minute": 0,
    "model_seconds": 0.2,
    "clip_seconds": 0.2,
    "clip_height": 90,
}


class Front:
    """The front door, on another port for people after each start; its log goes on."""

    def __init__(self, folder: Path, mark: str, **settings: Any) -> None:
        self.disk = _disk(folder, "front")
        self.data_dir = folder / "data"
        self.server = LiveServer(self.data_dir, **SETTINGS, **settings)
        self.server.environment = {MARK: mark, "TMPDIR": str(self.disk)}
        self.is_up = asyncio.Event()
        self._cookie = ""

    async def start(self) -> None:
        await asyncio.to_thread(self.server.start)
        if not self._cookie:
            self._cookie = (await Api(self.server.url).open_page()).cookie
        self.is_up.set()

    async def kill(self) -> None:
        """kill -9; what it had started ends by itself."""
        self.is_up.clear()
        started = children(self.server.process.pid) if self.server.process else []
        await asyncio.to_thread(self.server.kill)
        await eventually(lambda: not any(map(lives, started)), "the front door's children are gone")

    def api(self) -> Api:
        api = Api(self.server.url)
        api.cookie = self._cookie
        return api

    async def members(self) -> dict[str, Any]:
        """Who has joined, by name; nobody while the front door is away."""
        try:
            _, told = await self.api().call("GET", "/api/workers", headers=OPERATOR)
        except GONE:
            return {}
        return {each["name"]: each for each in told["workers"]}

    def join_file(self, name: str, path: Path) -> None:
        """Have the command make it, as the operator does."""
        words = ["--name", name, "--address", SETTINGS["cluster"], "--data-dir", str(self.data_dir)]
        with path.open("w") as file, self.server.log_path.open("a") as log:
            subprocess.run(
                [sys.executable, "-m", "leyline", "join-file", *words],
                cwd=ROOT,
                stdout=file,
                stderr=log,
                check=True,
            )


class Worker:
    """`leyline worker` on a machine of its own. Its lock is held by what is being done to it."""

    def __init__(self, number: int, folder: Path, front: Front, mark: str) -> None:
        self.name = f"worker-{number}"
        self.disk = _disk(folder, self.name)
        self.machine = Machine(number)
        self.lock = asyncio.Lock()
        self.strikes = 0
        self._front = front
        self._join = folder / f"{self.name}.join"
        self._log = folder / f"{self.name}.log"
        self._environment = {MARK: mark, "TMPDIR": str(self.disk)}
        self._process: subprocess.Popen[bytes] | None = None
        front.join_file(self.name, self._join)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        command = [*self.machine.on_it, sys.executable, "-m", "leyline", "worker", "--join", str(self._join)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment | self._environment, stderr=log)

    def log(self) -> str:
        return self._log.read_text()

    def model_pids(self) -> list[int]:
        """What it has started, but Python's own tracker, which does no work."""
        return [pid for pid in children(self.pid) if not is_tracker(pid)]

    def signal(self, number: int) -> None:
        send_signal(self.pid, number)

    async def joined_if_left_alone(self, strikes: int) -> bool:
        """Whether it has joined before anything more than these strikes happened to it."""
        joining = asyncio.ensure_future(self.joined())
        try:
            while self.strikes == strikes and not joining.done():
                await asyncio.wait([joining], timeout=0.1)
            if self.strikes != strikes:
                return False
            joining.result()
            return True
        finally:
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)

    async def joined(self) -> None:
        """Wait until the front door has it, with a model that is loaded."""
        deadline = time.monotonic() + 120
        while (await self._front.members()).get(self.name, {}).get("state") not in ("ready", "busy"):
            assert time.monotonic() < deadline, f"{self.name} has not joined: {self.log()[-2000:]}"
            assert self.is_running, f"{self.name} has ended: {self.log()[-2000:]}"
            await asyncio.sleep(0.1)

    async def given_up(self) -> None:
        """Wait until the front door has it no more, though it may have gone and come again itself."""
        deadline = time.monotonic() + 60
        while self._front.is_up.is_set() and self.name in await self._front.members():
            assert time.monotonic() < deadline, f"{self.name} was not given up"
            await asyncio.sleep(0.1)

    @property
    def was_started(self) -> bool:
        return self._process is not None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def kill(self) -> None:
        """kill -9; its model ends by itself."""
        started = children(self.pid)
        self.signal(signal.SIGKILL)
        await self.ended()
        await eventually(
            lambda: not any(map(lives, started)), f"the models of {self.name} are gone", CHILDREN_END_SECONDS
        )

    async def ended(self) -> int:
        """Its exit code, once it has ended."""
        assert self._process
        return await asyncio.to_thread(self._process.wait, 60)

    async def stop(self) -> None:
        """SIGTERM: it ends cleanly."""
        self.signal(signal.SIGTERM)
        assert await self.ended() == 0, f"{self.name} did not end cleanly: {self.log()[-2000:]}"

    def bury(self) -> None:
        """Whatever happened, nothing of it is left."""
        if self._process and self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
        self.machine.remove()


def new_mark() -> str:
    return uuid4().hex


def marked(mark: str) -> list[int]:
    """The processes, wherever they run, that came of this run and live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_marked = f"{MARK}={mark}".encode() in (folder / "environ").read_bytes()
        except OSError:  # it has just ended
            continue
        if is_marked and lives(int(folder.name)):
            found.append(int(folder.name))
    return found


def _disk(folder: Path, name: str) -> Path:
    """Where its temporary files lie."""
    disk = folder / f"{name}.tmp"
    disk.mkdir()
    return disk
