"""WS /api/video/events: one socket per page, everything live on it as JSON text frames.

What happened is told by `events`, what it looks like by `representation`. Danger: a reader may be slow
or gone; each socket keeps one mark per task, writes one frame at a time, and is closed after 30 s
without draining. A change of state is never dropped: it is read from the store when there is room.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from leyline import errors
from leyline.errors import BadRequest, LeylineError
from leyline.events import Changes, Events
from leyline.settings import Settings
from leyline.store import TaskStore
from leyline.watch import Watch
from web.base import Answering, json_object
from web.representation import Representation, timestamp
from web.sessions import Sessions
from web.videos import view_key

log = logging.getLogger("leyline.socket")

PROTOCOL_VERSION = 1
UPLOADS_AT_ONCE = 3  # a browser has 6 connections; commands and playback must never queue behind uploads
FORMATS = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/avif")
SLOW_READER_SECONDS = 30
MAX_MESSAGE_BYTES = 4096
MAX_IDS_PER_MESSAGE = 100
MAX_IDS_PER_SOCKET = 1000
SNAPSHOT_LIVE, SNAPSHOT_FINISHED = 1000, 50
GOING_AWAY = 1001


class Sockets:
    """The open sockets, so that a stopping server can say goodbye to all of them."""

    def __init__(self) -> None:
        self.open: set[Socket] = set()

    async def close(self) -> None:
        """Say `bye` and close; a reader that does not drain is not waited for."""
        await asyncio.gather(*(socket.leave() for socket in list(self.open)), return_exceptions=True)


class Socket(Answering, WebSocketHandler):
    """The base of both kinds of socket. Told apart by this object, never by anything that the client says."""

    def initialize(self, sessions: Sessions, sockets: Sockets, watch: Watch) -> None:  # type: ignore[override]
        super().initialize(sessions)
        self._sockets = sockets
        self._watching = watch
        self._commands: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "view_key": self._view_key,
            "ping": self._ping,
        }

    @property
    def max_message_size(self) -> int:
        return MAX_MESSAGE_BYTES

    @classmethod
    def methods(cls) -> list[str]:
        return ["GET"]

    async def begin(self) -> None:
        """Refuse in our own words whatever Tornado would refuse in its own."""
        headers = self.request.headers
        connection = [token.strip() for token in headers.get("Connection", "").lower().split(",")]
        if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in connection:
            raise BadRequest("This address is a WebSocket's, and this request does not ask for one.")
        if headers.get("Sec-WebSocket-Version") != "13" or not headers.get("Sec-WebSocket-Key"):
            raise BadRequest("This server speaks version 13 of the WebSocket protocol.")
        if self._check_cross_origin(self.check_origin) is not None:
            raise errors.CrossOrigin

    def open(self, *_: str) -> None:
        self.set_nodelay(True)
        self._sockets.open.add(self)
        self._telling = asyncio.create_task(self._tell())

    def on_close(self) -> None:
        self._sockets.open.discard(self)
        self._telling.cancel()

    async def leave(self) -> None:
        """Say goodbye before a planned end."""
        self._telling.cancel()
        await self._say("bye", {})
        self.close(GOING_AWAY)

    # To the client

    async def _tell(self) -> None:
        try:
            await self._tell_all()
        except (WebSocketClosedError, TimeoutError):
            self._drop()
        except Exception:
            log.exception("event=bug in=socket")
            self.close(1011)

    async def _tell_all(self) -> None:
        """Say everything that is to be said without being asked."""

    async def _say(self, event: str, data: dict[str, Any]) -> None:
        """Write one frame and wait until it has left; TimeoutError when the reader does not drain."""
        frame = json.dumps({"event": event, "data": data}, ensure_ascii=False, separators=(",", ":"))
        await asyncio.wait_for(self.write_message(frame), SLOW_READER_SECONDS)

    def _drop(self) -> None:
        """End the connection without a closing handshake, which a reader that does not read cannot make."""
        if self.ws_connection:
            self.ws_connection._abort()

    # From the client

    async def on_message(self, message: str | bytes) -> None:
        try:
            name, data = _parse(message)
            if name not in self._commands:
                raise BadRequest(f"There is no command {name[:40]!r}.")
            await self._commands[name](data)
        except LeylineError as error:
            await self._say(
                "error", {"code": error.code, "title": error.title(), "detail": error.detail, **error.extra}
            )

    async def _ping(self, data: dict[str, Any]) -> None:
        await self._say("pong", {"server_time": timestamp(time.time())})

    async def _view_key(self, data: dict[str, Any]) -> None:
        await self._say("view_key", await view_key(self._watching, self.caller.owner, data))


class SocketHandler(Socket):
    """The socket of one page: all of its caller's tasks, the line and the model."""

    def initialize(  # type: ignore[override]
        self,
        events: Events,
        store: TaskStore,
        representation: Representation,
        settings: Settings,
        **parts: Any,
    ) -> None:
        super().initialize(**parts)
        self._events = events
        self._store = store
        self._representation = representation
        self._leyline_settings = settings
        self._commands["subscribe"] = self._subscribe

    def open(self, *_: str) -> None:
        self._subscription = self._events.subscribe(self.caller.owner)
        super().open()

    def on_close(self) -> None:
        super().on_close()
        self._subscription.close()

    async def _tell_all(self) -> None:
        await self._greet()
        while True:
            await self._tell_changes(await self._subscription.changes())

    async def _greet(self) -> None:
        await self._say(
            "hello",
            {
                "protocol": PROTOCOL_VERSION,
                "server_time": timestamp(time.time()),
                "model": self._representation.model(),
                "queue": await self._representation.line(),
                "limits": {
                    "max_upload_bytes": self._leyline_settings.max_upload_bytes,
                    "max_pixels": self._leyline_settings.max_pixels,
                    "formats": FORMATS,
                    "uploads_at_once": UPLOADS_AT_ONCE,
                },
            },
        )
        tasks = []
        if self.caller.owner is not None:
            tasks = await self._store.live(self.caller.owner, SNAPSHOT_LIVE)
            tasks += await self._store.finished(self.caller.owner, SNAPSHOT_FINISHED)
        await self._say("snapshot", {"tasks": [await self._representation.full(task) for task in tasks]})

    async def _tell_changes(self, changes: Changes) -> None:
        if changes.model:
            await self._say("model", self._representation.model())
        for task_id in changes.gone:
            await self._say("task_gone", {"task_id": task_id})
        for task_id in changes.tasks:
            task = await self._store.get(task_id)
            if task:
                await self._say("task_status", await self._representation.full(task))
        for task_id in changes.live - changes.tasks:
            progress = await self._representation.progress(task_id)
            if progress:
                await self._say("task_status", progress)
        if changes.line:
            tasks = await self._representation.standings(self.caller.owner, self._subscription.task_ids)
            await self._say("queue", {**await self._representation.line(), "tasks": tasks})

    async def _subscribe(self, data: dict[str, Any]) -> None:
        task_ids = data.get("task_ids")
        if not isinstance(task_ids, list) or not all(isinstance(task_id, str) for task_id in task_ids):
            raise BadRequest("subscribe needs task_ids, a list of task ids.")
        if len(task_ids) > MAX_IDS_PER_MESSAGE:
            raise BadRequest(f"subscribe takes at most {MAX_IDS_PER_MESSAGE} ids at once.")
        if len(self._subscription.task_ids | set(task_ids)) > MAX_IDS_PER_SOCKET:
            raise BadRequest(f"One socket hears of at most {MAX_IDS_PER_SOCKET} tasks by id.")
        unknown = [task_id for task_id in dict.fromkeys(task_ids) if not await self._watch(task_id)]
        if unknown:
            raise errors.NotFound("These tasks are not known, or not yours.", task_ids=unknown)

    async def _watch(self, task_id: str) -> bool:
        """Hear of the task from now on, beginning with all of it; False when it is not visible."""
        try:
            await self._representation.visible(task_id, self.caller.owner)
        except errors.NotFound:
            return False
        self._subscription.watch(task_id)
        self._subscription.mark().tasks.add(task_id)
        return True


def _parse(message: str | bytes) -> tuple[str, dict[str, Any]]:
    body = json_object(message, "The message")
    if not isinstance(body.get("event"), str):
        raise BadRequest('A message must be {"event": …, "data": …}.')
    data = body.get("data", {})
    if not isinstance(data, dict):
        raise BadRequest("A message's data must be an object.")
    return body["event"], data
