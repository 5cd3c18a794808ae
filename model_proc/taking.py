"""A finished video file that a model hands over, made a master: copied where browsers play it, else encoded.

Every frame is decoded, so that what is kept can be played to its end. How a master is written is left to `video`,
and how bright colours are toned down to `toning`. Danger: the file may be anything. It is opened once, must be a
regular file, and is read through a window of our own by a demuxer that its first bytes name, so that none is ever
asked that opens other files or addresses; its length, size and keyframes are looked at before a byte is written. A
stream of PyAV's must not be touched once its container is closed: what it says then is chance.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter
import numpy as np
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace

from model_proc import toning

MAX_SECONDS = 1800
MAX_PIXELS = 8192 * 4320  # of a frame that is decoded at all
MAX_SIDE, MAX_SHOWN_PIXELS = 4096, 4096 * 2304  # of one that is shown; a larger one is made smaller
LONGEST_SEGMENT_SECONDS, LARGEST_SEGMENT_BYTES = 5, 8_000_000  # that is copied: seeking and memory go by segments
MOST_FPS = 240
PACKETS_A_LOOK = 500  # between two signs of life
SOUND_RATE, SOUND_BLOCK = 48_000, 4800  # samples a second; and of silence at a time
SOUND_AHEAD = Fraction(1, 2)  # second that sound is written before the picture that it belongs to
MOST_OF_IT = Fraction(9, 10)  # of what a file says of its length, from which its sound may differ
SLACK = Fraction(3, 100)  # second by which copied sound may begin late, pause, or end early
BT601, BT709, BT2020 = "smpte170m", "bt709", "bt2020"
MATRICES = {Colorspace.ITU709: BT709, Colorspace.ITU601: BT601, 5: BT601, 6: BT601, 9: BT2020, 10: BT2020}
WIDE_PRIMARIES = 9  # of BT.2020 (ITU-T H.273)
COPIED_PROFILES = {"Constrained Baseline", "Baseline", "Main", "High"}
HIGHEST_LEVEL = 52

IN_MP4 = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


class Interlaced(Exception):
    """A frame of two fields where none was expected."""


class Source:
    """A regular file, opened for reading; `ValueError` with a plain sentence where it is none, or no video."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = Path(path).name
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would keep us waiting
        except OSError as error:
            raise ValueError(f"The video {self.name} cannot be opened: {error.strerror}.") from error
        try:
            self._before = self._state()
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise ValueError(f"{self.name} is no file that could be a video.")
            self._format = self._sniff()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        os.close(self._file)

    @property
    def size(self) -> int:
        return self._before[0]

    def opened(self) -> InputContainer:
        """The file as a container, at its beginning, by itself."""
        try:
            container = av.open(Window(self._file), "r", format=self._format, options={"enable_drefs": "0"})
        except (av.FFmpegError, ValueError) as error:
            raise ValueError(f"{self.name} is damaged, or not written to its end.") from error
        return container

    def check_unchanged(self) -> None:
        """`ValueError` when somebody has written to the file since it was opened."""
        if self._state() != self._before:
            raise ValueError(f"{self.name} was still being written while it was read: take it when it is complete.")

    def _state(self) -> tuple[int, int]:
        found = os.fstat(self._file)
        return found.st_size, found.st_mtime_ns

    def _sniff(self) -> str:
        head = os.pread(self._file, 400, 0)
        if head[4:8] in IN_MP4:
            return "mov"
        if head[:4] == b"\x1aE\xdf\xa3":
            return "matroska"
        if head[:4] == b"RIFF" and head[8:11] == b"AVI":
            return "avi"
        if head[:1] == head[188:189] == head[376:377] == b"G":
            return "mpegts"
        what = "is empty" if not head else "is neither MP4, QuickTime, WebM, Matroska, AVI nor MPEG-TS"
        raise ValueError(f"{self.name} {what}.")


