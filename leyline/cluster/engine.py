"""The engine that holds the cluster together, Dask's `distributed`, with all that is not needed here switched off.

Membership, connections and the detection of what has failed are its own; what is said over it, and what follows, is
left to `cluster` at the front door and to `member` on a worker. No task of ours is ever submitted to it, nothing is
pickled, no port is opened but the front door's one, and its importing changes nothing of the process that does it.
Danger: whatever it offers to who has joined is offered to who has stolen a certificate, so all of it is taken away
but joining, the heartbeat and our own messages.
"""

import contextlib
import importlib.metadata
import logging
import re
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from time import monotonic
from typing import Any

log = logging.getLogger("leyline.cluster")
engine_log = logging.getLogger("leyline.engine")

CONFIGURATION = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.events-cleanup-delay": "5s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.use-file-locking": False,
    "distributed.comm.compression": None,
    "distributed.comm.retry.count": 0,
    "distributed.comm.timeouts.connect": "5s",
    "distributed.comm.timeouts.tcp": "15s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1h",  # the server measures its own loop, where it does
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.admin.system-monitor.log-length": 2,
    "distributed.admin.low-level-log-length": 5,  # of what was said: it holds the messages themselves
    "distributed.admin.log-length": 1,
    "distributed.admin.event-loop": "tornado",
}
LOGGERS = ("distributed", "tornado", "tornado.application", "bokeh", "distributed.client", "distributed.gc")
SAID = "leyline"  # the engine's name for a message of ours
ADDRESS = re.compile(r"member://[0-9a-f]{32}")
CHECKS_PER_SILENCE = 4
HEARTBEATS_A_SECOND = 300  # of all members together, at most
LAST_WORDS_SECONDS = 0.1  # until what was said has been sent
MOST_SAID = 500  # characters of a line of the engine's own log
METRICS: dict[str, Any] = {  # of all that the engine would like to know of a member nothing is used here
    "bandwidth": {"total": 1, "workers": {}, "types": {}},
    "digests_total_since_heartbeat": {},
    "memory": 0,
    "spilled_bytes": {"memory": 0, "disk": 0},
}


class _InOurWords(logging.Handler):
    """What has gone wrong in the engine, one line each, without its traces."""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            said = f"{said} {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        engine_log.log(
            record.levelno, "event=engine_said of=%s said=%r", record.name, " ".join(said.split())[:MOST_SAID]
        )


@contextlib.contextmanager
def _log_left_alone() -> Iterator[None]:
    """The engine arranges the log anew when it is imported, other libraries' too; that is undone."""
    before = {
        name: (log.level, log.propagate, list(log.handlers))
        for name in LOGGERS
        for log in [logging.getLogger(name)]
    }
    yield
    for name, (level, propagate, handlers) in before.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers
    engine = logging.getLogger("distributed")
    engine.setLevel(logging.ERROR)  # who joins, leaves and is given up is told by us
    engine.propagate, engine.handlers = False, [_InOurWords()]


with _log_left_alone():
    import dask

    dask.config.set(CONFIGURATION)

    from distributed.comm.core import Comm, CommClosedError, connect
    from distributed.core import Status
    from distributed.diagnostics.plugin import SchedulerPlugin
    from distributed.gc import disable_gc_diagnosis
    from distributed.scheduler import Scheduler
    from distributed.security import Security
    from distributed.versions import get_versions
    from distributed.worker import Worker

from leyline.cluster import wire  # noqa: E402 - it needs the engine
from leyline.cluster.door import name_in  # noqa: E402

wire.use()

__all__ = ["Comm", "CommClosedError", "Gatherer", "Scheduler", "Seat", "Security", "address_of", "connect"]

VERSION = importlib.metadata.version("distributed")

CommHandler = Callable[..., Coroutine[Any, Any, Any]]


@contextlib.contextmanager
def _no_folder() -> Iterator[str]:
    """The engine wants a folder for what it spills, and looks for modules there; it has none, and does neither."""
    path = list(sys.path)
    with tempfile.TemporaryDirectory(prefix="leyline-") as folder:
        yield folder
    sys.path[:] = path


