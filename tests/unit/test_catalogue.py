"""Models by name, and what becomes of their options."""

import inspect
import re
from pathlib import Path
from typing import Any, Literal

import pytest

from model_proc.catalogue import NoSuchModel, WrongOptions, built, describe, fitted, installed, model_class
from model_proc.simulated import SimulatedModel


class Painter:
    """Paints.

    At length.
    """

    def __init__(
        self,
        parameters: Any,
        brush: str = "round",
        strokes: int = 3,
        wetness: float = 0.5,
        varnish: bool = False,
        canvas: Literal["linen", "paper", 8] = "linen",
        seed: int | None = None,
        anything=None,
        plain=2,
    ) -> None:
        self.got = {name: value for name, value in locals().items() if name != "self"}


class Needy:
    def __init__(self, repo: str, **others: Any) -> None:
        if repo == "nowhere":
            raise ValueError("repo is no folder.")
        self.got = {"repo": repo, **others}


class Modest:
    pass


def test_leylines_own_models_are_installed() -> None:
    assert {"simulated", "parallax"} <= set(installed())
    assert model_class("simulated") is SimulatedModel
    assert model_class("model_proc.simulated:SimulatedModel") is SimulatedModel


def test_a_name_that_is_not_installed_is_told_with_those_that_are() -> None:
    with pytest.raises(NoSuchModel, match=r"no model of that name is installed; there are .*parallax, simulated$"):
        model_class("stimulated")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("brush", "5", "5"),
        ("brush", "true", "true"),
        ("brush", "", ""),
        ("strokes", "5", 5),
        ("wetness", "1", 1.0),
        ("wetness", "2.5e-1", 0.25),
        ("varnish", "true", True),
        ("canvas", "paper", "paper"),
        ("canvas", "8", 8),
        ("seed", "null", None),
        ("seed", "7", 7),
        ("anything", "7", 7),
        ("anything", "0.5", 0.5),
        ("anything", "false", False),
        ("anything", "null", None),
        ("anything", "seven", "seven"),
        ("anything", "NaN", "NaN"),
        ("anything", "[1]", "[1]"),
        ("plain", "4", 4),
    ],
)
def test_a_text_becomes_what_the_annotation_says(name: str, text: str, value: object) -> None:
    made = built(Painter, {name: text}, {"codec": "libx264"})
    assert (made.got[name], type(made.got[name])) == (value, type(value))
    assert made.got["parameters"] == {"codec": "libx264"}


def test_what_json_says_stays_as_it_is() -> None:
    said = {"brush": "7", "strokes": 7, "wetness": 1, "varnish": True, "anything": [1, {"a": None}]}
    made = built(Painter, said, {})
    assert {name: made.got[name] for name in said} == said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"strokes": "many"}, "the option strokes must be a whole number, not 'many'"),
        ({"strokes": 1.5}, "the option strokes must be a whole number, not 1.5"),
        ({"strokes": True}, "the option strokes must be a whole number, not True"),
        ({"wetness": "wet"}, "the option wetness must be a number, not 'wet'"),
        ({"varnish": "yes"}, "the option varnish must be true or false, not 'yes'"),
        ({"canvas": "silk"}, "the option canvas must be linen or paper or 8, not 'silk'"),
        ({"brush": 5}, "the option brush must be text, not 5"),
        ({"color": "red"}, "there is no option color; there are brush, strokes, wetness, varnish, canvas, seed,"),
        ({"parameters": "1"}, "there is no option parameters; there are brush"),
    ],
)
def test_a_wrong_option_is_told_with_what_would_be_right(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(WrongOptions) as raised:
        built(Painter, options, {})
    assert str(raised.value).startswith(sentence)


def test_an_option_without_a_default_is_needed_and_the_models_own_word_on_a_value_counts() -> None:
    with pytest.raises(WrongOptions, match="the option repo is needed"):
        built(Needy, {}, {})
    with pytest.raises(WrongOptions, match=r"repo is no folder$"):
        built(Needy, {"repo": "nowhere"}, {})
    assert built(Needy, {"repo": "here", "colour": "red"}, {}).got == {"repo": "here", "colour": "red"}


def test_a_class_without_an_init_has_no_options() -> None:
    assert isinstance(built(Modest, {}, {}), Modest)
    with pytest.raises(WrongOptions, match="there is no option a; there are none"):
        built(Modest, {"a": 1}, {})


def test_a_model_is_described_by_its_first_line_and_its_options() -> None:
    described = describe("parallax")
    assert described["about"].startswith("A camera move through the picture, ")
    assert described["options"][1] == {"name": "height", "type": "a whole number", "needed": False, "default": 720}


def test_an_annotation_that_nobody_here_knows_leaves_the_judging_to_the_model() -> None:
    option = inspect.Parameter("path", inspect.Parameter.KEYWORD_ONLY, annotation=bytes)
    assert fitted("there", option) == "there"


def test_the_options_of_the_models_that_come_with_leyline_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    rows = {
        name: option
        for option in text.splitlines()
        if option.startswith("| `")
        for name in re.findall(r"`(\w+)`", option)
    }
    for model in ("parallax", "diffusers"):
        for option in describe(model)["options"]:
            assert option["name"] in rows, f"{option['name']} of {model} is not in docs/models.md"
    for option in describe("diffusers")["options"]:
        if option["default"] is not None and option["default"] != "":
            assert str(option["default"]).lower() in rows[option["name"]], option
