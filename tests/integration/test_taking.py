"""Finished video files that a model hands over: each becomes a master with the same pictures at the same times."""

import itertools
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from leyline.watching.master import Master
from model_proc.burning import burn
from model_proc.clip.clip import Clip
from model_proc.model import Canceled
from tests.live_server import Api, LiveServer
from tests.pictures import photo
from tests.video_files import HEIGHT, WIDTH, make_video, picture, shown
from tests.watch_site import packets

pytestmark = pytest.mark.slow

UNEVEN = [0, 40, 80, 200, 240, 700, 1000, 1033, 1066, 1500, 2400, 2440, 3000]  # milliseconds
TRANSFER_PQ, TRANSFER_HLG, PRIMARIES_2020, MATRIX_2020 = 16, 18, 9, 9


def heard(path: Path) -> tuple[np.ndarray, int]:
    """The sound's samples in one channel, as a player hears them from the first picture on; and their rate."""
    with av.open(str(path)) as video:
        frames = list(video.decode(audio=0))
    rate = frames[0].sample_rate
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return samples[max(0, -round(float(frames[0].time) * rate)) :], rate


def pitch(samples: np.ndarray, rate: int) -> float:
    """Of the loudest tone, in hertz; 0 for silence."""
    if np.abs(samples).max() < 0.01:
        return 0.0
    levels = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(levels.argmax() * rate / len(samples))


def layout(path: Path) -> Any:
    with Master(path) as master:
        return master.layout


# What browsers play is copied

COPIED: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264-and-aac.mp4": {"sound": "aac"},
    "h264-and-opus.mkv": {"sound": "libopus"},
    "vp9-and-opus.webm": {"codec": "libvpx-vp9", "sound": "libopus"},
    "uneven.mp4": {"times": UNEVEN},
    "late.mp4": {"begins": 5000, "sound": "aac"},
    "in-fragments.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov+delay_moov"}},
}


@pytest.mark.parametrize("name", COPIED)
def test_what_browsers_play_is_copied_without_loss(tmp_path: Path, clip: Clip, name: str) -> None:
    source = make_video(tmp_path / name, **COPIED[name])
    clip.take(source)
    clip.close()
    master = tmp_path / "video.part"
    assert [data for _, _, data in packets(master)] == [data for _, _, data in packets(source)]
    times = COPIED[name].get("times") or [40 * number for number in range(50)]
    assert shown(master) == [(number, time / 1000) for number, time in enumerate(times)]
    assert (clip.width, clip.height, clip.frames) == (WIDTH, HEIGHT, len(times))
    assert clip.seconds == pytest.approx(layout(master).seconds) == pytest.approx(times[-1] / 1000 + 0.04)
    assert clip.has_sound == ("sound" in COPIED[name])
    if clip.has_sound:
        ours, theirs = ({data for _, _, data in packets(path, None, "audio")} for path in (master, source))
        assert ours <= theirs and len(ours) >= len(theirs) - 2
        assert pitch(*heard(master)) == pytest.approx(440, abs=2)
    assert (tmp_path / "preview.jpg").is_file()
    assert source.is_file()


def test_a_video_of_keyframes_only_is_copied_in_segments_that_can_be_fetched(tmp_path: Path, clip: Clip) -> None:
    source = make_video(tmp_path / "source.mp4", 100, options={"g": "1"}, sound="aac")
    clip.take(source)
    clip.close()
    assert [data for _, _, data in packets(tmp_path / "video.part")] == [data for _, _, data in packets(source)]
    starts = [start for start, _ in layout(tmp_path / "video.part").segments]
    assert len(starts) == 8 and all(0.5 <= later - start < 0.6 for start, later in itertools.pairwise(starts))
    assert shown(tmp_path / "video.part") == shown(source)


