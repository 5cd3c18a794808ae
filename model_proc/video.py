"""Frames into a file: the `Clip` that a model writes to, its encoder and its previews.

Which frames, and when, is the model's business, how a master is laid out `leyline.cenc`'s, and what becomes of a
video file that is there already `taking`'s. Danger: players guess colours wrong unless matrix and range are both
converted and tagged (BT.709, limited range).
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO, Any, ClassVar

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image as Pillow

from leyline.cenc import MUXING, ClearWriter, Damaged
from model_proc import taking
from model_proc.model import Image

DEFAULT_CODEC = "libx264"
PREVIEW_SIDE = 320  # longest side of a preview, in pixels
PREVIEW_SECONDS = 1.0  # least time from one preview to the next
GROWTH_SECONDS = 1.0  # least time from one word on the growing file to the next

KEY_SECONDS = 1  # from one keyframe to the next, where frames have times of their own
LEAST_FRAGMENT_MICROSECONDS = 500_000  # however often there are keyframes: each fragment is fetched by itself
TICK = Fraction(1, 90_000)  # of those times: whole for every usual number of frames a second
ENCODED_SOUND, SOUND_BITS = "aac", 160_000
EITHER = "A clip is either written frame by frame or taken from one file, once."

SoundTrack = str | av.AudioStream  # an encoder for it, or the stream whose packets are copied

# With better keyframes than other frames, as is usual, a slow move would grow sharp at each, once a second.
EVEN = "ipratio=1.0:mbtree=0:aq-strength=0.5"

ENCODER_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "18", "profile": "main", "sc_threshold": "0", "x264-params": EVEN},
    "libvpx-vp9": {
        "deadline": "realtime",
        "cpu-used": "6",
        "crf": "27",
        "b": "0",
        "row-mt": "1",
        "lag-in-frames": "10",  # not 25: the first second is waited for
    },
}


class Clip:
    """The video being made: frames are encoded as they come, so memory is bounded by the encoder's.

    `on_frame` is called before each frame and may raise to stop the model; `on_preview` is called with
    a revision, from 1, each time that a newer still has been put at `preview_path`; `on_growth` with the segments,
    and how long they last in seconds, that others can read from `video_path` by now: at most once a second, the
    newest, from whatever thread. A segment is never changed any more. `on_share` is called with how much of a file
    is taken, 0 to 1, often.
    """

    def __init__(
        self,
        video_path: Path,
        preview_path: Path,
        codec: str = DEFAULT_CODEC,
        on_frame: Callable[[], None] = lambda: None,
        on_preview: Callable[[int], None] = lambda revision: None,
        on_growth: Callable[[int, float], None] = lambda segments, seconds: None,
        on_share: Callable[[float], None] = lambda share: None,
    ) -> None:
        self.width = self.height = self.frames = 0
        self._fps = 30
        self._path = video_path
        self._codec = codec
        self._on_frame = on_frame
        self._on_share = on_share
        self._previews = Previews(preview_path, on_preview)
        self._growth = Growth(on_growth)
        self.has_sound = False
        self._segments, self._seconds_in_segments = 0, 0.0
        self._file: IO[bytes] | None = None
        self._muxer: Muxer | None = None
        self._is_taken = False
        self._size_taken = 0, 0

    @property
    def fps(self) -> int:
        """Frames per second: 30, or what was set before the first frame."""
        return self._fps

    @fps.setter
    def fps(self, fps: int) -> None:
        if self._muxer is not None:
            raise ValueError("The frames per second can only be set before the first frame.")
        if not 1 <= fps <= 240 or fps != int(fps):
            raise ValueError(f"The frames per second must be a whole number from 1 to 240, not {fps}.")
        self._fps = int(fps)

    @property
    def seconds(self) -> float:
        """The length of what was written so far, or of what was taken."""
        return self._seconds_in_segments if self._is_taken else self.frames / self._fps

    def write(self, frame: Image) -> None:
        """Append one RGB `uint8` frame, (height, width, 3); the first fixes the size (odd edges cropped).

        Raises `ValueError` for a frame that does not fit, and what `on_frame` raises.
        """
        self._on_frame()
        if self._is_taken:
            raise ValueError(EITHER)
        frame = cropped(frame)
        height, width = frame.shape[:2]
        if self._muxer is None:
            self._begin(Encoder(self._new_file(), self._codec, self._fps, width, height, self._grow), width, height)
        if (width, height) != (self.width, self.height):
            raise ValueError(
                f"A frame of {width} × {height} pixels came after frames of {self.width} × {self.height}."
            )
        assert isinstance(self._muxer, Encoder)
        self._muxer.write(frame)
        self.frames += 1
        self._previews.show(frame)

    def take(self, path: str | os.PathLike[str]) -> None:
        """Make the finished video file at `path` the clip: once, and instead of writing frames.

        What browsers play is copied without loss, anything else is encoded; frames keep their times. The file stays
        where it is. Raises `ValueError` with a plain sentence for a file that is no whole video, or too long or too
        large, and then the clip is as it was; and what `on_frame` raises, which is called at each frame.
        """
        self._on_frame()
        if self._muxer is not None:
            raise ValueError(EITHER)
        with contextlib.closing(taking.Source(path)) as source:
            try:
                self._take(source)
                source.check_unchanged()
            except BaseException as error:
                self._forget()
                if isinstance(error, Damaged):
                    raise ValueError(f"{source.name} has times that make no video.") from error
                raise
        self._is_taken = True

    def close(self) -> None:
        """Finish the file, which then holds every frame; raises when there was no frame."""
        if self._muxer is None or self._file is None:
            raise ValueError("The model wrote no frames.")
        self._growth.close()  # what comes now is the end, and that is told by itself
        self._muxer.finish()
        self._file.close()

    def discard(self) -> None:
        """Remove the unfinished file; safe to call at any time, and twice."""
        self._growth.close()
        self._forget()

    def _forget(self) -> None:
        """The same, and then another may be begun."""
        if self._file is None:
            return
        with contextlib.suppress(OSError, av.FFmpegError, Damaged):  # half a video need not be whole
            if self._muxer is not None:
                self._muxer.drop()
        with contextlib.suppress(OSError):  # what is still buffered may not fit on a full disk
            self._file.close()
        self._path.unlink(missing_ok=True)
        self._file = self._muxer = None
        self.frames, self._segments, self._seconds_in_segments = 0, 0, 0.0

    def _new_file(self) -> IO[bytes]:
        self._file = new_file(self._path)
        return self._file

    def _begin(self, muxer: "Muxer", width: int, height: int) -> None:
        self._muxer = muxer
        self.width, self.height = width, height
        self.has_sound = muxer.has_sound

    def _grow(self, seconds: float) -> None:
        assert self._file is not None
        self._file.flush()  # who is told of it may read it
        self._segments += 1
        self._seconds_in_segments = seconds
        self._growth.tell(self._segments, self._seconds_in_segments)

    # A file that is there already

    def _take(self, source: taking.Source) -> None:
        seen = taking.look(source, alive=lambda: self._check_in(0))
        first = taking.first_frame(source)
        with source.opened() as templates:  # open as long as anything is made after their likeness
            picture = templates.streams.video[0]
            if taking.is_copied(picture, first, seen):
                try:
                    self._copy(source, seen, picture, self._sound_for(templates, seen))
                    return
                except (taking.Interlaced, av.FFmpegError, Damaged):  # no header said so; or it cannot be laid out
                    self._forget()
            seen = taking.from_first(seen, first)
            self._encode(source, seen, self._sound_for(templates, seen))

    def _sound_for(self, templates: InputContainer, seen: taking.Look) -> "SoundTrack | None":
        if seen.sound is None:
            return None
        stream: Any = templates.streams[seen.sound]
        return stream if taking.sound_is_copied(stream, seen) else ENCODED_SOUND

    def _copy(
        self, source: taking.Source, seen: taking.Look, picture: av.VideoStream, sound: "SoundTrack | None"
    ) -> None:
        # Nobody is told that it grows: it is whole in a moment, and may yet have to be encoded.
        copier = Copier(self._new_file(), picture, self._count_segment, sound)
        self._begin(copier, picture.codec_context.width, picture.codec_context.height)

        def check(frame: av.VideoFrame) -> None:
            if frame.interlaced_frame:
                raise taking.Interlaced
            self._look_at(frame, seen)

        heard = taking.Sounding(source, seen, sound is not ENCODED_SOUND) if sound else None
        for at, packet in taking.copied_packets(source, seen, check):
            copier.copy(packet)
            for item in heard.until(at) if heard else ():
                copier.write_sound(item)
        for item in heard.rest() if heard else ():
            copier.write_sound(item)
        self._finish_taking(copier)

    def _encode(self, source: taking.Source, seen: taking.Look, sound: "SoundTrack | None") -> None:
        fps, encoder = round(taking.rate(source)), None
        heard = taking.Sounding(source, seen, sound is not ENCODED_SOUND) if sound else None
        for at, yuv in taking.frames(source, seen, lambda frame: self._look_at(frame, seen)):
            if encoder is None:
                size = yuv.width, yuv.height
                encoder = Encoder(self._new_file(), self._codec, fps, *size, self._grow, tick=TICK, sound=sound)
                self._begin(encoder, *size)
            encoder.encode(yuv, round(at / TICK))
            for item in heard.until(at) if heard else ():
                encoder.write_sound(item)
        for item in heard.rest() if heard else ():
            self._on_frame()
            assert encoder is not None
            encoder.write_sound(item)
        if encoder is None:
            raise ValueError(f"{source.name} has no picture that could be decoded.")
        self._finish_taking(encoder)

    def _finish_taking(self, muxer: "Muxer") -> None:
        """Whatever goes wrong, goes wrong now, while the file can still be refused."""
        muxer.finish()

    def _count_segment(self, seconds: float) -> None:
        self._segments += 1
        self._seconds_in_segments = seconds

    def _look_at(self, frame: av.VideoFrame, seen: taking.Look) -> None:
        """A frame was decoded: is it whole, is it wanted, is it time to show it?"""
        at = (
            0.0
            if frame.pts is None or frame.time_base is None
            else float(frame.pts * frame.time_base - seen.begins)
        )
        self._check_in(at / max(float(seen.seconds), 0.001))
        if frame.is_corrupt:
            raise ValueError("The video is damaged and cannot be decoded to its end.")
        if self.frames and (frame.width, frame.height) != self._size_taken:
            raise ValueError("The video changes its size on the way.")
        self._size_taken = frame.width, frame.height
        self.frames += 1
        if self._previews.is_due:
            self._previews.show(taking.still(frame, PREVIEW_SIDE))

    def _check_in(self, share: float) -> None:
        self._on_frame()
        self._on_share(min(max(share, 0.0), 1.0))


class Muxer:
    """A master while it is written: a picture, and where there is one its sound."""

    muxing: ClassVar[dict[str, str]] = {}  # besides what every master needs

    def __init__(
        self, file: IO[bytes], on_fragment: Callable[[float], None], sound: "SoundTrack | None" = None
    ) -> None:
        options = {**MUXING, **self.muxing}
        self.container = av.open(ClearWriter(file.write, on_fragment), "w", format="mp4", options=options)
        self._add_picture()
        self._sound: Any = None
        if isinstance(sound, str):
            self._sound = self.container.add_stream(sound, rate=taking.SOUND_RATE, layout="stereo")
            self._sound.codec_context.bit_rate = SOUND_BITS
        elif sound is not None:
            self._sound = self.container.add_stream_from_template(sound)
        self._is_finished = False

    def _add_picture(self) -> None:
        raise NotImplementedError

    @property
    def has_sound(self) -> bool:
        return self._sound is not None

    def write_sound(self, item: Any) -> None:
        """Append a packet of the sound's own kind, or a frame where it is encoded."""
        if isinstance(item, av.Packet):
            item.stream = self._sound
            self.container.mux(item)
        else:
            self.container.mux(self._sound.encode(item))

    def finish(self) -> None:
        """Write the end; nothing more where it was written."""
        if self._is_finished:
            return
        self._is_finished = True
        self._finish_picture()
        if self._sound is not None and self._sound.codec_context is not None and self._sound.codec_context.is_open:
            self.container.mux(self._sound.encode(None))
        self.container.close()

    def _finish_picture(self) -> None:
        """Nothing is held back."""

    def drop(self) -> None:
        if not self._is_finished:
            self._is_finished = True
            self.container.close()


