"""The `Clip` that a model writes its frames to, or hands a finished video file to.

Which frames, and when, is the model's business; how a master is written is `muxing`'s, what is told of it meanwhile
`news`'s, and what becomes of a file that is there already `look`'s, `copying`'s, `shape`'s and `sound`'s.
"""

import contextlib
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import numpy as np
from av.container import InputContainer

from leyline.cenc import Damaged
from model_proc.clip import copying, shape
from model_proc.clip.look import Look, from_first, look
from model_proc.clip.muxing import DEFAULT_CODEC, ENCODED_SOUND, Copier, Encoder, Muxer, SoundTrack, new_file
from model_proc.clip.news import PREVIEW_SIDE, Growth, Previews
from model_proc.clip.sound import Sounding
from model_proc.clip.source import Source, first_frame, rate
from model_proc.model import Image

TICK = Fraction(1, 90_000)  # of the times of frames that have their own: whole for every usual rate
EITHER = "A clip is either written frame by frame or taken from one file, once."


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
        with contextlib.closing(Source(path)) as source:
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

    def _begin(self, muxer: Muxer, width: int, height: int) -> None:
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

    def _take(self, source: Source) -> None:
        seen = look(source, alive=lambda: self._check_in(0))
        first = first_frame(source)
        with source.opened() as templates:  # open as long as anything is made after their likeness
            picture = templates.streams.video[0]
            if copying.is_copied(picture, first, seen):
                try:
                    self._copy(source, seen, picture, self._sound_for(templates, seen))
                    return
                except (copying.Interlaced, av.FFmpegError, Damaged):  # no header said so; or it cannot be laid out
                    self._forget()
            seen = from_first(seen, first)
            self._encode(source, seen, self._sound_for(templates, seen))

    def _sound_for(self, templates: InputContainer, seen: Look) -> SoundTrack | None:
        if seen.sound is None:
            return None
        stream: Any = templates.streams[seen.sound]
        return stream if copying.sound_is_copied(stream, seen) else ENCODED_SOUND

    def _copy(self, source: Source, seen: Look, picture: av.VideoStream, sound: SoundTrack | None) -> None:
        # Nobody is told that it grows: it is whole in a moment, and may yet have to be encoded.
        copier = Copier(self._new_file(), picture, self._count_segment, sound)
        self._begin(copier, picture.codec_context.width, picture.codec_context.height)

        def check(frame: av.VideoFrame) -> None:
            if frame.interlaced_frame:
                raise copying.Interlaced
            self._look_at(frame, seen)

        heard = Sounding(source, seen, sound is not ENCODED_SOUND) if sound else None
        for at, packet in copying.copied_packets(source, seen, check):
            copier.copy(packet)
            for item in heard.until(at) if heard else ():
                copier.write_sound(item)
        for item in heard.rest() if heard else ():
            copier.write_sound(item)
        self._finish_taking(copier)

    def _encode(self, source: Source, seen: Look, sound: SoundTrack | None) -> None:
        fps, encoder = round(rate(source)), None
        heard = Sounding(source, seen, sound is not ENCODED_SOUND) if sound else None
        for at, yuv in shape.frames(source, seen, lambda frame: self._look_at(frame, seen)):
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

    def _finish_taking(self, muxer: Muxer) -> None:
        """Whatever goes wrong, goes wrong now, while the file can still be refused."""
        muxer.finish()

    def _count_segment(self, seconds: float) -> None:
        self._segments += 1
        self._seconds_in_segments = seconds

    def _look_at(self, frame: av.VideoFrame, seen: Look) -> None:
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
            self._previews.show(shape.still(frame, PREVIEW_SIDE))

    def _check_in(self, share: float) -> None:
        self._on_frame()
        self._on_share(min(max(share, 0.0), 1.0))


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
