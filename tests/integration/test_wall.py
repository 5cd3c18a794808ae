"""An owner's videos, found by words and in an order, of all that there are: the store's part, and the call's."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline.line.moves import Moves
from leyline.line.store import TaskStore
from leyline.line.videos import MOST_READ, Order, Videos, plain
from leyline.processes import protocol
from tests.integration.store_contract import Clock, moves_of, new_task
from tests.integration.test_waiting_list import site
from tests.live_server import Api

NAMES = ("Harbour.jpg", "café.jpg", "IMG_7.jpg", "boat.jpg")


@pytest.fixture
def store(tmp_path: Path, io_loop: object) -> Iterator[TaskStore]:
    opened = TaskStore(tmp_path / "leyline.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def moves(store: TaskStore, clock: Clock) -> Moves:
    return moves_of(store, clock)


async def made(moves: Moves, clock: Clock, number: int, name: str, seconds: float = 6, **changes: Any) -> str:
    """A video, made one second after the one before it."""
    await moves.enter(new_task(number, image_name=name, **changes))
    claimed = await moves.claim()
    assert claimed
    clock.now += 1
    done = protocol.Done(claimed.task_id, claimed.run, width=1280, height=720, seconds=seconds)
    assert await moves.succeed(claimed, done, 1000, 30)
    return claimed.task_id


async def names(
    store: TaskStore, search: str = "", order: Order = Order.NEWEST, owner: str = "owner", limit: int = 100
) -> list[str]:
    """Of all that are found, page after page."""
    videos, found, after = Videos(store.database), [], None
    while True:
        page = await videos.find(owner, search, order, after, limit)
        assert len(page.tasks) <= limit
        found += [task.image_name for task in page.tasks]
        if page.next is None:
            return found
        after = await store.get(page.next)


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("limit", [1, 2, 4, 100])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEWEST, ["boat.jpg", "IMG_7.jpg", "café.jpg", "Harbour.jpg"]),
        (Order.OLDEST, ["Harbour.jpg", "café.jpg", "IMG_7.jpg", "boat.jpg"]),
        (Order.NAME, ["boat.jpg", "café.jpg", "Harbour.jpg", "IMG_7.jpg"]),
        (Order.LENGTH, ["IMG_7.jpg", "boat.jpg", "café.jpg", "Harbour.jpg"]),
    ],
)
async def test_each_order_has_all_once_in_pages_of_any_size(
    store: TaskStore, moves: Moves, clock: Clock, order: Order, expected: list[str], limit: int
) -> None:
    for number, (name, seconds) in enumerate(zip(NAMES, (6, 6, 9, 8), strict=True), 1):
        await made(moves, clock, number, name, seconds)
    assert await names(store, order=order, limit=limit) == expected


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("harbour", ["Harbour.jpg"]),
        ("  BOAT  ", ["boat.jpg", "Harbour.jpg"]),  # the second by its prompt
        ("boat harb", ["Harbour.jpg"]),
        ("cafe", ["café.jpg"]),
        ("cafe\u0301", ["café.jpg"]),
        ("7", ["IMG_7.jpg"]),
        ("gulls", []),
        ("", ["boat.jpg", "IMG_7.jpg", "café.jpg", "Harbour.jpg"]),
        ("%", []),
    ],
)
async def test_all_words_are_looked_for_in_names_and_prompts(
    store: TaskStore, moves: Moves, clock: Clock, search: str, expected: list[str]
) -> None:
    chosen = {1: '{"prompt": "A small boat leaves", "avoid": "gulls"}', 2: '{"prompt": null}', 3: '{"depth": 7}'}
    for number, name in enumerate(NAMES, 1):
        await made(moves, clock, number, name, parameters=chosen.get(number))
    assert await names(store, search) == expected


@pytest.mark.gen_test(timeout=30)
async def test_nothing_is_found_but_ones_own_videos_that_are_kept(
    store: TaskStore, moves: Moves, clock: Clock
) -> None:
    await made(moves, clock, 1, "another's.jpg", owner="another", client="another")
    await made(moves, clock, 2, "nobody's.jpg", owner=None)
    trashed = await made(moves, clock, 3, "trashed.jpg")
    expired = await store.get(await made(moves, clock, 4, "expired.jpg"))
    await made(moves, clock, 5, "mine.jpg")
    await moves.enter(new_task(6, image_name="waits.jpg"))
    assert await moves.trash(trashed)
    assert expired and await moves.remove_files(expired)
    assert await names(store) == ["mine.jpg"]
    assert await names(store, owner="another") == ["another's.jpg"]


@pytest.mark.gen_test(timeout=60)
async def test_one_look_reads_no_more_than_so_many_rows_and_the_next_goes_on(
    store: TaskStore, moves: Moves, clock: Clock
) -> None:
    wanted = await made(moves, clock, 1, "needle.jpg")
    await copies_of(store, wanted, 2 * MOST_READ)
    videos = Videos(store.database)
    first = await videos.find("owner", "needle", Order.NEWEST, None, 10)
    assert first.tasks == [] and first.next is not None
    second = await videos.find("owner", "needle", Order.NEWEST, await store.get(first.next), 10)
    assert second.tasks == [] and second.next is not None
    third = await videos.find("owner", "needle", Order.NEWEST, await store.get(second.next), 10)
    assert [task.task_id for task in third.tasks] == [wanted] and third.next is None


async def copies_of(store: TaskStore, task_id: str, count: int) -> None:
    """So many more videos, each made later than all before."""

    def write(connection: sqlite3.Connection) -> None:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(tasks)")]
        other = {"number": "number + :n", "place": "place + :n", "task_id": "printf('%032x', 1000000 + :n)"}
        other |= {"image_name": "'hay.jpg'", "finished_at": "finished_at + :n", "idempotency_key": "NULL"}
        chosen = ", ".join(other.get(column, column) for column in columns)
        statement = f"INSERT INTO tasks ({', '.join(columns)}) SELECT {chosen} FROM tasks WHERE task_id = :id"
        connection.executemany(statement, [{"n": n, "id": task_id} for n in range(1, count + 1)])

    await store.database.write(write)


@pytest.mark.parametrize(
    ("text", "searched"), [("Café", "cafe"), ("ÄÖ", "ao"), ("ﬁn", "fin"), ("東京", "東京"), ("STRASSE", "strasse")]
)
def test_capitals_accents_and_encodings_do_not_count(text: str, searched: str) -> None:
    assert plain(text) == searched


# The call


@pytest.mark.gen_test(timeout=60)
async def test_the_call_has_ones_own_and_says_what_it_does_not_understand(tmp_path: Path) -> None:
    (task_id,) = await made_before(tmp_path, "mine.jpg", "other.jpg")
    async with site(tmp_path) as here:
        await here.server.store.database.write(
            lambda connection: connection.execute("UPDATE tasks SET owner = ? WHERE owner = 'owner'", (here.owner,))
        )
        code, told = await here.api.call("GET", "/api/videos?search=MINE&sort=name&limit=1")
        assert code == 200 and told["next"] is None
        assert [task["task_id"] for task in told["tasks"]] == [task_id]
        assert told["tasks"][0]["video_url"].endswith("/video")
        for refused in ("sort=size", "limit=0", f"search={'a' * 201}"):
            assert (await here.api.call("GET", f"/api/videos?{refused}"))[0] == 400
        assert (await here.api.call("GET", f"/api/videos?before={'f' * 32}"))[0] == 404
        without = await Api(here.api.url).call("GET", "/api/videos")
        assert without == (200, {"tasks": [], "next": None})


async def made_before(folder: Path, mine: str, others: str) -> list[str]:
    """Two videos that there are when the server starts; the id of the first."""
    store, clock = TaskStore(folder / "leyline.db"), Clock()
    clock.now = time.time()
    moves = moves_of(store, clock, keep_seconds=3600)
    found = [await made(moves, clock, 1, mine)]
    await made(moves, clock, 2, others, owner="another", client="another")
    store.close()
    return found
