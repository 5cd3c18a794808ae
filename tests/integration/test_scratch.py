"""The temporary folders of workers: of the living, and of those that were killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leyline.cluster import scratch
from leyline.errors import StartupError

HOLDS = """
import sys
from leyline.cluster import scratch
with scratch.folder() as folder:
    (folder / "video.part").write_bytes(bytes(1000))
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def holding(temporary: Path) -> "tuple[subprocess.Popen[str], Path]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS], text=True, env=os.environ | {"TMPDIR": str(temporary)}, **pipes
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def ended(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=60)


def test_a_folder_is_gone_with_its_worker(temporary: Path) -> None:
    with scratch.folder() as folder:
        (folder / "run").mkdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


def test_what_a_killed_worker_left_is_removed_by_the_next_and_that_of_a_living_one_is_not(temporary: Path) -> None:
    (killed, left), (living, used) = holding(temporary), holding(temporary)
    killed.kill()
    ended(killed)
    assert (left / "video.part").exists()
    with scratch.folder():
        assert not left.exists()
        assert (used / "video.part").exists()
    ended(living)
    assert list(temporary.iterdir()) == []


def test_what_only_looks_like_one_is_left_alone(temporary: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    (temporary / "leyline-worker-link").symlink_to(elsewhere)
    (temporary / "leyline-worker-file").touch()
    with scratch.folder():
        pass
    assert (elsewhere / "precious").exists()
    assert (temporary / "leyline-worker-file").exists()


def test_a_folder_that_somebody_took_before_it_was_locked_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    flock = scratch.fcntl.flock

    def removed_before(lock: int, how: int) -> None:
        if not taken:
            taken.append(Path(f"/proc/self/fd/{lock}").readlink())
            taken[0].rmdir()
        flock(lock, how)

    monkeypatch.setattr(scratch.fcntl, "flock", removed_before)
    with scratch.folder() as folder:
        assert folder.exists()
        assert folder != taken[0]


def test_where_there_is_no_room_for_a_folder_it_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with (
        pytest.raises(StartupError, match=r"no temporary folder to work in \(TMPDIR\): No such file"),
        scratch.folder(),
    ):
        pass
