"""One spawned child process and its pipe: start it, hear it, kill it.

What the messages mean is left to `kept`. Danger: the pipe is read by a thread, because a half-sent message
blocks its reader for ever; what the child has forked holds the pipe open when the child is long dead, so a
second thread waits for the death itself; what it prints is read on the loop, so little of it at a time that
nobody else waits; and `start` must be called on the main thread, because Linux sends
the parent-death signal when the *thread* that spawned a child ends.
"""

import asyncio
import contextlib
import errno
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from leyline.processes.output import printing_into

OUTPUT_BYTES = 16 * 1024  # read at a time of what a child prints
OUTPUT_BYTES_AT_ONCE, OUTPUT_PAUSE_SECONDS = 1_000_000, 0.1  # and between two pauses: who prints more waits for us
PIPE_BYTES = 64 * 1024  # that a pipe holds, where nobody has made it larger
MAX_UNHEARD_MESSAGES = 64  # a flooding child waits in its own send, not in our memory

_spawn = multiprocessing.get_context("spawn")


class Child:
    """A child process. `on_message` gets each message's bytes and `on_death` is called once, both on the loop.

    `on_death` comes only when the process has really ended, so a successor never overlaps with it, and
    after its last message. What it forked dies with it, unless that has made itself a group of its own.
    A message longer than `max_message_bytes`, or one that is broken, kills the child. With `on_output`, whatever it
    prints goes there on the loop, the last of it before `on_death`; else where the parent prints.
    """

    def __init__(
        self,
        target: Callable[..., None],
        args: tuple[Any, ...],
        *,
        name: str,
        max_message_bytes: int,
        on_message: Callable[[bytes], None],
        on_death: Callable[[], None],
        on_output: Callable[[bytes], None] | None = None,
    ) -> None:
        self._connection, self._childs_end = _spawn.Pipe()
        self._childs_ends = [self._childs_end]
        args = self._childs_end, *args
        self._output: Connection | None = None
        self._on_output = on_output
        if on_output:
            self._output, childs_output = _spawn.Pipe(duplex=False)
            os.set_blocking(self._output.fileno(), False)
            self._childs_ends.append(childs_output)
            target, args = printing_into, (childs_output, target, *args)
        self._process = _spawn.Process(target=target, args=args, name=name)
        self._max_message_bytes = max_message_bytes
        self._on_message = on_message
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._room = threading.Semaphore(MAX_UNHEARD_MESSAGES)
        self._has_ended = asyncio.Event()
        self._reader = threading.Thread(target=self._read_messages, name=f"{name} pipe", daemon=True)
        self._watcher = threading.Thread(target=self._await_death, name=f"{name} watch", daemon=True)

    def start(self) -> None:
        """Spawn the process; call once, on the main thread. After an OSError nothing runs."""
        self._process.start()
        for childs_end in self._childs_ends:
            childs_end.close()  # with our copy open, the death of the child would never read as EOF
        self._listen_to_output()
        try:
            self._watcher.start()
            self._reader.start()
        except RuntimeError as error:  # so Python says that the system has no thread left
            self._process.kill()
            self._process.join()
            raise BlockingIOError(errno.EAGAIN, "no thread for the child") from error

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def exitcode(self) -> int | None:
        """How the process ended: a status ≥ 0, or minus the signal; None while it runs."""
        return self._process.exitcode

    def processor(self) -> tuple[bool, float]:
        """Whether it would go on if it were given a processor now, and for how many seconds it has had one."""
        with contextlib.suppress(OSError):  # it has gone, or this is no Linux
            state, *numbers = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
            return state == "R", (int(numbers[10]) + int(numbers[11])) / os.sysconf("SC_CLK_TCK")
        return False, 0.0

    def send(self, data: bytes) -> None:
        """Send one small message; quietly nothing when the child is gone (`on_death` tells)."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(data)

    def kill(self) -> None:
        """End the process now, whatever it does; safe to call at any time, and twice."""
        self._process.kill()

    def hear_output(self) -> None:
        """Hear what the child has printed by now: what it printed before a message is heard before this returns."""
        for _ in range(2 * PIPE_BYTES // OUTPUT_BYTES):  # and no more, should it never stop
            if not self._read_output():
                return  # nothing at this moment, or never more

    async def wait(self, timeout_seconds: float) -> bool:
        """Wait until the process has ended; False when it still runs after `timeout_seconds`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_ended.wait(), timeout_seconds)
        return self._has_ended.is_set()

    def _read_messages(self) -> None:
        connection: Connection = self._connection
        try:
            while True:
                message = connection.recv_bytes(self._max_message_bytes)
                self._room.acquire()
                self._on_loop(self._deliver, message)
        except (EOFError, OSError):
            pass
        self._process.kill()
        self._watcher.join()
        self._on_loop(self._deliver_death)

    def _await_death(self) -> None:
        self._process.join()
        with contextlib.suppress(OSError):  # the group is empty, or was never made
            os.killpg(self.pid, signal.SIGKILL)
        # Whoever still holds the pipe open, the reader gets what was said before, and then the end.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as pipe:
            pipe.shutdown(socket.SHUT_RDWR)

    def _listen_to_output(self) -> None:
        if self._output:
            self._heard_bytes = 0
            self._loop.add_reader(self._output.fileno(), self._hear_some_output)

    def _hear_some_output(self) -> None:
        heard = self._read_output()
        self._heard_bytes += heard or 0
        if self._output and heard == 0:
            self._loop.remove_reader(self._output.fileno())
        elif self._output and self._heard_bytes > OUTPUT_BYTES_AT_ONCE:
            self._loop.remove_reader(self._output.fileno())
            self._loop.call_later(OUTPUT_PAUSE_SECONDS, self._listen_to_output)

    def _read_output(self) -> int | None:
        """Hear some of what was printed, so many bytes; 0 once nobody can print any more, None for nothing now."""
        if self._output is None or self._on_output is None:
            return 0
        try:
            data = os.read(self._output.fileno(), OUTPUT_BYTES)
        except OSError:
            return None
        if data:
            self._on_output(data)
        return len(data)

    def _on_loop(self, callback: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(callback, *args)

    def _deliver(self, message: bytes) -> None:
        self._room.release()
        self._on_message(message)

    def _deliver_death(self) -> None:
        self.hear_output()
        if self._output:
            output, self._output = self._output, None
            self._loop.remove_reader(output.fileno())
            output.close()
        self._connection.close()
        self._has_ended.set()
        self._on_death()
