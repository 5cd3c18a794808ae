"""All that a page is told first: of the server, the line and its caller's tasks. By its socket, or in an answer.

What is told afterwards is left to `live` and `tasks`.
"""

import hashlib
import json
import time
from typing import Any

from leyline.formats import MEDIA_TYPES
from leyline.line.tasks import Task
from leyline.times import timestamp
from web.parts import Parts
from web.representation import Representation
from web.sessions import Caller

PROTOCOL_VERSION = 1
UPLOADS_AT_ONCE = 3  # a browser has 6 connections; commands and playback must never queue behind uploads
SNAPSHOT_LIVE, SNAPSHOT_FINISHED, SNAPSHOT_TRASHED = 1000, 50, 50


class Greeting:
    """What is told to whoever sees this server as `representation` has it."""

    def __init__(self, parts: Parts, representation: Representation) -> None:
        self._store = parts.store
        self._settings = parts.settings
        self._representation = representation

    def hello(self, caller: Caller) -> dict[str, Any]:
        """The server, the line as it is for this caller, and whether they have a session."""
        position = self._representation.position_for(caller.client, caller.network)
        return {
            "protocol": PROTOCOL_VERSION,
            "server_time": timestamp(time.time()),
            "session": caller.owner is not None,
            "model": self._representation.named_model(),
            "queue": self._representation.line(position),
            "limits": {
                "max_upload_bytes": self._settings.max_upload_bytes,
                "max_pixels": self._settings.max_pixels,
                "formats": MEDIA_TYPES,
                "uploads_at_once": UPLOADS_AT_ONCE,
                "keep_days": self._settings.keep_days,
                "keep_gb": self._settings.keep_gb,
            },
        }

    async def snapshot(self, owner: str | None, finished: int = SNAPSHOT_FINISHED) -> dict[str, Any]:
        """All live tasks of the owner, the newest `finished` ones and the newest in the trash, newest first; and
        where the list goes on with what is missing here."""
        if owner is None:
            return {"tasks": [], "next": None}
        shown: list[Task] = []
        ends: list[Task] = []
        for newest, most in (
            (self._store.live, SNAPSHOT_LIVE),
            (self._store.finished, finished),
            (self._store.trashed, SNAPSHOT_TRASHED),
        ):
            found = await newest(owner, most + 1)
            shown += found[:most]
            ends += found[most - 1 : most] if len(found) > most else []
        last = max(ends, key=lambda task: task.number, default=None)
        told = [self._representation.full(task) for task in sorted(shown, key=_newest_first)]
        return {"tasks": told, "next": last.task_id if last else None}


def version(tasks: list[dict[str, Any]]) -> str:
    """A name for these tasks as they are: another one as soon as any of them changes, moves up, comes or goes."""
    seen = [(task["task_id"], task["version"], task["queue"] and task["queue"]["position"]) for task in tasks]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def _newest_first(task: Task) -> int:
    return -task.number
