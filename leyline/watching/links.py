"""Viewing links: who has one may watch one video and nothing else. Their rules, and the table `links`.

Whose video it is is left to the caller, and watching to `watch`. Danger: a link's token is a secret
that is shown once; only its SHA-256 is kept, and it must not reach a log.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from leyline.errors import LinkOver, NotFound, TooManyLinks
from leyline.line.database import Database

MAX_LINKS_OF_TASK = 100

# Revoked and expired ones are kept to be looked at, until their room is needed.
MAKE_ROOM = """
    DELETE FROM links WHERE (SELECT count(*) FROM links WHERE task_id = :task_id) >= :most AND link_id = (
        SELECT link_id FROM links WHERE task_id = :task_id AND (revoked OR expires_at <= :now)
        ORDER BY created_at, link_id LIMIT 1
    )
"""
ADD = """
    INSERT INTO links (link_id, task_id, token_hash, label, created_at, expires_at, max_views, burn_label)
    SELECT :link_id, :task_id, :token_hash, :label, :now, :expires_at, :max_views, :burn_label
    WHERE (SELECT count(*) FROM links WHERE task_id = :task_id) < :most
    RETURNING *
"""
TASK = "SELECT 1 FROM tasks WHERE task_id = :task_id AND trashed_at IS NULL"
BY_ID = "SELECT * FROM links WHERE link_id = ?"
BY_TOKEN = "SELECT * FROM links WHERE token_hash = ? AND task_id IN (SELECT task_id FROM tasks)"
OF_TASK = "SELECT * FROM links WHERE task_id = ? ORDER BY created_at, link_id"
BURNED = """
    SELECT link_id FROM links WHERE burn_label AND NOT revoked AND expires_at > :now
        AND link_id IN (SELECT value FROM json_each(:link_ids)) AND task_id IN (SELECT task_id FROM tasks)
"""
REVOKE = "UPDATE links SET revoked = 1 WHERE link_id = ? AND task_id = ? RETURNING *"
COUNT_VIEW = """
    UPDATE links SET views = views + 1
    WHERE link_id = :link_id AND NOT revoked AND expires_at > :now AND views < coalesce(max_views, views + 1)
    RETURNING *
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One row. Times are seconds since 1970 by the wall clock."""

    link_id: str
    task_id: str
    label: str | None  # shown over the picture: whom the owner gave the link to
    created_at: float
    expires_at: float
    max_views: int | None  # None: as many as people like
    views: int
    revoked: bool
    burn_label: bool = False  # into the picture of the copy that its viewers get

    def state(self, now: float) -> str:
        """One of open, revoked, expired, spent."""
        if self.revoked:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        return "spent" if self.max_views is not None and self.views >= self.max_views else "open"

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Link":
        values = {field.name: row[field.name] for field in fields(cls)}
        return cls(**values | {name: bool(values[name]) for name in ("revoked", "burn_label")})


class Links:
    """The viewing links of one installation. What a method changed is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        task_id: str,
        *,
        label: str | None,
        expires_at: float,
        max_views: int | None,
        burn_label: bool = False,
        now: float,
    ) -> tuple[Link, str]:
        """A new link and its token, which nobody can read from it later; `TooManyLinks`, or `NotFound`.

        The oldest that was revoked or has expired makes room for it where there are too many.
        """
        token = secrets.token_hex(16)
        values = {"link_id": secrets.token_hex(8), "task_id": task_id, "token_hash": _hash(token), "now": now}
        values |= {"label": label, "expires_at": expires_at, "max_views": max_views, "most": MAX_LINKS_OF_TASK}
        values["burn_label"] = burn_label

        def add(connection: sqlite3.Connection) -> Link:
            if connection.execute(TASK, values).fetchone() is None:  # deleted or trashed since the caller looked
                raise NotFound
            connection.execute(MAKE_ROOM, values)
            link = _one(connection, ADD, values)
            if link is None:
                raise TooManyLinks
            return link

        return await self._database.write(add), token

    async def find(self, token: str) -> Link:
        """The link with this token, be it open or over; `NotFound` when there is none or its task is gone."""
        link = await self._database.read(lambda connection: _one(connection, BY_TOKEN, (_hash(token),)))
        if link is None:
            raise NotFound
        return link

    async def of_task(self, task_id: str) -> list[Link]:
        """All links of a task, the oldest first."""
        return await self._database.read(
            lambda connection: [Link.from_row(row) for row in connection.execute(OF_TASK, (task_id,))]
        )

    async def burned(self, link_ids: Iterable[str], now: float) -> set[str]:
        """Those of these links whose label is burned in, and that have not ended; a spent one has not."""
        values = {"link_ids": json.dumps(list(link_ids)), "now": now}
        return await self._database.read(lambda connection: {row[0] for row in connection.execute(BURNED, values)})

    async def revoke(self, task_id: str, link_id: str) -> Link:
        """From now on the link opens nothing; safe to call twice. `NotFound` when the task has no such link."""
        link = await self._database.write(lambda connection: _one(connection, REVOKE, (link_id, task_id)))
        if link is None:
            raise NotFound
        return link


def count_link(connection: sqlite3.Connection, link_id: str, now: float) -> None:
    """One more view, in the caller's transaction; raises `LinkOver` where the link allows no more."""
    if _one(connection, COUNT_VIEW, {"link_id": link_id, "now": now}) is None:
        raise LinkOver


def check_link(connection: sqlite3.Connection, link_id: str, now: float) -> None:
    """Raise `LinkOver` where the link was revoked or has expired; its last view may be spent."""
    link = _one(connection, BY_ID, (link_id,))
    if link is None or link.state(now) not in ("open", "spent"):
        raise LinkOver


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Link | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Link.from_row(row)
