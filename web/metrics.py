"""GET /metrics: the server's numbers in the text format of Prometheus.

What they mean is told in their HELP lines; watching them is left to whoever asks.
"""

import resource
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leyline.processes.states import ChildState
from web.base import Handler
from web.parts import Parts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsHandler(Handler):
    """For scripts and dashboards; where an access token is set, they bear it."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation, self.sockets, self.answers = parts.representation, parts.sockets, parts.answers

    async def get(self) -> None:
        line, model = self.representation.line(), self.representation.model()
        self.set_header("Content-Type", CONTENT_TYPE)
        for text in (
            *_metric("leyline_waiting", "gauge", "Pictures waiting in line.", line["waiting"]),
            *_metric("leyline_running", "gauge", "Pictures that the model works on.", line["running"]),
            *_metric("leyline_paused", "gauge", "1 while the operator has paused the line.", int(line["paused"])),
            *_metric(
                "leyline_run_seconds", "gauge", "How long one picture takes, as last seen.", line["run_seconds"]
            ),
            *_metric("leyline_model", "gauge", "1 for the state that the model process is in.", _states(model)),
            *_metric("leyline_sockets", "gauge", "Open WebSockets.", len(self.sockets.open)),
            *_metric(
                "leyline_answers_total", "counter", "Requests, by the status of their answer.", self._answers()
            ),
            *_metric("process_resident_memory_bytes", "gauge", "Memory of the web process.", _resident_bytes()),
        ):
            self.write(text + "\n")

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
    return {f'state="{state.value}"': int(state == model["state"]) for state in ChildState}


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
