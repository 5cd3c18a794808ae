"""kill -9 at random instants: of the server, of the model process, of both, while pictures keep coming.

Run by `make crash`; `test_crash.py` runs a short one. Each kill first freezes all processes (SIGSTOP), so that what
the instant has hit can be read at leisure from the data folder, and then kills what it came for. At the end each
upload must have become exactly one video of its own picture, in the order of acceptance. Prints the seed, which
aims the same kills again, and a histogram of what they hit.
"""

import asyncio
import random
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

import av
import click
import numpy as np

from tests.audit import Audit, Row
from tests.live_server import Api, LiveServer, Socket, eventually
from tests.models.plain import NOT_ALONE
from tests.pictures import colour
from tests.processes import is_tracker, lives, send_signal
from tests.uploads import Uploads

STATES = ("idle", "uploading", "queued", "processing", "finishing")
VICTIMS = ("server", "model", "both")
AIMS = {"idle": 0.05, "uploading": 0.03, "queued": 0.1, "processing": 0.06, "finishing": 0.012, "anything": 1.0}
STAGES = {"processing": ("starting", "generating"), "finishing": ("encoding", "saving")}
CHILDREN_END_SECONDS = 2.0
MODEL_BACK_SECONDS = 2.0
COLOUR_TOLERANCE = 7


@dataclass
class Report:
    """What a run has done and found."""

    seed: int
    hit: Counter[tuple[str, str]] = field(default_factory=Counter)  # (state, victim) → kills
    uploads: int = 0
    seconds: float = 0.0
    end_seconds: list[float] = field(default_factory=list)  # of the children of each killed server
    model_back_seconds: list[float] = field(default_factory=list)  # from each death of a loaded model to the next

    @property
    def kills(self) -> int:
        return self.hit.total()

    def of_state(self, state: str) -> int:
        return sum(count for (hit, _), count in self.hit.items() if hit == state)

    def lines(self) -> list[str]:
        rows = [f"seed {self.seed}: {self.kills} kills over {self.uploads} uploads in {self.seconds:.0f} s"]
        rows.append(f"{'hit':>12}{'kills':>8}   of" + "".join(f"{victim:>8}" for victim in VICTIMS))
        for state in STATES:
            counts = "".join(f"{self.hit[state, victim]:>8}" for victim in VICTIMS)
            rows.append(f"{state:>12}{self.of_state(state):>8}     {counts}")
        rows.append(f"The children of a killed server ended within {1000 * max(self.end_seconds):.0f} ms.")
        back = self.model_back_seconds
        rows.append(
            f"The model was ready again after {median(back):.2f} s in the middle, {max(back):.2f} s at most,"
            f" of {len(back)} kills."
        )
        rows.append("0 lost, 0 doubled, 0 stuck, 0 out of order, never two models; the database always whole.")
        return rows


