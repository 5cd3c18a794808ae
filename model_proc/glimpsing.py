"""The glimpse helper: takes a few small stills out of finished videos, behind what else this machine does.

When they are wanted, and where they are kept, is left to `leyline.watching.glimpses` at the other end of the pipe.
Danger: spawn imports this module on both sides, so whatever decodes is imported late; and a frame may be huge, so
memory has a limit, and no video is decoded for longer than the way to its few frames.
"""

import contextlib
import errno
import os
import resource
import traceback
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leyline.processes import protocol
from leyline.processes.lifeline import end_with_the_server

if TYPE_CHECKING:
    from PIL.Image import Image

NICENESS = 10
MEMORY_BYTES = 4 * 2**30  # of address space: what decodes the largest frames of one thread, and the libraries
SIDE = 320  # longest side, in pixels
QUALITY = 80


def run(connection: Connection) -> None:
    """Answer each request on `connection` until a `Shutdown`, or the end of its other end."""
    end_with_the_server()
    os.nice(NICENESS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    def say(message: protocol.FromChild) -> None:
        connection.send_bytes(protocol.encode(message))

    def heard() -> protocol.Message:
        return protocol.decode(connection.recv_bytes(protocol.MAX_MESSAGE_BYTES), protocol.GLIMPSES.from_parent)

    with contextlib.suppress(EOFError, OSError):  # the server has gone
        say(protocol.Ready())
        while isinstance(request := heard(), protocol.Glimpse):
            say(protocol.Began())
            say(_answer(request))


def _answer(request: protocol.Glimpse) -> protocol.Glimpsed | protocol.NotGlimpsed:
    try:
        return protocol.Glimpsed(glimpse(Path(request.source_path), Path(request.glimpses_path), request.count))
    except Exception as error:
        traceback.print_exc()
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        return protocol.NotGlimpsed(disk_full=full, reason=repr(error)[:200])


def glimpse(video: Path, glimpses: Path, most: int) -> int:
    """Write stills of the video, from its first frame on and evenly spread, to a zip: `0.jpg`, …; mode 0600.

    Returns how many there are: `most`, or as many as the video has frames. Raises OSError, or ValueError and what
    PyAV raises for a video that is damaged.
    """
    from model_proc.clip.muxing import new_file

    count = 0
    with new_file(glimpses) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as kept:
        for still in _stills(video, most):
            data = BytesIO()
            still.save(data, "JPEG", quality=QUALITY)
            kept.writestr(f"{count}.jpg", data.getvalue())
            count += 1
    if not count:
        raise ValueError("a video without a frame")
    return count


def _stills(video: Path, most: int) -> Iterator["Image"]:
    """Frames that are as far apart, no frame twice. One that comes a quarter of that before its time will do: of
    long videos it is a keyframe, and of short ones much is never decoded."""
    import av

    with av.open(video) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        tick = stream.time_base
        assert tick is not None
        begins = (stream.start_time or 0) * tick
        apart = Fraction(container.duration or 0, av.time_base) / most
        shown = None
        for number in range(most):
            wanted = begins + number * apart
            container.seek(int(wanted / tick), stream=stream)
            shows = (each for each in container.decode(stream) if (each.pts or 0) * tick >= wanted - apart / 4)
            frame = next(shows, None)
            if frame is not None and frame.pts != shown:
                shown = frame.pts
                yield _small(frame)


def _small(frame: Any) -> "Image":
    scale = min(1, SIDE / max(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    image: Image = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA").to_image()
    return image
