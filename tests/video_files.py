"""Video files as other tools write them, made by PyAV: each kind with what makes it hard to take."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.watch_site import tone

WIDTH, HEIGHT = 192, 108


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """A frame with its number in it: a bright column on a plain ground, which moves by 2 pixels each frame."""
    frame = np.full((height, width, 3), (40, 90, 160), np.uint8)
    at = 2 * number % (width - 8)
    frame[:, at : at + 8] = (250, 200, 60)
    return frame


def number_of(frame: av.VideoFrame, width: int = WIDTH) -> int:
    """The number in a frame that `picture` made, whatever its size has become."""
    row = frame.to_ndarray(format="rgb24")[frame.height // 2, :, 0].astype(float)
    middle = (row > 150).nonzero()[0].mean() * width / frame.width
    return round((middle - 3.5) / 2)


def make_video(
    path: Path,
    frames: int = 50,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    fps: int = 25,
    times: list[int] | None = None,  # of each frame, in milliseconds
    options: dict[str, str] | None = None,
    sound: str = "",
    sound_seconds: float | None = None,
    sound_from: float = 0.0,
    begins: int = 0,  # the first frame's time, in milliseconds
    rotation: int = 0,
    tags: dict[str, int] | None = None,  # of colours, by the context's names
    format: str | None = None,
    interlaced: bool = False,
    container_options: dict[str, str] | None = None,
) -> Path:
    with av.open(str(path), "w", format=format, options=container_options or {}) as container:
        given = {"g": "25", **(options or {})} if codec.startswith("lib") else dict(options or {})
        if interlaced:
            given["flags"] = "+ildct+ilme"
        stream: Any = container.add_stream(codec, rate=fps, options=given)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if rotation:
            stream.set_display_rotation(rotation)
        heard: Any = container.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        times = times or [round(1000 * number / fps) for number in range(frames)]
        for number, at in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), "rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = at + begins, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard:
            seconds = times[-1] / 1000 + 1 / fps if sound_seconds is None else sound_seconds
            for first in range(0, round(seconds * 48_000), 960):
                block = tone(first, min(960, round(seconds * 48_000) - first))
                block.pts += round(48 * begins + sound_from * 48_000)
                container.mux(heard.encode(block))
            container.mux(heard.encode(None))
    return path


def shown(path: Path) -> list[tuple[int, float]]:
    """(number in the picture, second) of each frame."""
    with av.open(str(path)) as video:
        return [(number_of(frame), round(float(frame.time), 3)) for frame in video.decode(video=0)]
