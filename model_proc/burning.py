"""The label helper: burns a viewing link's label into a copy of a video, behind all else that this machine does.

When one is wanted, and what becomes of it, is left to `leyline.watching.copies` at the other end of the pipe.
Danger: spawn imports this module on both sides, so whatever draws and encodes is imported late.
"""

import contextlib
import errno
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leyline.processes import protocol
from leyline.processes.lifeline import end_with_the_server

if TYPE_CHECKING:
    from model_proc.clip.muxing import Encoder

NICE = 19  # the lowest priority that there is
TOLD_SECONDS = 1.0  # from one sign of life to the next

Say = Callable[[protocol.FromChild], None]


def run(connection: Connection) -> None:
    """Answer each request on `connection` until a `Shutdown`, or the end of its other end."""
    end_with_the_server()
    os.nice(NICE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def say(message: protocol.FromChild) -> None:
        connection.send_bytes(protocol.encode(message))

    with contextlib.suppress(EOFError, OSError):  # the server has gone
        say(protocol.Ready())
        while True:
            request = protocol.decode(
                connection.recv_bytes(protocol.MAX_MESSAGE_BYTES), protocol.LABELS.from_parent
            )
            match request:
                case protocol.TryLabel():
                    say(protocol.Began())
                    say(_tried(request))
                case protocol.Burn():
                    say(protocol.Began())
                    say(_burned(request, say))
                case _:
                    return


def _tried(request: protocol.TryLabel) -> protocol.Tried:
    from model_proc import label

    try:
        label.font_for(request.label)
    except label.NotDrawable:
        return protocol.Tried(drawable=False)
    return protocol.Tried(drawable=True)


def _burned(request: protocol.Burn, say: Say) -> protocol.Burned | protocol.NotBurned:
    run = request.task_id, request.run
    due = time.monotonic()

    def alive() -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + TOLD_SECONDS
            say(protocol.Burning(*run))

    try:
        burn(Path(request.source_path), Path(request.copy_path), request.label, request.codec, alive)
    except Exception as error:
        traceback.print_exc()
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        return protocol.NotBurned(*run, disk_full=full, reason=repr(error)[:200])
    return protocol.Burned(*run)


def burn(source: Path, copy: Path, label: str, codec: str, alive: Callable[[], None]) -> None:
    """Write the video at `source` to `copy` with the label in each of its frames; `alive` is called at each. Each
    frame keeps its time, and the sound stays as it is.

    Raises `NotDrawable`, OSError, or what PyAV raises for a video that is damaged.
    """
    import av
    import numpy as np

    from model_proc.clip.muxing import Encoder, new_file
    from model_proc.label import Label

    with av.open(source) as video, av.open(source) as sounding, new_file(copy) as file:
        stream = video.streams.video[0]
        size = stream.codec_context.width, stream.codec_context.height
        drawn = Label(label, *size)
        fps, tick = max(1, round(stream.average_rate or 30)), stream.time_base
        assert tick is not None
        sound = next(iter(sounding.streams.audio), None)
        encoder = Encoder(file, codec, fps, *size, tick=tick, sound=sound)
        packets = iter(sounding.demux(sound) if sound else ())
        for frame in video.decode(stream):
            planes = np.ascontiguousarray(frame.reformat(format="yuv420p").to_ndarray(), np.uint8)
            drawn.lay_on(planes)
            assert frame.pts is not None
            encoder.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p"), frame.pts)
            _pass_on(packets, encoder, frame.pts * tick)
            alive()
        _pass_on(packets, encoder, None)
        encoder.finish()


def _pass_on(packets: Iterator[Any], encoder: "Encoder", until: Fraction | None) -> None:
    """Write what is heard up to this second, or to the end; of the packet that goes beyond it, all."""
    for packet in packets:
        if packet.size and packet.pts is not None:
            encoder.write_sound(packet)
            if until is not None and packet.pts * packet.time_base >= until:
                return
