"""Files that are no whole video, or lead elsewhere: each is refused in a sentence, and the clip is as it was."""

import os
import random
from pathlib import Path
from typing import Any

import av
import pytest

from leyline.watching.master import Master
from model_proc.clip import source as source_module
from model_proc.clip.clip import Clip
from tests.video_files import HEIGHT, WIDTH, make_video, picture, shown

pytestmark = pytest.mark.slow


def cut(tmp_path: Path, keep: float, **given: Any) -> Path:
    """A video of which only so much was written."""
    whole = make_video(tmp_path / "whole.mp4", **given).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: round(keep * len(whole))])
    return path


def spoilt(tmp_path: Path) -> Path:
    """A video with noise in the middle of its pictures."""
    whole = bytearray(make_video(tmp_path / "spoilt.mp4", 100, options={"crf": "5"}).read_bytes())
    middle = len(whole) // 3
    whole[middle : middle + 3000] = os.urandom(3000)
    (tmp_path / "spoilt.mp4").write_bytes(whole)
    return tmp_path / "spoilt.mp4"


def only_sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.mp4"
    with (
        av.open(str(make_video(tmp_path / "whole.mp4", sound="aac"))) as source,
        av.open(str(path), "w") as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return path


def written(tmp_path: Path, name: str, data: bytes) -> Path:
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.mp4")
    return tmp_path / "pipe.mp4"


REFUSED = {
    "nothing": (lambda at: at / "nothing.mp4", "nothing.mp4 cannot be opened: No such file"),
    "a folder": (lambda at: at, "no file that could be a video"),
    "a pipe": (pipe, "no file that could be a video"),
    "an empty file": (lambda at: written(at, "empty.mp4", b""), "empty.mp4 is empty"),
    "a text": (lambda at: written(at, "text.mp4", b"#!/bin/sh\n" * 100), "neither MP4"),
    "a list that names an address": (
        lambda at: written(at, "list.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://localhost/a.ts\n"),
        "neither MP4",
    ),
    "a list that names a file": (
        lambda at: written(at, "concat.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        "neither MP4",
    ),
    "noise": (lambda at: written(at, "noise.mp4", b"\0\0\0\x20ftypisom" + os.urandom(5000)), "damaged"),
    "a file cut short, whose end tells what is in it": (
        lambda at: cut(at, 0.4),
        "damaged, or not written to its end",
    ),
    "a file cut short, whose beginning tells it": (
        lambda at: cut(at, 0.7, frames=100, container_options={"movflags": "faststart"}),
        "is cut short|damaged",
    ),
    "noise in its pictures": (spoilt, "damaged"),
    "only sound": (only_sound, "has no picture"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_whole_video_is_refused_in_a_sentence_and_leaves_the_clip_as_it_was(
    tmp_path: Path, clip: Clip, what: str
) -> None:
    make, sentence = REFUSED[what]
    with pytest.raises(ValueError, match=sentence) as refused:
        clip.take(make(tmp_path))
    assert str(tmp_path) not in str(refused.value)
    assert not (tmp_path / "video.part").exists()
    clip.write(picture(0))  # another way, then
    clip.close()
    assert clip.frames == 1 and not clip.has_sound


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_a_damaged_file_is_taken_or_refused_whatever_was_damaged(tmp_path: Path, suffix: str) -> None:
    chance = random.Random(suffix)
    codec, sound = ("mpeg4", "mp3") if suffix == "avi" else ("libx264", "aac")
    whole = make_video(tmp_path / f"whole.{suffix}", 30, codec=codec, sound=sound).read_bytes()
    damaged = tmp_path / f"damaged.{suffix}"
    refused = 0
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 5, 20])):
            at = chance.choice([chance.randrange(len(data)), chance.randrange(3000)])
            data[at : at + 4] = chance.choice([chance.randbytes(4), b"\xff" * 4, bytes(4)])
        damaged.write_bytes(data)
        clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg")
        try:
            clip.take(damaged)
            clip.close()
            Master(tmp_path / "video.part").close()
        except ValueError as error:
            assert "damaged" in str(error)  # by its sentence, or at least by its name
            refused += 1
        clip.discard()
        assert not (tmp_path / "video.part").exists()
    assert refused


def test_a_video_too_long_is_refused_before_it_is_decoded(tmp_path: Path, clip: Clip) -> None:
    slow = make_video(tmp_path / "slow.mp4", times=[0, 1_000_000, 1_900_000])
    with pytest.raises(ValueError, match="longer than 30 minutes"):
        clip.take(slow)


def test_a_video_too_large_to_decode_is_refused(
    tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MAX_PIXELS", WIDTH * HEIGHT - 1)
    with pytest.raises(ValueError, match=f"frames of {WIDTH} × {HEIGHT} pixels, which is too many"):
        clip.take(make_video(tmp_path / "source.mp4"))


def test_a_file_that_is_still_written_to_is_refused(tmp_path: Path) -> None:
    source = make_video(tmp_path / "source.mp4")

    def write_on(share: float) -> None:
        with source.open("ab") as file:
            file.write(b"more")

    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", on_share=write_on)
    with pytest.raises(ValueError, match="still being written"):
        clip.take(source)
    assert not (tmp_path / "video.part").exists()


def test_a_link_is_what_it_leads_to(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "latest.mp4").symlink_to(make_video(tmp_path / "source.mp4"))
    clip.take(tmp_path / "latest.mp4")
    clip.close()
    assert len(shown(tmp_path / "video.part")) == 50


def test_a_clip_is_written_or_taken_and_taken_once(tmp_path: Path, clip: Clip) -> None:
    source = make_video(tmp_path / "source.mp4")
    clip.take(source)
    for again in (lambda: clip.take(source), lambda: clip.write(picture(0))):
        with pytest.raises(ValueError, match="either written frame by frame or taken"):
            again()
    clip.close()
    written = Clip(tmp_path / "other.part", tmp_path / "preview.jpg")
    written.write(picture(0))
    with pytest.raises(ValueError, match="either written"):
        written.take(source)
    written.close()
    assert len(shown(tmp_path / "video.part")) == 50
