"""The page about the command: each of its command lines, run as it stands and in the order of the page."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from leyline.client.command import HELP
from leyline.client.configuration import NAMES
from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo

PAGE = (ROOT / "docs" / "command.md").read_text()
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "command.schema.json").read_text()))
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
LIST = re.findall(r"```\n(picture,.*?)```", PAGE, re.S)[0]
CONFIG = re.findall(r"```toml\n(.*?)```", PAGE, re.S)[0]


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
    with LiveServer(place / "data", model="tests.models.choosing:Chooses") as server:
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
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    if "--json >" in line:
        check_lines((folder / "sent.jsonl").read_text())
    elif "--json" in line and not re.search("queue|workers|doctor", line):
        check_lines(done.stdout)


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
