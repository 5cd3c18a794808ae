"""The JSON Schema of a model: of a few shapes only, and what fits it.

The server and the model's process hold it to the same here: who declares it is told what is wrong. Danger: the
server does not trust that process, and reads the longest schema within a few hundredths of a second, so what there
may be hundreds of is looked at without a validator. Values come from clients, and are those that `values` has read:
nothing nested and nothing endless gets to it.
"""

import difflib
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError

from leyline.errors import BadParameters
from leyline.parameters import values
from leyline.parameters.values import LARGEST_NUMBER, MAX_FLAWS, MAX_PARAMETERS_BYTES, Flaws, Scalar, Values
from leyline.text import fit_to_show

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
MOST_PROPERTIES = 100
MOST_CHOICES = 200
MOST_NAMED = 12  # names that a sentence lists
STEP_TOLERANCE = 1e-6  # of a step: 0.1 is none in binary

LONGEST_LINE = 2_000  # characters
A_LINE = f"one line of text that can be shown, of at most {LONGEST_LINE:,} characters"
LINE = {"type": "string"}
NUMBER = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
INTEGER = {**NUMBER, "type": "integer"}
OF_ALL = {"title": LINE, "description": LINE}


def _shape(is_optional: tuple[str, ...] = (), **keywords: Any) -> Any:
    """What takes exactly these keywords."""
    properties = {name.replace("x_", "x-"): schema for name, schema in {**OF_ALL, **keywords}.items()}
    required = [name for name in properties if name not in is_optional]
    shape = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return jsonschema.Draft202012Validator(shape)


SHAPES = {
    "text": _shape(type={"const": "string"}, default={"type": "string"}, maxLength={**INTEGER, "minimum": 1},
                   x_lines={**INTEGER, "minimum": 1}),
    "choice": _shape(type={"const": "string"}, default={"type": "string"},
                     enum={"type": "array", "minItems": 1, "maxItems": MOST_CHOICES}, x_labels={"type": "object"}),
    "integer": _shape(("x-unit",), type={"const": "integer"}, default=INTEGER, minimum=INTEGER, maximum=INTEGER,
                      x_step={**INTEGER, "minimum": 1}, x_unit=LINE),
    "number": _shape(("x-unit", "x-step"), type={"const": "number"}, default=NUMBER, minimum=NUMBER,
                     maximum=NUMBER, x_step={**NUMBER, "exclusiveMinimum": 0}, x_unit=LINE),
    "switch": _shape(type={"const": "boolean"}, default={"type": "boolean"}),
    "seed": _shape(type={"const": ["integer", "null"]}, default={"const": None}, minimum=INTEGER, maximum=INTEGER,
                   x_seed={"const": True}),
}  # fmt: skip
KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "switch"}  # by their type
WHOLE = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "$schema": {"const": SCHEMA},
            "type": {"const": "object"},
            "additionalProperties": {"const": False},
            "properties": {
                "type": "object",
                "maxProperties": MOST_PROPERTIES,
                "propertyNames": {"pattern": r"\A[A-Za-z_][A-Za-z0-9_]{0,63}\Z"},  # `_flaw` says it in words
                "additionalProperties": {"type": "object"},
            },
        },
        "required": ["$schema", "type", "additionalProperties", "properties"],
        "additionalProperties": False,
    }
)


def _shapeless(body: Any) -> str:
    """What of it has no shape that is known, "" where all has."""
    for error in WHOLE.iter_errors(body):
        return _flaw(error)
    for name, each in body["properties"].items():
        for error in SHAPES[_kind(each)].iter_errors(each):
            if not error.path:
                return f"{name} is of no shape that is known"
            return f"the {error.path[0]} of {name} must have the {error.validator} {error.validator_value}"
    return ""


def _flaw(error: ValidationError) -> str:
    """What is wrong with it as a whole."""
    if error.validator == "maxProperties":
        return f"there may be at most {MOST_PROPERTIES} properties, not {len(error.instance)}"
    if error.validator == "pattern":
        return f"{values.shown(error.instance)} must have a name of at most 64 plain letters (a to z), digits and _"
    return "it is of no shape that is known"


def _kind(each: dict[str, Any]) -> str:
    """Of which shape a property has to be: one, so that it is held to no other."""
    if each.get("type") == "string" and "enum" in each:
        return "choice"
    return KINDS.get(str(each.get("type")), "seed")


class NotASchema(Exception):
    """It is none of a model's, and why."""


def _step(validator: Any, step: float, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """Our own keyword: a number of whole steps above the minimum, which `multipleOf` cannot say."""
    if validator.is_type(value, "number"):
        steps = (value - schema["minimum"]) / step
        if abs(steps - round(steps)) > STEP_TOLERANCE:
            yield ValidationError("between the steps")


def _lines(validator: Any, lines: int, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """Our own keyword: what is typed into one line has no others."""
    if lines == 1 and validator.is_type(value, "string") and "\n" in value:
        yield ValidationError("more than one line")


OfValues = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"x-step": _step, "x-lines": _lines})


