"""What `leyline submit` shows: on terminals of any kind, and where nobody hears it."""

import os
import pty
import re
import shlex
import struct
import subprocess
import termios
import threading
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.acceptance.submitting import ADDRESS, command, environment
from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer

pytestmark = pytest.mark.long


def on_terminal(server: LiveServer, width: int, *words: object, **environ: str) -> tuple[int, str]:
    """The exit code, and all that a terminal of this width was sent."""
    terminal, end = pty.openpty()
    ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen(
        command(server, *words), cwd=ROOT, env=environment(**environ), stdin=end, stdout=end, stderr=end
    )
    os.close(end)
    overdue = threading.Timer(DEADLINE_SECONDS, process.kill)
    overdue.start()
    sent = b""
    try:
        while chunk := os.read(terminal, 65536):
            sent += chunk
    except OSError:  # so a terminal says that nobody is at its other end any more
        pass
    overdue.cancel()
    os.close(terminal)
    return process.wait(DEADLINE_SECONDS), sent.decode()


def test_terminal_shows_progress_in_place_and_keeps_what_is_ready(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=1.5) as server:  # there is time to see something
        exit_code, sent = on_terminal(server, 140, pictures)
    assert exit_code == 0
    assert "\x1b[1A\x1b[2K" in sent, "nothing was redrawn in place"
    assert "\x1b[32m✓\x1b[0m photo 10.jpg  ready, made in" in sent
    assert "━" in sent
    assert len(set(ADDRESS.findall(sent))) == 3
    assert sent.rstrip().endswith("3 of 3 videos are ready.")


def test_terminal_without_color_is_still_redrawn(server: LiveServer, pictures: Path) -> None:
    _, sent = on_terminal(server, 100, pictures, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*m", sent)
    assert "A" in re.findall(r"\x1b\[[0-9;]*([A-Za-z])", sent)


def test_dumb_terminal_gets_plain_lines(server: LiveServer, pictures: Path) -> None:
    _, sent = on_terminal(server, 100, pictures, TERM="dumb")
    assert "\x1b" not in sent
    assert "photo 1.jpg: ready, made in" in sent


# Where nobody hears it


@pytest.mark.parametrize("shell", ["| head -n 1", "| true", ">&-", ">&- 2>&-"])
def test_pictures_go_on_though_nobody_hears_of_them(server: LiveServer, pictures: Path, shell: str) -> None:
    line = f"{shlex.join(command(server, pictures))} {shell}; exit ${{PIPESTATUS[0]}}"
    before = server.log().count("event=succeeded")
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert server.log().count("event=succeeded") == before + 3


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_could_not_be_written_is_told(server: LiveServer, pictures: Path, options: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - it is no file
        words = command(server, pictures, *options)
        done = subprocess.run(
            words, cwd=ROOT, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 1
    assert "Not all could be shown here: No space left on device. 3 of 3 videos are ready." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("width", [3, 20, 80, 200])
def test_a_terminal_of_any_width_gets_no_traceback(server: LiveServer, pictures: Path, width: int) -> None:
    exit_code, sent = on_terminal(server, width, pictures)
    assert (exit_code, "Traceback" in sent) == (0, False)
    assert sent.endswith("\r\n") and "\x1b[?25h" in sent, "the cursor is given back"
