"""Webhooks that are not taken: tried again for a day, and nobody's fault is another's."""

import asyncio
from pathlib import Path

import pytest

from leyline.webhooks.delivery import JITTER, PAUSES_SECONDS
from leyline.webhooks.messages import DAY_SECONDS
from tests.integration.store_contract import succeed
from tests.integration.webhook_house import StandingClock, house, tried
from tests.live_server import DEADLINE_SECONDS
from tests.receiver import receiver

pytestmark = pytest.mark.gen_test(timeout=60)


# Trying again


async def test_what_fails_is_tried_again_and_what_comes_after_it_waits(tmp_path: Path) -> None:
    async with receiver("fails") as there, house(tmp_path, there, rate=200) as here:
        await here.make(1, there.url)
        await there.until(3)
        there.how = "takes"
        first, second = await here.until("delivered", "delivered")
        assert set(there.types[:-1]) == {"task.started"} and there.types[-1] == "task.succeeded"
        assert len({each.message_id for each in there.heard[:-1]}) == 1
        assert [each["status"] for each in first.tries] == [500] * (len(first.tries) - 1) + [204]
        assert len(second.tries) == 1


@pytest.mark.parametrize("how", ["fails", "hangs up", "speaks otherwise", "sends elsewhere", "has endless headers"])
async def test_whatever_is_no_2xx_is_tried_again(tmp_path: Path, how: str) -> None:
    async with receiver(how) as there, receiver() as other, house(tmp_path, there, rate=200) as here:
        there.elsewhere = other.url
        await here.make(1, there.url)
        await there.until(2)
        there.how = "takes"
        first, _ = await here.until("delivered", "delivered")
        assert first.tries[0]["error"] and not other.heard


async def test_a_receiver_is_tried_for_a_day_with_growing_pauses_and_then_given_up(tmp_path: Path) -> None:
    clock = StandingClock()
    async with receiver("fails") as there, house(tmp_path, there, clock=clock) as here:
        await here.make(1, there.url)
        await tried(here, 1)
        pauses: list[float] = []
        while (first := (await here.messages())[0]).due_at:
            pauses.append(first.due_at - clock())
            clock.set_on(first.due_at)
            await tried(here, 1 + len(pauses))
        assert first.state == "given_up" and first.ended_at == first.created_at + DAY_SECONDS
        assert 10 <= 1 + len(pauses) == len(first.tries) <= 20
        assert all(
            1 - JITTER <= pause / due <= 1 + JITTER for pause, due in zip(pauses, PAUSES_SECONDS, strict=False)
        )
        await here.until("given_up", "given_up")


async def test_who_says_when_to_come_back_is_not_asked_before(tmp_path: Path) -> None:
    async with receiver("is busy") as there, house(tmp_path, there) as here:
        await here.make(1, there.url)
        await there.until(1)
        await tried(here, 1)
        (first, _) = await here.messages()
        assert first.due_at and 1790 < first.due_at - here.clock() <= 1800


async def test_410_ends_all_of_that_task(tmp_path: Path) -> None:
    async with receiver("is gone") as there, house(tmp_path, there) as here:
        await here.enter(1, there.url)
        task = await here.moves.claim()
        await here.until("gone")
        assert task and await succeed(here.moves, task)
        assert len(await here.messages()) == 1
        there.how = "takes"
        await here.make(2, there.url)
        await there.until(3)
        assert [each.said["data"]["task_id"][-1] for each in there.heard] == ["1", "2", "2"]


async def test_what_cannot_be_made_here_is_tried_no_oftener_and_given_up_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = StandingClock()
    async with receiver() as there, house(tmp_path, there, clock=clock) as here:

        async def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(here.sender, "_letter", broken)
        await here.make(1, there.url)
        await tried(here, 1)
        (first, _) = await here.messages()
        assert len(first.tries) == 1 and first.due_at and first.due_at >= clock() + PAUSES_SECONDS[0] * (1 - JITTER)
        assert "see its log" in first.tries[0]["error"]
        assert any("a bug" in (each.exc_text or "") for each in caplog.records)
        clock.set_on(first.created_at + DAY_SECONDS)
        await here.until("given_up", "given_up")
        assert not there.heard


# Nobody's fault is another's


@pytest.mark.parametrize("how", ["hangs", "trickles"])
async def test_who_hangs_holds_up_nobody_else(tmp_path: Path, how: str) -> None:
    async with receiver(how) as there, receiver() as other, house(tmp_path, there, other) as here:
        for number in range(1, 11):
            await here.make(number, there.url)
        await there.until(4)
        await here.make(11, other.url)
        await other.until(2)
        assert not any(each.tries for each in await here.messages() if each.url == there.url), "it still hangs"
        assert there.most_open == 4, "as many as may be are under way, and no more"


@pytest.mark.parametrize("how", ["hangs", "trickles"])
async def test_who_hangs_is_given_up_in_time(tmp_path: Path, how: str) -> None:
    async with receiver(how) as there, house(tmp_path, there, patience_seconds=0.5) as here:
        await here.make(1, there.url)
        await tried(here, 1)
        assert "within 0.5 s" in (await here.messages())[0].tries[0]["error"]
        async with asyncio.timeout(DEADLINE_SECONDS):
            while there.open_now:  # noqa: ASYNC110 - its connection is let go of
                await asyncio.sleep(0.01)


async def test_an_answer_counts_by_its_status_whatever_it_says(tmp_path: Path) -> None:
    async with receiver("says too much") as there, house(tmp_path, there) as here:
        await here.make(1, there.url)
        await here.until("delivered", "delivered")
