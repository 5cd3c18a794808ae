"""Asking again for what may pass: a full line, a server that restarts, a connection that was lost.

What may pass, its error says. Danger: what is asked again must be safe to be carried out twice.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from leyline.client.remote import ClientError

T = TypeVar("T")

LONGEST_PAUSE_SECONDS = 15  # between two tries when the server names no time


async def patiently(
    act: Callable[[], Awaitable[T]],
    *,
    seconds: float,
    waits_as_asked: bool = False,
    on_pause: Callable[[ClientError, float], None] = lambda reason, seconds: None,
) -> T:
    """What `act` answers in the end; its `ClientError` where that does not pass, or not within these seconds.

    It is never asked earlier than the server says (`Retry-After`). With `waits_as_asked` the time that the server
    names does not count: who is told when to come back comes back then, however often.
    """
    give_up_at = time.monotonic() + seconds
    for tries in itertools.count():
        try:
            return await act()
        except ClientError as reason:
            asked = reason.retry_after_seconds
            pause_seconds = asked or min(2**tries, LONGEST_PAUSE_SECONDS)
            comes_back_at = time.monotonic() + pause_seconds
            if waits_as_asked and asked is not None:
                give_up_at = comes_back_at + seconds
            if not reason.may_pass or comes_back_at > give_up_at:
                raise
            on_pause(reason, pause_seconds)
        await asyncio.sleep(pause_seconds)
    raise AssertionError("the loop above has no other end")
