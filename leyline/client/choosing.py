"""What is chosen for each picture of a submission: on the command line, in files and in a list, held to the model.

Where lists are read is left to `lists`, what fits the model to its schema: its sentences are the server's own.
Nothing is sent before all of it fits. What is chosen nearer to the picture counts: `--set`, then its row in the
list, then the text beside it, then the file of parameters; the model's defaults are filled in by the server.
"""

import asyncio
import contextlib
import errno
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from leyline.client import lists
from leyline.client.client import LeylineClient
from leyline.client.picture import Picture
from leyline.client.remote import ClientError, Refused, Unreachable
from leyline.client.submission import PATIENCE_SECONDS
from leyline.errors import BadParameters
from leyline.parameters import values
from leyline.parameters.schema import NotASchema, Schema
from leyline.text import fit_to_show

MOST_TOLD = 20  # sentences, of however many
MAX_TEXT_BYTES = 100_000  # of a text beside a picture; the model takes fewer
PAUSE_SECONDS = 2.0  # between two looks at a model that loads
MOST_KEPT, MAX_KEPT = 10_000, 40  # values that fit, and characters of each: rows repeat them
MAX_BRIEF = 40  # characters of what a picture has of its own
WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
NUMBER = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
SWITCHES = {**dict.fromkeys(("yes", "true", "on", "1"), True), **dict.fromkeys(("no", "false", "off", "0"), False)}
ON_LINE = "--set"
PROMPT = "prompt"  # what a text beside a picture is


class WrongChoices(Exception):
    """What cannot be sent, and why: sentences, of which the last may count those that are left out."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = [fit_to_show(sentence) for sentence in sentences]
        super().__init__("\n".join(self.sentences))


class StillUnknown(ClientError):
    """What may be chosen is not known before the model has loaded."""

    may_pass = True


class Wrongs:
    """What is wrong, in its order; the first of it in sentences, the rest as a number."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._count = 0

    def add(self, origin: str, sentence: str) -> None:
        self._count += 1
        if len(self._told) < MOST_TOLD:
            self._told.append(f"{origin}: {sentence}")

    def check(self) -> None:
        """Raises `WrongChoices` where there is anything."""
        if self._count:
            more = self._count - len(self._told)
            raise WrongChoices([*self._told, *([f"And {more:,} more."] if more else [])])


@dataclass(slots=True, frozen=True)
class Said:
    """Values of one origin: as people type them, or as JSON has them already."""

    origin: str
    chosen: Mapping[str, Any]
    is_text: bool = True
    has_decimal_commas: bool = False

    def where(self, name: str) -> str:
        """Where the value of this name was said."""
        return (
            f"{self.origin} {values.shown(name)}"
            if self.origin == ON_LINE
            else f"{self.origin}, {values.shown(name)}"
        )


NOTHING = Said("", {})


class Problem(NamedTuple):
    """What is wrong whatever the model takes."""

    origin: str
    sentence: str


@dataclass(slots=True)
class Job:
    """A picture and what was said for it alone."""

    picture: Picture
    beside: Said = NOTHING
    row: Said = NOTHING
    problem: Problem | None = None


