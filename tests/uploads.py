"""Pictures sent to a server that may die at any moment: each is sent again, with its key, until it is answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.live_server import GONE, Api
from tests.pictures import photo


@dataclass(eq=False)
class Sent:
    """One picture: when it was first sent and when it was answered, by the monotonic clock; 0 before."""

    number: int
    sent_at: float = 0.0
    answered_at: float = 0.0
    task_id: str = ""


class Uploads:
    """All pictures of one session. `api` gives the server as it is by now."""

    def __init__(self, api: Callable[[], Api], name: str) -> None:
        self.sent: list[Sent] = []
        self._api = api
        self._name = name
        self._under_way: dict[Sent, asyncio.Task[None]] = {}

    @property
    def accepted(self) -> set[str]:
        """The ids of all tasks that were promised."""
        return {sent.task_id for sent in self.sent if sent.task_id}

    @property
    def under_way(self) -> bool:
        """Whether a picture is on its way at this moment."""
        return bool(self._under_way)

    def begin(self, new: int) -> None:
        """Send so many new pictures, and again all that had no answer."""
        self.sent += [Sent(len(self.sent) + number) for number in range(new)]
        for sent in self.sent:
            if not sent.task_id and sent not in self._under_way:
                self._under_way[sent] = asyncio.create_task(self._send(sent))

    async def settle(self) -> None:
        """Wait until nothing is on its way; what had no answer is not sent again."""
        await asyncio.gather(*self._under_way.values())

    async def all_answered(self) -> None:
        """Send again what had no answer, until everything has."""
        await self.settle()
        while len(self.accepted) < len(self.sent):
            self.begin(0)
            await self.settle()

    async def _send(self, sent: Sent) -> None:
        sent.sent_at = sent.sent_at or time.monotonic()
        try:
            key = f"{self._name}-{sent.number}"
            code, task = await self._api().upload(photo(sent.number), f"{sent.number}.jpg", Idempotency_Key=key)
            assert code in (200, 202), task
            sent.answered_at, sent.task_id = time.monotonic(), task["task_id"]
        except GONE:
            pass
        finally:
            del self._under_way[sent]
