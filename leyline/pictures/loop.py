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
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from leyline.errors import Internal, Refusal
from leyline.processes import protocol
from leyline.processes.lifeline import end_with_the_server

M_MMAP_THRESHOLD = -3  # malloc.h of glibc
LARGE_PIECE_BYTES = 2**20

BASE_MEMORY_BYTES = 64 * 2**20  # Python and the libraries
MEMORY_BYTES_PER_PIXEL = 16  # measured: 11.6 for WebP, 12.7 for AVIF, 15.6 for a turned 16-bit TIFF with alpha
MOST_PIXELS = 16384**2  # where the setting has no limit; no WebP or AVIF has more
CPU_SECONDS = 12  # for one picture; the other end's clock comes first unless that end is frozen
MOST_KEPT_BYTES = 128 * 2**20  # between two pictures; a helper that keeps more has lost it to leaks, and ends

Preparation = Callable[..., tuple[int, int]]


def run(connection: Connection, max_pixels: int) -> None:
    """Answer each `Prepare` on `connection` until a `Shutdown`, the end of its other end, or a leak of memory."""
    end_with_the_server()
    _be_quiet()
    _keep_no_memory()
    _set_limit(resource.RLIMIT_CORE, 0)
    from leyline.pictures import preparation

    def say(message: protocol.FromChild) -> None:
        connection.send_bytes(protocol.encode(message))

    with contextlib.suppress(EOFError, OSError):  # the server has gone
        say(protocol.Ready())
        while isinstance(request := _heard(connection), protocol.Prepare):
            say(protocol.Began())
            say(_answer(preparation.prepare, request, max_pixels))
            if _kept_bytes() > MOST_KEPT_BYTES:
                return


def _heard(connection: Connection) -> protocol.Message:
    return protocol.decode(connection.recv_bytes(protocol.MAX_MESSAGE_BYTES), protocol.PICTURES.from_parent)


def _answer(
    prepare: Preparation, request: protocol.Prepare, max_pixels: int
) -> protocol.Prepared | protocol.Refused:
    paths = [Path(path) for path in (request.source_path, request.picture_path, request.thumbnail_path)]
    try:
        _set_limit(resource.RLIMIT_AS, memory_limit(max_pixels, paths[0].stat().st_size))
        _set_limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS)
        width, height = prepare(*paths, max_pixels)
    except Refusal as refusal:
        return _refused(refusal, refusal.__cause__)
    except Exception as error:  # the server's own trouble: a file that is not there
        return _refused(Internal(), error)
    return protocol.Prepared(width, height)


def memory_limit(max_pixels: int, file_bytes: int) -> int:
    """Bytes of address space in which a file of this size with `max_pixels` (0: any number) can be read."""
    return BASE_MEMORY_BYTES + MEMORY_BYTES_PER_PIXEL * (max_pixels or MOST_PIXELS) + 2 * file_bytes


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
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _keep_no_memory() -> None:
    """Have glibc give large pieces back when they are freed; it would keep up to 32 MB of each for later."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE_PIECE_BYTES)


def _set_limit(which: int, limit: int) -> None:
    _, hardest = resource.getrlimit(which)
    if hardest != resource.RLIM_INFINITY:
        limit = min(limit, hardest)
    resource.setrlimit(which, (limit, hardest))
