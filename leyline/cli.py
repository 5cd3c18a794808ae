"""The `leyline` command: a table of its commands, each of which lives in the room that it belongs to.

They are imported when they are asked for and never above: a child process runs this file again at its
start (that is how `spawn` works) and must hold neither tornado nor SQLite.

Exit codes: 0 all well; the others are `flags`' and in docs/command.md.
"""

import contextlib
import errno
import importlib
import io
import os
import sys
from typing import Any

import click

COMMANDS = {  # name: module:function
    "serve": "web.command:serve",
    "models": "leyline.models:models",
    "model": "leyline.client.model:model",
    "submit": "leyline.client.command:submit",
    "list": "leyline.client.task_commands:list_",
    "status": "leyline.client.task_commands:status",
    "watch": "leyline.client.task_commands:watch",
    "cancel": "leyline.client.task_commands:cancel",
    "move": "leyline.client.task_commands:move",
    "retry": "leyline.client.task_commands:retry",
    "link": "leyline.client.link_command:link",
    "delete": "leyline.client.task_commands:delete",
    "login": "leyline.client.login:login",
    "logout": "leyline.client.login:logout",
    "queue": "leyline.client.line_commands:queue",
    "pause": "leyline.client.line_commands:pause",
    "resume": "leyline.client.line_commands:resume",
    "workers": "leyline.client.workers:workers",
    "doctor": "leyline.upkeep.doctor:doctor",
    "backup": "leyline.upkeep.commands:backup",
    "restore": "leyline.upkeep.commands:restore",
    "completion": "leyline.completion:completion",
    "join-file": "leyline.cluster.command:join",
    "systemd-unit": "leyline.systemd:systemd_unit",
    "worker": "leyline.cluster.worker_command:worker",
}


class Commands(click.Group):
    """The commands of the table, by name."""

    def main(self, *args: Any, **options: Any) -> Any:
        """As click's, but an output that takes no more is one sentence too."""
        try:
            return super().main(*args, **options)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO):  # a full disk, a terminal that has gone
                raise
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), 1
            )  # or Python tries to write the rest at its end, and complains
            with contextlib.suppress(OSError):
                click.echo(f"Not all could be shown here: {error.strerror}.", err=True)
            sys.exit(1)

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command


HELP = """The front door to a slow image-to-video model: send pictures, see where they stand, watch the videos.

\b
Examples:
  leyline serve                    start a server on http://localhost:3000
  leyline submit holiday/*.jpg     send pictures; the same again sends what is missing
  leyline list holiday             see where they stand
  leyline COMMAND --help           more of each, with examples
"""
SHOWN = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.command(cls=Commands, help=HELP, context_settings=SHOWN)
@click.version_option(package_name="leyline")
def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a file's name may have what this terminal cannot show


if __name__ == "__main__":
    main()
