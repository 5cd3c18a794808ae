"""The way of an upload, from its headers to its task: reserve, receive, finish; and undo it all when one fails.

What there is to reserve is left to `reservations`, the file on its way to `incoming`, what a picture is to
`pictures`, how bytes come in to `web`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace

from leyline import errors
from leyline.intake.incoming import Held, IncomingFile, check_declared
from leyline.intake.names import clean_name
from leyline.intake.reservations import Reservation, Reservations, Sender
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.tasks import NewTask, Task
from leyline.media import Media, Part
from leyline.parameters import values
from leyline.parameters.values import Values
from leyline.pictures.pool import PicturePool, Prepared
from leyline.settings import Settings
from leyline.webhooks.receivers import Receivers

log = logging.getLogger("leyline.intake")

OTHER_PARAMETERS = "This Idempotency-Key was used for this picture with other parameters. Use a new key for these."
OTHER_WEBHOOK = (
    "This Idempotency-Key was used for this picture with another webhook_url. Use a new key for this one."
)
ORDER_SECONDS = 2.0  # the longest that an upload waits for what is still to come of those begun before it


class Intake:
    """The way into the line."""

    def __init__(
        self,
        store: TaskStore,
        moves: Moves,
        media: Media,
        pictures: PicturePool,
        line: Line,
        retention: Retention,
        known: KnownSchema,
        receivers: Receivers,
        settings: Settings,
    ) -> None:
        self._store = store
        self._media = media
        self._pictures = pictures
        self._moves = moves
        self._retention = retention
        self._known = known
        self._receivers = receivers
        self._limit_bytes = settings.max_upload_bytes
        self._held = Held()
        self._reservations = Reservations(moves.index, line, retention, settings)
        self.stopping = False

    async def reserve(self, sender: Sender, declared_bytes: int | None) -> Reservation:
        """At the headers: reserve a place in line and room on the disk, or raise what refuses them.

        Whoever does not say how much will come is taken to send as much as may come; without a limit
        room is looked for piece by piece.
        Raises `Stopping`, `TooLarge`, `LineFull`, `ClientLimit`, `DiskLow`, `KeyInFlight`, `DatabaseBusy`.
        A known idempotency key takes no place, so the line's limits are not its; but its file needs room like any.
        """
        if self.stopping:
            raise errors.Stopping
        check_declared(declared_bytes or 0, self._limit_bytes)
        has_room = self._retention.has_room if declared_bytes is None and not self._limit_bytes else None
        file = IncomingFile(self._media.part(), self._limit_bytes, self._held, has_room)
        reservation = Reservation(sender, file, self._limit_bytes if declared_bytes is None else declared_bytes)
        self._reservations.add(reservation)
        try:
            if sender.owner:
                self._reservations.hold_key(reservation, sender.owner)
            reservation.takes_place = not await self._may_be_replay(sender)
            if reservation.takes_place:
                await self._reservations.check_place(reservation)
            await self._reservations.check_room(reservation)
        except BaseException:
            self.leave(reservation)
            raise
        return reservation

    async def receive(self, reservation: Reservation, piece: bytes) -> None:
        """Take a piece of the file, and put it on the disk with those before it when they are enough for a trip.

        Raises `TooLarge`, or `DiskLow` when there is no room.
        """
        if reservation.file.hold(piece):
            await asyncio.to_thread(reservation.file.write)

    async def finish(
        self,
        reservation: Reservation,
        name: str,
        client_id: str | None = None,
        charge: Callable[[], None] = lambda: None,
        chosen: Values | None = None,
        webhook_url: str | None = None,
        batch_id: str | None = None,
    ) -> tuple[Task, bool]:
        """With the whole file: its task, durable, and whether it is new (False: a replay).

        `chosen` is what was chosen for it, as sent; what was not takes the default. `webhook_url` is told of it.

        `charge` is called, and may refuse, where what `reserve` took for a replay turns out to be none.
        Raises what `PicturePool.prepare` raises, `EmptyFile`, `KeyReused`, `KeyInFlight`, `LineFull`,
        `ClientLimit`, `DiskLow`, `DatabaseBusy`,
        `BadParameters`, `ModelLoading`, `BadWebhook`, `WebhooksFull`. Nothing is reserved any more after this, and
        after any of those nothing of the upload is left.
        """
        reservation.finishing = True
        try:
            sha256 = await asyncio.to_thread(reservation.file.complete)
            sent_sha256 = values.digest(chosen or {})
            earlier = await self._earlier(reservation, sha256, sent_sha256, webhook_url)
            if earlier:
                return earlier, False
            if webhook_url is not None:
                await self._receivers.check_room(webhook_url)
            parameters = self._known.complete(chosen or {})
            if not reservation.takes_place:  # its key was another picture's, or its task has gone meanwhile
                charge()
                await self._reservations.take_place(reservation)
            before = self._of_same_session_before(reservation)
            size = await self._keep_picture(reservation)
            await self._let_go_first(before, reservation)
            new = _new_task(reservation, name, client_id, sha256, size)
            new = replace(new, webhook_url=webhook_url, batch_id=batch_id)
            return await self._enter(replace(new, parameters=parameters, sent_sha256=sent_sha256)), True
        finally:
            reservation.finishing = False
            self.leave(reservation)

    def leave(self, reservation: Reservation) -> None:
        """The upload is over, however it ended: give back what it had reserved, and remove its file.

        Safe to call at any time, and twice; an upload that is being finished leaves once that has ended.
        """
        if not reservation.finishing and self._reservations.end(reservation):
            asyncio.get_running_loop().run_in_executor(None, reservation.file.discard)

    async def retry(
        self, task: Task, client: str, network: str | None = None, chosen: Values | None = None
    ) -> Task:
        """A new task from the picture of a finished one, with what is `chosen` now, else with the old parameters.

        Right after the cancel of a task that had not started, it stands at the old place: an undo, unless anything
        is chosen anew. Raises `TaskNotFinished`, `Expired`, `PictureMissing`, `BadParameters`, `ModelLoading`, and
        what `reserve` raises.
        """
        if not task.finished:
            raise errors.TaskNotFinished
        if task.files_removed:
            raise errors.Expired(
                "The picture was kept for its time and has been removed. Send it again for a new video."
            )
        is_undo = chosen is None
        parameters = self._known.again(task.parameters) if chosen is None else self._known.complete(chosen)
        sent_sha256 = task.sent_sha256 if chosen is None else values.digest(chosen)
        reservation = await self.reserve(Sender(task.owner, client, network=network), 0)
        try:
            await self._keep_same_picture(reservation, task)
            new = replace(_task_again(reservation, task), parameters=parameters, sent_sha256=sent_sha256)
            return await self._enter(new, is_undo=is_undo)
        finally:
            self.leave(reservation)

    # The idempotency key

    async def _may_be_replay(self, sender: Sender) -> bool:
        key = sender.idempotency_key
        return key is not None and await self._store.knows_key(sender.owner, key)

    async def _earlier(
        self, reservation: Reservation, sha256: str, sent_sha256: str | None, webhook_url: str | None
    ) -> Task | None:
        """The task that an earlier upload with this key made of the same; raises `KeyReused`."""
        sender = reservation.sender
        if sender.idempotency_key is None:
            return None
        if sender.owner is None:
            self._reservations.hold_key(reservation, sha256)
        earlier = await self._store.by_key(sender.owner, sender.idempotency_key, sha256)
        if earlier and earlier.upload_sha256 != sha256:
            raise errors.KeyReused
        if earlier and earlier.sent_sha256 != sent_sha256:
            raise errors.KeyReused(OTHER_PARAMETERS)
        if earlier and earlier.webhook_url != webhook_url:
            raise errors.KeyReused(OTHER_WEBHOOK)
        return earlier

    # The steps that finish

    def _of_same_session_before(self, reservation: Reservation) -> list[Reservation]:
        owner = reservation.sender.owner
        before = self._reservations.before(reservation) if owner else []
        return [other for other in before if other.sender.owner == owner]

    async def _let_go_first(self, before: list[Reservation], reservation: Reservation) -> None:
        """A page sends several at once, and people want to see them in line as they chose them.

        All are made ready side by side. What has come whole is waited for until it has entered the line or was
        refused, what is still on its way for `ORDER_SECONDS`. Removes the picture of who leaves meanwhile.
        """
        until = asyncio.get_running_loop().time() + ORDER_SECONDS
        try:
            for other in before:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(until):
                        await other.over.wait()
                if other.finishing:
                    await other.over.wait()
        except BaseException:
            await self._remove(reservation.task_id)
            raise

    async def _keep_picture(self, reservation: Reservation) -> Prepared:
        """Make the picture ready and durable."""
        parts = picture, thumbnail, poster = [self._media.part() for _ in range(3)]
        sent, sender = reservation.file.part, reservation.sender
        outputs = picture.path, thumbnail.path
        try:
            prepared = await self._pictures.prepare(sent.path, *outputs, sender.client, sender.network, poster.path)
            await asyncio.to_thread(self._media.keep_picture, reservation.task_id, *parts)
        except BaseException as error:
            await self._remove(reservation.task_id, *parts)
            if isinstance(error, OSError):
                raise errors.DiskLow from error
            raise
        return prepared

    async def _keep_same_picture(self, reservation: Reservation, task: Task) -> None:
        """Make a copy of the task's picture durable; raises `PictureMissing` or `DiskLow`."""
        try:
            await asyncio.to_thread(self._media.keep_same_picture, reservation.task_id, task.task_id)
        except OSError as error:
            await self._remove(reservation.task_id)
            raise (errors.PictureMissing if isinstance(error, FileNotFoundError) else errors.DiskLow) from error

    async def _enter(self, new: NewTask, *, is_undo: bool = False) -> Task:
        """Commit the task whose picture is durable by now, and tell; without the commit the picture goes."""
        # Shielded: whoever cancels this request now must not cost a committed task its picture.
        return await asyncio.shield(self._commit(new, is_undo))

    async def _commit(self, new: NewTask, is_undo: bool) -> Task:
        try:
            return await self._moves.enter(new, is_undo)
        except Exception:
            await self._remove(new.task_id)
            raise

    async def _remove(self, task_id: str, *parts: Part) -> None:
        """Leave nothing of a task that did not come to be."""

        def remove() -> None:
            for part in parts:
                part.remove()
            self._media.remove_task(task_id)

        await asyncio.shield(asyncio.to_thread(remove))


def _new_task(reservation: Reservation, name: str, client_id: str | None, sha256: str, size: Prepared) -> NewTask:
    return NewTask(
        task_id=reservation.task_id,
        owner=reservation.sender.owner,
        client=reservation.sender.client,
        network=reservation.sender.network,
        client_id=client_id,
        retry_of=None,
        upload_sha256=sha256,
        idempotency_key=reservation.sender.idempotency_key,
        image_name=clean_name(name),
        image_width=size.width,
        image_height=size.height,
        image_bytes=reservation.file.received_bytes,
    )


def _task_again(reservation: Reservation, task: Task) -> NewTask:
    return NewTask(
        task_id=reservation.task_id,
        owner=task.owner,
        client=reservation.sender.client,
        network=reservation.sender.network,
        client_id=task.client_id,
        retry_of=task.task_id,
        upload_sha256=None,
        idempotency_key=None,
        image_name=task.image_name,
        image_width=task.image_width,
        image_height=task.image_height,
        image_bytes=task.image_bytes,
        webhook_url=task.webhook_url,
        batch_id=task.batch_id,
    )
