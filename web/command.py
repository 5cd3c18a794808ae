"""`leyline serve`: the server from the command line."""

import sys

import click

from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE, fail, load_settings, setting_flags
from leyline.settings import SettingError

HELP = """Run the server until Ctrl-C or SIGTERM.

Each flag is also a variable, named behind its default; a flag wins.
"""


@click.command(help=HELP)
@setting_flags
def serve(model_option: tuple[str, ...], **flags: str | None) -> None:
    loaded = load_settings(flags, model_option)
    from web import server

    try:
        exit_code = server.main(loaded)
    except StartupError as error:
        fail(str(error), WRONG)
    except SettingError as error:
        fail(str(error), WRONG_USAGE)
    sys.exit(exit_code)
