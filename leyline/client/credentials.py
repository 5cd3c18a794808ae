"""The tokens of this command, one for each server whose page it was connected to: `~/.config/leyline/logins.json`.

How it comes to one is left to `login`. Danger: whoever reads the file acts as its person. It is the person's own
alone, is replaced as a whole, and a token goes to its own server only.
"""

import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from leyline.client import configuration
from leyline.client.configuration import MOST_BYTES, ConfigurationError
from leyline.data_folder import sync

NO_HOME = "There is no place for the token: this user has no home. Name a folder in XDG_CONFIG_HOME."


@dataclass(frozen=True)
class Credential:
    """What one server gave."""

    token: str
    login_id: str
    session: str  # by which it tells whose tasks they are
    name: str  # what its page calls this command


def load(environ: Mapping[str, str]) -> dict[str, Credential]:
    """All of them, by the addresses of their servers; raises `ConfigurationError`."""
    path = _place(environ)
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(MOST_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(
            f"{path} holds tokens, and others on this machine may read it: chmod 600 {path} keeps them yours."
        )
    return _parsed(raw, path)


def keep(environ: Mapping[str, str], url: str, credential: Credential) -> None:
    """This one is the server's from now on, durably; raises `ConfigurationError`."""
    with _changing(environ) as known:
        known[url] = credential


def forget(environ: Mapping[str, str], url: str) -> None:
    """There is none of the server any more; raises `ConfigurationError`."""
    with _changing(environ) as known:
        known.pop(url, None)


@contextlib.contextmanager
def _changing(environ: Mapping[str, str]) -> Iterator[dict[str, Credential]]:
    """All of them, to be changed; nobody else changes them meanwhile."""
    path = _place(environ)
    if path is None:
        raise ConfigurationError(NO_HOME)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # a network drive without locks
                fcntl.flock(folder, fcntl.LOCK_EX)
            known = load(environ)
            yield known
            _write(path, {url: asdict(each) for url, each in known.items()})
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None


def _write(path: Path, content: Mapping[str, Any]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    try:
        part.touch(0o600, exist_ok=False)
        with part.open("w") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(path.parent)


def _place(environ: Mapping[str, str]) -> Path | None:
    beside = configuration.place(environ)
    return beside and beside.with_name("logins.json")


def _parsed(raw: bytes, path: Path) -> dict[str, Credential]:
    names = {field.name for field in fields(Credential)}
    try:
        said = json.loads(raw)
        found = {url: Credential(**{name: each[name] for name in names}) for url, each in said.items()}
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        found = None
    if found is None or not all(isinstance(text, str) for each in found.values() for text in asdict(each).values()):
        raise ConfigurationError(f"{path} is damaged. Move it away, and leyline login connects this command again.")
    return found
