"""A model process of this machine, over a pipe: give it one run, cancel that, hear how it ended.

How a process is kept alive is left to `kept`, which task is next and what becomes of it to `line`.
Danger: what a model says of its errors may hold paths; people get sentences of ours, the log gets the rest.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from leyline.processes import protocol
from leyline.processes.kept import KeptChild
from leyline.processes.output import Output
from leyline.processes.seam import Crashed, Heard, Outcome
from leyline.processes.states import Cause, ChildState, Death

log = logging.getLogger("leyline.model")

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})
CANCEL_SECONDS = 5  # how long a model may take to hear that its task was canceled

NO_ROOM = "The server has no room for the model process at this moment."
NOT_LOADED = "The model could not be loaded. The server's log says why."
DIED_UNUSED = "The model process ended before it had begun a picture. The server's log says how."


class ModelProcess(KeptChild):
    """One model process at a time, kept alive; `target` runs in it. `on_state` is called when `state` changes.

    `on_schema` gets the JSON Schema of what people can choose, whenever the model has been loaded and before it is
    ready; a `ProtocolError` of it ends the process. `on_wrong_setting` is called when the first load shows that a
    setting is wrong, with its name and what is.
    """

    def __init__(
        self,
        target: Callable[..., None],
        model: str,
        parameters: Mapping[str, float | str],
        *,
        name: str = "local",
        options: Mapping[str, Any] = NO_OPTIONS,
        memory_limit_mb: int,
        stall_seconds: float,
        on_state: Callable[[], None],
        on_schema: Callable[[str], None],
        on_wrong_setting: Callable[[str, str], None],
    ) -> None:
        self.name, self.machine = name, socket.gethostname()
        self._output = Output(self._log_output)
        self._heard_of = "", 0  # the run that its last lines are of
        super().__init__(
            target,
            (model, dict(parameters), memory_limit_mb, dict(options)),
            name="model",
            about=name,
            conversation=protocol.MODEL,
            on_ready=lambda ready: on_schema(ready.schema),
            on_aside=self._hear_aside,
            on_state=on_state,
            on_output=self._output.take,
        )
        self._stall_seconds = stall_seconds
        self._on_wrong_setting = on_wrong_setting
        self._running: protocol.Start | None = None
        self._patience: asyncio.TimerHandle | None = None  # with a model that was told to cancel

    @property
    def detail(self) -> str:
        """Why the model is in `FAILED`, as a sentence for people."""
        death = self.last_death
        if self.state is not ChildState.FAILED or death is None:
            return ""
        if death.cause is Cause.NOT_SPAWNED:
            return NO_ROOM
        return NOT_LOADED if death.state is ChildState.LOADING else DIED_UNUSED

    async def run(self, start: protocol.Start, heard: Heard) -> Outcome:
        """Give the idle process one task and wait for its end; what it says meanwhile goes to `heard`.

        Returns within 1.1 × the stall limit of the last sign of life, whatever the process does.
        """
        self.hear_output()  # what was printed before is nobody's
        self._output.begin()
        self._heard_of = start.task_id, start.run
        self._running = start
        try:
            end = await self.ask(start, silence_seconds=self._stall_seconds, on_news=heard)
        finally:
            self.hear_output()
            self._output.end()
            self._running = None
            if self._patience:
                self._patience.cancel()
                self._patience = None
        if isinstance(end, Death):
            return Crashed(self._ending(end), str(end), end.began)
        assert isinstance(end, protocol.Done | protocol.Failed)
        return end

    def last_lines(self, task_id: str, run: int) -> list[str]:
        """What the model has printed last in this run; nothing of one that is neither at work nor ended last."""
        return self._output.last_lines if self._heard_of == (task_id, run) else []

    def cancel(self, task_id: str, run: int) -> None:
        """Ask the model to stop this run, and kill it when it does not listen; nothing for any other run."""
        cancel, running = protocol.Cancel(task_id, run), self._running
        if running is None or self._patience or not protocol.may_be_about(cancel, running):
            return
        self.tell(cancel)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(CANCEL_SECONDS, self.kill, Cause.DISOBEDIENCE)

    def _hear_aside(self, message: protocol.FromChild) -> None:
        """Its word on a load; whatever it says of other runs comes too late."""
        if not isinstance(message, protocol.LoadFailed):
            return
        if message.wrong and self.spawned == 1:
            self._on_wrong_setting(message.wrong, message.detail)
        else:
            log.error("event=model_load_failed name=%r detail=%r", self.name, message.detail)

    def _log_output(self, line: str, left_out: int) -> None:
        """Where the model prints while it loads, or between two runs, there is no task to name."""
        whose = f" task={self._running.task_id} run={self._running.run}" if self._running else ""
        if left_out:
            log.info("event=model_output_left_out%s lines=%d", whose, left_out)
        else:
            log.info("event=model_output%s line=%r", whose, line)

    def _ending(self, death: Death) -> str:
        return f"The model said nothing for {self._stall_seconds:g} s." if death.cause is Cause.SILENCE else ""
