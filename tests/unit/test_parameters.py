"""What people choose, against the schema of a model: what fits, what does not and how that is said."""

import json
from time import process_time
from typing import Any

import pytest

from leyline.errors import BadParameters
from leyline.parameters import values
from leyline.parameters.schema import MOST_PROPERTIES, NotASchema, Schema
from leyline.parameters.values import MAX_FLAWS, MAX_PARAMETERS_BYTES
from leyline.processes.protocol import MAX_MESSAGE_BYTES
from model_proc.parameters import schema_of
from tests.models.choosing import Chooses, SaysTooMuch

TEXT = schema_of(Chooses.Parameters)
SCHEMA = Schema(TEXT)
FULL = {"prompt": "", "direction": "in", "seconds": 6, "frames": 8, "loop": True}


def errors_of(sent: str | bytes) -> dict[str, str]:
    """What is wrong with it, by pointer; {} where it fits."""
    try:
        SCHEMA.check(values.read(sent))
    except BadParameters as refusal:
        return {error["pointer"]: error["detail"] for error in refusal.extra["errors"]}
    return {}


FITS = [
    "{}",
    '{"prompt": "Wind in the trees.\\nThen rain."}',
    '{"prompt": "한국어, emoji 👩‍👩‍👧 and \\u202eright to left"}',
    '{"seconds": 1, "frames": 64}',
    '{"seconds": 2.5, "frames": 4.0}',
    '{"direction": "out", "loop": false}',
    '{"seed": null}',
    '{"seed": 4294967295}',
    '{"seed": 7e0}',
    b'  {"prompt": "\xc3\xa4"}\n',
]


@pytest.mark.parametrize("sent", FITS)
def test_what_fits_is_taken(sent: str | bytes) -> None:
    assert errors_of(sent) == {}


MUST = {
    "prompt": "Prompt must be a text.",
    "direction": "Move must be one of “out”, “in”.",
    "seconds": "Length must be a number from 1 to 12 s, in steps of 0.5.",
    "frames": "Frames must be a whole number from 2 to 64, in steps of 2.",
    "loop": "Loop must be true or false.",
    "seed": "Seed must be empty, or a whole number from 0 to 4,294,967,295.",
}
UNFIT: list[tuple[str, Any]] = [
    *(("prompt", value) for value in (None, 3, True)),
    *(("direction", value) for value in ("In", "", None, 0)),
    *(("seconds", value) for value in (0.5, 12.5, 3.25, "3", "", None, True, -1)),
    *(("frames", value) for value in (0, 66, 5, 4.5, "4", "4.0", None, True)),
    *(("loop", value) for value in (0, 1, "true", None)),
    *(("seed", value) for value in (-1, 2**32, 0.5, "", "7", False)),
]


@pytest.mark.parametrize(("name", "value"), UNFIT, ids=str)
def test_what_does_not_fit_is_named_with_what_would(name: str, value: object) -> None:
    assert errors_of(json.dumps({name: value})) == {f"/{name}": MUST[name]}


def test_a_text_that_is_too_long_is_told_by_how_much() -> None:
    assert errors_of(json.dumps({"prompt": "é" * 201})) == {
        "/prompt": "Prompt may have at most 200 characters; this has 201."
    }


def test_what_is_typed_into_one_line_has_no_others() -> None:
    body = json.loads(TEXT)
    body["properties"]["prompt"]["x-lines"] = 1
    assert Schema(json.dumps(body)).flaws({"prompt": "a\nb"}) == {"prompt": "Prompt must be one line."}


def test_every_field_is_told_at_once() -> None:
    assert errors_of('{"loop": 1, "prompt": "fine", "frames": 3, "prompd": ""}') == {
        "/loop": MUST["loop"],
        "/frames": MUST["frames"],
        "/prompd": "There is no parameter “prompd”. Did you mean “prompt”?",
    }


HOSTILE = {
    "nothing": ("", "The parameters are not JSON."),
    "no JSON": ("prompt=x", "The parameters are not JSON."),
    "cut off": ('{"prompt": "', "The parameters are not JSON."),
    "more than one": ("{}{}", "The parameters are not JSON."),
    "no text": (b'{"prompt": "\xff"}', "The parameters are not JSON."),
    "another encoding": ('{"loop": true}'.encode("utf-16"), "The parameters are not JSON."),
    "a list": ("[]", "The parameters are not a JSON object."),
    "null": ("null", "The parameters are not a JSON object."),
    "a text": ('"{}"', "The parameters are not a JSON object."),
    "a name twice": ('{"loop": true, "loop": false}', "The parameters name one thing twice."),
    "a name twice, deep": ('{"loop": {"a": 1, "a": 2}}', "The parameters name one thing twice."),
    "NaN": ('{"seconds": NaN}', "The parameters have NaN, which is no number in JSON."),
    "infinity": ('{"seconds": -Infinity}', "The parameters have -Infinity, which is no number in JSON."),
    "1e400": ('{"seconds": 1e400}', "The parameters have a number that is too large."),
    "deep lists": ("[" * 7_900, "The parameters are not JSON."),
    "deep objects": ('{"a":' * 1_500, "The parameters are not JSON."),
    "a number without end": ('{"seed": ' + "9" * 7_900 + "}", "The parameters are not JSON."),
    "a name of halves": ('{"\\ud800": true}', "The parameters have a name that is no text."),
    "too long": (
        json.dumps({"prompt": "x" * MAX_PARAMETERS_BYTES}),
        "The parameters may have at most 8,000 bytes.",
    ),
    "too long as text": (
        '{"prompt": "' + "\\n" * 10 + "é" * 4_000 + '"}',
        "The parameters may have at most 8,000 bytes.",
    ),
}


