"""Views: what is encrypted, who a ticket admits, how long a view lives, what it may cost; and ranges."""

import asyncio
import io
import re
from pathlib import Path

import pytest

from leyline.errors import KeyUsed, TicketRefused, VideoMissing, ViewsBusy
from leyline.watching import views as views_module
from leyline.watching.cenc import Encrypted, encrypt
from leyline.watching.links import Link
from leyline.watching.views import Views
from tests.watch_site import Clock, frames, make_master, packets
from web.videos import byte_range

TASK, OTHER_TASK = "a" * 32, "b" * 32
SESSION, STRANGER = "c" * 32, "d" * 32
SIZE = 1000


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4")


@pytest.fixture(scope="module", params=["libx264", "libvpx-vp9"])
def any_master(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video by each encoder that there is a setting for."""
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", codec=request.param)


# What is encrypted


def test_with_its_key_a_view_is_the_master_packet_by_packet(any_master: Path) -> None:
    view = encrypt(any_master)
    assert packets(io.BytesIO(view.ciphertext), view.key) == packets(any_master)


def test_without_its_key_a_view_shows_nothing(any_master: Path) -> None:
    assert frames(any_master) == 60
    assert frames(io.BytesIO(encrypt(any_master).ciphertext)) == 0


def test_no_two_views_share_a_key_or_a_piece_of_ciphertext(master: Path) -> None:
    one, two = encrypt(master), encrypt(master)
    assert one.key != two.key and one.kid != two.kid
    edge = one.segments[1][1]
    pieces = {one.ciphertext[at : at + 64] for at in range(edge + 2000, edge + 8000, 64)}
    assert not any(piece in two.ciphertext for piece in pieces)


def test_the_codec_is_read_from_the_file(master: Path, tmp_path: Path) -> None:
    assert re.fullmatch(r"avc1\.4d[0-9a-f]{4}", encrypt(master).codec)  # 4d: main profile
    vp9 = encrypt(make_master(tmp_path / "vp9.mp4", codec="libvpx-vp9"))
    assert re.fullmatch(r"vp09\.00\.\d\d\.08", vp9.codec)


def test_segments_begin_on_the_keyframes_and_hold_all_but_the_head(master: Path) -> None:
    view = encrypt(master)
    assert view.seconds == pytest.approx(2.0)
    assert [start for start, _ in view.segments] == [0.0, 1.0]
    assert all(view.ciphertext[edge + 4 : edge + 8] == b"moof" for _, edge in view.segments)
    assert view.ciphertext[4:8] == b"ftyp"


def test_a_video_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing):
        encrypt(tmp_path / "nothing.mp4")


@pytest.mark.parametrize("kept", [0, 400, 5000])
def test_a_video_cut_short_is_said_to_be_missing(master: Path, tmp_path: Path, kept: int) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(master.read_bytes()[:kept])
    with pytest.raises(VideoMissing, match="damaged"):
        encrypt(damaged)


def test_a_key_never_stands_in_a_log(master: Path) -> None:
    view = encrypt(master)
    assert repr(view.key) not in repr(view)


# Who a ticket admits, and for how long


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def views(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Views:
    """Views of a video whose ciphertext is `SIZE` zeros."""

    def pretend(master: Path) -> Encrypted:
        return Encrypted(bytes(SIZE), bytes(16), bytes(16), "avc1.4d401f", 2.0, ((0.0, 10),))

    monkeypatch.setattr(views_module, "encrypt", pretend)
    return Views(clock, max_bytes=3 * SIZE)


def opened(views: Views, task_id: str = TASK, link_id: str | None = None) -> str:
    return asyncio.run(views.open(task_id, SESSION, Path(), link_id)).ticket


def is_alive(views: Views, ticket: str, task_id: str = TASK) -> bool:
    try:
        views.find(ticket, task_id, SESSION)
    except TicketRefused:
        return False
    return True


def test_a_ticket_opens_its_own_view(views: Views) -> None:
    view = views.find(opened(views), TASK, SESSION)
    assert views.read(view, 10, 20) == bytes(10)


def test_a_ticket_is_bound_to_session_task_and_purpose(views: Views) -> None:
    ticket, by_link = opened(views), opened(views, link_id="link")
    for task_id, session, link_id in (
        (TASK, STRANGER, None),
        (OTHER_TASK, SESSION, None),
        (TASK, SESSION, "link"),
    ):
        with pytest.raises(TicketRefused):
            views.find(ticket, task_id, session, link_id)
    for link_id in (None, "another"):
        with pytest.raises(TicketRefused):
            views.find(by_link, TASK, SESSION, link_id)


def test_a_ticket_with_any_character_changed_is_refused(views: Views) -> None:
    ticket = opened(views)
    for at, character in enumerate(ticket):
        changed = ticket[:at] + ("1" if character == "0" else "0") + ticket[at + 1 :]
        assert not is_alive(views, changed)
    for nonsense in ("", ".", ticket[:-1], ticket + "0", ticket.partition(".")[0], "\ud800", "é.é"):
        assert not is_alive(views, nonsense)
    assert is_alive(views, ticket)


def test_a_ticket_must_be_used_within_a_minute(views: Views, clock: Clock) -> None:
    ticket = opened(views)
    clock.seconds += 59
    assert is_alive(views, ticket)
    clock.seconds += 1
    assert not is_alive(views, ticket)


def test_a_view_lives_until_a_minute_after_its_last_range(views: Views, clock: Clock) -> None:
    ticket = opened(views)
    for _ in range(5):
        clock.seconds += 59
        views.read(views.find(ticket, TASK, SESSION), 0, 1)
    clock.seconds += 60
    assert not is_alive(views, ticket)


def test_no_view_lives_longer_than_a_quarter_of_an_hour(views: Views, clock: Clock) -> None:
    ticket = opened(views)
    for _ in range(30):
        views.read(views.find(ticket, TASK, SESSION), 0, 1)
        clock.seconds += 30
    assert not is_alive(views, ticket)


def test_a_view_that_ends_while_it_is_read_gives_nothing_more(views: Views, clock: Clock) -> None:
    view = views.find(opened(views), TASK, SESSION)
    clock.seconds += 60
    with pytest.raises(TicketRefused):
        views.read(view, 0, 1)


def test_a_key_is_told_once(views: Views) -> None:
    ticket = opened(views)
    assert views.take_key(ticket, SESSION).key_taken
    with pytest.raises(KeyUsed):
        views.take_key(ticket, SESSION)


def test_a_stranger_neither_gets_the_key_nor_spends_it(views: Views) -> None:
    ticket = opened(views)
    for asked, session in ((ticket, STRANGER), (ticket[:-1], SESSION), ("", SESSION)):
        with pytest.raises(TicketRefused):
            views.take_key(asked, session)
    assert views.take_key(ticket, SESSION)


# What views may cost


def test_the_least_recently_used_views_go_first(views: Views) -> None:
    first, second, third = opened(views), opened(views), opened(views)
    views.read(views.find(first, TASK, SESSION), 0, 1)
    fourth = opened(views)
    assert [is_alive(views, ticket) for ticket in (first, second, third, fourth)] == [True, False, True, True]
    assert views.held_bytes <= 3 * SIZE


def test_one_session_that_opens_view_after_view_ends_its_own(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "MAX_VIEWS_OF_SESSION", 2)
    others = asyncio.run(views.open(TASK, STRANGER, Path())).ticket
    own = [opened(views) for _ in range(5)]
    assert [is_alive(views, ticket) for ticket in own] == [False, False, False, True, True]
    assert views.find(others, TASK, STRANGER)


def test_one_session_with_large_videos_ends_its_own(views: Views) -> None:
    others = asyncio.run(views.open(TASK, STRANGER, Path())).ticket
    own = [opened(views) for _ in range(5)]
    assert [is_alive(views, ticket) for ticket in own] == [False, False, False, True, True]
    assert views.find(others, TASK, STRANGER)


def test_who_has_little_takes_room_from_who_has_the_most(views: Views) -> None:
    large = [opened(views), opened(views)]
    others = [asyncio.run(views.open(TASK, STRANGER, Path())).ticket for _ in range(2)]
    assert [is_alive(views, ticket) for ticket in large] == [False, True]
    assert all(views.find(ticket, TASK, STRANGER) for ticket in others)


def test_a_video_larger_than_all_room_can_still_be_watched(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(views)
    large = Encrypted(bytes(10 * SIZE), bytes(16), bytes(16), "avc1.4d401f", 2.0, ((0.0, 10),))
    monkeypatch.setattr(views_module, "encrypt", lambda master: large)
    assert is_alive(views, opened(views))
    assert views.held_bytes == 10 * SIZE


def test_ciphertext_is_gone_when_its_time_is_over(views: Views, clock: Clock) -> None:
    opened(views)
    clock.seconds += 60
    views.sweep()
    assert views.held_bytes == 0


def test_a_revoked_link_ends_its_views_and_no_others(views: Views) -> None:
    own, by_link = opened(views), opened(views, link_id="link")
    views.end_link("link")
    assert is_alive(views, own)
    with pytest.raises(TicketRefused):
        views.find(by_link, TASK, SESSION, "link")


def test_more_openings_than_can_be_worked_off_are_refused(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "MAX_OPENING", 2)

    async def three() -> list[object]:
        return await asyncio.gather(*(views.open(TASK, SESSION, Path()) for _ in range(3)), return_exceptions=True)

    results = asyncio.run(three())
    assert [type(result) for result in results].count(ViewsBusy) == 1
    assert asyncio.run(views.open(TASK, SESSION, Path()))


# Links


def link(**changes: object) -> Link:
    values = {"created_at": 0.0, "expires_at": 100.0, "max_views": None, "views": 0, "revoked": False}
    return Link("link", TASK, None, **{**values, **changes})  # type: ignore[arg-type]


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
