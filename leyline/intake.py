"""Accepts an upload: reserve, check, keep, enqueue; and undoes all of it when a step fails.

What a picture is, is left to `pictures`; how bytes come in, to `web`. Danger: room in the line and on
the disk is reserved before a byte is read, so that parallel uploads cannot overrun a limit together.
"""

import asyncio
import hashlib
import logging
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO

from leyline import errors
from leyline.events import Events
from leyline.line import Line
from leyline.media import Media
from leyline.picture_process import PictureProcess
from leyline.retention import Retention
from leyline.settings import Settings
from leyline.store import NewTask, TaskStore
from leyline.tasks import Task

log = logging.getLogger("leyline.intake")

UNDO_SECONDS = 10  # how long after a cancel its place in line can be had back
LONGEST_NAME = 100  # characters of a file name that are kept
MULTIPART_ALLOWANCE_BYTES = 16 * 1024  # what a form may add to the file it carries


@dataclass(frozen=True)
class Sender:
    """Who sends: `owner` is the session's digest or None; `client` is whose limits count."""

    owner: str | None
    client: str
    client_id: str | None = None
    idempotency_key: str | None = None  # a digest of the header's value

    def named(self, client_id: str | None) -> "Sender":
        """The same sender, with the word that came in the form."""
        return replace(self, client_id=client_id)


@dataclass
class Upload:
    """One upload on its way: a place reserved in line, and the file it is written to. A context manager."""

    intake: "Intake"
    sender: Sender
    reserved_bytes: int
    counts: bool  # False for a replay, which takes no place in line
    part: Path
    received_bytes: int = 0
    name: str = ""
    key_slot: tuple[str, str] | None = None
    _file: IO[bytes] | None = None
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> None:
        """Append to the file; blocks on the disk. Raises `TooLarge`, or `DiskLow` when there is no room."""
        self.received_bytes += len(data)
        self.intake.check_size(self.received_bytes)
        try:
            if self._file is None:
                self._file = self.part.open("xb", buffering=0)
                self.part.chmod(0o600)
            self._file.write(data)
        except OSError as error:
            raise errors.DiskLow from error
        self._digest.update(data)

    def complete(self) -> str:
        """Close the file and return its SHA-256; raises `EmptyFile`."""
        if self._file is None:
            raise errors.EmptyFile
        self._file.close()
        return self._digest.hexdigest()

    def __enter__(self) -> "Upload":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()
        self.intake.release(self)


