"""Where a batch's manifest lies: beside its pictures, or in the state folder where nothing can be written there.

What it says is left to `manifest`. Danger: a folder may become read-only between two commands, or writable again;
so what the other place knows of the same batch is taken over, and nothing is sent twice for that.
"""

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from leyline.client.manifest import Content, Manifest, ManifestError, read

NAME = ".leyline.jsonl"
UNWRITABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENOSPC, errno.EDQUOT}
)


def beside(folders: Iterable[Path], environ: Mapping[str, str]) -> tuple[Manifest, str]:
    """The manifest of a batch in these folders: the first that has one, else one in the first; and a sentence.

    The sentence, where there is one, says that it lies elsewhere. Raises `ManifestError`.
    """
    known: Content | None = None
    resolved = list(dict.fromkeys(folder.resolve() for folder in folders)) or [Path.cwd()]
    folder = next((each for each in resolved if os.path.lexists(each / NAME)), resolved[0])
    try:
        with contextlib.suppress(ManifestError):  # without a home nothing can lie there
            known = _known(in_state(folder, environ))
        return Manifest(folder / NAME, known, follows_links=False), ""
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise ManifestError(f"{folder / NAME} cannot be used: {error.strerror}.") from None
        reason = error.strerror
    elsewhere = in_state(folder, environ)
    told = f"Nothing can be written in {folder} ({reason}): the batch is remembered in {elsewhere}."
    return at(elsewhere, _known(folder / NAME)), told


def at(path: Path, known: Content | None = None) -> Manifest:
    """The manifest of this very file; raises `ManifestError`."""
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        return Manifest(path, known)
    except OSError as error:
        raise ManifestError(
            f"{path} cannot be written: {error.strerror}. Name another place with --manifest."
        ) from None


def found(folder: Path, environ: Mapping[str, str]) -> Content | None:
    """What is remembered of a folder's batch, in either place; None where nothing is. Raises `ManifestError`."""
    folder = folder.resolve()
    here, there = _known(folder / NAME), _known(in_state(folder, environ))
    if here and there and here.id == there.id:
        for key, entry in there.entries.items():
            own = here.entries.setdefault(key, entry)
            own.sent = {**entry.sent, **own.sent} if own is not entry else entry.sent
    return here or there


def in_state(folder: Path, environ: Mapping[str, str]) -> Path:
    """Where a folder's manifest lies that cannot lie in it."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    name = re.sub(r"[^\w.-]+", "_", folder.name)[:40].lstrip(".") or "root"
    return state_folder(environ) / f"{name}-{digest}.jsonl"


def of_standard_input(environ: Mapping[str, str]) -> Path:
    """Where what came on standard input, and lies in no folder, is remembered."""
    return state_folder(environ) / "standard-input.jsonl"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where the command keeps what must outlive it (XDG base directories)."""
    given = environ.get("XDG_STATE_HOME", "")
    if given.startswith("/"):
        return Path(given) / "leyline"
    try:
        return Path.home() / ".local" / "state" / "leyline"
    except RuntimeError:  # a user without a home, as a service may be
        raise ManifestError("This user has no home to remember a batch in. Name a file with --manifest.") from None


def _known(path: Path) -> Content | None:
    """What the other place says, if it can be read: it is only asked, never needed."""
    with contextlib.suppress(OSError, ManifestError):
        content = read(path)
        return content if content.id else None
    return None
