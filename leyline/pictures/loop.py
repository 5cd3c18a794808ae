"""The helper process: limits itself, then makes one picture ready after the other.

What a picture is, is left to `preparation`; how long one may take, to `process` at the other end.
Danger: spawn imports this module on both sides, so decoders are imported late: the server must never
load one, and here they come under the limits.
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from leyline.errors import Internal, Refusal
from leyline.processes.lifeline import end_with_the_server

MAX_MESSAGE_BYTES = 16 * 1024
PATHS = ("source", "picture", "thumbnail")  # the fields of a request
READY, BEGUN = "ready", "begun"
M_MMAP_THRESHOLD = -3  # malloc.h of glibc
LARGE_PIECE_BYTES = 2**20

BASE_MEMORY_BYTES = 64 * 2**20  # Python and the libraries
MEMORY_BYTES_PER_PIXEL = 16  # measured: 11.6 for WebP, 12.7 for AVIF, 15.6 for a turned 16-bit TIFF with alpha
MOST_PIXELS = 16384**2  # where the setting has no limit; no WebP or AVIF has more
CPU_SECONDS = 12  # for one picture; the other end's clock comes first unless that end is frozen
MOST_KEPT_BYTES = 128 * 2**20  # between two pictures; a helper that keeps more has lost it to leaks, and ends

Prepare = Callable[..., tuple[int, int]]


def run(connection: Connection, max_pixels: int) -> None:
    """Answer requests on `connection` until its other end is closed, or until memory has leaked.

    All messages are JSON. The first said is `READY`. A request has three paths, `PATHS`; it is answered by
    `BEGUN`, then by `{width, height}` or a refusal's `{code, detail, numbers, reason}`, the last for the log.
    """
    end_with_the_server()
    _be_quiet()
    _keep_no_memory()
    _set_limit(resource.RLIMIT_CORE, 0)
    from leyline.pictures import preparation

    def say(message: object) -> None:
        connection.send_bytes(json.dumps(message).encode())

    with contextlib.suppress(EOFError, OSError):  # the server has gone
        say(READY)
        while True:
            request = json.loads(connection.recv_bytes(MAX_MESSAGE_BYTES))
            say(BEGUN)
            say(_answer(preparation.prepare, *(Path(request[name]) for name in PATHS), max_pixels=max_pixels))
            if _kept_bytes() > MOST_KEPT_BYTES:
                return


def _answer(prepare: Prepare, source: Path, *outputs: Path, max_pixels: int) -> dict[str, object]:
    try:
        _set_limit(resource.RLIMIT_AS, memory_limit(max_pixels, source.stat().st_size))
        _set_limit(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS)
        width, height = prepare(source, *outputs, max_pixels)
    except Refusal as refusal:
        return _refused(refusal, refusal.__cause__)
    except Exception as error:  # the server's own trouble: a file that is not there
        return _refused(Internal(), error)
    return {"width": width, "height": height}


def memory_limit(max_pixels: int, file_bytes: int) -> int:
    """Bytes of address space in which a file of this size with `max_pixels` (0: any number) can be read."""
    return BASE_MEMORY_BYTES + MEMORY_BYTES_PER_PIXEL * (max_pixels or MOST_PIXELS) + 2 * file_bytes


def _refused(refusal: Refusal, reason: BaseException | None) -> dict[str, object]:
    return {
        "code": refusal.code,
        "detail": refusal.detail,
        "numbers": refusal.extra,
        "reason": repr(reason)[:200] if reason else "",
    }


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
