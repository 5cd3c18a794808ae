"""`leyline submit`: a batch of pictures from the command line in, a sentence and an exit code out."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import click

from leyline.client import choosing, display, submission, wording
from leyline.client.choosing import Choices, WrongChoices
from leyline.client.client import LeylineClient
from leyline.client.remote import ClientError
from leyline.client.server_flags import client_of, server_flags
from leyline.flags import INTERRUPTED, WRONG, WRONG_USAGE, fail, tell
from leyline.parameters.schema import Schema
from leyline.text import fit_to_show

HELP = """Send pictures, and the pictures in folders, to a running server.

Of a folder, files that are named as pictures are (.jpg, .png, .webp, …) are sent; folders in it are left out.
Whoever has a viewing link can watch that one video, for a week; the task's page can revoke it.
Leaving with Ctrl-C takes nothing back: what was sent stays in line, and its page shows it.

`leyline model` shows what may be chosen for each picture. A number is written with a decimal point, a switch as
yes or no, an empty seed as nothing. What is chosen more than once counts in this order: --set, the picture's row in
the list of --from, the text beside it, --parameters, the model's default. All of it is checked first, and if
anything does not fit, nothing is sent.

A list is CSV, with names of columns in its first line, or JSON Lines. Its column picture, image, file or path,
else the first, names the picture, beside the list; the others are parameters. An empty cell takes the default.
"""


@click.command(help=HELP, short_help="Send pictures to a running server.")
@click.argument(
    "paths",
    metavar="[PICTURE]...",
    nargs=-1,
    type=click.Path(exists=True, readable=False, path_type=Path),  # one that cannot be read is told in its place
)
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
@server_flags
@click.option(
    "--wait/--no-wait",
    "waits",
    default=True,
    help="Follow the pictures to their videos (default), or only send them.",
)
@click.option("--link", "makes_links", is_flag=True, help="Print a viewing link of each finished video.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per picture, for programs.")
def submit(
    paths: tuple[Path, ...],
    sets: tuple[str, ...],
    parameters_file: Path | None,
    prompts: str | None,
    list_name: str | None,
    url: str,
    token: str | None,
    waits: bool,
    makes_links: bool,
    as_json: bool,
) -> None:
    if not paths and list_name is None:
        raise click.UsageError("Missing argument 'PICTURE...', or a list of them with --from.")
    pictures = submission.pictures_in(paths)
    if not pictures and list_name is None:
        fail(f"There are no pictures in {', '.join(map(str, paths))}.", WRONG_USAGE)
    if makes_links and not waits:
        fail("--link needs a finished video: leave out --no-wait.", WRONG_USAGE)
    client = client_of(url, token)
    choices = chosen(pictures, sets, parameters_file, list_name)
    if prompts and (without := choices.add_prompts_beside()):
        tell(without)
    settle(choices, client)
    left_out = submission.left_out(paths, choices.texts)
    sent = submission.Submission(choices.pictures, client, waits=waits, makes_links=makes_links)
    shown = display.display_for(sent, os.environ, as_json=as_json)
    try:
        with contextlib.closing(shown):  # whatever comes, the terminal is given back as it was
            asyncio.run(sent.run(shown))
    except ClientError as error:
        fail(wording.advice(error), WRONG)
    except KeyboardInterrupt:
        fail("\n".join(wording.farewell(sent)), INTERRUPTED)
    if sent.problem:
        fail("\n".join([fit_to_show(sent.problem), *wording.farewell(sent)]), WRONG)
    (tell if as_json else shown.say)(wording.outcome(sent, left_out))
    unheard = shown.out.unheard
    if unheard and not isinstance(unheard, BrokenPipeError):  # who reads the head only wants no more
        fail(f"Not all could be shown here: {unheard.strerror}. {wording.outcome(sent, left_out)}", WRONG)
    sys.exit(0 if sent.succeeded else WRONG)


def chosen(
    pictures: list[submission.Picture], sets: tuple[str, ...], parameters_file: Path | None, list_name: str | None
) -> Choices:
    """What the flags choose; ends the command where they cannot be read."""
    try:
        in_file = choosing.in_file(parameters_file) if parameters_file else choosing.NOTHING
        choices = Choices(pictures, choosing.on_line(sets), in_file)
    except WrongChoices as wrong:
        fail(nothing_sent(wrong), WRONG_USAGE)
    if list_name is not None:
        choices.add_list(list_name)
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
        fail(wording.advice(error), WRONG)
    except KeyboardInterrupt:
        fail("Nothing was sent.", INTERRUPTED)


def schema_of(choices: Choices, client: LeylineClient) -> Schema:
    """What the model lets choose. Where something is wrong anyway, nobody waits for a model to hear of it."""
    try:
        return asyncio.run(choosing.learn(client, tell, is_patient=not choices.is_hopeless))
    except ClientError:
        choices.check()
        raise


def nothing_sent(wrong: WrongChoices) -> str:
    return f"{wrong}\nNothing was sent."
