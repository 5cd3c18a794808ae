"""Many members in one process, and no model behind them: what a front door carries is seen by them.

    python -m tests.cluster.crowd --join localhost:8786 --members 300 --seconds 5 --megabytes 0.1

Each joins, hears and brings as a worker's model process does, by the same code; only the model is pretended. The
stage of its progress is the time at which it was said.
"""

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from leyline.cluster.joining import joining
from leyline.cluster.member import Member
from leyline.cluster.messages import Welcome
from leyline.cluster.worker import Worker
from leyline.processes import protocol
from leyline.processes.seam import Heard
from leyline.processes.states import ChildState

SCHEMA = json.dumps(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
)
CHUNK = bytes(1_000_000)


class Pretended:
    """A model process that takes its time, and leaves a file of zeros."""

    spawned, detail, pid = 1, "", os.getpid()

    def __init__(
        self, member: Member, number: int, words: argparse.Namespace, together: asyncio.Barrier | None
    ) -> None:
        self._member = member
        self._number = number
        self._seconds, self._megabytes, self._tell = words.seconds, words.megabytes, words.tell
        self._together = together
        self._canceled = asyncio.Event()
        self.state = ChildState.LOADING

    @property
    def idle(self) -> bool:
        return self.state is ChildState.READY

    def start(self) -> None:
        self._member.tell_schema(SCHEMA)
        self._move(ChildState.READY)

    def _move(self, state: ChildState) -> None:
        self.state = state
        self._member.tell_state()

    async def run(self, start: protocol.Start, heard: Heard) -> protocol.Done | protocol.Failed:
        began = time.time()
        self._move(ChildState.BUSY)
        self._canceled.clear()
        steps = max(1, min(100, round(self._seconds * 2)))
        for step in range(steps):
            heard(protocol.Progress(start.task_id, start.run, 100 * step / steps, f"{time.time():.6f}"))
            try:
                await asyncio.wait_for(self._canceled.wait(), self._seconds / steps or 0.001)
            except TimeoutError:
                continue
            self._move(ChildState.READY)
            return protocol.Failed(start.task_id, start.run, protocol.CANCELED, "")
        await asyncio.to_thread(self._write, Path(start.video_path))
        if self._together:
            await self._together.wait()
        self._move(ChildState.READY)
        if self._tell:
            self._tell.write(f"{self._number} {began} {time.time()}\n")
            self._tell.flush()
        return protocol.Done(start.task_id, start.run, 16, 16, 1.0)

    def _write(self, path: Path) -> None:
        left = round(self._megabytes * 1_000_000)
        with path.open("xb") as file:
            while left > 0:
                left -= file.write(CHUNK[:left])

    def cancel(self, task_id: str, run: int) -> None:
        self._canceled.set()

    def last_lines(self, task_id: str, run: int) -> list[str]:
        return []

    async def stop(self) -> None:
        self.state = ChildState.STOPPED


class Crowd(Worker):
    """A worker whose models are pretended."""

    def __init__(self, joining: Any, words: argparse.Namespace) -> None:
        super().__init__(joining)
        self._words = words
        self._together = asyncio.Barrier(words.together) if words.together else None

    async def _keep_place(self, number: int, folder: Path) -> None:
        await asyncio.sleep(0.03 * number)  # each takes its time to come, and all are in one loop
        await super()._keep_place(number, folder)

    def _model_process(self, member: Member, welcome: Welcome, number: int) -> Any:
        return Pretended(member, number, self._words, self._together)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--join", required=True)
    parser.add_argument("--members", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--megabytes", type=float, default=0.1)
    parser.add_argument("--together", type=int, default=0, help="so many bring their videos at once")
    parser.add_argument(
        "--tell", type=argparse.FileType("a"), help="where each run is told: whose, from when, to when"
    )
    words = parser.parse_args()
    devices = tuple(map(str, range(words.members)))
    await Crowd(joining(words.join, "crowd", devices, ""), words).work()


if __name__ == "__main__":
    asyncio.run(main())