class Gatherer(Scheduler):
    """The engine's scheduler, in the event loop that runs. It only gathers members.

    `on_member` hears of each that wants to join: its address, its name in the engine, what it says of itself and
    the name in its certificate, "" without one; a sentence is why it may not. `on_leave` hears of each that has
    left, for whatever reason. `on_said` gets what they say. `calls` answer connections of their own, by name. Who
    is silent for `silence_seconds` is given up, a quarter of that later at most.
    """

    def __init__(
        self,
        host: str,
        port: int,
        security: Security | None,
        *,
        silence_seconds: float,
        on_member: Callable[[str, str, str], str | None],
        on_leave: Callable[[str], None],
        on_said: Callable[[str, str], None],
        calls: dict[str, CommHandler],
    ) -> None:
        with _no_folder() as folder:
            super().__init__(
                host=bracketed(host),
                port=port,
                protocol="tls" if security else "tcp",
                security=security or Security(),
                worker_ttl=silence_seconds,
                dashboard=False,
                extensions={},
                plugins=(_Leaving(self._leaves),),
                local_directory=folder,
                needs_workdir=False,
            )
        self.total_nthreads_history: Any = deque(maxlen=2)  # the engine would keep it for ever
        self._on_member = on_member
        self._on_leave = on_leave
        self._on_said = on_said
        self._present: set[str] = set()
        self._silence_seconds = silence_seconds
        self._checked_at = monotonic()
        self.periodic_callbacks["worker-ttl"].callback_time = 1000 * silence_seconds / CHECKS_PER_SILENCE
        offered = ("register-worker", "heartbeat_worker")
        self.handlers = {name: self.handlers[name] for name in offered} | calls
        streams = ("keep-alive", "worker-status-change")
        self.stream_handlers = {name: self.stream_handlers[name] for name in streams}
        self.stream_handlers |= {SAID: self._hear, "log-event": _nothing}
        for needless in ("idle-timeout", "no-workers-timeout", "shift_counters", "monitor", "ticks", "tick"):
            self.periodic_callbacks.pop(needless, None)

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """None here."""

    async def start_unsafe(self) -> Any:
        get_versions()  # it imports for a while, the first time
        started = await super().start_unsafe()
        disable_gc_diagnosis()
        return started

    async def _handle_comm(self, comm: Any) -> None:
        try:
            await super()._handle_comm(comm)
        except Exception as error:  # what came is no request
            wire.tell_refused(comm.peer_address, f"no request: {error}")
            comm.abort()

    async def add_worker(self, comm: Any, *, address: str, extra: dict[str, str], **_: Any) -> None:
        """Somebody wants to join; a sentence is said to who may not.

        What the engine would have it say of itself besides is not believed: it is made to call an address, or trips
        over a number, and holds a member for joined that is not.
        """
        if not (isinstance(address, str) and ADDRESS.fullmatch(address) and isinstance(extra, dict)):
            raise ValueError("an address that is none")
        if address in self.workers:
            raise ValueError("an address that is taken")
        refusal = self._on_member(address, str(extra.get("hello")), name_in(comm.extra_info.get("peercert") or {}))
        if refusal is not None:
            await comm.write({"status": "error", "message": refusal, "time": 0})
            return
        self._present.add(address)
        try:
            await super().add_worker(
                comm,
                address=address,
                status=Status.init.name,
                server_id=address,
                nthreads=1,
                name=address,
                now=0.0,
                resources={},
                memory_limit=0,
                metrics=METRICS,
                services={},
                local_directory="",
                versions=get_versions(),
                nanny="",
                extra={},
                stimulus_id="join",
            )
        finally:
            await self._part_with(address)
            self._leaves(address)  # if it has not got so far that the engine knew of it

    def _leaves(self, address: str) -> None:
        if address in self._present:
            self._present.remove(address)
            self._on_leave(address)

    def heartbeat_worker(self, *, address: str, **_: Any) -> dict[str, Any]:
        """A member is alive; the same goes for what else it says."""
        answer = super().heartbeat_worker(address=str(address), metrics=METRICS)
        return answer | {"heartbeat-interval": self._heartbeat_seconds}

    async def check_worker_ttl(self) -> None:
        """Give up who has been silent, and nobody for a time in which this process was frozen itself."""
        now, before = monotonic(), self._checked_at
        self._checked_at = now
        if now - before > self._silence_seconds / 2:
            return
        limit = max(self._silence_seconds, 3 * self._heartbeat_seconds)
        for member in [each for each in self.workers.values() if time.time() - each.last_seen > limit]:
            log.warning(
                "event=member_silent address=%s seconds=%.1f", member.address, time.time() - member.last_seen
            )
            await self._part_with(member.address)

    @property
    def _heartbeat_seconds(self) -> float:
        """Between two of one member: of all together there are not so many that others would wait for them."""
        return max(1.0, len(self.workers) / HEARTBEATS_A_SECOND)

    def _hear(self, worker: str, text: str) -> None:
        self._on_said(worker, text)

    def say(self, address: str, text: str) -> None:
        """Say it to a member, quietly nothing when it has gone."""
        if address in self.stream_comms:
            self.worker_send(address, {"op": SAID, "text": text})

    def drop(self, address: str) -> None:
        """Have a member leave, soon: what was said to it just now is still said."""
        if self.status is Status.running:
            self._ongoing_background_tasks.call_later(LAST_WORDS_SECONDS, self._part_with, address)

    async def _part_with(self, address: str) -> None:
        await self.remove_worker(address, stimulus_id="part", expected=True)


