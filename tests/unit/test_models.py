"""`leyline models`: what a foreign package says and does while it is asked."""

import os
from pathlib import Path

import pytest

from leyline import models

HOSTILE = "\x1b[2J\x9b31mRed\u202e\ud800\x07"


def test_what_a_package_says_is_fit_for_a_terminal() -> None:
    told = {"name": f"a{HOSTILE}", "package": f"b{HOSTILE}", "version": HOSTILE}
    option = {"name": "colour", "type": HOSTILE, "needed": False, "default": HOSTILE}
    said = [
        models.shown(told | {"about": HOSTILE + "x" * 5_000, "options": [option]}),
        models.shown(told | {"error": f"OSError: {HOSTILE}\n" + "x" * 5_000}),
    ]
    for line in "\n".join(said).split("\n"):
        assert line.isprintable() and len(line) < 600
        line.encode()


HOLDS = """\
import os

until = open({fifo!r})
if not os.fork():  # with every file of its parent's
    until.read()
    os._exit(0)


class Model:
    \"\"\"Leaves somebody behind.\"\"\"
"""


def test_a_process_that_a_model_leaves_behind_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leaves.py").write_text(HOLDS.format(fifo=str(tmp_path / "until")))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{models.__file__.rpartition('/leyline/')[0]}")
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "until")
    held_open = os.open(tmp_path / "until", os.O_RDWR)
    try:
        assert models.asked("leaves:Model") == {"about": "Leaves somebody behind.", "options": []}
    finally:
        os.close(held_open)  # what was left behind ends
