"""Views: who a ticket admits, how long, and whose key is whose; what becomes of links; and ranges."""

import pytest

from leyline.errors import BadRequest, TicketRefused
from leyline.watching import views as views_module
from leyline.watching.exchange import wrap
from leyline.watching.links import Link, Poster
from leyline.watching.views import LIFE_SECONDS, Views
from tests.watch_site import Clock, KeyPair
from web.videos import byte_range

TASK, OTHER_TASK = "a" * 32, "b" * 32
RUN = 1
SESSION, STRANGER = "c" * 32, "d" * 32
LINK = "e" * 16


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def views(clock: Clock) -> Views:
    return Views("a secret", clock)


def opened(views: Views, task_id: str = TASK, link_id: str | None = None) -> str:
    """A new view's ticket."""
    return views.ticket(views.open(task_id, RUN, SESSION, link_id))


def is_alive(views: Views, ticket: str) -> bool:
    try:
        return not views.is_over(views.find(ticket, TASK, SESSION))
    except TicketRefused:
        return False


# Who a ticket admits, and for how long


def test_a_ticket_opens_its_own_view(views: Views) -> None:
    view = views.open(TASK, RUN, SESSION)
    assert views.find(views.ticket(view), TASK, SESSION) == view


def test_a_ticket_is_bound_to_session_task_and_purpose(views: Views) -> None:
    ticket, by_link = opened(views), opened(views, link_id=LINK)
    for task_id, session, link_id in ((TASK, STRANGER, None), (OTHER_TASK, SESSION, None), (TASK, SESSION, LINK)):
        with pytest.raises(TicketRefused):
            views.find(ticket, task_id, session, link_id)
    for link_id in (None, "another"):
        with pytest.raises(TicketRefused):
            views.find(by_link, TASK, SESSION, link_id)
    with pytest.raises(TicketRefused):
        views.of_ticket(ticket, STRANGER)


def test_a_ticket_with_any_character_changed_is_refused(views: Views) -> None:
    ticket = opened(views)
    for at, character in enumerate(ticket):
        for other in "AB":
            if other != character:
                assert not is_alive(views, ticket[:at] + other + ticket[at + 1 :])
    for nonsense in ("", ".", "A", ticket[:-1], ticket + "A", ticket + "=", "\ud800", "é.é", "A" * 100_000):
        assert not is_alive(views, nonsense)
    assert is_alive(views, ticket)


def test_nobody_can_read_from_a_ticket_whose_it_is(views: Views) -> None:
    ticket = opened(views, link_id=LINK)
    sealed = views_module.from_base64url(ticket)
    for word in (TASK, SESSION, LINK, TASK.encode().hex()):
        assert word not in ticket and word.encode() not in sealed and bytes.fromhex(word[:32]) not in sealed


def test_a_ticket_of_another_installation_is_refused(views: Views, clock: Clock) -> None:
    assert not is_alive(Views("another secret", clock), opened(views))


def test_a_view_outlives_the_server(views: Views, clock: Clock) -> None:
    view = views.open(TASK, RUN, SESSION)
    later = Views("a secret", clock)
    assert later.find(views.ticket(view), TASK, SESSION) == view and later.key(view) == views.key(view)


def test_no_view_lives_longer_than_a_quarter_of_an_hour(views: Views, clock: Clock) -> None:
    ticket = opened(views)
    clock.seconds += LIFE_SECONDS - 2
    assert LIFE_SECONDS == 900 and is_alive(views, ticket)
    clock.seconds += 2
    assert not is_alive(views, ticket)


def test_a_revoked_link_ends_its_views_and_no_others(views: Views) -> None:
    own, by_link, by_another = (views.open(TASK, RUN, SESSION, link_id) for link_id in (None, LINK, "another"))
    views.end(LINK)
    assert [views.is_over(view) for view in (own, by_link, by_another)] == [False, True, False]


