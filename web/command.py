"""`leyline serve`: the server from the command line."""

import sys

import click

from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE, fail, load_settings, setting_flags
from leyline.settings import SettingError

HELP = """Run the server until Ctrl-C or SIGTERM.

\b
Examples:
  leyline serve                               on http://localhost:3000, for this machine
  leyline serve --host 0.0.0.0 --port 8080    for every network
  leyline serve --model diffusers --model-option repo=Lightricks/LTX-Video
  leyline doctor                              looks first whether all is well

Each flag is also a variable, named behind its default; a flag wins.
"""


@click.command(help=HELP)
@setting_flags
def serve(model_option: tuple[str, ...], **flags: str | None) -> None:
    loaded = load_settings(flags, model_option)
    from web import serving

    try:
        exit_code = serving.main(loaded)
    except StartupError as error:
        fail(str(error), WRONG)
    except SettingError as error:
        fail(str(error), WRONG_USAGE)
    sys.exit(exit_code)
