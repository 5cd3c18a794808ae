"""`leyline list | status | watch | cancel | move | retry | delete`: what can be asked of tasks that were sent.

Which are meant is left to `named`, what a line says to `wording` and `display`. Danger: a retry whose answer is
lost may have made a task, so that it is never asked for twice by itself.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from leyline.client import choosing, display, leaving, wording
from leyline.client.client import LeylineClient
from leyline.client.manifest import InUse, ManifestError, Sent, now
from leyline.client.named import Named, NothingNamed, can_note, named, note
from leyline.client.remote import ClientError, Refused, Task
from leyline.client.server_flags import client_of, server_flags
from leyline.client.submission import Submission
from leyline.flags import FAILED, IN_USE, REFUSED, UNREACHABLE, WRONG, WRONG_USAGE, fail, tell
from leyline.text import fit_to_show

T = TypeVar("T")

ASKED_AT_ONCE = 8
MOST_AMONG = 1000  # that the server lets a move name
UNKNOWN = (
    "The server knows no such task. It was removed, or made by somebody else; or while this command was connected "
    "to your page, as leyline login does."
)
WHAT = """WHAT is a task's id, the address of its page, a picture, a folder that pictures were sent from, or the
file that remembers them (--manifest)."""

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per task, for programs.")


def _words(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("words", metavar="WHAT...", nargs=-1, required=True, type=click.Path())(command)


@click.command(
    "list",
    short_help="Show what was sent from a folder.",
    help="""Show each picture that was sent from a folder (this one, unless another is named, or the file that
remembers them), and where it stands.

\b
Examples:
  leyline list
  leyline list holiday
  leyline list ~/holiday.jsonl                what was sent with --manifest ~/holiday.jsonl
  leyline list holiday --json

The exit code is 0, whatever became of the pictures, and 5 where no server answers.
""",
)
@click.argument("words", metavar="[FOLDER]...", nargs=-1, type=click.Path())
@server_flags
@_json
def list_(words: tuple[str, ...], url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    show(_asked(_looked_up(client, words or (".",))), client, as_json=as_json)


@click.command(
    short_help="Show where tasks stand.",
    help=f"""Show where tasks stand, one line each.

{WHAT}

\b
Examples:
  leyline status 0123456789abcdef0123456789abcdef
  leyline status holiday/beach.jpg
  leyline status holiday --json

The exit code is 4 where the server knows no such task.
""",
)
@_words
@server_flags
@_json
def status(words: tuple[str, ...], url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    meant = _asked(_looked_up(client, words))
    show(meant, client, as_json=as_json)
    sys.exit(_code_of(meant))


@click.command(
    short_help="Follow tasks to their ends.",
    help=f"""Follow tasks until all have ended, as `leyline submit` does; what was never sent is left out.

{WHAT}

\b
Examples:
  leyline watch holiday
  leyline watch holiday/beach.jpg && echo ready

Exit codes are those of leyline submit: 3 where one failed or was canceled, 4 where there is no such task.
""",
)
@_words
@server_flags
@_json
def watch(words: tuple[str, ...], url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    pictures = [each.picture for each in _asked(_looked_up(client, words)) if each.task_id]
    followed = Submission(pictures, client, waits=True)
    shown = display.display_for(followed, os.environ, as_json=as_json)
    try:
        with contextlib.closing(shown):
            leaving.run(followed.run(shown))
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        sys.exit(left.exit_code)
    if followed.problem:
        fail(fit_to_show(followed.problem), UNREACHABLE)
    refused = any(picture.phase == "refused" for picture in pictures)
    sys.exit(REFUSED if refused else 0 if followed.succeeded else FAILED)


@click.command(
    short_help="Cancel tasks.",
    help=f"""Cancel tasks that wait or run. Of a folder, those that have ended are left as they are.

{WHAT}

\b
Examples:
  leyline cancel holiday/beach.jpg
  leyline cancel holiday
""",
)
@_words
@server_flags
@_json
def cancel(words: tuple[str, ...], url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    meant = [each for each in _asked(_looked_up(client, words)) if not (each.is_of_folder and each.picture.ended)]
    _act(client, meant, client.cancel, as_json=as_json, nothing="Nothing waits or runs.")


@click.command(
    short_help="Move pictures that wait.",
    help=f"""Move pictures that wait among the places that yours have in line: those that were sent from the same
