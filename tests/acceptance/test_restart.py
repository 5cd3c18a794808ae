"""A batch that is interrupted, in every way: the same command again finishes it, and no picture has a twin."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

TINY = "tests.models.plain:Tiny"
ENDS = (signal.SIGINT, signal.SIGHUP, signal.SIGKILL)


def folder_of(place: Path, count: int, alike: int = 0) -> Path:
    """Pictures of which no two are alike, besides so many copies of the first."""
    folder = place / "pictures"
    folder.mkdir()
    for number in range(count - alike):
        (folder / f"{number}.jpg").write_bytes(photo(number, (32, 24)))
    for number in range(alike):
        (folder / f"copy {number}.jpg").write_bytes(photo(0, (32, 24)))
    return folder


class Commands:
    """Starts `leyline submit` in a home of its own."""

    def __init__(self, server: LiveServer, home: Path) -> None:
        self.server = server
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        self.environment |= {"XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT), "HOME": str(home)}

    def start(self, *words: object, cwd: Path = ROOT, under: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        line = [*under, sys.executable, "-m", "leyline", "submit", "--url", self.server.url, *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            line, cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def run(
        self,
        *words: object,
        cwd: Path = ROOT,
        seconds: float = DEADLINE_SECONDS,
        under: tuple[str, ...] = (),
    ) -> tuple[int, str, str]:
        with self.start(*words, cwd=cwd, under=under) as process:
            overdue = threading.Timer(seconds, process.kill)
            overdue.start()
            said, told = process.communicate()
            overdue.cancel()
        return process.returncode, said, told


def tasks(server: LiveServer) -> list[tuple[str, str]]:
    """The content and the status of each task that there is."""
    with sqlite3.connect(server.data_dir / "leyline.db") as database:
        found = database.execute("SELECT upload_sha256, status FROM tasks ORDER BY rowid").fetchall()
    database.close()
    return found


def steps(server: LiveServer) -> int:
    """How far all of them are: one for each that was accepted, and one for each that has ended."""
    found = tasks(server)
    return len(found) + sum(status == "succeeded" for _, status in found)


def videos(server: LiveServer) -> int:
    return len(list((server.data_dir / "videos").glob("*.mp4")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("restart") / "data", model=TINY, operator_token="operator") as running:
        yield running


def test_a_batch_killed_in_every_way_is_finished_by_the_same_command(tmp_path: Path) -> None:
    """A short one of the two below, each end at a moment that is known to hurt."""
    server = LiveServer(tmp_path / "data", model=TINY, operator_token="operator")
    folder = folder_of(tmp_path, 12, alike=2)
    with server:
        server.settings["port"] = int(server.url.rpartition(":")[2])
        commands = Commands(server, tmp_path)
        for number in ENDS:
            with commands.start(folder) as process:
                assert process.stdout
                for line in process.stdout:  # until one of its own is in line, and others are not sent yet
                    if re.search(r"/#[0-9a-f]{32}$", line):
                        break
                process.send_signal(number)
                process.communicate(timeout=DEADLINE_SECONDS)
            assert process.returncode == (-9 if number == signal.SIGKILL else 128 + number)
        server.kill()
        server.start()
        code, said, told = commands.run("../pictures", cwd=folder)
        assert (code, told) == (0, ""), said
        assert said.splitlines()[-1] == "12 of 12 videos are ready."
        again = commands.run(folder)
        assert again == (0, "12 done, 0 already in line, 0 sent.\n12 of 12 videos are ready.\n", "")
        assert [status for _, status in tasks(server)] == ["succeeded"] * 12
        assert videos(server) == 12


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_pictures_survive_ten_ends_of_the_command_and_five_of_the_server(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    folder = folder_of(tmp_path, 200, alike=10)
    server = LiveServer(tmp_path / "data", model=TINY, max_attempts=100)
    victims = ["command"] * 10 + ["server"] * 5
    chance.shuffle(victims)
    moments = sorted(chance.sample(range(1, 380), len(victims)))  # when so many steps have been made, of 400
    ended = []
    with server:
        server.settings["port"] = int(server.url.rpartition(":")[2])
        commands = Commands(server, tmp_path)
        process = commands.start(folder, "--quiet")
        for moment, victim in zip(moments, victims, strict=True):
            deadline = time.monotonic() + DEADLINE_SECONDS
            while steps(server) < moment:
                assert time.monotonic() < deadline, f"{steps(server)} steps after {ended}"
                if process.poll() is not None:  # it could not wait for a server that was away
                    process.communicate()
                    process = commands.start(folder, "--quiet")
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.3))
            number = chance.choice(ENDS)
            if victim == "server":
                server.kill()
                server.start()
            else:
                process.send_signal(number)
                process.communicate(timeout=DEADLINE_SECONDS)
            ended.append((victim if victim == "server" else number.name, steps(server)))
        if process.poll() is None:
            process.kill()
        process.communicate()
        code, said, _ = commands.run(folder, seconds=10 * DEADLINE_SECONDS)
    print(f"seed {seed}: {ended}; then {code}: {said.splitlines()[-1]}")
    assert code == 0
    assert said.splitlines()[-1] == "200 of 200 videos are ready."
    made = tasks(server)
    assert [status for _, status in made] == ["succeeded"] * 200
    contents = [sha256 for sha256, _ in made]
    assert sorted(map(contents.count, set(contents))) == [1] * 189 + [11], "each once, and the copies as many times"
    assert videos(server) == 200


# One at a time, and in strange places


def test_two_commands_on_one_batch_are_one_too_many(server: LiveServer, tmp_path: Path) -> None:
    folder, commands = folder_of(tmp_path, 2), Commands(server, tmp_path)
    assert commands.run(folder)[0] == 0
    with (folder / ".leyline.jsonl").open() as held:
        flock(held, LOCK_EX)  # as another command does
        code, said, told = commands.run(folder)
    assert (code, said) == (6, "")
    assert told.startswith(f"Another leyline submit is at work with {folder / '.leyline.jsonl'}. Wait for its end")
    assert len(told.splitlines()) == 1


def test_repeats_are_made_on_purpose_only(server: LiveServer, tmp_path: Path) -> None:
    folder, commands = folder_of(tmp_path, 2), Commands(server, tmp_path)
    before = videos(server)
    for words in ((), (), ("--again",)):
        assert commands.run(folder, *words)[0] == 0
    assert videos(server) == before + 4


def test_a_manifest_of_ones_own_is_a_batch_of_its_own(server: LiveServer, tmp_path: Path) -> None:
    folder, commands = folder_of(tmp_path, 1), Commands(server, tmp_path)
    before = videos(server)
    for name in ("one.jsonl", "one.jsonl", "two.jsonl"):
        assert commands.run(folder, "--manifest", tmp_path / "kept" / name)[0] == 0
    assert videos(server) == before + 2
    assert not (folder / ".leyline.jsonl").exists()
    lines = [json.loads(line) for line in (tmp_path / "kept" / "one.jsonl").read_text().splitlines()]
    assert [line.get("state") for line in lines] == [None, None, "queued", "succeeded"]


CLOSED = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def test_of_a_folder_that_cannot_be_written_the_batch_is_remembered_elsewhere(
    server: LiveServer, tmp_path: Path
) -> None:
    """A disc, or a share that is only to be read; in a mount name space of its own, as root or as a user."""
    folder, commands = folder_of(tmp_path, 2), Commands(server, tmp_path)
    before = videos(server)
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    closed = ("unshare", "--mount", *user, "sh", "-c", CLOSED, "sh", str(folder))
    code, said, told = commands.run(folder, under=closed)
    assert (code, said.splitlines()[-1]) == (0, "2 of 2 videos are ready."), told
    assert told.startswith(
        f"Nothing can be written in {folder} (Read-only file system): the batch is remembered in "
    )
    assert commands.run(folder, under=closed)[1].startswith("2 done, 0 already in line, 0 sent.")
    assert commands.run(folder)[1:] == ("2 done, 0 already in line, 0 sent.\n2 of 2 videos are ready.\n", "")
    assert videos(server) == before + 2
    assert (folder / ".leyline.jsonl").exists(), "once it can be written, it lies beside the pictures"


def test_what_is_no_manifest_is_told_and_nothing_is_sent(server: LiveServer, tmp_path: Path) -> None:
    folder, commands = folder_of(tmp_path, 1), Commands(server, tmp_path)
    (folder / ".leyline.jsonl").write_text("my diary\n")
    before = len(tasks(server))
    code, said, told = commands.run(folder)
    assert (code, said) == (1, "")
    assert "is no manifest of leyline" in told and len(told.splitlines()) == 1
    assert len(tasks(server)) == before
    assert (folder / ".leyline.jsonl").read_text() == "my diary\n"


def test_a_server_that_has_begun_anew_gets_all_again(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 2)
    with LiveServer(tmp_path / "data", model=TINY) as server:
        port = int(server.url.rpartition(":")[2])
        assert Commands(server, tmp_path).run(folder)[0] == 0
    with LiveServer(tmp_path / "new", model=TINY, port=port) as anew:
        code, said, _ = Commands(anew, tmp_path).run(folder)
    assert code == 0
    assert said.splitlines()[0] == ("The server knows nothing any more of 2 tasks: their pictures are sent again.")
    assert videos(anew) == 2
