"""The browsers that asked to be told: a row for each, with the session it belongs to, until somebody deletes it.

What is told them is written by `webhooks.outbox` and sealed by `sealing`. Danger: an address of a push service is a
credential, for whoever knows it can have messages shown there; it leaves this room only as a request's address.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from leyline.errors import PushLimit
from leyline.line.database import Database
from leyline.line.tasks import Task, TaskStatus

MOST_OF_OWNER = 10  # browsers that share a session are tabs and installed pages of one
MOST = 20_000
MOST_OF_NETWORK = MOST * 3 // 4
KEEP_SECONDS = 120 * 86_400.0  # a page that is opened renews its own; who has not come for so long is forgotten
MOST_NAME = 120  # characters of a picture's name: a push service takes 4 kB


@dataclass(frozen=True)
class Words:
    """How a browser says it, in its person's language: `{name}` stands for the picture's name."""

    language: str
    succeeded: str
    failed: str
    unnamed: str

    def title(self, task: Task) -> str:
        """The sentence of a task that has ended."""
        said = self.succeeded if task.status is TaskStatus.SUCCEEDED else self.failed
        return said.replace("{name}", (task.image_name or self.unnamed)[:MOST_NAME])


@dataclass(frozen=True)
class Subscription:
    """A row. `public_key` and `secret` are the browser's own, base64url; times are seconds since 1970."""

    push_id: str
    owner: str
    network: str | None
    endpoint: str
    origin: str
    public_key: str
    secret: str
    words: Words
    contact: str  # whom its push service may turn to: the site that it was made at
    created_at: float
    renewed_at: float


class Subscriptions:
    """Those of one installation."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    # A browser's own

    FIND = "SELECT * FROM push_subscriptions WHERE endpoint = :endpoint"
    COUNT_OF_OWNER = "SELECT count(*) FROM push_subscriptions WHERE owner = :owner AND endpoint != :endpoint"
    COUNT_OF_NETWORK = "SELECT count(*) FROM push_subscriptions WHERE network = :network AND endpoint != :endpoint"
    COUNT = "SELECT count(*) FROM push_subscriptions WHERE endpoint != :endpoint"
    REMOVE_OTHERS = "DELETE FROM push_subscriptions WHERE endpoint = :endpoint AND owner != :owner"
    ADD = """
        INSERT INTO push_subscriptions
            (push_id, owner, network, endpoint, origin, public_key, secret, words, contact, created_at, renewed_at)
        VALUES (:push_id, :owner, :network, :endpoint, :origin, :public_key, :secret, :words, :contact, :now, :now)
        ON CONFLICT (endpoint) DO UPDATE SET public_key = excluded.public_key, secret = excluded.secret,
            words = excluded.words, contact = excluded.contact, renewed_at = excluded.renewed_at
        RETURNING *
    """

    async def add(
        self,
        owner: str,
        network: str | None,
        *,
        endpoint: str,
        origin: str,
        public_key: str,
        secret: str,
        words: Words,
        contact: str,
    ) -> tuple[Subscription, bool]:
        """The browser is told from now on, and whether it was not before: again, it is renewed. Or `PushLimit`.

        A browser whose session is another now is told of that one's tasks alone.
        """
        values = {
            "push_id": secrets.token_hex(16),
            "owner": owner,
            "network": network,
            "endpoint": endpoint,
            "origin": origin,
            "public_key": public_key,
            "secret": secret,
            "words": json.dumps(asdict(words), ensure_ascii=False),
            "contact": contact,
            "now": self._clock(),
        }

        def write(connection: sqlite3.Connection) -> Subscription:
            connection.execute(self.REMOVE_OTHERS, values)
            for count, most in (
                (self.COUNT_OF_OWNER, MOST_OF_OWNER),
                (self.COUNT_OF_NETWORK, MOST_OF_NETWORK),
                (self.COUNT, MOST),
            ):
                if connection.execute(count, values).fetchone()[0] >= most:
                    raise PushLimit
            return _subscription(connection.execute(self.ADD, values).fetchone())

        added = await self._database.write(write)
        return added, added.push_id == values["push_id"]

    OF_OWNER = "SELECT * FROM push_subscriptions WHERE owner = ? ORDER BY created_at, push_id"

    async def of(self, owner: str) -> list[Subscription]:
        """Those of a session, the oldest first."""
        return await self._database.read(lambda connection: self._of(connection, owner))

    def _of(self, connection: sqlite3.Connection, owner: str) -> list[Subscription]:
        return [_subscription(row) for row in connection.execute(self.OF_OWNER, (owner,)).fetchall()]

    REMOVE = "DELETE FROM push_subscriptions WHERE push_id = ? AND owner = ?"

    async def remove(self, push_id: str, owner: str) -> bool:
        """It is told nothing any more; False where the session has none of this id."""
        return await self._database.write(
            lambda connection: connection.execute(self.REMOVE, (push_id, owner)).rowcount > 0
        )

    # What the outbox needs of them

    LEFT = "SELECT count(*) FROM tasks WHERE owner = ? AND status IN ('queued', 'processing')"

    def told(self, connection: sqlite3.Connection, task: Task) -> list[tuple[Subscription, str]]:
        """Who is to be told of a task that has ended, and what. In the move's own transaction."""
        if task.owner is None:
            return []
        browsers = self._of(connection, task.owner)
        if not browsers:
            return []
        left = connection.execute(self.LEFT, (task.owner,)).fetchone()[0]
        return [(each, body_of(each, task, left)) for each in browsers]

    NAMED = "SELECT * FROM push_subscriptions WHERE push_id = ?"

    async def named(self, push_id: str) -> Subscription | None:
        """The one of this id, None where it is over."""
        row = await self._database.read(lambda connection: connection.execute(self.NAMED, (push_id,)).fetchone())
        return row and _subscription(row)

    OVER = "DELETE FROM push_subscriptions WHERE push_id = ?"

    def over(self, connection: sqlite3.Connection, push_id: str) -> None:
        """Its push service says that there is no such browser any more."""
        connection.execute(self.OVER, (push_id,))

    FORGET = "DELETE FROM push_subscriptions WHERE renewed_at < ?"

    def forget_old(self, connection: sqlite3.Connection) -> None:
        """Those whose page has not been opened for long."""
        connection.execute(self.FORGET, (self._clock() - KEEP_SECONDS,))


def body_of(subscription: Subscription, task: Task, left: int) -> str:
    """What the browser gets to read: which task, how it ended, what it shows of it, and how many are left."""
    words = subscription.words
    said = {"task_id": task.task_id, "status": task.status.value, "language": words.language, "left": left}
    return json.dumps({**said, "title": words.title(task)}, ensure_ascii=False, separators=(",", ":"))


def _subscription(row: sqlite3.Row) -> Subscription:
    values = {field.name: row[field.name] for field in fields(Subscription)}
    return Subscription(**{**values, "words": Words(**json.loads(row["words"]))})
