"""A model's `Parameters`: the JSON Schema that is made of them, and what is said where they are badly declared."""

import json
from dataclasses import dataclass, field, make_dataclass
from typing import Any, Literal

import jsonschema
import pytest

from model_proc.parameters import BadDeclaration, instance, schema_of
from tests.models.choosing import Chooses

SAID = {"title": "Name", "help": "What it does."}
TEXT = {**SAID, "max_length": 10}
NUMBER = {**SAID, "minimum": 1, "maximum": 5}


def declaring(annotation: Any, default: Any, **metadata: Any) -> type:
    """A class with one field of this kind."""
    return make_dataclass("Parameters", [("name", annotation, field(default=default, metadata=metadata))])


def property_of(annotation: Any, default: Any, **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema_of(declaring(annotation, default, **metadata)))["properties"]["name"]
    return found


SHOWN = {"title": "Name", "description": "What it does."}
SEED = {"type": ["integer", "null"], **SHOWN, "default": None, "x-seed": True}
KINDS = {
    "a text": (
        property_of(str, "", **TEXT),
        {"type": "string", **SHOWN, "default": "", "maxLength": 10, "x-lines": 1},
    ),
    "a text of lines": (
        property_of(str, "a\nb", **TEXT, lines=4),
        {"type": "string", **SHOWN, "default": "a\nb", "maxLength": 10, "x-lines": 4},
    ),
    "a whole number": (
        property_of(int, 2, **NUMBER),
        {"type": "integer", **SHOWN, "default": 2, "minimum": 1, "maximum": 5, "x-step": 1},
    ),
    "a whole number with a step": (
        property_of(int, 3, **NUMBER, step=2),
        {"type": "integer", **SHOWN, "default": 3, "minimum": 1, "maximum": 5, "x-step": 2},
    ),
    "a number": (
        property_of(float, 2.2, **NUMBER),
        {"type": "number", **SHOWN, "default": 2.2, "minimum": 1, "maximum": 5},
    ),
    "a number with a step and a unit": (
        property_of(float, 1.3, **NUMBER, step=0.1, unit="s"),
        {
            "type": "number",
            **SHOWN,
            "default": 1.3,
            "minimum": 1,
            "maximum": 5,
            "x-step": 0.1,
            "x-unit": "s",
        },
    ),
    "a choice": (
        property_of(Literal["out", "in"], "in", **SAID, labels={"in": "Into it"}),
        {
            "type": "string",
            "enum": ["out", "in"],
            **SHOWN,
            "default": "in",
            "x-labels": {"out": "out", "in": "Into it"},
        },
    ),
    "a switch": (property_of(bool, True, **SAID), {"type": "boolean", **SHOWN, "default": True}),
    "a seed": (
        property_of(int | None, None, **SAID, seed=True),
        {**SEED, "minimum": 0, "maximum": 2**32 - 1},
    ),
    "a seed of its own range": (
        property_of(None | int, None, **SAID, seed=True, maximum=99),
        {**SEED, "minimum": 0, "maximum": 99},
    ),
}


@pytest.mark.parametrize(("made", "expected"), KINDS.values(), ids=KINDS)
def test_each_kind_has_its_schema(made: object, expected: object) -> None:
    assert made == expected


def test_a_schema_is_one_of_2020_12_with_its_properties_in_their_order() -> None:
    schema = json.loads(schema_of(Chooses.Parameters))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]) == ["prompt", "direction", "seconds", "frames", "loop", "seed"]
    assert schema["additionalProperties"] is False
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_model_without_parameters_has_nothing_to_choose() -> None:
    assert json.loads(schema_of(None))["properties"] == {}


