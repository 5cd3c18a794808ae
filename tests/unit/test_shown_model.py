"""`leyline model`: what may be chosen, in lines and as a table."""

import io
import json

import pytest

from leyline.client import model
from model_proc.parameters import schema_of
from tests.models.choosing import Chooses

ANSWER = {
    "name": "breathing:Breathing",
    "state": "ready",
    "detail": "",
    "about": "It moves.",
    "schema": json.loads(schema_of(Chooses.Parameters)),
}


def test_each_parameter_says_its_kind_what_it_takes_its_default_and_what_it_does():
    assert model.plain(ANSWER) == [
        "breathing:Breathing: ready",
        "It moves.",
        "",
        "prompt: text (at most 200 characters); default: empty",
        "  Prompt: What should happen.",
        "",
        "direction: choice (out, in (Into the picture)); default: in",
        "  Move: Whereto.",
        "",
        "seconds: number (1 to 12 s, in steps of 0.5); default: 6",
        "  Length: In seconds.",
        "",
        "frames: whole number (2 to 64, in steps of 2); default: 8",
        "  Frames: How many.",
        "",
        "loop: switch (yes or no); default: yes",
        "  Loop: Whether it ends where it began.",
        "",
        "seed: seed (0 to 4294967295, or empty); default: empty",
        "  Seed: Empty: another each time.",
    ]


def test_several_model_processes_are_counted():
    answer = {**ANSWER, "state": "busy", "processes": {"busy": 3, "loading": 1, "ready": 0}}
    assert model.plain(answer)[0] == "breathing:Breathing: 3 busy, 1 loading"


def test_a_whole_number_is_shown_as_one():
    body = json.loads(json.dumps(ANSWER))
    body["schema"]["properties"]["seconds"] |= {"minimum": 1.0, "maximum": 12.0, "x-step": 1.0}
    assert "seconds: number (1 to 12 s, in steps of 1); default: 6" in model.plain(body)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"schema": None, "state": "loading"},
            "The model is loading: what may be chosen is known once it has loaded.",
        ),
        ({"schema": {"properties": {}}}, "It has nothing to choose."),
        ({"state": "failed", "detail": "No weights.", "schema": None}, "breathing:Breathing: failed (No weights.)"),
    ],
)
def test_a_model_without_anything_to_choose_says_why(changes, says):
    assert says in model.plain({**ANSWER, **changes})


def test_what_a_later_release_tells_is_shown_as_far_as_it_is_known():
    odd = {"type": ["array", "null"], "default": [1], "minimum": 3}
    assert "odd: ['array', 'null']; default: [1]" in model.plain({**ANSWER, "schema": {"properties": {"odd": odd}}})


def drawn(monkeypatch, answer, **environ):
    out = io.StringIO()
    out.isatty = lambda: True
    monkeypatch.setattr("sys.stdout", out)
    for name, value in {"TERM": "xterm", "COLUMNS": "120", "LINES": "24", **environ}.items():
        monkeypatch.setenv(name, value)
    model.draw(answer)
    return out.getvalue()


def test_a_terminal_gets_a_table_and_a_narrow_one_the_lines(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = [line.split() for line in drawn(monkeypatch, ANSWER, NO_COLOR="1").splitlines()]
    assert ["seed", "seed", "0", "to", "4294967295,", "or", "empty", "empty"] in [row[:8] for row in rows]
    assert "\x1b[1m" in drawn(monkeypatch, ANSWER, NO_COLOR="")
    assert "\x1b[3" not in drawn(monkeypatch, ANSWER, NO_COLOR="1")
    assert "seconds: number (1 to 12 s, in steps of 0.5);" in drawn(monkeypatch, ANSWER, COLUMNS="60")


@pytest.mark.parametrize("columns", ["60", "120"])
def test_a_models_words_are_not_obeyed(monkeypatch, columns):
    body = json.loads(json.dumps(ANSWER).replace("Whereto.", "[bold]\\u001b]0;owned\\u0007"))
    told = drawn(monkeypatch, {**body, "about": "\x1b[2J"}, COLUMNS=columns, NO_COLOR="1")
    assert "[bold]]0;owned" in told
    assert "\x1b]" not in told and "\x1b[2J" not in told
