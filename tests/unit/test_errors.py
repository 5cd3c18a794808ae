"""Errors: each is a sentence for people and a stable code for programs."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from leyline import errors
from leyline.errors import LeylineError, Refusal
from leyline.line import failures
from leyline.line.failures import Failure
from web import representation

PROMISED_STATUSES = {400, 401, 403, 404, 405, 409, 410, 413, 415, 416, 421, 422, 429, 431, 500, 503, 507}


def below(parent: type[LeylineError]) -> Iterator[type[LeylineError]]:
    for child in parent.__subclasses__():
        yield child
        yield from below(child)


def named(error_class: type) -> str:
    return error_class.__name__


LEAVES = [error for error in below(LeylineError) if "code" in vars(error)]
REFUSALS = [error for error in LEAVES if issubclass(error, Refusal)]


@pytest.mark.parametrize("error", LEAVES, ids=named)
def test_each_is_a_sentence_that_ends(error):
    assert re.fullmatch(r"[A-Z].*[.]", error.title())
    assert "\n" not in error.title()


@pytest.mark.parametrize("error", LEAVES, ids=named)
def test_each_has_a_sentence_of_its_own_that_is_no_docstring(error):
    assert "sentence" in vars(error), "python -OO throws docstrings away"


@pytest.mark.parametrize("error", LEAVES, ids=named)
def test_no_sentence_uses_a_librarys_words(error):
    words = set(re.findall(r"[a-z0-9_]+", error.title().lower()))
    assert not words & {"exception", "traceback", "sqlite", "errno", "oserror", "pil", "tornado", "none", "null"}


def test_codes_are_stable_names_and_nobody_shares_one():
    codes = [error.code for error in LEAVES]
    assert all(re.fullmatch(r"[a-z][a-z_]*", code) for code in codes)
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", REFUSALS, ids=named)
def test_each_refusal_has_an_http_status(error):
    assert error.status in PROMISED_STATUSES


@pytest.mark.parametrize("error", REFUSALS, ids=named)
def test_only_what_can_be_tried_again_says_when(error):
    if error.retry_after_seconds is not None:
        assert error.retryable


@pytest.mark.parametrize("error", [error for error in REFUSALS if error.status in (429, 503, 507)], ids=named)
def test_not_now_can_be_tried_again(error):
    assert error.retryable


def test_detail_is_the_title_until_something_particular_is_known():
    assert errors.TooLarge().detail == errors.TooLarge.title()
    refusal = errors.TooLarge("The file has 31 MB; this server takes 20 MB.", limit=20_000_000)
    assert str(refusal) == refusal.detail == "The file has 31 MB; this server takes 20 MB."
    assert refusal.title() == errors.TooLarge.title()
    assert refusal.extra == {"limit": 20_000_000}


def test_every_failure_is_found_by_its_code():
    assert set(failures.by_code().values()) == set(below(Failure))
    assert failures.by_code()["model_crashed"] is failures.ModelCrashed


def test_a_failure_of_a_later_release_is_shown_as_it_was_written_down():
    row = SimpleNamespace(error_code="weather", error_detail="It rained on the picture.")
    bare = SimpleNamespace(error_code="weather", error_detail=None)
    shown = {"code": "weather", "title": Failure.title(), "detail": "It rained on the picture.", "retryable": False}
    assert representation.error(row) == shown
    assert representation.error(bare)["detail"] == Failure.title()
