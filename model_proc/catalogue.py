"""Models by name, and their options: which are installed, which class a name means, how an instance is made of it.

Packages offer models by the entry-point group `leyline.models`; any other is named as `package.module:Class`. As a
program it prints what there is as JSON, for `leyline models`. Danger: whatever a model's module does when it is
imported happens here, so nobody but a child process may call `model_class` or `describe`; and spawn imports this
module there, so it begins with the standard library only.
"""

import contextlib
import importlib
import inspect
import json
import math
import os
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "leyline.models"
OWN_PACKAGE = "leyline"

Values = Mapping[str, Any]

WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


class NoSuchModel(Exception):
    """There is no model of the name that was given; the message says what is missing."""


class WrongOptions(Exception):
    """The model has no such option, or not of such a value, or needs another; the message says which it has."""


# Names


def installed() -> "dict[str, EntryPoint]":
    """The models that packages offer, by name. Of two of one name Leyline's own counts, or the first package's."""
    from importlib.metadata import entry_points

    found: dict[str, EntryPoint] = {}
    for entry in sorted(
        entry_points(group=GROUP), key=lambda entry: (_package(entry) != OWN_PACKAGE, _package(entry))
    ):
        found.setdefault(entry.name, entry)
    return dict(sorted(found.items()))


def model_class(name: str) -> Any:
    """The class that this name means; `NoSuchModel`, or whatever its module raises when it is imported."""
    if str(Path.cwd()) not in sys.path:  # an installed command does not look where it was started
        sys.path.insert(0, str(Path.cwd()))
    if ":" in name:
        return _named_class(name)
    offered = installed()
    if name not in offered:
        raise NoSuchModel(f"no model of that name is installed; there are {', '.join(offered) or 'none'}")
    return _named_class(offered[name].value)


def _named_class(reference: str) -> Any:
    module_name, _, class_name = (part.strip() for part in reference.partition("[")[0].partition(":"))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):  # itself or a package that it lies in
            raise NoSuchModel(f"there is no module {error.name}") from None
        raise  # it is there, and misses something else
    named = getattr(module, class_name, None)
    if not isinstance(named, type):
        raise NoSuchModel(f"the module {module_name} has no class {class_name}")
    return named


def _package(entry: "EntryPoint") -> str:
    return entry.dist.name if entry.dist else ""


# Options


def built(model: Any, options: Values, settings: Values) -> Any:
    """An instance of the class with these options; one whose `__init__` takes `parameters` gets the settings there.

    Texts become what the annotation says. Raises `WrongOptions`, also for a ValueError of the model about them.
    """
    takes = _signature(model)
    known = _options(takes)
    takes_any = any(each.kind is each.VAR_KEYWORD for each in takes.values())
    if unknown := [] if takes_any else [name for name in options if name not in known]:
        raise WrongOptions(f"there is no option {unknown[0]}; there are {', '.join(known) or 'none'}")
    needed = [name for name, each in known.items() if each.default is each.empty and name not in options]
    if needed:
        raise WrongOptions(f"the option {needed[0]} is needed")
    values = {name: fitted(value, known[name]) if name in known else value for name, value in options.items()}
    if "parameters" in takes:
        values["parameters"] = settings
    try:
        return model(**values)
    except ValueError as error:
        if not options:
            raise
        raise WrongOptions(str(error).rstrip(".")) from error


def fitted(value: object, option: inspect.Parameter) -> Any:
    """The value as the annotation has it, else as the default is, else as JSON has it; or `WrongOptions`."""
    kinds = _kinds(option)
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    for choice in choices:
        if value == choice or value == str(choice):
            return choice
    if isinstance(value, str):
        for kind in (bool, int, float, type(None)):
            with contextlib.suppress(ValueError):
                if kind in kinds or not kinds:
                    return _read(value, kind)
    plain = [kind for kind in kinds if kind in WORDS]
    if not kinds or len(plain) + bool(choices) < len(kinds):  # of what else it may be, the model is the judge
        return value
    for kind in plain:
        if type(value) is kind or (kind is float and type(value) is int):
            return kind(value) if kind is float else value  # type: ignore[arg-type]
    raise WrongOptions(f"the option {option.name} must be {_words(option)}, not {value!r:.60}")


def _read(text: str, kind: type) -> object:
    """A text as a number, true, false or null in JSON; ValueError where it is none of that kind."""
    value = json.loads(text)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (type(value) is float and not math.isfinite(value)):
        raise ValueError(text)
    return value


def _kinds(option: inspect.Parameter) -> tuple[Any, ...]:
    """What the option may be, as types; nothing where nobody says."""
    if option.annotation is not option.empty:
        union = get_origin(option.annotation) in (Union, types.UnionType)
        return get_args(option.annotation) if union else (option.annotation,)
    return () if option.default in (None, option.empty) else (type(option.default),)


def _words(option: inspect.Parameter) -> str:
    words: list[str] = []
    for kind in _kinds(option):
        if get_origin(kind) is Literal:
            words += map(str, get_args(kind))
        elif kind is not type(None):
            words.append(WORDS.get(kind) or str(getattr(kind, "__name__", kind)))
    return " or ".join(words) or "anything"


def _signature(model: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(model, eval_str=True).parameters
    except NameError:  # an annotation for type checkers only
        return inspect.signature(model).parameters


def _options(takes: Mapping[str, inspect.Parameter]) -> dict[str, inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: each for name, each in takes.items() if each.kind in named and name != "parameters"}


# What `leyline models` shows


def describe(name: str) -> dict[str, Any]:
    """What the model says of itself: the first line of its docstring, and its options. Imports it."""
    model = model_class(name)
    options = [
        {
            "name": each.name,
            "type": _words(each),
            "needed": each.default is each.empty,
            "default": None if each.default is each.empty else each.default,
        }
        for each in _options(_signature(model)).values()
    ]
    return {"about": (inspect.getdoc(model) or "").partition("\n")[0], "options": options}


def main(names: list[str]) -> None:
    """Print, as one line of JSON, which models are installed; or, given a name, what that one says of itself."""
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a model that prints while it is imported must not be taken for our word
    if names:
        try:
            answer: Any = describe(names[0])
        except NoSuchModel as error:
            answer = {"error": str(error)}
        except BaseException as error:  # a module may even exit
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0].strip(": ")}
    else:
        answer = [
            {"name": name, "package": _package(entry), "version": entry.dist.version if entry.dist else ""}
            for name, entry in installed().items()
        ]
    print(json.dumps(answer, default=str), file=said, flush=True)
    os._exit(0)  # whatever threads the model has begun


if __name__ == "__main__":
    main(sys.argv[1:])