class Choices:
    """All that was chosen for the pictures of one submission. `settle` gives each picture its parameters."""

    def __init__(self, pictures: Iterable[Picture], on_line: Said = NOTHING, in_file: Said = NOTHING) -> None:
        self.jobs = [Job(picture) for picture in pictures]
        self.texts: set[Path] = set()  # that stand beside the pictures
        self._on_line, self._in_file = on_line, in_file
        self._columns = NOTHING  # of the list, each once
        self._ended_by: Problem | None = None  # why the list was not read to its end
        self._wants_prompts = False

    @property
    def pictures(self) -> list[Picture]:
        return [job.picture for job in self.jobs]

    @property
    def is_empty(self) -> bool:
        """Nothing was chosen, so that the model need not be asked."""
        everywhere = self._wants_prompts or self._on_line.chosen or self._in_file.chosen or self._columns.chosen
        return not everywhere and not any(job.row.chosen for job in self.jobs)

    @property
    def is_hopeless(self) -> bool:
        """Something is wrong whatever the model takes."""
        return self._ended_by is not None or any(job.problem for job in self.jobs)

    def add_list(self, name: str, kept: Path | None = None) -> None:
        """The rows of a list, "-" for standard input. Its pictures are looked for beside it, a pipe's here.

        `kept` is the file in which standard input lies by now, where it has been read before.
        """
        path, shown = Path(name), "standard input" if name == "-" else name
        folder = path.parent if name != "-" and path.is_file() else Path()
        try:
            with _list_file(str(kept or name)) as file, lists.decoded(file) as text:
                self._add_rows(lists.opened(text, path.suffix), shown, folder)
        except OSError as error:
            self._ended_by = Problem(shown, f"The list cannot be read: {error.strerror}.")
        except lists.BadList as error:
            self._ended_by = Problem(f"{shown}, line {error.line}", error.sentence)
        if not self.jobs and not self._ended_by:
            self._ended_by = Problem(shown, "There are no pictures in this list.")

    def _add_rows(self, found: lists.List, shown: str, folder: Path) -> None:
        self._columns = Said(f"{shown}, line {found.header_line}", dict.fromkeys(found.columns))
        looked_at: dict[str, tuple[Path, str]] = {}  # one picture may stand in many rows
        for row in found.rows:
            origin = f"{shown}, line {row.line}"
            if row.picture not in looked_at:
                looked_at[row.picture] = folder / row.picture, _no_picture(row.picture, folder / row.picture)
            path, without = looked_at[row.picture]
            sentence = row.problem or without
            problem = Problem(origin, sentence) if sentence else None
            said = Said(origin, row.chosen, found.is_text, found.has_decimal_commas)
            self.jobs.append(Job(Picture(path), row=said, problem=problem))

    def add_prompts_beside(self) -> str:
        """The text beside each picture (`beach.txt` of `beach.jpg`) as its prompt; a sentence on those without."""
        self._wants_prompts = True
        without: list[str] = []
        for job in self.jobs:
            path = job.picture.path.with_suffix(".txt") if job.picture.path.name else job.picture.path
            try:
                job.beside = Said(str(path), {PROMPT: text_of(path)})
                self.texts.add(path)
            except FileNotFoundError:
                without.append(job.picture.path.name)
            except OSError as error:
                job.problem = job.problem or Problem(str(path), f"The text cannot be read: {error.strerror}.")
            except ValueError as error:
                job.problem = job.problem or Problem(str(path), str(error))
        if not without:
            return ""
        names = ", ".join(without[:3]) + (", …" if len(without) > 3 else "")
        count = f"{len(without):,} of {len(self.jobs):,} pictures"
        return fit_to_show(f"No text stands beside {count} ({names}): no prompt of their own.")

    def check(self) -> None:
        """Raises `WrongChoices` with all that is wrong whatever the model takes."""
        wrongs = Wrongs()
        for problem in (*(job.problem for job in self.jobs), self._ended_by):
            if problem:
                wrongs.add(*problem)
        wrongs.check()

    def settle(self, schema: Schema) -> None:
        """Each picture's parameters; raises `WrongChoices` with all that is wrong, for this model or any."""
        wrongs = Wrongs()
        fitting = _Fitting(schema, wrongs, self._columns)
        in_file, on_line = fitting.of(self._in_file), fitting.of(self._on_line)
        if self._wants_prompts and schema.properties.get(PROMPT, {}).get("type") != "string":
            wrongs.add("--prompts beside", "This model takes no prompt. leyline model shows what it takes.")
            wrongs.check()
        for job in self.jobs:
            if job.problem:
                wrongs.add(*job.problem)
            chosen = {**in_file, **fitting.of(job.beside), **fitting.of(job.row), **on_line}
            try:
                schema.complete(chosen)
            except BadParameters as error:  # too long together
                wrongs.add(job.row.origin or job.picture.path.name, error.detail)
            job.picture.parameters = chosen or None
        if self._ended_by:
            wrongs.add(*self._ended_by)
        wrongs.check()
        _say_differences(schema, self.pictures)


