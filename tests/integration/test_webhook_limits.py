"""How much waits for receivers, what of it is forgotten, and when."""

import asyncio
import time
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from leyline.errors import WebhooksFull
from leyline.webhooks import outbox as outboxes
from leyline.webhooks.messages import DAY_SECONDS, State
from leyline.webhooks.receivers import Receivers
from leyline.webhooks.signing import Signer, new_secret
from tests.integration.webhook_house import house
from tests.live_server import DEADLINE_SECONDS
from tests.receiver import receiver

pytestmark = pytest.mark.gen_test(timeout=60)


async def test_a_receiver_for_which_too_much_waits_is_named_by_no_more_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "MOST_WAITING", 4)
    monkeypatch.setattr(outboxes, "MOST_OVER", 2)
    async with receiver("fails") as there, receiver() as other, house(tmp_path, there, other) as here:
        receivers = Receivers(here.allowed, here.outbox)
        for number in (1, 2):
            await receivers.check_room(there.url)
            await here.make(number, there.url)
        with pytest.raises(WebhooksFull):
            await receivers.check_room(there.url)
        await receivers.check_room(other.url)
        await here.make(3, there.url)  # accepted before
        await here.make(4, there.url)
        states = [each.state for each in await here.messages()]
        assert states == [State.WAITING] * 6 + [State.DROPPED] * 2


async def test_what_is_allowed_no_more_ends_at_the_next_start(tmp_path: Path) -> None:
    async with receiver("fails") as there:
        async with house(tmp_path, there) as here:
            await here.make(1, there.url)
            await here.enter(2, there.url)
        async with house(tmp_path) as here:
            await here.moves.claim()
            assert [each.state for each in await here.messages()] == [State.REFUSED] * 3


async def test_a_deleted_task_is_told_of_to_its_end_and_then_forgotten(tmp_path: Path) -> None:
    async with receiver("fails") as there, house(tmp_path, there, rate=200) as here:
        task = await here.make(1, there.url)
        await here.moves.delete(task.task_id)
        there.how = "takes"
        async with asyncio.timeout(DEADLINE_SECONDS):
            while there.types[-1:] != ["task.succeeded"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await here.until()  # nothing of it is left
        told = await here.make(2, there.url)
        await here.until("delivered", "delivered")
        await here.moves.delete(told.task_id)
        assert await here.messages() == []


async def test_what_has_ended_is_forgotten_in_time_and_the_oldest_beyond_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "MOST_KEPT", 3)
    async with receiver() as there, house(tmp_path, there) as here:
        for number in (1, 2):
            await here.make(number, there.url)
        await here.until(*["delivered"] * 4)
        await here.outbox.sweep()
        assert len(await here.messages()) == 3
        here.clock._now += 4 * DAY_SECONDS
        await here.outbox.sweep()
        assert await here.messages() == []


async def test_several_secrets_sign_while_one_takes_the_others_place() -> None:
    old, new = new_secret(), new_secret()
    headers = Signer(f"{new} {old}").headers("msg_1", int(time.time()), b"{}")
    for secret in (old, new):
        Webhook(secret).verify(b"{}", headers)
