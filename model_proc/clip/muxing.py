"""A master while it is written: packets that are copied or frames that are encoded, and the sound if there is one.

How a master is laid out is left to `leyline.cenc`. Danger: players guess colours wrong unless matrix and range are
both converted and tagged (BT.709, limited range).
"""

import os
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO, Any, ClassVar

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from leyline.cenc import MUXING, ClearWriter
from model_proc.clip.sound import SOUND_RATE
from model_proc.model import Image

KEY_SECONDS = 1  # from one keyframe to the next, where frames have times of their own
LEAST_FRAGMENT_MICROSECONDS = 500_000  # however often there are keyframes: each fragment is fetched by itself
ENCODED_SOUND, SOUND_BITS = "aac", 160_000

SoundTrack = str | av.AudioStream  # an encoder for it, or the stream whose packets are copied

DEFAULT_CODEC = "libx264"

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


class Muxer:
    """A master while it is written: a picture, and where there is one its sound."""

    muxing: ClassVar[dict[str, str]] = {}  # besides what every master needs
    _stream: Any

    def __init__(
        self, file: IO[bytes], on_fragment: Callable[[float], None], sound: SoundTrack | None = None
    ) -> None:
        options = {**MUXING, **self.muxing}
        self.container = av.open(ClearWriter(file.write, on_fragment), "w", format="mp4", options=options)
        self._add_picture()
        self._sound: Any = None
        if isinstance(sound, str):
            self._sound = self.container.add_stream(sound, rate=SOUND_RATE, layout="stereo")
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
        self._let_go()

    def _finish_picture(self) -> None:
        """Nothing is held back."""

    def drop(self) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._let_go()

    def _let_go(self) -> None:
        """Close it, and free the encoder now: this is part of a circle, which Python would find much later."""
        try:
            self.container.close()
        finally:
            del self.container, self._stream, self._sound


class Copier(Muxer):
    """Packets to a master, as they are; a fragment begins with a keyframe, if not with every one."""

    muxing: ClassVar = {"min_frag_duration": str(LEAST_FRAGMENT_MICROSECONDS)}

    def __init__(
        self,
        file: IO[bytes],
        picture: av.VideoStream,
        on_fragment: Callable[[float], None],
        sound: SoundTrack | None = None,
    ) -> None:
        self._template = picture
        super().__init__(file, on_fragment, sound)

    def _add_picture(self) -> None:
        self._stream = self.container.add_stream_from_template(self._template)
        del self._template  # and with it the container that it is of

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
        sound: SoundTrack | None = None,
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
