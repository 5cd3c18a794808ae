"""The README's own examples, run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leyline.parameters.schema import Schema
from model_proc.parameters import schema_of
from tests.acceptance.test_path import frames, photo
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer, form, tab


def examples() -> list[str]:
    """A model, and what lets people choose."""
    code: list[str] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return code


def example() -> str:
    return examples()[0]


def test_a_model_takes_twenty_lines() -> None:
    assert len(example().strip().splitlines()) <= 20


@pytest.mark.gen_test(timeout=60)
async def test_the_readmes_model_makes_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "breathing.py").write_text(example())
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with LiveServer(tmp_path / "data", model="breathing:Breathing") as server:
        api = Api(server.url)
        task = await api.finished((await api.upload(photo(320, 240)))[1]["task_id"])
        assert (task["status"], task["error"]) == ("succeeded", None)
        assert task["video"]["seconds"] == pytest.approx(3.0, abs=0.05)
        made = frames(server.data_dir / "videos" / f"{task['task_id']}-1.mp4")
        assert len(made) == 90
        assert np.abs(made[0].astype(int) - made[45]).max() > 50, "it breathes"


def test_the_readmes_parameters_are_declared_as_they_must_be() -> None:
    known: dict[str, Any] = {}
    exec(examples()[1], known)
    schema = Schema(schema_of(known["Breathing"].Parameters))
    assert schema.complete({"depth": 0.25}) == {"depth": 0.25, "first": "in"}


def test_the_readmes_script_sends_a_picture_and_follows_it(tmp_path: Path) -> None:
    (script,) = re.findall(r"```py\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (tmp_path / "photo.jpg").write_bytes(photo())
    with LiveServer(tmp_path / "data") as server:
        assert "http://localhost:3000" in script
        done = subprocess.run(
            [sys.executable, "-c", script.replace("http://localhost:3000", server.url)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "succeeded 100.0"


@pytest.mark.gen_test(timeout=60)
async def test_the_model_of_the_page_about_models_takes_an_option_and_a_parameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "models.md").read_text(), re.S)
    (tmp_path / "fade.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with LiveServer(tmp_path / "data", model="fade:Fade", model_options='{"fps": 30}') as server:
        async with tab(server) as (api, _):
            await api.model()
            body, kind = form(photo(320, 240), parameters='{"seconds": 1.5}')
            _, task = await api.call("POST", "/api/video/upload/", body=body, headers={"Content-Type": kind})
            task = await api.finished(task["task_id"])
        assert (task["status"], task["error"]) == ("succeeded", None)
        made = frames(server.data_dir / "videos" / f"{task['task_id']}-1.mp4")
        assert len(made) == 45
        assert made[0].mean() < 0.1 * made[-1].mean(), "out of the dark"
