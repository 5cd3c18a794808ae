"""The files that a clip leaves, read back with PyAV as a player would."""

import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image as Pillow

from leyline.watching.master import Master
from model_proc.clip import news
from model_proc.clip.clip import Clip
from model_proc.clip.muxing import check_codec
from model_proc.clip.news import Growth
from model_proc.motion import Move
from model_proc.path import CameraPath
from model_proc.simulated import SimulatedModel
from tests.photographs import photograph

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "brown": (200, 100, 50),
}


@pytest.fixture
def clip(tmp_path: Path) -> Iterator[Clip]:
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg")
    yield clip
    clip.discard()


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def read(path: Path) -> tuple[av.container.InputContainer, list[av.VideoFrame]]:
    video = av.open(str(path))
    return video, list(video.decode(video=0))


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    """The boxes of an MP4 (ISO/IEC 14496-12, 4.2), name and content."""
    found, place = [], 0
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        found.append((name.decode(), data[place + 8 : place + length]))
        place += length
    return found


# What a player finds


@pytest.mark.long
@pytest.mark.slow
def test_default_video_of_the_simulated_model_is_what_the_page_plays(tmp_path, clip):
    picture = np.random.default_rng(3).integers(0, 255, (40, 64, 3), np.uint8)
    SimulatedModel({"model_seconds": 0}).generate(picture, clip, lambda progress, stage="": None)
    clip.close()
    video, frames = read(tmp_path / "video.part")
    stream = video.streams.video[0]
    assert abs(video.duration / 1e6 - 6.0) <= 0.05
    assert (clip.width, clip.height, clip.seconds) == (1152, 720, 6.0)
    assert (stream.width, stream.height, len(frames)) == (1152, 720, 180)
    assert stream.average_rate == 30
    first, middle = (frames[number].to_ndarray(format="rgb24").astype(int) for number in (0, 90))
    assert np.abs(first - middle).mean() > 5
    video.close()


def test_video_is_h264_main_in_fragments_of_a_second(tmp_path, clip):
    for number in range(75):
        clip.write(plain((number * 3, 100, 50)))
    clip.close()
    video, frames = read(tmp_path / "video.part")
    context = video.streams.video[0].codec_context
    assert (context.name, context.profile, context.pix_fmt) == ("h264", "Main", "yuv420p")
    assert [round(frame.time, 3) for frame in frames if frame.key_frame] == [0, 1, 2]
    assert video.duration == 2_500_000
    names = [name for name, _ in boxes((tmp_path / "video.part").read_bytes())]
    assert names[:2] == ["ftyp", "moov"]
    assert names.count("moof") == names.count("mdat") == 3
    video.close()


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_come_back_by_the_matrix_and_range_that_are_tagged(tmp_path, clip, colour):
    red, green, blue = (value / 255 for value in COLOURS[colour])
    for _ in range(3):
        clip.write(plain(COLOURS[colour]))
    clip.close()
    video, frames = read(tmp_path / "video.part")
    frame = frames[1]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # ITU-R BT.709-6, 3.2 to 3.4
    expected = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    stored = [np.frombuffer(plane, np.uint8)[8] for plane in frame.planes]
    assert np.abs(np.subtract(stored, expected)).max() <= 2
    assert (frame.colorspace, frame.color_range) == (Colorspace.ITU709, ColorRange.MPEG)
    assert (frame.color_primaries, frame.color_trc) == (ColorPrimaries.BT709, ColorTrc.BT709)
    video.close()


def test_a_slow_move_does_not_grow_sharp_at_each_keyframe(tmp_path, clip):
    """Sharpness as the variance of the Laplacian; of the frames that go in, it changes by less than 1 %."""
    move = Move(photograph(0), 360, CameraPath("in"))
    for number in range(62):
        clip.write(move.frame(number / 180))
    clip.close()
    _, frames = read(tmp_path / "video.part")
    sharpness = [cv2.Laplacian(frame.to_ndarray(format="gray"), cv2.CV_64F).var() for frame in frames]
    for key in (30, 60):
        assert frames[key].key_frame
        assert sharpness[key] < 1.1 * sharpness[key - 1]


def test_picture_reaches_every_edge(tmp_path, clip):
    for _ in range(3):
        clip.write(plain((250, 250, 250), 66, 50))
    clip.close()
    video, frames = read(tmp_path / "video.part")
    assert frames[0].to_ndarray(format="rgb24").min() > 240
    video.close()


