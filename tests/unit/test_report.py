import threading
import time

import pytest

from model_proc.report import LEAST_SECONDS, RunReport

SOON = 30  # seconds: longer than anything here takes, unless it never happens


class Heard(list[tuple[float | None, str]]):
    """What a report sent, and a way to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._said = threading.Condition()

    def __call__(self, progress: float | None, stage: str) -> None:
        with self._said:
            self.append((progress, stage))
            self._said.notify_all()

    def wait_for(self, word: tuple[float | None, str]) -> bool:
        with self._said:
            return self._said.wait_for(lambda: word in self, SOON)


def nothing() -> None:
    """The run is not canceled."""


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_first_word_goes_out_at_once(heard):
    with RunReport(heard, nothing) as report:
        report(7)
        assert heard == [(7, "generating")]


def test_many_words_are_thinned_and_the_last_is_kept(heard):
    with RunReport(heard, nothing) as report:
        for percent in range(98):
            report(percent)
        report(98)
    assert heard[0] == (0, "generating")
    assert heard[-1] == (98, "generating")
    assert len(heard) <= 4


def test_last_word_of_a_model_that_falls_silent_is_still_said(heard):
    with RunReport(heard, nothing) as report:
        report(10)
        report(20)
        assert heard.wait_for((20, "generating"))


def test_a_model_whose_every_step_is_a_stage_is_thinned_too_and_its_last_is_kept(heard):
    began = time.monotonic()
    with RunReport(heard, nothing) as report:
        for step in range(1000):
            report(1, f"step {step}")
    most = 2 + (time.monotonic() - began) / LEAST_SECONDS
    assert (heard[0], heard[-1]) == ((1, "step 0"), (1, "step 999"))
    assert len(heard) <= most


def test_last_stage_of_a_model_that_falls_silent_is_still_said(heard):
    with RunReport(heard, nothing) as report:
        for stage in ("reading", "dreaming", "painting"):
            report(1, stage)
        assert heard.wait_for((1, "painting"))


def test_progress_never_falls(heard):
    with RunReport(heard, nothing) as report:
        report(60)
        report(30, "again")
    assert heard == [(60, "generating"), (60, "again")]


def test_a_model_never_says_that_all_is_done(heard):
    with RunReport(heard, nothing) as report:
        report(100)
    assert heard == [(99, "generating")]


@pytest.mark.parametrize("progress", [float("nan"), -0.1, 100.1, float("inf"), "50", 10**400, []])
def test_what_is_no_percentage_is_refused(heard, progress):
    with RunReport(heard, nothing) as report, pytest.raises(ValueError, match="from 0 to 100"):
        report(progress)
    assert heard == []


def test_check_can_stop_the_model(heard):
    def canceled() -> None:
        raise KeyError

    with RunReport(heard, canceled) as report, pytest.raises(KeyError):
        report(5)
    assert heard == []


def test_nothing_is_said_after_the_end(heard):
    with RunReport(heard, nothing) as report:
        report(5)
    report(50, "late")
    assert heard == [(5, "generating")]


def test_stage_is_one_short_printable_line(heard):
    with RunReport(heard, nothing) as report:
        report(1, "two\nlines \x1b[31m and\u202e more" + "!" * 100)
        report(1, "\n")
    assert heard[0][1] == "two lines [31m and more!!!!!!!!!!!!!!!!!"
    assert heard[1][1] == "generating"


def test_a_share_that_nobody_knows_is_said_as_such_and_a_number_after_it_does_not_fall(heard):
    with RunReport(heard, nothing) as report:
        report(40)
        report(None, "denoising")
        assert heard.wait_for((None, "denoising"))
        report(10, "decoding")
    assert heard == [(40, "generating"), (None, "denoising"), (40, "decoding")]


def test_a_stage_that_is_entered_keeps_the_share_known_or_not(heard):
    with RunReport(heard, nothing) as report:
        report(None, "denoising")
        report.enter("encoding")
        assert heard.wait_for((None, "encoding"))
        report(50)
        report.enter("saving")
    assert heard[-1] == (50, "saving")
