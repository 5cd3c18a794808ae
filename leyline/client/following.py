"""Follows tasks of a running server, live over one socket, until each of them has ended.

How to reach the server is left to `remote`; strangers start at `client`. Danger: a socket may die
at any moment, so everything is asked for again on a new one; and where sockets never work (a proxy
that does not know them), the same tasks are followed by plain requests.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from itertools import islice
from typing import Any

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from leyline.client.remote import ANSWER_SECONDS, ClientError, Refused, RemoteServer, Task, are_a_tasks, is_task

IDS_A_MESSAGE = 100  # what the server takes; see the API's WebSocket section
IDS_A_SOCKET = 1_000
USELESS_SOCKETS = 3  # in a row without one message: then plain requests
WAIT_SECONDS = 25  # of a plain request for the next change
LONGEST_PAUSE_SECONDS = 5
GIVE_UP_SECONDS = 600  # of silence; a server that restarts is back well before
ENDED = frozenset({"succeeded", "failed", "canceled", "gone"})


class Following:
    """A growing set of tasks. `add` and `no_more` may be called at any time on the event loop."""

    def __init__(self, server: RemoteServer) -> None:
        self._server = server
        self._pending: dict[str, Task] = {}  # what is known of each that has not ended, in line order
        self._growing = True
        self._asked_for_more = asyncio.Event()  # `add` or `no_more` was called
        self.line: dict[str, Any] = {}  # the newest that was heard of the line, and of the model
        self.model: dict[str, Any] = {}
        self._useless_sockets = 0
        self._heard()

    def add(self, task_id: str) -> None:
        self._pending.setdefault(task_id, {"task_id": task_id})
        self._asked_for_more.set()

    def no_more(self) -> None:
        """Nothing will be added; `tasks` ends when all have ended."""
        self._growing = False
        self._asked_for_more.set()

    @property
    def is_lost(self) -> bool:
        """The server does not answer at the moment."""
        return self._silent_tries > 0

    async def tasks(self) -> AsyncGenerator[Task]:
        """Each task, complete, whenever it has changed; raises `ClientError` when there is no hope left.

        The last of a task has one of the statuses in `ENDED`; `gone` is a task that was removed.
        """
        while not self._over():
            if not self._pending:
                await self._wait_for_more()
                continue
            sockets_work = self._useless_sockets < USELESS_SOCKETS
            try:
                async with aclosing(self._listen() if sockets_work else self._ask()) as changed:
                    async for task in changed:
                        yield task
            except ClientError as reason:
                if not reason.may_pass or time.monotonic() > self._heard_at + GIVE_UP_SECONDS:
                    raise
                self._silent_tries += 1
            await self._pause()

    def _over(self) -> bool:
        return not self._pending and not self._growing

    async def _wait_for_more(self) -> None:
        self._asked_for_more.clear()
        await self._asked_for_more.wait()

    async def _pause(self) -> None:
        if not self._over():
            await asyncio.sleep(min(2**self._silent_tries / 2, LONGEST_PAUSE_SECONDS))

    def _heard(self) -> None:
        self._heard_at = time.monotonic()
        self._silent_tries = 0

    # Over a socket

    async def _listen(self) -> AsyncGenerator[Task]:
        """What one socket says until it is closed, or nothing that it was asked for is left."""
        socket = await self._open_socket()
        if socket is None:
            return
        try:
            async for message in self._messages(socket):
                self._useless_sockets = 0
                self._heard()
                for task in self._understood(message):
                    yield task
        except WebSocketClosedError:
            return
        finally:
            socket.close()

    async def _open_socket(self) -> WebSocketClientConnection | None:
        try:
            socket = await self._server.socket("/api/video/events")
        except Refused as refused:
            if refused.may_pass or refused.status == 401:
                raise
            socket = None
        self._useless_sockets += 1  # until it has said something
        return socket

    async def _messages(self, socket: WebSocketClientConnection) -> AsyncGenerator[str | bytes]:
        subscribed: set[str] = set()
        reading: asyncio.Future[str | bytes | None] | None = None
        while not self._over():
            self._asked_for_more.clear()
            if not await self._subscribe(socket, subscribed):
                return
            reading = reading or asyncio.ensure_future(socket.read_message())
            await self._wait_for_news_or_more(reading)
            if reading.done():
                message, reading = reading.result(), None
                if message is None:
                    return
                yield message

    async def _subscribe(self, socket: WebSocketClientConnection, subscribed: set[str]) -> bool:
        """Ask for what is new; False when the socket is full and has nothing left to tell."""
        room = IDS_A_SOCKET - len(subscribed)
        new = list(islice((task_id for task_id in self._pending if task_id not in subscribed), room))
        for start in range(0, len(new), IDS_A_MESSAGE):
            message = {"event": "subscribe", "data": {"task_ids": new[start : start + IDS_A_MESSAGE]}}
            await socket.write_message(json.dumps(message))
        subscribed.update(new)
        return len(subscribed) < IDS_A_SOCKET or not subscribed.isdisjoint(self._pending)

    async def _wait_for_news_or_more(self, reading: "asyncio.Future[Any]") -> None:
        more = asyncio.ensure_future(self._asked_for_more.wait())
        try:
            await asyncio.wait({reading, more}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            more.cancel()

    def _understood(self, message: str | bytes) -> list[Task]:
        """The tasks that a message changes; `Refused` when it is none of Leyline's."""
        try:
            return self._changes(json.loads(message))
        except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
            raise Refused(101, "not_leyline", self._server.not_leyline(101)) from None

    def _changes(self, message: dict[str, Any]) -> list[Task]:
        """The tasks that a message changes, each complete."""
        event, data = message.get("event"), dict(message.get("data", {}))
        if event == "task_status":
            return self._change(data["task_id"], data)
        if event == "task_gone":
            return self._change(data["task_id"], {"status": "gone"})
        if event == "error":
            return self._all_change({"task_id": task_id, "status": "gone"} for task_id in data.get("task_ids", ()))
        if event == "model":
            self.model = data
        if event == "hello":
            self.model, self.line = dict(data.get("model", {})), dict(data.get("queue", {}))
        if event == "queue":
            self.line = data
            self._have_wait(data.get("waiting"))
            return self._all_change(data.get("tasks", ()))
        return []

    def _all_change(self, changes: Iterable[Task]) -> list[Task]:
        return [task for fields in changes for task in self._change(fields["task_id"], fields)]

    def _have_wait(self, waiting: object) -> None:
        """So many wait: the same for all, so that only tasks that move are named."""
        if type(waiting) is int:
            for task in self._pending.values():
                if task.get("queue"):
                    task["queue"] = {**task["queue"], "size": waiting}

    # By plain requests

    async def _ask(self) -> AsyncGenerator[Task]:
        """The first in line at its next change; those behind it hardly change before."""
        task_id = next(iter(self._pending))
        try:
            task = await self._server.call(
                "GET",
                f"/api/video/{task_id}/status",
                fits=is_task,
                headers={"Prefer": f"wait={WAIT_SECONDS}"},
                timeout_seconds=ANSWER_SECONDS + WAIT_SECONDS,
            )
        except Refused as refused:
            if refused.status != 404:
                raise
            task = {"status": "gone"}
        self._heard()
        for changed in self._change(task_id, task):
            yield changed

    def _change(self, task_id: str, fields: Task) -> list[Task]:
        if not are_a_tasks(fields):
            raise ValueError("a field is of the wrong kind")
        task = self._pending.get(task_id)
        if task is None or fields.get("version", task.get("version", 0)) < task.get("version", 0):
            return []
        task.update(fields)
        if task.get("status") in ENDED:
            del self._pending[task_id]
        return [dict(task)]
