"""The format of a master: a fragmented MP4, laid out for Common Encryption (ISO/IEC 23001-7, `cenc`), in clear.

Its boxes, its IVs and which of its bytes are protected are those of an encrypted video, written by FFmpeg; only
the payload is not encrypted. The first track is the picture; there may be a second, the sound, under the same key.
So a view of it is a key and nothing else: `apply` turns any part of the file into what FFmpeg would have written
under that key. Who may have a key is left to `watching`. Danger: what `protected` leaves out is sent as it is, so
it refuses a fragment that does not say of every sample how it is protected.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

KEY_BYTES, BLOCK_BYTES = 16, 16
NO_KEY = bytes(KEY_BYTES)  # a master is muxed under this one, and written with it taken off again
# delay_moov writes the first fragment's edit list; without it the duration is wrong.
MUXING = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+delay_moov",
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": NO_KEY.hex(),
    "encryption_kid": NO_KEY.hex(),
}

HEADER_BYTES = 8
# How far inside a box its children begin; a box that is not here has none that matter.
CHILDREN = {b"stsd": 8, b"encv": 78, b"enca": 28} | dict.fromkeys(
    b"moov trak edts mdia minf stbl sinf schi moof traf mfra".split(), 0
)
IN_TFHD = ((0x1, 8), (0x2, 4), (0x8, 4))  # (flag, bytes) of what may stand before the samples' common size
IN_TRUN = (0x100, 0x200, 0x400, 0x800)  # flags of what may stand there of each sample, four bytes each
OFFSET_IN_TRUN, FIRST_FLAGS_IN_TRUN = 0x1, 0x4
DURATION, SIZE = (0x100, 0x8), (0x200, 0x10)  # the flags in `trun`, of each sample, and in `tfhd`, of all
COMPOSITION = 0x800  # the flag in `trun` of how much later than decoded each sample is shown
SUBSAMPLES_IN_SENC = 0x2
PICTURE = 1  # the number of its track
IV_BYTES = 8
COUNT_IN_SAIZ = 5
ENTRIES_IN_TFRA, ENTRY_BYTES = 16, 19  # as FFmpeg writes it: a time and a place of 8 bytes, and 3 numbers of 1


class Damaged(Exception):
    """These bytes are not a video laid out for Common Encryption."""


class Box(NamedTuple):
    """A box of ISO/IEC 14496-12, by its places in the bytes that it was found in."""

    kind: bytes
    start: int
    body: int
    end: int


class Range(NamedTuple):
    """Bytes `start` to `end` (exclusive) of a file, protected by a sample's keystream from byte `used` on."""

    start: int
    end: int
    iv: bytes
    used: int