def test_what_is_remembered_of_ended_links_is_bounded(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "MAX_ENDED", 3)
    for number in range(10):
        views.end(str(number))
    assert list(views._ended) == ["7", "8", "9"]


def test_a_thousand_views_keep_nothing(views: Views) -> None:
    before = {name: len(value) for name, value in vars(views).items() if hasattr(value, "__len__")}
    for _ in range(1000):
        views.find(opened(views), TASK, SESSION)
    assert {name: len(value) for name, value in vars(views).items() if hasattr(value, "__len__")} == before


# Keys


def test_each_view_has_a_key_of_its_own(views: Views) -> None:
    opened_views = [views.open(TASK, RUN, SESSION) for _ in range(100)]
    assert len({views.key(view) for view in opened_views}) == len({view.kid for view in opened_views}) == 100
    assert all(len(views.key(view)) == len(view.kid) == 16 for view in opened_views)
    assert views.key(opened_views[0]) != Views("another secret").key(opened_views[0])


def test_a_wrapped_key_opens_for_who_asked_and_with_its_ticket_only(views: Views) -> None:
    key, asker, other = views.key(views.open(TASK, RUN, SESSION)), KeyPair(), KeyPair()
    wrapped = wrap(key, "ticket", asker.public)
    assert asker.unwrapped("ticket", wrapped.public, wrapped.wrapped) == key
    assert key not in wrapped.wrapped
    for opener, ticket in ((other, "ticket"), (asker, "another")):
        with pytest.raises(ValueError, match="unwrap"):
            opener.unwrapped(ticket, wrapped.public, wrapped.wrapped)


def test_no_two_answers_are_the_same(views: Views) -> None:
    asker = KeyPair()
    assert len({wrap(bytes(16), "ticket", asker.public).wrapped for _ in range(10)}) == 10


# Points of low order (RFC 7748, section 7): each makes the secret zero, whoever has the other half.
LOW_ORDER = (
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
)


@pytest.mark.parametrize("public", [*map(bytes.fromhex, LOW_ORDER), b"", bytes(31), bytes(33), b"9" * 64])
def test_what_is_no_public_half_is_refused(public: bytes) -> None:
    with pytest.raises(BadRequest, match="public"):
        wrap(bytes(16), "ticket", public)


# Links


def link(**changes: object) -> Link:
    values = {"created_at": 0.0, "expires_at": 100.0, "max_views": None, "views": 0, "revoked": False}
    shows = {"message": None, "poster": Poster.NONE, "burn_label": False, "videos": 1, "in_trash": False}
    return Link("link", None, None, **{**values, **shows, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "open"),
        ({"views": 1_000_000}, "open"),
        ({"max_views": 2, "views": 1}, "open"),
        ({"max_views": 2, "views": 2}, "spent"),
        ({"expires_at": 50.0}, "expired"),
        ({"revoked": True}, "revoked"),
        ({"revoked": True, "expires_at": 50.0, "max_views": 1, "views": 1}, "revoked"),
    ],
)
def test_a_link_says_what_became_of_it(changes: dict[str, object], state: str) -> None:
    assert link(**changes).state(now=50.0) == state


# Ranges


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=10-", (10, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=0-1000", (0, 100)),
        ("bytes=99-99", (99, 100)),
        (" bytes=1-2 ", (1, 3)),
    ],
)
def test_one_range_is_understood(header: str, found: tuple[int, int]) -> None:
    assert byte_range(header, 100) == found


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999-"])
def test_a_range_past_the_end_is_empty(header: str) -> None:
    found = byte_range(header, 100)
    assert found and found[0] >= found[1]


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2,4-5", "items=0-1", "bytes=0x1-2"),
        *("bytes=٣-٤", "bytes=" + "9" * 5000 + "-", "bytes = 0-1", "bytes=1--2", "bytes=+1-2"),
    ],
)
def test_what_is_no_single_range_is_ignored(header: str) -> None:
    assert byte_range(header, 100) is None
