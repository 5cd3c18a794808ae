"""GET /metrics: the server's numbers in the text format of Prometheus.

What they mean is told in their HELP lines; watching them is left to whoever asks.
"""

import resource
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from leyline.line.runner import Runner
from web.base import Handler
from web.parts import Parts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsHandler(Handler):
    """For scripts and dashboards; where an access token is set, they bear it."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation, self.sockets, self.answers = parts.representation, parts.sockets, parts.answers
        self.fleet = parts.fleet

    async def get(self) -> None:
        line, model = self.representation.line(), self.representation.model()
        self.set_header("Content-Type", CONTENT_TYPE)
        for text in (
            *_metric("leyline_waiting", "gauge", "Pictures waiting in line.", line["waiting"]),
            *_metric("leyline_running", "gauge", "Pictures that models work on.", line["running"]),
            *_metric("leyline_paused", "gauge", "1 while the operator has paused the line.", int(line["paused"])),
            *_metric(
                "leyline_run_seconds", "gauge", "How long one picture takes, as last seen.", line["run_seconds"]
            ),
            *_metric("leyline_model", "gauge", "Model processes in each state.", _states(model)),
            *_metric("leyline_worker_busy", "gauge", "1 while it has a picture.", self._each(_is_busy)),
            *_metric("leyline_worker_runs_total", "counter", "Runs that it has ended.", self._each(_runs)),
            *_metric(
                "leyline_worker_failures_total",
                "counter",
                "Of these, without a video by an error or its end.",
                self._each(_failures),
            ),
            *_metric("leyline_worker_restarts_total", "counter", "Restarts of it.", self._each(_restarts)),
            *_metric("leyline_sockets", "gauge", "Open WebSockets.", len(self.sockets.open)),
            *_metric(
                "leyline_answers_total", "counter", "Requests, by the status of their answer.", self._answers()
            ),
            *_metric("process_resident_memory_bytes", "gauge", "Memory of the web process.", _resident_bytes()),
        ):
            self.write(text + "\n")

    def _each(self, number: Callable[[Runner], int]) -> dict[str, int]:
        """A number of each model process."""
        return {
            f'name="{_label(each.member.name)}",machine="{_label(each.member.machine)}"': number(each)
            for each in self.fleet.members
        }

    def _answers(self) -> dict[str, int]:
        return {f'status="{status}"': count for status, count in sorted(self.answers.by_status.items())}


def _metric(name: str, kind: str, meaning: str, values: float | Mapping[str, float]) -> Iterator[str]:
    """The lines of one metric: a number, or one for each label."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    if isinstance(values, Mapping):
        yield from (f"{name}{{{label}}} {value}" for label, value in values.items())
    else:
        yield f"{name} {values}"


def _states(model: dict[str, Any]) -> dict[str, int]:
    return {f'state="{state}"': number for state, number in model["processes"].items()}


def _label(text: str) -> str:
    """As the value of a label has it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _is_busy(runner: Runner) -> int:
    return int(runner.task is not None)


def _runs(runner: Runner) -> int:
    return runner.runs


def _failures(runner: Runner) -> int:
    return runner.failures


def _restarts(runner: Runner) -> int:
    return runner.restarts


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