@pytest.mark.parametrize(
    ("size", "even"), [((47, 33), (46, 32)), ((2, 2), (2, 2)), ((3, 3), (2, 2)), ((16, 16), (16, 16))]
)
def test_odd_edges_are_cropped_and_tiny_frames_are_fine(tmp_path, clip, size, even):
    for _ in range(3):
        clip.write(plain((9, 99, 199), *size))
    clip.close()
    video, frames = read(tmp_path / "video.part")
    assert {(frame.width, frame.height) for frame in frames} == {even} == {(clip.width, clip.height)}
    video.close()


def test_frame_rate_is_the_models_to_choose_before_its_first_frame(tmp_path, clip):
    clip.fps = 8
    for _ in range(12):
        clip.write(plain((1, 2, 3)))
    with pytest.raises(ValueError, match="before the first frame"):
        clip.fps = 30
    clip.close()
    assert clip.seconds == 1.5
    video, _ = read(tmp_path / "video.part")
    assert video.duration == 1_500_000
    video.close()


@pytest.mark.parametrize("fps", [0, -1, 29.97, 1000, float("nan")])
def test_frame_rate_that_makes_no_sense_is_refused(clip, fps):
    with pytest.raises(ValueError, match="whole number from 1 to 240"):
        clip.fps = fps


def test_vp9_can_be_chosen(tmp_path):
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", codec="libvpx-vp9")
    for _ in range(10):
        clip.write(plain((200, 100, 50)))
    clip.close()
    video, frames = read(tmp_path / "video.part")
    assert (video.streams.video[0].codec_context.name, len(frames)) == ("vp9", 10)
    assert np.abs(frames[5].to_ndarray(format="rgb24")[24, 32].astype(int) - (200, 100, 50)).max() <= 4
    video.close()


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
def test_codecs_that_work_pass_the_check(codec):
    assert check_codec(codec) is None


@pytest.mark.parametrize("codec", ["libvpx", "aac", "nonsense", ""])
def test_codecs_that_cannot_write_mp4_are_refused_with_a_plain_sentence(codec):
    with pytest.raises(ValueError, match=f"The video encoder '{codec}' cannot write MP4 here; libx264 can."):
        check_codec(codec)


# The files


def test_files_are_for_this_user_only(tmp_path, clip):
    clip.write(plain((1, 2, 3)))
    clip.close()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"video.part": 0o600, "preview.jpg": 0o600}


def test_discarded_clip_leaves_no_video(tmp_path, clip):
    clip.discard()
    for _ in range(100):
        clip.write(plain((1, 2, 3)))
    clip.discard()
    clip.discard()
    assert not (tmp_path / "video.part").exists()


def test_full_disk_is_an_error_and_the_clip_can_still_be_discarded(tmp_path, clip):
    (tmp_path / "video.part").symlink_to("/dev/full")
    noise = np.random.default_rng(4).integers(0, 255, (120, 120, 3), np.uint8)
    with pytest.raises(OSError, match="No space left"):
        for _ in range(200):
            clip.write(noise)
    clip.discard()
    assert not (tmp_path / "video.part").is_symlink()


def test_clip_without_frames_is_no_video(clip):
    with pytest.raises(ValueError, match="no frames"):
        clip.close()


# Frames that are none


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ([[1, 2, 3]], "NumPy array, not a list"),
        (np.zeros((8, 8, 3), np.float32), "uint8, not float32"),
        (np.zeros((8, 8), np.uint8), "shape (height, width, 3), not (8, 8)"),
        (np.zeros((8, 8, 4), np.uint8), "shape (height, width, 3), not (8, 8, 4)"),
        (np.zeros((1, 8, 3), np.uint8), "at least 2 × 2 pixels, not 8 × 1"),
        (np.zeros((0, 0, 3), np.uint8), "at least 2 × 2 pixels, not 0 × 0"),
    ],
)
def test_what_is_no_frame_is_refused_in_words(clip, frame, words):
    with pytest.raises(ValueError) as refusal:
        clip.write(frame)
    assert words in str(refusal.value)


def test_frame_of_another_size_is_refused(clip):
    clip.write(plain((1, 2, 3), 64, 48))
    with pytest.raises(ValueError, match="32 × 48 pixels came after frames of 64 × 48"):
        clip.write(plain((1, 2, 3), 32, 48))


def test_frame_that_is_a_view_of_another_array_is_fine(tmp_path, clip):
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, 50:] = 200
    for _ in range(3):
        clip.write(picture[10:60:1, ::-1][:, :40])
    clip.close()
    video, frames = read(tmp_path / "video.part")
    assert frames[0].to_ndarray(format="rgb24").min() > 190
    video.close()


