"""`leyline completion`: what a shell needs to complete commands, flags and files.

How each shell completes is left to click. Danger: the script runs `leyline` at each press of the tab key.
"""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_LEYLINE_COMPLETE"  # as click looks for it
SHELLS = ("bash", "zsh", "fish")

HELP = """Print what lets a shell complete leyline's commands, flags and files.

\b
Examples:
  leyline completion bash > ~/.local/share/bash-completion/completions/leyline
  leyline completion zsh > ~/.zfunc/_leyline     (a folder of your fpath)
  leyline completion fish > ~/.config/fish/completions/leyline.fish
  eval "$(leyline completion bash)"              (for this shell only)
"""


@click.command(help=HELP, short_help="Print what lets a shell complete commands.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    kind = get_completion_class(shell)
    assert kind
    words = kind(context.find_root().command, {}, "leyline", VARIABLE)
    click.echo(words.source_template % words.source_vars())