class Crash:
    """One run. Raises `AssertionError` at the first promise that is broken."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.report = Report(seed)
        self._random = random.Random(seed)
        self._server = LiveServer(
            folder / "data", model="tests.models.plain:Alone", max_attempts=100, max_waiting=0, uploads_per_minute=0
        )
        self._server.environment = {"ALONE_LOCK": str(folder / "alone")}
        self._audit = Audit(folder / "data")
        self._cookie = ""
        self._uploads = Uploads(self._api, str(seed))
        self._drained: set[str] = set()

    async def run(self, kills: int, uploads: int, least_of_each: int, model_kills: int) -> Report:
        """Kill at least so often, in total and in each state, with at least so many uploads meanwhile.

        And then the model alone so many times, each time as soon as it has loaded.
        """
        began = time.monotonic()
        with self._server:
            self._cookie = (await self._api().open_page()).cookie
            while self.report.kills < kills or self._rare(least_of_each):
                await self._round(self._rare(least_of_each) if self.report.kills >= kills else [])
            self._uploads.begin(max(uploads - len(self._uploads.sent), 0))
            await self._drain()
            for _ in range(model_kills):
                await self._kill_loaded_model()
            assert self._server.stop() == 0
        self._check_the_end()
        self.report.model_back_seconds = [*model_back_seconds(self._server.log())]
        # What the machine does besides makes single ones late; what the product does wrong, many of them.
        assert share_within(CHILDREN_END_SECONDS, self.report.end_seconds) >= 0.9
        assert median(self.report.model_back_seconds) < MODEL_BACK_SECONDS
        self.report.uploads, self.report.seconds = len(self._uploads.sent), time.monotonic() - began
        return self.report

    def _rare(self, least: int) -> list[str]:
        return [state for state in STATES if self.report.of_state(state) < least]

    def _api(self) -> Api:
        api = Api(self._server.url)
        api.cookie = self._cookie
        return api

    # One round: bring about a state, kill in it, start again

    async def _round(self, wanted: list[str]) -> None:
        aim = self._random.choice(wanted or list(AIMS))
        victim = self._random.choice(VICTIMS)
        pictures = self._random.randint(1, 3)
        pause_seconds = self._random.uniform(0, AIMS[aim])  # from when what was aimed at is there
        await self._bring_about(aim, pictures)
        await asyncio.sleep(pause_seconds)
        await self._kill(victim)

    async def _bring_about(self, aim: str, pictures: int) -> None:
        if aim in ("idle", "uploading"):
            await self._drain()
        if aim in ("uploading", "anything"):
            self._uploads.begin(pictures)
        if aim == "queued":  # the model of the round before is still loading
            self._uploads.begin(pictures)
            await self._uploads.all_answered()
        if aim in STAGES:
            socket = await self._api().socket()
            await socket.until("snapshot")
            self._uploads.begin(pictures)
            await self._uploads.all_answered()
            await reaches(socket, self._uploads.sent[-1].task_id, STAGES[aim])

    async def _kill(self, victim: str) -> None:
        server = self._server.process
        assert server
        model, children = self._server.model_pid(), self._server.children()
        frozen = [child for child in children if not is_tracker(child)]  # that one of Python's own does no work
        for pid in (server.pid, *frozen):
            send_signal(pid, signal.SIGSTOP)
        self.report.hit[self._state(), victim] += 1
        if victim != "server" and model in children:
            send_signal(model, signal.SIGKILL)
        if victim != "model":
            self._server.kill()
        for pid in (server.pid, *frozen):
            send_signal(pid, signal.SIGCONT)
        if victim != "model":
            await self._bury(children)
            self._server.start()

    async def _kill_loaded_model(self) -> None:
        model = self._server.model_pid()
        assert model
        await eventually(lambda: f"event=model_ready pid={model}" in self._server.log(), "the model is loaded")
        send_signal(model, signal.SIGKILL)
        await eventually(lambda: self._server.model_pid() != model, "the next model is started")

    async def _bury(self, children: list[int]) -> None:
        """The children of a dead server end by themselves, and its promises stand."""
        began = time.monotonic()
        await eventually(lambda: not any(map(lives, children)), "all children are gone")
        self.report.end_seconds.append(time.monotonic() - began)
        await self._uploads.settle()
        assert self._uploads.accepted <= {row["task_id"] for row in self._audit.promises()}

    def _state(self) -> str:
        """What this instant has hit: of the states that hold, the one latest in a picture's life."""
        rows = self._audit.promises()
        assert self._uploads.accepted <= {row["task_id"] for row in rows}
        if any(map(self._is_finishing, rows)):
            return "finishing"
        if any(row["status"] == "processing" for row in rows):
            return "processing"
        if self._uploads.under_way:
            return "uploading"
        return "queued" if any(row["status"] == "queued" for row in rows) else "idle"

    def _is_finishing(self, row: Row) -> bool:
        """The last piece of the video is written, and the run is not tidied up yet."""
        key, data = f"{row['task_id']}-{row['run']}", self._server.data_dir
        if row["status"] == "succeeded":
            return (data / "tmp" / f"{key}.preview.jpg").exists()
        if row["status"] != "processing":
            return False
        part, video = data / "tmp" / f"{key}.part", data / "videos" / f"{key}.mp4"
        return video.exists() or (part.exists() and b"moof" in part.read_bytes())

    # The end

    async def _drain(self) -> None:
        """Wait until every picture has its video, and nothing is left over."""
        await self._uploads.all_answered()
        for task_id in sorted(self._uploads.accepted - self._drained):
            task = await self._api().finished(task_id)
            assert task["status"] == "succeeded", task["error"]
            self._drained.add(task_id)
        parts = self._server.data_dir / "tmp"
        await eventually(lambda: not list(parts.iterdir()), f"nothing unfinished is left: {list(parts.iterdir())}")

    def _check_the_end(self) -> None:
        rows = self._audit.rest()
        sent = {sent.task_id: sent for sent in self._uploads.sent}
        assert len(rows) == len(sent) == len(self._uploads.sent), "each upload is one task"
        assert sorted(rows, key=lambda row: row["finished_at"]) == rows, "they ended in the order of acceptance"
        latest_sent_at = 0.0
        for row in rows:
            assert sent[row["task_id"]].answered_at > latest_sent_at, "who was answered first is first"
            latest_sent_at = max(latest_sent_at, sent[row["task_id"]].sent_at)
            self._check_colour(row, sent[row["task_id"]].number)
        assert NOT_ALONE not in self._server.log()
        assert "event=bug" not in self._server.log()

    def _check_colour(self, row: Row, number: int) -> None:
        """The video is of this picture."""
        with av.open(str(self._server.data_dir / "videos" / f"{row['task_id']}-{row['run']}.mp4")) as video:
            frame = next(video.decode(video=0)).to_ndarray(format="rgb24")
        away = np.abs(frame.mean(axis=(0, 1)) - colour(number)).max()
        assert away < COLOUR_TOLERANCE, f"the video of picture {number} has another colour"