def _list_file(name: str) -> contextlib.AbstractContextManager[BinaryIO]:
    if name != "-":
        return Path(name).open("rb")
    if sys.stdin is None:  # it was closed before we began
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return contextlib.nullcontext(sys.stdin.buffer)


class _Fitting:
    """Holds values to one model; what is wrong with a column is told once, of its name."""

    def __init__(self, schema: Schema, wrongs: Wrongs, columns: Said) -> None:
        self._schema, self._wrongs = schema, wrongs
        self._fits: set[tuple[str, type, values.Scalar]] = set()  # short values that were found to
        self._unknown = schema.flaws({name: None for name in columns.chosen if name not in schema.properties})
        for sentence in self._unknown.values():
            wrongs.add(columns.origin, sentence)

    def of(self, said: Said) -> values.Values:
        """What was said as the model takes it; what does not fit goes to the wrongs."""
        chosen = {name: self._read(said, name, value) for name, value in said.chosen.items()}
        for name in self._unknown.keys() & chosen.keys():
            del chosen[name]
        if not chosen:
            return {}
        try:
            chosen = values.take(chosen)
        except BadParameters as error:
            for each in error.extra["errors"]:
                name = each["pointer"].removeprefix("/")
                self._wrongs.add(said.where(name) if name else said.origin, each["detail"])
            return {}
        unseen = {name: value for name, value in chosen.items() if (name, type(value), value) not in self._fits}
        flaws = self._schema.flaws(unseen) if unseen else {}
        for name, sentence in flaws.items():
            self._wrongs.add(said.where(name) if name in self._schema.properties else said.origin, sentence)
        if not flaws and len(self._fits) < MOST_KEPT:
            self._fits.update(
                (name, type(value), value) for name, value in unseen.items() if len(str(value)) <= MAX_KEPT
            )
        return chosen

    def _read(self, said: Said, name: str, value: Any) -> Any:
        known = self._schema.properties.get(name)
        return from_text(known, value, said.has_decimal_commas) if known and said.is_text else value


def from_text(known: Mapping[str, Any], text: str, has_decimal_commas: bool = False) -> values.Scalar:
    """What somebody typed as the value that is meant; the text itself where it means none of this kind."""
    bare = text.strip()
    match known["type"]:
        case "string" if "enum" in known:
            return bare
        case "string":
            return text.replace("\r\n", "\n").replace("\r", "\n")
        case "boolean":
            return SWITCHES.get(bare.lower(), text)
        case ["integer", "null"] if not bare:
            return None
    number = bare.replace(",", ".") if has_decimal_commas else bare
    if WHOLE.fullmatch(number):
        return int(number)
    return float(number) if NUMBER.fullmatch(number) else text


def nobodys_picture() -> Picture:
    """One to choose for where the picture itself lies on the server."""
    return Picture(Path())


def on_line(words: Iterable[str]) -> Said:
    """What `--set` says; the last of a name counts. Raises `WrongChoices`."""
    pairs = [word.partition("=") for word in words]
    wrong = [f"--set {name!r} is not NAME=VALUE." for name, sign, _ in pairs if not (name.strip() and sign)]
    if wrong:
        raise WrongChoices(wrong)
    return Said(ON_LINE, {name.strip(): value for name, _, value in pairs})


def in_file(path: Path) -> Said:
    """What a file says, a JSON object. Raises `WrongChoices`."""
    try:
        with path.open("rb") as file:
            text = file.read(values.MAX_PARAMETERS_BYTES + 1)
        return Said(str(path), values.read(text.removeprefix(b"\xef\xbb\xbf")), is_text=False)
    except OSError as error:
        raise WrongChoices([f"{path}: The file cannot be read: {error.strerror}."]) from None
    except BadParameters as error:
        raise WrongChoices([f"{path}: {error.detail}"]) from None


