"""The file that remembers a batch: what was to be sent from here, under which key, and what became of it.

JSON Lines, only ever appended: its id, then a line for each picture before that is sent, and one for each thing
that became of it. Where the file lies is left to `manifest_place`, what is missing to `batch`. Danger: the command
may be killed at any instant. So lines are durable before they are acted upon, and a key follows from the file's id
and from what is sent alone: a line that is lost or damaged costs a question to the server, never a twin.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from leyline.data_folder import sync
from leyline.text import fit_to_show

VERSION = 1
MOST_BYTES = 256_000_000  # some 300,000 pictures
ID = re.compile(r"[0-9a-f]{32}")
SHA256 = re.compile(r"[0-9a-f]{64}")
HASHED_AT_ONCE = 1024 * 1024
STILL_WRITTEN_SECONDS = 2.0  # a file as young as this may change again without another time


class ManifestError(Exception):
    """Why there is nothing to remember the batch in: a sentence."""


class InUse(ManifestError):
    """Another command is at work with it."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file's content, and by what it is seen to be the same file as before."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a picture at one server. `state` is its task's status, or `refused` where there is none."""

    server: str  # the installation, or the address of one that does not tell it
    url: str
    state: str
    task_id: str | None = None
    detail: str = ""  # of a failure
    link_url: str | None = None
    at: float = 0.0
    session: str = ""  # of the page that the command was connected to


@dataclass(slots=True)
class Entry:
    """One picture that is to become one video: the `nth` of this content, for the `again`th time."""

    key: str
    path: str
    size: int
    mtime_ns: int
    sha256: str
    parameters: Mapping[str, Any] | None
    nth: int
    again: int
    at: float
    webhook_urls: list[str | None] = field(
        default_factory=lambda: [None]
    )  # whom it was sent with, the last one last
    sent: dict[str, Sent] = field(default_factory=dict)  # by server

    @property
    def content(self) -> tuple[str, str, int]:
        return self.sha256, _canonical(self.parameters), self.nth


