"""The front door's side: who may join the fleet, as which member, and what is said to whom.

Connections and their failing are left to `engine`, a member's runs to `remote`, files to `transfers`, certificates
to who makes the `Security`. Danger: whoever joins is believed in nothing but what it is here for, and a sentence
says why somebody may not.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import leyline
from leyline.cluster import messages, transfers
from leyline.cluster.engine import VERSION, Gatherer
from leyline.cluster.messages import Hello, Refused, Welcome
from leyline.cluster.remote import RemoteModel, Run
from leyline.cluster.security import FrontSecurity
from leyline.errors import StartupError
from leyline.processes import protocol
from leyline.processes.protocol import ProtocolError, Said
from leyline.processes.seam import Member
from leyline.text import fit_to_show

log = logging.getLogger("leyline.cluster")

GREET = "leyline-hello"  # what the engine calls the question
MOST_MEMBERS = 2000
MAX_NAME = 60
OTHER_SCHEMA = (
    "The model of this worker lets people choose other things than that of the front door's other model processes: "
    "install the same release of it everywhere."
)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Joins(Protocol):
    """The fleet, as far as it matters here."""

    def join(self, member: Member) -> None: ...
    def leave(self, member: Member) -> None: ...
    def changed(self, name: str) -> None: ...


@dataclass(frozen=True)
class _Joined:
    hello: Hello
    model: RemoteModel


class Cluster:
    """All workers of one front door.

    `names` tells which names are taken by who is no worker, `learn` gets what their model lets people choose, and
    raises `ProtocolError` for what is no schema.
    """

    def __init__(
        self,
        fleet: Joins,
        welcome: Welcome,
        security: FrontSecurity | None,
        *,
        silence_seconds: float,
        names: Callable[[], set[str]],
        learn: Callable[[str], None],
    ) -> None:
        self._fleet = fleet
        self._welcome = welcome
        self._security = security
        self._silence_seconds = silence_seconds
        self._names = names
        self._schema_learned = learn
        self._local_schema: str | None = None
        self._members: dict[str, _Joined] = {}  # by their address
        self._transfers = transfers.Transfers(self._run_of)
        self._engine: Gatherer | None = None
        self._parts = False
        self._keeping: asyncio.Task[None] | None = None  # the door

    async def start(self, host: str, port: int) -> int:
        """Listen to workers; the port. `StartupError` when that is not possible."""
        self._engine = engine = Gatherer(
            host,
            port,
            self._security,
            silence_seconds=self._silence_seconds,
            on_member=self._join,
            on_leave=self._leave,
            on_said=self._hear,
            calls={GREET: self._greet, **self._transfers.calls},
        )
        try:
            await engine
        except RuntimeError as error:  # so the engine has it
            reason = str(error.__cause__ or error)
            raise StartupError(f"No worker can join at {host}:{port}: {reason}.") from error
        if self._security:
            self._keeping = asyncio.create_task(self._security.door.keep())
        log.info("event=cluster_started at=%s tls=%s", engine.listen_address, self._security is not None)
        return int(engine.port)

    def part(self) -> None:
        """From now on whoever is stopped is not let go: it may come again, when the front door does."""
        self._parts = True

    async def stop(self) -> None:
        """Part with all workers. What they had in work must have ended by then."""
        if self._keeping:
            self._keeping.cancel()
        if self._engine:
            await self._engine.close(reason="the front door stops")
        for address in list(self._members):
            self._leave(address)
        self._transfers.close()

    # Joining

    async def _greet(self, text: str) -> str:
        """Answer a worker that asks what to run here."""
        try:
            hello = messages.hello(text)
        except ProtocolError as error:
            return messages.encode(Refused(f"The front door did not understand this worker: {error}."))
        if refusal := self._misfit(hello):
            log.warning("event=join_refused machine=%r reason=%r", fit_to_show(hello.machine), refusal)
            return messages.encode(Refused(refusal))
        return messages.encode(self._welcome)

    def _misfit(self, hello: Hello) -> str:
        """Why a worker may not join, as a sentence for both sides; "" when it may."""
        here = {
            "Leyline": (leyline.__version__, hello.leyline),
            "distributed": (VERSION, hello.engine),
            "Python": (PYTHON, hello.python),
            "protocol": (str(messages.VERSION), str(hello.protocol)),
        }
        for what, (ours, theirs) in here.items():
            if ours != theirs:
                theirs = fit_to_show(theirs, MAX_NAME)
                return f"The front door has {what} {ours}, and this worker {theirs}: they must be the same."
        if hello.model not in ("", self._welcome.model):
            return (
                f"The front door runs the model {self._welcome.model}, and this worker {fit_to_show(hello.model)}: "
                "workers of two models cannot join one front door yet."
            )
        if len(self._members) >= MOST_MEMBERS:
            return f"{MOST_MEMBERS:,} model processes have joined already."
        return ""

    def _join(self, address: str, text: str, certified: str) -> str | None:
        try:
            hello = messages.hello(text)
        except ProtocolError as error:
            return str(error)
        if refusal := self._misfit(hello):
            return refusal
        for before, joined in list(self._members.items()):
            if (joined.hello.worker, joined.hello.number) == (hello.worker, hello.number):  # and comes back
                self._drop(before)
                self._leave(before)
        name = self._free_name(certified or fit_to_show(hello.name, MAX_NAME) or "worker")
        model = RemoteModel(
            name,
            fit_to_show(hello.machine, MAX_NAME),
            self._transfers,
            stall_seconds=self._welcome.stall_seconds,
            say=lambda message: self._say(address, message),
            on_state=lambda: self._fleet.changed(name),
            on_schema=lambda schema: self._learn(address, schema),
            on_last=lambda: self._drop(address),
            on_stop=lambda: self._let_go(address),
        )
        self._fleet.join(model)
        self._members[address] = _Joined(hello, model)
        return None

    def _free_name(self, wanted: str) -> str:
        """Two of one name are told apart, and who comes alone has its own."""
        taken = {joined.model.name for joined in self._members.values()} | self._names()
        names = (wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def _learn(self, address: str, schema: str) -> str | None:
        """What the model of this member lets people choose; a sentence when that is not what the others' does."""
        others = [joined.model.schema for at, joined in self._members.items() if at != address]
        if any(other not in (None, schema) for other in (*others, self._local_schema)):
            return OTHER_SCHEMA
        self._schema_learned(schema)
        return None

    def local_says(self, schema: str) -> None:
        """The front door's own model has said what it lets people choose, and counts."""
        self._local_schema = schema
        for joined in list(self._members.values()):
            if joined.model.schema not in (None, schema):
                joined.model.refuse(OTHER_SCHEMA)

    def _leave(self, address: str) -> None:
        """It has gone, in whatever way."""
        joined = self._members.pop(address, None)
        if joined:
            joined.model.leave("its connection has ended, or it was silent for too long")
            self._fleet.leave(joined.model)
            log.info("event=member_gone member=%r reason=%r", joined.model.name, joined.model.left)

    # What is said

    def _hear(self, address: str, text: str) -> None:
        joined = self._members.get(address)
        if joined is None:
            return
        try:
            joined.model.hear(messages.from_member(text))
        except ProtocolError as error:
            joined.model.refuse(f"The front door did not understand this worker: {error}.")

    def _say(self, address: str, message: Said) -> None:
        if self._engine:
            self._engine.say(address, messages.encode(message))

    def _let_go(self, address: str) -> None:
        """It is needed no more, for good, unless the front door itself ends."""
        joined = self._members.get(address)
        if joined and not self._parts:
            self._say(address, protocol.Shutdown())
            joined.model.leave("it was let go")

    def _drop(self, address: str) -> None:
        """Have its connection end; it may come again."""
        if self._engine:
            self._engine.drop(address)

    def _run_of(self, member: str, task: str, run: int) -> Run | None:
        """The run that this member is at work on, if it is this one."""
        joined = self._members.get(member)
        running: Any = joined.model.running if joined else None
        return running if running and (running.start.task_id, running.start.run) == (task, run) else None
