"""The file of one upload while it comes: written, then completed or discarded.

For threads: all of it blocks on the disk. Whether it may come in at all is left to `reservations`, and what
becomes of it to `intake`. Danger: its client may leave while a thread writes for it; what was discarded must not
come back as a file that nobody removes.
"""

import hashlib
import threading
from collections.abc import Callable

from leyline import errors
from leyline.media import Part

MULTIPART_ALLOWANCE_BYTES = 16 * 1024  # what a form may add to the file it carries


class IncomingFile:
    """At most `limit_bytes` long, 0 for any length; `part` is where they go."""

    def __init__(self, part: Part, limit_bytes: int, has_room: Callable[[int], bool] | None = None) -> None:
        """`has_room` is asked for each piece, where no size bounds them all."""
        self.part = part
        self.received_bytes = 0
        self._limit_bytes = limit_bytes
        self._has_room = has_room
        self._digest = hashlib.sha256()
        self._discarded = False
        self._writing = threading.Lock()

    def write(self, data: bytes) -> None:
        """Append to the file; raises `TooLarge`, or `DiskLow` when there is no room."""
        with self._writing:
            self.received_bytes += len(data)
            check_size(self.received_bytes, self._limit_bytes, "more than ")
            if self._has_room and not self._has_room(len(data)):
                raise errors.DiskLow
            if not self._discarded:
                self._append(data)

    def complete(self) -> str:
        """Close the file and return its SHA-256; raises `EmptyFile`."""
        if not self.received_bytes:
            raise errors.EmptyFile
        self.part.close()
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Close and remove the file; from now on nothing is written."""
        with self._writing:
            self._discarded = True
            self.part.remove()

    def _append(self, data: bytes) -> None:
        try:
            self.part.append(data)
        except OSError as error:
            raise errors.DiskLow from error
        self._digest.update(data)


def check_size(size_bytes: int, limit_bytes: int, more_than: str = "") -> None:
    """Raise `TooLarge`, naming limit and size; a `limit_bytes` of 0 is none."""
    if 0 < limit_bytes < size_bytes:
        raise errors.TooLarge(
            f"The file is {more_than}{size_bytes / 1e6:.1f} MB; "
            f"this server takes at most {limit_bytes / 1e6:g} MB. Send a smaller one.",
            limit=limit_bytes,
            actual=size_bytes,
        )


def check_declared(declared_bytes: int, limit_bytes: int) -> None:
    """`TooLarge` where the body that is announced could not carry a file of at most `limit_bytes`."""
    if declared_bytes > limit_bytes + MULTIPART_ALLOWANCE_BYTES:
        check_size(declared_bytes, limit_bytes)
