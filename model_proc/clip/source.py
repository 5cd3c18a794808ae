"""The video file that a model hands over, opened once and read through windows of our own.

Danger: the file may be anything. It must be a regular file, and is read by a demuxer that its first bytes name, so
that none is ever asked that opens other files or addresses. A stream of PyAV's must not be touched once its
container is closed: what it says then is chance.
"""

import os
import stat
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

MAX_PIXELS = 8192 * 4320  # of a frame that is decoded at all
MOST_FPS = 240

IN_MP4 = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


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


def streams(source: Source, container: InputContainer) -> tuple[Any, Any]:
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


def first_frame(source: Source) -> av.VideoFrame:
    """The first frame, which tells what no header does; `ValueError` when there is none."""
    with source.opened() as container, Readable(source):
        for frame in container.decode(container.streams.video[0]):
            return frame
    raise ValueError(f"{source.name} has no picture that could be decoded.")


def rate(source: Source) -> Fraction:
    """How many frames a second there are on average, at most `MOST_FPS`."""
    with source.opened() as container:
        return rate_of(container.streams.video[0])


def rate_of(stream: Any) -> Fraction:
    return min(max(Fraction(stream.average_rate or stream.guessed_rate or 25), Fraction(1)), Fraction(MOST_FPS))


def is_in(stream: Any, *formats: str) -> bool:
    """Whether its file is of one of these formats, in which packets lie as they do in a master."""
    return any(name in stream.container.format.name for name in formats)


def decode_strictly(stream: Any) -> None:
    stream.thread_type = "AUTO"
    stream.codec_context.options = {"err_detect": "explode", "max_pixels": str(MAX_PIXELS)}


class Readable:
    """Within it, what cannot be read or decoded is a `ValueError` with a plain sentence."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> None:
        """Nothing is done yet."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if isinstance(error, av.FFmpegError):
            raise ValueError(f"{self._source.name} is damaged and cannot be decoded to its end.") from error