@dataclass
class Content:
    """What a manifest says. `problems` are sentences about lines that say nothing."""

    id: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)  # by key, in the order of the file
    links: dict[tuple[str, str], str] = field(default_factory=dict)  # to several tasks: by server, and their digest
    problems: list[str] = field(default_factory=list)

    def latest(self, sha256: str, parameters: Mapping[str, Any] | None, nth: int) -> Entry | None:
        """The picture of this content that was planned last."""
        wanted = sha256, _canonical(parameters), nth
        return max(self._by_content().get(wanted, ()), key=lambda entry: entry.again, default=None)

    def by_path(self) -> dict[str, list[Entry]]:
        """The pictures of each file, those that were planned last at the end."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            found.setdefault(entry.path, []).append(entry)
        return found

    def _by_content(self) -> dict[tuple[str, str, int], list[Entry]]:
        if self._indexed != len(self.entries):
            self._index = {}
            for entry in self.entries.values():
                self._index.setdefault(entry.content, []).append(entry)
            self._indexed = len(self.entries)
        return self._index

    _index: dict[tuple[str, str, int], list[Entry]] = field(default_factory=dict, repr=False)
    _indexed: int = -1


class Manifest:
    """An open manifest, which no other command has meanwhile. `close` it."""

    def __init__(self, path: Path, known: Content | None = None, *, follows_links: bool = True) -> None:
        """Open the file, or begin one; it takes over what is `known` of the same batch from another place.

        Raises `ManifestError`, `InUse`, or OSError where it cannot be written.
        """
        self.path = path
        self.unwritten: OSError | None = None  # why the end of something could not be noted
        self._appending = threading.Lock()
        self._file = _opened(path, follows_links)
        try:
            self.content = self._read()
            if not self.content.id:
                self.content.id = known.id if known else secrets.token_hex(16)
                self._append([{"leyline_manifest": VERSION, "id": self.content.id}])
                with contextlib.suppress(OSError):  # not every disk lets a folder be synced
                    sync(path.parent)
            if known and known.id == self.content.id:
                self._take_over(known)
            self._by_path = self.content.by_path()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another command have it. Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def key(self, sha256: str, parameters: Mapping[str, Any] | None, nth: int, again: int) -> str:
        """The Idempotency-Key of the nth picture of this content, for the `again`th time."""
        said = json.dumps([self.content.id, sha256, _canonical(parameters), nth, again])
        return hashlib.sha256(said.encode()).hexdigest()[:40]

    def fingerprint(self, path: Path) -> Fingerprint:
        """Of this file: read, unless it is seen to be the one that was read for an earlier command.

        Blocks for as long as the disk takes. Raises OSError.
        """
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would wait for its other end
            raise OSError(errno.EINVAL, "it is no file, but a pipe, a folder or a device")
        for entry in reversed(self._by_path.get(str(path), [])):
            seen = entry.size, entry.mtime_ns
            is_old = entry.mtime_ns / 1e9 < entry.at - STILL_WRITTEN_SECONDS
            if is_old and seen == (status.st_size, status.st_mtime_ns):
                return Fingerprint(*seen, entry.sha256)
        return _read_whole(path)

    @staticmethod
    def content_of(path: Path) -> str:
        """The digest of this file's content. Raises OSError."""
        return _read_whole(path).sha256

    def plan(self, entries: list[Entry]) -> None:
        """These are going to be sent: durable when this returns. Raises `ManifestError`."""
        try:
            self._append(map(_line_of, entries))
        except OSError as error:
            raise ManifestError(
                f"{self.path} cannot be written: {error.strerror}. Nothing is sent that could not be remembered."
            ) from None
        for entry in entries:
            self.content.entries[entry.key] = entry

    def note(self, entry: Entry, sent: Sent) -> None:
        """What became of a picture. Where it cannot be written the next command asks the server again."""
        entry.sent[sent.server] = sent
        try:
            self._append([{"key": entry.key, **asdict(sent)}])
        except OSError as error:
            self.unwritten = error

    def note_link(self, server: str, tasks_sha256: str, url: str) -> None:
        """This viewing link shows all of these tasks. Where it cannot be written the next command makes another."""
        self.content.links[server, tasks_sha256] = url
        try:
            self._append([{"link_of": tasks_sha256, "server": server, "link_url": url, "at": now()}])
        except OSError as error:
            self.unwritten = error

    # The file

    def _read(self) -> Content:
        size = os.fstat(self._file).st_size
        if size > MOST_BYTES:
            raise ManifestError(f"{self.path} is too large to be a manifest. Name another with --manifest.")
        raw = os.pread(self._file, size, 0)
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):  # the last line was being written when the command was killed
            os.ftruncate(self._file, whole)
        return parse(raw[:whole], self.path)

    def _append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Durably, all or nothing. Raises OSError."""
        data = b"".join(json.dumps(line, ensure_ascii=True).encode() + b"\n" for line in lines)
        if not data:
            return
        with self._appending:
            before = os.fstat(self._file).st_size
            try:
                left = memoryview(data)
                while left:  # a disk that fills up takes a part of it first, and only then says so
                    left = left[os.write(self._file, left) :]
                os.fsync(self._file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, before)
                raise

    def _take_over(self, known: Content) -> None:
        lines: list[Mapping[str, Any]] = []
        for key, entry in known.entries.items():
            own = self.content.entries.setdefault(key, entry)
            if own is entry:
                lines.append(_line_of(entry))
            for server, sent in entry.sent.items():
                if own is entry or sent.at > getattr(own.sent.get(server), "at", 0.0):
                    own.sent[server] = sent
                    lines.append({"key": key, **asdict(sent)})
        self._append(lines)


def read(path: Path) -> Content:
    """What a manifest says, whoever is at work with it. Raises OSError, `ManifestError`."""
    if path.stat().st_size > MOST_BYTES or not path.is_file():
        raise ManifestError(f"{path} is no manifest.")
    raw = path.read_bytes()
    return parse(raw[: raw.rfind(b"\n") + 1], path)


def parse(raw: bytes, path: Path) -> Content:
    """The content of these whole lines; "" is the id of none. Raises `ManifestError`."""
    content = Content()
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if number == 1:
            content.id = _id_of(said, path)
        elif not isinstance(said, dict) or not _learn(content, said):
            content.problems.append(f"{fit_to_show(path)}, line {number}: It cannot be read, and is left out.")
    return content


def _id_of(said: Any, path: Path) -> str:
    if not isinstance(said, dict) or not ID.fullmatch(str(said.get("id"))) or "leyline_manifest" not in said:
        raise ManifestError(
            f"{fit_to_show(path)} is no manifest of leyline, or its first line is damaged. "
            "Move it away to send everything anew, or name another with --manifest."
        )
    if said["leyline_manifest"] != VERSION:
        raise ManifestError(f"{fit_to_show(path)} is of a later release of leyline. Name another with --manifest.")
    return str(said["id"])


def _learn(content: Content, said: dict[str, Any]) -> bool:
    """Take in a line; False where it says nothing that is understood."""
    if "link_of" in said:
        of, server, url = (said.get(name) for name in ("link_of", "server", "link_url"))
        if not (isinstance(of, str) and isinstance(server, str) and isinstance(url, str)):
            return False
        content.links[server, of] = url
        return True
    key = said.get("key")
    if not isinstance(key, str):
        return False
    try:
        if "sha256" in said:
            entry = _entry_of(said)
            entry.sent = content.entries[key].sent if key in content.entries else {}
            content.entries[key] = entry
            return True
        sent = _sent_of(said)
    except (KeyError, TypeError, ValueError):
        return False
    if key not in content.entries:  # its own line is damaged, which is told there
        return True
    content.entries[key].sent[sent.server] = sent
    return True


def _entry_of(said: dict[str, Any]) -> Entry:
    size, mtime_ns, nth, again = numbers = [said[name] for name in ("size", "mtime_ns", "nth", "again")]
    parameters, webhook_urls = said["parameters"], said.get("webhook_urls", [None])
    is_right = (
        all(type(number) is int and number >= 0 for number in numbers)
        and isinstance(said["at"], int | float)
        and SHA256.fullmatch(said["sha256"])
        and isinstance(said["path"], str)
        and (parameters is None or isinstance(parameters, dict))
        and bool(webhook_urls)
        and all(url is None or isinstance(url, str) for url in webhook_urls)
    )
    if not is_right:
        raise ValueError
    named = said["key"], said["path"], size, mtime_ns, said["sha256"]
    return Entry(*named, parameters, nth, again, said["at"], list(webhook_urls))


def _sent_of(said: dict[str, Any]) -> Sent:
    server, url, state = texts = [said[name] for name in ("server", "url", "state")]
    task_id, link_url, detail, at = said["task_id"], said.get("link_url"), said.get("detail", ""), said["at"]
    session = said.get("session", "")
    is_right = (
        all(isinstance(text, str) for text in (*texts, detail, session))
        and (task_id is None or ID.fullmatch(task_id))
        and (link_url is None or isinstance(link_url, str))
        and isinstance(at, int | float)
    )
    if not is_right:
        raise ValueError
    return Sent(server, url, state, task_id, detail, link_url, at, session)


def _line_of(entry: Entry) -> dict[str, Any]:
    line = {name: getattr(entry, name) for name in Entry.__slots__ if name != "sent"}
    return {**line, "parameters": None if entry.parameters is None else dict(entry.parameters)}


def _opened(path: Path, follows_links: bool) -> int:
    """The file, which no other command has open; made where there is none."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | (0 if follows_links else os.O_NOFOLLOW)
    while True:
        file = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ManifestError(f"{path} is no file. Name another with --manifest.")
            _lock(file, path)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), path.stat()):  # else somebody has just put another in its place
                    return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InUse(
            f"Another leyline submit is at work with {path}. Wait for its end, or watch with leyline list; "
            "--manifest FILE makes this a batch of its own."
        ) from None
    except OSError:  # a network drive without locks: the keys alone keep two commands from making twins
        pass


def _read_whole(path: Path) -> Fingerprint:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest = hashlib.sha256()
        while piece := file.read(HASHED_AT_ONCE):
            digest.update(piece)
    return Fingerprint(status.st_size, status.st_mtime_ns, digest.hexdigest())


def _canonical(parameters: Mapping[str, Any] | None) -> str:
    return json.dumps(dict(parameters or {}), sort_keys=True)


def now() -> float:
    """The time as lines tell it: for people, and to see whether a file was still being written."""
    return round(time.time(), 3)