def test_each_frame_may_be_refused_from_outside(tmp_path):
    def stop() -> None:
        raise InterruptedError

    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", on_frame=stop)
    with pytest.raises(InterruptedError):
        clip.write(plain((1, 2, 3)))


# Previews


def test_preview_is_small_counted_and_not_made_for_every_frame(tmp_path):
    revisions: list[int] = []
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", on_preview=revisions.append)
    for _ in range(5):
        clip.write(plain((200, 100, 50), 640, 360))
    clip.discard()
    assert revisions == [1]
    with Pillow.open(tmp_path / "preview.jpg") as preview:
        assert (preview.format, preview.size) == ("JPEG", (320, 180))
        assert np.abs(np.subtract(preview.getpixel((160, 90)), (200, 100, 50))).max() <= 4


def test_preview_is_renewed_each_second(tmp_path, monkeypatch):
    now = 0.0
    monkeypatch.setattr("model_proc.clip.news.time.monotonic", lambda: now)
    revisions: list[int] = []
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", on_preview=revisions.append)
    for number in range(25):
        now = 100 + number / 10
        clip.write(plain((10 * number, 0, 0)))
    clip.discard()
    assert revisions == [1, 2, 3]
    assert {path.name for path in tmp_path.iterdir()} == {"preview.jpg"}
    with Pillow.open(tmp_path / "preview.jpg") as preview:
        assert abs(preview.getpixel((32, 24))[0] - 200) <= 4


# Growing


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "GROWTH_SECONDS", 0.0)


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
def test_what_is_told_of_can_be_read_and_never_changes(tmp_path, told_at_once, codec):
    path, told, seen = tmp_path / "video.part", [], []

    def on_growth(segments: int, seconds: float) -> None:
        with Master(path, growing=True) as master:
            assert (len(master.layout.segments), master.layout.seconds) == (segments, seconds)
            seen.append(path.read_bytes()[: master.layout.size])
        told.append((segments, seconds))

    clip = Clip(path, tmp_path / "preview.jpg", codec, on_growth=on_growth)
    for number in range(100):
        clip.write(plain((2 * number, 100, 50)))
    clip.close()
    assert told[:2] == [(1, 1.0), (2, 2.0)] and len(told) == len(set(told))
    finished = path.read_bytes()
    assert all(finished.startswith(earlier) for earlier in seen)


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
def test_of_the_simulated_models_thirty_seconds_eight_are_enough_for_the_first(tmp_path, codec):
    """In the model's own time: what it had reported of its way when the first second could be watched."""
    reported, first = [0.0], []
    clip = Clip(
        tmp_path / "video.part",
        tmp_path / "preview.jpg",
        codec,
        on_growth=lambda segments, seconds: first.append((seconds, reported[-1])),
    )
    model = SimulatedModel({"model_seconds": 0, "clip_height": 90})
    model.load()
    model.generate(plain((200, 100, 50), 160, 90), clip, lambda progress, stage="": reported.append(progress))
    clip.close()
    seconds, progress = first[0]
    assert seconds == 1 and progress / 100 * 30 < 7.5, "with half a second for the way to whoever watches"


def test_growth_is_told_at_once_and_then_once_a_second(monkeypatch):
    now, told, timers = 100.0, [], []

    class Timer:
        def __init__(self, seconds, ring):
            self.seconds, self.ring, self.canceled = seconds, ring, False
            timers.append(self)

        def start(self):
            pass

        def cancel(self):
            self.canceled = True

    monkeypatch.setattr(news.time, "monotonic", lambda: now)
    monkeypatch.setattr(news.threading, "Timer", Timer)
    growth = Growth(lambda segments, seconds: told.append(segments))
    growth.tell(1, 1.0)
    now = 100.25
    for segments in (2, 3):
        growth.tell(segments, segments)
    assert (told, [timer.seconds for timer in timers]) == ([1], [0.75])
    now = 101.0
    timers[0].ring()
    assert told == [1, 3]
    now = 102.5
    growth.tell(4, 4.0)
    now = 102.75
    growth.tell(5, 5.0)
    growth.close()
    timers[1].ring()
    growth.tell(6, 6.0)
    assert told == [1, 3, 4] and timers[1].canceled, "after its end there is nothing to tell"


def test_a_clip_that_is_dropped_tells_nothing_more(tmp_path, told_at_once):
    told: list[int] = []
    clip = Clip(tmp_path / "v", tmp_path / "p.jpg", on_growth=lambda segments, seconds: told.append(segments))
    for _ in range(50):
        clip.write(plain((1, 2, 3)))
    clip.discard()
    assert told == [1] and not (tmp_path / "v").exists()
