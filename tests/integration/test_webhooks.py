"""Webhooks with real receivers: signed, in order, at least once, for a day; and nobody's fault is another's."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from leyline.errors import BadWebhook, WebhooksFull
from leyline.line import failures
from leyline.line.events import Events
from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.line.writer import Move
from leyline.origins import origin_of
from leyline.settings import networks
from leyline.webhooks import outbox as outboxes
from leyline.webhooks.addresses import Addresses, Lookup, look_up
from leyline.webhooks.delivery import Delivery, until_woken
from leyline.webhooks.messages import DAY_SECONDS, Message, State
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.receivers import Receivers
from leyline.webhooks.sending import Sender
from leyline.webhooks.signing import Signer, new_secret
from tests.integration.store_contract import new_task, succeed
from tests.live_server import DEADLINE_SECONDS
from tests.receiver import Receiver, receiver

SECRET = new_secret()
pytestmark = pytest.mark.gen_test(timeout=60)


class FastClock:
    """Runs so many times as fast as the clock on the wall."""

    def __init__(self, rate: float = 1) -> None:
        self._rate, self._began, self._now = rate, time.monotonic(), 1_700_000_000.0

    def __call__(self) -> float:
        return self._now + self._rate * (time.monotonic() - self._began)

    async def sleep(self, news: asyncio.Event, seconds: float) -> None:
        await until_woken(news, seconds / self._rate)


class House:
    """The rooms that webhooks need, on a database in a folder."""

    def __init__(
        self,
        folder: Path,
        *receivers: Receiver,
        rate: float = 1,
        url: str = "",
        allowed: str = "127.0.0.0/8",
        look_up: Lookup = look_up,
        patience_seconds: float = 15,
    ) -> None:
        self.clock = FastClock(rate)
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


# What is told


async def test_a_receiver_hears_each_change_of_a_task_in_order_and_signed(tmp_path: Path) -> None:
    async with receiver() as there, house(tmp_path, there) as here:
        task = await here.make(1, there.url)
        await there.until(2)
        assert there.types == ["task.started", "task.succeeded"]
        for each in there.heard:
            tells = Webhook(SECRET)
            headers = {**each.headers, "webhook-timestamp": each.headers["webhook-timestamp"]}
            with pytest.MonkeyPatch.context() as patch:  # its clock is ours
                patch.setattr("standardwebhooks.webhooks.datetime", _Now(int(headers["webhook-timestamp"])))
                assert tells.verify(each.body, headers) == each.said
                with pytest.raises(WebhookVerificationError):
                    tells.verify(each.body + b" ", headers)
                with pytest.raises(WebhookVerificationError):
                    Webhook(new_secret()).verify(each.body, headers)
        data = there.heard[1].said["data"]
        assert (data["task_id"], data["status"], data["error"]) == (task.task_id, "succeeded", None)
        assert data["created_at"] <= data["started_at"] <= data["finished_at"] <= there.heard[1].said["timestamp"]
        private = ("owner", "client", "network", "name", "parameters")
        assert not any(name in data for name in private)


class _Now:
    """`datetime` as standardwebhooks asks it, at a time of ours."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        import datetime

        return getattr(datetime.datetime, name)

    def now(self, tz: Any = None) -> Any:
        import datetime

        return datetime.datetime.fromtimestamp(self._seconds, tz)


async def test_a_failure_and_a_cancel_are_told_and_so_is_a_waiting_task_that_is_deleted(tmp_path: Path) -> None:
    async with receiver() as there, house(tmp_path, there) as here:
        await here.enter(1, there.url)
        running = await here.moves.claim()
        assert running
        await here.moves.fail(running, failures.ModelError("no face"))
        await here.moves.cancel(await here.enter(2, there.url))
        deleted = await here.enter(3, there.url)
        await here.moves.delete(deleted.task_id)
        await there.until(4)
        told = {(each.said["type"], each.said["data"]["task_id"][-1]) for each in there.heard}
        assert told == {
            *(("task.started", "1"), ("task.failed", "1")),
            *(("task.canceled", "2"), ("task.canceled", "3")),
        }
        failed = next(each.said["data"] for each in there.heard if each.said["type"] == "task.failed")
        assert failed["error"]["code"] == "model_error" and failed["error"]["detail"] == "no face"


