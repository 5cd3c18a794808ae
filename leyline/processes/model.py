"""The parent's end of the model process: start it, give it one task, watch it, kill it, start it again.

Which task is next, and what becomes of it, is left to `worker`. Danger: SIGKILL, garbage on the pipe, a
hang and a model that never loads all arrive here; each ends as an `Outcome` or a state, never as an
exception in the event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from leyline.processes import protocol
from leyline.processes.child import Child

log = logging.getLogger("leyline.model")

CANCEL_SECONDS = 5  # how long a model may take to hear that its task was canceled
GOODBYE_SECONDS = 1  # how long an idle process may take to exit by itself
LONGEST_BACKOFF_SECONDS = 30
CHECKS_PER_STALL = 20  # silence is added up in steps, so that time in which *we* were frozen hardly counts


class ModelState(StrEnum):
    STOPPED = "stopped"
    LOADING = "loading"  # tasks wait
    READY = "ready"  # waits for a task
    BUSY = "busy"  # has a task
    RESTARTING = "restarting"  # died; a new one comes at once
    FAILED = "failed"  # could not load or be started; tried again after a pause


@dataclass(frozen=True)
class Crashed:
    """The process died, hung or broke the protocol during the run.

    `began` is False when it had said nothing of the run: the Start had met a process already dead.
    """

    detail: str
    began: bool = True


Outcome = protocol.Done | protocol.Failed | Crashed
Heard = Callable[[protocol.Progress | protocol.Preview], None]


class ModelProcess:
    """One model process at a time, kept alive; `target` runs in it. `on_state` is called when `state` changes."""

    def __init__(
        self,
        target: Callable[..., None],
        model: str,
        parameters: Mapping[str, float | str],
        *,
        memory_limit_mb: int,
        stall_seconds: float,
        on_state: Callable[[], None],
    ) -> None:
        self._target = target
        self._arguments = (model, dict(parameters), memory_limit_mb)
        self._stall_seconds = stall_seconds
        self._on_state = on_state
        self._child: Child | None = None
        self._ready = asyncio.Event()
        self._run: _Run | None = None
        self._failed_loads = 0
        self._next_start: asyncio.TimerHandle | None = None
        self.state = ModelState.STOPPED
        self.detail = ""  # a sentence for people in FAILED; the model's own words may hold paths

    @property
    def pid(self) -> int | None:
        """The running process, for tests and the log."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Spawn the process, later if it cannot be now; on the main thread, with the event loop running."""
        self._next_start = None
        self.detail = ""
        try:
            child = Child(
                self._target,
                self._arguments,
                name="leyline model",
                max_message_bytes=protocol.MAX_MESSAGE_BYTES,
                on_message=self._heard,
                on_gone=self._gone,
            )
            child.start()
        except OSError as error:  # no process, thread or descriptor is to be had
            log.error("event=model_not_started reason=%r", str(error))
            self._fail("The server has no room for the model process at this moment.")
            return
        self._child = child
        self._enter(ModelState.LOADING)
        log.info("event=model_started pid=%d", child.pid)

    async def ready(self) -> None:
        """Wait until the model is loaded and idle."""
        await self._ready.wait()

    @property
    def idle(self) -> bool:
        """Whether `run` may be called right now."""
        return self._ready.is_set()

    async def run(self, start: protocol.Start, heard: Heard) -> Outcome:
        """Give the idle process one task and wait for its end; progress and previews go to `heard`.

        Returns within 1.1 × the stall limit of the last sign of life, whatever the process does.
        """
        assert self.idle and self._child is not None and self._run is None
        self._ready.clear()
        self._run = run = _Run(start, heard)
        self._enter(ModelState.BUSY)
        self._child.send(protocol.encode(start))
        watch = asyncio.create_task(self._watch(run))
        try:
            return await run.outcome
        finally:
            watch.cancel()
            self._run = None
            if self.state is ModelState.BUSY:
                self._become_ready()

    def cancel(self, task_id: str, run: int) -> None:
        """Ask the model to stop this run, and kill it when it does not listen; nothing for any other run."""
        current = self._run
        if current is None or self._child is None or not current.is_of(task_id, run) or current.cancel_timer:
            return
        self._child.send(protocol.encode(protocol.Cancel(task_id, run)))
        loop = asyncio.get_running_loop()
        current.cancel_timer = loop.call_later(CANCEL_SECONDS, self._kill, f"ignored a cancel of task={task_id}")

    async def stop(self) -> None:
        """End the process and start no other; it has ended when this returns."""
        if self._next_start:
            self._next_start.cancel()
        self._enter(ModelState.STOPPED)
        child = self._child
        if child is None:
            return
        child.send(protocol.encode(protocol.Shutdown()))
        if self._run is not None or not await child.wait(GOODBYE_SECONDS):
            child.kill()
        await child.wait(GOODBYE_SECONDS)

    # What the process says

    def _heard(self, data: bytes) -> None:
        try:
            message = protocol.decode(data, protocol.FROM_MODEL)
        except protocol.ProtocolError as error:
            self._kill(f"broke the protocol: {error}")
            return
        run = self._run
        match message:
            case protocol.Ready() if self.state is ModelState.LOADING:
                log.info("event=model_ready pid=%d", self.pid)
                self._failed_loads = 0
                self._become_ready()
            case protocol.LoadFailed(detail):
                self.detail = "The model could not be loaded. The server's log says why."
                log.error("event=model_load_failed detail=%r", detail)
            case protocol.Progress() | protocol.Preview() if run and run.is_of(message.task_id, message.run):
                run.began = True
                run.heard_at = monotonic()  # of this run only: other words are no sign of its life
                run.heard(message)
            case protocol.Done() | protocol.Failed() if run and run.is_of(message.task_id, message.run):
                run.end(message)

    def _gone(self) -> None:
        assert self._child is not None
        exitcode, self._child = self._child.exitcode, None
        was = self.state
        self._ready.clear()
        log.log(
            logging.INFO if was is ModelState.STOPPED else logging.ERROR,
            "event=model_gone state=%s exitcode=%s",
            was.value,
            exitcode,
        )
        if was is not ModelState.STOPPED:
            self._restart_after(was, _ending(exitcode))
        if self._run:
            self._run.end(Crashed(_ending(exitcode)))

    def _restart_after(self, was: ModelState, ending: str) -> None:
        """At once when it had been loaded; after a growing pause when it could not be."""
        if was is ModelState.LOADING:
            self._fail(self.detail or ending)
            return
        self._enter(ModelState.RESTARTING)
        self._next_start = asyncio.get_running_loop().call_later(0, self.start)

    def _fail(self, detail: str) -> None:
        pause = min(2**self._failed_loads, LONGEST_BACKOFF_SECONDS)
        self._failed_loads += 1
        self.detail = detail
        self._enter(ModelState.FAILED)
        self._next_start = asyncio.get_running_loop().call_later(pause, self.start)

    def _become_ready(self) -> None:
        self._enter(ModelState.READY)
        self._ready.set()

    def _enter(self, state: ModelState) -> None:
        self.state = state
        self._on_state()

    def _kill(self, reason: str) -> None:
        log.error("event=model_killed reason=%r", reason)
        if self._run:
            self._run.reason = reason
        if self._child:
            self._child.kill()

    async def _watch(self, run: "_Run") -> None:
        """Kill the process when it has said nothing for the stall limit."""
        step = self._stall_seconds / CHECKS_PER_STALL
        silent_seconds = 0.0
        while silent_seconds < self._stall_seconds:
            seen, began = run.heard_at, monotonic()
            await asyncio.sleep(step)
            passed_seconds = min(monotonic() - began, 2 * step)
            silent_seconds = silent_seconds + passed_seconds if run.heard_at == seen else 0
        self._kill(f"said nothing for {self._stall_seconds:g} s")


class _Run:
    """One task in the process."""

    def __init__(self, start: protocol.Start, heard: Heard) -> None:
        self._start = start
        self.heard = heard
        self.heard_at = monotonic()
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.cancel_timer: asyncio.TimerHandle | None = None
        self.reason = ""
        self.began = False

    def is_of(self, task_id: str, run: int) -> bool:
        return (self._start.task_id, self._start.run) == (task_id, run)

    def end(self, outcome: Outcome) -> None:
        if self.cancel_timer:
            self.cancel_timer.cancel()
        if isinstance(outcome, Crashed) and self.reason:
            outcome = Crashed(f"The model {self.reason}.")
        if isinstance(outcome, Crashed) and not self.began and not self.reason:
            outcome = Crashed(outcome.detail, began=False)
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"The model process was ended by signal {-exitcode}."
    return f"The model process ended by itself with status {exitcode}."
