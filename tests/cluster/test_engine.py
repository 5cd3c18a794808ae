"""The engine as it is used here: who joins, who is silent, who says what nobody understands."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from leyline.cluster.engine import Gatherer, Scheduler, Seat, connect
from tests.live_server import ROOT, eventually

SILENCE = 30.0  # longer than any of these tests


class Front:
    """A gatherer, and what it was told."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.refusal: str | None = None
        self.joined: list[str] = []
        self.left: list[str] = []
        self.heard: list[str] = []
        self.gatherer = Gatherer(
            host,
            0,
            None,
            silence_seconds=SILENCE,
            on_member=self.join,
            on_leave=self.left.append,
            on_said=lambda address, text: self.heard.append(text),
            calls={},
        )

    def join(self, address: str, hello: str, certified: str) -> str | None:
        if self.refusal is None:
            self.joined.append(hello)
        return self.refusal

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[tuple[Seat, list[str]]]:
        heard: list[str] = []
        seat = Seat(self.gatherer.address, uuid4().hex, None, hello="hello", on_said=heard.append)
        try:
            yield await seat, heard
        finally:
            await seat.close(timeout=1)


@pytest.mark.gen_test
async def test_both_sides_hear_each_other_and_of_the_end() -> None:
    front = Front()
    async with front.gatherer as gatherer, front.seat() as (seat, heard):
        assert front.joined == ["hello"]
        seat.say("from there")
        gatherer.say(seat.called, "from here")
        await eventually(lambda: front.heard == ["from there"] and heard == ["from here"], "both have heard")
        await seat.close(timeout=1)
        await eventually(lambda: front.left == [seat.called], "the front door knows")
        gatherer.say(seat.called, "to nobody")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "localhost"])
@pytest.mark.gen_test
async def test_it_listens_where_it_is_told_to_and_nobody_looks_for_another_address(host: str) -> None:
    """Warnings are errors here, and the engine has one for that."""
    front = Front(host)
    async with front.gatherer as gatherer:
        at = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)
        seat = Seat(f"tcp://{at}:{gatherer.port}", uuid4().hex, None, hello="hello", on_said=lambda text: None)
        try:
            await seat
            assert front.joined == ["hello"]
        finally:
            await seat.close(timeout=1)


@pytest.mark.gen_test
async def test_who_was_silent_for_too_long_is_given_up_and_is_told() -> None:
    front = Front()
    async with front.gatherer as gatherer, front.seat() as (seat, _):
        gatherer.workers[seat.called].last_seen = time.time() - SILENCE - 1
        await gatherer.check_worker_ttl()
        assert front.left == [seat.called]
        await asyncio.wait_for(seat.finished(), 10)


@pytest.mark.gen_test
async def test_nobody_is_given_up_for_a_time_in_which_the_front_door_was_frozen_itself() -> None:
    front = Front()
    async with front.gatherer as gatherer, front.seat() as (seat, _):
        gatherer.workers[seat.called].last_seen = time.time() - SILENCE - 1
        gatherer._checked_at -= SILENCE
        await gatherer.check_worker_ttl()
        assert not front.left
        await seat.heartbeat()
        await gatherer.check_worker_ttl()
        assert not front.left


@pytest.mark.gen_test
async def test_who_may_not_join_has_no_place_and_left_nothing() -> None:
    front = Front()
    front.refusal = "Not today."
    async with front.gatherer as gatherer:
        with pytest.raises(RuntimeError):
            async with front.seat():
                pass
        assert not gatherer.workers and not gatherer.aliases and not front.left


@pytest.mark.gen_test
async def test_a_joining_that_fails_half_way_leaves_no_member_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise KeyError("whatever the engine trips over")

    front = Front()
    async with front.gatherer as gatherer:
        monkeypatch.setattr(Scheduler, "add_worker", fail)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1), front.seat():
                pass
        assert front.joined and len(front.left) == len(front.joined), "each that had joined has left"
        assert not gatherer.workers


@pytest.mark.gen_test
async def test_a_member_that_says_what_the_engine_does_not_know_leaves_and_nobody_else() -> None:
    front = Front()
    async with front.gatherer, front.seat() as (first, _), front.seat() as (second, _):
        first.batched_send({"op": "compute-task", "key": "x"})
        await eventually(lambda: front.left, "it has left")
        second.say("still here")
        await eventually(lambda: front.heard == ["still here"], "the other one is heard")
        assert front.left == [first.called]


@pytest.mark.parametrize(
    "said",
    [
        {"op": "register-worker", "address": "tcp://127.0.0.1:80", "extra": {}},
        {"op": "register-worker", "address": 7, "extra": {}},
        {"op": "register-worker", "address": "member://x", "extra": 7},
        {"op": "register-worker"},
        {"op": "heartbeat_worker", "address": ["x"]},
        {"op": 7},
        {"no": "op"},
        ["a", "list"],
        "a text",
    ],
    ids=str,
)
@pytest.mark.gen_test
async def test_nonsense_joins_nobody_and_harms_nobody(said: object) -> None:
    front = Front()
    async with front.gatherer as gatherer, front.seat() as (seat, _):
        comm = await connect(gatherer.address)
        await comm.write(said)
        with_answer = asyncio.ensure_future(comm.read())
        await asyncio.wait([with_answer], timeout=1)
        with_answer.cancel()
        comm.abort()
        await asyncio.gather(with_answer, return_exceptions=True)
        assert list(gatherer.workers) == [seat.called]
        seat.say("still here")
        await eventually(lambda: front.heard == ["still here"], "who has joined is heard")


WITHOUT = """
import sys
import web.server, leyline.cli, leyline.cluster.command, leyline.cluster.device, leyline.cluster.worker_command
assert not {"distributed", "dask", "msgpack"} & set(sys.modules), "the engine is imported"
"""


def test_without_a_cluster_nothing_of_the_engine_is_imported() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, check=True, timeout=60)