folder, and with leyline login all that are yours. Nobody else's stands elsewhere for it.

{WHAT}

\b
Examples:
  leyline move holiday/beach.jpg                    before all others of yours
  leyline move holiday/beach.jpg holiday/sea.jpg    both, in this order
  leyline move holiday/beach.jpg --down             behind the next one of yours
  leyline move holiday/beach.jpg --last

The exit code is 4 where one does not wait any more.
""",
)
@_words
@click.option("--first", "to", flag_value="first", default=True, help="Before all others of yours; the default.")
@click.option("--up", "to", flag_value="up", help="One of yours forward.")
@click.option("--down", "to", flag_value="down", help="One of yours back.")
@click.option("--last", "to", flag_value="last", help="Behind all others of yours.")
@server_flags
@_json
def move(words: tuple[str, ...], to: str, url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    found = _asked(_looked_up(client, words))
    waiting = {
        each.picture.path for each in found if _waits(each)
    }  # of one that was sent again and again, what waits
    meant = [each for each in found if _waits(each) or not (each.is_of_folder or each.picture.path in waiting)]
    beside = {place: _sent_from(client, place) for place in {each.place for each in meant} if place}
    places = {each.task_id: beside[each.place] for each in meant if each.place}

    async def moved(task_id: str) -> Task:
        return await client.move(task_id, to, among=places.get(task_id, ()))

    backwards = to in ("first", "down")  # so that several keep their order
    _act(client, meant, moved, as_json=as_json, nothing="Nothing waits.", at_once=1, backwards=backwards)


def _waits(meant: Named) -> bool:
    return bool(meant.picture.task and meant.picture.task["status"] == "queued")


def _sent_from(client: LeylineClient, place: Path) -> list[str]:
    """Of what was sent from there, those that may still wait."""
    _, there = _looked_up(client, (str(place),))
    return [each.task_id for each in there if each.task_id and not each.picture.ended][:MOST_AMONG]


@click.command(
    short_help="Make tasks' videos once more.",
    help=f"""Make another video of the picture of tasks that have ended. Of a folder, of those that failed or were
canceled; a picture that was sent from here is remembered with its new task.

{WHAT}

\b
Examples:
  leyline retry holiday
  leyline retry holiday/beach.jpg --set seconds=8
""",
)
@_words
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE", help="Choose this, instead of all that was chosen."
)
@server_flags
@_json
def retry(words: tuple[str, ...], sets: tuple[str, ...], url: str | None, token: str | None, as_json: bool) -> None:
    client = client_of(url, token)
    chosen = _chosen(client, sets) if sets else None
    found = _asked(_looked_up(client, words))
    meant = [each for each in found if not each.is_of_folder or each.picture.phase in ("failed", "canceled")]

    async def again(task_id: str) -> Task:
        return await client.retry(task_id, parameters=chosen)

    _act(client, meant, again, as_json=as_json, nothing="Nothing failed or was canceled.", notes=True)


@click.command(
    short_help="Delete tasks, with their videos.",
    help=f"""Delete tasks, with their pictures and videos, for good. One that runs is to be canceled first.

{WHAT}

\b
Examples:
  leyline delete holiday/beach.jpg
  leyline delete holiday --yes

What was deleted is not sent again by the same leyline submit; --again sends it.
""",
)
@_words
@click.option("--yes", is_flag=True, help="Do not ask.")
@server_flags
def delete(words: tuple[str, ...], yes: bool, url: str | None, token: str | None) -> None:
    client = client_of(url, token)
    meant = _asked(_looked_up(client, words))
    there = [each for each in meant if each.task_id and each.picture.task]
    if there and not yes:
        _confirm(len(there))

    async def gone(task_id: str) -> Task:
        await client.delete(task_id)
        return {"task_id": task_id, "status": "gone", "progress": None}

    _act(client, meant, gone, as_json=False, nothing="There is nothing to delete.", notes=True)


def _confirm(count: int) -> None:
    if not (sys.stdin and sys.stdin.isatty()):
        fail("Deleting is for good, and nobody can be asked here: --yes says that it is meant.", WRONG_USAGE)
    try:
        click.confirm(f"Delete {count} {'task' if count == 1 else 'tasks'} for good?", abort=True, err=True)
    except click.Abort:
        fail("Nothing was deleted.", WRONG)


# What they share


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Its result; ends the command where the server cannot be asked."""
    try:
        return leaving.run(work)
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        sys.exit(left.exit_code)


