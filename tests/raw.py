"""HTTP over a bare socket: whatever no client library would send, and all that comes back."""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

DEADLINE_SECONDS = 60

T = TypeVar("T")

MASK = b"leyl"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def until(truth: Callable[[], T], what: str) -> T:
    """The first true answer of `truth`, which nothing announces; AssertionError at the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := truth()):
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s: {what}"
        time.sleep(0.01)
    return answer


@dataclass
class Answer:
    """What a server said until it closed; `status` None when it closed without a word."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)  # by lower-case name
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One connection. Everything waits at most `DEADLINE_SECONDS`, and then raises TimeoutError."""

    def __init__(self, url: str, receive_buffer_bytes: int = 0) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self._socket = socket.socket(socket.AF_INET)
        if receive_buffer_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self._socket.settimeout(DEADLINE_SECONDS)
        self._socket.connect(("127.0.0.1", parts.port or 80))
        self._buffer = b""

    def send(self, data: bytes) -> "Connection":
        """Send; a server that has closed meanwhile is noticed when reading."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
        return self

    def send_until_stuck(self, data: bytes) -> None:
        """Send it again and again, until the server takes no more."""
        self._socket.settimeout(0.2)
        with contextlib.suppress(OSError):
            while True:
                self._socket.sendall(data)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> "Connection":
        """Send a well-formed request; `headers` may overrule what belongs to one."""
        length = {"Content-Length": str(len(body))} if body else {}
        return self.send(self._head(method, path, length | headers) + body)

    def _head(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        named = {"Host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")

    def end(self) -> "Connection":
        """Say nothing more comes. A server that reads this along with the request takes its client for gone."""
        self._socket.shutdown(socket.SHUT_WR)
        return self

    def answer(self) -> Answer:
        """The next final answer, by its Content-Length or until the server closes."""
        while True:
            head = self._until(b"\r\n\r\n")
            if head is None:
                return Answer()
            status_line, *lines = head.decode("latin-1").split("\r\n")
            answer = Answer(int(status_line.split()[1]), dict(_header(line) for line in lines if line))
            if answer.status != 100:
                break
        if answer.status not in (101, 204, 304):
            answer.body = self._take(int(answer.headers.get("content-length", "0")))
        return answer

    def until_told_to_go_on(self) -> bool:
        """Whether the server asks for the body that was announced."""
        head = self._until(b"\r\n\r\n")
        return head is not None and head.startswith(b"HTTP/1.1 100 ")

    def rest(self) -> bytes:
        """Everything until the server closes."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self._receive():
            assert time.monotonic() < deadline, f"not closed within {DEADLINE_SECONDS} s"
        taken, self._buffer = self._buffer, b""
        return taken

    def seconds_until_closed(self) -> float:
        began = time.monotonic()
        self.rest()
        return time.monotonic() - began

    def upgrade(self, path: str = "/api/video/events", early: bytes = b"", **headers: str) -> "Connection":
        """Ask for a WebSocket, and send `early` along with the question."""
        asked = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "bGV5bGluZS1sZXlsaW5lIQ==",
            "Sec-WebSocket-Version": "13",
        }
        return self.send(self._head("GET", path, asked | headers) + early)

    def frame(self) -> tuple[int, bytes]:
        """The next WebSocket frame: opcode and payload; EOFError when the server closed."""
        head = self._take(2)
        if len(head) < 2:
            raise EOFError
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return head[0] & 0x0F, self._take(size)

    def close(self) -> None:
        self._socket.close()

    def reset(self) -> None:
        """Close as a crashed client does, with whatever is under way lost."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._buffer:
            if not self._receive():
                return None
        head, _, self._buffer = self._buffer.partition(mark)
        return head

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size and self._receive():
            pass
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            return False
        self._buffer += data
        return bool(data)


def websocket_frame(
    opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """A client's frame."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        head = bytes((first, bit | size))
    elif size < 65536:
        head = bytes((first, bit | 126)) + struct.pack("!H", size)
    else:
        head = bytes((first, bit | 127)) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()
