"""What comes on standard input: one picture, the names of pictures, or a list with what is chosen for each.

What a list means is left to `lists`. Danger: it can be read once and may be larger than memory, so it is kept in a
file until the command ends; and its end may never come, which only Ctrl-C ends.
"""

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

from leyline.errors import NotAPicture, UnsupportedFormat
from leyline.formats import FORMATS, HEAD_BYTES, identify

MOST_NAMES_BYTES = 100_000_000
NAME = "standard input"


class Piped:
    """Standard input, all of it. It is a `picture`, or the `names` of some, or else a list, in `path`."""

    def __init__(self, folder: Path, stdin: BinaryIO | None = None) -> None:
        """Keep it in this folder, which the caller removes. Raises OSError."""
        source = stdin or getattr(sys.stdin, "buffer", None)
        if source is None:  # it was closed before we began
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        self.path = folder / NAME
        with self.path.open("wb") as kept:
            shutil.copyfileobj(source, kept)
        with self.path.open("rb") as kept:
            head = kept.read(HEAD_BYTES)
        self.is_empty = not head
        self.picture: Path | None = None
        suffix = _suffix_of(head)
        if suffix is not None:
            self.picture = self.path.rename(folder / f"{NAME}{suffix}")
        self.names = [] if self.picture else _names(self.path, head)


def _suffix_of(head: bytes) -> str | None:
    """Of a picture's file; None for what is none, "" for a kind that the server will refuse in its own words."""
    try:
        name = identify(head)
    except UnsupportedFormat:
        return ""
    except NotAPicture:
        return None
    return next(each.suffixes[0] for each in FORMATS if each.name == name)


def _names(path: Path, head: bytes) -> list[str]:
    """The names of files, one on each line or with a NUL after each; none where the first is no file's."""
    end = b"\0" if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else b"\n"
    first = os.fsdecode(head.partition(end)[0].removesuffix(b"\r"))
    if not first or not os.path.lexists(first) or path.stat().st_size > MOST_NAMES_BYTES:
        return []
    lines = path.read_bytes().split(end)
    return [os.fsdecode(line.removesuffix(b"\r")) for line in lines if line.strip()]
