"""Frames into a file: the `Clip` that a model writes to, its encoder and its previews.

Which frames, and when, is the model's business, and how a master is laid out `leyline.cenc`'s. Danger: players
guess colours wrong unless matrix and range are both converted and tagged (BT.709, limited range).
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from PIL import Image as Pillow

from leyline.cenc import MUXING, ClearWriter
from model_proc.model import Image

DEFAULT_CODEC = "libx264"
PREVIEW_SIDE = 320  # longest side of a preview, in pixels
PREVIEW_SECONDS = 1.0  # least time from one preview to the next
GROWTH_SECONDS = 1.0  # least time from one word on the growing file to the next

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
    newest, from whatever thread. A segment is never changed any more.
    """

    def __init__(
        self,
        video_path: Path,
        preview_path: Path,
        codec: str = DEFAULT_CODEC,
        on_frame: Callable[[], None] = lambda: None,
        on_preview: Callable[[int], None] = lambda revision: None,
        on_growth: Callable[[int, float], None] = lambda segments, seconds: None,
    ) -> None:
        self.width = self.height = self.frames = 0
        self._fps = 30
        self._path = video_path
        self._codec = codec
        self._on_frame = on_frame
        self._previews = Previews(preview_path, on_preview)
        self._growth = Growth(on_growth)
        self._segments = self._frames_in_segments = 0
        self._file: IO[bytes] | None = None
        self._encoder: Encoder | None = None

    @property
    def fps(self) -> int:
        """Frames per second: 30, or what was set before the first frame."""
        return self._fps

    @fps.setter
    def fps(self, fps: int) -> None:
        if self._encoder is not None:
            raise ValueError("The frames per second can only be set before the first frame.")
        if not 1 <= fps <= 240 or fps != int(fps):
            raise ValueError(f"The frames per second must be a whole number from 1 to 240, not {fps}.")
        self._fps = int(fps)

    @property
    def seconds(self) -> float:
        """The length of what was written so far."""
        return self.frames / self._fps

    def write(self, frame: Image) -> None:
        """Append one RGB `uint8` frame, (height, width, 3); the first fixes the size (odd edges cropped).

        Raises `ValueError` for a frame that does not fit, and what `on_frame` raises.
        """
        self._on_frame()
        frame = cropped(frame)
        height, width = frame.shape[:2]
        if self._encoder is None:
            self._begin(width, height)
        if (width, height) != (self.width, self.height):
            raise ValueError(
                f"A frame of {width} × {height} pixels came after frames of {self.width} × {self.height}."
            )
        assert self._encoder is not None
        self._encoder.write(frame)
        self.frames += 1
        self._previews.show(frame)

    def close(self) -> None:
        """Finish the file, which then holds every frame; raises when there was no frame."""
        if self._encoder is None or self._file is None:
            raise ValueError("The model wrote no frames.")
        self._growth.close()  # what comes now is the end, and that is told by itself
        self._encoder.finish()
        self._file.close()

    def discard(self) -> None:
        """Remove the unfinished file; safe to call at any time, and twice."""
        self._growth.close()
        if self._file is None:
            return
        with contextlib.suppress(OSError, av.FFmpegError):
            if self._encoder is not None:
                self._encoder.drop()
        with contextlib.suppress(OSError):  # what is still buffered may not fit on a full disk
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _begin(self, width: int, height: int) -> None:
        self._file = new_file(self._path)
        self._encoder = Encoder(self._file, self._codec, self._fps, width, height, self._grow)
        self.width, self.height = width, height

    def _grow(self, frames: int) -> None:
        assert self._file is not None
        self._file.flush()  # who is told of it may read it
        self._segments += 1
        self._frames_in_segments += frames
        self._growth.tell(self._segments, self._frames_in_segments / self._fps)


class Encoder:
    """RGB frames to a master: 4:2:0, BT.709, limited range, a fragment that begins with a keyframe each second."""

    def __init__(
        self,
        file: IO[bytes],
        codec: str,
        fps: int,
        width: int,
        height: int,
        on_fragment: Callable[[int], None] = lambda frames: None,
    ) -> None:
        writer = ClearWriter(file.write, on_fragment)
        self._container = av.open(writer, "w", format="mp4", options=MUXING)
        stream = self._container.add_stream(codec, rate=fps, options=ENCODER_OPTIONS.get(codec, {}))
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"{codec} encodes no video")
        self._stream = stream
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.gop_size = fps
        context.thread_count = max(1, _cores() - 1)  # one is left to the server
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._tick = Fraction(1, fps)
        self._frames = 0

    def write(self, frame: Image) -> None:
        rgb = av.VideoFrame.from_ndarray(frame, format="rgb24")
        self.encode(
            rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        )

    def encode(self, yuv: av.VideoFrame) -> None:
        """Append a frame that already is what is encoded: 4:2:0, BT.709, limited range."""
        yuv.pts, yuv.time_base = self._frames, self._tick
        self._frames += 1
        self._container.mux(self._stream.encode(yuv))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def drop(self) -> None:
        self._container.close()


class Previews:
    """Small stills of the newest frame, at most one a second, each replacing the last in one step."""

    def __init__(self, path: Path, on_preview: Callable[[int], None]) -> None:
        self._path = path
        self._on_preview = on_preview
        self._revision = 0
        self._due = 0.0

    def show(self, frame: Image) -> None:
        """Make a preview of the frame if it is time for one."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + PREVIEW_SECONDS
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
