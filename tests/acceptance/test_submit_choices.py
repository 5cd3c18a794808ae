"""What is chosen for pictures on the command line, in lists and in texts, and how it reaches the model."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.submitting import command, environment, started, submit
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def choosing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose model lets people choose, and has been loaded."""
    folder = tmp_path_factory.mktemp("choosing")
    server = LiveServer(folder / "data", model="tests.models.choosing:Chooses", model_about="It moves.")
    server.environment["CHOSEN"] = str(folder / "chosen")

    async def loaded() -> None:
        await Api(server.url).model()

    with server:
        asyncio.run(loaded())
        yield server


def given(server: LiveServer) -> list[Any]:
    """What the model was given since this was asked last, run by run."""
    path = Path(server.environment["CHOSEN"])
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def test_what_is_set_for_all_reaches_the_model(choosing: LiveServer, pictures: Path) -> None:
    (pictures / "camera.json").write_text('{"direction": "out", "seconds": 12, "seed": null}')
    file = pictures / "camera.json"
    words = ("--parameters", file, "--set", "prompt=4", "--set", "seconds=2.5", "--set", "loop=no")
    done = submit(choosing, pictures / "photo 1.jpg", *words)
    assert (done.returncode, done.stderr) == (0, "")
    [run] = given(choosing)
    seed = run.pop("seed")
    assert run == {"prompt": "4", "direction": "out", "seconds": 2.5, "frames": 8, "loop": False}
    assert isinstance(seed, int)


def test_texts_beside_pictures_are_their_prompts(choosing: LiveServer, pictures: Path) -> None:
    (pictures / "photo 1.txt").write_bytes("\ufeffWind,\r\nsanft und stürmisch\r\n".encode())
    (pictures / "photo 2.txt").write_text("Rain")
    done = submit(choosing, pictures, "--prompts", "beside")
    assert done.returncode == 0
    assert done.stderr == "No text stands beside 1 of 3 pictures (photo 10.jpg): no prompt of their own.\n"
    assert [run["prompt"] for run in given(choosing)] == ["Wind,\nsanft und stürmisch", "Rain", ""]
    assert "photo 2.jpg “Rain”: ready" in done.stdout
    assert done.stdout.splitlines()[-1] == "3 of 3 videos are ready.", "texts that are used are not left out"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jobs.csv", "picture;prompt;seconds\r\nphoto 1.jpg;calm;2,5\r\nphoto 1.jpg;;\r\n"),
        ("jobs.jsonl", '{"image": "photo 1.jpg", "prompt": "calm", "seconds": 2.5}\n{"image": "photo 1.jpg"}\n'),
        ("-", '{"image": "photo 1.jpg", "prompt": "calm", "seconds": 2.5}\n{"image": "photo 1.jpg"}\n'),
    ],
)
def test_each_row_of_a_list_is_a_video(choosing: LiveServer, pictures: Path, name: str, content: str) -> None:
    (pictures / "list").write_text(content)
    if name != "-":
        (pictures / "list").rename(pictures / name)
    with (pictures / "list").open() if name == "-" else open(os.devnull) as stdin:  # noqa: PTH123
        words = command(choosing, "--from", "-" if name == "-" else pictures / name, "--json")
        done = subprocess.run(
            words,
            cwd=pictures if name == "-" else "/",
            env=environment(PYTHONPATH=str(ROOT)),
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
    assert (done.returncode, done.stderr) == (0, "2 of 2 videos are ready.\n")
    assert [(run["prompt"], run["seconds"]) for run in given(choosing)] == [("calm", 2.5), ("", 6)]
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["parameters"], second["parameters"]) == ({"prompt": "calm", "seconds": 2.5}, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "promt=x"], "--set: There is no parameter “promt”. Did you mean “prompt”?"),
        (["--set", "seconds"], "--set 'seconds' is not NAME=VALUE."),
        (["--from", "jobs.csv"], "jobs.csv, line 3, seconds: Length must be a number from 1 to 12 s"),
        (["--parameters", "camera.json"], "camera.json, direction: Move must be one of “out”, “in”."),
    ],
)
def test_where_anything_does_not_fit_nothing_is_sent(
    choosing: LiveServer, pictures: Path, words: list[str], says: str
) -> None:
    (pictures / "jobs.csv").write_text("picture,seconds\nphoto 1.jpg,4\nphoto 2.jpg,99\n")
    (pictures / "camera.json").write_text('{"direction": "up"}')
    before = choosing.log().count("event=accepted")
    words = [str(pictures / word) if "." in word else word for word in words]
    done = submit(choosing, pictures / "photo 1.jpg", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.endswith("Nothing was sent.\n")
    assert choosing.log().count("event=accepted") == before


def test_prompts_where_the_model_takes_none_are_refused(server: LiveServer, pictures: Path) -> None:
    (pictures / "photo 1.txt").write_text("Wind")
    done = submit(server, pictures, "--prompts", "beside")
    assert done.returncode == 2
    assert "This model takes no prompt." in done.stderr


def test_neither_picture_nor_list_is_wrong_usage(server: LiveServer) -> None:
    done = submit(server)
    assert done.returncode == 2
    assert "or a list of them with --from" in done.stderr


def test_what_may_be_chosen_is_printed(choosing: LiveServer) -> None:
    words = [sys.executable, "-m", "leyline", "model", "--url", choosing.url]
    options: Any = {"cwd": ROOT, "env": environment(), "capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(words, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "seconds: number (1 to 12 s, in steps of 0.5); default: 6" in done.stdout.splitlines()
    answer = json.loads(subprocess.run([*words, "--json"], **options).stdout)
    assert answer["schema"]["properties"]["seconds"]["x-unit"] == "s"
    gone = subprocess.run([*words[:-1], "http://localhost:1"], **options)
    assert (gone.returncode, gone.stdout) == (5, "")
    assert gone.stderr.startswith("Nothing answers at http://localhost:1.")


def test_a_model_that_loads_is_waited_for(tmp_path: Path, pictures: Path) -> None:
    server = LiveServer(tmp_path / "data", model="tests.models.choosing:TakesItsTime")
    server.environment |= {"CHOSEN": str(tmp_path / "chosen"), "SLOW_LOAD_UNTIL": str(tmp_path / "loaded")}
    with server, started(server, pictures / "photo 1.jpg", "--set", "prompt=Wind") as process:
        assert process.stderr
        assert process.stderr.readline().endswith("is known once it has loaded. Waiting for that.\n")
        (tmp_path / "loaded").touch()
        rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
        assert [run["prompt"] for run in given(server)] == ["Wind"]
    assert rest.splitlines()[-1] == "1 of 1 video is ready."