async def test_the_operator_hears_of_every_task_and_of_none_twice_at_one_address(tmp_path: Path) -> None:
    async with receiver() as there, receiver() as other, house(tmp_path, there, other, url=there.url) as here:
        await here.make(1, None)
        await here.make(2, there.url)
        await here.make(3, other.url)
        await there.until(6)
        await other.until(2)
        assert len(there.heard) == 6 and len(other.heard) == 2


async def test_what_is_taken_while_the_next_are_looked_for_is_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiver() as there, house(tmp_path, there) as here:
        look, [lane] = here.outbox.next, here.delivery._lanes.values()
        overtaken = 0

        async def look_slowly(origin: Any, most: int) -> list[Message]:
            nonlocal overtaken
            found = await look(origin, most)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while lane.under_way:  # what is on its way arrives, and that is written, only now
                    overtaken += 1
                    await asyncio.wait(lane.under_way.values())
                    await asyncio.sleep(0)
            return found

        monkeypatch.setattr(here.outbox, "next", look_slowly)
        for number in range(1, 6):
            await here.make(number, there.url)
        await here.until(*["delivered"] * 10)
        assert overtaken and len(there.heard) == 10


# When it is written


async def test_a_message_is_written_with_its_move_or_not_at_all(tmp_path: Path) -> None:
    async with receiver("hangs") as there, house(tmp_path, there, begins=False) as here:
        await here.enter(1, there.url)
        write, broken = here.outbox.write, Exception("broken")

        def fail(connection: sqlite3.Connection, move: Move, task: Task) -> None:
            write(connection, move, task)
            raise broken

        here.outbox.write = fail  # type: ignore[method-assign]
        with pytest.raises(Exception, match="broken"):
            await here.moves.claim()
        assert [each.status for each in await here.store.some([f"{1:032x}"])] == [TaskStatus.QUEUED]
        assert await here.messages() == []
        here.outbox.write = write  # type: ignore[method-assign]
        assert await here.moves.claim()
        assert [each.event for each in await here.messages()] == ["task.started"]


async def test_what_an_earlier_server_left_is_sent_with_the_same_id(tmp_path: Path) -> None:
    async with receiver("hangs") as there:
        async with house(tmp_path, there) as here:
            await here.make(1, there.url)
            await there.until(1)
        there.how = "takes"
        async with house(tmp_path, there) as here:
            await there.until(3)
            assert there.types == ["task.started", "task.started", "task.succeeded"]
            assert there.heard[0].message_id == there.heard[1].message_id != there.heard[2].message_id
            assert there.heard[0].body == there.heard[1].body


async def test_what_is_being_sent_when_the_server_stops_is_cut_off(tmp_path: Path) -> None:
    async with receiver("hangs") as there:
        async with house(tmp_path, there, patience_seconds=1000) as here:
            await here.make(1, there.url)
            await there.until(1)
            assert there.open_now == 1
        async with asyncio.timeout(DEADLINE_SECONDS):
            while there.open_now:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


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
    async with receiver("fails") as there, house(tmp_path, there, rate=20_000) as here:
        await here.make(1, there.url)
        async with asyncio.timeout(DEADLINE_SECONDS):
            first, _ = await here.until("given_up", "given_up")
        assert DAY_SECONDS <= first.ended_at - first.created_at < DAY_SECONDS + 3600  # type: ignore[operator]
        assert 10 <= len(first.tries) <= 20


async def test_who_says_when_to_come_back_is_not_asked_before(tmp_path: Path) -> None:
    async with receiver("is busy") as there, house(tmp_path, there) as here:
        await here.make(1, there.url)
        await there.until(1)
        await _tried(here, 1)
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