async def reaches(socket: Socket, task_id: str, stages: tuple[str, ...]) -> None:
    """Wait until the task is in one of the stages, or has finished."""
    await socket.until(
        "task_status",
        lambda task: task["task_id"] == task_id and (task["stage"] in stages or task.get("finished_at")),
    )
    socket.close()


def share_within(limit_seconds: float, seconds: list[float]) -> float:
    """How many of them are shorter, from 0 to 1."""
    return sum(each < limit_seconds for each in seconds) / len(seconds)


def model_back_seconds(log: str) -> Iterator[float]:
    """The seconds from each death of a loaded model to the next one's readiness, where nothing came between."""
    lines = re.findall(
        r"^(.{23}) .*event=model_(gone state=(?:ready|busy)|started pid=\d+|ready pid=\d+)", log, re.M
    )
    events = [(datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f"), what) for at, what in lines]
    for (gone_at, gone), (_, started), (ready_at, ready) in zip(events, events[1:], events[2:], strict=False):
        if gone.startswith("gone") and ready == started.replace("started", "ready"):
            yield (ready_at - gone_at).total_seconds()


@click.command()
@click.option("--seed", default=lambda: random.randrange(1_000_000), show_default="random", type=int)
@click.option("--kills", default=200, show_default=True)
@click.option("--uploads", default=500, show_default=True)
@click.option("--of-each", default=20, show_default=True, help="Least number of kills in each state.")
@click.option("--model-kills", default=50, show_default=True, help="Kills of the model alone, at the end.")
def main(seed: int, kills: int, uploads: int, of_each: int, model_kills: int) -> None:
    """Kill everything at every moment, and look for what was lost."""
    click.echo(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(Crash(Path(folder), seed).run(kills, uploads, of_each, model_kills))
    click.echo("\n".join(report.lines()))


if __name__ == "__main__":
    main()
