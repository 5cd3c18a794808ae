"""So many a minute, a burst at once, and a table that does not grow."""

import contextlib

import pytest

from leyline.errors import ClientLimit
from leyline.network import network_of
from web import limits
from web.limits import RateLimit
from web.sessions import Caller


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def taken(limit: RateLimit, client: str = "somebody", tries: int = 1000) -> int:
    """How many can be taken at once."""
    for count in range(tries):
        try:
            limit.take(client)
        except ClientLimit:
            return count
    return tries


def test_a_burst_passes_and_then_so_many_a_minute() -> None:
    clock = Clock()
    limit = RateLimit(120, 200, clock)
    assert taken(limit) == 200
    clock.seconds += 10
    assert taken(limit) == 20
    clock.seconds += 3600
    assert taken(limit) == 200, "a long rest saves up no more than a burst"


def test_several_are_taken_at_once_or_not_at_all() -> None:
    clock = Clock()
    limit = RateLimit(60, 10, clock)
    limit.take("somebody", 8)
    with pytest.raises(ClientLimit) as refused:
        limit.take("somebody", 5)
    assert refused.value.retry_after_seconds == pytest.approx(3)
    limit.take("somebody", 2)
    with pytest.raises(ClientLimit):
        limit.take("somebody else", 11)


def test_who_waits_as_long_as_told_is_let_in() -> None:
    clock = Clock()
    limit = RateLimit(6, 3, clock)
    taken(limit)
    with pytest.raises(ClientLimit) as refused:
        limit.take("somebody")
    assert refused.value.retry_after_seconds == pytest.approx(10)
    clock.seconds += refused.value.retry_after_seconds
    limit.take("somebody")


def test_a_refusal_costs_nothing() -> None:
    clock = Clock()
    limit = RateLimit(60, 1, clock)
    limit.take("somebody")
    for _ in range(50):
        with pytest.raises(ClientLimit):
            limit.take("somebody")
    clock.seconds += 1
    limit.take("somebody")


def test_one_client_takes_nothing_from_another() -> None:
    limit = RateLimit(60, 5, Clock())
    assert taken(limit, "one") == taken(limit, "other") == 5


def test_zero_is_no_limit() -> None:
    assert taken(RateLimit(0, 1, Clock())) == 1000


def test_looking_takes_nothing() -> None:
    limit = RateLimit(60, 1, Clock())
    limit.check("somebody")
    limit.check("somebody")
    assert taken(limit) == 1


def test_the_table_of_clients_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLIENTS", 100)
    clock = Clock()
    limit = RateLimit(60, 5, clock)
    for number in range(1000):
        clock.seconds += 0.001
        limit.take(f"client {number}")
        with contextlib.suppress(ClientLimit):
            limit.take("busy")
    assert len(limit._full_at) == 100
    assert taken(limit, "busy") == 0, "who is active is not forgotten"


def test_this_machines_own_address_tells_nobody_apart() -> None:
    for own in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        assert Caller(None, own, admitted=True).network is None
    assert Caller(None, "192.0.2.7", admitted=True).network == "192.0.2.7"
    assert Caller(None, "2001:db8:1:2::1", admitted=True).network == network_of("2001:db8:1:2::2")
    assert Caller(None, "unknown", admitted=True).network == "unknown"
