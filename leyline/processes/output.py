"""What a child prints, by whatever way: standard output and error, Python's and C's, are one pipe to the server.

The reading end is the server's, so that the last words before a crash are heard. Reading it is left to `child`, and
where lines go to who asked. Danger: a model may print without end and without a line's end, and whatever it likes:
what is held and what is told are bounded, and a line is made fit to be shown. Spawn imports this in the child: it
uses the standard library only.
"""

import contextlib
import ctypes
import os
import re
import sys
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from leyline.text import fit_to_show

MAX_LINE_LENGTH = 500  # characters that are shown of a line
MAX_LINE_BYTES = 4 * MAX_LINE_LENGTH  # that are held of one that has not ended
LINES_AT_ONCE, LINES_A_SECOND = 200, 20  # that are told
LAST_LINES, LAST_BYTES = 20, 4096  # that are kept of a run

LINE_BUFFERED = 1  # C's _IOLBF
TERMINALS_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # colours, titles


# The child's end


def printing_into(output: Connection, target: Callable[..., None], *args: Any) -> None:
    """Be `target` in this process, in which whatever is printed goes into `output`, also by what it starts."""
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    output.close()
    _have_c_end_its_lines()
    target(*args)


def _have_c_end_its_lines() -> None:
    """C holds back what goes into a pipe until it is much, and a crash would lose it; in lines it does not."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # another C library: only late, then
        libc = ctypes.CDLL(None)
        libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, LINE_BUFFERED, ctypes.c_size_t(0))


def say_all() -> None:
    """Hold back nothing of what was printed in this process."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed by the model, or replaced
            stream.flush()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


# The server's end


class Output:
    """What a child has printed, in lines. `tell` gets each line, or how many were left out since the last one.

    A line that is drawn over (`\\r`, as by a progress bar) counts as it was at its end.
    """

    def __init__(self, tell: Callable[[str, int], None], clock: Callable[[], float] = monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._begun = b""  # of the line that has not ended
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._left_out = 0
        self._room, self._room_at = float(LINES_AT_ONCE), clock()

    def take(self, data: bytes) -> None:
        """Hear what was printed next. Its cost hardly grows with the number of lines."""
        *ended, rest = data.split(b"\n")
        if ended:
            ended[0] = self._begun + ended[0]
            self._begun = b""
            self._end_lines([line for line in ended if line.strip()])
        self._begun = _as_drawn(self._begun + rest)

    def begin(self) -> None:
        """What comes now belongs together: the last lines are those from here on."""
        self._finish()
        self._last.clear()

    def end(self) -> None:
        """It is over: a line that has not ended is one all the same, and what was left out is told."""
        self._finish()

    @property
    def last_lines(self) -> list[str]:
        """The newest since `begin`, of at most so many bytes together."""
        lines = [*self._last, *filter(None, [shown(self._begun)])][-LAST_LINES:]
        while sum(len(line.encode()) + 1 for line in lines) > LAST_BYTES:
            del lines[0]
        return lines

    def _finish(self) -> None:
        if self._begun.strip():
            self._end_lines([self._begun])
        self._begun = b""
        self._tell_of_left_out()

    def _end_lines(self, lines: list[bytes]) -> None:
        told = lines[: self._take_room(len(lines))]
        if told:
            self._tell_of_left_out()
        for line in filter(None, map(shown, told)):
            self._tell(line, 0)
        self._left_out += len(lines) - len(told)
        self._last.extend(filter(None, map(shown, lines[-LAST_LINES:])))

    def _take_room(self, wanted: int) -> int:
        """For how many of so many lines there is room now."""
        now = self._clock()
        self._room = min(LINES_AT_ONCE, self._room + (now - self._room_at) * LINES_A_SECOND)
        self._room_at = now
        taken = min(wanted, int(self._room))
        self._room -= taken
        return taken

    def _tell_of_left_out(self) -> None:
        if self._left_out:
            left_out, self._left_out = self._left_out, 0
            self._tell("", left_out)


def _as_drawn(line: bytes) -> bytes:
    """The line without what was drawn over, and as much of it as is held; `\\r` at its end may yet draw it over."""
    drawn = line.rstrip(b"\r")
    kept = drawn[drawn.rfind(b"\r") + 1 :][:MAX_LINE_BYTES]
    return kept + b"\r" if len(drawn) < len(line) else kept


def shown(line: bytes) -> str:
    """The line as a text that can be shown; where it is indented, it stays so."""
    text = TERMINALS_SEQUENCE.sub("", _as_drawn(line).decode(errors="replace"))
    indented = len(text) - len(text.lstrip(" "))
    fit = fit_to_show(text, MAX_LINE_LENGTH)
    return " " * min(indented, MAX_LINE_LENGTH // 10) + fit if fit else ""
