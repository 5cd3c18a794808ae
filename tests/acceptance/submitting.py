"""`leyline submit` as tests run it: in a process of its own, without a terminal."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer

ADDRESS = re.compile(r"(http://\S+)/#([0-9a-f]{32})")


def command(server: LiveServer, *words: object) -> list[str]:
    return [sys.executable, "-m", "leyline", "submit", "--url", server.url, *map(str, words)]


def environment(**changes: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LEYLINE_", "NO_COLOR"))}
    return {**clean, "TERM": "xterm", **changes}


def submit(server: LiveServer, *words: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(server, *words),
        cwd=ROOT,
        env=environment(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


@contextmanager
def started(server: LiveServer, *words: object) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(server, *words), cwd=ROOT, env=environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        overdue = threading.Timer(DEADLINE_SECONDS, process.kill)
        overdue.start()
        try:
            yield process
        finally:
            overdue.cancel()
            process.kill()


def said(process: subprocess.Popen[str], pattern: str) -> str:
    """The first line with this pattern in it."""
    assert process.stdout
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"it ended without saying {pattern!r}")


def operate(server: LiveServer, word: str) -> None:
    """What its operator does, whose token is `operator`: pause, or resume."""
    headers = {"Authorization": "Bearer operator"}
    urlopen(Request(f"{server.url}/api/queue/{word}", method="POST", headers=headers)).close()