class Copier(Muxer):
    """Packets to a master, as they are; a fragment begins with a keyframe, if not with every one."""

    muxing: ClassVar = {"min_frag_duration": str(LEAST_FRAGMENT_MICROSECONDS)}

    def __init__(
        self,
        file: IO[bytes],
        picture: av.VideoStream,
        on_fragment: Callable[[float], None],
        sound: "SoundTrack | None" = None,
    ) -> None:
        self._template = picture
        super().__init__(file, on_fragment, sound)

    def _add_picture(self) -> None:
        self._stream = self.container.add_stream_from_template(self._template)

    def copy(self, packet: Any) -> None:
        packet.stream = self._stream
        self.container.mux(packet)


class Encoder(Muxer):
    """RGB frames to a master: 4:2:0, BT.709, limited range, a fragment that begins with a keyframe each second.

    With `tick` each frame comes with its own time, counted in such parts of a second.
    """

    def __init__(
        self,
        file: IO[bytes],
        codec: str,
        fps: int,
        width: int,
        height: int,
        on_fragment: Callable[[float], None] = lambda seconds: None,
        *,
        tick: Fraction | None = None,
        sound: "SoundTrack | None" = None,
    ) -> None:
        self._codec, self._fps, self._size = codec, fps, (width, height)
        self._tick = tick or Fraction(1, fps)
        self._has_times = tick is not None
        self._frames = 0
        self._next_key = 0
        super().__init__(file, on_fragment, sound)

    def _add_picture(self) -> None:
        stream = self.container.add_stream(
            self._codec, rate=self._fps, options=ENCODER_OPTIONS.get(self._codec, {})
        )
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"{self._codec} encodes no video")
        self._stream = stream
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = self._tick
        context.gop_size = self._fps * (2 if self._has_times else 1)  # with times, keyframes are asked for
        context.thread_count = max(1, _cores() - 1)  # one is left to the server
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

    def write(self, frame: Image) -> None:
        rgb = av.VideoFrame.from_ndarray(frame, format="rgb24")
        self.encode(
            rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        )

    def encode(self, yuv: av.VideoFrame, at: int | None = None) -> None:
        """Append a frame that already is what is encoded: 4:2:0, BT.709, limited range; `at` is when, in ticks."""
        yuv.pts, yuv.time_base = self._frames if at is None else at, self._tick
        yuv.pict_type = PictureType.NONE
        if self._has_times and yuv.pts >= self._next_key:
            yuv.pict_type = PictureType.I
            self._next_key = yuv.pts + round(KEY_SECONDS / self._tick)
        self._frames += 1
        self.container.mux(self._stream.encode(yuv))

    def _finish_picture(self) -> None:
        self.container.mux(self._stream.encode(None))


