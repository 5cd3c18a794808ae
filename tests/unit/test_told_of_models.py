"""What a client takes from an answer about a model and its parameters, whoever it is that answers."""

import pytest

from leyline.client.remote import _errors, is_model, is_task

TASK = {"task_id": "a", "status": "queued", "progress": 0}


def test_errors_are_sentences_by_their_pointers() -> None:
    told = [{"pointer": "/seconds", "detail": "Too long."}, {"pointer": "", "detail": "No JSON."}]
    assert _errors(told) == {"/seconds": "Too long.", "": "No JSON."}


@pytest.mark.parametrize(
    "told", [None, 3, "x", {"pointer": "/a"}, [3], [{"pointer": 3, "detail": "x"}], [{}]], ids=str
)
def test_errors_of_no_known_kind_are_none(told: object) -> None:
    assert _errors(told) == {}


@pytest.mark.parametrize(
    "schema", [None, {"properties": {}}, {"properties": {"prompt": {"type": "string"}}}], ids=str
)
def test_a_model_says_what_may_be_chosen_or_that_nobody_knows(schema: object) -> None:
    assert is_model({"name": "a", "schema": schema})


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"name": "a"},
        {"schema": None},
        {"name": "a", "schema": {}},
        {"name": "a", "schema": {"properties": {"a": 1}}},
    ],
    ids=str,
)
def test_what_says_neither_is_no_model(answer: dict[str, object]) -> None:
    assert not is_model(answer)


@pytest.mark.parametrize(
    ("parameters", "fits"), [(None, True), ({"a": 1}, True), ([], False), ("{}", False)], ids=str
)
def test_a_tasks_parameters_are_an_object_or_not_known(parameters: object, fits: bool) -> None:
    assert is_task({**TASK, "parameters": parameters}) is fits
