"""The real picture helper at the end of its pipe, without a server and without an event loop."""

import multiprocessing
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

from leyline.pictures import loop as picture_loop
from leyline.processes import protocol

DEADLINE_SECONDS = 5
START_SECONDS = 60
TRIES = 3  # the machine may be busy with other things


class Decoding:
    """One helper process with its limits. It ends with its `with` block."""

    def __init__(self, folder: Path, max_pixels: int) -> None:
        self._source = folder / "source.part"
        self.outputs = folder / "picture.part", folder / "thumbnail.part"
        self.slowest_seconds = 0.0
        self._max_pixels = max_pixels

    def __enter__(self) -> "Decoding":
        context = multiprocessing.get_context("spawn")
        self._pipe, childs_end = context.Pipe()
        arguments = (childs_end, self._max_pixels)
        self._process = context.Process(target=picture_loop.run, args=arguments, daemon=True)
        self._process.start()
        childs_end.close()
        assert self._hear(START_SECONDS) == protocol.Ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(START_SECONDS)
        assert self._process.exitcode == 0

    def prepare(self, file: bytes) -> dict[str, Any]:
        """The helper's answer, which comes within the time that one picture has: at one of three tries."""
        self._source.write_bytes(file)
        for _ in range(TRIES):
            begin = monotonic()
            answer = self._prepare()
            seconds = monotonic() - begin
            if seconds <= DEADLINE_SECONDS:
                break
        assert seconds <= DEADLINE_SECONDS, f"no answer for {seconds:.1f} s"
        self.slowest_seconds = max(self.slowest_seconds, seconds)
        return answer

    def _prepare(self) -> dict[str, Any]:
        for path in self.outputs:
            path.unlink(missing_ok=True)
        answer = self._ask(protocol.Measure(str(self._source)))
        if isinstance(answer, protocol.Measured):
            answer = self._ask(protocol.Prepare(*map(str, self.outputs)))
        return asdict(answer)

    def _ask(self, request: protocol.Measure | protocol.Prepare) -> Any:
        self._pipe.send_bytes(protocol.encode(request))
        assert self._hear(START_SECONDS) == protocol.Began()
        return self._hear(START_SECONDS)

    def peak_bytes(self) -> int:
        """The most memory the process has ever held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def _hear(self, seconds: float) -> Any:
        assert self._pipe.poll(seconds), f"no word for {seconds} s"
        data = self._pipe.recv_bytes(protocol.MAX_MESSAGE_BYTES)
        return protocol.decode(data, protocol.PICTURES.from_child)
