"""Every step of a picture's way fails once, or is the last one of a process: nothing accepted is lost by it."""

import contextlib
import itertools
import sys
from pathlib import Path

import pytest

from tests import faulty
from tests.audit import Audit
from tests.live_server import GONE, Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

LAST_STEP = "unlink tmp/*.jpg"  # of the server: the preview goes when the video is there


class FaultyServer(LiveServer):
    """A server whose steps can fail, and what it has accepted."""

    command = (sys.executable, "-m", "tests.faulty", "serve")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self.environment = {"FAULTY_DIR": str(folder)}
        self.folder = folder
        self.audit = Audit(self.data_dir)
        self.sent = 0
        self.accepted: list[str] = []

    async def meets(self, plan: faulty.Plan) -> bool:
        """Send one picture with this fault on its way; whether it came to the fault."""
        plan.give(self.folder)
        with contextlib.suppress(*GONE):
            await self.send()
            await self.all_end()
        met = await eventually(lambda: self.has_met(plan) or self.has_ended(), "the picture's way ends")
        plan.take_back(self.folder)
        if met == "met" and (plan.process, plan.fault) == ("server", "kill"):
            self.wait()
            self.check_the_dead()
            self.start()
        await self.all_end()
        return met == "met"

    async def send(self) -> None:
        """Send a picture, and remember it when it was accepted."""
        self.sent += 1
        answer = await Api(self.url).send(photo(self.sent))
        if answer.code == 202:
            self.accepted.append(answer.headers["Location"].split("/")[-2])
        else:
            assert answer.code in (503, 507), answer.body
            assert int(answer.headers["Retry-After"]) >= 1

    async def all_end(self) -> None:
        """What was accepted comes to a good end, by itself."""
        for task_id in self.accepted[-1:]:
            task = await Api(self.url).finished(task_id)
            assert task["status"] == "succeeded", task["error"]

    def has_met(self, plan: faulty.Plan) -> str:
        return "met" if len(faulty.steps(self.folder, plan.process)) >= plan.step else ""

    def has_ended(self) -> str:
        return "ended" if LAST_STEP in faulty.steps(self.folder, "server") else ""

    def check_the_dead(self) -> None:
        """No 2xx before the commit, no row without its files, no success without a video that decodes."""
        assert set(self.accepted) <= {row["task_id"] for row in self.audit.promises()}


FAULTS = {
    "server": ("fail", "full", "kill"),
    "model": ("full", "kill"),
    "pictures": ("fail", "full", "kill"),
}
LEAST_STEPS = {"server": 15, "model": 5, "pictures": 4}


@pytest.mark.parametrize(
    ("process", "fault"), [(process, fault) for process, faults in FAULTS.items() for fault in faults]
)
@pytest.mark.gen_test(timeout=180)
async def test_a_fault_at_any_step_on_the_way_loses_nothing(tmp_path: Path, process: str, fault: str) -> None:
    with FaultyServer(tmp_path) as server:
        for step in itertools.count(1):
            if not await server.meets(faulty.Plan(process, step, fault)):
                break
        assert step > LEAST_STEPS[process]
        assert server.stop() == 0
        assert "event=bug" not in server.log()
        assert "never retrieved" not in server.log()
        with server:  # the next start sweeps away what could not be removed
            pass
        tasks = [row["task_id"] for row in server.audit.rest()]
    assert [task for task in tasks if task in server.accepted] == server.accepted
    assert len(tasks) <= server.sent
