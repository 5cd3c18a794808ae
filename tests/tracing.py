"""strace on a running server: what it asks of the kernel, in which order, and system calls that fail or kill."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Self


class Trace:
    """strace of all threads of a process, with its arguments, until the block ends. Children are not followed."""

    def __init__(self, pid: int, output: Path, *arguments: str) -> None:
        assert shutil.which("strace"), "strace is missing: sudo apt-get install strace"
        self._pid = pid
        self._output = output
        self._command = ("strace", "-f", "-y", "-s", "4000", "-o", str(output), *arguments, "-p", str(pid))

    def __enter__(self) -> Self:
        self._strace = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        assert self._strace.stderr
        first = self._strace.stderr.readline()
        assert "attached" in first, f"strace may not trace here: {first}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._strace.stderr
        if self._has_ended():
            self._strace.kill()  # it would wait for ever for a process whose end is ours to collect
        else:
            self._strace.terminate()  # it lets go of the process, which runs on
        self._strace.stderr.close()
        self._strace.wait()

    def _has_ended(self) -> bool:
        return Path(f"/proc/{self._pid}/stat").read_text().rpartition(") ")[2].startswith("Z")

    def calls(self) -> list[str]:
        """The calls in the order in which they ended, each in one line; writes and sends where they began."""
        begun: dict[str, str] = {}
        found = []
        for line in self._output.read_text(errors="replace").splitlines():
            thread, _, call = line.partition(" ")
            call = call.strip()
            if call.endswith("<unfinished ...>"):
                begun[thread] = call.removesuffix("<unfinished ...>").strip()
                if call.startswith(("write", "send", "pwrite")):
                    found.append(begun[thread])
            elif resumed := re.match(r"<\.\.\. (\w+) resumed>(.*)", call):
                if not resumed[1].startswith(("write", "send", "pwrite")):
                    found.append(begun[thread] + resumed[2])
            else:
                found.append(call)
        return found
