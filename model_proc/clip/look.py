"""What the packets of a video tell before a frame of it is used: its length, its keyframes, its sound.

Danger: a header says what it likes. What is too long or too large, or shorter than it says, is found here, before
a byte of a master is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer

from model_proc.clip.source import Readable, Source, streams

MAX_SECONDS = 1800
LONGEST_SEGMENT_SECONDS, LARGEST_SEGMENT_BYTES = 5, 8_000_000  # that is copied: seeking and memory go by segments
PACKETS_A_LOOK = 500  # between two signs of life
MOST_OF_IT = Fraction(9, 10)  # of what a file says of its length, from which its sound may differ
SLACK = Fraction(3, 100)  # second by which copied sound may begin late, pause, or end early


@dataclass(frozen=True)
class Look:
    """What the packets of a video tell, in seconds of its own clock."""

    begins: Fraction
    ends: Fraction
    pictures: int
    is_plain: bool  # in closed stretches of bounded length and size, each of which begins with a keyframe
    sound: int | None  # the number of the stream
    sound_is_plain: bool  # without a gap, from the first picture to the last

    @property
    def seconds(self) -> Fraction:
        return self.ends - self.begins


def look(source: Source, alive: Callable[[], None]) -> Look:
    """Read all packets once, decoding none; `ValueError` for what is no video, or too long or too large a one."""
    with source.opened() as container:
        picture, sound = streams(source, container)
        sound_index = sound.index if sound else None
        pictures, heard = Stretches(picture), Sounds()
        with Readable(source):
            for number, packet in enumerate(container.demux([picture, *([sound] if sound else [])])):
                if number % PACKETS_A_LOOK == 0:
                    alive()
                if not packet.size or packet.time_base is None:
                    continue
                if packet.stream_index == picture.index:
                    pictures.add(packet)
                    if pictures.ends - pictures.begins > MAX_SECONDS:
                        raise ValueError(f"{source.name} is longer than {MAX_SECONDS // 60} minutes.")
                else:
                    heard.add(packet)
            _check_end(source, container, pictures, heard)
    return Look(
        pictures.begins,
        pictures.ends,
        pictures.count,
        pictures.is_plain and pictures.has_times,
        sound_index if heard.count else None,
        heard.covers(pictures.begins, pictures.ends),
    )


def _check_end(source: Source, container: InputContainer, pictures: "Stretches", heard: "Sounds") -> None:
    """`ValueError` for a file that has no picture in it, or fewer than its own header says: it is cut short."""
    if not pictures.count:
        raise ValueError(f"{source.name} has no pictures.")
    stream = container.streams.video[0]
    told = container.duration or 0
    beyond = any(entry.pos + entry.size > source.size for entry in stream.index_entries)
    longest = max(pictures.ends - pictures.begins, heard.ends - pictures.begins)
    if beyond or longest < Fraction(told, av.time_base) * MOST_OF_IT - 1:
        raise ValueError(f"{source.name} is cut short: it is not as long as it says.")


def from_first(seen: Look, first: av.VideoFrame) -> Look:
    """The same, beginning with the first frame that is shown: not all that can be read can be."""
    if first.pts is None or first.time_base is None:
        return seen
    return replace(seen, begins=first.pts * first.time_base)


class Stretches:
    """The packets of the picture as they come, and what they have in common."""

    def __init__(self, stream: Any) -> None:
        self._rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        extradata = stream.codec_context.extradata or b""
        self._length_bytes = (extradata[4] & 3) + 1 if len(extradata) > 4 else 4
        self._is_h264 = stream.codec_context.name == "h264"
        self.count = 0
        self.begins = self.ends = Fraction(0)
        self.is_plain, self.has_times = True, False
        self._stretch_begins = Fraction(0)
        self._stretch_bytes = 0

    def add(self, packet: Any) -> None:
        if packet.is_discard:
            self.is_plain = False  # decoded and not shown: an edit list begins within a stretch
            return
        ticks = packet.pts if packet.pts is not None else packet.dts
        begins = self.ends if ticks is None else ticks * packet.time_base
        over = begins + (packet.duration * packet.time_base if packet.duration else 1 / self._rate)
        self.has_times = self.has_times or packet.dts is not None  # Matroska has none of the first
        self.is_plain = self.is_plain and packet.pts is not None and (packet.dts is not None) == self.has_times
        if packet.is_keyframe:
            self.is_plain = self.is_plain and begins >= self.ends - 1 / self._rate and self._starts_anew(packet)
            self._stretch_begins, self._stretch_bytes = begins, 0
        self._stretch_bytes += packet.size
        if not self.count:
            self.is_plain = self.is_plain and packet.is_keyframe
            self.begins = begins
        self.is_plain = (
            self.is_plain
            and begins >= self._stretch_begins
            and over - self._stretch_begins <= LONGEST_SEGMENT_SECONDS
            and self._stretch_bytes <= LARGEST_SEGMENT_BYTES
        )
        self.count += 1
        self.begins, self.ends = min(self.begins, begins), max(self.ends, over)

    def _starts_anew(self, packet: Any) -> bool:
        """Whether nothing before the packet is needed to decode what follows: H.264 has keyframes of which not."""
        if not self._is_h264:
            return True
        data, at = bytes(packet), 0
        while at + self._length_bytes < len(data):
            if data[at + self._length_bytes] & 31 == 5:  # a slice of an IDR picture
                return True
            at += self._length_bytes + int.from_bytes(data[at : at + self._length_bytes], "big")
        return False


class Sounds:
    """The packets of the sound as they come: from when on, and until when without a gap."""

    def __init__(self) -> None:
        self.count = 0
        self._begins = self.ends = Fraction(0)
        self._has_gap = False

    def add(self, packet: Any) -> None:
        if packet.pts is None or packet.dts is None or not packet.duration:
            self._has_gap = True
            self.count += 1
            return
        begins = packet.pts * packet.time_base
        self._begins = begins if not self.count else self._begins
        self._has_gap = self._has_gap or (self.count > 0 and abs(begins - self.ends) > SLACK)
        self.ends = begins + packet.duration * packet.time_base
        self.count += 1

    def covers(self, begins: Fraction, ends: Fraction) -> bool:
        return not self._has_gap and self._begins <= begins + SLACK / 6 and self.ends >= ends - SLACK
