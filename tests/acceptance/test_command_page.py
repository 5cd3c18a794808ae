"""The page about the command: each of its command lines, run as it stands and in the order of the page."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from jsonschema import Draft202012Validator

from leyline.client.command import HELP
from leyline.client.configuration import NAMES
from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo
from tests.raw import Connection

pytestmark = pytest.mark.long

PAGE = (ROOT / "docs" / "command.md").read_text()
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "command.schema.json").read_text()))
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
LIST = re.findall(r"```\n(picture,.*?)```", PAGE, re.S)[0]
CONFIG = re.findall(r"```toml\n(.*?)```", PAGE, re.S)[0]
OPERATOR = "LEYLINE_OPERATOR_TOKEN=$(cat data/operator-token)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with all that the page speaks of, and the environment of a person who has just installed Leyline."""
    place = tmp_path_factory.mktemp("page")
    for folder in ("holiday/day 2", "home/.zfunc", "home/.config/fish/completions", "home/.config/leyline"):
        (place / folder).mkdir(parents=True)
    (place / "home/.local/share/bash-completion/completions").mkdir(parents=True)
    for number, name in enumerate(("beach.jpg", "tree.jpg", "day 2/sea.png")):
        (place / "holiday" / name).write_bytes(photo(number))
    for name in ("beach", "tree"):
        (place / "holiday" / f"{name}.txt").write_text(f"Wind in the {name}")
    (place / "beach.jpg").write_bytes(photo(9))
    (place / "camera.json").write_text('{"direction": "out"}')
    (place / "jobs.csv").write_text(LIST)
    (place / "bin").mkdir()
    leyline = place / "bin" / "leyline"
    leyline.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leyline "$@"\n')
    leyline.chmod(0o755)
    with LiveServer(
        place / "data", model="tests.models.choosing:Chooses", webhook_hosts="http://127.0.0.1:9"
    ) as server:
        server.environment["CHOSEN"] = os.devnull
        server.stop()
        server.start()
        (place / "home/.config/leyline/config.toml").write_text(f'url = "{server.url}"\n')
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("LEYLINE_", "XDG_"))}
        path = f"{place / 'bin'}:{os.environ['PATH']}"
        yield place, {**environment, "PATH": path, "HOME": str(place / "home"), "PYTHONPATH": str(ROOT)}


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_each_command_line_of_the_page_does_what_it_says(place: tuple[Path, dict[str, str]], line: str) -> None:
    folder, environment = place
    script = line
    if line.startswith("leyline move"):  # which is for what waits
        sent = "leyline submit holiday --again --no-wait"
        script = f"{OPERATOR} leyline pause && {sent} && {line} && {OPERATOR} leyline resume"
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if line.startswith("leyline login"):
        assert process.stdout
        confirm(environment, typed_code(process.stdout))
    done = subprocess.CompletedProcess(line, 0, *process.communicate(timeout=DEADLINE_SECONDS))
    done.returncode = process.returncode
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    if "--json >" in line:
        check_lines((folder / "sent.jsonl").read_text())
    elif "--json" in line and not re.search("queue|workers|doctor|login", line):
        check_lines(done.stdout)


def typed_code(output: IO[str]) -> str:
    """The code that it shows, read when it is there."""
    while line := output.readline():
        if found := re.search("[B-Z]{4}-[B-Z]{4}", line):
            return found[0]
    raise AssertionError("it shows no code")


def confirm(environment: dict[str, str], code: str) -> None:
    """As somebody does on the page."""
    url = tomllib.loads(Path(environment["HOME"], ".config/leyline/config.toml").read_text())["url"]
    with Connection(url) as page:
        cookie = page.request("GET", "/").answer().headers["set-cookie"].partition(";")[0]
        body = json.dumps({"user_code": code}).encode()
        assert page.request("POST", "/api/logins", body, Cookie=cookie).answer().status == 201


def check_lines(text: str) -> list[Any]:
    """The objects in these lines, each of which is as the schema says."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines
    for line in lines:
        assert not list(SCHEMA.iter_errors(line)), line
    return lines


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    good = dict.fromkeys(("picture", "parameters", "page_url", "link_url", "task", "error"))
    good |= {"picture": "a.jpg", "earlier": False}
    assert SCHEMA.is_valid(good)
    for wrong in ({"more": 1}, {"task": {"task_id": "x", "status": "queued", "progress": 0}}, {"earlier": None}):
        assert not SCHEMA.is_valid({**good, **wrong})


def test_the_file_of_the_page_names_all_that_it_may_hold() -> None:
    assert tuple(re.findall(r"^(\w+) =", CONFIG, re.M)) == NAMES


def test_the_exit_codes_of_the_page_are_those_of_the_help() -> None:
    of_page = set(re.findall(r"^\| ([\d, ]+) \|", PAGE, re.M))
    of_help = set(re.findall(r"^  ([\d]+(?:, \d+)*)  ", HELP, re.M))
    assert of_page == of_help
    assert {"0", "1", "2", "3", "4", "5", "6", "129, 130, 143"} == of_page
