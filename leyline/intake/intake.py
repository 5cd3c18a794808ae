"""Accepts an upload: reserve, check, keep, enqueue; and undoes all of it when a step fails.

The file on its way is left to `upload`, what a picture is to `pictures`, how bytes come in to `web`.
Danger: room in the line and on the disk is reserved before a byte is read, so that parallel uploads
cannot overrun a limit together.
"""

import asyncio
import contextlib
import logging
import unicodedata
from collections.abc import Callable
from pathlib import Path

from leyline import errors
from leyline.intake.upload import Sender, Upload
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.tasks import NewTask, Task
from leyline.media import Media
from leyline.pictures.process import PictureProcess
from leyline.settings import Settings

log = logging.getLogger("leyline.intake")

LONGEST_NAME = 100  # characters of a file name that are kept
ORDER_SECONDS = 2.0  # the longest that an upload waits for those which its session began before it


class Intake:
    """The way into the line."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        media: Media,
        pictures: PictureProcess,
        line: Line,
        retention: Retention,
        settings: Settings,
    ) -> None:
        self._store = store
        self._media = media
        self._pictures = pictures
        self._moves = moves
        self._line = line
        self._retention = retention
        self._settings = settings
        self._uploads: list[Upload] = []  # those under way, in the order in which they came
        self._keys_in_flight: set[tuple[str, str]] = set()
        self.stopping = False

    # At the headers

    async def begin(self, sender: Sender, declared_bytes: int | None) -> Upload:
        """Reserve a place in line and room on the disk, or raise what refuses them.

        Whoever does not say how much will come is taken to send as much as may come; without a limit
        room is looked for piece by piece.
        Raises `Stopping`, `TooLarge`, `LineFull`, `ClientLimit`, `DiskLow`, `KeyInFlight`, `DatabaseBusy`.
        A known idempotency key passes the limits: its answer takes no place.
        """
        if self.stopping:
            raise errors.Stopping
        limit_bytes = self._settings.max_upload_bytes
        upload = Upload(
            sender, self._media.part(), limit_bytes if declared_bytes is None else declared_bytes, limit_bytes
        )
        upload.check_declared()
        if declared_bytes is None and not limit_bytes:
            upload.has_room = self._retention.has_room
        self._uploads.append(upload)
        try:
            if sender.owner:
                self._hold_key(upload, sender.owner)
            upload.takes_place = not await self._may_be_replay(sender)
            if upload.takes_place:
                await self._check_room(upload)
        except BaseException:
            self.release(upload)
            raise
        return upload

    def release(self, upload: Upload) -> None:
        """The upload is over, however it ended: give back what it had reserved. Safe to call twice."""
        if upload.key_slot:
            self._keys_in_flight.discard(upload.key_slot)
            upload.key_slot = None  # by the next call somebody else may hold it
        if upload in self._uploads:
            self._uploads.remove(upload)
            upload.over.set()
            asyncio.get_running_loop().run_in_executor(None, upload.discard)

    async def _check_room(self, upload: Upload) -> None:
        """Refuse when the line or the disk is full, counting the uploads that came before this one."""
        before = self._uploads[: self._uploads.index(upload)]
        to_be_placed = [other for other in before if other.takes_place]
        # Those may be committed at any moment: by their ids each is counted once, here.
        everybody, own = await self._store.count_waiting(
            upload.sender.client, but_not=[other.task_id for other in to_be_placed]
        )
        everybody += len(to_be_placed)
        own += sum(other.sender.client == upload.sender.client for other in to_be_placed)
        if 0 < self._settings.max_waiting <= everybody:
            refusal: errors.Refusal = errors.LineFull(f"The line is full: {everybody} pictures are waiting.")
            refusal.retry_after_seconds = await self._line.seconds_until_room()
            raise refusal
        if 0 < self._settings.max_waiting_per_client <= own:
            refusal = errors.ClientLimit(f"You have {own} pictures in line, the most that one person may have.")
            refusal.retry_after_seconds = await self._line.seconds_until_room(upload.sender.client)
            raise refusal
        promised_bytes = sum(other.expected_bytes for other in before)
        if not await asyncio.to_thread(self._retention.has_room, promised_bytes + upload.declared_bytes):
            raise errors.DiskLow

    # The idempotency key

    def _hold_key(self, upload: Upload, scope: str) -> None:
        """Let no other upload use the key in this scope meanwhile; raises `KeyInFlight`."""
        if upload.sender.idempotency_key is None:
            return
        slot = (scope, upload.sender.idempotency_key)
        if slot in self._keys_in_flight:
            raise errors.KeyInFlight
        self._keys_in_flight.add(slot)
        upload.key_slot = slot

    async def _may_be_replay(self, sender: Sender) -> bool:
        key = sender.idempotency_key
        return key is not None and await self._store.knows_key(sender.owner, key)

    async def _known(self, upload: Upload, sha256: str) -> Task | None:
        """The task that an earlier upload with this key made of the same picture; raises `KeyReused`."""
        sender = upload.sender
        if sender.idempotency_key is None:
            return None
        if sender.owner is None:
            self._hold_key(upload, sha256)
        known = await self._store.by_key(sender.owner, sender.idempotency_key, sha256)
        if known and known.upload_sha256 != sha256:
            raise errors.KeyReused
        return known

    # With the whole file

    async def accept(self, upload: Upload, charge: Callable[[], None] = lambda: None) -> tuple[Task, bool]:
        """The task of a completely received upload, durable, and whether it is new (False: a replay).

        `charge` is called, and may refuse, where what `begin` took for a replay turns out to be none.
        Raises what `PictureProcess.prepare` raises, `EmptyFile`, `KeyReused`, `KeyInFlight`, `LineFull`,
        `ClientLimit`, `DiskLow`, `DatabaseBusy`; after any of them nothing of the upload is left.
        """
        sha256 = await asyncio.to_thread(upload.complete)
        known = await self._known(upload, sha256)
        if known:
            return known, False
        await self._let_earlier_go_first(upload)
        if not upload.takes_place:  # its key was another picture's, or its task has gone meanwhile
            charge()
            await self._take_place(upload)
        return await self._make_task(upload, sha256), True

    async def _let_earlier_go_first(self, upload: Upload) -> None:
        """A page sends several at once, and people want to see them in line as they chose them."""
        owner = upload.sender.owner
        before = self._uploads[: self._uploads.index(upload)] if owner else []
        earlier = [other for other in before if other.sender.owner == owner]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ORDER_SECONDS):
                for other in earlier:
                    await other.over.wait()

    async def _take_place(self, upload: Upload) -> None:
        """Reserve a place after all, behind the uploads that have one."""
        self._uploads.remove(upload)
        self._uploads.append(upload)
        upload.takes_place = True
        await self._check_room(upload)

    async def retry(self, task: Task, client: str) -> Task:
        """A new task from the picture of a finished one.

        Right after the cancel of a task that had not started, it stands at the old place: an undo.
        Raises `TaskNotFinished`, `Expired`, `PictureMissing`, and what `begin` raises.
        """
        if not task.finished:
            raise errors.TaskNotFinished
        if task.files_removed:
            raise errors.Expired(
                "The picture was kept for its time and has been removed. Send it again for a new video."
            )
        upload = await self.begin(Sender(task.owner, client, task.client_id), 0)
        try:
            upload.name, upload.received_bytes = task.image_name, task.image_bytes
            return await self._make_task_again(upload, task)
        finally:
            self.release(upload)

    async def _make_task_again(self, upload: Upload, task: Task) -> Task:
        try:
            await asyncio.to_thread(self._media.keep_same_picture, upload.task_id, task.task_id)
        except OSError as error:
            await self._remove(upload.task_id)
            raise (errors.PictureMissing if isinstance(error, FileNotFoundError) else errors.DiskLow) from error
        size = (task.image_width, task.image_height)
        return await self._enqueue(upload, size, retry_of=task.task_id)

    async def _make_task(self, upload: Upload, sha256: str) -> Task:
        picture, thumbnail = self._media.part(), self._media.part()
        try:
            prepared = await self._pictures.prepare(upload.part, picture, thumbnail, upload.sender.client)
            await asyncio.to_thread(self._media.keep_picture, upload.task_id, picture, thumbnail)
        except BaseException as error:
            await self._remove(upload.task_id, picture, thumbnail)
            if isinstance(error, OSError):
                raise errors.DiskLow from error
            raise
        return await self._enqueue(upload, (prepared.width, prepared.height), sha256=sha256)

    async def _enqueue(
        self,
        upload: Upload,
        size: tuple[int, int],
        *,
        sha256: str | None = None,
        retry_of: str | None = None,
    ) -> Task:
        """Commit the task whose picture is durable by now, and tell; without the commit the picture goes."""
        sender = upload.sender
        new = NewTask(
            task_id=upload.task_id,
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
        # Shielded: whoever cancels this request now must not cost a committed task its picture.
        return await asyncio.shield(self._commit(new))

    async def _commit(self, new: NewTask) -> Task:
        try:
            return await self._moves.enter(new)
        except Exception:
            await self._remove(new.task_id)
            raise

    async def _remove(self, task_id: str, *parts: Path) -> None:
        """Leave nothing of a task that did not come to be."""

        def remove() -> None:
            self._media.remove_parts(*parts)
            self._media.remove_task(task_id)

        await asyncio.shield(asyncio.to_thread(remove))


def clean_name(name: str) -> str:
    """A file name fit to be shown: the last part of a path, without control or direction characters, short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    return shown[:LONGEST_NAME] or "picture"
