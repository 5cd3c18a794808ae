"""POST /api/video/upload/: a picture on its way in, streamed to disk."""

import asyncio
import hashlib

from leyline.errors import BadRequest, Refusal
from leyline.intake.upload import Sender, Upload
from web.base import Handler
from web.forms import UploadForm
from web.parts import Parts
from web.representation import PATH

MAX_CLIENT_ID_LENGTH = 64
MAX_KEY_LENGTH = 255
UPLOADS_IN_A_BURST = 200  # of one client, however few a minute


class UploadHandler(Handler):
    """Answers 202 with the task when it is durable, 200 for the replay of an idempotency key."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.intake, self.rate, self.representation = parts.intake, parts.uploads_rate, parts.representation
        self._upload: Upload | None = None
        self._form: UploadForm
        self._accepting = False

    async def begin(self) -> None:
        self._form = UploadForm(self.request.headers.get("Content-Type", ""))
        sender = Sender(self.caller.owner, self.caller.client, None, self._key_digest())
        self._upload = await self.intake.begin(sender, self.declared_bytes())
        if self._upload.takes_place:  # the replay of a key passes, so that trying again costs nothing
            self._charge()

    async def receive(self, chunk: bytes) -> None:
        found = self._form.feed(chunk)
        if found and self._upload:
            await asyncio.to_thread(self._upload.write, found)

    async def post(self) -> None:
        assert self._upload is not None
        self._form.close()
        self._upload.name = self._form.file_name
        self._upload.sender = self._upload.sender.named(self._client_id())
        self._accepting = True
        try:
            task, is_new = await self.intake.accept(self._upload, self._charge)
        finally:
            self._accepting = False
            self.intake.release(self._upload)
        self.set_header("Location", f"{PATH}/{task.task_id}/status")
        self.write_json(await self.representation.full(task), 202 if is_new else 200)

    async def refuse(self, refusal: Refusal) -> None:
        self._let_go()  # its place is free from now on, though the answer may still be on its way
        await super().refuse(refusal)

    def on_finish(self) -> None:
        self._let_go()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._let_go()

    def _charge(self) -> None:
        self.rate.take(self.caller.client)

    def _let_go(self) -> None:
        if self._upload and not self._accepting:
            self.intake.release(self._upload)

    def _client_id(self) -> str | None:
        client_id = self._form.fields.get("client_id")
        if client_id and len(client_id) > MAX_CLIENT_ID_LENGTH:
            raise BadRequest(f"client_id may have at most {MAX_CLIENT_ID_LENGTH} characters.")
        return client_id

    def _key_digest(self) -> str | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise BadRequest(f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters.")
        return hashlib.sha256(key.encode()).hexdigest()
