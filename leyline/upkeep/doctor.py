"""`leyline doctor`: looks at all that a server needs, and says what to do.

What is looked at is left to `checks`, the video to `trial`. Danger: one check that fails must keep no other from
being made.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

import click

from leyline.flags import INTERRUPTED, WRONG, load_settings, setting_flags
from leyline.settings import Settings
from leyline.text import fit_to_show
from leyline.upkeep.checks import CHECKS
from leyline.upkeep.findings import Finding, Level, bad
from leyline.upkeep.trial import trial

MARKS = {Level.GOOD: "✓", Level.DOUBTFUL: "–", Level.BAD: "✗"}
SECONDS = 900.0  # for a model to load and to make one video


@click.command(
    short_help="Look at all that a server needs, and say what to do.",
    help="""Look at all that a server with these settings needs, and say what to do: data folder, disk, database
and files, port, clock, proxies; then load the model and make one video, in a folder of its own that goes again. A
server may run meanwhile: nothing is changed.

\b
Examples:
  leyline doctor
  leyline doctor --no-trial                   without the model: it takes its memory a second time
  leyline doctor --data-dir /var/lib/leyline --json

The flags are those of leyline serve. Exit codes: 0 nothing is wrong (doubtful is –), 1 something is (✗).
""",
)
@setting_flags
@click.option("--trial/--no-trial", "is_tried", default=True, help="Make a video, or not.")
@click.option("--seconds", default=SECONDS, show_default=True, help="How long the model may take for it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each thing that was looked at.")
def doctor(
    model_option: tuple[str, ...], is_tried: bool, seconds: float, as_json: bool, **flags: str | None
) -> None:
    settings = load_settings(flags, model_option)
    is_wrong = False
    checks = {**CHECKS, **({"model": lambda settings: trial(settings, seconds)} if is_tried else {})}
    try:
        for finding in found(settings, checks):
            is_wrong |= finding.level is Level.BAD
            click.echo(json.dumps(asdict(finding)) if as_json else shown(finding))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(WRONG if is_wrong else 0)


def found(settings: Settings, checks: Mapping[str, Callable[[Settings], Iterator[Finding]]]) -> Iterator[Finding]:
    """What each of the checks finds; one that cannot be made has found just that."""
    for about, check in checks.items():
        try:
            yield from check(settings)
        except OSError as error:
            what = f"It cannot be looked at: {error.filename or ''} {error.strerror}."
            yield bad(about, what, "Run this as the user that the server runs as.")


def shown(finding: Finding) -> str:
    """A line for people, and one below it with what to do."""
    line = f"{MARKS[finding.level]} {finding.about}: {fit_to_show(finding.said)}"
    return f"{line}\n    {fit_to_show(finding.advice)}" if finding.advice else line