class Window:
    """An open file that is read from a place of its own."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int) -> bytes:
        data = os.pread(self._file, size, self._at)
        self._at += len(data)
        return data

    def seek(self, to: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._file).st_size}[whence]
        self._at = max(0, base + to)
        return self._at

    def tell(self) -> int:
        return self._at


@dataclass(frozen=True)
class Look:
    """What the packets of a video tell, in seconds of its own clock."""

    begins: Fraction
    ends: Fraction
    pictures: int
    is_plain: bool  # in closed stretches of bounded length and size, each of which begins with a keyframe
    sound: int | None  # the number of the stream
    sound_is_plain: bool  # without a gap, from the first picture to the last

    @property
    def seconds(self) -> Fraction:
        return self.ends - self.begins


def look(source: Source, alive: Callable[[], None]) -> Look:
    """Read all packets once, decoding none; `ValueError` for what is no video, or too long or too large a one."""
    with source.opened() as container:
        picture, sound = _streams(source, container)
        sound_index = sound.index if sound else None
        pictures, heard = Stretches(picture), Sounds()
        with _Readable(source):
            for number, packet in enumerate(container.demux([picture, *([sound] if sound else [])])):
                if number % PACKETS_A_LOOK == 0:
                    alive()
                if not packet.size or packet.time_base is None:
                    continue
                if packet.stream_index == picture.index:
                    pictures.add(packet)
                    if pictures.ends - pictures.begins > MAX_SECONDS:
                        raise ValueError(f"{source.name} is longer than {MAX_SECONDS // 60} minutes.")
                else:
                    heard.add(packet)
            _check_end(source, container, pictures, heard)
    return Look(
        pictures.begins,
        pictures.ends,
        pictures.count,
        pictures.is_plain and pictures.has_times,
        sound_index if heard.count else None,
        heard.covers(pictures.begins, pictures.ends),
    )


def _check_end(source: Source, container: InputContainer, pictures: "Stretches", heard: "Sounds") -> None:
    """`ValueError` for a file that has no picture in it, or fewer than its own header says: it is cut short."""
    if not pictures.count:
        raise ValueError(f"{source.name} has no pictures.")
    stream = container.streams.video[0]
    told = container.duration or 0
    beyond = any(entry.pos + entry.size > source.size for entry in stream.index_entries)
    longest = max(pictures.ends - pictures.begins, heard.ends - pictures.begins)
    if beyond or longest < Fraction(told, av.time_base) * MOST_OF_IT - 1:
        raise ValueError(f"{source.name} is cut short: it is not as long as it says.")


def _streams(source: Source, container: InputContainer) -> tuple[Any, Any]:
    """The picture's stream, and the sound's or None."""
    if not len(container.streams):
        raise ValueError(f"{source.name} is damaged, or not written to its end.")
    if not container.streams.video:
        raise ValueError(f"{source.name} has no picture.")
    picture = container.streams.video[0]
    context = picture.codec_context
    if context is None or not context.width or not context.height:
        raise ValueError(f"{source.name} is of a kind that cannot be decoded here.")
    if context.width * context.height > MAX_PIXELS:
        raise ValueError(
            f"{source.name} has frames of {context.width} × {context.height} pixels, which is too many."
        )
    sounds = [stream for stream in container.streams.audio if stream.codec_context and stream.codec_context.rate]
    return picture, sounds[0] if sounds else None


class Stretches:
    """The packets of the picture as they come, and what they have in common."""

    def __init__(self, stream: Any) -> None:
        self._rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        extradata = stream.codec_context.extradata or b""
        self._length_bytes = (extradata[4] & 3) + 1 if len(extradata) > 4 else 4
        self._is_h264 = stream.codec_context.name == "h264"
        self.count = 0
        self.begins = self.ends = Fraction(0)
        self.is_plain, self.has_times = True, False
        self._stretch_begins = Fraction(0)
        self._stretch_bytes = 0

    def add(self, packet: Any) -> None:
        if packet.is_discard:
            self.is_plain = False  # decoded and not shown: an edit list begins within a stretch
            return
        ticks = packet.pts if packet.pts is not None else packet.dts
        begins = self.ends if ticks is None else ticks * packet.time_base
        over = begins + (packet.duration * packet.time_base if packet.duration else 1 / self._rate)
        self.has_times = self.has_times or packet.dts is not None  # Matroska has none of the first
        self.is_plain = self.is_plain and packet.pts is not None and (packet.dts is not None) == self.has_times
        if packet.is_keyframe:
            self.is_plain = self.is_plain and begins >= self.ends - 1 / self._rate and self._starts_anew(packet)
            self._stretch_begins, self._stretch_bytes = begins, 0
        self._stretch_bytes += packet.size
        if not self.count:
            self.is_plain = self.is_plain and packet.is_keyframe
            self.begins = begins
        self.is_plain = (
            self.is_plain
            and begins >= self._stretch_begins
            and over - self._stretch_begins <= LONGEST_SEGMENT_SECONDS
            and self._stretch_bytes <= LARGEST_SEGMENT_BYTES
        )
        self.count += 1
        self.begins, self.ends = min(self.begins, begins), max(self.ends, over)

    def _starts_anew(self, packet: Any) -> bool:
        """Whether nothing before the packet is needed to decode what follows: H.264 has keyframes of which not."""
        if not self._is_h264:
            return True
        data, at = bytes(packet), 0
        while at + self._length_bytes < len(data):
            if data[at + self._length_bytes] & 31 == 5:  # a slice of an IDR picture
                return True
            at += self._length_bytes + int.from_bytes(data[at : at + self._length_bytes], "big")
        return False


class Sounds:
    """The packets of the sound as they come: from when on, and until when without a gap."""

    def __init__(self) -> None:
        self.count = 0
        self._begins = self.ends = Fraction(0)
        self._has_gap = False

    def add(self, packet: Any) -> None:
        if packet.pts is None or packet.dts is None or not packet.duration:
            self._has_gap = True
            self.count += 1
            return
        begins = packet.pts * packet.time_base
        self._begins = begins if not self.count else self._begins
        self._has_gap = self._has_gap or (self.count > 0 and abs(begins - self.ends) > SLACK)
        self.ends = begins + packet.duration * packet.time_base
        self.count += 1

    def covers(self, begins: Fraction, ends: Fraction) -> bool:
        return not self._has_gap and self._begins <= begins + SLACK / 6 and self.ends >= ends - SLACK


# What can be copied


def first_frame(source: Source) -> av.VideoFrame:
    """The first frame, which tells what no header does; `ValueError` when there is none."""
    with source.opened() as container, _Readable(source):
        for frame in container.decode(container.streams.video[0]):
            return frame
    raise ValueError(f"{source.name} has no picture that could be decoded.")


def from_first(seen: Look, first: av.VideoFrame) -> Look:
    """The same, beginning with the first frame that is shown: not all that can be read can be."""
    if first.pts is None or first.time_base is None:
        return seen
    return replace(seen, begins=first.pts * first.time_base)


def still(frame: av.VideoFrame, side: int) -> Any:
    """The frame as a small picture in RGB, upright."""
    smaller = min(1.0, side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * smaller)), max(1, round(frame.height * smaller))
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, frame.rotation // 90 % 4))


def is_copied(stream: Any, first: av.VideoFrame, seen: Look) -> bool:
    """Whether browsers play this picture as it is, and its keyframes are such that it can be sought in."""
    context = stream.codec_context
    if not seen.is_plain or not _is_in(stream, "mov", "matroska"):
        return False
    is_h264 = (
        context.name == "h264"
        and context.profile in COPIED_PROFILES
        and 0 < (context.level or 0) <= HIGHEST_LEVEL
        and (context.extradata or b"")[:1] == b"\1"
    )
    is_vp9 = context.name in ("vp9", "libvpx-vp9") and "0" in str(context.profile)
    width, height = first.width, first.height
    return (
        (is_h264 or is_vp9)
        and first.format.name == "yuv420p"
        and not _needs_change(first)
        and (width, height) == _shown_size(stream, first)
    )


def _is_in(stream: Any, *formats: str) -> bool:
    """Whether its file is of one of these formats, in which packets lie as they do in a master."""
    return any(name in stream.container.format.name for name in formats)


def _needs_change(first: av.VideoFrame) -> bool:
    return first.rotation != 0 or first.interlaced_frame or _needs_toning(first)


def _needs_toning(frame: av.VideoFrame) -> bool:
    return int(frame.color_trc) in (toning.PQ, toning.HLG) or int(frame.color_primaries) == WIDE_PRIMARIES


def _shown_size(stream: Any, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as the frame is shown: upright, with square pixels, even, and not too large."""
    aspect = stream.sample_aspect_ratio or 1
    width, height = frame.width * (aspect if aspect > 0 else 1), frame.height
    if frame.rotation % 180:
        width, height = height, width
    shrunk = min(1.0, MAX_SIDE / max(width, height), (MAX_SHOWN_PIXELS / (width * height)) ** 0.5)
    return max(2, int(width * shrunk) // 2 * 2), max(2, int(height * shrunk) // 2 * 2)


def copied_packets(
    source: Source, seen: Look, check: Callable[[av.VideoFrame], None]
) -> Iterator[tuple[Fraction, Any]]:
    """Each packet of the picture with its time from the first picture on; its frames are decoded and checked."""
    with source.opened() as container, _Readable(source):
        stream: Any = container.streams.video[0]
        _decode_strictly(stream)
        tick: Any = stream.time_base
        shift, step = round(seen.begins / tick), max(1, round(1 / _rate(stream) / tick))
        held: list[Any] = []
        for packet in container.demux(stream):
            for frame in packet.decode():
                check(frame)
            if not packet.size or packet.pts is None:
                continue
            held.append(packet)
            if packet.dts is None:  # of the first: they are decoded before the first that has one
                continue
            for number, each in enumerate(held):
                decoded = packet.dts - step * (len(held) - 1 - number)
                each.pts, each.dts = each.pts - shift, decoded - shift
                yield each.dts * tick, each
            held.clear()


# What is encoded


def frames(source: Source, seen: Look, check: Callable[[av.VideoFrame], None]) -> Iterator[tuple[Fraction, Any]]:
    """Each frame as it is shown, 4:2:0 in BT.709, with its time from the first one on, which only grows."""
    last = Fraction(-1)
    with source.opened() as container, _Readable(source):
        stream: Any = container.streams.video[0]
        _decode_strictly(stream)
        shown: Any
        for shown in _changed(stream, check):
            at = last + 1 / _rate(stream) if shown.pts is None else shown.pts * shown.time_base - seen.begins
            if last < 0 or at - last >= Fraction(1, MOST_FPS):
                last = max(at, Fraction(0))
                yield last, shown


def _changed(stream: Any, check: Callable[[av.VideoFrame], None]) -> Iterator[av.VideoFrame]:
    """Each frame as it is shown. From the first one of two fields on, such are deinterlaced."""
    changed: Changed | None = None
    for frame in stream.container.decode(stream):
        check(frame)
        if changed and frame.interlaced_frame and not changed.is_deinterlaced:
            yield from changed.pass_on(None)
            changed = None
        changed = changed or Changed(stream, frame)
        yield from changed.pass_on(frame)
    if changed:
        yield from changed.pass_on(None)


class Changed:
    """What each frame goes through: deinterlaced, upright, of square pixels, toned down, of even size, 4:2:0."""

    def __init__(self, stream: Any, first: av.VideoFrame) -> None:
        self.is_deinterlaced = bool(first.interlaced_frame)
        self._graph = av.filter.Graph()
        self._nodes = [self._graph.add_buffer(template=stream)]
        width, height = _shown_size(stream, first)
        if self.is_deinterlaced:
            self._add("bwdif", "mode=send_frame:deint=interlaced")
        turns = {90: ["cclock"], 180: ["clock", "clock"], 270: ["clock"]}
        for direction in turns.get(first.rotation % 360, []):
            self._add("transpose", direction)
        is_turned = first.rotation % 180 != 0
        upright = (first.height, first.width) if is_turned else (first.width, first.height)
        if (upright[0] // 2 * 2, upright[1] // 2 * 2) == (width, height):
            self._add("crop", f"{width}:{height}:0:0")
        matrix = MATRICES.get(first.colorspace, BT709 if min(upright) >= 720 else BT601)
        span = "pc" if first.color_range == ColorRange.JPEG or first.format.name.startswith("yuvj") else "tv"
        given = f"{width}:{height}:flags=bicubic+accurate_rnd"
        if not _is_rgb(first):
            given += f":in_color_matrix={matrix}:in_range={span}"
        if _needs_toning(first):
            self._add("scale", given)
            self._add("format", "gbrp12le")
            self._nodes.append(toning.filter_in(self._graph, int(first.color_trc)))
            given = f"{width}:{height}"
        self._add("scale", f"{given}:out_color_matrix=bt709:out_range=tv")
        self._add("format", "yuv420p")
        self._add("buffersink")
        self._graph.link_nodes(*self._nodes).configure()

    def _add(self, name: str, arguments: str | None = None) -> None:
        self._nodes.append(self._graph.add(name, arguments))

    def pass_on(self, frame: av.VideoFrame | None) -> Iterator[av.VideoFrame]:
        """What comes of this frame, or at the end, None, of those that are held."""
        self._graph.vpush(frame)
        while True:
            try:
                shown = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(shown, av.VideoFrame)
            yield shown


def _is_rgb(frame: av.VideoFrame) -> bool:
    return frame.format.name.startswith(("rgb", "bgr", "gbr", "pal", "argb", "abgr", "0rgb"))


def rate(source: Source) -> Fraction:
    """How many frames a second there are on average, at most `MOST_FPS`."""
    with source.opened() as container:
        return _rate(container.streams.video[0])


def _rate(stream: Any) -> Fraction:
    return min(max(Fraction(stream.average_rate or stream.guessed_rate or 25), Fraction(1)), Fraction(MOST_FPS))


# The sound


def sound_is_copied(stream: Any, seen: Look) -> bool:
    """Whether browsers play this sound as it is: AAC-LC or Opus in one or two channels, without a gap."""
    context = stream.codec_context
    is_known = (context.name == "aac" and context.profile == "LC") or context.name in ("opus", "libopus")
    is_here = _is_in(stream, "mov", "matroska") and context.extradata and context.layout.nb_channels <= 2
    return bool(seen.sound_is_plain and is_known and is_here)


def copied_sound(source: Source, seen: Look) -> Iterator[tuple[Fraction, Any]]:
    """The sound's packets, each with its time, as long as the picture lasts."""
    with source.opened() as container, _Readable(source):
        stream: Any = container.streams[seen.sound or 0]
        shift = round(seen.begins / stream.time_base)
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None or packet.dts is None or packet.duration is None:
                continue
            begins = packet.pts * stream.time_base
            # The one that ends as the picture begins is kept: decoders of AAC need it to begin with.
            if begins + packet.duration * stream.time_base < seen.begins or begins >= seen.ends:
                continue
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            yield begins - seen.begins, packet


def sound(source: Source, seen: Look) -> Iterator[tuple[Fraction, Any]]:
    """The sound in stereo, 48,000 samples a second, as long as the picture: silent where there is none."""
    total = round(seen.seconds * SOUND_RATE)
    at = 0
    with source.opened() as container, _Readable(source):
        stream: Any = container.streams[seen.sound or 0]
        resampler = av.AudioResampler("fltp", "stereo", SOUND_RATE)
        frame: Any
        for frame in container.decode(stream):
            begins = at if frame.pts is None else round((frame.pts * frame.time_base - seen.begins) * SOUND_RATE)
            for silent in _silence(at, min(begins, total) if begins - at > SLACK * SOUND_RATE else at):
                yield silent
                at += silent[1].samples
            for resampled in resampler.resample(frame):
                samples = resampled.to_ndarray()[
                    :, max(0, at - begins) if at - begins > SLACK * SOUND_RATE else 0 :
                ]
                begins += resampled.samples
                samples = samples[:, : total - at]
                if samples.shape[1]:
                    yield _block(samples, at)
                    at += samples.shape[1]
    yield from _silence(at, total)


class Sounding:
    """The sound of a video, piece by piece, a little ahead of its picture."""

    def __init__(self, source: Source, seen: Look, is_copied: bool) -> None:
        self._pieces = copied_sound(source, seen) if is_copied else sound(source, seen)
        self._next = next(self._pieces, None)

    def until(self, at: Fraction) -> Iterator[Any]:
        """What belongs to the picture at this time, and has not come before."""
        while self._next and self._next[0] <= at + SOUND_AHEAD:
            yield self._next[1]
            self._next = next(self._pieces, None)

    def rest(self) -> Iterator[Any]:
        """All that is left."""
        while self._next:
            yield self._next[1]
            self._next = next(self._pieces, None)


def _silence(at: int, end: int) -> Iterator[tuple[Fraction, Any]]:
    for first in range(at, end, SOUND_BLOCK):
        yield _block(np.zeros((2, min(SOUND_BLOCK, end - first)), np.float32), first)


def _block(samples: Any, at: int) -> tuple[Fraction, Any]:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
    return Fraction(at, SOUND_RATE), frame


def _decode_strictly(stream: Any) -> None:
    stream.thread_type = "AUTO"
    stream.codec_context.options = {"err_detect": "explode", "max_pixels": str(MAX_PIXELS)}


class _Readable:
    """Within it, what cannot be read or decoded is a `ValueError` with a plain sentence."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> None:
        """Nothing is done yet."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if isinstance(error, av.FFmpegError):
            raise ValueError(f"{self._source.name} is damaged and cannot be decoded to its end.") from error
