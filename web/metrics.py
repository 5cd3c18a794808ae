"""GET /metrics: the server's numbers in the text format of Prometheus.

What they mean is told in their HELP lines; watching them is left to whoever asks.
"""

import collections
import resource
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tornado.web import RequestHandler

from leyline.processes.model import ModelState
from web.base import Handler, log_request
from web.representation import Representation
from web.socket import Sockets

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Answers:
    """Logs each answer, and counts it by its status; called by Tornado for each one."""

    def __init__(self) -> None:
        self.by_status: collections.Counter[int] = collections.Counter()

    def __call__(self, handler: RequestHandler) -> None:
        if not getattr(handler, "client_left", False):  # else it has been here already
            log_request(handler)
            self.by_status[handler.get_status()] += 1


class MetricsHandler(Handler):
    """For scripts and dashboards; where an access token is set, they bear it."""

    representation: Representation
    sockets: Sockets
    answers: Answers

    async def get(self) -> None:
        line, model = await self.representation.line(), self.representation.model()
        self.set_header("Content-Type", CONTENT_TYPE)
        for text in (
            *_metric("leyline_waiting", "gauge", "Pictures waiting in line.", line["waiting"]),
            *_metric("leyline_running", "gauge", "Pictures that the model works on.", line["running"]),
            *_metric("leyline_paused", "gauge", "1 while the operator has paused the line.", int(line["paused"])),
            *_metric(
                "leyline_run_seconds", "gauge", "How long one picture takes, as last seen.", line["drain_seconds"]
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
    return {f'state="{state.value}"': int(state == model["state"]) for state in ModelState}


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
