"""A backup's one file: a tar archive of a data folder's files, and at its end an index with the digest of each.

What belongs into it is left to `snapshot`. Danger: an archive may be cut, damaged, or not ours at all; so nothing
of it is put anywhere before all of it has been read and its database opened, and no name in it is trusted.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from leyline.data_folder import sync
from leyline.upkeep.snapshot import DATABASE, Snapshot, UpkeepError, check_database, is_secret, what_is_promised

INDEX = "leyline-backup.json"
VERSION = 1
MOST_INDEX_BYTES = 500_000_000
AT_ONCE = 1024 * 1024
NAME = re.compile(
    r"pictures/[0-9a-f]{32}(\.thumbnail)?\.jpg|videos/[0-9a-f]{32}-\d{1,9}\.mp4|" + re.escape(DATABASE)
)


@dataclass(frozen=True)
class Contents:
    """What a whole archive has."""

    files: Mapping[str, int]  # bytes by name
    made_at: float
    tasks: int
    missing: int  # files that its database promises, and that had gone before the backup

    @property
    def total_bytes(self) -> int:
        return sum(self.files.values())


def write(snapshot: Snapshot, target: Path, *, replaces: bool = False) -> Contents:
    """Put it into a file, read that back, and only then give it its name. Raises `UpkeepError`, OSError.

    However this ends, what stood there before is whole, and nothing half is left.
    """
    if target.exists() and not replaces:
        raise UpkeepError(f"{target} is there already. Name another file, or replace it with --force.")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            _write(snapshot, file)
            file.flush()
            os.fsync(file.fileno())
        contents = verify(part)
        if not replaces and target.exists():
            raise UpkeepError(f"{target} has come to be meanwhile. Name another file.")
        part.rename(target)
        sync(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return contents


def verify(path: Path) -> Contents:
    """Read all of it and open its database; raises `UpkeepError` where anything is not as it was written."""
    with _plain_errors(path), tempfile.TemporaryDirectory(prefix="leyline-") as folder:
        found: dict[str, tuple[int, str]] = {}
        index: dict[str, Any] = {}
        for member, content in _members(path):
            if member.name == INDEX:
                index = _index_of(content.read(MOST_INDEX_BYTES), path)
                continue
            copy = Path(folder) / DATABASE if member.name == DATABASE else None
            found[member.name] = member.size, _digest(content, copy)
        if not index:
            raise UpkeepError(f"{path} is cut: it ends before its index. Make another backup.")
        if found != {name: tuple(said) for name, said in index["files"].items()}:
            raise UpkeepError(f"{path} is damaged: its files are not those of its index. Use another backup.")
        if DATABASE not in found:
            raise UpkeepError(f"{path} has no database. Use another backup.")
        check_database(Path(folder) / DATABASE)
        promised, tasks = what_is_promised(Path(folder) / DATABASE)
    sizes = {name: size for name, (size, _) in found.items()}
    return Contents(sizes, float(index["made_at"]), tasks, len(promised - found.keys()))


def extract(path: Path, folder: Path) -> None:
    """Its files into this folder, durably. For one that was verified; raises OSError, `UpkeepError`."""
    folders = {folder, folder / "pictures", folder / "videos"}
    for member, content in _members(path):
        if member.name == INDEX:
            continue
        for parent in reversed(Path(member.name).parents):
            folders.add(folder / parent)
        for each in sorted(folders):
            each.mkdir(0o700, exist_ok=True)
        with os.fdopen(os.open(folder / member.name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            shutil.copyfileobj(content, file, AT_ONCE)
            file.flush()
            os.fsync(file.fileno())
    for each in sorted(folders, reverse=True):
        sync(each)


def _write(snapshot: Snapshot, file: IO[bytes]) -> None:
    said: dict[str, tuple[int, str]] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in snapshot.files.items():
            with path.open("rb") as content:
                status = os.fstat(content.fileno())
                member = _member(name, status.st_size, status.st_mtime)
                reading = _Digesting(content)
                tar.addfile(member, reading)
                said[name] = status.st_size, reading.digest.hexdigest()
        index = json.dumps({"leyline_backup": VERSION, "made_at": time.time(), "files": said}).encode()
        tar.addfile(_member(INDEX, len(index), time.time()), BytesIO(index))


class _Digesting:
    """A file whose digest is made while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _member(name: str, size: int, at: float) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(at), 0o600
    return member


def _members(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Each file in the archive; raises `UpkeepError` for what is none of ours, or what tarfile says."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not (
                NAME.fullmatch(member.name) or is_secret(member.name) or member.name == INDEX
            ):
                raise UpkeepError(f"{path} is no backup of Leyline: it holds {member.name[:80]!r}.")
            with contextlib.closing(content):
                yield member, content


@contextlib.contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    """What tarfile says of damage, in whatever way it stumbles over it."""
    try:
        yield
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise UpkeepError(f"{path} is no backup of Leyline, or is damaged: {error}.") from None


def _index_of(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        index = json.loads(raw)
        is_ours = index["leyline_backup"] == VERSION and isinstance(index["files"], dict)
        float(index["made_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        raise UpkeepError(f"{path} is no backup of Leyline, or of a later release.")
    return dict(index)


def _digest(content: IO[bytes], copy: Path | None) -> str:
    digest = hashlib.sha256()
    with copy.open("wb") if copy else contextlib.nullcontext() as kept:
        while piece := content.read(AT_ONCE):
            digest.update(piece)
            if kept:
                kept.write(piece)
    return digest.hexdigest()
