"""What people can choose for each picture: a model's own class `Parameters`, and the JSON Schema of it.

The class is a dataclass, and each of its fields says more of itself in `field(metadata=…)`:

    a text            `str`: `max_length`, and `lines` where it may have more than one
    a number          `int` or `float`: `minimum` and `maximum`; `step`, counted from the minimum, and `unit` if any
    a choice          `Literal` of texts: `labels`, what people read for them
    a switch          `bool`
    a seed            `int | None` with `seed` true: what is empty is chosen by the server, anew for each picture

and all of them a default, `title` and `help`. What a schema may say is left to `leyline.parameters`: the server and
this process hold it to that alike. What is sent is checked by the server, which knows the schema and not the class;
here it only becomes an instance. Danger: spawn imports this in the child, so msgspec and jsonschema are imported
late, and in the model process only.
"""

import dataclasses
import inspect
import json
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

LARGEST_SEED = 2**32 - 1

OF_ALL = ("title", "help")
OF_NUMBERS = ("minimum", "maximum")
MAY_BE_SAID = {
    "text": (*OF_ALL, "max_length", "lines"),
    "integer": (*OF_ALL, *OF_NUMBERS, "step", "unit"),
    "number": (*OF_ALL, *OF_NUMBERS, "step", "unit"),
    "choice": (*OF_ALL, "labels"),
    "switch": OF_ALL,
    "seed": (*OF_ALL, *OF_NUMBERS, "seed"),
}
PLAIN_KINDS: dict[type, str] = {str: "text", bool: "switch", int: "integer", float: "number"}
KINDS = "str, int, float, bool, a Literal of texts, or int | None for a seed"


class BadDeclaration(Exception):
    """The model's `Parameters` are not declared as they must be; the message says where and what is missing."""


def declared_by(model: object) -> type | None:
    """The class that says what people can choose; None where there is nothing to choose.

    `BadDeclaration` where the model would not take what was chosen.
    """
    declared: type | None = getattr(model, "Parameters", None)
    if declared is not None and not _takes_parameters(getattr(model, "generate", None)):
        raise BadDeclaration("Parameters are declared, and generate takes no argument parameters.")
    return declared


def _takes_parameters(generate: Any) -> bool:
    try:
        arguments = inspect.signature(generate).parameters
    except (TypeError, ValueError):  # of something that does not say
        return True
    return "parameters" in arguments or any(each.kind is each.VAR_KEYWORD for each in arguments.values())


def instance(declared: type, values: Mapping[str, Any]) -> Any:
    """An instance of the class, with these values; whatever its own `__post_init__` raises passes."""
    import msgspec

    return msgspec.convert(dict(values), declared)


def schema_of(declared: type | None) -> str:
    """The JSON Schema of the class, as text; of nothing to choose for None. Raises `BadDeclaration`."""
    from leyline.parameters.schema import SCHEMA, NotASchema, Schema

    properties = {} if declared is None else {field.name: _property(field) for field in _fields(declared)}
    schema = {"$schema": SCHEMA, "type": "object", "additionalProperties": False, "properties": properties}
    text = _json(schema)
    try:
        Schema(text)
    except NotASchema as error:
        raise BadDeclaration(f"Parameters: {str(error).rstrip('.')}.") from None
    return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclasses.dataclass(frozen=True)
class _Field:
    """One field of the class: its kind, its default, and what is said of it."""

    name: str
    kind: str
    values: tuple[str, ...]  # of a choice
    default: Any
    said: Mapping[str, Any]

    def needs(self, name: str, *types: type) -> Any:
        """What is said under this name, of one of these types; `BadDeclaration` where it is not."""
        value = self.said.get(name)
        if value is None:
            raise self.bad(f"{name} is missing in its metadata")
        if type(value) not in types:
            raise self.bad(f"{name} must be {' or '.join(each.__name__ for each in types)}, not {value!r:.60}")
        return value

    def bad(self, what: str) -> BadDeclaration:
        return BadDeclaration(f"Parameters.{self.name}: {what}.")