def text_of(path: Path) -> str:
    """A text file's text, without the end of its last line; OSError, or ValueError with a sentence."""
    with path.open("rb") as file:
        raw = file.read(MAX_TEXT_BYTES + 1)
    if len(raw) > MAX_TEXT_BYTES:
        raise ValueError(f"The text has more than {MAX_TEXT_BYTES:,} bytes.")
    try:
        return raw.decode("utf-8-sig").rstrip()
    except UnicodeError:
        raise ValueError("This is not UTF-8 text. Save it in UTF-8.") from None


async def learn(client: LeylineClient, say: Callable[[str], None], *, is_patient: bool = True) -> Schema:
    """What may be chosen of the model, as soon as that is known; `say` hears once what is waited for.

    Raises `ClientError`.
    """
    give_up_at = time.monotonic() + (PATIENCE_SECONDS if is_patient else 0)
    async with client:
        for tries in itertools.count():
            try:
                return _schema(await client.model())
            except ClientError as error:
                pause_seconds = error.retry_after_seconds or PAUSE_SECONDS
                is_over = isinstance(error, Unreachable) or time.monotonic() + pause_seconds > give_up_at
                if is_over or not error.may_pass:
                    raise explained(error) from None
                if tries == 0:
                    say(fit_to_show(f"{error} Waiting for that."))
            await asyncio.sleep(pause_seconds)
    raise AssertionError("the loop above has no other end")


def still_unknown(model: Mapping[str, Any]) -> str:
    """Why it is not known what may be chosen of this model."""
    detail = f" ({model['detail']})" if model.get("detail") else ""
    return f"The model is {model.get('state', 'loading')}{detail}: what may be chosen is known once it has loaded."


def explained(error: ClientError) -> ClientError:
    """What it means that the model cannot be asked."""
    if isinstance(error, Refused) and error.status == 404 and error.code != "not_leyline":
        said = "This server is of an earlier release, and nothing can be chosen there."
        return Refused(error.status, error.code, said)
    return error


def _schema(model: Mapping[str, Any]) -> Schema:
    if model["schema"] is None:
        raise StillUnknown(still_unknown(model))
    try:
        return Schema(json.dumps(model["schema"]))
    except NotASchema as error:
        raise ClientError(
            f"What may be chosen is told in a way that this release does not know: {error}."
        ) from None


def _no_picture(name: str, path: Path) -> str:
    """Why this names no picture; "" where it does."""
    if not name:
        return "It names no picture."
    try:
        if path.is_dir():
            return f"{name} is a folder. Each row names one picture."
        return "" if path.exists() else f"There is no file {path}."
    except (OSError, ValueError):  # a name that no disk could have, or a folder that nobody may look into
        return f"There is no file {path}."


def _say_differences(schema: Schema, pictures: list[Picture]) -> None:
    """Give each picture in a few words what it has of its own, where pictures differ; the prompt before all."""
    first = pictures[0].parameters or {} if pictures else {}
    differing = {
        name
        for picture in pictures
        for name in schema.properties
        if (picture.parameters or {}).get(name, picture) != first.get(name, picture)
    }
    names = [PROMPT] if PROMPT in differing else [name for name in schema.properties if name in differing]
    for picture in pictures:
        picture.own = _brief(schema, picture.parameters or {}, names)


def _brief(schema: Schema, chosen: Mapping[str, Any], names: list[str]) -> str:
    said = [
        f"“{_cut(str(chosen[name]))}”"
        if "maxLength" in schema.properties[name]
        else f"{name}={shown(chosen[name])}"
        for name in names
        if name in chosen
    ]
    return _cut(" ".join(said), MAX_BRIEF + 2)


def _cut(text: str, most: int = MAX_BRIEF) -> str:
    line = fit_to_show(text)
    return line if len(line) <= most else f"{fit_to_show(line, most - 1)}…"


def shown(value: values.Scalar) -> str:
    """A value as people type it."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
