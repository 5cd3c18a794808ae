"""Profiles of colours (ICC.1), as small as they can be."""

import struct

SRGB_XYZ = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3_XYZ = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))


def display_p3() -> bytes:
    """The colour profile of Apple's screens and phones, with a plain gamma of 2.2."""
    return profile(b"RGB ", 2.2, DISPLAY_P3_XYZ)


def profile(space: bytes, gamma: float, primaries: tuple[tuple[float, ...], ...] = ()) -> bytes:
    """A profile of a screen: of RGB with its primaries, or of greys."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Test\0" + bytes(78) + b"\0\0\0",
        b"cprt": b"text\0\0\0\0Test\0",
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
    }
    if primaries:
        for letter, point in zip(b"rgb", primaries, strict=True):
            tags[bytes((letter,)) + b"XYZ"], tags[bytes((letter,)) + b"TRC"] = _xyz(*point), curve
    else:
        tags[b"kTRC"] = curve
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"mntr", space, b"XYZ ")
    header = header.ljust(36, b"\0") + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))
