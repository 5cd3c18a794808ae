"""One child process that is kept alive: started, given one request at a time, watched, killed, started again.

What it is asked, and what people are told of its end, is left to the policies on top, `model` and
`pictures.process`; which move follows on what happens, to `states`. Danger: SIGKILL, garbage on the
pipe, a hang and a child that is never ready all arrive here; each ends as a `Death` or a state, never as
an exception in the event loop.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from leyline.processes import protocol
from leyline.processes.child import Child
from leyline.processes.output import Output
from leyline.processes.protocol import Conversation, FromChild, FromParent
from leyline.processes.states import MOVES, Cause, ChildState, Death, Happening

log = logging.getLogger("leyline.processes")

GOODBYE_SECONDS = 1  # how long an idle process may take to exit by itself
SHORTEST_PAUSE_SECONDS = 1.0  # after a child that has proved nothing; twice as long each time
LONGEST_PAUSE_SECONDS = 30.0
CHECKS_PER_SILENCE = 20  # silence is added up in steps, so that time in which we were frozen hardly counts
SETTLED = {ChildState.READY, ChildState.BUSY, ChildState.FAILED, ChildState.STOPPED}


class _Asked:
    """The request in work."""

    def __init__(self, request: FromParent, on_news: Callable[[Any], None]) -> None:
        self.request = request
        self.on_news = on_news
        self.began = False
        self.heard_at = monotonic()
        self.end: asyncio.Future[FromChild | Death] = asyncio.get_running_loop().create_future()

    def ends_with(self, end: FromChild | Death) -> None:
        if not self.end.done():  # who asked may have left
            self.end.set_result(end)


class KeptChild:
    """One process at a time, in which `target` runs. `on_state` is called at each move of `state`.

    `on_ready` gets its word that it is ready, before anybody else knows; a `ProtocolError` of it means that this
    was no such word. `on_aside` gets whatever is said outside of a request, `on_output` what the processes print,
    which goes to the log where nobody else takes it. A child that is not ready after `load_seconds` is killed.
    `about` is a word for the log that tells it from others.
    """

    def __init__(
        self,
        target: Callable[..., None],
        arguments: tuple[Any, ...],
        *,
        name: str,
        about: str = "",
        conversation: Conversation,
        on_aside: Callable[[FromChild], None],
        on_ready: Callable[[Any], None] = lambda ready: None,
        on_state: Callable[[], None] = lambda: None,
        load_seconds: float | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> None:
        self._target = target
        self._arguments = arguments
        self._name = name
        self._about = f" name={about!r}" if about else ""
        self._conversation = conversation
        self._on_aside = on_aside
        self._on_ready = on_ready
        self._on_state = on_state
        self._load_seconds = load_seconds
        self._unheard = Output(self._log_unheard)  # what is printed that nobody else takes
        self._on_output = on_output or self._unheard.take
        self._child: Child | None = None
        self._asked: _Asked | None = None
        self._proved = False  # this child has begun a request
        self._killed_for: Cause | None = None
        self._too_late: asyncio.TimerHandle | None = None
        self._next_start: asyncio.TimerHandle | None = None
        self._next_pause = SHORTEST_PAUSE_SECONDS
        self._idle, self._settled = asyncio.Event(), asyncio.Event()
        self._settled.set()
        self.state = ChildState.STOPPED
        self.spawned = 0  # how many there have been
        self.last_death: Death | None = None

    @property
    def pid(self) -> int | None:
        """The running process, for tests and the log."""
        return self._child.pid if self._child else None

    @property
    def idle(self) -> bool:
        """Whether `ask` may be called right now."""
        return self.state is ChildState.READY

    async def ready(self) -> None:
        """Wait until the child is loaded and idle."""
        await self._idle.wait()

    async def settled(self) -> None:
        """Wait until it is known what comes of a child that is being started."""
        await self._settled.wait()

    def start(self) -> None:
        """Spawn the process, later if it cannot be now; on the main thread, with the event loop running."""
        self._killed_for, self._proved = None, False
        try:
            child = Child(
                self._target,
                self._arguments,
                name=f"leyline {self._name}",
                max_message_bytes=protocol.MAX_MESSAGE_BYTES,
                on_message=self._hear,
                on_death=self._bury,
                on_output=self._on_output,
            )
            child.start()
        except OSError as error:
            log.error("event=%s_not_started reason=%r%s", self._name, str(error), self._about)
            self.last_death = Death(Cause.NOT_SPAWNED, self.state)
            self._move(Happening.NOT_SPAWNED)
            self._start_again()
            return
        self._child = child
        self.spawned += 1
        if self._load_seconds is not None:
            loop = asyncio.get_running_loop()
            self._too_late = loop.call_later(self._load_seconds, self.kill, Cause.LATE)
        log.info("event=%s_started pid=%d%s", self._name, child.pid, self._about)
        self._move(Happening.SPAWNED)

    def hasten(self) -> None:
        """Cut the pause before the next start short: somebody waits."""
        if self.state is ChildState.FAILED and self._next_start:
            self._next_start.cancel()
            self.start()

    async def ask(
        self, request: FromParent, *, silence_seconds: float, on_news: Callable[[Any], None] = lambda news: None
    ) -> FromChild | Death:
        """Give the idle child a request and wait for its end; what it says of it meanwhile goes to `on_news`.

        Returns within 1.1 × `silence_seconds` of the last news, whatever the child does. When this is
        canceled the child is killed, for it still works.
        """
        assert self.idle and self._child is not None
        data = protocol.encode(request)
        self._asked = asked = _Asked(request, on_news)
        self._move(Happening.ASKED)
        self._child.send(data)
        watch = asyncio.create_task(self._kill_when_silent(asked, silence_seconds))
        try:
            return await asked.end
        finally:
            watch.cancel()
            if asked.end.cancelled():
                self.kill(Cause.UNWANTED)

    def hear_output(self) -> None:
        """Hear what the child has printed by now."""
        if self._child:
            self._child.hear_output()

    def tell(self, message: FromParent) -> None:
        """Say something that is no request; quietly nothing when the child is gone."""
        if self._child:
            self._child.send(protocol.encode(message))

    def kill(self, cause: Cause) -> None:
        """End the process now, whatever it does; nothing that it says is heard any more."""
        if self._child and not self._killed_for:
            self._killed_for = cause
            self._child.kill()

    async def stop(self) -> None:
        """End the process and start no other; it has ended when this returns."""
        if self._next_start:
            self._next_start.cancel()
        if self.state is not ChildState.STOPPED:
            self._move(Happening.STOPPED)
        if child := self._child:
            child.send(protocol.encode(protocol.Shutdown()))
            if self._asked or not await child.wait(GOODBYE_SECONDS):
                child.kill()
            await child.wait(GOODBYE_SECONDS)

    # What the child says

    def _hear(self, data: bytes) -> None:
        if self._killed_for or self.state is ChildState.STOPPED:  # its last words change nothing
            return
        try:
            message = protocol.decode(data, self._conversation.from_child)
            if isinstance(message, protocol.Ready) and self.state is ChildState.LOADING:
                self._on_ready(message)
        except protocol.ProtocolError as error:
            self._misspoke(str(error))
            return
        asked = self._asked
        if isinstance(message, protocol.Ready) and self.state is ChildState.LOADING:
            self._become_ready()
        elif asked and protocol.may_be_about(message, asked.request):
            self._hear_of_request(asked, message)
        else:
            self._on_aside(message)

    def _hear_of_request(self, asked: _Asked, message: FromChild) -> None:
        match message:
            case protocol.Began() if not asked.began:
                asked.began = self._proved = True
                self._next_pause = SHORTEST_PAUSE_SECONDS
            case _ if not asked.began:
                self._misspoke("something of a request that it had not begun")
            case _ if isinstance(message, self._conversation.ends):
                self._asked = None
                self._move(Happening.ANSWERED)
                asked.ends_with(message)
            case protocol.OfRun():
                asked.heard_at = monotonic()
                asked.on_news(message)
            case _:
                self._on_aside(message)

    def _log_unheard(self, line: str, left_out: int) -> None:
        if left_out:
            log.info("event=%s_output_left_out lines=%d%s", self._name, left_out, _whose(self._asked))
        else:
            log.info("event=%s_output line=%r%s", self._name, line, _whose(self._asked))

    def _misspoke(self, what: str) -> None:
        log.error("event=%s_misspoke said=%r%s%s", self._name, what, self._about, _whose(self._asked))
        self.kill(Cause.NONSENSE)

    def _become_ready(self) -> None:
        if self._too_late:
            self._too_late.cancel()
        log.info("event=%s_ready pid=%s%s", self._name, self.pid, self._about)
        self._move(Happening.READY)

    # How it ends, and begins again

    def _bury(self) -> None:
        """The child has ended."""
        assert self._child is not None
        self._unheard.end()
        child, self._child = self._child, None
        asked, self._asked = self._asked, None
        cause, began = self._killed_for or Cause.NOT_BY_US, asked is not None and asked.began
        death = Death(cause, self.state, child.exitcode, began)
        self._log_death(death, asked)
        self.last_death = death
        if self._too_late:
            self._too_late.cancel()
        if self.state is not ChildState.STOPPED:
            self._move(Happening.DIED_PROVED if self._proved else Happening.DIED_UNPROVED)
            self._start_again()
        if asked:
            asked.ends_with(death)

    def _log_death(self, death: Death, asked: _Asked | None) -> None:
        retired = death.state is ChildState.READY and death.exitcode == 0
        log.log(
            logging.INFO if retired or death.state is ChildState.STOPPED else logging.ERROR,
            "event=%s_gone state=%s cause=%r exitcode=%s%s",
            *(self._name, death.state.value, death.cause.value, death.exitcode, self._about + _whose(asked)),
        )

    def _start_again(self) -> None:
        """At once when the last one had proved itself, else after a pause that grows."""
        pause = 0.0
        if self.state is ChildState.FAILED:
            pause = min(self._next_pause, LONGEST_PAUSE_SECONDS)
            self._next_pause = 2 * pause
        self._next_start = asyncio.get_running_loop().call_later(pause, self.start)

    def _move(self, happening: Happening) -> None:
        self.state = MOVES[self.state][happening]
        for flag, states in ((self._idle, {ChildState.READY}), (self._settled, SETTLED)):
            if self.state in states:
                flag.set()
            else:
                flag.clear()
        self._on_state()

    async def _kill_when_silent(self, asked: _Asked, most_seconds: float) -> None:
        assert self._child is not None
        child = self._child
        step = most_seconds / CHECKS_PER_SILENCE
        silent_seconds = 0.0
        while silent_seconds < most_seconds:
            seen, began, (_, had_seconds) = asked.heard_at, monotonic(), child.processor()
            await asyncio.sleep(step)
            passed_seconds = min(monotonic() - began, 2 * step)
            is_ready_to_run, has_had_seconds = child.processor()
            if is_ready_to_run:  # who is not given a processor cannot speak
                passed_seconds = min(passed_seconds, has_had_seconds - had_seconds)
            silent_seconds = silent_seconds + passed_seconds if asked.heard_at == seen else 0
        if self._asked is asked:
            self.kill(Cause.SILENCE)


def _whose(asked: _Asked | None) -> str:
    """Which task the request in work is about, for a line of the log; "" where there is none."""
    task_id = getattr(asked.request, "task_id", "") if asked else ""
    return f" task={task_id}" if task_id else ""