@pytest.mark.parametrize(("sent", "said"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_as_a_whole_is_refused_in_one_sentence(sent: str | bytes, said: str) -> None:
    assert errors_of(sent) == {"": said}


NESTED = "This must be one value, not a list or an object."
UNTYPABLE = "This text has control characters or halves of characters. Line breaks alone are taken."
HOSTILE_VALUES = {
    "a list": ('{"prompt": ["x"]}', NESTED),
    "deep lists": ('{"prompt": ' + "[" * 400 + "]" * 400 + "}", NESTED),
    "an object": ('{"prompt": {"$ref": "#"}}', NESTED),
    "a null character": ('{"prompt": "a\\u0000b"}', UNTYPABLE),
    "an escape": ('{"prompt": "\\u001b[2J"}', UNTYPABLE),
    "a tab": ('{"prompt": "a\\tb"}', UNTYPABLE),
    "a carriage return alone": ('{"prompt": "a\\rb"}', UNTYPABLE),
    "half a character": ('{"prompt": "\\ud83d"}', UNTYPABLE),
    "a large number": ('{"prompt": 9007199254740994}', "This number is too large."),
    "a number of many digits": ('{"prompt": ' + "9" * 4_000 + "}", "This number is too large."),
}


@pytest.mark.parametrize(("sent", "said"), HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
def test_a_hostile_value_is_refused_at_its_place(sent: str, said: str) -> None:
    assert errors_of(sent) == {"/prompt": said}


def test_a_pointer_is_one_whatever_the_name() -> None:
    assert set(errors_of('{"a/b~c": 1, "": 2}')) == {"/a~1b~0c", "/"}


def test_a_name_that_somebody_made_up_is_fit_to_show() -> None:
    (said,) = errors_of(json.dumps({"\x1b[2J\u202e" + "x" * 500: 1})).values()
    assert said.isprintable()
    assert len(said) < 200


def test_many_errors_are_told_of_as_far_as_anybody_reads() -> None:
    sent = json.dumps({f"p{number}": 1 for number in range(MAX_FLAWS + 5)})
    with pytest.raises(BadParameters) as caught:
        SCHEMA.check(values.read(sent))
    assert len(caught.value.extra["errors"]) == MAX_FLAWS
    assert caught.value.detail.endswith(" There are 5 more.")


def test_a_thousand_wrong_names_hold_nobody_up() -> None:
    sent = json.dumps({f"{number:x}": number for number in range(600)})
    began = process_time()
    with pytest.raises(BadParameters):
        SCHEMA.check(values.read(sent))
    assert process_time() - began < 0.05


def test_where_there_is_nothing_to_choose_that_is_said() -> None:
    flaws = Schema(schema_of(None)).flaws({"prompt": "x"})
    assert flaws == {"prompt": "This model has nothing to choose."}


# In one form


def test_the_same_has_one_digest_however_it_is_written() -> None:
    first = values.read('{"seconds": 2.0, "prompt": "a\\r\\nb"}')
    second = values.read('{ "prompt":"a\\nb", "seconds":2 }')
    assert first == second
    assert values.digest(first) == values.digest(second)


def test_a_digest_tells_apart_what_is_not_the_same() -> None:
    sent = ['{"seed": 1}', '{"seed": null}', '{"seed": 2}', '{"loop": true}', '{"prompt": "true"}', "{}"]
    assert len({values.digest(values.read(each)) for each in sent}) == len(sent)
    assert values.digest({}) is None


# Complete


def test_what_was_not_chosen_takes_its_default_in_the_order_of_the_model() -> None:
    full = SCHEMA.complete({"loop": False, "prompt": "Wind"})
    assert list(full) == ["prompt", "direction", "seconds", "frames", "loop", "seed"]
    assert full == {**FULL, "prompt": "Wind", "loop": False, "seed": full["seed"]}


def test_an_empty_seed_is_another_one_each_time_and_a_given_one_stays() -> None:
    seeds = {SCHEMA.complete({"seed": None})["seed"] for _ in range(20)}
    assert len(seeds) == 20
    assert all(type(seed) is int and 0 <= seed < 2**32 for seed in seeds)
    assert SCHEMA.complete({"seed": 0})["seed"] == 0


def test_what_is_complete_fits() -> None:
    assert SCHEMA.flaws(SCHEMA.complete({})) == {}


def test_what_fits_no_more_is_left_out() -> None:
    assert SCHEMA.fitting({"seconds": 99, "prompt": "Wind", "gone": 1}) == {"prompt": "Wind"}


def test_what_is_too_long_with_all_defaults_is_refused() -> None:
    body = json.loads(TEXT)
    body["properties"]["prompt"] |= {"maxLength": 8_000, "default": ""}
    body["properties"]["other"] = {**body["properties"]["prompt"], "default": "x" * 7_000}
    schema = Schema(json.dumps(body))
    with pytest.raises(BadParameters, match="With all defaults"):
        schema.complete({"prompt": "x" * 2_000})


# What a model says


def schema_with(**changes: Any) -> str:
    """The schema with another property of a number."""
    number = {"type": "number", "title": "A", "description": "B", "default": 1, "minimum": 0, "maximum": 2}
    body = json.loads(TEXT)
    body["properties"]["other"] = {key: value for key, value in {**number, **changes}.items() if value is not ...}
    return json.dumps(body)


def test_a_schema_as_the_model_process_makes_it_is_taken() -> None:
    assert Schema(schema_with()).properties["other"]["maximum"] == 2
    assert list(SCHEMA.properties) == [*FULL, "seed"]
    assert len(Schema(schema_of(SaysTooMuch.Parameters)).properties) == 60


NONE = {
    "nothing": "",
    "no object": "[]",
    "deep": "[" * 30_000,
    "deeper": '{"properties":' * 2_000 + "1" + "}" * 2_000,
    "empty": "{}",
    "another draft": TEXT.replace("2020-12", "2019-09"),
    "a property twice": TEXT.replace('"properties":{', '"properties":{"prompt":{"type":"boolean"},', 1),
    "any name": TEXT[:-2] + ',"x y":' + json.dumps(json.loads(TEXT)["properties"]["loop"]) + "}}",
    "more names": TEXT.replace('"additionalProperties":false', '"additionalProperties":true'),
    "a reference": schema_with(**{"$ref": "http://example.org/"}),
    "a pattern": schema_with(pattern="(a+)+$"),
    "an unknown type": schema_with(type="array"),
    "no title": schema_with(title=...),
    "a title that cannot be shown": schema_with(title="\u202egpj"),
    "a title of two lines": schema_with(title="a\nb"),
    "a title without end": schema_with(title="a" * 3_000),
    "no default": schema_with(default=...),
    "a default that does not fit": schema_with(default=3),
    "a default of another type": schema_with(default="1"),
    "no maximum": schema_with(maximum=...),
    "a range upside down": schema_with(minimum=2, maximum=0),
    "a range of true": schema_with(minimum=False),
    "a range without end": schema_with(maximum=1e300),
    "a step of nothing": schema_with(**{"x-step": 0}),
    "no number": schema_with().replace('"default": 1', '"default": NaN'),
    "a choice without its labels": TEXT.replace(
        '"x-labels":{"out":"out","in":"Into the picture"}', '"x-labels":{}'
    ),
    "a choice of numbers": TEXT.replace('"enum":["out","in"]', '"enum":["out","in",3]'),
    "a choice that is there twice": TEXT.replace('"enum":["out","in"]', '"enum":["out","in","in"]'),
    "a choice of lists": TEXT.replace('"enum":["out","in"]', '"enum":["out",["in"]]'),
    "a label that is none": TEXT.replace('"out":"out"', '"out":["out"]'),
    "a choice of nothing": TEXT.replace('"enum":["out","in"]', '"enum":[]'),
    "a seed that is not empty": TEXT.replace('"default":null', '"default":3'),
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_of_no_known_shape_is_no_schema(text: str) -> None:
    with pytest.raises(NotASchema):
        Schema(text)


def test_more_properties_than_anybody_could_choose_of_are_none() -> None:
    body = json.loads(TEXT)
    body["properties"] = {f"p{number}": body["properties"]["loop"] for number in range(101)}
    with pytest.raises(NotASchema):
        Schema(json.dumps(body))


NUMBER = json.loads(schema_with())["properties"]["other"] | {"x-step": 1, "x-unit": "s"}
LONGEST = {
    "of numbers": {f"p{number}": NUMBER for number in range(MOST_PROPERTIES)},
    "of choices": {
        f"p{number}": {
            **{"type": "string", "title": "A", "description": "B", "default": "00"},
            **{"enum": [f"{choice:02}" for choice in range(16)]},
            **{"x-labels": {f"{choice:02}": "A" for choice in range(16)}},
        }
        for number in range(MOST_PROPERTIES)
    },
}


@pytest.mark.parametrize("properties", LONGEST.values(), ids=LONGEST)
def test_the_longest_schema_is_read_before_anybody_notices(properties: Any) -> None:
    """On the event loop."""
    text = json.dumps(json.loads(TEXT) | {"properties": properties}, separators=(",", ":"))
    assert len(text) < MAX_MESSAGE_BYTES
    took = []
    for _ in range(5):
        began = process_time()
        Schema(text)
        took.append(process_time() - began)
    assert min(took) < 0.03


def test_whole_numbers_that_are_written_as_others_are_whole() -> None:
    seed = {"type": ["integer", "null"], "minimum": 1.0, "maximum": 1.0, "default": None, "x-seed": True}
    assert Schema(schema_with(**seed)).complete({})["other"] == 1
