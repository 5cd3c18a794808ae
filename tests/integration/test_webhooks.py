"""Webhooks with real receivers: what is told, to whom, signed and in order; and written with the move itself."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from leyline.line import failures
from leyline.line.tasks import Task, TaskStatus
from leyline.line.writer import Move
from leyline.origins import origin_of
from leyline.webhooks.messages import Message
from leyline.webhooks.signing import new_secret
from tests.integration.webhook_house import SECRET, house
from tests.live_server import DEADLINE_SECONDS
from tests.receiver import receiver

PUSHED = "https://push.example.org/p"

pytestmark = pytest.mark.gen_test(timeout=60)


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
        look, lanes = here.outbox.next, here.delivery._lanes
        overtaken = 0

        async def look_slowly(origin: Any, most: int) -> list[Message]:
            nonlocal overtaken
            found = await look(origin, most)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while lanes[origin].under_way:  # what is on its way arrives, and that is written, only now
                    overtaken += 1
                    await asyncio.wait(lanes[origin].under_way.values())
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


async def test_a_browsers_push_is_looked_for_once_it_is_durable_and_no_sooner(tmp_path: Path) -> None:
    """A view's beginning is told while the end, which the writer has gone on to, is still being committed."""
    async with house(tmp_path, begins=False) as here:
        outbox, woken = here.outbox, []
        outbox._pushes = SimpleNamespace(told=lambda *_: [(SimpleNamespace(endpoint=PUSHED, push_id="p"), "{}")])
        outbox.on_written = woken.append
        running = await here.enter(1, None)
        ended = replace(running, status=TaskStatus.SUCCEEDED)
        await here.store.database.write(lambda connection: outbox.write(connection, Move.SUCCEEDED, ended))
        outbox.written(running)
        assert woken == []
        outbox.written(ended)
        assert woken == [origin_of(PUSHED)]
