"""`leyline submit`: a batch of pictures from the command line in, a sentence and an exit code out."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from leyline.client import choosing, display, leaving, manifest_place, picking, wording
from leyline.client.batch import Batch
from leyline.client.choosing import Choices, WrongChoices
from leyline.client.client import LeylineClient
from leyline.client.manifest import InUse, Manifest, ManifestError
from leyline.client.picture import Picture
from leyline.client.piped import Piped
from leyline.client.remote import ClientError
from leyline.client.server_flags import client_of, server_flags
from leyline.client.sharing import LinkTerms, is_chosen, link_flags
from leyline.client.submission import Submission
from leyline.flags import FAILED, IN_USE, INTERRUPTED, REFUSED, UNREACHABLE, WRONG, WRONG_USAGE, fail, tell
from leyline.parameters.schema import Schema
from leyline.text import fit_to_show

STANDARD_INPUT = "-"
HELP = """Send pictures, and the pictures in folders, to a running server.

\b
Examples:
  leyline submit holiday/*.jpg              each becomes a video; shows how far it is
  leyline submit holiday --recursive        and the folders in it
  leyline submit holiday --no-wait          only send; leyline list holiday shows more
  leyline submit holiday --set seconds=4    choose for all (leyline model: what)
  leyline submit --from jobs.csv            a picture and its choices in each row
  leyline submit holiday --webhook-url https://hooks.example.org/7
  find . -name '*.png' | leyline submit -   names, a list or one picture from a pipe
  leyline submit holiday --link --message 'The week at the sea'
  leyline submit ~/inbox --quiet            for cron: says only what went wrong

The same command again sends only what is missing, and follows what is under way: what was sent is remembered in
.leyline.jsonl beside the pictures, by their content. Leaving with Ctrl-C takes nothing back.

Of a folder, files that are named as pictures are (.jpg, .png, .webp, …) are sent. --link prints one viewing
link to all, whose page plays one after the other as they become ready, and one of each video. Whoever has it can
watch them and nothing else, for a week unless --days says otherwise; the tasks' page can revoke it.

`leyline model` shows what may be chosen for each picture. A number is written with a decimal point, a switch as
yes or no, an empty seed as nothing. What is chosen more than once counts in this order: --set, the picture's row in
the list of --from, the text beside it, --parameters, the model's default. All of it is checked first, and if
anything does not fit, nothing is sent.

A list is CSV, with names of columns in its first line, or JSON Lines. Its column picture, image, file or path,
else the first, names the picture, beside the list; the others are parameters. An empty cell takes the default.

\b
Exit codes:
  0  every picture has its video (with --no-wait: is in line)
  1  something on this side: a full disk, an output that takes no more
  2  the command line is wrong, or a parameter does not fit; nothing was sent
  3  a task failed, was canceled or removed, or has no viewing link
  4  the server refused a picture, or a file cannot be read
  5  no server answers, or it took nothing for ten minutes
  6  another command is at work with the same batch
  129, 130, 143  ended by SIGHUP, Ctrl-C, SIGTERM
Of several, the first counts in this order: 130, 5, 4, 3.
"""


@dataclass
class Wanted:
    """What the command line says of one submission, apart from what is chosen and which server it is."""

    words: tuple[str, ...]
    list_name: str | None
    recursive: bool
    repeats: bool
    manifest: Path | None
    waits: bool
    makes_links: bool
    terms: LinkTerms
    as_json: bool
    is_quiet: bool
    webhook_url: str | None = None
    paths: list[Path] = field(default_factory=list)  # what the words name
    piped: Piped | None = None


@click.command(help=HELP, short_help="Send pictures to a running server.")
@click.argument("words", metavar="[PICTURE]...", nargs=-1)
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE", help="Choose this for all pictures; repeatable."
)
@click.option(
    "--parameters",
    "parameters_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Choose what this JSON object says for all pictures.",
)
@click.option(
    "--prompts",
    type=click.Choice(["beside"]),
    help="Each picture's prompt is the text beside it: beach.txt of beach.jpg.",
)
@click.option("--from", "list_name", metavar="LIST", help="Send the pictures of this list; - is standard input.")
@click.option("--recursive", "-r", is_flag=True, help="Send the pictures in the folders of a folder too.")
@click.option("--again", "repeats", is_flag=True, help="Send all once more, though they were sent before.")
@click.option(
    "--manifest",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Remember the batch in this file, instead of .leyline.jsonl beside the pictures.",
)
@server_flags
@click.option(
    "--wait/--no-wait",
    "waits",
    default=True,
    help="Follow the pictures to their videos (default), or only send them.",
)
@click.option(
    "--link", "makes_links", is_flag=True, help="Print one viewing link to all, and one of each finished video."
)
@link_flags
@click.option(
    "--webhook-url", metavar="URL", help="Have the server tell this address what becomes of each picture."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per picture, for programs.")
@click.option("--quiet", "-q", "is_quiet", is_flag=True, help="Say only what went wrong.")
def submit(
    sets: tuple[str, ...],
    parameters_file: Path | None,
    prompts: str | None,
    url: str | None,
    token: str | None,
    **said: object,
) -> None:
    wanted = Wanted(**said)  # type: ignore[arg-type]  # the flags above
    with contextlib.ExitStack() as stack:
        pictures = picked(wanted, stack)
        if not wanted.makes_links and is_chosen(wanted.terms):
            fail("--message, --poster, --label, --days and --views are of a viewing link: add --link.", WRONG_USAGE)
        client = client_of(url, token)
        choices = chosen(pictures, sets, parameters_file, wanted)
        if prompts and (without := choices.add_prompts_beside()):
            tell(without)
        settle(choices, client)
        manifest = stack.enter_context(contextlib.closing(remembered(wanted, choices.pictures)))
        left_out = picking.left_out(wanted.paths, choices.texts, recursive=wanted.recursive)
        batch = Batch(manifest, repeats=wanted.repeats, webhook_url=wanted.webhook_url)
        links = wanted.terms if wanted.makes_links else None
        sent = Submission(choices.pictures, client, waits=wanted.waits, terms=links, batch=batch)
        sys.exit(carry_out(sent, wanted, left_out))


# What is to be sent


def picked(wanted: Wanted, stack: contextlib.ExitStack) -> list[Picture]:
    """The pictures that the words name; ends the command where they name none."""
    if not wanted.words and wanted.list_name is None:
        raise click.UsageError("Missing argument 'PICTURE...', or a list of them with --from.")
    words = list(_with_standard_input(wanted, stack))
    try:
        wanted.paths = picking.filled_in(words)
    except picking.NothingThere as nothing:
        raise click.UsageError(str(nothing)) from None
    pictures = picking.pictures_in(wanted.paths, recursive=wanted.recursive)
    if not pictures and wanted.list_name is None:
        fail(f"There are no pictures in {', '.join(wanted.words)}.", WRONG_USAGE)
    return pictures


def _with_standard_input(wanted: Wanted, stack: contextlib.ExitStack) -> Iterator[str]:
    """The words, with what comes on standard input in the place of "-"; a list becomes that of --from."""
    for word in wanted.words:
        if word != STANDARD_INPUT:
            yield word
            continue
        if wanted.piped or wanted.list_name == STANDARD_INPUT:
            raise click.UsageError("Standard input (-) can be read only once.")
        piped = wanted.piped = _piped(stack)
        if piped.picture:
            yield str(piped.picture)
        elif piped.names:
            yield from piped.names
        elif wanted.list_name:
            raise click.UsageError("There are two lists: one of --from, and one on standard input.")
        else:
            wanted.list_name = STANDARD_INPUT


def _piped(stack: contextlib.ExitStack) -> Piped:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="leyline-"))
    try:
        piped = Piped(Path(folder))
    except OSError as error:
        fail(f"Standard input cannot be read, or kept meanwhile: {error.strerror}.", WRONG)
    except KeyboardInterrupt:
        fail("Nothing was sent.", INTERRUPTED)
    if piped.is_empty:
        fail("Nothing came on standard input.", WRONG_USAGE)
    return piped


def chosen(pictures: list[Picture], sets: tuple[str, ...], parameters_file: Path | None, wanted: Wanted) -> Choices:
    """What the flags choose; ends the command where they cannot be read."""
    try:
        in_file = choosing.in_file(parameters_file) if parameters_file else choosing.NOTHING
        choices = Choices(pictures, choosing.on_line(sets), in_file)
    except WrongChoices as wrong:
        fail(nothing_sent(wrong), WRONG_USAGE)
    if wanted.list_name is not None:
        choices.add_list(wanted.list_name, wanted.piped.path if wanted.piped else None)
    return choices


def settle(choices: Choices, client: LeylineClient) -> None:
    """Hold what was chosen to the model; ends the command where it does not fit, or the model cannot be asked."""
    try:
        if choices.is_empty:
            choices.check()
        else:
            choices.settle(schema_of(choices, client))
    except WrongChoices as wrong:
        fail(nothing_sent(wrong), WRONG_USAGE)
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        fail("Nothing was sent.", left.exit_code)


def schema_of(choices: Choices, client: LeylineClient) -> Schema:
    """What the model lets choose. Where something is wrong anyway, nobody waits for a model to hear of it."""
    try:
        return leaving.run(choosing.learn(client, tell, is_patient=not choices.is_hopeless))
    except ClientError:
        choices.check()
        raise


def nothing_sent(wrong: WrongChoices) -> str:
    return f"{wrong}\nNothing was sent."


def remembered(wanted: Wanted, pictures: list[Picture]) -> Manifest:
    """The batch's manifest; ends the command where there can be none, or another command has it."""
    try:
        if wanted.manifest:
            manifest, told = manifest_place.at(wanted.manifest), ""
        elif wanted.piped and wanted.piped.picture:
            manifest, told = manifest_place.at(manifest_place.of_standard_input(os.environ)), ""
        else:
            folders = picking.folders_of(wanted.paths, pictures)
            if wanted.list_name and wanted.list_name != STANDARD_INPUT:
                folders = picking.folders_of([*wanted.paths, Path(wanted.list_name)], pictures)
            manifest, told = manifest_place.beside(folders, os.environ)
    except ManifestError as error:
        fail(fit_to_show(error), IN_USE if isinstance(error, InUse) else WRONG)
    for sentence in [told, *manifest.content.problems[: choosing.MOST_TOLD]]:
        if sentence and not wanted.is_quiet:
            tell(fit_to_show(sentence))
    return manifest


# Sending it


def carry_out(sent: Submission, wanted: Wanted, left_out: int) -> int:
    """Send and follow, and say how it ended; the exit code."""
    shown = display.display_for(sent, os.environ, as_json=wanted.as_json, is_quiet=wanted.is_quiet)
    try:
        with contextlib.closing(shown):  # whatever comes, the terminal is given back as it was
            leaving.run(sent.run(shown))
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except ManifestError as error:
        fail(fit_to_show(error), WRONG)
    except leaving.Left as left:
        fail("\n".join(wording.farewell(sent)), left.exit_code)
    if sent.batch and (unwritten := sent.batch.manifest.unwritten):
        tell(f"Not all could be noted in {sent.batch.manifest.path}: {unwritten.strerror}.")
    if sent.problem:
        fail("\n".join([fit_to_show(sent.problem), *wording.farewell(sent)]), UNREACHABLE)
    outcome = wording.outcome(sent, left_out)
    if wanted.is_quiet:
        if not sent.succeeded:
            tell(outcome)
    else:
        (tell if wanted.as_json else shown.say)(outcome)
    unheard = shown.out.unheard
    if unheard and not isinstance(unheard, BrokenPipeError):  # who reads the head only wants no more
        fail(f"Not all could be shown here: {unheard.strerror}. {outcome}", WRONG)
    return exit_code(sent)


def exit_code(sent: Submission) -> int:
    """How it ended, for a program."""
    if sent.is_stuck:
        return UNREACHABLE
    if any(picture.phase == "refused" for picture in sent.pictures):
        return REFUSED
    return 0 if sent.succeeded else FAILED
