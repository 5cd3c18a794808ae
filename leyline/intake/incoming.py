"""The file of one upload while it comes: held until writing is worth it, written, then completed or discarded.

All but `hold` is for threads: it blocks on the disk. Whether it may come in at all is left to `reservations`, and
what becomes of it to `intake`. Danger: its client may leave while a thread writes for it; what was discarded must
not come back as a file that nobody removes.
"""

import hashlib
import threading
from collections.abc import Callable

from leyline import errors
from leyline.media import Part

WRITTEN_AT_ONCE_BYTES = 512 * 1024  # a trip to a thread costs as much as 64 kB on the disk
MOST_HELD_BYTES = 2 * 1024 * 1024  # of all uploads together; where they are full, each piece is written as it comes
MULTIPART_ALLOWANCE_BYTES = 16 * 1024  # what a form may add to the file it carries


class Held:
    """How much of all uploads is in memory, waiting to be written."""

    def __init__(self, most_bytes: int = MOST_HELD_BYTES) -> None:
        self._bytes = 0
        self._most_bytes = most_bytes
        self._lock = threading.Lock()

    def add(self, count: int) -> bool:
        """Whether that many more still fit; a negative count always does. They are counted in any case."""
        with self._lock:
            self._bytes += count
            return self._bytes <= self._most_bytes


class IncomingFile:
    """At most `limit_bytes` long, 0 for any length; `part` is where they go."""

    def __init__(
        self, part: Part, limit_bytes: int, held: Held, has_room: Callable[[int], bool] | None = None
    ) -> None:
        """`has_room` is asked before each writing, where no size bounds them all."""
        self.part = part
        self.received_bytes = 0
        self._limit_bytes = limit_bytes
        self._has_room = has_room
        self._held = held
        self._pieces: list[bytes] = []
        self._digest = hashlib.sha256()
        self._discarded = False
        self._writing = threading.Lock()
        self._holding = threading.Lock()  # never for as long as the disk takes

    def hold(self, data: bytes) -> bool:
        """Take the next piece; whether it is time to `write`, and no more may come before that.

        Raises `TooLarge`. The first piece is written at once: a disk that takes nothing says so early.
        """
        self.received_bytes += len(data)
        check_size(self.received_bytes, self._limit_bytes, "more than ")
        with self._holding:
            if self._discarded:
                return False
            self._pieces.append(data)
            held_bytes = sum(map(len, self._pieces))
            has_room = self._held.add(len(data))
        return not has_room or self.received_bytes == len(data) or held_bytes >= WRITTEN_AT_ONCE_BYTES

    def write(self) -> None:
        """Append what is held to the file; raises `DiskLow` when there is no room."""
        with self._writing:
            data = self._take()
            if self._has_room and not self._has_room(len(data)):
                raise errors.DiskLow
            if not self._discarded:
                self._append(data)

    def complete(self) -> str:
        """Write the rest, close the file and return its SHA-256; raises `EmptyFile`, or `DiskLow`."""
        if not self.received_bytes:
            raise errors.EmptyFile
        self.write()
        self.part.close()
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Close and remove the file; from now on nothing is written."""
        with self._writing:
            with self._holding:
                self._discarded = True
            self._take()
            self.part.remove()

    def _take(self) -> bytes:
        """What was held until now."""
        with self._holding:
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._held.add(-len(data))
        return data

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
