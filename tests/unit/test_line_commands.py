"""What the command says of the line and of each model process."""

import pytest

from leyline.client import line_commands, workers

STATES = dict.fromkeys(("stopped", "loading", "ready", "busy", "restarting", "failed"), 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"running": 0, "model": {"state": "ready"}}, "none is being made. The model is ready."),
        ({"running": 1, "model": {"state": "busy"}}, "one is being made. The model is busy."),
        (
            {"running": 3, "model": {"state": "busy", "processes": {**STATES, "busy": 3, "loading": 1}}},
            "3 are being made. Of the models 3 busy, 1 loading.",
        ),
        (
            {"running": 0, "model": {"state": "loading", "detail": "Nobody.", "processes": STATES}},
            "none is being made. No model has joined yet.",
        ),
        (
            {"running": 0, "model": {"state": "failed", "detail": "No.", "processes": {**STATES, "failed": 1}}},
            "none is being made. The model is failed (No.).",
        ),
    ],
)
def test_the_line_says_how_many_are_made_and_by_how_many(line, said):
    assert line_commands.said({"waiting": 2, **line}) == [f"2 in line, {said}"]


def test_each_model_process_is_a_line_and_none_is_a_sentence():
    one = {"name": "local", "machine": "front", "state": "busy", "detail": "", "since": None, "draining": True}
    one |= {"runs": 7, "failures": 1, "restarts": 0, "task_id": "f" * 32}
    other = {**one, "name": "gpu\x1b[2J", "state": "failed", "detail": "No.", "draining": False, "task_id": None}
    assert workers.lines({"workers": [one, other]}) == [
        "name    machine  state           since  runs  failures  restarts  task",
        f"local   front    busy, draining         7     1         0         {'f' * 32}",
        "gpu[2J  front    failed (No.)           7     1         0",
    ]
    assert workers.lines({"workers": []}) == ["No model has joined yet."]