class Intake:
    """The way into the line."""

    def __init__(
        self,
        store: TaskStore,
        media: Media,
        pictures: PictureProcess,
        events: Events,
        line: Line,
        retention: Retention,
        settings: Settings,
        wake: Callable[[], None],
    ) -> None:
        """`wake` is called when a task has entered the line."""
        self._store = store
        self._media = media
        self._pictures = pictures
        self._events = events
        self._line = line
        self._retention = retention
        self._settings = settings
        self._wake = wake
        self._uploads: list[Upload] = []  # those under way, in the order in which they came
        self._keys_in_flight: set[tuple[str, str]] = set()
        self._canceled_at: dict[str, float] = {}
        self.stopping = False

    # At the headers

    async def begin(self, sender: Sender, declared_bytes: int) -> Upload:
        """Reserve a place in line and room on the disk, or raise what refuses them.

        Raises `Stopping`, `TooLarge`, `LineFull`, `ClientLimit`, `DiskLow`, `KeyInFlight`, `DatabaseBusy`.
        A known idempotency key passes the limits: its answer takes no place.
        """
        if self.stopping:
            raise errors.Stopping
        self.check_size(declared_bytes, declared=True)
        upload = Upload(self, sender, declared_bytes, True, self._media.part())
        self._uploads.append(upload)
        try:
            if sender.owner and sender.idempotency_key:
                self._hold_key(upload, sender.owner)
            if sender.idempotency_key and await self._store.knows_key(sender.owner, sender.idempotency_key):
                upload.counts = False
            else:
                await self._check_room(upload)
        except BaseException:
            self.release(upload)
            raise
        return upload

    def check_size(self, received_bytes: int, declared: bool = False) -> None:
        """Raise `TooLarge`, naming limit and size."""
        limit = self._settings.max_upload_bytes
        if limit and received_bytes > limit + (MULTIPART_ALLOWANCE_BYTES if declared else 0):
            raise errors.TooLarge(
                f"The file has {'' if declared else 'more than '}{received_bytes / 1e6:.1f} MB; "
                f"this server takes at most {limit / 1e6:g} MB. Send a smaller one."
            )

    async def _check_room(self, upload: Upload) -> None:
        """Refuse when the line or the disk is full, counting the uploads that came before this one."""
        everybody, own = await self._store.count_waiting(upload.sender.client)
        before = self._uploads[: self._uploads.index(upload)]
        everybody += sum(other.counts for other in before)
        own += sum(other.counts and other.sender.client == upload.sender.client for other in before)
        if 0 < self._settings.max_waiting <= everybody:
            raise await self._come_back(errors.LineFull(f"The line is full: {everybody} pictures wait."))
        if 0 < self._settings.max_waiting_per_client <= own:
            raise await self._come_back(errors.ClientLimit(f"You have {own} pictures in line, as many as one may."))
        promised = sum(max(other.reserved_bytes - other.received_bytes, 0) for other in before)
        if not await asyncio.to_thread(self._retention.has_room, promised + upload.reserved_bytes):
            raise errors.DiskLow

    async def _come_back(self, refusal: errors.Refusal) -> errors.Refusal:
        refusal.retry_after_seconds = await self._line.seconds_until_room()
        return refusal

    def _hold_key(self, upload: Upload, scope: str) -> None:
        slot = (scope, upload.sender.idempotency_key or "")
        if slot in self._keys_in_flight:
            raise errors.KeyInFlight
        self._keys_in_flight.add(slot)
        upload.key_slot = slot

    def release(self, upload: Upload) -> None:
        """The upload is over, however it ended: give back what it had reserved. Safe to call twice."""
        if upload.key_slot:
            self._keys_in_flight.discard(upload.key_slot)
        if upload in self._uploads:
            self._uploads.remove(upload)
            asyncio.get_running_loop().run_in_executor(None, self._media.remove_parts, upload.part)

    # With the whole file

    async def accept(self, upload: Upload) -> tuple[Task, bool]:
        """The task of a completely received upload, durable, and whether it is new (False: a replay).

        Raises what `PictureProcess.prepare` raises, `EmptyFile`, `KeyReused`, `KeyInFlight`, `DiskLow`,
        `DatabaseBusy`; after any of them nothing of the upload is left.
        """
        sha256 = await asyncio.to_thread(upload.complete)
        sender = upload.sender
        if sender.idempotency_key:
            if sender.owner is None:
                self._hold_key(upload, sha256)
            known = await self._store.by_key(sender.owner, sender.idempotency_key, sha256)
            if known and known.upload_sha256 != sha256:
                raise errors.KeyReused
            if known:
                return known, False
        return await self._make_task(upload, sha256), True

    async def retry(self, task: Task, client: str) -> Task:
        """A new task from the picture of a finished one.

        Right after the cancel of a task that had not started, it stands at the old place: an undo.
        Raises `TaskNotFinished`, `PictureMissing`, and what `begin` raises.
        """
        if not task.finished:
            raise errors.TaskNotFinished
        place = self._place_to_undo(task)
        sender = Sender(task.owner, client, task.client_id)
        with await self.begin(sender, 0) as upload:
            upload.name, upload.received_bytes = task.image_name, task.image_bytes
            task_id = secrets.token_hex(16)
            try:
                await asyncio.to_thread(self._media.keep_same_picture, task_id, task.task_id)
            except FileNotFoundError:
                await asyncio.to_thread(self._media.remove_task, task_id)
                raise errors.PictureMissing from None
            size = (task.image_width, task.image_height)
            return await self._enqueue(upload, task_id, size, retry_of=task.task_id, place=place)

    def canceled(self, task: Task) -> None:
        """A task was canceled just now: for a while its place can be had back."""
        now = time.monotonic()
        self._canceled_at = {key: at for key, at in self._canceled_at.items() if now - at <= UNDO_SECONDS}
        self._canceled_at[task.task_id] = now

    def _place_to_undo(self, task: Task) -> int | None:
        if task.started_at is not None:
            return None
        at = self._canceled_at.pop(task.task_id, None)
        return task.place if at is not None and time.monotonic() - at <= UNDO_SECONDS else None

    async def _make_task(self, upload: Upload, sha256: str) -> Task:
        task_id = secrets.token_hex(16)
        picture, thumbnail = self._media.part(), self._media.part()
        try:
            prepared = await self._pictures.prepare(upload.part, picture, thumbnail)
            await asyncio.to_thread(self._media.keep_picture, task_id, picture, thumbnail)
        except BaseException as error:
            await self._undo(task_id, picture, thumbnail)
            if isinstance(error, OSError):
                raise errors.DiskLow from error
            raise
        return await self._enqueue(upload, task_id, (prepared.width, prepared.height), sha256=sha256)

    async def _enqueue(
        self,
        upload: Upload,
        task_id: str,
        size: tuple[int, int],
        *,
        sha256: str | None = None,
        retry_of: str | None = None,
        place: int | None = None,
    ) -> Task:
        """Commit the task whose picture is durable by now, and tell; without the commit the picture goes."""
        sender = upload.sender
        new = NewTask(
            task_id=task_id,
            owner=sender.owner,
            client=sender.client,
            client_id=sender.client_id,
            retry_of=retry_of,
            upload_sha256=sha256,
            idempotency_key=sender.idempotency_key,
            image_name=clean_name(upload.name),
            image_width=size[0],
            image_height=size[1],
            image_bytes=upload.received_bytes,
        )
        # Shielded: a client that leaves now must not cost the picture of a task that is committed.
        return await asyncio.shield(self._commit(upload, new, place))

    async def _commit(self, upload: Upload, new: NewTask, place: int | None) -> Task:
        try:
            task = await self._store.add(new, time.time(), place)
        except Exception:
            await self._undo(new.task_id)
            raise
        upload.counts = False  # from here on the store counts it
        log.info("event=accepted task=%s bytes=%d", task.task_id, task.image_bytes)
        self._events.task_changed(task.task_id, task.owner)
        self._events.line_changed()
        self._wake()
        return task

    async def _undo(self, task_id: str, *parts: Path) -> None:
        def remove() -> None:
            self._media.remove_parts(*parts)
            self._media.remove_task(task_id)

        await asyncio.shield(asyncio.to_thread(remove))


def clean_name(name: str) -> str:
    """A file name fit to be shown: the last part of a path, without control or direction characters, short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return shown[:LONGEST_NAME] or "picture"
