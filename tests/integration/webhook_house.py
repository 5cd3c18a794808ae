"""The rooms that webhooks need, as tests build them: on a database in a folder, and with a clock that runs fast."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from leyline.line.events import Events
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task
from leyline.origins import origin_of
from leyline.settings import networks
from leyline.webhooks.addresses import Addresses, Lookup, look_up
from leyline.webhooks.delivery import Delivery, until_woken
from leyline.webhooks.messages import Message
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.sending import Sender
from leyline.webhooks.signing import Signer, new_secret
from tests.integration.store_contract import new_task, succeed
from tests.live_server import DEADLINE_SECONDS
from tests.receiver import Receiver

SECRET = new_secret()


class FastClock:
    """Runs so many times as fast as the clock on the wall."""

    def __init__(self, rate: float = 1) -> None:
        self._rate, self._began, self._now = rate, time.monotonic(), 1_700_000_000.0

    def __call__(self) -> float:
        return self._now + self._rate * (time.monotonic() - self._began)

    async def sleep(self, news: asyncio.Event, seconds: float) -> None:
        await until_woken(news, seconds / self._rate)


class StandingClock:
    """Stands, but where it is set on: then whoever sleeps looks at it again."""

    def __init__(self) -> None:
        self._now, self._moved = 1_700_000_000.0, asyncio.Event()

    def __call__(self) -> float:
        return self._now

    def set_on(self, now: float) -> None:
        assert now >= self._now
        self._now = now
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, news: asyncio.Event, seconds: float) -> None:
        until, woken = self._now + seconds, asyncio.ensure_future(news.wait())
        try:
            while self._now < until and not woken.done():
                moved = asyncio.ensure_future(self._moved.wait())
                try:
                    await asyncio.wait({woken, moved}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    moved.cancel()
        finally:
            woken.cancel()


class House:
    """The rooms that webhooks need, on a database in a folder."""

    def __init__(
        self,
        folder: Path,
        *receivers: Receiver,
        clock: FastClock | StandingClock | None = None,
        rate: float = 1,
        url: str = "",
        allowed: str = "127.0.0.0/8",
        look_up: Lookup = look_up,
        patience_seconds: float = 15,
    ) -> None:
        self.clock = clock or FastClock(rate)
        self.store = TaskStore(folder / "leyline.db")
        self.allowed = [origin_of(each.url) for each in receivers]
        self.outbox = Outbox(self.store.database, url, self.allowed, self.clock)
        self.moves = Moves(
            self.store.database, Events(), keep_seconds=60, clock=self.clock, outbox=self.outbox
        ).persistent()
        addresses = Addresses(networks(allowed))
        self.sender = Sender(Signer(SECRET), addresses, look_up=look_up, patience_seconds=patience_seconds)
        self.delivery = Delivery(self.outbox, self.sender, clock=self.clock, sleep=self.clock.sleep)

    async def enter(self, number: int, url: str | None) -> Task:
        return await self.moves.enter(new_task(number, webhook_url=url))

    async def make(self, number: int, url: str | None) -> Task:
        """A task that has come to its video."""
        await self.enter(number, url)
        task = await self.moves.claim()
        assert task
        done = await succeed(self.moves, task)
        assert done
        return done

    async def messages(self, task_id: str | None = None) -> list[Message]:
        """Oldest first."""
        return (await self.outbox.page(2**53, task_id, 10_000))[::-1]

    async def until(self, *states: str) -> list[Message]:
        """The messages, once they are in these states."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while tuple(each.state for each in await self.messages()) != states:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return await self.messages()


@asynccontextmanager
async def house(folder: Path, *receivers: Receiver, begins: bool = True, **options: Any) -> AsyncIterator[House]:
    found = House(folder, *receivers, **options)
    if begins:
        await found.delivery.start()
    try:
        yield found
    finally:
        await found.delivery.stop()
        found.store.close()


async def tried(here: House, count: int) -> None:
    """Once so many tries have been made."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while sum(len(each.tries) for each in await here.messages()) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
