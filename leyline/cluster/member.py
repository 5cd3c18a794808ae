"""One model process of a worker, and its place at the front door: it joins, hears what to do, and joins again.

How the process is kept alive is left to `processes.model`, a run to `errand`, how long to wait for a front door to
`worker`. Danger: the front door may go at any moment, and with it the run in hand, which is canceled then; the
model stays loaded.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from leyline.cluster import messages
from leyline.cluster.carrying import Way
from leyline.cluster.engine import Seat, Security, connect
from leyline.cluster.errand import Errand
from leyline.cluster.messages import Died, Goodbye, Refused, State
from leyline.processes import protocol
from leyline.processes.model import ModelProcess
from leyline.processes.states import ChildState

log = logging.getLogger("leyline.cluster")

CONNECT_SECONDS = 5


class NotWanted(Exception):
    """The front door has refused it; the message is a sentence for people."""


class LetGo(Exception):
    """The front door needs it no more."""


class Member:
    """A model process with a place at the front door at `address`; one of a time.

    `model` is made by the worker, which says when its state changes: `tell_state`.
    """

    def __init__(self, address: str, security: Security | None, folder: Path) -> None:
        self.model: ModelProcess
        self.schema: str | None = None
        self._address, self._security = address, security
        self._folder = folder
        self._seat: Seat | None = None
        self._errand: Errand | None = None  # the last
        self._run: asyncio.Task[None] | None = None  # in which it is carried out
        self._called_off: Exception | None = None

    async def sit(self, hello: str, on_seated: Callable[[], None]) -> None:
        """Have a place at the front door until that has gone; raises `NotWanted`, `LetGo`, and OSError for none.

        Until then the model runs what it is given.
        """
        self._called_off = None
        seat = Seat(self._address, uuid4().hex, self._security, hello=hello, on_said=self._hear)
        try:
            try:
                await seat
            except (RuntimeError, TimeoutError) as error:
                raise OSError(f"it was not let in: {error.__cause__ or error}") from error
            self._seat = seat
            on_seated()
            if self.schema is not None:
                seat.say(messages.encode(protocol.ModelReady(self.schema)))
            self.tell_state()
            await seat.finished()  # type: ignore[no-untyped-call]
        finally:
            self._seat = None
            await self._give_up_run()
            await seat.close(timeout=1, reason="over")
        if self._called_off:
            raise self._called_off

    async def leave(self, reason: str) -> None:
        """Say goodbye, and end the model process."""
        seat = self._seat
        if seat:
            seat.say(messages.encode(Goodbye(reason)))
            await seat.close(timeout=1, reason="leave")  # it sends what was said
        await self._give_up_run()
        await self.model.stop()

    def tell_state(self) -> None:
        """The model process is in another state, or its place is a new one."""
        model = self.model
        self._say(State(model.state.value, model.detail, model.spawned, model.pid))

    def tell_schema(self, schema: str) -> None:
        """The model has been loaded, and is about to be ready."""
        self.schema = schema
        self._say(protocol.ModelReady(schema))

    def _say(self, message: protocol.Said) -> None:
        if self._seat and not (isinstance(message, State) and message.state == ChildState.STOPPED):
            self._seat.say(messages.encode(message))

    async def _give_up_run(self) -> None:
        """The model hears of it as of a cancel; until it has listened, or is killed, it is busy."""
        if self._run:
            self._run.cancel()
            await asyncio.wait([self._run])
            self._run = None

    # What the front door says

    def _hear(self, text: str) -> None:
        try:
            message = messages.to_member(text)
        except protocol.ProtocolError as error:  # of another release, and still let in
            log.error("event=not_understood error=%r", str(error))
            self._call_off(OSError("what the front door said was not understood"))
            return
        match message:
            case protocol.Start():
                self._take(message)
            case protocol.Cancel(task_id=task_id, run=run):
                if self._errand:
                    self._errand.cancel(task_id, run)
            case protocol.Shutdown():
                self._call_off(LetGo())
            case Refused(reason=reason):
                self._call_off(NotWanted(reason))

    def _call_off(self, why: Exception) -> None:
        self._called_off = self._called_off or why
        if self._seat:
            asyncio.ensure_future(self._seat.close(timeout=1, reason="called off"))  # noqa: RUF006 - `sit` waits for it

    # A run

    def _take(self, start: protocol.Start) -> None:
        if self._run and not self._run.done():
            self._say(Died(start.task_id, start.run, "", "it was at work on another run", False))
        elif self._seat:
            way = Way(self._connect, self._seat.called, start.task_id, start.run)
            self._errand = Errand(start, self.model, way, self._folder, self._say)
            self._run = asyncio.create_task(self._errand.carry_out())

    async def _connect(self) -> object:
        arguments = self._security.get_connection_args("worker") if self._security else {}
        return await connect(self._address, timeout=CONNECT_SECONDS, **arguments)