async def _tried(here: House, count: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while sum(len(each.tries) for each in await here.messages()) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


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
        await _tried(here, 1)
        assert "within 0.5 s" in (await here.messages())[0].tries[0]["error"]
        async with asyncio.timeout(DEADLINE_SECONDS):
            while there.open_now:  # noqa: ASYNC110 - its connection is let go of
                await asyncio.sleep(0.01)


async def test_an_answer_counts_by_its_status_whatever_it_says(tmp_path: Path) -> None:
    async with receiver("says too much") as there, house(tmp_path, there) as here:
        await here.make(1, there.url)
        await here.until("delivered", "delivered")


# Where it goes


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::"),
        *("::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "224.0.0.1", "255.255.255.255", "ff02::1", "192.0.2.1", "2001:db8::1", "::7f00:1"),
        *("fec0::1", "198.18.0.1", "240.0.0.1"),
    ],
)
async def test_no_private_address_is_allowed(address: str) -> None:
    assert not Addresses().is_allowed(address)


async def test_what_is_public_is_allowed_and_what_the_operator_allows() -> None:
    assert Addresses().is_allowed("1.1.1.1") and Addresses().is_allowed("2606:4700::1111")
    assert Addresses().is_allowed("64:ff9b::101:101")
    some = Addresses(networks("10.0.0.0/8, ::1"))
    assert some.is_allowed("10.1.2.3") and some.is_allowed("::1") and some.is_allowed("::ffff:10.1.2.3")
    assert not some.is_allowed("127.0.0.1")


async def test_a_private_receiver_is_not_asked_unless_it_is_allowed(tmp_path: Path) -> None:
    async with receiver() as there, house(tmp_path, there, allowed="") as here:
        await here.make(1, there.url)
        await _tried(here, 1)
        (first, _) = await here.messages()
        assert "no address that messages may go to" in first.tries[0]["error"] and not there.heard


async def test_the_name_is_looked_up_at_each_try_and_the_very_address_is_used(tmp_path: Path) -> None:
    """A receiver that moves is found; one that moves to a private address is not asked."""
    asked: list[str] = []
    at = "127.0.0.1"

    def lookup(host: str, port: int) -> Any:
        asked.append(host)
        return [(socket.AF_INET, (at, port))]

    async with receiver("fails") as there, receiver(host="127.0.0.2", port=there.port) as moved:
        named = Receiver(port=there.port)
        url = f"http://hooks.leyline.invalid:{there.port}/hook"  # which no resolver of this machine knows
        async with house(tmp_path, named, rate=200, allowed="127.0.0.1, 127.0.0.2", look_up=lookup) as here:
            here.outbox.origins = frozenset([origin_of(url)])
            here.delivery = Delivery(here.outbox, here.sender, clock=here.clock, sleep=here.clock.sleep)
            await here.delivery.start()
            await here.make(1, url)
            await there.until(2)
            assert not moved.heard and set(asked) == {"hooks.leyline.invalid"}
            at = "127.0.0.3"  # private, and not allowed
            await _tried(here, len(there.heard) + 2)
            at = "127.0.0.2"
            first, _ = await here.until("delivered", "delivered")
            assert len(asked) == len(first.tries) + 1 and len(moved.heard) == 2
            assert any("no address" in each["error"] for each in first.tries)
            assert there.heard[0].headers["host"] == f"hooks.leyline.invalid:{there.port}"


async def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as there, receiver() as proxy, house(tmp_path, there) as here:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        await here.make(1, there.url)
        await there.until(2)
        assert not proxy.heard


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:1/", "https://127.0.0.1:{port}/", "http://user@127.0.0.1:{port}/", "127.0.0.1:{port}"),
        *(
            "http://127.0.0.1:{port}@evil.example/",
            "http://127.0.0.1:{port}\\@evil.example/",
            "http://2130706433:{port}/",
        ),
        *("http://127.0.0.1:{port}/#a", "http://127.0.0.1:{port}/ a", "http://127.0.0.1:{port}.evil.example/"),
        *("ftp://127.0.0.1:{port}/", "", "http://127.0.0.1:{port}?a", "http://127.0.0.1:99999/"),
        "http://127.0.0.1:{port}/" + 1000 * "a",
    ],
)
async def test_an_upload_may_name_no_other_address(tmp_path: Path, url: str) -> None:
    there = Receiver(port=4711)
    async with house(tmp_path, there, begins=False) as here:
        receivers = Receivers(here.allowed, here.outbox)
        receivers.check(there.url)
        with pytest.raises(BadWebhook):
            receivers.check(url.format(port=4711))


# Limits


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
