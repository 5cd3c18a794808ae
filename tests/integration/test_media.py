"""The files of a task on a real disk."""

import errno
import os
from pathlib import Path

import pytest

from leyline.media import Media, Part


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path / "data")


def part(media: Media, content: bytes) -> Part:
    made = media.part()
    made.append(content)
    made.close()
    return made


def test_a_kept_picture_is_synced_before_it_has_its_name(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def seen_fsync(descriptor: int) -> None:
        steps.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def seen_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {self.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    picture, thumbnail = part(media, b"picture"), part(media, b"thumbnail")
    media.keep_picture("task", picture, thumbnail)
    assert steps == [
        f"fsync {picture.path.name}",
        f"rename {picture.path.name}",
        f"fsync {thumbnail.path.name}",
        f"rename {thumbnail.path.name}",
        "fsync pictures",
    ]
    assert media.picture("task").read_bytes() == b"picture"
    assert media.thumbnail("task").read_bytes() == b"thumbnail"


def test_a_poster_is_kept_with_its_picture_counted_with_it_and_goes_with_it(media: Media) -> None:
    media.keep_picture("first", part(media, bytes(60_000)), part(media, b"t"), part(media, bytes(30_000)))
    assert media.read_poster("first") == bytes(30_000)
    assert media.bytes_of("first", "first-1") >= 90_000
    media.keep_same_picture("second", "first")
    media.remove_task("first")
    assert not media.poster("first").exists() and media.read_poster("second") == bytes(30_000)
    assert media.pictures() == {"second"}
    media.remove_task("second")
    assert list(media.kept()) == []


def test_a_picture_without_a_poster_is_its_own(media: Media) -> None:
    media.keep_picture("task", part(media, b"picture"), part(media, b"thumbnail"), media.part())
    assert media.read_poster("task") == b"picture"


def test_a_retry_has_a_picture_of_its_own(media: Media) -> None:
    media.keep_picture("first", part(media, b"picture"), part(media, b"thumbnail"))
    media.keep_same_picture("second", "first")
    media.remove_task("first")
    assert media.picture("second").read_bytes() == b"picture"
    with pytest.raises(FileNotFoundError):
        media.keep_same_picture("third", "first")


@pytest.mark.parametrize("wrong", ["EPERM", "EOPNOTSUPP", "EMLINK", "EXDEV", "ENOSYS"])
def test_where_no_link_can_be_made_a_retry_has_a_copy(
    media: Media, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    number = getattr(errno, wrong)
    monkeypatch.setattr(os, "link", lambda *_: fail(number))
    media.keep_picture("first", part(media, bytes(3_000_000)), part(media, b"thumbnail"))
    media.keep_same_picture("second", "first")
    media.remove_task("first")
    assert media.picture("second").read_bytes() == bytes(3_000_000)
    assert media.thumbnail("second").read_bytes() == b"thumbnail"
    assert media.picture("second").stat().st_mode & 0o777 == 0o600
    assert not list((media.root / "tmp").iterdir())


def test_a_copy_on_a_full_disk_leaves_nothing_half_done(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", lambda *_: fail(errno.EPERM))
    media.keep_picture("first", part(media, bytes(3_000_000)), part(media, b"thumbnail"))
    monkeypatch.setattr(Part, "append", lambda *_: fail(errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        media.keep_same_picture("second", "first")
    assert not media.picture("second").exists() and not list((media.root / "tmp").iterdir())


def fail(number: int) -> None:
    raise OSError(number, os.strerror(number))


def test_a_picture_of_many_retries_counts_once(media: Media) -> None:
    media.keep_picture("first", part(media, bytes(600)), part(media, bytes(60)))
    for number in range(3):
        media.keep_same_picture(f"retry-{number}", "first")
    assert media.total_bytes() == 660
    assert media.bytes_of("first", "first-1") == 165
    for number in range(3):
        media.remove_task(f"retry-{number}")
    assert media.total_bytes() == media.bytes_of("first", "first-1") == 660


def test_removing_takes_every_file_of_a_task_and_no_other(media: Media) -> None:
    for task_id in ("a" * 32, "b" * 32):
        media.keep_picture(task_id, part(media, b"p"), part(media, b"t"))
        media.video_part(f"{task_id}-1").write_bytes(b"video")
        assert media.keep_video(f"{task_id}-1") == 5
    media.remove_task("a" * 32)
    assert {task_id for task_id, _, _ in media.kept()} == {"b" * 32}
    media.remove_task("a" * 32)  # fine when nothing is left


def test_what_a_disk_of_its_own_brings_along_is_nobodys_file(media: Media) -> None:
    for folder in ("pictures", "videos", "tmp"):
        (media.root / folder / "lost+found").mkdir()
    assert list(media.kept()) == []
    media.check_for(media.root / "leyline.db")
    media.sweep_parts()


def test_folders_are_private(media: Media) -> None:
    assert {folder.stat().st_mode & 0o777 for folder in media.root.iterdir()} == {0o700}


def test_sweeping_leaves_only_what_is_kept(media: Media) -> None:
    part(media, b"half an upload")
    media.keep_picture("task", part(media, b"p"), part(media, b"t"))
    media.sweep_parts()
    assert list((media.root / "tmp").iterdir()) == []
    assert media.has_picture("task")