def _stop(error: ManifestError) -> NoReturn:
    fail(fit_to_show(error), IN_USE if isinstance(error, InUse) else WRONG)


def _looked_up(client: LeylineClient, words: Iterable[str]) -> "tuple[LeylineClient, list[Named]]":
    """What the words name at this server; ends the command where they name nothing."""
    try:
        return client, named(words, _run(_server(client)), os.environ)
    except NothingNamed as nothing:
        fail(fit_to_show(nothing), WRONG_USAGE)
    except ManifestError as error:
        _stop(error)


async def _server(client: LeylineClient) -> str:
    async with client:
        known_as = (await client.queue()).get("installation")
    return known_as if isinstance(known_as, str) else client.url


def _asked(looked_up: "tuple[LeylineClient, list[Named]]") -> list[Named]:
    """Each with its task as it is now, or its problem."""
    client, meant = looked_up

    async def ask(each: Named) -> None:
        assert each.task_id
        each.picture.page_url = client.page_url(each.task_id)
        try:
            each.picture.task = await client.status(each.task_id)
        except Refused as refused:
            if refused.status != 404:
                raise
            each.picture.problem, each.picture.problem_code = UNKNOWN, refused.code

    _run(_each(client, [each for each in meant if each.task_id], ask))
    return meant


async def _each(
    client: LeylineClient,
    meant: list[Named],
    act: Callable[[Named], Awaitable[None]],
    at_once: int = ASKED_AT_ONCE,
) -> None:
    """For each of them, some at once. Raises `ClientError`."""
    left = iter(meant)

    async def some() -> None:
        for each in left:
            await act(each)

    async with client:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(some())
        except ExceptionGroup as several:
            raise several.exceptions[0] from None


def _act(
    client: LeylineClient,
    meant: list[Named],
    act: Callable[[str], Awaitable[Task]],
    *,
    as_json: bool,
    nothing: str,
    notes: bool = False,
    at_once: int = ASKED_AT_ONCE,
    backwards: bool = False,
) -> NoReturn:
    """Do this with each that has a task, show what came of it, and end the command."""
    there = [each for each in meant if each.picture.task]
    if not meant or (not there and all(each.is_of_folder for each in meant)):
        tell(nothing)
        sys.exit(0)
    if notes:
        _check_notes(there)
    server = _run(_server(client)) if notes else ""

    async def one(each: Named) -> None:
        assert each.task_id
        try:
            task = await act(each.task_id)
        except Refused as refused:
            each.picture.problem, each.picture.problem_code = str(refused), refused.code
            each.picture.task = None
            return
        each.picture.task, each.picture.page_url = task, client.page_url(task["task_id"])
        if notes:
            status = str(task["status"])
            sent = Sent(server, client.url, status, task["task_id"], at=now(), session=client.session)
            note(each, sent, os.environ)

    try:
        _run(_each(client, there[::-1] if backwards else there, one, at_once))
    except ManifestError as error:
        _stop(error)
    finally:
        show(meant, client, as_json=as_json)
    sys.exit(_code_of(meant))


def _check_notes(meant: list[Named]) -> None:
    try:
        can_note(meant, os.environ)
    except ManifestError as error:
        _stop(error)


def _chosen(client: LeylineClient, sets: tuple[str, ...]) -> dict[str, Any]:
    """What --set says, held to the model; ends the command where it does not fit."""
    choices = choosing.Choices([choosing.nobodys_picture()], choosing.on_line(sets))
    try:
        choices.settle(_run(choosing.learn(client, tell)))
    except choosing.WrongChoices as wrong:
        fail(str(wrong), WRONG_USAGE)
    return dict(choices.pictures[0].parameters or {})


def show(meant: list[Named], client: LeylineClient, *, as_json: bool) -> None:
    """A line for each, for people or for programs."""
    shown = Submission([each.picture for each in meant], client, waits=False)
    lines = display.JsonLines(shown, sys.stdout) if as_json else display.PlainLines(shown, sys.stdout)
    for each in meant:
        lines.show(each.picture)


def _code_of(meant: list[Named]) -> int:
    return REFUSED if any(each.picture.problem for each in meant) else 0
