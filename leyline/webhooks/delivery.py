"""Each origin has a lane of its own, in which a few messages are tried at once and the others wait their turn.

What a try is, is left to `sending`. A receiver that is slow or dead fills its own lane and no other; in memory are
only the messages that are being tried. Danger: a message counts as told only once that is written, so after a kill
it is sent again: receivers know it by its id.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from leyline.errors import DatabaseBusy, DiskLow
from leyline.origins import Origin
from leyline.webhooks.messages import DAY_SECONDS, Message, State
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.sending import Sender, Try

log = logging.getLogger("leyline.webhooks")

AT_ONCE = 4  # tries of one origin
PAUSES_SECONDS = (5.0, 30.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0)  # the last one again and again
JITTER = 0.25  # of a pause, more or less, so that what failed together does not come together
PERSIST_SECONDS = 1.0  # between two tries to write what a try came to
SWEEP_SECONDS = 600.0
LONGEST_SLEEP_SECONDS = 60.0  # the wall clock may be set meanwhile

Sleep = Callable[[asyncio.Event, float], Awaitable[None]]


async def until_woken(event: asyncio.Event, seconds: float) -> None:
    """Until there is news, and at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Delivery:
    """Tells receivers what the outbox holds, for as long as it runs."""

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = until_woken,
        on_tried: Callable[[State, float], None] = lambda state, seconds: None,
    ) -> None:
        """`on_tried` counts each try: what the message is after it, and how long it took."""
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._sleep = sleep
        self._on_tried = on_tried
        self._lanes: dict[Origin, _Lane] = {}
        self._sweeping: asyncio.Task[None] | None = None
        outbox.on_written = self._wake

    async def start(self) -> None:
        """End what may not be sent any more, then serve each origin for which something waits."""
        waited_for = await self._outbox.refuse_others()
        self._sweeping = asyncio.create_task(self._sweep_for_ever())
        for origin in [*self._outbox.origins, *waited_for]:
            self._wake(origin)

    async def stop(self) -> None:
        """What is being sent is cut off, and sent again by the next server."""
        tasks = [each for lane in self._lanes.values() for each in (lane.serving, *lane.under_way.values()) if each]
        tasks += [self._sweeping] if self._sweeping else []
        self._sweeping = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sender.close()

    def _wake(self, origin: Origin) -> None:
        if self._sweeping is None:  # it does not run yet, or not any more; what waits is looked for at the start
            return
        lane = self._lanes.setdefault(origin, _Lane())
        lane.news.set()
        lane.serving = lane.serving or asyncio.create_task(self._serve(origin, lane))

    async def _serve(self, origin: Origin, lane: "_Lane") -> None:
        """Until nothing waits for it any more."""
        while lane.news.is_set() or lane.under_way or not lane.is_empty:
            lane.news.clear()
            try:
                seconds = await self._begin_what_is_due(origin, lane)
            except Exception:  # a bug; without a next look nothing would be sent any more
                log.exception("event=bug in=webhooks")
                seconds, lane.is_empty = LONGEST_SLEEP_SECONDS, False
            if lane.under_way or not lane.is_empty:
                await self._sleep(lane.news, seconds)
        del self._lanes[origin]

    async def _begin_what_is_due(self, origin: Origin, lane: "_Lane") -> float:
        """How long until something may be due again."""
        if len(lane.under_way) >= AT_ONCE:
            return LONGEST_SLEEP_SECONDS
        tried = set(lane.under_way)  # what ends while it is read is read as if it had yet to be sent
        coming = await self._outbox.next(origin, 2 * AT_ONCE)
        lane.is_empty = not coming
        for message in coming:
            if message.message_id in tried:
                continue
            wait_seconds = self._wait_seconds(message)
            if wait_seconds > 0 or len(lane.under_way) >= AT_ONCE:
                return min(wait_seconds, LONGEST_SLEEP_SECONDS) if wait_seconds > 0 else LONGEST_SLEEP_SECONDS
            lane.begin(message, self._deliver(message))
        return LONGEST_SLEEP_SECONDS

    def _wait_seconds(self, message: Message) -> float:
        """None or less when it is due; so also where the wall clock was set back since that was decided."""
        assert message.due_at is not None
        wait_seconds = message.due_at - self._clock()
        return 0.0 if wait_seconds > 2 * PAUSES_SECONDS[-1] else wait_seconds

    async def _deliver(self, message: Message) -> None:
        now = self._clock()
        tried = await self._try(message, now)
        state, due_at = self._judged(message, tried)
        level = logging.INFO if tried.is_taken else logging.WARNING
        log.log(
            level,
            "event=webhook task=%s message=%s type=%s origin=%s try=%d status=%s state=%s seconds=%.3f error=%r",
            *(message.task_id, message.message_id, message.event, message.origin, len(message.tries) + 1),
            *(tried.status, state.value, tried.seconds, tried.error),
        )
        said = tried.shown(datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"))
        while True:  # and it is not sent again meanwhile: a full disk is no reason to
            try:
                await self._outbox.tried(message, said, state, due_at)
                self._on_tried(state, tried.seconds)
                return
            except (DatabaseBusy, DiskLow) as error:
                log.error("event=persist_retry error=%r task=%s", str(error), message.task_id)
            except Exception:
                log.exception("event=bug in=webhooks task=%s", message.task_id)
            await asyncio.sleep(PERSIST_SECONDS)

    async def _try(self, message: Message, now: float) -> Try:
        """A bug of our own is a try that failed: else the message would be due at once, for ever."""
        try:
            return await self._sender.send(message, now)
        except Exception:
            log.exception("event=bug in=webhooks task=%s message=%s", message.task_id, message.message_id)
            return Try(None, "This server could not make the message: see its log.", 0.0)

    def _judged(self, message: Message, tried: Try) -> tuple[State, float | None]:
        """What the message is after this try, and when the next one comes."""
        now, last = self._clock(), message.created_at + DAY_SECONDS
        if tried.is_taken:
            return State.DELIVERED, None
        if tried.is_gone:
            return State.GONE, None
        if now >= last:
            return State.GIVEN_UP, None
        pause = max(pause_seconds(len(message.tries)), tried.retry_after_seconds)
        return State.WAITING, min(now + pause, last)

    async def _sweep_for_ever(self) -> None:
        never = asyncio.Event()
        while True:
            try:
                await self._outbox.sweep()
            except (DatabaseBusy, DiskLow) as error:
                log.error("event=sweep_failed error=%r", str(error))
            except Exception:
                log.exception("event=bug in=webhooks")
            await self._sleep(never, SWEEP_SECONDS)


class _Lane:
    """Of one origin: what is being tried, whether there is news, and whether nothing waited at the last look."""

    def __init__(self) -> None:
        self.serving: asyncio.Task[None] | None = None
        self.news = asyncio.Event()
        self.is_empty = False
        self.under_way: dict[str, asyncio.Task[None]] = {}

    def begin(self, message: Message, delivery: Awaitable[None]) -> None:
        task = asyncio.ensure_future(delivery)
        self.under_way[message.message_id] = task

        def over(_: object) -> None:
            del self.under_way[message.message_id]
            self.news.set()
            if not task.cancelled() and task.exception():
                log.error("event=bug in=webhooks task=%s", message.task_id, exc_info=task.exception())

        task.add_done_callback(over)


def pause_seconds(tries_before: int) -> float:
    """How long after a failed try the next one comes."""
    pause = PAUSES_SECONDS[min(tries_before, len(PAUSES_SECONDS) - 1)]
    return pause * random.uniform(1 - JITTER, 1 + JITTER)
