"""The data folder's secrets on a real disk."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from leyline.data_folder import DataFolder
from leyline.errors import FolderInUse, StartupError


def test_a_new_secret_is_durable_under_its_name_before_anybody_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path / "data")
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def seen_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        what = path.stat().st_size if path.is_file() else sorted(each.name for each in path.iterdir())
        steps.append(f"fsync {path.name} of {what}")
        fsync(descriptor)

    def seen_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {self.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    try:
        secret = folder.secret("secret")
    finally:
        folder.release()
    names = ["ballast", "lock", "secret"]
    assert steps == ["fsync secret.part of 64", "rename secret.part", f"fsync data of {names}"]
    assert (tmp_path / "data" / "secret").read_text() == secret


@pytest.mark.parametrize("content", [b"short", bytes([200]) * 64], ids=["short", "no text"])
def test_a_damaged_secret_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    folder = DataFolder(tmp_path)
    (tmp_path / "secret").write_bytes(content)
    try:
        with pytest.raises(StartupError, match="secret is damaged"):
            folder.secret("secret")
    finally:
        folder.release()


def test_a_file_system_without_locks_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(StartupError, match="cannot be locked: No locks available") as refused:
        DataFolder(tmp_path)
    assert not isinstance(refused.value, FolderInUse), "a standby does not wait for it"
