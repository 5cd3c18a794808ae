"""What the command says: words for each state, text that fits, and nothing that a terminal would obey."""

from datetime import UTC, datetime

import pytest

from leyline.client import wording
from leyline.client.remote import Refused, Unreachable, Unsafe, is_task
from tests.unit.submitted import ID, picture, refused, submission

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


def test_near_time_has_seconds_and_a_far_one_its_day():
    assert wording.clock("2030-05-06T12:00:30.500Z", NOON) == "12:00:30"
    assert wording.clock("2030-05-06T14:32:10.000Z", NOON) == "14:32"
    assert wording.clock("2030-05-07T14:32:10.000Z", NOON) == "Tue 14:32"


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (picture(), "not sent yet"),
        (picture(status="queued", queue={"position": 1, "size": 4}), "next in line"),
        (picture(status="queued", queue={"position": 3, "size": 4}), "3 of 4 in line"),
        (picture(status="queued"), "in line"),
        *(
            (picture(status="queued", eta=eta, eta_reason=reason), f"in line, waits until {until}")
            for eta in (None, {"ready_at": None})
            for reason, until in (
                ("paused", "the line goes on"),
                ("model_loading", "the model has started"),
                ("model_failed", "the model has started"),
            )
        ),
        (picture(status="queued", eta_reason="a reason that comes later"), "in line"),
        (picture(status="processing"), "starting"),
        (picture(status="processing", stage="generating"), "generating"),
        (
            picture(status="succeeded", started_at="2030-05-06T12:00:00Z", finished_at="2030-05-06T12:00:31Z"),
            "ready, made in 31 s",
        ),
        (picture(status="failed", error={"detail": "The model crashed."}), "The model crashed."),
        (
            picture(status="failed", error={"code": "unsuitable", "title": "It says no.", "detail": "No face."}),
            "the model says: No face.",
        ),
        (picture(status="failed", error={"code": "unsuitable", "title": "No.", "detail": "No."}), "No."),
        (picture(status="canceled"), "canceled"),
        (picture(status="gone"), "removed on the server"),
        (refused("x", "This file is not a picture."), "This file is not a picture."),
    ],
)
def test_each_state_has_its_words(shown, words):
    assert wording.words(shown) == words


def test_summary_counts_what_there_is_and_says_when_all_is_ready():
    shown = submission(
        picture(status="succeeded"),
        picture(status="processing", eta={"ready_at": "2030-05-06T12:00:00Z"}),
        picture(status="queued", eta={"ready_at": "2030-05-06T13:00:00Z"}),
        refused("a", "No."),
        picture(),
    )
    ready = wording.clock("2030-05-06T13:00:00Z")
    assert wording.summary(shown) == (
        f"1 ready · 1 refused · 1 running · 1 in line · 1 to send · all ready {ready}"
    )


def test_a_time_that_nobody_knows_is_a_tasks_too_and_is_not_told():
    shown = picture(status="queued", eta={"ready_at": None}, eta_reason="paused")
    assert is_task(shown.task)
    assert (wording.ready_at(shown), wording.summary(submission(shown))) == ("", "1 in line")


def test_summary_does_not_call_all_ready_when_nobody_knows_it_of_one():
    running = picture(status="processing", eta={"ready_at": "2030-05-06T12:00:00Z"})
    waiting = picture(status="queued", eta=None, eta_reason="paused")
    assert wording.summary(submission(running, waiting)) == "1 running · 1 in line"


def test_summary_says_what_hinders():
    shown = submission(picture(status="queued"))
    shown.line["paused"] = True
    assert wording.summary(shown) == "1 in line · the line is paused by the operator"
    shown.line["paused"] = False
    shown.model.update(state="failed", detail="it has no weights")
    assert wording.summary(shown) == "1 in line · the model does not start: it has no weights"


def test_whoever_leaves_learns_what_stays_and_how_to_come_back():
    left = [
        picture("a.jpg", status="queued"),
        picture("b.jpg", status="succeeded"),
        picture("c.jpg"),
        picture("d.jpg"),
    ]
    left[2].sent = 0.5
    assert wording.farewell(submission(*left)) == [
        "1 picture stays in line; come back here:",
        f"  a.jpg  http://localhost:3000/#{ID}",
        "c.jpg was on its way; it may have arrived or not.",
        "1 picture was not sent.",
    ]


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (submission(picture(status="succeeded")), "1 of 1 video is ready."),
        (submission(picture(status="succeeded"), refused("a", "No.")), "1 of 2 videos are ready."),
        (
            submission(picture(status="queued"), picture(status="failed"), waits=False),
            "2 of 2 pictures are in line.",
        ),
    ],
)
def test_last_sentence_counts_what_was_wanted(shown, sentence):
    assert wording.outcome(shown) == sentence


def test_last_sentence_counts_what_was_left_out():
    assert wording.outcome(submission(picture(status="succeeded")), 2) == (
        "1 of 1 video is ready. Left out: 2 (folders, and files not named as pictures)."
    )


def test_advice_has_nothing_that_a_terminal_obeys():
    assert "\x1b" not in wording.advice(Refused(500, "odd", "t", "\x1b]0;owned\x07"))


def test_advice_says_what_can_be_done():
    assert "leyline serve" in wording.advice(Unreachable("Nothing answers."))
    assert wording.advice(Unsafe("Its certificate has expired.")) == "Its certificate has expired."
    token = Refused(401, "token_needed", "This server needs an access token.")
    assert wording.advice(token).endswith("Give it in LEYLINE_TOKEN or with --token.")


def test_of_several_model_processes_it_is_said_how_many_do_what():
    said = [
        wording.several({"processes": processes})
        for processes in ({"loading": 1, "busy": 3, "ready": 0}, {"loading": 0, "busy": 1}, {"busy": "\x1b"}, None)
    ]
    assert said == ["3 busy, 1 loading", "", "", ""]
    assert wording.several({}) == ""


def test_no_model_process_at_all_is_said():
    shown = submission(picture(status="queued"))
    shown._following.model = {"state": "loading", "processes": {"loading": 0, "busy": 0}}
    assert wording.summary(shown).endswith("no model has joined yet")
    shown._following.model["processes"]["loading"] = 1
    assert wording.summary(shown).endswith("the model is loading")
