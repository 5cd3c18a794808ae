"""`leyline models`: the models that are installed here, and the options of each.

Danger: who asks must not import them, since a package may be broken, print, exit, take a minute to load, or leave
processes behind; so each is asked in a process of its own, and what it says is made fit to be shown.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from leyline.flags import WRONG, fail
from leyline.text import fit_to_show

CATALOGUE = (sys.executable, "-m", "model_proc.catalogue")  # by name: this process knows nothing of models
MOST_SECONDS = 120  # for what a model's module does when it is imported
AT_ONCE = 4
MOST_BYTES = 1_000_000  # of an answer
MOST_SHOWN, MOST_ODD = 500, 80  # characters of a sentence of theirs, and of what is none

HELP = """List the models that are installed here, each with its options.

\b
Examples:
  leyline models
  leyline models diffusers
  leyline serve --model parallax              starts one

Start one with `leyline serve --model NAME --model-option OPTION=VALUE`. A NAME here may also be the
package.module:Class of a model that no package offers.
"""


@click.command(help=HELP)
@click.argument("names", metavar="[NAME]…", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(names: tuple[str, ...], as_json: bool) -> None:
    installed = asked()
    if isinstance(installed, dict):
        fail(f"What is installed cannot be read: {installed['error']}", WRONG)
    known = {model["name"]: model for model in installed}
    wanted = [known.get(name, {"name": name, "package": "", "version": ""}) for name in names or known]
    with ThreadPoolExecutor(AT_ONCE) as askers:
        found = [model | said for model, said in zip(wanted, askers.map(asked, names or known), strict=True)]
    click.echo(json.dumps(found, indent=2) if as_json else "\n\n".join(map(shown, found)))
    if any("error" in model for model in found if model["name"] in names):
        sys.exit(WRONG)


def asked(*name: str) -> Any:
    """What the catalogue says, in a child process: a list of models, or what one says of itself; or its `error`."""
    with tempfile.TemporaryFile() as said:  # no pipe, which a process that the model leaves behind may keep open
        quiet: Any = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": subprocess.DEVNULL}
        try:
            done = subprocess.run([*CATALOGUE, *name], timeout=MOST_SECONDS, **quiet)
            answer = os.pread(said.fileno(), MOST_BYTES, 0)
            return json.loads(answer)
        except subprocess.TimeoutExpired:
            return {"error": f"it was not imported within {MOST_SECONDS} s"}
        except ValueError:
            said_instead = fit_to_show(answer.decode(errors="replace"), MOST_ODD)
            how = f" and said “{said_instead}”" if said_instead else ""
            return {"error": f"its process ended with exit code {done.returncode}{how}"}


def shown(model: dict[str, Any]) -> str:
    """The model in lines for people."""
    origin = f" ({model['package']} {model['version']})" if model["package"] else ""
    head = fit_to_show(f"{model['name']}{origin}")
    if "error" in model:
        return f"{head}\n  cannot be used: {fit_to_show(model['error'], MOST_SHOWN)}"
    lines = [head, f"  {fit_to_show(model['about'], MOST_SHOWN) or 'It says nothing of itself.'}"]
    width = max((len(option["name"]) for option in model["options"]), default=0)
    for option in model["options"]:
        default = "needed" if option["needed"] else f"default: {json.dumps(option['default'], ensure_ascii=False)}"
        said = fit_to_show(f"{option['type']}; {default}", MOST_SHOWN)
        lines.append(f"    {option['name']:{width}}  {said}")
    return "\n".join(lines)
