"""The helper process: limits itself, then makes one picture ready after the other.

What a picture is, is left to `preparation`; how long one may take, to `process` at the other end.
Danger: spawn imports this module on both sides, so decoders are imported late: the server must never
load one, and here they come under the limits.
"""

import contextlib
import ctypes
import os
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from leyline.errors import Internal, Refusal
from leyline.processes import protocol
from leyline.processes.lifeline import end_with_the_server

if TYPE_CHECKING:
    from leyline.pictures.preparation import Sent

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
PIECE_GIVEN_BACK_BYTES, PIECE_KEPT_BYTES = 2**20, 32 * 2**20  # glibc takes no more for the second
NICENESS = 5

SPARE_MEMORY_BYTES = 128 * 2**20  # besides what pixels need: the dictionary of a TIFF with LZMA alone has 64 MB
LIBRARIES_BYTES = 2 * 2**30  # of address space, for a moment: most of it is mapped and never used
READING_COPIES = 3  # of a file, while its header is read
CPU_SECONDS = 12  # for one picture; the other end's clock comes first unless that end is frozen
MOST_WARM_BYTES = 192 * 2**20  # between two pictures of a storm: pages that come anew take a third of the time
COOL_SECONDS = 0.5  # without a picture, and it is no storm
MOST_KEPT_BYTES = 128 * 2**20  # of a helper that has cooled; one that keeps more has lost it to leaks, and ends


def run(connection: Connection, max_pixels: int) -> None:
    """Answer each request on `connection` until a `Shutdown`, the end of its other end, or a leak of memory."""
    end_with_the_server()
    _be_quiet()
    _let_others_go_first()
    _set_limit(resource.RLIMIT_CORE, 0)
    helper = _Helper(max_pixels)

    def say(message: protocol.FromChild) -> None:
        connection.send_bytes(protocol.encode(message))

    with contextlib.suppress(EOFError, OSError):  # the server has gone
        say(protocol.Ready())
        while not isinstance(request := _heard(connection), protocol.Shutdown):
            say(protocol.Began())
            say(helper.answer(request))
            if not helper.has_picture and _has_lost_memory(connection):
                return


def _has_lost_memory(connection: Connection) -> bool:
    """Whether too much is still held once all was given back, as is done where much is held or nobody waits."""
    is_in_storm = _pages(1) <= MOST_WARM_BYTES and connection.poll(COOL_SECONDS)
    return not is_in_storm and _kept_bytes() > MOST_KEPT_BYTES


def _heard(connection: Connection) -> protocol.Message:
    return protocol.decode(connection.recv_bytes(protocol.MAX_MESSAGE_BYTES), protocol.PICTURES.from_parent)


class _Helper:
    """What answers requests; it knows the picture that was measured last, until that is prepared."""

    def __init__(self, max_pixels: int) -> None:
        from leyline.pictures import preparation

        self._measure = preparation.measure
        self._max_pixels = max_pixels
        self._sent: preparation.Sent | None = None

    @property
    def has_picture(self) -> bool:
        return self._sent is not None

    def answer(self, request: protocol.Message) -> protocol.Measured | protocol.Prepared | protocol.Refused:
        try:
            match request:
                case protocol.Measure():
                    return self._measured(Path(request.source_path))
                case protocol.Prepare() if self._sent:
                    return self._prepared(self._sent, request)
            raise protocol.ProtocolError("a picture that was not measured")
        except Refusal as refusal:
            self._sent = None
            return _refused(refusal, refusal.__cause__)
        except Exception as error:  # the server's own trouble: a file that is not there
            self._sent = None
            return _refused(Internal(), error)

    def _measured(self, source: Path) -> protocol.Measured:
        self._limit(READING_COPIES * source.stat().st_size)
        self._sent = self._measure(source, self._max_pixels)
        return protocol.Measured(self._sent.memory_bytes)

    def _prepared(self, sent: "Sent", to: protocol.Prepare) -> protocol.Prepared:
        if sent.is_large:
            self._load_what_shrinks()
        _keep_pages(not sent.is_hungry)
        self._limit(sent.memory_bytes)
        self._sent = None
        poster = Path(to.poster_path) if to.poster_path else None
        return protocol.Prepared(*sent.write(Path(to.picture_path), Path(to.thumbnail_path), poster))

    def _load_what_shrinks(self) -> None:
        _set_limit(resource.RLIMIT_AS, LIBRARIES_BYTES)
        import cv2

        cv2.setNumThreads(1)  # or each helper would begin a thread for every processor

    def _limit(self, memory_bytes: int) -> None:
        """What the next step may take besides what is mapped already, Python and the libraries."""
        _set_limit(resource.RLIMIT_AS, _pages(0) + SPARE_MEMORY_BYTES + memory_bytes)
        _set_limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS)


def _refused(refusal: Refusal, reason: BaseException | None) -> protocol.Refused:
    return protocol.Refused(
        refusal.code,  # type: ignore[arg-type]  # the other end checks it
        refusal.detail,
        limit=refusal.extra.get("limit"),
        actual=refusal.extra.get("actual"),
        reason=repr(reason)[:200] if reason else "",
    )


def _be_quiet() -> None:
    """Decoders print their warnings, and those would stand in the server's log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _kept_bytes() -> int:
    """The memory this process holds after it has given back what it can."""
    if sys.platform != "linux":
        return 0
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
    return _pages(1)


def _pages(which: int) -> int:
    """Bytes of this process's memory: those that are mapped (0), or those that are resident (1)."""
    return int(Path("/proc/self/statm").read_text().split()[which]) * resource.getpagesize()


def _let_others_go_first() -> None:
    """Pictures can wait a moment; the line, its watchers and the model cannot."""
    os.nice(NICENESS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read once, when numpy is loaded; others' cores are theirs


def _keep_pages(is_warm: bool) -> None:
    """Have glibc keep what is freed for the next picture, or give it back, so that what is large has its room."""
    if not is_warm:
        _kept_bytes()
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, PIECE_KEPT_BYTES if is_warm else PIECE_GIVEN_BACK_BYTES)
        mallopt(M_TRIM_THRESHOLD, MOST_WARM_BYTES if is_warm else PIECE_GIVEN_BACK_BYTES)


def _set_limit(which: int, limit: int) -> None:
    _, hardest = resource.getrlimit(which)
    if hardest != resource.RLIM_INFINITY:
        limit = min(limit, hardest)
    resource.setrlimit(which, (limit, hardest))
