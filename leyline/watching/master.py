"""A master as those see it who watch: open, in its layout, readable only under the key of a view.

One that is still being made is as long as its whole segments, and only grows. Its format is `leyline.cenc`'s,
where it lies is `media`'s. Danger: all here blocks on the disk, so call it in a thread; and there is no way to read
the file but under a key, so that no clear byte can be sent by mistake.
"""

import os
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from leyline import cenc
from leyline.errors import VideoMissing

HEAD_BYTES = 16 * 1024  # of `ftyp` and `moov`, which take about 1 kB
FOOTER_BYTES = 16  # `mfro`, the last box: it says where the index of the fragments begins
TFRA = b"\1\0\0\0\0\0\0\1\0\0\0\0"  # of the first track; times of 8 bytes, numbers of 1, as FFmpeg writes it
BEFORE_ENTRIES = len(TFRA) + 4
ENTRY = struct.Struct(">QQ3x")  # when a fragment begins, and at which byte
KID_IN_TENC = 8
DECODER_CONFIG, DECODER_SPECIFIC = b"\4", b"\5"  # tags of descriptors in `esds` (ISO/IEC 14496-1)


class NotLaidOut(Exception):
    """A video of an earlier release, which is not laid out for Common Encryption."""


@dataclass(frozen=True)
class Layout:
    """What is fixed of a video, whoever watches it; of one that is not `complete`, so far."""

    size: int
    codec: str  # as browsers name it, such as avc1.4d401f, or with sound avc1.4d401f,mp4a.40.2
    seconds: float
    segments: tuple[tuple[float, int], ...]  # (first second, first byte) of each part that starts on a keyframe
    ticks: int  # a second, in the times of its track
    shift: int  # ticks from the first decoding to the first picture
    complete: bool
    kids_at: tuple[int, ...]  # where the name of the key stands, the only thing that differs between views in clear


class Master:
    """A video's file, open for one reader until `close`."""

    def __init__(self, path: Path, known: Layout | None = None, *, growing: bool = False) -> None:
        """`growing`: it is still being made; `known`: what was known of it earlier, so that only the rest is read.

        Raises `NotLaidOut`, or `VideoMissing` when it is not there or is damaged.
        """
        try:
            self._file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            raise VideoMissing from None
        try:
            self.layout = _layout_so_far(self._file, known) if growing else _layout(self._file)
        except BaseException as error:
            self.close()
            if isinstance(error, cenc.Damaged | struct.error | KeyError | ValueError | IndexError):
                raise damaged() from error
            raise
        self._starts = [start for _, start in self.layout.segments]
        self._fragment: tuple[int, list[cenc.Range]] = (-1, [])  # the one read last, and what is protected of it

    def __enter__(self) -> "Master":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._file)

    @property
    def is_deleted(self) -> bool:
        """Whether the file has no name any more: who still reads it should stop."""
        return os.fstat(self._file).st_nlink == 0

    def read(self, start: int, end: int, key: bytes, kid: bytes) -> bytes:
        """Bytes `start` to `end` (exclusive) as they are under the key that is named `kid`; else `VideoMissing`."""
        try:
            return self._read(start, end, key, kid)
        except (OSError, cenc.Damaged) as error:
            raise damaged() from error

    def _read(self, start: int, end: int, key: bytes, kid: bytes) -> bytes:
        if end > self.layout.size:  # of what lies there nobody knows how it is protected
            raise cenc.Damaged("bytes beyond those that are known")
        data = bytearray(_read(self._file, start, end - start))
        for kid_at in self.layout.kids_at:
            _lay_over(data, start, kid, kid_at)
        first = max(0, bisect_right(self._starts, start) - 1)
        for number in range(first, bisect_right(self._starts, end - 1)):
            cenc.apply(key, self._protected(number), data, start)
        return bytes(data)

    def _protected(self, number: int) -> list[cenc.Range]:
        """What is protected of this fragment; one is kept, for the next piece of it is asked for next."""
        known, ranges = self._fragment
        if known != number:
            at = self._starts[number]
            ranges = cenc.protected(_moof(self._file, at), at)
            self._fragment = number, ranges
        return ranges


def damaged() -> VideoMissing:
    return VideoMissing("The video's file is damaged on the server. Send the picture again.")


def _lay_over(data: bytearray, at: int, patch: bytes, place: int) -> None:
    """Put as much of `patch` as belongs there over `data`, which lies at `at`, where it belongs at `place`."""
    begin, end = max(at, place), min(at + len(data), place + len(patch))
    if begin < end:
        data[begin - at : end - at] = patch[begin - place : end - place]


def _layout(file: int) -> Layout:
    """As the file's own boxes tell it: `moov` at its beginning, the index and the last fragment at its end."""
    size = os.fstat(file).st_size
    empty = _empty(file)
    segments = tuple((start / empty.ticks, at) for start, at in _index(file, size))
    seconds = _times_of_fragment(file, segments[-1][1], empty)[1]
    return replace(empty, size=size, seconds=seconds, segments=segments, complete=True)