BAD = {
    "no dataclass": (type("Parameters", (), {}), "must be a dataclass"),
    "no class": (3, "must be a dataclass"),
    "an annotation that means nothing": (declaring("Nonsense", 1, **NUMBER), "annotation that means nothing"),
    "a kind that there is not": (
        declaring(list, None, **SAID),
        "Parameters.name: .*nothing that people can choose",
    ),
    "anything": (declaring(Any, None, **SAID), "nothing that people can choose"),
    "a choice of numbers": (declaring(Literal[1, 2], 1, **SAID), "nothing that people can choose"),
    "a text that may be empty": (declaring(str | None, None, **TEXT), "nothing that people can choose"),
    "no default": (make_dataclass("Parameters", [("name", int, field(metadata=NUMBER))]), "its default is missing"),
    "no title": (declaring(bool, True, help="What it does."), "title is missing"),
    "no help": (declaring(bool, True, title="Name"), "help is missing"),
    "an empty title": (
        declaring(bool, True, title="", help="What it does."),
        "title of name must be one line of text",
    ),
    "a title of two lines": (
        declaring(bool, True, title="a\nb", help="What it does."),
        "title of name must be one line of text",
    ),
    "a title that turns round": (
        declaring(bool, True, title="\u202ea", help="What it does."),
        "title of name must be one line",
    ),
    "a title that is a number": (declaring(bool, True, title=3, help="What it does."), "title must be str"),
    "a text without its longest": (declaring(str, "", **SAID), "max_length is missing"),
    "a text that is too long": (
        declaring(str, "a" * 11, **TEXT),
        "default of name does not fit: Name may have at most 10 characters",
    ),
    "a text that nobody can type": (
        declaring(str, "a\nb", **TEXT),
        "default of name does not fit: Name must be one line",
    ),
    "no lines": (declaring(str, "", **TEXT, lines=0), "at least 1"),
    "a number without minimum": (declaring(int, 1, **SAID, maximum=5), "minimum is missing"),
    "a number without maximum": (declaring(float, 1, **SAID, minimum=5), "maximum is missing"),
    "a range upside down": (
        declaring(int, 1, **SAID, minimum=5, maximum=1),
        "name has no value between its minimum and its max",
    ),
    "a range without end": (
        declaring(float, 1, **SAID, minimum=0, maximum=float("inf")),
        "what JSON can say: .*no infinity",
    ),
    "a range that is no number": (
        declaring(float, 1, **SAID, minimum=float("nan"), maximum=1),
        "what JSON can say",
    ),
    "a whole range that is not": (declaring(int, 1, **SAID, minimum=0.5, maximum=5), "minimum must be int"),
    "a default out of range": (
        declaring(int, 6, **NUMBER),
        "default of name does not fit: Name must be .* from 1 to 5",
    ),
    "a default that is a switch": (declaring(int, True, **NUMBER), "default of name must have the type integer"),
    "a default between the steps": (
        declaring(float, 1.25, **NUMBER, step=0.5),
        "default of name does not fit: .* in steps of 0.5",
    ),
    "a step of nothing": (declaring(int, 1, **NUMBER, step=0), "step must be more than 0"),
    "a unit of two lines": (declaring(int, 1, **NUMBER, unit="a\nb"), "x-unit of name must be one line"),
    "a choice that is none": (
        declaring(Literal["a"], "b", **SAID),
        "default of name does not fit: Name must be one of “a”",
    ),
    "a label of nothing": (
        declaring(Literal["a"], "a", **SAID, labels={"b": "B"}),
        "labels has one for 'b', which is none of its values",
    ),
    "a switch of numbers": (declaring(bool, 1, **SAID), "default of name must have the type boolean"),
    "a seed that is not called one": (declaring(int | None, None, **SAID), "seed=True is missing"),
    "a seed with a default": (declaring(int | None, 5, **SAID, seed=True), "default of a seed must be None"),
    "201 choices": (declaring(Literal[tuple(map(str, range(201)))], "0", **SAID), "enum of name .* maxItems 200"),
    "an empty choice": (declaring(Literal["", "anime"], "anime", **SAID), "each value of name must be one line"),
    "a choice of two lines": (declaring(Literal["a\nb", "a"], "a", **SAID), "each value of name must be one line"),
    "a label of two lines": (
        declaring(Literal["a"], "a", **SAID, labels={"a": "a\nb"}),
        "label “a” of name must be",
    ),
    "a label that is a number": (
        declaring(Literal["a"], "a", **SAID, labels={"a": 3}),
        "label “a” of name must be",
    ),
    "a name in German": (
        make_dataclass("Parameters", [("größe", int, field(default=2, metadata=NUMBER))]),
        "größe must have a name of at most 64 plain letters",
    ),
    "a default that is too long to be stored": (
        declaring(str, "a" * 9_000, **SAID, max_length=9_000),
        "defaults together: .* at most 8,000 bytes",
    ),
    "a help without end": (
        declaring(bool, True, title="Name", help="a" * 2_001),
        "description of name must be one",
    ),
    "101 fields": (
        make_dataclass("Parameters", [(f"a{at}", bool, field(default=True, metadata=SAID)) for at in range(101)]),
        "at most 100 properties, not 101",
    ),
    "a default of some class": (declaring(int, object(), **NUMBER), "Parameters.name: .* what JSON can say"),
    "a default of many digits": (declaring(int, 10**5000, **NUMBER), "what JSON can say"),
    "half a character": (declaring(str, "\ud800", **TEXT), "what JSON can say"),
    "a number beyond JavaScript's": (
        declaring(int, 1, **SAID, minimum=0, maximum=2**60),
        "maximum of name must have the maximum 9007199254740992",
    ),
    "a slip of the pen": (declaring(int, 1, **NUMBER, maximun=5), "may say title, help, .*, not maximun"),
    "another kind's word": (declaring(bool, True, **SAID, minimum=0), "not minimum"),
}


@pytest.mark.parametrize(("declared", "said"), BAD.values(), ids=BAD)
def test_what_is_badly_declared_is_named(declared: Any, said: str) -> None:
    with pytest.raises(BadDeclaration, match=said):
        schema_of(declared)


def test_an_instance_has_what_was_chosen_and_its_own_types() -> None:
    made = instance(Chooses.Parameters, {"prompt": "Wind", "seconds": 3, "seed": 7})
    assert made == Chooses.Parameters(prompt="Wind", seconds=3.0, seed=7)
    assert type(made.seconds) is float


def test_a_model_may_check_what_belongs_together_itself() -> None:
    @dataclass
    class Parameters:
        name: int = field(default=1, metadata=NUMBER)

        def __post_init__(self) -> None:
            raise ValueError("not together")

    with pytest.raises(Exception, match="not together"):
        instance(Parameters, {"name": 2})
