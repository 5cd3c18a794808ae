"""A backup of a server that runs, and what comes back of it; and each way in which either can go wrong."""

import asyncio
import contextlib
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leyline import cli
from leyline.upkeep.snapshot import what_is_promised
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer, eventually
from tests.pictures import photo, snapshot
from tests.small_disk import SmallDisk

pytestmark = pytest.mark.long
TINY = "tests.models.plain:Tiny"


def leyline(*words: object) -> Result:
    done = CliRunner().invoke(cli.main, [*map(str, words)], env={"LEYLINE_DATA_DIR": None})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def started(*words: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    line = [*before, sys.executable, "-m", "leyline", *map(str, words)]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def filled(server: LiveServer, count: int) -> None:
    """So many tasks have their videos."""
    api = Api(server.url)
    made = [(await api.upload(photo(number)))[1]["task_id"] for number in range(count)]
    for task_id in made:
        await api.finished(task_id)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a server that has made six videos, and has ended."""
    folder = tmp_path_factory.mktemp("backup") / "data"
    with LiveServer(folder, model=TINY) as server:
        asyncio.run(filled(server, 6))
        server.stop()
    for name in ("cluster/authority.pem", "cluster/workers/anna.pem", "webhook-secret"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    yield folder


@pytest.fixture
def archive(data: Path, tmp_path: Path) -> Path:
    assert leyline("backup", tmp_path / "leyline.tar", "--data-dir", data).exit_code == 0
    return tmp_path / "leyline.tar"


def whole(folder: Path) -> int:
    """How many tasks there are, of which each has all its files."""
    promised, tasks = what_is_promised(folder / "leyline.db")
    assert {name for name in promised if not (folder / name).is_file()} == set()
    return tasks


@pytest.mark.gen_test(timeout=120)
async def test_a_backup_under_load_is_of_one_instant_and_comes_back_whole(tmp_path: Path) -> None:
    target, back = tmp_path / "leyline.tar", tmp_path / "back"
    accepted: list[str] = []
    with LiveServer(tmp_path / "data", model=TINY, uploads_per_minute=100_000) as server:
        api = Api(server.url)

        async def send() -> None:
            """Pictures come, and some of those that are done are deleted, all the time."""
            for number in range(100_000):
                accepted.append((await api.upload(photo(number % 4096)))[1]["task_id"])
                if number % 3 == 2:
                    await api.request("DELETE", f"/api/video/{accepted[number // 2]}")

        load = [asyncio.create_task(send()) for _ in range(3)]
        await eventually(lambda: len(accepted) > 30, "there is some load")
        for _ in range(3):
            before = len(accepted)
            words = ("backup", target, "--data-dir", server.data_dir, "--force")
            with started(*words) as process:
                said, told = await asyncio.to_thread(process.communicate, timeout=DEADLINE_SECONDS)
            assert (process.returncode, told) == (0, ""), told
            await eventually(lambda before=before: len(accepted) > before, "nobody is held up")
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
        assert not (server.data_dir / "backup").exists()
    assert "It was read back and is whole." in said
    assert target.stat().st_mode & 0o777 == 0o600
    assert leyline("restore", target, "--data-dir", back).exit_code == 0
    tasks = whole(back)
    assert 0 < tasks < len(accepted)
    with LiveServer(back, model=TINY) as server:
        api = Api(server.url)

        def ended() -> bool:
            with contextlib.closing(sqlite3.connect(back / "leyline.db")) as database:
                left = database.execute("SELECT count(*) FROM tasks WHERE finished_at IS NULL").fetchone()[0]
            return left == 0

        await eventually(ended, "what waited has been made")
        assert whole(back) == tasks
    with contextlib.closing(sqlite3.connect(back / "leyline.db")) as database:
        assert database.execute("SELECT DISTINCT status FROM tasks").fetchall() == [("succeeded",)]


def test_what_comes_back_is_what_went_in(data: Path, archive: Path, tmp_path: Path) -> None:
    done = leyline("restore", archive, "--data-dir", tmp_path / "back")
    assert done.stdout.startswith(f"{tmp_path / 'back'} has 6 tasks and 25 files (")
    for path in (path for path in data.rglob("*") if path.is_file()):
        name = path.relative_to(data)
        if name.parts[0] not in ("lock", "ballast", "leyline.db", "leyline.db-wal", "leyline.db-shm"):
            assert (tmp_path / "back" / name).read_bytes() == path.read_bytes()
            assert (tmp_path / "back" / name).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "back" / "restoring").exists()
    assert not (data / "backup").exists()


def test_a_file_that_is_there_is_not_replaced_unless_that_is_meant(data: Path, archive: Path) -> None:
    archive.write_bytes(b"precious")
    done = leyline("backup", archive, "--data-dir", data)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{archive} is there already. Name another file, or replace it with --force.\n"
    assert archive.read_bytes() == b"precious"
    assert leyline("backup", archive, "--data-dir", data, "--force").exit_code == 0


def test_where_there_is_no_installation_that_is_told(tmp_path: Path) -> None:
    done = leyline("backup", tmp_path / "x.tar", "--data-dir", tmp_path)
    assert (done.exit_code, done.stderr) == (
        1,
        f"There is no installation in {tmp_path}: no leyline.db. Name its folder with --data-dir.\n",
    )


def test_a_file_that_had_gone_before_is_told_and_costs_no_other(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    next((copy / "videos").iterdir()).unlink()
    done = leyline("backup", tmp_path / "x.tar", "--data-dir", copy)
    assert done.exit_code == 0
    assert done.stderr == f"1 files were missing in {copy} before. leyline doctor says more.\n"


# Not enough room, and no time


def test_a_full_disk_leaves_nothing_half(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    next((copy / "pictures").iterdir()).write_bytes(snapshot(1) + bytes(3_000_000))
    with SmallDisk(tmp_path / "disk", 1) as disk:
        with started("backup", disk.path / "x.tar", "--data-dir", copy, before=disk.enter) as process:
            said, told = process.communicate(timeout=DEADLINE_SECONDS)
        assert (process.returncode, said) == (1, "")
        assert "No space left on device. Nothing half was left." in told and len(told.splitlines()) == 1
        assert list(disk.seen.iterdir()) == []
    assert not (copy / "backup").exists()


def test_a_backup_does_not_take_the_disk_from_the_server(data: Path, tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "disk", 20) as disk:
        shutil.copytree(data, disk.seen / "data")
        target = disk.path / "x.tar"
        with started("backup", target, "--data-dir", disk.path / "data", before=disk.enter) as process:
            _, told = process.communicate(timeout=DEADLINE_SECONDS)
        assert process.returncode == 1
        assert told.startswith(f"{target} would take ") and "Make room, or name a file on another disk." in told
        assert [path.name for path in disk.seen.iterdir()] == ["data"]
        assert not (disk.seen / "data" / "backup").exists()


def test_a_restore_without_room_is_told_before_anything_is_written(archive: Path, tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "disk", 2) as disk:
        with started("restore", archive, "--data-dir", disk.path / "back", before=disk.enter) as process:
            _, told = process.communicate(timeout=DEADLINE_SECONDS)
        assert process.returncode == 1
        assert "Make room first." in told
        assert {path.name for path in (disk.seen / "back").iterdir()} <= {"lock", "ballast"}


@pytest.fixture
def large(data: Path, tmp_path: Path) -> Path:
    """An installation that takes a while to be read."""
    copy = tmp_path / "large"
    shutil.copytree(data, copy)
    os.truncate(next((copy / "videos").iterdir()), 150_000_000)
    return copy


def appears(path: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_backup_leaves_nothing_that_the_next_would_stumble_over(
    large: Path, tmp_path: Path, number: signal.Signals
) -> None:
    target = tmp_path / "x.tar"
    with started("backup", target, "--data-dir", large) as process:
        appears(tmp_path / "x.tar.part")
        process.send_signal(number)
        _, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert not target.exists()
    if number == signal.SIGKILL:
        os.truncate(next((large / "videos").glob("*")), 1000)  # the next need not take as long
    else:
        assert (process.returncode, told) == (128 + number, "Interrupted. The same command again begins anew.\n")
        assert not (tmp_path / "x.tar.part").exists() and not (large / "backup").exists()
        return
    assert leyline("backup", target, "--data-dir", large).exit_code == 0
    assert not (tmp_path / "x.tar.part").exists() and not (large / "backup").exists()


def test_a_restore_that_was_killed_is_no_installation_and_the_same_command_does_all_of_it(
    large: Path, tmp_path: Path
) -> None:
    target, back = tmp_path / "x.tar", tmp_path / "back"
    assert leyline("backup", target, "--data-dir", large).exit_code == 0
    with started("restore", target, "--data-dir", back) as process:
        appears(back / "restoring" / "videos")
        process.kill()
        process.communicate(timeout=DEADLINE_SECONDS)
    assert not (back / "leyline.db").exists()
    (back / "restoring" / "pictures").rename(back / "pictures")  # as when it is killed a moment later
    assert leyline("restore", target, "--data-dir", back).exit_code == 0
    assert whole(back) == 6


# Where it may not


def test_a_folder_that_holds_anything_is_not_restored_into(archive: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").touch()
    for folder in (data, tmp_path / "full"):
        done = leyline("restore", archive, "--data-dir", folder)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"{folder} is not empty (")
    assert whole(data) == 6


def test_a_folder_with_a_server_is_left_to_it(archive: Path, tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model=TINY) as server:
        done = leyline("restore", archive, "--data-dir", server.data_dir)
    assert done.exit_code == 6
    assert done.stderr.startswith(f"The data folder {server.data_dir} is in use by process ")


def test_two_backups_at_once_are_one_too_many(large: Path, tmp_path: Path) -> None:
    with started("backup", tmp_path / "x.tar", "--data-dir", large) as process:
        appears(tmp_path / "x.tar.part")
        second = leyline("backup", tmp_path / "y.tar", "--data-dir", large)
        process.communicate(timeout=DEADLINE_SECONDS)
    assert (second.exit_code, second.stderr) == (6, f"Another backup is at work in {large}. Wait for its end.\n")
    assert process.returncode == 0


# What is no backup, or none any more


def refused(path: Path, tmp_path: Path) -> str:
    """The one sentence with which it is refused, and nothing was written for."""
    done = leyline("restore", path, "--data-dir", tmp_path / "nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert not (tmp_path / "nowhere").exists()
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def test_every_damage_is_found_before_anything_is_written(archive: Path, tmp_path: Path) -> None:
    good = archive.read_bytes()
    for length in (0, 100, 512, len(good) // 3, len(good) // 2, len(good) - 20_000):
        archive.write_bytes(good[:length])
        assert "is damaged" in (told := refused(archive, tmp_path)) or "is cut" in told
    for at in range(600, good.rfind(b"leyline-backup.json"), len(good) // 12):
        archive.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        done = leyline("restore", archive, "--data-dir", tmp_path / f"at {at}")
        if done.exit_code == 0:  # padding between two files is nobody's
            assert whole(tmp_path / f"at {at}") == 6
        else:
            assert len(done.stderr.splitlines()) == 1
            assert not (tmp_path / f"at {at}").exists()


@pytest.mark.parametrize(
    "name", ["../escaped", "/tmp/escaped", "pictures/../../escaped", "leyline.db-wal", "lock", "cluster/x"]
)
def test_no_name_in_an_archive_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 3
        tar.addfile(member, io.BytesIO(b"bad"))
    assert "is no backup of Leyline: it holds" in refused(tmp_path / "x.tar", tmp_path)


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        member = tarfile.TarInfo("secret")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    assert "is no backup of Leyline: it holds 'secret'" in refused(tmp_path / "x.tar", tmp_path)
