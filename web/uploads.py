"""POST /api/video/upload/: a picture on its way in, streamed to disk."""

import hashlib

from leyline.errors import BadRequest
from leyline.intake.reservations import Reservation, Sender
from leyline.parameters import values
from leyline.parameters.values import Values
from web.base import Handler
from web.forms import UploadForm
from web.parts import Parts
from web.representation import MAX_BATCH_ID_LENGTH, PATH

MAX_CLIENT_ID_LENGTH = 64
MAX_KEY_LENGTH = 255
UPLOADS_IN_A_BURST = 200  # of one client, however few a minute
OUTCOMES = {202: "accepted", 200: "replayed"}


class UploadHandler(Handler):
    """Answers 202 with the task when it is durable, 200 for the replay of an idempotency key."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.intake, self.rate, self.known = parts.intake, parts.uploads_rate, parts.known
        self.numbers = parts.numbers
        self.receivers = parts.receivers
        self.representation = parts.representation.below(self.prefix)
        self._form: UploadForm
        self._reservation: Reservation | None = None
        self._chosen: Values | None = None
        self._webhook_url: str | None = None

    async def begin(self) -> None:
        self._form = UploadForm(self.request.headers.get("Content-Type", ""))
        caller = self.caller
        sender = Sender(caller.owner, caller.client, self._key_digest(), caller.network)
        self._reservation = await self.intake.reserve(sender, self.declared_bytes())
        if self._reservation.takes_place:  # the replay of a key passes, so that trying again costs nothing
            self._charge()

    async def receive(self, chunk: bytes) -> None:
        found = self._form.feed(chunk)
        if self._form.parameters is not None and self._chosen is None:
            self._chosen = values.read(self._form.parameters.strip() or b"{}")
            if self._reservation and self._reservation.takes_place:  # else it is a replay, and was checked then
                self.known.complete(self._chosen)  # refused now, and not when all of the file is there
        if self._webhook_url is None and self._form.webhook_url is not None:
            self._webhook_url = self._form.webhook_url
            if self._reservation and self._reservation.takes_place:
                self.receivers.check(self._webhook_url)
        if found and self._reservation:
            await self.intake.receive(self._reservation, found)

    async def post(self) -> None:
        assert self._reservation is not None
        self._form.close()
        client_id, batch_id = (
            self._word("client_id", MAX_CLIENT_ID_LENGTH),
            self._word("batch_id", MAX_BATCH_ID_LENGTH),
        )
        task, is_new = await self.intake.finish(
            self._reservation,
            self._form.file_name,
            client_id,
            self._charge,
            self._chosen,
            self._webhook_url,
            batch_id or None,
        )
        self.task_id = task.task_id
        self.set_header("Location", f"{self.prefix}{PATH}/{task.task_id}/status")
        self.write_json(self.representation.full(task), 202 if is_new else 200)

    def let_go(self) -> None:
        if self._reservation:
            self.intake.leave(self._reservation)

    def on_finish(self) -> None:
        super().on_finish()
        if not self.client_left:  # else it was counted then
            self.numbers.uploaded(OUTCOMES.get(self.get_status(), "refused"))

    def on_connection_close(self) -> None:
        was_refused = self._refused
        super().on_connection_close()
        if self.client_left:
            self.numbers.uploaded("refused" if was_refused else "left")

    def _charge(self) -> None:
        self.rate.take(self.caller.client)

    def _word(self, name: str, most: int) -> str | None:
        """A word of the client's own, which comes back."""
        word = self._form.fields.get(name)
        if word and len(word) > most:
            raise BadRequest(f"{name} may have at most {most} characters.")
        return word

    def _key_digest(self) -> str | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise BadRequest(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters.")
        return hashlib.sha256(key.encode()).hexdigest()
