"""What the commands share: a flag for each setting, and the sentence with which a command that cannot work ends.

What a setting means is left to `settings`.
"""

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from leyline import settings

# Exit codes. Where several would be right it is the first of: interrupted, unreachable, refused, failed.
WRONG = 1  # something on this side: a disk, an output that takes no more
WRONG_USAGE = 2  # the command line, or what it names
FAILED = 3  # a task failed, was canceled or removed
REFUSED = 4  # the server takes a picture or a request not, or a file cannot be read
UNREACHABLE = 5  # no server answers, or it takes nothing for too long
IN_USE = 6  # another command is at work with the same batch, or a server with the data folder
INTERRUPTED = 130  # Ctrl-C; after another signal it is 128 and that signal's number


def tell(sentence: str) -> None:
    """Say a sentence for people beside what the command prints, if anybody can hear it."""
    with contextlib.suppress(OSError):  # a terminal that has gone, a full disk
        click.echo(sentence, err=True)


def fail(sentence: str, exit_code: int) -> NoReturn:
    """End the command with a sentence for people."""
    tell(sentence)
    sys.exit(exit_code)


def setting_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command one flag per setting; None where it is not given, and yes where that need not be said."""
    for field in reversed(settings.rows()):
        unit, default = field.metadata["unit"], field.default
        shown = f"{default:g} {unit}".strip() if isinstance(default, int | float) else str(default)
        text = f"{field.metadata['help']}  [{'; '.join(filter(None, [shown, settings.variable(field.name)]))}]"
        metavar = unit.upper() or ("NUMBER" if isinstance(default, int) else "TEXT")
        alone: dict[str, Any] = {}
        if field.metadata["one_of"] == settings.YES_OR_NO:
            metavar, alone = "[yes|no]", {"is_flag": False, "flag_value": "yes"}
        command = click.option(settings.flag(field.name), field.name, metavar=metavar, help=text, **alone)(command)
        if field.name == "model_options":
            command = click.option(
                "--model-option", multiple=True, metavar="OPTION=VALUE", help="One option of the model; repeatable."
            )(command)
    return command


def load_settings(flags: dict[str, str | None], model_options: tuple[str, ...]) -> settings.Settings:
    """The settings of these flags and of the environment; ends the command where one is wrong."""
    for sentence in settings.skipped(os.environ):
        tell(sentence)
    try:
        return settings.load(flags, os.environ, model_options)
    except settings.SettingError as error:
        fail(str(error), WRONG_USAGE)
