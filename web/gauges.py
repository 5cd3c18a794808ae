"""What is true of the server at the moment when somebody asks for its numbers: line, models, disk, sockets, memory.

What is counted over time is left to `numbers`, except for what others count anyway, which is read here. Danger:
this runs on the event loop, so what must be read from the disk comes as an argument.
"""

import platform
import resource
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import leyline
from leyline import errors
from leyline.line.runner import Runner
from leyline.processes.states import ChildState
from leyline.settings import FAIR, FIRST_COME, Settings
from web.answers import Answers
from web.representation import Representation
from web.sockets import Sockets


def _is_refusal(each: object) -> bool:
    return isinstance(each, type) and issubclass(each, errors.Refusal) and each is not errors.Refusal


# A series that is not there before it counts one has no increase by that one, and nobody would be alarmed.
REFUSALS = sorted({refusal.code for refusal in vars(errors).values() if _is_refusal(refusal)})


OF_EACH = ["model"]  # process, by the name that it has in the fleet


class Disk(NamedTuple):
    """The data folder's disk, in bytes; `kept` is None until it has been measured."""

    free: int
    kept: float | None


class Gauges(Collector):
    """Collected for each answer. `runners` gives the model processes, each with what it has in hand."""

    def __init__(
        self,
        representation: Representation,
        sockets: Sockets,
        answers: Answers,
        runners: Callable[[], Sequence[Runner]],
        settings: Settings,
    ) -> None:
        self._representation = representation
        self._sockets = sockets
        self._answers = answers
        self._runners = runners
        self._settings = settings
        self.disk = Disk(0, None)  # as measured for the answer that is being made
        self.webhooks_waiting = 0  # the same

    def collect(self) -> Iterator[Metric]:
        yield from self._of_line()
        yield from self._of_models()
        yield from self._of_web()
        yield from self._of_disk()
        yield from self._of_process()

    def _of_line(self) -> Iterator[Metric]:
        line = self._representation.line()
        yield _gauge("leyline_waiting", "Pictures waiting in line.", line["waiting"])
        yield _gauge("leyline_waiting_limit", "Most pictures in line, 0 for any.", self._settings.max_waiting)
        yield _labeled(
            GaugeMetricFamily("leyline_order", "1 for the order of the line that is in force.", labels=["order"]),
            ((order, int(order == line["order"])) for order in (FIRST_COME, FAIR)),
        )
        yield _gauge("leyline_running", "Pictures that are being worked on.", line["running"])
        yield _gauge("leyline_paused", "1 while the operator has paused the line.", int(line["paused"]))
        yield _gauge("leyline_run_seconds", "How long one picture takes, as last seen.", line["run_seconds"])

    def _of_models(self) -> Iterator[Metric]:
        runners = self._runners()
        states = [runner.member.state for runner in runners]
        yield _labeled(
            GaugeMetricFamily("leyline_model", "Model processes in each state.", labels=["state"]),
            ((state.value, states.count(state)) for state in ChildState),
        )
        yield _each(
            GaugeMetricFamily("leyline_model_busy", "1 while it has a picture.", labels=OF_EACH),
            ((runner, runner.task is not None) for runner in runners),
        )
        yield _each(
            CounterMetricFamily("leyline_model_runs", "Runs that it has ended.", labels=OF_EACH),
            ((runner, runner.runs) for runner in runners),
        )
        yield _each(
            CounterMetricFamily(
                "leyline_model_failures", "Of these, without a video by an error or its end.", labels=OF_EACH
            ),
            ((runner, runner.failures) for runner in runners),
        )
        yield _each(
            CounterMetricFamily("leyline_model_restarts", "Model processes after the first.", labels=OF_EACH),
            ((runner, runner.restarts) for runner in runners),
        )
        yield _each(
            GaugeMetricFamily(
                "leyline_model_resident_memory_bytes",
                "Memory of a model process on this machine.",
                labels=OF_EACH,
            ),
            ((runner, _resident_bytes(runner.member.pid)) for runner in runners if _is_here(runner)),
        )

    def _of_web(self) -> Iterator[Metric]:
        yield _gauge("leyline_sockets", "Open WebSockets.", len(self._sockets.open))
        yield _gauge(
            "leyline_webhooks_waiting", "Webhook messages that are still to be taken.", self.webhooks_waiting
        )
        yield _labeled(
            CounterMetricFamily("leyline_answers", "Requests, by the status of their answer.", labels=["status"]),
            ((str(status), count) for status, count in sorted({500: 0, **self._answers.by_status}.items())),
        )
        yield _labeled(
            CounterMetricFamily("leyline_refusals", "What was refused, by the code.", labels=["code"]),
            ((code, self._answers.by_code[code]) for code in REFUSALS),
        )

    def _of_disk(self) -> Iterator[Metric]:
        settings = self._settings
        yield _gauge("leyline_disk_free_bytes", "Free on the data folder's disk.", self.disk.free)
        yield _gauge(
            "leyline_disk_reserve_bytes",
            "Free space below which uploads are refused.",
            settings.disk_reserve_mb * 1_000_000,
        )
        if self.disk.kept is not None:
            yield _gauge("leyline_kept_bytes", "Kept pictures and videos, as last swept.", self.disk.kept)
        yield _gauge("leyline_keep_limit_bytes", "Room for what is kept, 0 for any.", settings.keep_gb * 1e9)

    def _of_process(self) -> Iterator[Metric]:
        yield _labeled(
            GaugeMetricFamily("leyline_build_info", "What runs.", labels=["version", "python"]),
            [((leyline.__version__, platform.python_version()), 1)],
        )
        if sys.platform != "linux":  # else the library tells it, and more
            yield _gauge(
                "process_resident_memory_bytes",
                "Memory of the web process.",
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _labeled(
    family: GaugeMetricFamily | CounterMetricFamily, values: Iterable[tuple[str | tuple[str, ...], float]]
) -> Metric:
    for labels, value in values:
        family.add_metric([labels] if isinstance(labels, str) else labels, value)
    return family


def _each(family: GaugeMetricFamily | CounterMetricFamily, values: Iterable[tuple[Runner, float]]) -> Metric:
    return _labeled(family, ((runner.member.name, value) for runner, value in values))


def _is_here(runner: Runner) -> bool:
    return runner.member.pid is not None and runner.member.machine == socket.gethostname()


def _resident_bytes(pid: int | None) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:  # it has just ended, or this system has no /proc
        return 0
