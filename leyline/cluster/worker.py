"""A worker: the model processes of one machine, each with a place at the front door, until it is told to end.

What is said there is left to `member`. What to run comes from the front door, so that an address is all there is to
say here; while that is away the models stay loaded, and each tries again, later each time, which is said once.
Danger: a thousand workers whose front door comes back must not all come at once.
"""

import asyncio
import json
import logging
import os
import random
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import leyline
from leyline.cluster import device, messages, scratch
from leyline.cluster.caller import NO_TLS
from leyline.cluster.engine import VERSION, Security, connect
from leyline.cluster.front import GREET, PYTHON
from leyline.cluster.member import LetGo, Member, NotWanted
from leyline.cluster.messages import Hello, Refused, Welcome
from leyline.processes.model import ModelProcess
from leyline.processes.protocol import ProtocolError

log = logging.getLogger("leyline.cluster")

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.3, 15.0
GREETING_SECONDS = 5
CONNECT_SECONDS = 2  # with tries of the engine's own in it
GOOD_SECONDS = 2  # that a place must have lasted, or it was none


@dataclass(frozen=True)
class Joining:
    """Where to join, as the engine writes it, and as what."""

    address: str
    security: Security | None
    name: str
    devices: tuple[str, ...]
    model: str
    explain: Callable[[BaseException], str | None] = lambda error: None  # why TLS failed, for people


class Pauses:
    """How long to wait before the next try: longer each time, until a place has lasted; never as long as others."""

    def __init__(self) -> None:
        self._next = SHORTEST_PAUSE_SECONDS
        self._seated_at: float | None = None

    def seated(self) -> None:
        self._seated_at = monotonic()

    async def pause(self) -> None:
        if self._seated_at is not None and monotonic() - self._seated_at > GOOD_SECONDS:
            self._next = SHORTEST_PAUSE_SECONDS
        self._seated_at = None
        seconds, self._next = self._next, min(1.5 * self._next, LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(random.uniform(0.5, 1) * seconds)


class Worker:
    """All model processes of one worker. Ends when told to, or when the front door needs none of them any more."""

    def __init__(self, joining: Joining) -> None:
        self._joining = joining
        self._hello = Hello(
            protocol=messages.VERSION,
            python=PYTHON,
            leyline=leyline.__version__,
            engine=VERSION,
            worker=uuid4().hex,
            number=0,
            name=joining.name,
            machine=socket.gethostname(),
            model=joining.model,
        )
        self._members: list[Member] = []
        self._waits_for = ""  # why, as it has said
        self._ends = False  # whoever leaves now does not come back
        self._wrong: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work(self) -> str:
        """Until it is over, or canceled; everything has ended then.

        "" when the front door needs it no more; else a sentence of what no further try would make right.
        """
        with scratch.folder() as folder:
            places = [
                asyncio.create_task(self._keep_place(number, folder))
                for number in range(len(self._joining.devices))
            ]
            everyone: asyncio.Future[Any] = asyncio.gather(*places)
            try:
                waited: list[asyncio.Future[Any]] = [self._wrong, everyone]
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if not self._wrong.done():
                    everyone.result()
            finally:
                self._ends = True  # who loses a place now looks for no other
                reason = self._wrong.result() if self._wrong.done() else ""
                await asyncio.gather(*(member.leave(reason or "it stops") for member in self._members))
                for place in places:
                    place.cancel()
                await asyncio.gather(everyone, return_exceptions=True)
            return reason

    async def _keep_place(self, number: int, folder: Path) -> None:
        """Have a place for one model process, and another one whenever that has gone; until it is let go."""
        member = Member(self._joining.address, self._joining.security, folder)
        hello = messages.encode(replace(self._hello, number=number))
        built: Welcome | None = None
        pauses = Pauses()

        def on_seated() -> None:
            self._waits_for = ""
            pauses.seated()
            log.info("event=joined at=%s number=%d", self._joining.address, number)

        while not self._ends:
            try:
                welcome = await self._greet(hello)
                if welcome != built:
                    await self._build(member, welcome, number, built)
                    built = welcome
                await member.sit(hello, on_seated)
                if self._ends:
                    return
                log.info("event=place_gone number=%d", number)
            except LetGo:
                log.info("event=let_go number=%d", number)
                await member.model.stop()
                return
            except NotWanted as refusal:
                self._end(str(refusal))
            except (OSError, TimeoutError, ProtocolError) as error:
                self._tell_waiting(error)
            except Exception:  # whatever it was, the place is taken again
                log.exception("event=bug in=worker")
            await pauses.pause()

    async def _greet(self, hello: str) -> Welcome:
        """Ask what to run; raises `NotWanted`, OSError, TimeoutError; `ProtocolError` for who is no front door."""
        arguments = self._joining.security.get_connection_args("worker") if self._joining.security else {}
        try:
            comm = await connect(self._joining.address, timeout=CONNECT_SECONDS, **arguments)
        except ValueError:  # what answers spoke first, in clear, where TLS was to begin
            raise ProtocolError(NO_TLS) from None
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                await comm.write({"op": GREET, "text": hello})
                said = await comm.read()
        finally:
            comm.abort()
        answer = messages.answer(said)
        if isinstance(answer, Refused):
            raise NotWanted(answer.reason)
        return answer

    async def _build(self, member: Member, welcome: Welcome, number: int, built: Welcome | None) -> None:
        """Have the model process run what the front door does."""
        if built:
            log.info("event=model_changed name=%s", welcome.model)
            await member.model.stop()
            member.schema = None
        else:
            self._members.append(member)
        member.model = self._model_process(member, welcome, number)
        member.model.start()

    def _model_process(self, member: Member, welcome: Welcome, number: int) -> ModelProcess:
        return ModelProcess(
            partial(device.run, self._joining.devices[number]),
            welcome.model,
            json.loads(welcome.settings),
            name=f"{self._joining.name} {number}",
            options=json.loads(welcome.options),
            memory_limit_mb=welcome.memory_limit_mb,
            stall_seconds=welcome.stall_seconds,
            on_state=member.tell_state,
            on_schema=member.tell_schema,
            on_wrong_setting=lambda setting, what: self._end(
                f"This machine cannot run the front door's model {welcome.model}: {what}."
            ),
        )

    def _end(self, sentence: str) -> None:
        if not self._wrong.done():
            self._wrong.set_result(sentence)

    def _tell_waiting(self, error: BaseException) -> None:
        explained = self._joining.explain(error)
        if explained not in (None, self._waits_for) or not self._waits_for:
            self._waits_for = reason = explained or _why(error)
            log.warning("event=waiting_for_front_door at=%s reason=%r", self._joining.address, reason)


def _why(error: BaseException) -> str:
    """What was wrong in the first place, under all that the engine says of it."""
    while error.__cause__ is not None and not isinstance(
        error, TimeoutError
    ):  # under that is only how it was ended
        error = error.__cause__
    if isinstance(error, TimeoutError):
        return "no answer"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


async def run(joining: Joining) -> str:
    """Be a worker until SIGTERM, SIGINT or the end of its terminal, or until it is over; what is wrong, or "".

    A second signal ends the process at once.
    """
    working = asyncio.ensure_future(Worker(joining).work())

    def on_signal() -> None:
        if working.cancelling():
            os._exit(1)  # safe at any instant: the line is the front door's, and the children end with us
        working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
    try:
        return await working
    except asyncio.CancelledError:
        log.info("event=stopped")
        return ""
