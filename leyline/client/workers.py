"""`leyline workers`: each model process of a server, and how its operator takes one out.

What the numbers mean is left to the API. Danger: the server's words go to a terminal, so they are made fit for it.
"""

import json
from typing import Any

import click

from leyline.client import wording
from leyline.client.client import LeylineClient
from leyline.client.line_commands import asked
from leyline.client.server_flags import operator_flags
from leyline.flags import WRONG_USAGE, fail
from leyline.text import fit_to_show

COLUMNS = ("name", "machine", "state", "since", "runs", "failures", "restarts", "task")


@click.command(
    short_help="Show each model process.",
    help="""Show each model process that the server gives work to: where it runs, how it is and since when. What it
has in hand is shown with the operator's token, which the other two need as well.

\b
Examples:
  leyline workers
  leyline workers --json
  LEYLINE_OPERATOR_TOKEN=$(cat data/operator-token) leyline workers --drain "local 2"
""",
)
@operator_flags
@click.option("--drain", metavar="NAME", help="Have this one finish what it has, take no other, and go.")
@click.option("--let-go", metavar="NAME", help="Let this one go at once; what it has goes back, first in line.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer, for programs.")
def workers(url: str | None, token: str | None, drain: str | None, let_go: str | None, as_json: bool) -> None:
    if drain is not None and let_go is not None:
        fail("--drain and --let-go cannot go together: choose one.", WRONG_USAGE)

    async def act(client: LeylineClient) -> dict[str, Any]:
        if drain is not None:
            await client.drain(drain)
        if let_go is not None:
            await client.let_go(let_go)
        return await client.workers()

    told = asked(url, token, act)
    click.echo(json.dumps(told, indent=2) if as_json else "\n".join(lines(told)))


def lines(told: dict[str, Any]) -> list[str]:
    """A table of them, one in a line; or that there is none."""
    found = [_row(each) for each in told["workers"]]
    if not found:
        return ["No model has joined yet."]
    table = [COLUMNS, *found]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    state = f"{each.get('state')}, draining" if each.get("draining") else str(each.get("state"))
    said = f"{state} ({each['detail']})" if each.get("detail") else state
    since = wording.clock(each["since"]) if each.get("since") else ""
    counts = (str(each.get(count, "")) for count in ("runs", "failures", "restarts"))
    row = (str(each.get("name")), str(each.get("machine")), said, since, *counts, each.get("task_id") or "")
    return tuple(map(fit_to_show, row))
