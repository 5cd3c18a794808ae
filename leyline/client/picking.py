"""Which files are meant by what stands on the command line: files, folders, patterns that no shell has filled in.

What is sent of them is left to `submission`. A folder's pictures come in the order that people count in (2 before
10). Danger: a folder may hold anything, a link back to itself too; links to folders are not followed.
"""

import os
import re
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from leyline.client.picture import Picture
from leyline.formats import SUFFIXES

NOBODYS_FOLDERS = frozenset({"@eaDir", "__MACOSX"})  # of a NAS's and a Mac's own small copies
PATTERN = re.compile(r"[*?\[]")


class NothingThere(Exception):
    """What names nothing, in a sentence."""


def filled_in(words: Iterable[str]) -> list[Path]:
    """The files and folders that these words name, in their order; raises `NothingThere`.

    A word that names nothing, but has *, ? or [ in it, stands for the pictures that it fits (** for folders of any
    depth): a shell leaves it as it is where it is quoted, and cron has none that would not.
    """
    return [path for word in words for path in _filled_in(word)]


def _filled_in(word: str) -> list[Path]:
    path = Path(word)
    if os.path.lexists(path):
        return [path]
    if not PATTERN.search(word):
        raise NothingThere(f"{word} does not exist.")
    found = sorted(_fitting(path), key=_whole_as_people_count)
    if not found:
        raise NothingThere(f"No picture fits {word}.")
    return found


def _fitting(pattern: Path) -> Iterator[Path]:
    """The pictures that fit, in no folder that is hidden or reached by a link: it may lead back."""
    at = next(number for number, part in enumerate(pattern.parts) if PATTERN.search(part))
    folder = Path(*pattern.parts[:at])
    try:
        for path in folder.glob("/".join(pattern.parts[at:])):
            folders = path.relative_to(folder).parts[:-1]
            is_hidden = any(part.startswith(".") or part in NOBODYS_FOLDERS for part in folders)
            if _is_picture(path) and not is_hidden:
                yield path
    except ValueError:  # "**" that is not all of a part
        return


def pictures_in(paths: Iterable[Path], *, recursive: bool = False) -> list[Picture]:
    """A picture for each file, and for each file in a folder that looks like one by its name.

    Folders in a folder are left out unless it is `recursive`. A folder that cannot be read stands among the
    pictures with its problem, and holds nothing up.
    """
    return [picture for given in paths for picture in _pictures(given, recursive)]


def left_out(paths: Iterable[Path], used: Container[Path] = (), *, recursive: bool = False) -> int:
    """How many files and folders in these folders are not sent nor used, apart from what nobody means to send."""
    return sum(_left_out(given, used, recursive) for given in paths if given.is_dir())


def folders_of(paths: Iterable[Path], pictures: Iterable[Picture]) -> Iterator[Path]:
    """The folders that a batch lies in, the one that was named first before all."""
    for given in paths:
        yield given if given.is_dir() else given.parent
    for picture in pictures:
        yield picture.path.parent


def _pictures(path: Path, recursive: bool) -> Iterator[Picture]:
    if not path.is_dir():
        yield Picture(path)
        return
    if path.name in NOBODYS_FOLDERS:
        return
    try:
        children = sorted(path.iterdir(), key=_as_people_count)
    except OSError as error:
        yield Picture(path, problem=f"The folder cannot be read: {error.strerror}.", problem_code="not_sent")
        return
    yield from (Picture(child) for child in children if _is_picture(child))
    if recursive:
        for child in children:
            if _is_entered(child):
                yield from _pictures(child, recursive)


def _left_out(folder: Path, used: Container[Path], recursive: bool) -> int:
    count = 0
    for child in _entries(folder):
        if child.name.startswith(".") or child.name in NOBODYS_FOLDERS or child in used or _is_picture(child):
            continue
        is_entered = recursive and _is_entered(child)
        count += _left_out(child, used, recursive) if is_entered else 1
    return count


def _is_entered(child: Path) -> bool:
    """Whether this is a folder that is gone into: none that is hidden, nor a link, which may lead back."""
    try:
        is_folder = child.is_dir() and not child.is_symlink()
    except OSError:
        return False
    return is_folder and not child.name.startswith(".") and child.name not in NOBODYS_FOLDERS


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # which is told in its picture's place
        return []


def _is_picture(child: Path) -> bool:
    """By its name; one that cannot be looked at is told of when it is sent."""
    if child.suffix.lower() not in SUFFIXES or child.name.startswith("."):
        return False
    try:
        return not child.is_dir()
    except OSError:
        return True


def _as_people_count(path: Path) -> list[tuple[int, str]]:
    return [(int(digits or 0), text) for digits, text in re.findall(r"([0-9]*)([^0-9]*)", path.name.lower())]


def _whole_as_people_count(path: Path) -> list[list[tuple[int, str]]]:
    return [_as_people_count(Path(part)) for part in path.parts]
