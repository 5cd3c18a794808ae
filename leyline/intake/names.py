"""The name that a task's picture is shown by, out of what its sender called the file.

Danger: a name is shown and nothing else; no path is ever made of it.
"""

from leyline.text import fit_to_show

LONGEST_NAME = 100  # characters of a file name that are kept
NAMELESS = "picture"


def clean_name(name: str) -> str:
    """The last part of a path, fit to be shown, short; `NAMELESS` where that says nothing."""
    shown = fit_to_show(name.replace("\\", "/").rpartition("/")[2], LONGEST_NAME)
    return shown if shown.strip("._… ") else NAMELESS
