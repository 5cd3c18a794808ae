"""The file in which a person says once which server the command speaks to, and with which token.

That a flag counts before the environment, and that before this file, is seen to by `server_flags`. Danger: a token
in it is a secret: a file that others may read is refused, and its tokens go to its own server only.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from leyline.text import fit_to_show

MOST_BYTES = 100_000
DEFAULT_URL = "http://localhost:3000"


class ConfigurationError(Exception):
    """What is wrong with the file, in a sentence that repeats no secret."""


@dataclass(frozen=True)
class Configuration:
    """What the file says; "" where it says nothing."""

    url: str = ""
    token: str = ""
    operator_token: str = ""


NAMES = tuple(field.name for field in fields(Configuration))


def place(environ: Mapping[str, str]) -> Path | None:
    """Where the file would lie (XDG base directories); None for a user without a home."""
    given = environ.get("XDG_CONFIG_HOME", "")
    try:
        folder = Path(given) if given.startswith("/") else Path.home() / ".config"
    except RuntimeError:
        return None
    return folder / "leyline" / "config.toml"


def load(environ: Mapping[str, str]) -> Configuration:
    """What the file says, nothing where there is none; raises `ConfigurationError`."""
    path = place(environ)
    if path is None:
        return Configuration()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(MOST_BYTES)
    except FileNotFoundError:
        return Configuration()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    said = _checked(raw, path)
    if stat.S_IMODE(mode) & 0o077 and (said.token or said.operator_token):
        raise ConfigurationError(
            f"{path} holds a token, and others on this machine may read it: chmod 600 {path} keeps it yours."
        )
    return said


def _checked(raw: bytes, path: Path) -> Configuration:
    try:
        said = tomllib.loads(raw.decode())
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {fit_to_show(error)}.") from None
    except UnicodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text.") from None
    for name, value in said.items():
        if name not in NAMES:
            raise ConfigurationError(f"{path}: There is no “{fit_to_show(name, 60)}”, only {', '.join(NAMES)}.")
        if not isinstance(value, str):
            raise ConfigurationError(f"{path}: {name} must be a text in quotes.")
    return Configuration(**said)
