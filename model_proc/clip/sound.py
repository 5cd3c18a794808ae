"""The sound of a video that is taken: its own packets, or its samples in stereo, silent where there is none."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from model_proc.clip.copying import copied_sound
from model_proc.clip.look import SLACK, Look
from model_proc.clip.source import Readable, Source

SOUND_RATE, SOUND_BLOCK = 48_000, 4800  # samples a second; and of silence at a time
SOUND_AHEAD = Fraction(1, 2)  # second that sound is written before the picture that it belongs to


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


def sound(source: Source, seen: Look) -> Iterator[tuple[Fraction, Any]]:
    """The sound in stereo, 48,000 samples a second, as long as the picture: silent where there is none."""
    total = round(seen.seconds * SOUND_RATE)
    at = 0
    with source.opened() as container, Readable(source):
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


def _silence(at: int, end: int) -> Iterator[tuple[Fraction, Any]]:
    for first in range(at, end, SOUND_BLOCK):
        yield _block(np.zeros((2, min(SOUND_BLOCK, end - first)), np.float32), first)


def _block(samples: Any, at: int) -> tuple[Fraction, Any]:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
    return Fraction(at, SOUND_RATE), frame
