"""A client that is generated from the API's description sends a picture and follows it to its video."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live_server import ROOT, Api, LiveServer
from tests.pictures import photo

PROGRAM = ROOT / "tests" / "acceptance" / "by_generated_client.py"


@pytest.mark.long
def test_a_generated_client_uploads_and_follows(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    with LiveServer(tmp_path / "data") as server:
        asyncio.run(Api(server.url).model())  # what may be chosen stands in the description then
        # The generator knows pictures as bytes once it is told so.
        (tmp_path / "config.yaml").write_text("content_type_overrides:\n  image/jpeg: application/octet-stream\n")
        made = subprocess.run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
                *("--url", f"{server.url}/api/openapi.json", "--output-path", "generated"),
                *("--config", "config.yaml"),
            ],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},  # it wants ruff
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        said = subprocess.run(
            [sys.executable, PROGRAM, server.url, "photo.jpg"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stdout.split("\n")[:2] == ["succeeded mine out not_a_picture", "0"], said.stdout + said.stderr