class _Leaving(SchedulerPlugin):
    name = "leaving"

    def __init__(self, on_leave: Callable[[str], None]) -> None:
        self._on_leave = on_leave

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:
        self._on_leave(worker)


class Seat(Worker):
    """A member's place in the engine: one connection to the front door, and no port. It ends with that connection.

    `hello` is what it says of itself, `on_said` gets what the front door says.
    """

    def __init__(
        self, front_door: str, name: str, security: Security | None, *, hello: str, on_said: Callable[[str], None]
    ) -> None:
        self._hello = hello
        self.called = address = f"{wire.NOWHERE}://{name}"
        with _no_folder() as folder:
            super().__init__(
                front_door,
                nthreads=1,
                name=name,
                host=name,
                protocol=wire.NOWHERE,
                contact_address=address,
                security=security or Security(),
                dashboard=False,
                extensions={},
                memory_limit=0,
                metrics={},
                startup_information={},
                local_directory=folder,
                needs_workdir=False,
                executor="offload",
                heartbeat_interval="1s",
                death_timeout="10s",
            )
        self.handlers = {}
        self.stream_handlers = {"close": self.close, "remove-worker": _nothing, SAID: lambda text: on_said(text)}
        for needless in ("find-missing", "shift_counters", "monitor", "ticks", "tick"):
            self.periodic_callbacks.pop(needless, None)

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """None here."""

    async def start_unsafe(self) -> Any:
        started = await super().start_unsafe()  # type: ignore[no-untyped-call]
        disable_gc_diagnosis()
        return started

    async def get_startup_information(self) -> dict[str, str]:
        return {"hello": self._hello}

    async def get_metrics(self) -> dict[str, Any]:
        return METRICS

    @property
    def is_seated(self) -> bool:
        return self.status is Status.running

    def say(self, text: str) -> None:
        """Say it to the front door; quietly nothing when the connection has gone."""
        with contextlib.suppress(OSError):
            self.batched_send({"op": SAID, "text": text})


def _nothing(*_: Any, **__: Any) -> None:
    """What the engine says among its own, and nobody needs."""


def address_of(host: str, port: int, security: Security | None) -> str:
    return f"{'tls' if security else 'tcp'}://{bracketed(host)}:{port}"


def bracketed(host: str) -> str:
    """A host as it stands before a port."""
    return f"[{host}]" if ":" in host else host
