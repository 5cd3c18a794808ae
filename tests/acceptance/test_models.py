"""Models by name: those that come with Leyline, and those that somebody else's package brings."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer
from tests.pictures import photo

PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "leyline-tint"
version = "1.2"

[project.entry-points."leyline.models"]
tint = "leyline_tint:Tint"
exits = "leyline_tint.exits:Model"
noisy = "leyline_tint.noisy:Model"
gone = "leyline_tint.gone:Model"
"""
TINT = '''\
import numpy as np


class Tint:
    """Paints the picture in one colour.

    Nothing else.
    """

    def __init__(self, colour: str, frames: int = 4):
        self.colour, self.frames = colour, frames

    def load(self):
        pass

    def generate(self, image, clip, report):
        for _ in range(self.frames):
            clip.write(np.full((32, 48, 3), {"red": (255, 0, 0)}[self.colour], np.uint8))
'''
EXITS = "import os\nprint('[]', flush=True)\nos._exit(3)\n"
NOISY = (
    "print('[\"noise\"]')\nprint('loading', flush=True)\n\n\n"
    "class Model:\n    def __init__(self, **options):\n        pass\n"
)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has put a package of somebody else's."""
    folder = tmp_path_factory.mktemp("foreign")
    package = folder / "source" / "leyline_tint"
    package.mkdir(parents=True)
    (folder / "source" / "pyproject.toml").write_text(PROJECT)
    for name, text in {"__init__": TINT, "exits": EXITS, "noisy": NOISY}.items():
        (package / f"{name}.py").write_text(text)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--target", folder / "installed", folder / "source"], check=True, timeout=DEADLINE_SECONDS
    )
    return folder / "installed"


def leyline(*words: str, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    return subprocess.run(
        [sys.executable, "-m", "leyline", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


def test_what_is_installed_is_listed_and_a_broken_package_breaks_nothing(foreign: Path) -> None:
    done = leyline("models", "--json", path=foreign)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = {model.pop("name"): model for model in json.loads(done.stdout)}
    assert {"simulated", "parallax", "tint", "exits", "noisy", "gone"} <= set(found)
    assert found["tint"] == {
        "package": "leyline-tint",
        "version": "1.2",
        "about": "Paints the picture in one colour.",
        "options": [
            {"name": "colour", "type": "text", "needed": True, "default": None},
            {"name": "frames", "type": "a whole number", "needed": False, "default": 4},
        ],
    }
    assert found["exits"]["error"] == "its process ended with exit code 3"
    assert found["gone"]["error"] == "there is no module leyline_tint.gone"
    assert found["noisy"]["options"] == []
    assert found["simulated"]["package"] == "leyline"


def test_the_list_is_for_people(foreign: Path) -> None:
    lines = leyline("models", path=foreign).stdout.splitlines()
    tint = lines.index("tint (leyline-tint 1.2)")
    assert lines[tint + 1 : tint + 4] == [
        "  Paints the picture in one colour.",
        "    colour  text; needed",
        "    frames  a whole number; default: 4",
    ]
    assert "  cannot be used: its process ended with exit code 3" in lines


def test_one_that_was_asked_for_and_cannot_be_used_is_exit_code_1(foreign: Path) -> None:
    assert leyline("models", "tint", path=foreign).returncode == 0
    assert leyline("models", "tint", "exits", path=foreign).returncode == 1
    assert "tests.models.plain:Tiny\n  " in leyline("models", "tests.models.plain:Tiny").stdout


Serve = Callable[..., LiveServer]


@pytest.fixture
def serve(foreign: Path, tmp_path: Path) -> Serve:
    def make(*flags: str, **settings: Any) -> LiveServer:
        server = LiveServer(tmp_path / "data", **settings)
        server.command = (*server.command, *flags)
        server.environment = {"PYTHONPATH": str(foreign)}
        return server

    return make


@pytest.mark.gen_test(timeout=60)
async def test_a_model_of_somebody_elses_package_makes_a_video_by_its_name(serve: Serve) -> None:
    flags = ("--model", "tint", "--model-option", "colour=red", "--model-option", "frames=15")
    with serve(*flags, model_options='{"colour": "green", "frames": 3}') as server:
        api = await Api(server.url).open_page()
        task = await api.finished((await api.upload(photo()))[1]["task_id"])
        assert (task["status"], task["error"]) == ("succeeded", None)
        assert (task["video"]["width"], task["video"]["height"], task["video"]["seconds"]) == (48, 32, 0.5)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ("--model", "taint"),
            r"LEYLINE_MODEL='taint' \(or --model\) names no model: no model of that name is installed; "
            r"there are .*exits, gone, noisy, parallax, simulated, tint\.",
        ),
        (
            ("--model", "tint", "--model-option", "color=red"),
            r"LEYLINE_MODEL_OPTIONS \(or --model-option\) do not fit tint: "
            r"there is no option color; there are colour, frames\.",
        ),
        (("--model", "tint"), r".* do not fit tint: the option colour is needed\."),
        (
            ("--model", "tint", "--model-options", '{"colour": "red", "frames": "x"}'),
            r".* do not fit tint: the option frames must be a whole number, not 'x'\.",
        ),
        (("--model-option", "frames"), r"--model-option='frames' must be an option and its value, as seconds=4\."),
    ],
)
def test_a_wrong_name_or_option_ends_the_start_in_one_sentence(
    serve: Serve, flags: tuple[str, ...], sentence: str
) -> None:
    server = serve(*flags)
    server.launch()
    assert server.process
    assert server.process.wait(DEADLINE_SECONDS) == 2
    server.wait()
    said = [line for line in server.log().splitlines() if not re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert len(said) == 1
    assert re.fullmatch(sentence, said[0])


def test_the_unit_keeps_the_options(tmp_path: Path) -> None:
    flags = ("--user", "daemon", "--model", "parallax", "--model-option", "fps=25", "--model-option", "height=360")
    unit = leyline("systemd-unit", *flags).stdout
    assert " --model parallax --model-option fps=25 --model-option height=360\n" in unit
