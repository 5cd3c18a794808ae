"""Frames as they are shown: upright, with square pixels, deinterlaced, of even size, in 4:2:0 and BT.709.

How bright colours are toned down is left to `toning`. Danger: a header need not say what its frames are; the first
decoded one does.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import av.filter
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from model_proc.clip import toning
from model_proc.clip.look import Look
from model_proc.clip.source import MOST_FPS, Readable, Source, decode_strictly, rate_of

MAX_SIDE, MAX_SHOWN_PIXELS = 4096, 4096 * 2304  # of a frame that is shown; a larger one is made smaller
BT601, BT709, BT2020 = "smpte170m", "bt709", "bt2020"
MATRICES = {Colorspace.ITU709: BT709, Colorspace.ITU601: BT601, 5: BT601, 6: BT601, 9: BT2020, 10: BT2020}
WIDE_PRIMARIES = 9  # of BT.2020 (ITU-T H.273)


def frames(source: Source, seen: Look, check: Callable[[av.VideoFrame], None]) -> Iterator[tuple[Fraction, Any]]:
    """Each frame as it is shown, 4:2:0 in BT.709, with its time from the first one on, which only grows."""
    last = Fraction(-1)
    with source.opened() as container, Readable(source):
        stream: Any = container.streams.video[0]
        decode_strictly(stream)
        shown: Any
        for shown in _changed(stream, check):
            at = last + 1 / rate_of(stream) if shown.pts is None else shown.pts * shown.time_base - seen.begins
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
        width, height = shown_size(stream, first)
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


def needs_change(first: av.VideoFrame) -> bool:
    return first.rotation != 0 or first.interlaced_frame or _needs_toning(first)


def _needs_toning(frame: av.VideoFrame) -> bool:
    return int(frame.color_trc) in (toning.PQ, toning.HLG) or int(frame.color_primaries) == WIDE_PRIMARIES


def shown_size(stream: Any, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as the frame is shown: upright, with square pixels, even, and not too large."""
    aspect = stream.sample_aspect_ratio or 1
    width, height = frame.width * (aspect if aspect > 0 else 1), frame.height
    if frame.rotation % 180:
        width, height = height, width
    shrunk = min(1.0, MAX_SIDE / max(width, height), (MAX_SHOWN_PIXELS / (width * height)) ** 0.5)
    return max(2, int(width * shrunk) // 2 * 2), max(2, int(height * shrunk) // 2 * 2)


def _is_rgb(frame: av.VideoFrame) -> bool:
    return frame.format.name.startswith(("rgb", "bgr", "gbr", "pal", "argb", "abgr", "0rgb"))


def still(frame: av.VideoFrame, side: int) -> Any:
    """The frame as a small picture in RGB, upright."""
    smaller = min(1.0, side / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * smaller)), max(1, round(frame.height * smaller))
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, frame.rotation // 90 % 4))