def _fields(declared: type) -> list[_Field]:
    """The fields of the class in their order."""
    if not isinstance(declared, type) or not dataclasses.is_dataclass(declared):
        raise BadDeclaration("Parameters must be a dataclass: write @dataclass before its class.")
    try:
        hints = get_type_hints(declared)
    except Exception as error:  # whatever evaluating an annotation raises
        raise BadDeclaration(f"Parameters has an annotation that means nothing: {error}.") from None
    return [_field(field, hints[field.name]) for field in dataclasses.fields(declared)]


def _field(field: "dataclasses.Field[Any]", annotation: object) -> _Field:
    kind, values = _kind(annotation)
    found = _Field(field.name, kind, values, field.default, field.metadata)
    if not kind:
        raise found.bad(f"{annotation} is nothing that people can choose: {KINDS}")
    if not field.init:
        raise found.bad("init=False would leave it without what people chose")
    if field.default is dataclasses.MISSING:
        raise found.bad("its default is missing")
    unknown = [name for name in field.metadata if isinstance(name, str) and name not in MAY_BE_SAID[kind]]
    if unknown:
        raise found.bad(f"its metadata may say {', '.join(MAY_BE_SAID[kind])}, not {unknown[0]}")
    if kind == "seed" and field.metadata.get("seed") is not True:
        raise found.bad("only a seed may be empty, so seed=True is missing in its metadata")
    return found


def _kind(annotation: Any) -> tuple[str, tuple[str, ...]]:
    """Its kind, and the values of a choice; "" for no kind that there is."""
    if get_origin(annotation) is Literal and all(type(value) is str for value in get_args(annotation)):
        return "choice", get_args(annotation)
    if annotation == int | None:
        return "seed", ()
    return next((kind for each, kind in PLAIN_KINDS.items() if annotation is each), ""), ()


def _property(field: _Field) -> dict[str, Any]:
    found = _said(field)
    try:
        _json(found).encode()
    except (TypeError, ValueError):
        raise field.bad("its default and its metadata must be what JSON can say: no objects, no infinity") from None
    return found


def _said(field: _Field) -> dict[str, Any]:
    said = {"title": field.needs("title", str), "description": field.needs("help", str), "default": field.default}
    match field.kind:
        case "text":
            return {"type": "string", **said, **_text(field)}
        case "integer":
            return {"type": "integer", **said, **_number(field, (int,), {"x-step": 1})}
        case "number":
            return {"type": "number", **said, **_number(field, (int, float), {})}
        case "choice":
            return {"type": "string", "enum": list(field.values), **said, **_choice(field)}
        case "switch":
            return {"type": "boolean", **said}
    return {"type": ["integer", "null"], **said, **_seed(field)}


def _text(field: _Field) -> dict[str, Any]:
    longest = field.needs("max_length", int)
    lines = field.needs("lines", int) if "lines" in field.said else 1
    if longest < 1 or lines < 1:
        raise field.bad("max_length and lines must be at least 1")
    return {"maxLength": longest, "x-lines": lines}


def _number(field: _Field, types: tuple[type, ...], otherwise: dict[str, Any]) -> dict[str, Any]:
    limits = {"minimum": field.needs("minimum", *types), "maximum": field.needs("maximum", *types), **otherwise}
    if field.said.get("step") is not None:
        limits["x-step"] = field.needs("step", *types)
        if limits["x-step"] <= 0:
            raise field.bad("step must be more than 0")
    if field.said.get("unit") is not None:
        limits["x-unit"] = field.needs("unit", str)
    return limits


def _choice(field: _Field) -> dict[str, Any]:
    labels = field.needs("labels", dict) if field.said.get("labels") is not None else {}
    if unknown := [value for value in labels if value not in field.values]:
        raise field.bad(f"labels has one for {unknown[0]!r:.60}, which is none of its values")
    return {"x-labels": {value: labels.get(value, value) for value in field.values}}


def _seed(field: _Field) -> dict[str, Any]:
    if field.default is not None:
        raise field.bad("the default of a seed must be None")
    said = {"minimum": 0, "maximum": LARGEST_SEED, **field.said}
    limits = {name: dataclasses.replace(field, said=said).needs(name, int) for name in OF_NUMBERS}
    return {**limits, "x-seed": True}