class Schema:
    """What one model lets people choose. Immutable; its validator is made once."""

    def __init__(self, text: str) -> None:
        """Raises `NotASchema` where the text is not of the shapes above."""
        try:
            encoded = text.encode()
            body = values.load(text)
            shapeless = _shapeless(body)
        except (BadParameters, RecursionError, UnicodeError) as error:
            raise NotASchema(str(error)) from None
        if shapeless:
            raise NotASchema(shapeless)
        self.text = text
        self.body: dict[str, Any] = body
        self.digest = hashlib.sha256(encoded).hexdigest()
        self.properties: dict[str, dict[str, Any]] = body["properties"]
        self._validator = OfValues(body)
        self._check_sense()
        self._defaults = self._checked_defaults()

    def _check_sense(self) -> None:
        """What no grammar says: ranges that have something in them, words that can be shown, defaults that fit."""
        for name, each in self.properties.items():
            if "minimum" in each and each["minimum"] > each["maximum"]:
                raise NotASchema(f"{name} has no value between its minimum and its maximum")
            choices, labels = each.get("enum", []), each.get("x-labels", {})
            if not all(map(_is_line, choices)):
                raise NotASchema(f"each value of {name} must be {A_LINE}")
            if len(set(choices)) < len(choices) or set(labels) != set(choices):
                raise NotASchema(f"{name} has not one label for each of its values")
            said = {key: each[key] for key in ("title", "description", "x-unit") if key in each}
            for what, line in [
                *said.items(),
                *((f"label “{values.shown(key)}”", line) for key, line in labels.items()),
            ]:
                if not _is_line(line):
                    raise NotASchema(f"the {what} of {name} must be {A_LINE}")

    def _checked_defaults(self) -> Values:
        try:
            defaults = values.take({name: each["default"] for name, each in self.properties.items()})
        except BadParameters as error:
            wrong = error.extra["errors"][0]
            where = f" of {wrong['pointer'][1:]}" if wrong["pointer"] else "s together"
            raise NotASchema(f"the default{where}: {wrong['detail']}") from None
        for name, sentence in self.flaws(defaults).items():
            raise NotASchema(f"the default of {name} does not fit: {sentence}")
        return defaults

    def flaws(self, chosen: Values) -> Flaws:
        """A sentence for each of the values that does not fit, in their order; of a name that there is not, too."""
        wrong = {str(error.absolute_path[0]): error for error in self._validator.iter_errors(chosen) if error.path}
        found: Flaws = {}
        for name in chosen:
            if name not in self.properties:
                found[name] = self._unknown(name, may_guess=len(found) < MAX_FLAWS)
            elif name in wrong:
                found[name] = _sentence(self.properties[name], chosen[name])
        return found

    def check(self, chosen: Values) -> None:
        """Raises `BadParameters` where something does not fit."""
        if flaws := self.flaws(chosen):
            raise values.refusal(flaws)

    def fitting(self, chosen: Values) -> Values:
        """Those of the values that fit."""
        flaws = self.flaws(chosen)
        return {name: value for name, value in chosen.items() if name not in flaws}

    def complete(self, chosen: Values) -> Values:
        """What was chosen, `filled`; raises `BadParameters` where that is too long together."""
        full = self.filled(chosen)
        if values.size(full) > MAX_PARAMETERS_BYTES:
            raise values.refusal({}, f"With all defaults, the parameters may have {MAX_PARAMETERS_BYTES:,} bytes.")
        return full

    def filled(self, chosen: Values) -> Values:
        """A value for each property in its order: what was chosen, else its default; for an empty seed, any."""
        full = {**self._defaults, **chosen}
        for name, each in self.properties.items():
            if full[name] is None:  # only a seed may be
                least, most = int(each["minimum"]), int(each["maximum"])
                full[name] = least + secrets.randbelow(most - least + 1)
        return full

    def titles(self, names: list[str]) -> str:
        """These names as people know them, in one line."""
        titles = [str(self.properties[name]["title"]) if name in self.properties else name for name in names]
        return ", ".join(f"“{values.shown(title)}”" for title in titles[:MOST_NAMED])

    def _unknown(self, name: str, may_guess: bool) -> str:
        if not self.properties:
            return "This model has nothing to choose."
        near = difflib.get_close_matches(name[:64], self.properties, 1) if may_guess else ()
        names = ", ".join(list(self.properties)[:MOST_NAMED])
        hint = f"Did you mean “{near[0]}”?" if near else f"There is: {names}."
        return f"There is no parameter “{values.shown(name)}”. {hint}"


def _is_line(text: object) -> bool:
    return isinstance(text, str) and 1 <= len(text) <= LONGEST_LINE and fit_to_show(text) == text


def _sentence(each: dict[str, Any], value: Scalar) -> str:
    """What the property must be, for people."""
    title = each["title"]
    match each["type"]:
        case "string" if "enum" in each:
            one_of = ", ".join(f"“{choice}”" for choice in each["enum"][:MOST_NAMED])
            return f"{title} must be one of {one_of}{' …' if len(each['enum']) > MOST_NAMED else '.'}"
        case "string":
            return f"{title} {_must(each, value)}"
        case "boolean":
            return f"{title} must be true or false."
        case ["integer", "null"]:
            return f"{title} must be empty, or a whole number {_range(each)}."
        case "integer":
            steps = "" if each["x-step"] == 1 else f", in steps of {each['x-step']:,}"
            return f"{title} must be a whole number {_range(each)}{steps}."
    steps = f", in steps of {each['x-step']:,}" if "x-step" in each else ""
    return f"{title} must be a number {_range(each)}{steps}."


def _must(each: dict[str, Any], value: Scalar) -> str:
    """What a text must be."""
    if not isinstance(value, str):
        return "must be a text."
    if len(value) > each["maxLength"]:
        return f"may have at most {each['maxLength']:,} characters; this has {len(value):,}."
    return "must be one line."


def _range(each: dict[str, Any]) -> str:
    unit = f" {each['x-unit']}" if "x-unit" in each else ""
    return f"from {each['minimum']:,} to {each['maximum']:,}{unit}"
