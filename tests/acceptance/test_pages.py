"""The pages of docs/ for whoever runs Leyline: each of their command lines, run in the order of the page.

What is put in another place, so that nothing outside a temporary folder is touched, and what runs in another test,
is said below; all else is run as it stands.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT
from tests.pictures import photo
from tests.proxies import free_port

PAGES = ("deploying/README", "models", "api", "limits", "security", "upgrading")
IMAGE = "tests/container/test_image.py"
ELSEWHERE = {
    "docker compose up --build --detach": f"{IMAGE}::test_its_health_is_the_servers",
    "docker compose exec leyline leyline doctor": f"{IMAGE}::test_a_doctor_finds_all_that_a_server_needs",
    "docker compose exec leyline cat /data/operator-token": f"{IMAGE}::test_its_operators_token_can_be_read",
    ".venv/bin/leyline serve --model diffusers --model-option repo=Lightricks/LTX-Video --stall-seconds 300": (
        "tests/real_models/test_the_whole_path.py::"
    ),
    ".venv/bin/leyline serve --model fade:Fade --model-option fps=30": (
        "tests/acceptance/test_readme.py::test_the_model_of_the_page_about_models_takes_an_option_and_a_parameter"
    ),
}
# Tens of gigabytes from a hub.
NOT_RUN = {'.venv/bin/hf download Lightricks/LTX-Video --include "*/*" --include model_index.json'}
# Commands that would change the machine: each says what it would have to find.
STAND_INS = {
    "systemctl": "for word; do case $word in *.service|*.socket) test -f etc/systemd/system/$word;; esac; done",
    "journalctl": "test -f etc/systemd/system/leyline.service",
    "scp": 'test -s "$2" && cp "$2" "$2.moved"',
    "pip": f'extra=${{3#.\\[}}; grep -q "^${{extra%]}} =" {ROOT}/setup.cfg',
}


def lines(page: str) -> list[str]:
    text = (ROOT / "docs" / f"{page}.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line[:1] != "#"]


class Terminal:
    """A person's shell in a folder of their own, where a server of theirs may run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.port, self.cluster = free_port(), free_port()
        self.running: list[subprocess.Popen[bytes]] = []
        for folder in ("bin", ".venv/bin", "etc/systemd/system", "etc/leyline"):
            (place / folder).mkdir(parents=True, exist_ok=True)
        (place / "photo.jpg").write_bytes(photo())
        self._script("bin/leyline", f'exec "{sys.executable}" -m leyline "$@"')
        for name, does in STAND_INS.items():
            self._script(f"bin/{name}", f"set -e\n{does}")
            self._script(f".venv/bin/{name}", f"set -e\n{does}")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("LEYLINE_", "XDG_"))}
        self.environment = kept | {
            "HOME": str(place),
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "LEYLINE_PORT": str(self.port),
            "LEYLINE_MODEL_SECONDS": "0.1",
        }

    def _script(self, path: str, does: str) -> None:
        script = self.place / path
        script.write_text(f"#!/bin/sh\n{does}\n")
        script.chmod(0o755)

    def here(self, line: str) -> str:
        """The line, in this folder and with ports that are free."""
        for there, here in (
            ("/etc/", f"{self.place}/etc/"),
            ("localhost:3000", f"localhost:{self.port}"),
            ("front.example.org:8786", f"127.0.0.1:{self.cluster}"),
            ("0.0.0.0:8786", f"0.0.0.0:{self.cluster}"),
            ("gpu-1.join gpu-1.example.org: && rm gpu-1.join", "gpu-1.join gpu-1.example.org:"),  # one machine here
            (" --model diffusers --model-option repo=Lightricks/LTX-Video", ""),  # weights that are not at hand
            (" --devices 0,1,2,3", " --devices 0"),  # nor are GPUs
        ):
            line = line.replace(there, here)
        return line

    def run(self, line: str) -> str:
        line = self.here(line)
        if re.search(r"leyline (serve|worker) ", f"{line} "):
            return self._start(line)
        if "curl" in line and not self.running:
            self._start("leyline serve")
        done = subprocess.run(
            ["bash", "-c", f"set -eo pipefail; {line}"],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3 * DEADLINE_SECONDS,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), f"{line}\n{done.stdout}{done.stderr}"
        assert '"code"' not in done.stdout, "a refusal of the API"
        return done.stdout

    def learn(self, name: str, said: str) -> None:
        """What an answer has under this name is a variable of the next lines."""
        self.environment[name] = re.findall(rf'"{name.lower()}": *"([^"]+)"', said)[0]

    def _start(self, line: str) -> str:
        """Until it says that it serves or has joined. It runs on, a server until the next one."""
        serves = "leyline serve" in line
        if serves:
            self.close()
        ready = (
            ["http://", *([] if "--local-models 0" in line else ["event=model_ready"])]
            if serves
            else ["event=joined"]
        )
        said = self.place / f"said-{len(list(self.place.glob('said-*')))}"
        with said.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", line],
                cwd=self.place,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        deadline = time.monotonic() + 3 * DEADLINE_SECONDS
        while not all(word in said.read_text() for word in ready):
            assert process.poll() is None and time.monotonic() < deadline, f"{line}\n{said.read_text()}"
            time.sleep(0.05)
        return said.read_text()

    def close(self) -> None:
        """End what runs."""
        for process in reversed(self.running):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(DEADLINE_SECONDS)
        self.running.clear()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_the_page_does_what_it_says(page: str, terminal: Terminal) -> None:
    terminal.run("leyline serve")
    terminal.learn("TASK_ID", terminal.run("curl -sS -F file=@photo.jpg http://localhost:3000/api/video/upload/"))
    if page == "upgrading":
        check_out(terminal.place)
    for line in lines(page):
        if line not in NOT_RUN and line not in ELSEWHERE:
            said = terminal.run(line)
            if line.endswith("/api/login"):
                terminal.learn("DEVICE_CODE", said)
                terminal.learn("USER_CODE", said)
                terminal.run("curl -sS -c page -o page.html http://localhost:3000/")
                terminal.run(
                    'curl -sSf -b page -d "{\\"user_code\\": \\"$USER_CODE\\"}" http://localhost:3000/api/logins'
                )
            elif line.endswith("/api/login/token"):
                terminal.learn("TOKEN", said)


def check_out(place: Path) -> None:
    """This checkout's last commit, with what it came from behind it."""
    clone = ["git", "-c", "safe.directory=*", "clone", "--quiet", "--no-local", str(ROOT), str(place / "clone")]
    subprocess.run(clone, check=True, timeout=DEADLINE_SECONDS)
    for path in (place / "clone").iterdir():
        if path.name not in (".venv", "data"):
            shutil.move(path, place / path.name)


@pytest.mark.parametrize(("line", "where"), ELSEWHERE.items(), ids=list(ELSEWHERE))
def test_what_is_run_elsewhere_is_on_a_page_and_there_is_such_a_test(line: str, where: str) -> None:
    assert any(line in lines(page) for page in PAGES)
    path, _, name = where.partition("::")
    assert f"def {name}" in (ROOT / path).read_text()


def test_what_is_not_run_is_on_a_page() -> None:
    assert {line for page in PAGES for line in lines(page)} >= NOT_RUN
