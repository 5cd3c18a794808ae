"""What browsers play as it is, packet by packet, without loss; each frame is decoded on the way and checked.

Every frame, so that what is kept can be played to its end. Where a file cannot be copied, `shape` has its frames.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av

from model_proc.clip.look import Look
from model_proc.clip.shape import needs_change, shown_size
from model_proc.clip.source import Readable, Source, decode_strictly, is_in, rate_of

COPIED_PROFILES = {"Constrained Baseline", "Baseline", "Main", "High"}
HIGHEST_LEVEL = 52


class Interlaced(Exception):
    """A frame of two fields where none was expected."""


def is_copied(stream: Any, first: av.VideoFrame, seen: Look) -> bool:
    """Whether browsers play this picture as it is, and its keyframes are such that it can be sought in."""
    context = stream.codec_context
    if not seen.is_plain or not is_in(stream, "mov", "matroska"):
        return False
    is_h264 = (
        context.name == "h264"
        and context.profile in COPIED_PROFILES
        and 0 < (context.level or 0) <= HIGHEST_LEVEL
        and (context.extradata or b"")[:1] == b"\1"
    )
    is_vp9 = context.name in ("vp9", "libvpx-vp9") and "0" in str(context.profile)
    width, height = first.width, first.height
    return (
        (is_h264 or is_vp9)
        and first.format.name == "yuv420p"
        and not needs_change(first)
        and (width, height) == shown_size(stream, first)
    )


def copied_packets(
    source: Source, seen: Look, check: Callable[[av.VideoFrame], None]
) -> Iterator[tuple[Fraction, Any]]:
    """Each packet of the picture with its time from the first picture on; its frames are decoded and checked."""
    with source.opened() as container, Readable(source):
        stream: Any = container.streams.video[0]
        decode_strictly(stream)
        tick: Any = stream.time_base
        shift, step = round(seen.begins / tick), max(1, round(1 / rate_of(stream) / tick))
        held: list[Any] = []
        for packet in container.demux(stream):
            for frame in packet.decode():
                check(frame)
            if not packet.size or packet.pts is None:
                continue
            held.append(packet)
            if packet.dts is None:  # of the first: they are decoded before the first that has one
                continue
            for number, each in enumerate(held):
                decoded = packet.dts - step * (len(held) - 1 - number)
                each.pts, each.dts = each.pts - shift, decoded - shift
                yield each.dts * tick, each
            held.clear()


def sound_is_copied(stream: Any, seen: Look) -> bool:
    """Whether browsers play this sound as it is: AAC-LC or Opus in one or two channels, without a gap."""
    context = stream.codec_context
    is_known = (context.name == "aac" and context.profile == "LC") or context.name in ("opus", "libopus")
    is_here = is_in(stream, "mov", "matroska") and context.extradata and context.layout.nb_channels <= 2
    return bool(seen.sound_is_plain and is_known and is_here)


def copied_sound(source: Source, seen: Look) -> Iterator[tuple[Fraction, Any]]:
    """The sound's packets, each with its time, as long as the picture lasts."""
    with source.opened() as container, Readable(source):
        stream: Any = container.streams[seen.sound or 0]
        shift = round(seen.begins / stream.time_base)
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None or packet.dts is None or packet.duration is None:
                continue
            begins = packet.pts * stream.time_base
            # The one that ends as the picture begins is kept: decoders of AAC need it to begin with.
            if begins + packet.duration * stream.time_base < seen.begins or begins >= seen.ends:
                continue
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            yield begins - seen.begins, packet
