"""The outbox: what receivers are still to be told, in the database, written in each move's own transaction.

Sending is left to `delivery`. A message waits behind earlier ones of its task to the same address, so that they
come in order; `due_at` is NULL while it does. Browsers that asked to be told (`push`) are receivers of a few moves
each, and what they are told stands here too. Danger: whatever is written here outlives its task, until it has been
delivered or a day has passed.
"""

import json
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from leyline.line.database import Database
from leyline.line.tasks import Task
from leyline.line.writer import Move
from leyline.origins import Allowed, Origin, origin_of
from leyline.push.subscriptions import Subscriptions
from leyline.webhooks.messages import ID, KEEP_SECONDS, PUSHES, Message, State, body_of, event_of

log = logging.getLogger("leyline.webhooks")

MOST_WAITING = 10_000  # messages for one receiver; beyond, no more uploads name it
MOST_OVER = 2_000  # more than that may wait of what was promised before: the runs of what is in line
MOST_KEPT = 10_000  # messages that have ended
MOST_TRIES_KEPT = 20  # of one message
NO_SERVICES = Allowed()


class Outbox:
    """The messages of one installation. `moves` writes; `delivery` reads, tries, and writes what came of it."""

    def __init__(
        self,
        database: Database,
        url: str,
        allowed: Iterable[Origin],
        clock: Callable[[], float] = time.time,
        *,
        pushes: Subscriptions | None = None,
        services: Allowed = NO_SERVICES,
    ) -> None:
        """`url`: where the operator hears of every task, "" for nowhere. `allowed`: what an upload may name.

        `pushes`: the browsers that are told, by one of these services; None where none are.
        """
        self._database = database
        self._url = url
        self.origins = frozenset([*allowed, *([origin_of(url)] if url else [])])
        self._clock = clock
        self._pushes = pushes
        self._services = services
        self._pushed: dict[str, list[Origin]] = {}  # by task, from its move's transaction until that is durable
        self.on_written: Callable[[Origin], None] = lambda origin: None

    # In the move's transaction

    WRITE = """
        INSERT INTO webhook_messages
            (message_id, task_id, event, url, origin, body, state, push_id, created_at, due_at, ended_at)
        SELECT :message_id, :task_id, :event, :url, :origin, :body, :state, :push_id, :now,
            CASE WHEN :state = 'waiting' AND NOT EXISTS (
                SELECT 1 FROM webhook_messages WHERE task_id = :task_id AND url = :url AND ended_at IS NULL
            ) THEN :now END,
            CASE WHEN :state != 'waiting' THEN :now END
        WHERE NOT EXISTS (
            SELECT 1 FROM webhook_messages WHERE task_id = :task_id AND url = :url AND state = 'gone'
        )
    """
    FORGET_TASK = "DELETE FROM webhook_messages WHERE task_id = ? AND ended_at IS NOT NULL"

    def write(self, connection: sqlite3.Connection, move: Move, task: Task) -> None:
        """As `moves.Outbox`: a message for each receiver of the task."""
        urls = self._urls(task)
        event = event_of(move, task)
        if event and urls:
            body = body_of(event, task, self._clock())
            for url in urls:
                self._write(connection, task, event, url, body)
        if self._pushes and move in PUSHES:
            told = self._pushes.told(connection, task)
            for browser, body in told:
                self._write(connection, task, PUSHES[move], browser.endpoint, body, browser.push_id)
            self._pushed[task.task_id] = [origin_of(browser.endpoint) for browser, _ in told]
        if move is Move.DELETED:
            connection.execute(self.FORGET_TASK, (task.task_id,))

    def _write(
        self,
        connection: sqlite3.Connection,
        task: Task,
        event: str,
        url: str,
        body: str,
        push_id: str | None = None,
    ) -> None:
        origin, state = origin_of(url), State.WAITING
        if not self._may_hear(origin, push_id):
            state = State.REFUSED
        elif self._waiting(connection, origin) >= MOST_WAITING + MOST_OVER:
            state = State.DROPPED
        values = {
            "message_id": f"{ID}{secrets.token_hex(16)}",
            "task_id": task.task_id,
            "event": event,
            "url": url,
            "origin": str(origin),
            "body": body,
            "push_id": push_id,
            "now": self._clock(),
            "state": state,
        }
        connection.execute(self.WRITE, values)
        if state is not State.WAITING:
            log.error("event=webhook_%s task=%s type=%s origin=%s", state.value, task.task_id, event, origin)

    def written(self, task: Task) -> None:
        """As `moves.Outbox`."""
        # The writer may be ahead: what it wrote of the end is not for who tells of a move before that.
        pushed = self._pushed.pop(task.task_id, []) if task.finished else []
        for origin in dict.fromkeys([*map(origin_of, self._urls(task)), *pushed]):
            self.on_written(origin)

    def _may_hear(self, origin: Origin, push_id: str | None) -> bool:
        if push_id is None:
            return origin in self.origins
        return self._pushes is not None and origin in self._services

    def _urls(self, task: Task) -> list[str]:
        return list(dict.fromkeys(url for url in (task.webhook_url, self._url) if url))

    # What waits

    WAITING = "SELECT count(*) FROM webhook_messages WHERE origin = ? AND ended_at IS NULL"

    def _waiting(self, connection: sqlite3.Connection, origin: Origin) -> int:
        count: int = connection.execute(self.WAITING, (str(origin),)).fetchone()[0]
        return count

    ALL_WAITING = "SELECT count(*) FROM webhook_messages WHERE ended_at IS NULL"

    async def waiting(self) -> int:
        """How many messages have yet to be taken, by whichever receiver."""
        if not self.origins and not self._pushes:
            return 0
        return await self._database.read(lambda connection: int(connection.execute(self.ALL_WAITING).fetchone()[0]))

    async def is_full(self, origin: Origin) -> bool:
        """Whether so many messages wait for it that no more uploads may name it."""
        return await self._database.read(lambda connection: self._waiting(connection, origin)) >= MOST_WAITING

    DUE = "SELECT * FROM webhook_messages WHERE origin = ? AND due_at IS NOT NULL ORDER BY due_at, number LIMIT ?"

    async def next(self, origin: Origin, most: int) -> list[Message]:
        """Those that come next, soonest first, due or not yet: one at most of each task and address."""
        return await self._select(self.DUE, (str(origin), most))

    WAITED_FOR = """
        SELECT DISTINCT origin, push_id IS NOT NULL AS is_push FROM webhook_messages WHERE ended_at IS NULL
    """
    REFUSE = f"""
        UPDATE webhook_messages SET state = '{State.REFUSED}', ended_at = ?, due_at = NULL
        WHERE ended_at IS NULL AND origin = ? AND (push_id IS NOT NULL) = ?
    """

    async def refuse_others(self) -> list[Origin]:
        """End what waits for an origin that is not allowed any more; the others for which something waits."""
        now = self._clock()

        def write(connection: sqlite3.Connection) -> tuple[list[Origin], int]:
            heard, refused = [], 0
            for text, is_push in connection.execute(self.WAITED_FOR).fetchall():
                if self._may_hear(origin_of(text), "" if is_push else None):
                    heard.append(origin_of(text))
                else:
                    refused += connection.execute(self.REFUSE, (now, text, is_push)).rowcount
            return heard, refused

        heard, refused = await self._database.write(write)
        if refused:
            log.warning("event=webhooks_refused count=%d", refused)
        return heard

    # What came of a try

    TRIED = """
        UPDATE webhook_messages SET tries = :tries, state = :state, due_at = :due_at, ended_at = :ended_at
        WHERE message_id = :message_id
    """
    NEXT_OF_TASK = """
        UPDATE webhook_messages SET due_at = :now WHERE number = (
            SELECT number FROM webhook_messages WHERE task_id = :task_id AND url = :url AND ended_at IS NULL
            ORDER BY number LIMIT 1
        )
    """
    END_OF_TASK = f"""
        UPDATE webhook_messages SET state = '{State.GONE}', ended_at = :now, due_at = NULL
        WHERE task_id = :task_id AND url = :url AND ended_at IS NULL
    """
    FORGET_OF_DELETED = """
        DELETE FROM webhook_messages WHERE task_id = :task_id AND ended_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM tasks WHERE task_id = :task_id)
    """

    async def tried(
        self, message: Message, said: dict[str, Any], state: State, due_at: float | None = None
    ) -> None:
        """Keep what a try came to: tried again at `due_at`, or ended, and then the next of its task is due."""
        now = self._clock()
        tries = [*message.tries, said][-MOST_TRIES_KEPT:]
        values = {
            "message_id": message.message_id,
            "task_id": message.task_id,
            "url": message.url,
            "tries": json.dumps(tries),
            "state": state,
            "now": now,
            "due_at": due_at,
            "ended_at": None if state is State.WAITING else now,
        }

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(self.TRIED, values)
            if state is State.WAITING:
                return
            connection.execute(self.END_OF_TASK if state is State.GONE else self.NEXT_OF_TASK, values)
            if self._pushes and message.push_id and state is State.GONE:
                self._pushes.over(connection, message.push_id)
            connection.execute(self.FORGET_OF_DELETED, values)

        await self._database.write(write)

    # What the operator sees

    PAGE = """
        SELECT * FROM webhook_messages WHERE number < :before AND (:task_id IS NULL OR task_id = :task_id)
        ORDER BY number DESC LIMIT :limit
    """

    async def page(self, before: int, task_id: str | None, limit: int) -> list[Message]:
        """At most `limit` messages, newest first: of one task, or of all."""
        values = {"before": before, "task_id": task_id, "limit": limit}
        return await self._select(self.PAGE, values)

    FORGET_OLD = """
        DELETE FROM webhook_messages WHERE number IN (
            SELECT number FROM webhook_messages WHERE ended_at < :old ORDER BY ended_at LIMIT :most
        )
    """
    FORGET_MOST = """
        DELETE FROM webhook_messages WHERE number IN (
            SELECT number FROM webhook_messages WHERE ended_at IS NOT NULL
            ORDER BY ended_at DESC LIMIT :most OFFSET :kept
        )
    """

    async def sweep(self) -> None:
        """Forget what ended long ago, and the oldest where too many have ended."""
        values = {"old": self._clock() - KEEP_SECONDS, "most": 1000, "kept": MOST_KEPT}

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(self.FORGET_OLD, values)
            connection.execute(self.FORGET_MOST, values)
            if self._pushes:
                self._pushes.forget_old(connection)

        await self._database.write(write)

    async def _select(self, statement: str, values: Any) -> list[Message]:
        return await self._database.read(
            lambda connection: [_message(row) for row in connection.execute(statement, values).fetchall()]
        )


def _message(row: sqlite3.Row) -> Message:
    values = {field.name: row[field.name] for field in fields(Message)}
    return Message(**{**values, "tries": tuple(json.loads(row["tries"])), "state": State(row["state"])})
