"""The format of a master: a fragmented MP4, laid out for Common Encryption (ISO/IEC 23001-7, `cenc`), in clear.

Its boxes, its IVs and which of its bytes are protected are those of an encrypted video, written by FFmpeg; only
the payload is not encrypted. So a view of it is a key and nothing else: `apply` turns any part of the file into
what FFmpeg would have written under that key. Who may have a key is left to `watching`. Danger: what `protected`
leaves out is sent as it is, so it refuses a fragment that does not say of every sample how it is protected.
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
CHILDREN = {b"stsd": 8, b"encv": 78} | dict.fromkeys(
    b"moov trak mdia minf stbl sinf schi moof traf mfra".split(), 0
)
IN_TFHD = ((0x1, 8), (0x2, 4), (0x8, 4))  # (flag, bytes) of what may stand before the samples' common size
IN_TRUN = (0x100, 0x200, 0x400, 0x800)  # flags of what may stand there of each sample, four bytes each
OFFSET_IN_TRUN, FIRST_FLAGS_IN_TRUN = 0x1, 0x4
DURATION, SIZE = (0x100, 0x8), (0x200, 0x10)  # the flags in `trun`, of each sample, and in `tfhd`, of all
SUBSAMPLES_IN_SENC = 0x2


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


def protected(moof: bytes | bytearray, at: int) -> list[Range]:
    """What is protected of the fragment whose `moof` lies at byte `at` of its file, in order; else `Damaged`."""
    try:
        found = every_box(moof)
        flags, count, offset = struct.unpack_from(">IIi", moof, found[b"trun"].body)
        senc_flags, described = struct.unpack_from(">II", moof, found[b"senc"].body)
        sizes = sample_sizes(moof, found)
        if not flags & OFFSET_IN_TRUN or not count == described == len(sizes):
            raise Damaged("a fragment that does not say how each of its samples is protected")
        has_parts = bool(senc_flags & SUBSAMPLES_IN_SENC)
        return list(_ranges(moof, found[b"senc"].body + 8, at + offset, sizes, has_parts))
    except (KeyError, struct.error) as error:
        raise Damaged("a fragment that lacks something") from error


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
        self, write: Callable[[bytes], object], on_fragment: Callable[[int], None] = lambda samples: None
    ) -> None:
        """`write` takes the finished boxes, one after the other; after each fragment `on_fragment` is called with
        how many samples are in it."""
        self._write = write
        self._on_fragment = on_fragment
        self._pending = bytearray()
        self._moof: bytearray | None = None
        self._at = 0  # in the file, of the fragment whose moof is held

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
            self._moof = box
            return
        if box[4:8] == b"mdat" and self._moof is not None:
            moof, self._moof = self._moof, None
            apply(NO_KEY, protected(moof, self._at), box, self._at + len(moof))
            self._pass_on(moof + box)
            self._on_fragment(len(sample_sizes(moof, every_box(moof))))
            return
        self._pass_on(box)

    def _pass_on(self, data: bytearray) -> None:
        self._write(bytes(data))
        self._at += len(data)
