"""Which tasks somebody means: by id, by a page's address, by a picture, folder or manifest that was sent from here.

What becomes of them is left to `task_commands`. Danger: a manifest knows tasks of several servers; only those of
the server that is asked are meant.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from leyline.client import manifest_place
from leyline.client.manifest import Content, Entry, Manifest, Sent, read
from leyline.client.picture import Picture

SUFFIX = ".jsonl"  # of a manifest that --manifest named
AN_ID = re.compile(r"(?:.*[/#])?([0-9a-f]{32})(?:/\w*)?")


class NothingNamed(Exception):
    """What names no task, in a sentence."""


@dataclass(eq=False)
class Named:
    """What is meant by one word: a task, or a picture that was to become one."""

    picture: Picture
    task_id: str | None  # None where nothing was sent yet to this server
    place: Path | None = None  # the folder whose manifest knows it, or the manifest itself
    is_of_folder: bool = False  # it was not named itself, but the folder that it lies in


def named(words: Iterable[str], server: str, environ: Mapping[str, str]) -> list[Named]:
    """What these words name, each once, in their order; raises `NothingNamed`, `ManifestError`."""
    found = [each for word in words for each in _named(word, server, environ)]
    return list({each.task_id or str(each.picture.path): each for each in found}.values())


def note(meant: Named, sent: Sent, environ: Mapping[str, str]) -> None:
    """Remember what became of it beside its picture. Raises `ManifestError`, `InUse`."""
    if meant.place is None or meant.picture.entry is None:
        return
    manifest = _opened(meant.place, environ)
    try:
        entry = manifest.content.entries.get(meant.picture.entry.key)
        if entry:
            manifest.note(entry, sent)
    finally:
        manifest.close()


def can_note(meant: Iterable[Named], environ: Mapping[str, str]) -> None:
    """Raises `InUse` where another command is at work with a manifest that has one of these."""
    for place in {each.place for each in meant if each.place}:
        _opened(place, environ).close()


def _opened(place: Path, environ: Mapping[str, str]) -> Manifest:
    return manifest_place.beside([place], environ)[0] if place.is_dir() else manifest_place.at(place)


def _named(word: str, server: str, environ: Mapping[str, str]) -> Iterator[Named]:
    path = Path(word)
    if path.is_file() and path.suffix == SUFFIX:
        yield from _of_place(read(path), path, server)
    elif path.exists():
        folder = path if path.is_dir() else path.parent
        content = manifest_place.found(folder, environ)
        if content is None:
            raise NothingNamed(f"Nothing was sent from {folder} that is remembered there.")
        yield from _of_place(content, folder, server) if path.is_dir() else _of_file(content, path, server)
    elif match := AN_ID.fullmatch(word):
        yield Named(Picture(Path(match[1])), match[1])
    else:
        raise NothingNamed(f"{word} is no task's id, no address of a task's page, and no picture or folder here.")


def _of_place(content: Content, place: Path, server: str) -> Iterator[Named]:
    for entry in latest(content):
        yield _meant(entry, place, server, is_of_folder=True)


def _of_file(content: Content, path: Path, server: str) -> Iterator[Named]:
    of_path = [entry for entry in latest(content) if entry.path == str(path.resolve())]
    if not of_path:  # under another name, perhaps
        with_content = Manifest.content_of(path)
        of_path = [entry for entry in latest(content) if entry.sha256 == with_content]
    if not of_path:
        raise NothingNamed(f"{path} was not sent, as far as is remembered in its folder.")
    for entry in of_path:
        yield _meant(entry, path.parent, server)


def latest(content: Content) -> list[Entry]:
    """Of each picture that was to be made several times the last one."""
    last: dict[tuple[str, str, int], Entry] = {}
    for entry in content.entries.values():
        if entry.content not in last or last[entry.content].again <= entry.again:
            last[entry.content] = entry
    return list(last.values())


def _meant(entry: Entry, place: Path, server: str, *, is_of_folder: bool = False) -> Named:
    picture = Picture(Path(entry.path), entry.parameters, entry=entry)
    sent = entry.sent.get(server)
    return Named(picture, sent.task_id if sent else None, place, is_of_folder)
