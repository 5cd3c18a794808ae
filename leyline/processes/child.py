"""One spawned child process and its pipe: start it, hear it, kill it.

What the messages mean is left to `kept`. Danger: the pipe is read by a thread, because a half-sent message
blocks its reader for ever; what the child has forked holds the pipe open when the child is long dead, so a
second thread waits for the death itself; and `start` must be called on the main thread, because Linux sends
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

MAX_UNHEARD_MESSAGES = 64  # a flooding child waits in its own send, not in our memory

_spawn = multiprocessing.get_context("spawn")


class Child:
    """A child process. `on_message` gets each message's bytes and `on_death` is called once, both on the loop.

    `on_death` comes only when the process has really ended, so a successor never overlaps with it, and
    after its last message. What it forked dies with it, unless that has made itself a group of its own.
    A message longer than `max_message_bytes`, or one that is broken, kills the child.
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
    ) -> None:
        self._connection, self._childs_end = _spawn.Pipe()
        self._process = _spawn.Process(target=target, args=(self._childs_end, *args), name=name)
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
        self._childs_end.close()  # with our copy open, the death of the child would never read as EOF
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

    def _on_loop(self, callback: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(callback, *args)

    def _deliver(self, message: bytes) -> None:
        self._room.release()
        self._on_message(message)

    def _deliver_death(self) -> None:
        self._connection.close()
        self._has_ended.set()
        self._on_death()
