"""The model processes over HTTP: each of the fleet, and how the operator takes one out of it.

Danger: a task's id is what reaches it, so it is told to the operator and its owner alone.
"""

from typing import Any

from leyline import errors
from leyline.line.runner import Runner
from leyline.times import timestamp
from web.bearer import BearerHandler
from web.parts import Parts


class FleetHandler(BearerHandler):
    """The base of what answers with model processes."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.fleet = parts.fleet


class WorkersHandler(FleetHandler):
    """All of them, in the order in which they joined."""

    async def get(self) -> None:
        is_operator, owner = self.is_operator(), self.caller.owner
        self.write_json({"workers": [worker(each, is_operator, owner) for each in self.fleet.members]})


class WorkerHandler(FleetHandler):
    """The operator lets one go."""

    needs_admission = False  # the operator's token is worth more

    async def delete(self, name: str) -> None:
        self.demand_operator()
        found(self.fleet.let_go(name))
        self.set_status(204)


class DrainHandler(FleetHandler):
    """The operator has one finish what it has, and go then."""

    needs_admission = False

    async def post(self, name: str) -> None:
        self.demand_operator()
        self.write_json(worker(found(self.fleet.drain(name)), is_operator=True))


def worker(runner: Runner, is_operator: bool, owner: str | None = None) -> dict[str, Any]:
    """One model process; with its task for the operator, and for whose that is."""
    member, task = runner.member, runner.task
    is_told = task is not None and (is_operator or (owner is not None and task.owner == owner))
    return {
        "name": member.name,
        "machine": member.machine,
        "state": member.state.value,
        "detail": member.detail,
        "task_id": task.task_id if task and is_told else None,
        "since": timestamp(runner.since),
        "draining": runner.ends,
        "runs": runner.runs,
        "failures": runner.failures,
        "restarts": runner.restarts,
    }


def found(runner: Runner | None) -> Runner:
    if runner is None:
        raise errors.NotFound("There is no model process of this name.")
    return runner
