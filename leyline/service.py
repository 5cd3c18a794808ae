"""What systemd and its service say to each other: the listening sockets that it passes, and how the service is.

These are two small protocols (sd_listen_fds(3), sd_notify(3)), the same for whoever speaks them; the unit is left
to `systemd`. Danger: nothing here may wait, and children must inherit neither the variables nor the sockets: one
that a model still held open would take connections that nobody answers.
"""

import contextlib
import os
import socket
from collections.abc import MutableMapping

from leyline.errors import StartupError

FIRST_PASSED = 3  # the descriptor of the first socket that is passed
PINGS_PER_WATCHDOG = 3  # so that one that comes late costs nothing


class Service:
    """The service as its manager started it; where there is none, nothing is passed, and telling tells nobody."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Take what is meant for this process out of `environ`."""
        self._manager = environ.pop("NOTIFY_SOCKET", "")
        microseconds, watched = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        is_watched = microseconds.isdecimal() and watched in ("", str(os.getpid()))
        self.watchdog_seconds = int(microseconds) / 1e6 if is_watched else 0.0  # 0 where nobody waits for pings
        passed, to = environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_PID", "")
        environ.pop("LISTEN_FDNAMES", None)
        self._passed = int(passed) if passed.isdecimal() and to == str(os.getpid()) else 0
        self._pinged_at = float("-inf")

    def passed_sockets(self) -> list[socket.socket]:
        """The listening sockets that are passed, ours from now on; `StartupError` for any that is none."""
        descriptors = range(FIRST_PASSED, FIRST_PASSED + self._passed)
        self._passed = 0
        return [_listening(descriptor) for descriptor in descriptors]

    def tell(self, *words: str) -> None:
        """Tell the manager, as `READY=1`; a word that it has no room for at this moment is lost."""
        if not self._manager:
            return
        address = "\0" + self._manager[1:] if self._manager.startswith("@") else self._manager
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_manager:
            to_manager.setblocking(False)
            to_manager.connect(address)
            to_manager.sendall("\n".join(words).encode())

    def ping(self, now: float, *words: str) -> None:
        """Say that all is well, as often as the watchdog wants to hear it; `now` is by the monotonic clock."""
        if self.watchdog_seconds and now >= self._pinged_at + self.watchdog_seconds / PINGS_PER_WATCHDOG:
            self._pinged_at = now
            self.tell("WATCHDOG=1", *words)


def _listening(descriptor: int) -> socket.socket:
    try:
        os.set_inheritable(descriptor, False)
        passed = socket.socket(fileno=descriptor)
        is_listening = passed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise StartupError(f"Descriptor {descriptor}, which was passed, is no socket: {error.strerror}.") from error
    if not is_listening or passed.family not in (socket.AF_INET, socket.AF_INET6):
        passed.close()
        raise StartupError(
            f"Descriptor {descriptor}, which was passed, is no listening socket of a network. "
            "The unit's ListenStream= must be a port, or an address and a port."
        )
    passed.setblocking(False)
    return passed
