"""One upload on its way in: who sends it, what it has reserved, and the file that it is written to.

Whether it may come in at all, and what becomes of it, is left to `intake`. Danger: its client may leave
while a thread writes for it; what was discarded must not come back as a file that nobody removes.
"""

import asyncio
import contextlib
import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from leyline import errors

MULTIPART_ALLOWANCE_BYTES = 16 * 1024  # what a form may add to the file it carries


@dataclass(frozen=True)
class Sender:
    """Who sends: `owner` is the session's digest or None; `client` is whose limits count."""

    owner: str | None
    client: str
    client_id: str | None = None
    idempotency_key: str | None = None  # a digest of the header's value

    def named(self, client_id: str | None) -> "Sender":
        """The same sender, with the word that came in the form."""
        return replace(self, client_id=client_id)


@dataclass(eq=False)
class Upload:
    """A place reserved in line for the task `task_id`, and room for its file."""

    sender: Sender
    part: Path
    declared_bytes: int
    limit_bytes: int  # 0 for none
    has_room: Callable[[int], bool] | None = None  # asked for each piece where no size bounds them all
    takes_place: bool = True  # False for a replay, which needs no place in line
    task_id: str = field(default_factory=lambda: secrets.token_hex(16))
    received_bytes: int = 0
    name: str = ""
    key_slot: tuple[str, str] | None = None  # the idempotency key that no other upload may use meanwhile
    over: asyncio.Event = field(default_factory=asyncio.Event)  # accepted or not, it holds nothing any more
    _file: IO[bytes] | None = None
    _discarded: bool = False
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def check_declared(self) -> None:
        """Raise `TooLarge`, naming limit and size, when more was announced than may come."""
        self._check("", self.declared_bytes, MULTIPART_ALLOWANCE_BYTES)

    @property
    def expected_bytes(self) -> int:
        """What is still to come, as far as the client said."""
        return max(self.declared_bytes - self.received_bytes, 0)

    def write(self, data: bytes) -> None:
        """Append to the file; blocks on the disk. Raises `TooLarge`, or `DiskLow` when there is no room."""
        with self._writing:
            self.received_bytes += len(data)
            self._check("more than ", self.received_bytes)
            if self.has_room and not self.has_room(len(data)):
                raise errors.DiskLow
            if not self._discarded:
                self._append(data)

    def complete(self) -> str:
        """Close the file and return its SHA-256; raises `EmptyFile`."""
        if self._file is None:
            raise errors.EmptyFile
        self._file.close()
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Close and remove the file; from now on nothing is written. Blocks on the disk."""
        with self._writing, contextlib.suppress(OSError):  # what cannot be removed is swept at the next start
            self._discarded = True
            if self._file:
                self._file.close()
            self.part.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self.part.parent.mkdir(0o700, exist_ok=True)  # somebody may have removed it by hand
                self._file = self.part.open("xb", buffering=0)
                self.part.chmod(0o600)
            left = memoryview(data)
            while left:  # a disk that fills up takes a part of it first, and only then says so
                left = left[self._file.write(left) :]
        except OSError as error:
            raise errors.DiskLow from error
        self._digest.update(data)

    def _check(self, more_than: str, size_bytes: int, allowance_bytes: int = 0) -> None:
        if 0 < self.limit_bytes < size_bytes - allowance_bytes:
            raise errors.TooLarge(
                f"The file is {more_than}{size_bytes / 1e6:.1f} MB; "
                f"this server takes at most {self.limit_bytes / 1e6:g} MB. Send a smaller one.",
                limit=self.limit_bytes,
                actual=size_bytes,
            )
