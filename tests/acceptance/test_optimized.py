"""`python -OO` throws away docstrings and assertions, and no word that people read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leyline import cli
from tests.live_server import ROOT, Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

OPTIMIZED = (sys.executable, "-OO")
WORDS = """
import json
from leyline import errors, settings
from leyline.line import failures

def below(parent):
    return [each for child in parent.__subclasses__() for each in (child, *below(child))]

print(json.dumps([{error.__name__: error.title() for error in below(errors.LeylineError)},
                  {row.name: row.metadata["help"] for row in settings.rows()}], indent=1))
"""


def printed(*command: str) -> str:
    environment = {**os.environ, "COLUMNS": "110", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert not done.stderr
    return done.stdout


def test_every_title_and_every_settings_help_is_the_same() -> None:
    words = printed(*OPTIMIZED, "-c", WORDS)
    assert words == printed(sys.executable, "-c", WORDS)
    assert '"ModelCrashed": "The model crashed on this picture every time it was tried."' in words


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_every_commands_help_is_the_same(command: str) -> None:
    asked = ("-m", "leyline", *filter(None, [command]), "--help")
    assert printed(*OPTIMIZED, *asked) == printed(sys.executable, *asked)


@pytest.mark.gen_test(timeout=60)
async def test_a_server_makes_a_video_and_refuses_in_the_same_words(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data")
    server.command = (*OPTIMIZED, "-m", "leyline", "serve")
    with server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(photo())
        assert (await api.finished(task["task_id"]))["status"] == "succeeded"
        code, problem = await api.upload(b"no picture")
        assert (code, problem["title"]) == (415, problem["detail"])
        assert problem["title"].startswith("This file is not a picture. ")
        assert (await api.call("POST", f"/api/video/{task['task_id']}/cancel"))[1]["title"] == (
            "The task has already finished."
        )