def test_copied_sound_is_not_a_sample_early_or_late(tmp_path: Path, clip: Clip) -> None:
    source = make_video(tmp_path / "source.mp4", sound="aac")
    clip.take(source)
    clip.close()
    (ours, rate), (theirs, _) = heard(tmp_path / "video.part"), heard(source)
    assert np.abs(ours[: rate // 2] - theirs[: rate // 2]).max() < 1e-4


# Anything else is encoded

ENCODED: dict[str, dict[str, Any]] = {
    "hevc-of-10-bits.mp4": {
        "codec": "libx265",
        "pix_fmt": "yuv420p10le",
        "options": {"x265-params": "log-level=none"},
    },
    "h264-of-10-bits.mp4": {"pix_fmt": "yuv420p10le", "times": UNEVEN},
    "h264-4:4:4.mp4": {"pix_fmt": "yuv444p"},
    "lossless-and-odd.mkv": {"codec": "ffv1", "pix_fmt": "yuv444p", "size": (WIDTH + 1, HEIGHT + 1)},
    "long-stretches.mp4": {
        "frames": 200,
        "options": {"g": "250", "keyint_min": "250", "sc_threshold": "0"},
    },
    "open-stretches.mp4": {"frames": 80, "options": {"x264-params": "open-gop=1:keyint=25:bframes=3"}},
    "interlaced.mkv": {"interlaced": True},
    "av1.mkv": {"codec": "libsvtav1"},
    "a-broadcast.ts": {"sound": "aac"},
    "and-mp3.avi": {"codec": "mpeg4", "sound": "mp3"},
    "begins-before-0.mp4": {"begins": -200, "sound": "aac"},
}


@pytest.mark.parametrize("name", ENCODED)
def test_anything_else_is_encoded_and_each_picture_keeps_its_time(tmp_path: Path, clip: Clip, name: str) -> None:
    given = ENCODED[name]
    source = make_video(tmp_path / name, **given)
    clip.take(source)
    clip.close()
    master = tmp_path / "video.part"
    theirs = shown(source)
    first = theirs[0][1]
    got = shown(master)
    assert [number for number, _ in got] == [number for number, _ in theirs]
    assert [time for _, time in got] == pytest.approx([time - first for _, time in theirs], abs=0.002)
    assert (clip.width, clip.height, clip.frames) == (WIDTH, HEIGHT, len(theirs))
    starts = [start for start, _ in layout(master).segments]
    assert all(later - start < 1.6 for start, later in itertools.pairwise(starts))
    assert clip.seconds == pytest.approx(layout(master).seconds)
    assert clip.has_sound == ("sound" in given)
    if clip.has_sound:
        assert layout(master).codec.endswith(",mp4a.40.2")
        assert pitch(*heard(master)) == pytest.approx(440, abs=2)
    with av.open(str(master)) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")


def test_an_encoder_of_the_server_s_choice_is_used(tmp_path: Path) -> None:
    source = make_video(tmp_path / "source.mkv", codec="ffv1", pix_fmt="yuv420p", sound="flac")
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", "libvpx-vp9")
    clip.take(source)
    clip.close()
    assert layout(tmp_path / "video.part").codec.startswith("vp09.00.")
    assert len(shown(tmp_path / "video.part")) == 50


@pytest.mark.parametrize(("rotation", "where"), [(90, (-1, 0)), (180, (-1, -1)), (270, (0, -1))])
def test_a_video_that_lies_on_its_side_is_set_upright(
    tmp_path: Path, clip: Clip, rotation: int, where: tuple[int, int]
) -> None:
    marked = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    marked[:30, :50] = (250, 40, 40)
    with av.open(str(tmp_path / "source.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.set_display_rotation(rotation)  # counter-clockwise: what is at the left above goes down at the left
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(marked, "rgb24")))
        container.mux(stream.encode(None))
    clip.take(tmp_path / "source.mp4")
    clip.close()
    upright = (HEIGHT, WIDTH) if rotation % 180 else (WIDTH, HEIGHT)
    assert (clip.width, clip.height) == upright
    with av.open(str(tmp_path / "video.part")) as video:
        frame = next(video.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    corner = frame[10 if where[0] == 0 else -10, 10 if where[1] == 0 else -10]
    assert corner[0] > 200 and corner[1] < 90


def test_pixels_that_are_not_square_become_so(tmp_path: Path, clip: Clip) -> None:
    source = make_video(tmp_path / "source.mp4", options={"aspect": "2"}, codec="libx264")
    with av.open(str(source)) as video:
        assert video.streams.video[0].sample_aspect_ratio == 2
    clip.take(source)
    clip.close()
    assert (clip.width, clip.height) == (2 * WIDTH, HEIGHT)


def test_a_video_too_large_for_browsers_is_made_smaller(tmp_path: Path, clip: Clip) -> None:
    clip.take(make_video(tmp_path / "source.mp4", 3, size=(5120, 200), options={"preset": "ultrafast"}))
    clip.close()
    assert (clip.width, clip.height) == (4096, 160)


def combed(number: int) -> av.VideoFrame:
    """A frame of two fields, half a frame apart, of a column that moves by 20 pixels each frame."""
    woven = picture(10 * number)
    woven[1::2] = picture(10 * number + 5)[1::2]
    return av.VideoFrame.from_ndarray(woven, "rgb24").reformat(format="yuv420p")


def comb(path: Path) -> list[float]:
    """How much neighbouring rows differ, frame by frame."""
    with av.open(str(path)) as video:
        luma = [frame.to_ndarray(format="gray")[10:-10].astype(float) for frame in video.decode(video=0)]
    return [float(np.abs(np.diff(each, axis=0)).mean()) for each in luma]


def interlaced_later(path: Path) -> Path:
    """A video whose first 25 frames are whole, and the next 25 of two fields."""
    with av.open(str(path), "w") as container:
        tracks = [container.add_stream("libx264", rate=25, options={"g": "25", "profile": "high"})]
        fields = av.CodecContext.create("libx264", "w")
        fields.options = {"g": "25", "profile": "high", "flags": "+ildct+ilme"}
        for context in (tracks[0].codec_context, fields):
            context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            context.time_base = Fraction(1, 25)
        fields.framerate = 25
        whole = [av.VideoFrame.from_ndarray(picture(at), "rgb24").reformat(format="yuv420p") for at in range(25)]
        for context, frames in ((tracks[0].codec_context, whole), (fields, [combed(at) for at in range(25)])):
            for number, frame in enumerate(frames):
                frame.pts, frame.time_base = number + (25 if context is fields else 0), Fraction(1, 25)
            for frame in [*frames, None]:
                for packet in context.encode(frame):
                    packet.stream = tracks[0]
                    container.mux(packet)
    return path


@pytest.mark.parametrize("name", ["a-broadcast.ts", "copied-at-first.mkv"])
def test_a_video_that_is_interlaced_later_only_is_deinterlaced_from_there_on(
    tmp_path: Path, clip: Clip, name: str
) -> None:
    source = interlaced_later(tmp_path / "source.ts")
    if name.endswith(".mkv"):
        source = remuxed(source, tmp_path / name)
    before = comb(source)
    assert max(before[:25]) < 1 < 5 < min(before[25:])
    clip.take(source)
    clip.close()
    assert len(shown(tmp_path / "video.part")) == 50
    assert max(comb(tmp_path / "video.part")) < 1


def remuxed(source: Path, target: Path) -> Path:
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                made.mux(packet)
    return target


# Colours


def grey_video(path: Path, grey: int, transfer: int) -> Path:
    """A grey of so many of 1023 in a video of high dynamic range."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx265", rate=25, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = PRIMARIES_2020, transfer, MATRIX_2020
        for _ in range(3):
            frame = av.VideoFrame(64, 48, "yuv420p10le")
            for plane, value in zip(frame.planes, (grey, 512, 512), strict=True):
                plane.update(np.full(plane.buffer_size // 2, value, "<u2").tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def tone_of(tmp_path: Path, grey: int, transfer: int) -> list[int]:
    """What a browser shows of it: red, green and blue of 255."""
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg")
    clip.take(grey_video(tmp_path / f"{transfer}-{grey}.mp4", grey, transfer))
    clip.close()
    with av.open(str(tmp_path / "video.part")) as video:
        context = video.streams.video[0].codec_context
        assert (context.pix_fmt, int(context.color_trc), int(context.color_primaries)) == ("yuv420p", 1, 1)
        frame = next(video.decode(video=0))
    return [int(value) for value in frame.to_ndarray(format="rgb24")[20, 30]]


def test_bright_colours_are_toned_down_and_ordinary_ones_stay(tmp_path: Path) -> None:
    """Luma of PQ at 0, 26, 203 (the white of ordinary pictures) and 1000 nits."""
    black, dark, white, peak = (tone_of(tmp_path, luma, TRANSFER_PQ) for luma in (64, 397, 573, 723))
    assert max(black) <= 3
    assert all(value == pytest.approx(94, abs=8) for value in dark)  # 0.128 of white, by BT.709's curve
    assert min(white) > 220 and max(white) < 250
    assert min(peak) >= 250
    assert max(max(tone) - min(tone) for tone in (black, dark, white, peak)) <= 3, "grey stays grey"


def test_hybrid_log_gamma_is_toned_down_too(tmp_path: Path) -> None:
    dark, white, peak = (tone_of(tmp_path, luma, TRANSFER_HLG) for luma in (64 + 876 * 3 // 10, 721, 940))
    assert max(dark) < min(white) < min(peak)
    assert min(white) > 220 and max(white) < 252 and min(peak) >= 250


def test_tables_may_lie_in_any_folder_and_are_written_only_where_they_are_needed(
    tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "it's, a:folder[1]"
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    assert min(tone_of(tmp_path, 723, TRANSFER_PQ)) >= 250
    assert not list(odd.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    clip.take(make_video(tmp_path / "source.mkv", 3, codec="ffv1"))
    clip.close()
    assert clip.frames == 3


# Sound that does not fit its picture


@pytest.mark.parametrize(
    ("given", "silent", "sounding"),
    [
        ({"sound_seconds": 0.8}, (1.0, 1.9), (0.1, 0.7)),
        ({"sound_from": 0.7, "sound_seconds": 1.3}, (0.0, 0.6), (0.9, 1.8)),
        ({"sound_seconds": 4.0}, None, (0.1, 1.9)),
    ],
    ids=["ends early", "begins late", "goes on"],
)
def test_sound_lasts_as_long_as_the_picture_and_is_silent_where_there_is_none(
    tmp_path: Path, clip: Clip, given: dict[str, float], silent: tuple[float, float] | None, sounding: Any
) -> None:
    clip.take(make_video(tmp_path / "source.mp4", sound="aac", **given))
    clip.close()
    samples, rate = heard(tmp_path / "video.part")
    assert len(samples) / rate == pytest.approx(2.0, abs=0.05)
    assert pitch(samples[round(sounding[0] * rate) : round(sounding[1] * rate)], rate) == pytest.approx(440, abs=3)
    if silent:
        assert np.abs(samples[round(silent[0] * rate) : round(silent[1] * rate)]).max() < 0.02


# While it is taken


@pytest.mark.parametrize("name", ["copied.mp4", "encoded.mkv"])
def test_it_tells_its_share_and_can_be_canceled_at_each_frame(tmp_path: Path, name: str) -> None:
    given = {"codec": "ffv1"} if name.endswith("mkv") else {}
    source = make_video(tmp_path / name, **given)
    shares: list[float] = []

    def stop_half_way() -> None:
        if shares and shares[-1] > 0.5:
            raise Canceled

    clip = Clip(tmp_path / "video.part", tmp_path / "p.jpg", on_frame=stop_half_way, on_share=shares.append)
    with pytest.raises(Canceled):
        clip.take(source)
    assert not (tmp_path / "video.part").exists()
    assert shares == sorted(shares) and 0.5 < shares[-1] < 0.6
    whole = Clip(tmp_path / "video.part", tmp_path / "p.jpg", on_share=shares.append)
    whole.take(source)
    whole.close()
    assert shares[-1] == pytest.approx(0.98)


def test_what_is_encoded_is_watched_as_it_grows_with_its_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_proc.clip.news.GROWTH_SECONDS", 0.0)
    source = make_video(tmp_path / "source.mkv", 150, codec="ffv1", sound="flac")
    path, told = tmp_path / "video.part", []

    def look(segments: int, seconds: float) -> None:
        with Master(path, growing=True) as master:
            told.append((segments, seconds, master.layout))

    clip = Clip(path, tmp_path / "p.jpg", on_growth=look)
    clip.take(source)
    clip.close()
    whole = layout(path)
    assert [segments for segments, _, _ in told] == [1, 2, 3, 4, 5, 6][: len(told)] and len(told) >= 4
    for segments, seconds, so_far in told:
        assert not so_far.complete and so_far.codec == whole.codec
        assert len(so_far.segments) >= segments
        assert so_far.segments == whole.segments[: len(so_far.segments)]
        assert seconds == pytest.approx(segments)


# Copies with a label


@pytest.mark.parametrize("name", ["h264-and-aac.mp4", "uneven.mp4", "h264-and-opus.mkv"])
def test_a_burned_copy_keeps_the_sound_and_the_times(tmp_path: Path, clip: Clip, name: str) -> None:
    clip.take(make_video(tmp_path / name, **COPIED[name]))
    clip.close()
    master, copy = tmp_path / "video.part", tmp_path / "copy.part"
    burn(master, copy, "For Anna", "libx264", lambda: None)
    assert [time for _, time in shown(copy)] == [time for _, time in shown(master)]
    assert layout(copy).codec.split(",")[1:] == layout(master).codec.split(",")[1:]
    assert layout(copy).seconds == pytest.approx(layout(master).seconds, abs=0.5)
    if clip.has_sound:
        ours, theirs = ([data for _, _, data in packets(path, None, "audio")] for path in (copy, master))
        assert ours == theirs
        assert pitch(*heard(copy)) == pytest.approx(440, abs=2)


def test_what_was_taken_holds_no_file_open(tmp_path: Path, clip: Clip) -> None:
    source = make_video(tmp_path / "source.mkv", codec="ffv1", sound="flac")
    before = len(list(Path("/proc/self/fd").iterdir()))
    clip.take(source)
    clip.close()
    shutil.rmtree(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.gen_test(timeout=60)
async def test_a_file_goes_the_whole_way_from_the_model_to_a_view_with_sound(tmp_path: Path) -> None:
    source = make_video(tmp_path / "source.mov", 75, sound="aac")
    server = LiveServer(tmp_path / "data", model="tests.models.plain:Takes")
    server.environment["TAKES"] = str(source)
    with server:
        api = await Api(server.url).open_page()
        task = (await api.upload(photo()))[1]
        finished = await api.finished(task["task_id"])
        video = finished["video"]
        assert (video["width"], video["height"], video["seconds"], video["sound"]) == (WIDTH, HEIGHT, 3.0, True)
        _, view = await api.call("POST", f"/api/video/{task['task_id']}/view")
        assert view["codec"].startswith("avc1.") and view["codec"].endswith(",mp4a.40.2")
        assert (len(view["segments"]) >= 3, view["size"]) == (True, video["bytes"])
