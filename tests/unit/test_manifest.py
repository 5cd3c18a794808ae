"""What a batch remembers of itself: durable lines, keys that follow from what is sent, every kind of damage."""

import json
import os
import stat
from pathlib import Path

import pytest

from leyline.client import manifest as manifests
from leyline.client import manifest_place
from leyline.client.manifest import Entry, InUse, Manifest, ManifestError, Sent

TASK = "0123456789abcdef0123456789abcdef"
SHA = "ab" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".leyline.jsonl"


@pytest.fixture
def environ(tmp_path):
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def entry(manifest, nth=1, again=0, parameters=None, sha256=SHA, path="/p/a.jpg"):
    key = manifest.key(sha256, parameters, nth, again)
    return Entry(key, path, 5, 7, sha256, parameters, nth, again, 100.0)


def sent(server="s1", state="queued", at=100.0):
    return Sent(server, "http://localhost:3000", state, TASK, "", None, at)


def filled(path, count=3):
    """A manifest with that many pictures of different content, each of which was sent."""
    manifest = Manifest(path)
    for number in range(count):
        made = entry(manifest, sha256=f"{number:064x}", path=f"/p/{number}.jpg")
        manifest.plan([made])
        manifest.note(made, sent())
    manifest.close()
    return manifest.content.id


def test_what_was_planned_and_what_became_of_it_is_there_again(path):
    first = Manifest(path)
    made = entry(first, parameters={"seconds": 4})
    first.plan([made])
    first.note(made, sent(state="queued"))
    first.note(made, sent(state="succeeded"))
    first.close()
    again = Manifest(path)
    assert again.content.id == first.content.id
    assert again.content.entries == {made.key: made}
    assert made.sent["s1"].state == "succeeded"
    assert again.content.latest(SHA, {"seconds": 4}, 1) == made
    assert again.content.latest(SHA, {"seconds": 5}, 1) is None


def test_it_is_nobody_elses_to_read(path):
    Manifest(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_follows_from_what_is_sent_and_from_the_manifest_alone(path, tmp_path):
    one, other = Manifest(path), Manifest(tmp_path / "other.jsonl")
    keys = {
        one.key(SHA, None, 1, 0),
        one.key(SHA, None, 2, 0),
        one.key(SHA, None, 1, 1),
        one.key(SHA, {"a": 1}, 1, 0),
        one.key("cd" * 32, None, 1, 0),
        other.key(SHA, None, 1, 0),
    }
    assert len(keys) == 6
    assert one.key(SHA, {"a": 1, "b": 2}, 1, 0) == one.key(SHA, {"b": 2, "a": 1}, 1, 0)


def test_each_line_is_on_the_disk_before_anything_is_sent(path, monkeypatch):
    manifest, synced = Manifest(path), []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(path.read_bytes()))
    made = entry(manifest)
    manifest.plan([made])
    assert made.key.encode() in synced[-1], "it was written, and then synced"


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_half_written_last_line_is_dropped_and_the_next_is_whole(path, cut):
    filled(path)
    path.write_bytes(path.read_bytes()[:-cut])
    manifest = Manifest(path)
    made = entry(manifest, sha256="ef" * 32)
    manifest.plan([made])
    manifest.close()
    again = Manifest(path)
    assert again.content.problems == []
    assert len(again.content.entries) == 4
    assert [each.sent == {} for each in again.content.entries.values()] == [False, False, True, True]


def test_every_cut_of_a_manifest_is_understood_or_begun_anew(path):
    known = filled(path)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        manifest = Manifest(path)
        lines = whole[:length].count(b"\n")
        assert (manifest.content.id == known) == (lines > 0), "without a whole first line nothing was ever sent"
        assert len(manifest.content.entries) == lines // 2
        assert not manifest.content.problems
        manifest.close()


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\x00\x00\x00",
        b"{}",
        b"[]",
        b'{"key": 4}',
        b'{"key": "k", "sha256": 4}',
        b'{"key": "k", "task_id": "../../etc"}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_a_damaged_line_is_told_with_its_number_and_costs_no_other(path, damage):
    filled(path)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:3], damage, *lines[3:]]) + b"\n")
    manifest = Manifest(path)
    assert len(manifest.content.entries) == 3
    assert manifest.content.problems == [f"{path}, line 4: It cannot be read, and is left out."]


def test_a_picture_whose_line_is_lost_keeps_its_key(path):
    filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lost = json.loads(lines[1])
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    manifest = Manifest(path)
    assert lost["key"] not in manifest.content.entries
    assert manifest.key(lost["sha256"], lost["parameters"], lost["nth"], lost["again"]) == lost["key"]


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"my diary\n", "is no manifest of leyline"),
        (b'{"id": "x"}\n', "is no manifest of leyline"),
        (b'{"leyline_manifest": 2, "id": "%s"}\n' % TASK.encode(), "is of a later release"),
    ],
)
def test_what_is_no_manifest_is_told_and_left_as_it_is(path, first, says):
    path.write_bytes(first)
    with pytest.raises(ManifestError, match=says):
        Manifest(path)
    assert path.read_bytes() == first


def test_two_commands_cannot_have_one_manifest(path):
    first = Manifest(path)
    with pytest.raises(InUse, match=r"Another leyline submit is at work with .*--manifest FILE"):
        Manifest(path)
    first.close()
    Manifest(path).close()


