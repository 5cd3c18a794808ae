"""Encrypting a video for one view: remuxed to Common Encryption (ISO/IEC 23001-7, `cenc`) under a fresh key.

Who may have the key is left to `views`. Danger: this blocks (about 15 ms for a 6 s video), holds the
whole ciphertext in memory, and its first call imports PyAV: call it in an executor.
"""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

from leyline.errors import VideoMissing

# delay_moov writes the first fragment's edit list; without it the duration is wrong.
MOVFLAGS = "frag_keyframe+empty_moov+default_base_moof+delay_moov"
BOX_HEADER_BYTES = 8


@dataclass(frozen=True)
class Encrypted:
    """A video that only `key` opens. `kid` is the key's public name; both are 16 bytes."""

    ciphertext: bytes = field(repr=False)
    key: bytes = field(repr=False)
    kid: bytes
    codec: str  # as browsers name it, such as avc1.4d401f
    seconds: float
    segments: tuple[tuple[float, int], ...]  # (first second, first byte) of each part that starts on a keyframe


def encrypt(master: Path) -> Encrypted:
    """The video at `master`, encrypted; raises `VideoMissing` when it is not there or cannot be read."""
    import av  # heavy (15 MB of memory), and needed only where somebody watches

    key, kid = os.urandom(16), os.urandom(16)
    options = {"movflags": MOVFLAGS, "encryption_scheme": "cenc-aes-ctr"}
    options |= {"encryption_key": key.hex(), "encryption_kid": kid.hex()}
    output, starts, seconds = io.BytesIO(), [], 0.0
    try:
        with av.open(master) as source, av.open(output, "w", format="mp4", options=options) as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.pts is None or packet.time_base is None or packet.duration is None:
                    continue  # the empty packet at the end
                if packet.is_keyframe:
                    starts.append(float(packet.pts * packet.time_base))
                seconds = max(seconds, float((packet.pts + packet.duration) * packet.time_base))
                packet.stream = stream
                target.mux(packet)
        ciphertext = output.getvalue()
        segments = tuple(zip(starts, _fragments(ciphertext), strict=True))
        return Encrypted(ciphertext, key, kid, _codec(ciphertext[: segments[0][1]]), seconds, segments)
    except FileNotFoundError:
        raise VideoMissing from None
    except (av.FFmpegError, IndexError, ValueError):  # not a video, cut short, without a frame
        raise VideoMissing("The video's file is damaged on the server. Send the picture again.") from None


def _fragments(data: bytes) -> list[int]:
    """Where each movie fragment of an MP4 file begins (ISO/IEC 14496-12: a box is its size, its type, its body)."""
    found, at = [], 0
    while at + BOX_HEADER_BYTES <= len(data):
        if data[at + 4 : at + 8] == b"moof":
            found.append(at)
        at += max(BOX_HEADER_BYTES, int.from_bytes(data[at : at + 4], "big"))
    return found


def _codec(init: bytes) -> str:
    """The `codecs` parameter (RFC 6381) of the video whose decoder configuration is in `init`."""
    at = init.find(b"avcC")
    if at >= 0:
        return f"avc1.{init[at + 5 : at + 8].hex()}"
    at = init.index(b"vpcC")
    profile, level, depth = init[at + 8], init[at + 9], init[at + 10] >> 4
    return f"vp09.{profile:02}.{level:02}.{depth:02}"