def _layout_so_far(file: int, known: Layout | None) -> Layout:
    """As the whole fragments tell it that are there by now, from the end of what is `known`."""
    layout = known or _empty(file)
    segments = list(layout.segments)
    seconds, size = layout.seconds, layout.size
    for at, end in _whole_fragments(file, layout.size):
        begin, seconds = _times_of_fragment(file, at, layout)
        segments.append((begin, at))
        size = end
    return replace(layout, size=size, seconds=seconds, segments=tuple(segments))


def _whole_fragments(file: int, at: int) -> Iterator[tuple[int, int]]:
    """(first byte, end) of each fragment from byte `at` on, of which every byte has been written."""
    written = os.fstat(file).st_size
    while (moof := _box_at(file, at, written)) and moof.kind == b"moof":
        mdat = _box_at(file, moof.end, written)
        if mdat is None or mdat.kind != b"mdat":
            return
        yield at, mdat.end
        at = mdat.end


def _box_at(file: int, at: int, written: int) -> cenc.Box | None:
    """The box that begins at this byte, if all of it has been written."""
    header = os.pread(file, cenc.HEADER_BYTES, at)
    end = at + int.from_bytes(header[:4], "big")
    if len(header) < cenc.HEADER_BYTES or not at + cenc.HEADER_BYTES <= end <= written:
        return None
    return cenc.Box(header[4:8], at, at + cenc.HEADER_BYTES, end)


def _empty(file: int) -> Layout:
    """The layout before its first segment."""
    head = os.pread(file, HEAD_BYTES, 0)
    moov = _moov(head)
    tracks = cenc.tracks(head, moov.start, moov.end)
    if not tracks or b"encv" not in tracks[0]:
        raise NotLaidOut
    return Layout(
        size=moov.end,
        codec=",".join([_codec(head, tracks[0]), *(_codec_of_sound(head, track) for track in tracks[1:])]),
        seconds=0.0,
        segments=(),
        ticks=cenc.ticks_a_second(head, tracks[0]),
        shift=cenc.shift(head, tracks[0]),
        complete=False,
        kids_at=tuple(track[b"tenc"].body + KID_IN_TENC for track in tracks),
    )


def _moov(head: bytes) -> cenc.Box:
    for box in cenc.boxes(head):
        if box.kind == b"moov":
            return box
    raise cenc.Damaged("a file without moov")


def _codec(head: bytes, init: dict[bytes, cenc.Box]) -> str:
    """The `codecs` parameter (RFC 6381) of the video whose decoder configuration is in `init`."""
    if b"avcC" in init:
        at = init[b"avcC"].body
        return f"avc1.{head[at + 1 : at + 4].hex()}"
    at = init[b"vpcC"].body
    profile, level, depth = head[at + 4], head[at + 5], head[at + 6] >> 4
    return f"vp09.{profile:02}.{level:02}.{depth:02}"


def _codec_of_sound(head: bytes, init: dict[bytes, cenc.Box]) -> str:
    """The same of the sound: AAC by its object type (ISO/IEC 14496-3), or Opus."""
    if b"dOps" in init:
        return "opus"
    esds = init[b"esds"]
    at = head.index(DECODER_CONFIG, esds.body, esds.end) + len(DECODER_CONFIG)
    at = head.index(DECODER_SPECIFIC, at + 13, esds.end) + 1  # 13 bytes are the decoder's own
    while head[at] & 0x80:  # a length, of which FFmpeg writes four bytes
        at += 1
    return f"mp4a.40.{head[at + 1] >> 3}"


def _index(file: int, size: int) -> list[tuple[int, int]]:
    """(first tick, first byte) of each fragment, from the `tfra` that FFmpeg writes at a file's end."""
    footer = os.pread(file, FOOTER_BYTES, size - FOOTER_BYTES)
    if footer[4:8] != b"mfro":
        raise cenc.Damaged("a file without an index")
    length = int.from_bytes(footer[-4:], "big")
    index = os.pread(file, length, size - length)
    tfra = next(box for mfra in cenc.boxes(index) for box in cenc.boxes(index, mfra.body, mfra.end))
    first, entries = tfra.body + BEFORE_ENTRIES, index[tfra.body + BEFORE_ENTRIES : tfra.end]
    if index[tfra.body : first - 4] != TFRA or len(entries) != ENTRY.size * int.from_bytes(
        index[first - 4 : first]
    ):
        raise cenc.Damaged("an index of another kind")
    return list(ENTRY.iter_unpack(entries))


def _times_of_fragment(file: int, at: int, layout: Layout) -> tuple[float, float]:
    """The seconds at which the fragment that begins at byte `at` begins to be shown, and is over."""
    begins, over = cenc.times(_moof(file, at))
    return (begins - layout.shift) / layout.ticks, (over - layout.shift) / layout.ticks


def _moof(file: int, at: int) -> bytes:
    header = _read(file, at, cenc.HEADER_BYTES)
    if header[4:8] != b"moof":
        raise cenc.Damaged("an index that points nowhere")
    return _read(file, at, int.from_bytes(header[:4], "big"))


def _read(file: int, at: int, size: int) -> bytes:
    data = os.pread(file, size, at)
    if len(data) != size:
        raise cenc.Damaged("a file that is cut short")
    return data
