"""A database that cannot be used: the server ends with one sentence, and leaves everything as it was."""

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from leyline.errors import StartupError
from leyline.line.database import Database
from leyline.line.store import TaskStore
from tests.integration.store_contract import added, moves_of
from tests.live_server import ROOT
from tests.small_disk import SmallDisk

pytestmark = pytest.mark.slow

PAGE = 4096
SEED = 8
TASKS = 40


def fill(path: Path) -> None:
    """A database with some tasks in it, closed."""

    async def add_tasks() -> None:
        store = TaskStore(path)
        await added(moves_of(store), *range(TASKS))
        store.close()

    path.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(add_tasks())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "data" / "leyline.db"
    fill(found)
    return found


def refusal(data_dir: Path, *enter: str) -> str:
    """What the real command says before it ends, having refused: one sentence, after lines of the log."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
    command = [*enter, sys.executable, "-m", "leyline", "serve", "--port", "0", "--data-dir", str(data_dir)]
    ended = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    *log, sentence = ended.stderr.splitlines()
    assert all("event=database_unusable" in line for line in log), ended.stderr
    return sentence


def make_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE theirs (x)")


def shred_a_page(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[3 * PAGE : 4 * PAGE] = random.Random(SEED).randbytes(PAGE)
    path.write_bytes(data)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "zero bytes": (lambda path: path.write_bytes(b""), "is empty (0 bytes). Put a backup in its place"),
    "a text file": (lambda path: path.write_text("Dear diary, " * 1000), "is damaged. Put a backup in its place"),
    "cut in half": (
        lambda path: os.truncate(path, path.stat().st_size // 2),
        "is damaged. Put a backup in its place",
    ),
    "a header only": (lambda path: os.truncate(path, 100), "is damaged. Put a backup in its place"),
    "a shredded page": (shred_a_page, "is damaged. Put a backup in its place"),
    "another program's": (make_foreign, "is not a Leyline database. Name another data folder."),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be used: Is a directory."),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unusable_database_ends_the_start_with_one_sentence(path: Path, fault: str) -> None:
    break_it, says = FAULTS[fault]
    break_it(path)
    before = contents(path.parent)
    said = refusal(path.parent)
    assert str(path) in said
    assert says in said
    assert contents(path.parent) == before, "nothing was changed, and no new database made"


def contents(folder: Path) -> dict[str, bytes]:
    """Every database file below the folder."""
    return {file.name: file.read_bytes() for file in folder.glob("leyline.db*") if file.is_file()}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", 16) as small:
        fill(tmp_path / "made" / "leyline.db")
        shutil.copytree(tmp_path / "made", small.seen / "data")
        (small.seen / "data" / "lock").touch()
        yield small


def test_a_read_only_database_is_refused_in_a_sentence(disk: SmallDisk) -> None:
    database = disk.path / "data" / "leyline.db"
    disk.protect(database)
    said = refusal(disk.path / "data", *disk.enter)
    assert said == f"The database {database} cannot be used: Read-only file system."


def test_a_read_only_disk_is_refused_in_a_sentence(disk: SmallDisk) -> None:
    disk.set_read_only()
    said = refusal(disk.path / "data", *disk.enter)
    assert said == f"The data folder {disk.path}/data cannot be used: Read-only file system."


def test_a_missing_database_beside_pictures_is_never_replaced_by_an_empty_one(path: Path) -> None:
    path.unlink()
    (path.parent / "pictures").mkdir()
    (path.parent / "pictures" / f"{0:032x}.jpg").write_bytes(b"somebody's picture")
    assert "is missing, but there are pictures or videos beside it" in refusal(path.parent)
    assert contents(path.parent) == {}
    assert len(list((path.parent / "pictures").iterdir())) == 1


def test_no_shredded_or_missing_page_is_opened_as_if_nothing_were_wrong(path: Path, tmp_path: Path) -> None:
    """Whatever page is hit, the database is refused, or every task is still there."""
    chance = random.Random(SEED)
    whole = path.read_bytes()
    refused = 0
    for page in range(len(whole) // PAGE):
        for hit in (cut_at, shredded):
            broken = tmp_path / f"{page}-{hit.__name__}.db"
            broken.write_bytes(hit(whole, page, chance))
            refused += not opens_whole(broken)
    assert refused >= len(whole) // PAGE


def cut_at(whole: bytes, page: int, _: random.Random) -> bytes:
    return whole[: page * PAGE]


def shredded(whole: bytes, page: int, chance: random.Random) -> bytes:
    return whole[: page * PAGE] + chance.randbytes(PAGE) + whole[(page + 1) * PAGE :]


def opens_whole(path: Path) -> bool:
    try:
        database = Database(path)
    except StartupError:
        return False
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM tasks").fetchone()[0] == TASKS
    return True
