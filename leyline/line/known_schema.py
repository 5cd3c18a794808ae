"""What the model lets people choose: as it said last, also before it has been loaded again.

What fits is left to the schema itself. Danger: it is kept for one model with its options, for another one lets
people choose other things; and what is kept was written by an earlier release, so it is read like anything else.
"""

import asyncio
import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from leyline.errors import ModelLoading
from leyline.line.database import Database
from leyline.line.tasks import Task
from leyline.parameters import values
from leyline.parameters.schema import NotASchema, Schema
from leyline.parameters.values import Values
from leyline.processes.protocol import ProtocolError

log = logging.getLogger("leyline.model")

MOST_KEPT = 50  # models and options; the one that was written longest ago makes room


class KnownSchema:
    """The schema of the model that is run; None until it is known. On the event loop only."""

    def __init__(self, database: Database, model: str, options: Mapping[str, Any]) -> None:
        self._database = database
        self._key = hashlib.sha256(json.dumps([model, options], sort_keys=True).encode()).hexdigest()
        self._keeping: asyncio.Task[None] | None = None
        self.schema: Schema | None = None

    RECALL = "SELECT schema FROM schemas WHERE model_key = ?"

    async def recall(self) -> None:
        """Know what was known at the last start."""
        row = await self._database.read(lambda connection: connection.execute(self.RECALL, (self._key,)).fetchone())
        if row is not None:
            try:
                self.schema = Schema(row["schema"])
            except NotASchema as error:
                log.error("event=schema_forgotten reason=%r", str(error))

    def learn(self, text: str) -> None:
        """The model has said it; a `ProtocolError` where that is no schema."""
        try:
            schema = Schema(text)
        except NotASchema as error:
            raise ProtocolError(f"a schema of a model that is none: {error}") from None
        is_news = self.schema is None or self.schema.text != schema.text
        self.schema = schema
        if is_news:
            self._keeping = asyncio.create_task(self._keep(text))

    KEEP = "INSERT OR REPLACE INTO schemas (model_key, schema, known_at) VALUES (:key, :schema, :now)"
    FORGET = f"""
        DELETE FROM schemas
        WHERE model_key NOT IN (SELECT model_key FROM schemas ORDER BY known_at DESC LIMIT {MOST_KEPT})
    """

    async def _keep(self, text: str) -> None:
        written = {"key": self._key, "schema": text, "now": time.time()}

        def keep(connection: sqlite3.Connection) -> None:
            connection.execute(self.KEEP, written)
            connection.execute(self.FORGET)

        try:
            await self._database.write(keep)
        except Exception as error:  # the next start knows it once its model has been loaded
            log.error("event=schema_not_kept error=%r", str(error))

    async def kept(self) -> None:
        """Wait until what was learned is kept, or cannot be."""
        if self._keeping:
            await self._keeping

    # What people send

    def complete(self, sent: Values) -> str | None:
        """What a task gets, as JSON with all defaults; None while nobody knows these.

        Raises `BadParameters`; `ModelLoading` where something was sent and nobody knows what may be chosen.
        """
        schema = self._needed() if sent else self.schema
        if schema is None:
            return None
        schema.check(sent)
        return values.dump(schema.complete(sent))

    def again(self, parameters: str | None) -> str | None:
        """The same for a task whose parameters were these: those that fit no more take the default."""
        if self.schema is None:
            return parameters
        chosen = json.loads(parameters) if parameters else {}
        return values.dump(self.schema.complete(self.schema.fitting(chosen)))

    def settled(self, task: Task) -> str | None:
        """What the task's run is given, as JSON: for what it has not, the default. From any thread.

        Where nothing was chosen for it, nothing of it is held against a model that has changed.
        """
        if self.schema is None:
            return task.parameters
        has: Values = json.loads(task.parameters or "{}")
        return values.dump(self.schema.filled(has if task.is_chosen else self.schema.fitting(has)))

    def changed(self, parameters: str | None) -> str:
        """A sentence where a task's parameters do not fit the model any more; else ""."""
        names = list(self.schema.flaws(json.loads(parameters or "{}"))) if self.schema else []
        if self.schema is None or not names:
            return ""
        return f"The model has changed since the picture was sent: {self.schema.titles(names)} no longer fits it."

    def _needed(self) -> Schema:
        if self.schema is None:
            raise ModelLoading
        return self.schema
