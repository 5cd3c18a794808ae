"""What is counted since the server started: uploads, moves of tasks, waits, runs, how late the event loop is.

What is true only at the moment of asking is left to `gauges`, how it is told to `metrics`, the requests themselves
to `answers`. Danger: this is called at each move of a task, on the event loop: it only counts, and nothing in it
may fail or wait. Progress, frames and pings are never counted.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from leyline.line import failures
from leyline.line.tasks import Task
from leyline.line.writer import Move, Said
from leyline.webhooks.messages import State

HOUR = 3_600
WAITS = (1, 5, 15, 30, 60, 120, 300, 600, 1_200, 2_400, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR)
RUNS = (0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, HOUR)
TRIES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

TRIED = (State.DELIVERED, State.WAITING, State.GONE, State.GIVEN_UP)  # what a try can make of a message
UPLOADS = ("accepted", "replayed", "refused", "left")
OUTCOMES = {Move.SUCCEEDED: "succeeded", Move.FAILED: "failed", Move.CANCELED: "canceled"}
REASONS = ("crash", "stop", "restart", "disk", "bug")  # for being put back, from zero on; there may be more
ATTEMPT_SPENT = "model_crashed"  # the failure of a task whose last attempt ended with its model

disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series began, told as another series: twice as many, for nothing


class Numbers:
    """The counted metrics."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        uploads = Counter("leyline_uploads", "Uploads, by how they ended.", ["outcome"], registry=registry)
        self._uploads = {outcome: uploads.labels(outcome) for outcome in UPLOADS}
        self._accepted = Counter(
            "leyline_accepted", "Tasks that entered the line, by uploads and by retries.", registry=registry
        )
        tasks = Counter("leyline_tasks", "Tasks that ended, by how.", ["outcome"], registry=registry)
        self._tasks = {move: tasks.labels(outcome) for move, outcome in OUTCOMES.items()}
        failed = Counter(
            "leyline_failures", "Tasks that failed, by the code of the failure.", ["code"], registry=registry
        )
        self._failures = {code: failed.labels(code) for code in failures.by_code()}
        self._put_back = Counter(
            "leyline_put_back",
            "Tasks that went back to the head of the line, by why.",
            ["reason"],
            registry=registry,
        )
        self._put_back_for = {reason: self._put_back.labels(reason) for reason in REASONS}
        self._attempts = Counter(
            "leyline_attempts", "Runs in which the model died or hung on its picture.", registry=registry
        )
        self._views = Counter("leyline_views", "Views of videos that were counted.", registry=registry)
        tries = Counter(
            "leyline_webhook_tries",
            "Tries of webhooks, by what the message was after it.",
            ["state"],
            registry=registry,
        )
        self._webhooks = {state: tries.labels(state.value) for state in TRIED}
        self._webhook_seconds = Histogram(
            "leyline_webhook_try_seconds", "How long a try of a webhook took.", buckets=TRIES, registry=registry
        )
        self._waits = Histogram(
            "leyline_wait_seconds", "From an upload to its first run.", buckets=WAITS, registry=registry
        )
        self._runs = Histogram(
            "leyline_run_duration_seconds", "Runs that made a video.", buckets=RUNS, registry=registry
        )
        self._lags = Histogram(
            "leyline_event_loop_lag_seconds", "How late the event loop was.", buckets=LAGS, registry=registry
        )

    def uploaded(self, outcome: str) -> None:
        """An upload has ended in one of the ways of `UPLOADS`."""
        self._uploads[outcome].inc()

    def moved(self, task: Task, said: Said) -> None:
        """A move of a task has been committed; `task` is as it became."""
        match said.move:
            case Move.ACCEPTED:
                self._accepted.inc()
            case Move.CLAIMED if task.run == 1 and task.started_at is not None:
                self._waits.observe(max(task.started_at - task.created_at, 0))  # the wall clock may have jumped
            case Move.PUT_BACK:
                self._count_put_back(said.words["reason"])
                if said.counts_attempt:
                    self._attempts.inc()
            case Move.SUCCEEDED:
                self._tasks[Move.SUCCEEDED].inc()
                self._runs.observe(said.words["seconds"])
            case Move.FAILED:
                self._tasks[Move.FAILED].inc()
                if failed := self._failures.get(task.error_code or ""):
                    failed.inc()
                if task.error_code == ATTEMPT_SPENT:
                    self._attempts.inc()
            case Move.CANCELED:
                self._tasks[Move.CANCELED].inc()
            case Move.VIEWED:
                self._views.inc()

    def _count_put_back(self, reason: str) -> None:
        if reason not in self._put_back_for:
            self._put_back_for[reason] = self._put_back.labels(reason)
        self._put_back_for[reason].inc()

    def tried(self, state: State, seconds: float) -> None:
        """A webhook was tried."""
        self._webhooks[state].inc()
        self._webhook_seconds.observe(seconds)

    def late(self, seconds: float) -> None:
        """The event loop was so late."""
        self._lags.observe(seconds)
