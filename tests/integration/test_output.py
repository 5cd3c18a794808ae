"""What a model prints: in the log with its task, and its last lines with the task, whatever becomes of the run."""

import asyncio
import logging
import re
from pathlib import Path
from time import monotonic

import pytest

from leyline.line.tasks import TaskStatus
from leyline.processes import protocol
from leyline.processes.seam import Crashed
from tests.integration.scripted_fleet import works
from tests.integration.test_model_process import started

pytestmark = pytest.mark.slow

TASK, RUN = "f" * 32, 1
OF_RUN = f"event=model_output task={TASK} run={RUN} line="
LOOP_HELD_SECONDS = 0.05


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    caplog.set_level(logging.INFO, "leyline.model")


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "leyline.model"]


@pytest.mark.gen_test(timeout=60)
async def test_whatever_way_a_model_prints_it_is_logged_with_its_task(tmp_path, caplog):
    async with started("tests.models.printing:Prints") as model:
        assert isinstance(await model.run(tmp_path), protocol.Done)
        said = ["by Python", "to standard error", "by C", "by the descriptor", "by a program"]
        said.append("without its end in C and in Python")
        assert model.process.last_lines(TASK, RUN) == said
        assert logged(caplog) == [
            "event=model_output line='weights are there'",
            *(f"{OF_RUN}{line!r}" for line in said),
        ]
        assert model.process.last_lines(TASK, RUN + 1) == []


@pytest.mark.gen_test(timeout=60)
async def test_the_last_words_before_a_crash_are_heard(tmp_path, caplog):
    async with started("tests.models.printing:SaysLastWords") as model:
        assert isinstance(await model.run(tmp_path), Crashed)
        assert model.process.last_lines(TASK, RUN) == ["loading a broken kernel"]
        assert f"{OF_RUN}'loading a broken kernel'" in logged(caplog)


@pytest.mark.alone
@pytest.mark.gen_test(timeout=60)
async def test_a_flood_holds_nobody_up_and_is_logged_in_part(tmp_path, caplog):
    held = 0.0

    async def watch() -> None:
        nonlocal held
        while True:
            began = monotonic()
            await asyncio.sleep(0.001)
            held = max(held, monotonic() - began - 0.001)

    async with started("tests.models.printing:Floods") as model:
        await model.ready()
        watching = asyncio.create_task(watch())
        began = monotonic()
        assert isinstance(await model.run(tmp_path), protocol.Done)
        assert monotonic() - began < 20
        watching.cancel()
        last_lines = model.process.last_lines(TASK, RUN)
        assert all(
            line in ("the last of it", "still here") or "still here".startswith(line) for line in last_lines[1:]
        )
    lines = [line for line in logged(caplog) if line.startswith(OF_RUN)]
    left_out = sum(
        int(number)
        for number in re.findall(r"model_output_left_out \S+ run=1 lines=(\d+)", "\n".join(logged(caplog)))
    )
    assert 200 <= len(lines) < 1000
    assert len(lines) + left_out >= 200_000
    assert max(map(len, lines)) < 1000
    assert held < LOOP_HELD_SECONDS


@pytest.mark.gen_test(timeout=60)
async def test_the_last_lines_of_each_run_are_kept_with_its_task_and_go_with_it(tmp_path):
    async with works(tmp_path) as at:
        task, other = await at.queued(1, 2)
        for run, end in ((1, Crashed(reason="killed")), (2, None)):
            await at.process.started()
            at.process.printed[task.task_id, run] = [f"run {run}", "“done”"]
            if end:
                at.process.ends(end)
            else:
                await at.process.finishes()
        await at.told(task, TaskStatus.SUCCEEDED)
        kept = await at.store.outputs(task.task_id)
        assert [(each.run, each.lines) for each in kept] == [(1, ["run 1", "“done”"]), (2, ["run 2", "“done”"])]
        await at.process.started()
        at.process.printed[other.task_id, 1] = ["no face"]
        at.process.fails(protocol.UNSUITABLE)
        await at.told(other, TaskStatus.FAILED)
        assert [each.lines for each in await at.store.outputs(other.task_id)] == [["no face"]]
        await at.moves.delete(task.task_id)
        assert await at.store.outputs(task.task_id) == []


@pytest.mark.gen_test(timeout=60)
async def test_a_canceled_and_a_stopped_run_keep_theirs_too(tmp_path):
    async with works(tmp_path) as at:
        canceled, stopped = await at.queued(1, 2)
        await at.process.started()
        at.process.printed[canceled.task_id, 1] = ["step 3"]
        await at.canceling.cancel(canceled.task_id)
        at.process.fails(protocol.CANCELED)
        await at.told(canceled, TaskStatus.CANCELED)
        await at.process.started()
        at.process.printed[stopped.task_id, 1] = ["step 1"]
        await at.fleet.stop()
        for task, line in ((canceled, "step 3"), (stopped, "step 1")):
            assert [each.lines for each in await at.store.outputs(task.task_id)] == [[line]]
