"""A short run with one seed; `make cluster` runs ten long ones."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
@pytest.mark.alone  # frozen workers and a cut network are waited for, and there are twelve processes
def test_whatever_fails_between_machines_each_upload_becomes_one_video_in_its_turn() -> None:
    """Of each fault at once. In a network of its own, which only another process can have."""
    command = [sys.executable, "-m", "tests.cluster_runs", "--seeds", "20", "--tasks-at-last", "60", "all"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 20: 60 tasks" in done.stdout
