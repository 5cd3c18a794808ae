"""`leyline model`: what may be chosen for each picture at a running server.

Danger: titles and sentences are a model's, thus other people's text; what is shown goes through `fit_to_show`.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from leyline.client import choosing, leaving, wording
from leyline.client.choosing import shown
from leyline.client.client import LeylineClient
from leyline.client.remote import ClientError
from leyline.client.server_flags import client_of, server_flags
from leyline.flags import fail
from leyline.text import fit_to_show

NARROWEST_TABLE = 80  # columns of the terminal

HELP = """Show the model of a running server, and what may be chosen for each picture.

\b
Examples:
  leyline model
  leyline model --json
  leyline submit holiday --set seconds=4      chooses
"""


@click.command(help=HELP, short_help="Show what may be chosen for each picture.")
@server_flags
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer, for programs.")
def model(url: str | None, token: str | None, as_json: bool) -> None:
    try:
        answer = leaving.run(asked(client_of(url, token)))
    except ClientError as error:
        fail(wording.advice(error), wording.exit_code(error))
    except leaving.Left as left:
        sys.exit(left.exit_code)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    elif sys.stdout and sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        draw(answer)
    else:
        click.echo("\n".join(plain(answer)))


async def asked(client: LeylineClient) -> dict[str, Any]:
    """The server's answer; raises `ClientError`, also for a server that cannot be asked this."""
    async with client:
        try:
            return await client.model()
        except ClientError as error:
            raise choosing.explained(error) from None


@dataclass(frozen=True)
class Parameter:
    """What may be chosen of one name, in words."""

    name: str
    kind: str
    values: str
    default: str
    help: str


def parameters(schema: Mapping[str, Any]) -> list[Parameter]:
    """Each of the schema's properties, in its order."""
    return [_parameter(fit_to_show(name), each) for name, each in schema["properties"].items()]


def _parameter(name: str, each: Mapping[str, Any]) -> Parameter:
    kind, allowed = _kind(each), fit_to_show(_values(each))
    title, said = fit_to_show(each.get("title", "")), fit_to_show(each.get("description", ""))
    default = each.get("default")
    told = shown(default) if default is None or isinstance(default, str | int | float) else json.dumps(default)
    return Parameter(name, kind, allowed, fit_to_show(told), f"{title}: {said}" if title else said)


def _kind(each: Mapping[str, Any]) -> str:
    if each.get("x-seed"):
        return "seed"
    if "enum" in each:
        return "choice"
    kinds = {"string": "text", "integer": "whole number", "number": "number", "boolean": "switch"}
    return kinds.get(str(each.get("type")), fit_to_show(each.get("type", "")))


def _values(each: Mapping[str, Any]) -> str:
    """What is taken, such as `1 to 12 s, in steps of 0.5`."""
    if "enum" in each:
        return ", ".join(_choice(value, (each.get("x-labels") or {}).get(value, value)) for value in each["enum"])
    if each.get("type") == "boolean":
        return "yes or no"
    if "maxLength" in each:
        return f"at most {each['maxLength']} characters{', one line' if each.get('x-lines') == 1 else ''}"
    if "minimum" not in each or "maximum" not in each:
        return ""
    unit = f" {each['x-unit']}" if "x-unit" in each else ""
    is_any_whole = each.get("type") == "integer" and each.get("x-step") == 1
    steps = f", in steps of {shown(each['x-step'])}" if "x-step" in each and not is_any_whole else ""
    empty = ", or empty" if each.get("x-seed") else ""
    return f"{shown(each['minimum'])} to {shown(each['maximum'])}{unit}{steps}{empty}"


def _choice(value: str, label: str) -> str:
    return value if label == value else f"{value} ({label})"


def heading(answer: Mapping[str, Any]) -> list[str]:
    """The model's name and state, what its operator says of it, and what is known of what may be chosen."""
    detail = f" ({answer['detail']})" if answer.get("detail") else ""
    state = wording.several(answer) or answer.get("state", "unknown")
    lines = [f"{answer['name']}: {state}{detail}", answer.get("about") or ""]
    if answer.get("schema") is None:
        lines.append(choosing.still_unknown(answer))
    elif not answer["schema"]["properties"]:
        lines.append("It has nothing to choose.")
    return [fit_to_show(line) for line in lines if line]


def plain(answer: Mapping[str, Any]) -> list[str]:
    """The lines for pipes and logs."""
    lines = heading(answer)
    for each in parameters(answer.get("schema") or {"properties": {}}):
        taken = f" ({each.values})" if each.values else ""
        lines += ["", f"{each.name}: {each.kind}{taken}; default: {each.default}", f"  {each.help}"]
    return lines


def draw(answer: Mapping[str, Any]) -> None:
    """The same for a terminal: as a table where it is wide enough to be read."""
    console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
    if console.width < NARROWEST_TABLE:
        console.print(Text("\n".join(plain(answer))))
        return
    name, *said = heading(answer)
    console.print(Text(name, "bold"), *(Text(line) for line in said), sep="\n")
    found = parameters(answer.get("schema") or {"properties": {}})
    if not found:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("name", "kind", "takes", "default", ""):
        table.add_column(title, overflow="fold", no_wrap=title in ("name", "kind"))
    for each in found:
        words = (each.kind, each.values, each.default, each.help)
        table.add_row(Text(each.name, "bold"), *map(Text, words))
    console.print()
    console.print(table)
