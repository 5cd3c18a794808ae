"""`leyline queue | pause | resume`: the line as a whole, and the operator's hand on it.

What the numbers mean is left to the API. Danger: the operator's token is a secret, and is never shown.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import click

from leyline.client import leaving, wording
from leyline.client.client import LeylineClient
from leyline.client.remote import ClientError, Refused
from leyline.client.server_flags import client_of, operator_flags
from leyline.flags import fail
from leyline.text import fit_to_show

_json = click.option("--json", "as_json", is_flag=True, help="Print the server's answer, for programs.")


@click.command(
    short_help="Show the line.",
    help="""Show how many pictures wait, and when one sent now would be ready. With the operator's token, each of
them too, first to last, whosever it is.

\b
Examples:
  leyline queue
  LEYLINE_OPERATOR_TOKEN=$(cat data/operator-token) leyline queue
  leyline queue --json
""",
)
@operator_flags
@_json
def queue(url: str | None, token: str | None, as_json: bool) -> None:
    _show(asked(url, token, LeylineClient.queue), as_json=as_json)


@click.command(
    short_help="Let no other picture start.",
    help="""Pause the line: the picture that runs is finished, and no other starts until leyline resume, also after
a restart. Needs the operator's token.

\b
Example:
  LEYLINE_OPERATOR_TOKEN=$(cat data/operator-token) leyline pause
""",
)
@operator_flags
@_json
def pause(url: str | None, token: str | None, as_json: bool) -> None:
    _show(asked(url, token, LeylineClient.pause), as_json=as_json)


@click.command(
    short_help="Let the line go on.",
    help="""Let the line go on after leyline pause. Needs the operator's token.

\b
Example:
  LEYLINE_OPERATOR_TOKEN=$(cat data/operator-token) leyline resume
""",
)
@operator_flags
@_json
def resume(url: str | None, token: str | None, as_json: bool) -> None:
    _show(asked(url, token, LeylineClient.resume), as_json=as_json)


def asked(
    url: str | None, token: str | None, ask: Callable[[LeylineClient], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """The server's answer; ends the command where there is none."""

    async def answer(client: LeylineClient) -> dict[str, Any]:
        async with client:
            return await ask(client)

    try:
        return leaving.run(answer(client_of(url, token, is_operators=True)))
    except Refused as refused:
        needed = refused.code in ("operator_only", "token_needed")
        told = (
            f"{fit_to_show(refused)} Give it in LEYLINE_OPERATOR_TOKEN or with --token; it lies in the data folder."
        )
        fail(told if needed else wording.advice(refused), wording.exit_code(refused))
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        sys.exit(left.exit_code)


def _show(line: dict[str, Any], *, as_json: bool) -> None:
    click.echo(json.dumps(line, indent=2) if as_json else "\n".join([*map(fit_to_show, said(line)), *rows(line)]))


def said(line: dict[str, Any]) -> list[str]:
    """The line in sentences."""
    running = {0: "none is being made", 1: "one is being made"}
    made = line.get("running", 0)
    sentences = [
        f"{line.get('waiting', 0)} in line, {running.get(made, f'{made} are being made')}. "
        f"{of_model(line.get('model') or {})}"
    ]
    if line.get("order") == "fair":
        sentences.append("Networks and their sessions have turns.")
    if line.get("paused"):
        sentences.append("The line is paused: leyline resume lets it go on.")
    if line.get("ready_at"):
        sentences.append(f"A picture sent now would be ready at {wording.clock(line['ready_at'])}.")
    return sentences


def of_model(model: dict[str, Any]) -> str:
    """How the model is, or how many do what."""
    if wording.is_nobody(model):
        return "No model has joined yet."
    if several := wording.several(model):
        return f"Of the models {several}."
    detail = f" ({model['detail']})" if model.get("detail") else ""
    return f"The model is {model.get('state', 'unknown')}{detail}."


def rows(line: dict[str, Any]) -> list[str]:
    """Everybody's tasks, first to last, where they are told."""
    shown = []
    for task in line.get("tasks", ()):
        place, eta = task.get("queue"), task.get("eta")
        stands = f"{place['position']:5}" if place else "  now"
        ready = f"  ready {wording.clock(eta['ready_at'])}" if eta and eta.get("ready_at") else ""
        shown.append(f"{stands}  {fit_to_show(task['task_id'])}{ready}")
    return shown