def boxes(data: bytes | bytearray, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side; `Damaged` for one that does not end within them."""
    end = len(data) if end is None else end
    while start + HEADER_BYTES <= end:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < HEADER_BYTES or start + size > end:
            raise Damaged("a box that is cut short")
        yield Box(bytes(data[start + 4 : start + 8]), start, start + HEADER_BYTES, start + size)
        start += size


def every_box(data: bytes | bytearray, start: int = 0, end: int | None = None) -> dict[bytes, Box]:
    """The boxes and the boxes in them, by kind; of several of a kind the last one."""
    found: dict[bytes, Box] = {}
    for box in boxes(data, start, end):
        found[box.kind] = box
        if box.kind in CHILDREN:
            found |= every_box(data, box.body + CHILDREN[box.kind], box.end)
    return found


def tracks(moov: bytes | bytearray, start: int = 0, end: int | None = None) -> list[dict[bytes, Box]]:
    """The boxes of each track of a `moov`, by kind."""
    return _parts(moov, b"moov", b"trak", start, end)


def runs(moof: bytes | bytearray) -> list[dict[bytes, Box]]:
    """The boxes of each track's samples in a `moof`, by kind."""
    return _parts(moof, b"moof", b"traf")


def _parts(
    data: bytes | bytearray, whole: bytes, part: bytes, start: int = 0, end: int | None = None
) -> list[dict[bytes, Box]]:
    return [
        every_box(data, inner.body, inner.end)
        for outer in boxes(data, start, end)
        if outer.kind == whole
        for inner in boxes(data, outer.body, outer.end)
        if inner.kind == part
    ]


def picture(moof: bytes | bytearray) -> dict[bytes, Box]:
    """The boxes of the picture's samples in a `moof`; `Damaged` where it has none."""
    for found in runs(moof):
        tfhd = found[b"tfhd"].body
        if int.from_bytes(moof[tfhd + 4 : tfhd + 8], "big") == PICTURE:
            return found
    raise Damaged("a fragment without a picture")


def protected(moof: bytes | bytearray, at: int) -> list[Range]:
    """What is protected of the fragment whose `moof` lies at byte `at` of its file, in order; else `Damaged`."""
    try:
        found = [each for run in runs(moof) for each in _protected_of_run(moof, at, run)]
    except (KeyError, struct.error) as error:
        raise Damaged("a fragment that lacks something") from error
    if not found:
        raise Damaged("a fragment without samples")
    return sorted(found)


def _protected_of_run(moof: bytes | bytearray, at: int, found: dict[bytes, Box]) -> Iterator[Range]:
    flags, count, offset = struct.unpack_from(">IIi", moof, found[b"trun"].body)
    senc_flags, described = struct.unpack_from(">II", moof, found[b"senc"].body)
    sizes = sample_sizes(moof, found)
    if not flags & OFFSET_IN_TRUN or not count == described == len(sizes):
        raise Damaged("a fragment that does not say how each of its samples is protected")
    has_parts = bool(senc_flags & SUBSAMPLES_IN_SENC)
    return _ranges(moof, found[b"senc"].body + 8, at + offset, sizes, has_parts)


def without_stale_ivs(moof: bytearray) -> bytearray:
    """The fragment with its own samples' IVs only: of the sound, FFmpeg lists those of all earlier ones too."""
    gone = 0
    for found in reversed(runs(moof)):  # the last first: what lies before stays where it is
        (count,) = struct.unpack_from(">I", moof, found[b"trun"].body + 4)
        flags, described = struct.unpack_from(">II", moof, found[b"senc"].body)
        stale = IV_BYTES * (described - count)
        if stale <= 0 or flags & SUBSAMPLES_IN_SENC:
            continue
        struct.pack_into(">I", moof, found[b"saiz"].body + COUNT_IN_SAIZ, count)
        struct.pack_into(">I", moof, found[b"senc"].body + 4, count)
        for box in (found[b"senc"], _around(moof, found)):
            struct.pack_into(">I", moof, box.start, box.end - box.start - stale)
        del moof[found[b"senc"].body + 8 : found[b"senc"].body + 8 + stale]
        gone += stale
        struct.pack_into(">I", moof, 0, len(moof))
    if gone:
        for found in runs(moof):
            at = found[b"trun"].body + 8
            (offset,) = struct.unpack_from(">i", moof, at)
            struct.pack_into(">i", moof, at, offset - gone)
    return moof


def _around(moof: bytearray, found: dict[bytes, Box]) -> Box:
    """The `traf` that these boxes lie in."""
    inner = boxes(moof, HEADER_BYTES)
    return next(box for box in inner if box.start < found[b"tfhd"].start < box.end)


def ticks_a_second(moov: bytes | bytearray, track: dict[bytes, Box]) -> int:
    """In what the track's times are counted."""
    mdhd = track[b"mdhd"]
    (ticks,) = struct.unpack_from(">I", moov, mdhd.body + (20 if moov[mdhd.body] else 12))
    return int(ticks)


def shift(moov: bytes | bytearray, track: dict[bytes, Box]) -> int:
    """How many ticks after its decoding the first sample is shown, which the track's edit list says."""
    if b"elst" not in track:
        return 0
    at = track[b"elst"].body
    (count,) = struct.unpack_from(">I", moov, at + 4)
    entry, size = (">Qq", 20) if moov[at] else (">Ii", 12)  # how long, and from when on
    begins = [struct.unpack_from(entry, moov, at + 8 + size * number)[1] for number in range(count)]
    return next((int(time) for time in begins if time >= 0), 0)


def times(moof: bytes | bytearray) -> tuple[int, int]:
    """The ticks at which a fragment's picture begins to be shown, and is over, by decoding's clock."""
    found = picture(moof)
    tfdt = found[b"tfdt"]
    at = int.from_bytes(moof[tfdt.body + 4 : tfdt.end], "big")
    durations = sample_durations(moof, found)
    shown = []
    for duration, later in zip(durations, _composition(moof, found), strict=True):
        shown.append(at + later)
        at += duration
    return min(shown), max(shown) + durations[-1]


def _composition(moof: bytes | bytearray, found: dict[bytes, Box]) -> list[int]:
    """How many ticks after its decoding each sample is shown."""
    flags, count = struct.unpack_from(">II", moof, found[b"trun"].body)
    if not flags & COMPOSITION:
        return [0] * count
    offsets = _of_samples(moof, found, COMPOSITION, 0)
    return [offset - 2**32 if offset >= 2**31 else offset for offset in offsets]


def sample_sizes(moof: bytes | bytearray, found: dict[bytes, Box]) -> list[int]:
    """The size of each sample of a fragment in bytes."""
    return _of_samples(moof, found, *SIZE)


def sample_durations(moof: bytes | bytearray, found: dict[bytes, Box]) -> list[int]:
    """How long each sample of a fragment is shown, in ticks of its track."""
    return _of_samples(moof, found, *DURATION)


def _of_samples(moof: bytes | bytearray, found: dict[bytes, Box], own: int, common: int) -> list[int]:
    """What stands of each sample in `trun` under the flag `own`, else for all in `tfhd` under `common`."""
    flags, count = struct.unpack_from(">II", moof, found[b"trun"].body)
    if not flags & own:
        flags = int.from_bytes(moof[found[b"tfhd"].body : found[b"tfhd"].body + 4], "big")
        if not flags & common:
            raise Damaged("a fragment that does not say the size of its samples")
        before = sum(size for flag, size in IN_TFHD if flags & flag and flag < common)
        (of_all,) = struct.unpack_from(">I", moof, found[b"tfhd"].body + 8 + before)
        return [int(of_all)] * count
    told = [flag for flag in IN_TRUN if flags & flag]
    first = found[b"trun"].body + 12 + (4 if flags & FIRST_FLAGS_IN_TRUN else 0)
    words: tuple[int, ...] = struct.unpack_from(f">{count * len(told)}I", moof, first)
    return list(words)[told.index(own) :: len(told)]


def _ranges(moof: bytes | bytearray, senc: int, at: int, sizes: list[int], has_parts: bool) -> Iterator[Range]:
    for size in sizes:
        iv, senc = bytes(moof[senc : senc + 8]), senc + 8
        if not has_parts:
            yield Range(at, at + size, iv, 0)
            at += size
            continue
        end, used = at + size, 0
        (parts,) = struct.unpack_from(">H", moof, senc)
        for clear, encrypted in struct.iter_unpack(">HI", moof[senc + 2 : senc + 2 + 6 * parts]):
            at += clear
            yield Range(at, at + encrypted, iv, used)
            at, used = at + encrypted, used + encrypted
        if at != end:
            raise Damaged("a sample that is not described to its end")
        senc += 2 + 6 * parts


def apply(key: bytes, ranges: list[Range], data: bytearray, at: int) -> None:
    """Encrypt, or decrypt, in place what is protected of `data`, which lies at byte `at` of its file."""
    keystream = Cipher(AES(key), CTR(bytes(BLOCK_BYTES))).encryptor()
    first = max(0, bisect_right(ranges, at, key=lambda found: found.start) - 1)
    for start, end, iv, used in ranges[first:]:
        if start >= at + len(data):
            return
        begin, end = max(start, at), min(end, at + len(data))
        if begin >= end:
            continue
        block, within = divmod(used + begin - start, BLOCK_BYTES)
        keystream.reset_nonce(iv + block.to_bytes(8, "big"))
        keystream.update(bytes(within))
        data[begin - at : end - at] = keystream.update(bytes(data[begin - at : end - at]))


class ClearWriter:
    """A file for a muxer that was given `MUXING`: what it encrypts is written in clear, fragment by fragment.

    It has no `seek`, so the muxer goes forward only, and what was written stays as it is. It holds one fragment.
    """

    def __init__(
        self, write: Callable[[bytes], object], on_fragment: Callable[[float], None] = lambda seconds: None
    ) -> None:
        """`write` takes the finished boxes, one after the other; after each fragment `on_fragment` is called with
        how long its picture is by now, in seconds."""
        self._write = write
        self._on_fragment = on_fragment
        self._pending = bytearray()
        self._moof: bytearray | None = None
        self._ticks, self._shift = 1, 0
        self._at = 0  # in the file, of the fragment whose moof is held
        self._muxers_at = 0  # the same as the muxer has it
        self._places: dict[int, int] = {}  # of each fragment: where the muxer has it, and where it is

    def write(self, data: bytes) -> int:
        self._pending += data
        while len(self._pending) >= HEADER_BYTES:
            size = int.from_bytes(self._pending[:4], "big")
            if size < HEADER_BYTES or size > len(self._pending):
                break
            box, self._pending = self._pending[:size], self._pending[size:]
            self._take(box)
        return len(data)

    def _take(self, box: bytearray) -> None:
        if box[4:8] == b"moof":
            self._places[self._muxers_at] = self._at
            self._muxers_at += len(box)
            self._moof = without_stale_ivs(box)
            return
        self._muxers_at += len(box)
        if box[4:8] == b"mfra":
            self._correct(box)
        if box[4:8] == b"moov":
            self._ticks, self._shift = ticks_a_second(box, tracks(box)[0]), shift(box, tracks(box)[0])
        if box[4:8] == b"mdat" and self._moof is not None:
            moof, self._moof = self._moof, None
            apply(NO_KEY, protected(moof, self._at), box, self._at + len(moof))
            self._pass_on(moof + box)
            self._on_fragment((times(moof)[1] - self._shift) / self._ticks)
            return
        self._pass_on(box)

    def _correct(self, mfra: bytearray) -> None:
        """Have the index say where the fragments are."""
        for tfra in boxes(mfra, HEADER_BYTES):
            if tfra.kind == b"tfra":
                for at in range(tfra.body + ENTRIES_IN_TFRA + 8, tfra.end, ENTRY_BYTES):
                    (place,) = struct.unpack_from(">Q", mfra, at)
                    struct.pack_into(">Q", mfra, at, self._places[place])

    def _pass_on(self, data: bytearray) -> None:
        self._write(bytes(data))
        self._at += len(data)