def test_one_that_was_put_aside_while_it_was_waited_for_is_not_written_to(path, tmp_path, monkeypatch):
    lock, moved = manifests._lock, []

    def move_then_lock(file, at):
        if not moved:
            moved.append(path.rename(tmp_path / "aside"))
        lock(file, at)

    monkeypatch.setattr(manifests, "_lock", move_then_lock)
    manifest = Manifest(path)
    assert manifest.content.id in path.read_text()
    assert (tmp_path / "aside").read_bytes() == b""


def test_a_full_disk_leaves_no_half_line_and_nothing_is_sent(path, monkeypatch):
    manifest = Manifest(path)
    before = path.read_bytes()
    write = os.write

    def fills_up(file, data):
        if len(data) > 20:
            return write(file, bytes(data[:20]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fills_up)
    made = entry(manifest)
    with pytest.raises(ManifestError, match="No space left on device"):
        manifest.plan([made])
    assert path.read_bytes() == before
    manifest.note(made, sent())
    assert manifest.unwritten and path.read_bytes() == before


def test_a_file_that_is_as_it_was_is_not_read_again(path, tmp_path, monkeypatch):
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"hello")
    os.utime(picture, (1000, 1000))
    manifest = Manifest(path)
    seen = manifest.fingerprint(picture)
    manifest.plan([Entry("k", str(picture), seen.size, seen.mtime_ns, seen.sha256, None, 1, 0, manifests.now())])
    manifest.close()
    again = Manifest(path)
    monkeypatch.setattr(manifests, "_read_whole", lambda path: pytest.fail("it was read"))
    assert again.fingerprint(picture) == seen


def test_a_file_that_may_still_have_been_written_is_read_again(path, tmp_path):
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"hello")
    manifest = Manifest(path)
    seen = manifest.fingerprint(picture)
    manifest.plan([Entry("k", str(picture), seen.size, seen.mtime_ns, seen.sha256, None, 1, 0, manifests.now())])
    manifest.close()
    picture.write_bytes(b"HELLO")
    os.utime(picture, ns=(seen.mtime_ns, seen.mtime_ns))  # so coarse are some disks' times
    assert Manifest(path).fingerprint(picture).sha256 != seen.sha256


# Where it lies


def test_it_lies_in_the_first_folder_or_in_the_first_that_has_one(tmp_path, environ):
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    manifest, told = manifest_place.beside(folders[1:], environ)
    assert (manifest.path, told) == (folders[1] / ".leyline.jsonl", "")
    manifest.close()
    assert manifest_place.beside(folders, environ)[0].path == folders[1] / ".leyline.jsonl", (
        "a new folder comes first"
    )


@pytest.fixture
def unwritable(monkeypatch):
    """Makes folders unwritable, also for a root that may write everywhere."""
    closed = []
    opened = os.open

    def refuse(path, flags, *mode, **more):
        if Path(path).parent in closed and flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *mode, **more)

    monkeypatch.setattr(os, "open", refuse)
    return closed


def test_of_a_folder_that_cannot_be_written_it_lies_in_the_state_folder(tmp_path, environ, unwritable):
    (tmp_path / "disc").mkdir()
    unwritable.append(tmp_path / "disc")
    manifest, told = manifest_place.beside([tmp_path / "disc"], environ)
    assert manifest.path.parent == tmp_path / "state" / "leyline"
    assert told.startswith(f"Nothing can be written in {tmp_path / 'disc'} (Permission denied): ")
    manifest.close()
    assert manifest_place.beside([tmp_path / "disc"], environ)[0].content.id == manifest.content.id


def test_a_folder_that_opens_and_closes_has_one_memory(tmp_path, environ, unwritable):
    folder = tmp_path / "disc"
    folder.mkdir()
    first, _ = manifest_place.beside([folder], environ)
    one = entry(first)
    first.plan([one])
    first.close()
    unwritable.append(folder)
    second, _ = manifest_place.beside([folder], environ)
    assert second.path.parent != folder
    two = entry(second, nth=2)
    second.plan([two])
    second.note(one, sent())
    second.close()
    unwritable.clear()
    third, _ = manifest_place.beside([folder], environ)
    assert third.path.parent == folder
    assert third.content.id == first.content.id
    assert list(third.content.entries) == [one.key, two.key]
    assert third.content.entries[one.key].sent["s1"].task_id == TASK
    third.close()
    assert len(Manifest(third.path).content.entries) == 2, "and it is written there by now"


def test_a_link_in_a_folder_of_somebody_elses_leads_nowhere(tmp_path, environ):
    precious = tmp_path / "precious"
    precious.touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / ".leyline.jsonl").symlink_to(precious)
    manifest, told = manifest_place.beside([tmp_path / "photos"], environ)
    assert manifest.path.parent == tmp_path / "state" / "leyline"
    assert precious.read_bytes() == b""
    assert told


def test_what_was_sent_can_be_looked_at_while_a_command_is_at_work(tmp_path, environ):
    manifest, _ = manifest_place.beside([tmp_path], environ)
    manifest.plan([entry(manifest)])
    found = manifest_place.found(tmp_path, environ)
    assert found and list(found.entries) == list(manifest.content.entries)
    assert manifest_place.found(tmp_path / "state", environ) is None