class Previews:
    """Small stills of the newest frame, at most one a second, each replacing the last in one step."""

    def __init__(self, path: Path, on_preview: Callable[[int], None]) -> None:
        self._path = path
        self._on_preview = on_preview
        self._revision = 0
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def show(self, frame: Image) -> None:
        """Make a preview of the frame if it is time for one."""
        if not self.is_due:
            return
        self._due = time.monotonic() + PREVIEW_SECONDS
        still = Pillow.fromarray(frame)
        still.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        part = self._path.with_name(f"{self._path.name}.part")
        with new_file(part) as file:
            still.save(file, "JPEG", quality=80)
        part.replace(self._path)
        self._revision += 1
        self._on_preview(self._revision)


class Growth:
    """Tells how far the file has grown: the first at once, then the newest at most once a second, until `close`."""

    def __init__(self, tell: Callable[[int, float], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._due = 0.0
        self._newest = 0, 0.0
        self._later: threading.Timer | None = None  # says what is held back, should the model fall silent after it
        self._open = True

    def tell(self, segments: int, seconds: float) -> None:
        with self._lock:
            self._newest = segments, seconds
            wait = self._due - time.monotonic()
            if not self._open or self._later:
                return
            if wait <= 0:
                self._tell_now()
                return
            self._later = threading.Timer(wait, self._tell_held_back)
            self._later.daemon = True
            self._later.start()

    def close(self) -> None:
        """Tell nothing any more."""
        with self._lock:
            self._open = False
            if self._later:
                self._later.cancel()

    def _tell_held_back(self) -> None:
        with self._lock:
            self._later = None
            if self._open:
                self._tell_now()

    def _tell_now(self) -> None:
        self._due = time.monotonic() + GROWTH_SECONDS
        self._tell(*self._newest)


def cropped(frame: Image) -> Image:
    """The frame with even sides, as 4:2:0 video needs them; `ValueError` when it is not a frame."""
    if not isinstance(frame, np.ndarray):
        raise ValueError(f"A frame must be a NumPy array, not a {type(frame).__name__}.")
    if frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(f"A frame must have the shape (height, width, 3), not {frame.shape}.")
    if frame.dtype != np.uint8:
        raise ValueError(f"A frame must hold numbers of type uint8, not {frame.dtype}.")
    height, width = frame.shape[:2]
    if height < 2 or width < 2:
        raise ValueError(f"A frame must be at least 2 × 2 pixels, not {width} × {height}.")
    return frame[: height // 2 * 2, : width // 2 * 2]


def check_codec(codec: str) -> None:
    """`ValueError` with a plain sentence unless `codec` can be encoded into an MP4 here."""
    try:
        encoder = Encoder(BytesIO(), codec, fps=30, width=64, height=64)
        encoder.write(np.zeros((64, 64, 3), np.uint8))
        encoder.finish()
    except (av.FFmpegError, ValueError) as error:
        raise ValueError(f"The video encoder {codec!r} cannot write MP4 here; libx264 can.") from error


def new_file(path: Path) -> IO[bytes]:
    """A new file that only this user can read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


def _cores() -> int:
    """How many this process may use, where the system tells; else how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
