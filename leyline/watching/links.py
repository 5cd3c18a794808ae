"""Viewing links: who has one may watch its videos and nothing else. Their rules, and the tables of links.

A link shows one video or several, each by a number from 1 that never becomes another's. Whose videos they are is
left to the caller, and watching to `watching`. Danger: a link's token is a secret that is shown once; only its
SHA-256 is kept, and it must not reach a log.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from leyline.errors import LinkOver, NotFound, TooManyLinks
from leyline.line.database import Database

MAX_LINKS_OF_TASK = 100
MAX_VIDEOS = 500  # of one link: as many as the page lets somebody select
MAX_LISTED = 200

_SELECT = """
    SELECT *,
        (SELECT count(DISTINCT number) FROM link_videos WHERE link_id = links.link_id) AS videos,
        NOT EXISTS (
            SELECT 1 FROM link_videos JOIN tasks USING (task_id)
            WHERE link_id = links.link_id AND trashed_at IS NULL
        ) AS in_trash
    FROM links
"""
BY_ID = f"{_SELECT} WHERE link_id = :link_id"
OWN = f"{BY_ID} AND owner = :owner"
BY_TOKEN = f"{_SELECT} WHERE token_hash = :token_hash"
OF_TASK = f"""
    {_SELECT} WHERE link_id IN (SELECT link_id FROM link_videos WHERE task_id = :task_id)
    ORDER BY created_at, link_id
"""
OF_OWNER = f"{_SELECT} WHERE owner = :owner ORDER BY created_at DESC, link_id LIMIT {MAX_LISTED}"

COUNT_OF_TASK = "SELECT count(*) FROM link_videos WHERE task_id = :task_id"
# Revoked and expired ones are kept to be looked at, until their room is needed.
MAKE_ROOM = """
    DELETE FROM links WHERE link_id = (
        SELECT link_id FROM links JOIN link_videos USING (link_id)
        WHERE task_id = :task_id AND (revoked OR expires_at <= :now) ORDER BY created_at, link_id LIMIT 1
    )
"""
TASK = "SELECT 1 FROM tasks WHERE task_id = :task_id AND trashed_at IS NULL"
ADD = """
    INSERT INTO links
        (link_id, owner, token_hash, label, message, poster, created_at, expires_at, max_views, burn_label)
    VALUES
        (:link_id, :owner, :token_hash, :label, :message, :poster, :now, :expires_at, :max_views, :burn_label)
"""
ADD_VIDEO = "INSERT INTO link_videos (link_id, task_id, number) VALUES (:link_id, :task_id, :number)"
VIDEOS = """
    SELECT link_videos.number, task_id FROM link_videos JOIN tasks USING (task_id)
    WHERE link_id = :link_id AND trashed_at IS NULL ORDER BY link_videos.number, tasks.number
"""
BURNED = """
    SELECT link_id FROM links WHERE burn_label AND NOT revoked AND expires_at > :now
        AND link_id IN (SELECT value FROM json_each(:link_ids))
"""
REVOKE = "UPDATE links SET revoked = 1 WHERE link_id = :link_id"
COUNT_VIEW = """
    UPDATE links SET views = views + 1
    WHERE link_id = :link_id AND NOT revoked AND expires_at > :now AND views < coalesce(max_views, views + 1)
    RETURNING link_id
"""


class Poster(StrEnum):
    """What is seen of a video before it plays, also by whoever only asks for a preview of the link."""

    NONE = "none"
    BLURRED = "blurred"  # colours and light, and nothing that could be made out
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link's owner chooses. `seconds` is how long it works."""

    seconds: float
    label: str | None = None  # shown over the picture: whom the owner gave the link to
    burn_label: bool = False  # into the picture of the copy that its viewers get
    max_views: int | None = None  # None: as many as people like
    message: str | None = None  # the sender's line, above the video
    poster: Poster = Poster.NONE


@dataclass(frozen=True, slots=True)
class Link:
    """One row, and how many videos it shows. Times are seconds since 1970 by the wall clock."""

    link_id: str
    owner: str | None
    label: str | None
    message: str | None
    poster: Poster
    created_at: float
    expires_at: float
    max_views: int | None
    views: int
    revoked: bool
    burn_label: bool
    videos: int
    in_trash: bool  # all that it shows lies there

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
        truths = {name: bool(values[name]) for name in ("revoked", "burn_label", "in_trash")}
        return cls(**values | truths | {"poster": Poster(values["poster"])})


class Links:
    """The viewing links of one installation. What a method changed is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, task_ids: Sequence[str], terms: Terms, *, owner: str | None = None, now: float
    ) -> tuple[Link, str]:
        """A new link to these tasks' videos, in this order, and its token, which nobody can read from it later.

        The oldest of a task's that was revoked or has expired makes room for it where there are too many. Raises
        `TooManyLinks`, or `NotFound` where one of the tasks is not there, or in the trash.
        """
        token = secrets.token_hex(16)
        values = {**_values(terms), "link_id": secrets.token_hex(8), "token_hash": _hash(token), "now": now}
        values |= {"owner": owner, "expires_at": now + terms.seconds}

        def add(connection: sqlite3.Connection) -> Link:
            for task_id in task_ids:
                _make_room(connection, {**values, "task_id": task_id})
            connection.execute(ADD, values)
            for number, task_id in enumerate(task_ids, 1):
                connection.execute(ADD_VIDEO, {**values, "task_id": task_id, "number": number})
            return _one(connection, BY_ID, values)

        return await self._database.write(add), token

    async def find(self, token: str) -> Link:
        """The link with this token, be it open or over; `NotFound` when there is none or its videos are gone."""
        values = {"token_hash": _hash(token)}
        return await self._database.read(lambda connection: _one(connection, BY_TOKEN, values))

    async def videos(self, link: Link) -> dict[int, list[str]]:
        """Whose videos it shows under each of its numbers, in their order: tasks that do not lie in the trash, the
        newest try last."""

        def read(connection: sqlite3.Connection) -> dict[int, list[str]]:
            found: dict[int, list[str]] = {}
            for row in connection.execute(VIDEOS, {"link_id": link.link_id}):
                found.setdefault(row["number"], []).append(row["task_id"])
            return found

        return await self._database.read(read)

    async def of_task(self, task_id: str) -> list[Link]:
        """All links by which this task's video can be watched, the oldest first."""
        return await self._all(OF_TASK, {"task_id": task_id})

    async def of_owner(self, owner: str) -> list[Link]:
        """The owner's links, the newest first, at most `MAX_LISTED`."""
        return await self._all(OF_OWNER, {"owner": owner})

    async def own(self, link_id: str, owner: str) -> list[Link]:
        """The link of this id, where it is the owner's; else none."""
        return await self._all(OWN, {"link_id": link_id, "owner": owner})

    async def burned(self, link_ids: Iterable[str], now: float) -> set[str]:
        """Those of these links whose label is burned in, and that have not ended; a spent one has not."""
        values = {"link_ids": json.dumps(list(link_ids)), "now": now}
        return await self._database.read(lambda connection: {row[0] for row in connection.execute(BURNED, values)})

    async def revoke(self, link_id: str) -> None:
        """From now on the link opens nothing; safe to call twice."""
        await self._database.write(lambda connection: connection.execute(REVOKE, {"link_id": link_id}))

    async def _all(self, statement: str, values: dict[str, str]) -> list[Link]:
        return await self._database.read(
            lambda connection: [Link.from_row(row) for row in connection.execute(statement, values)]
        )


def count_link(connection: sqlite3.Connection, link_id: str, now: float) -> None:
    """One more view, in the caller's transaction; raises `LinkOver` where the link allows no more."""
    if connection.execute(COUNT_VIEW, {"link_id": link_id, "now": now}).fetchone() is None:
        raise LinkOver


def check_link(connection: sqlite3.Connection, link_id: str, now: float) -> None:
    """Raise `LinkOver` where the link was revoked or has expired; its last view may be spent."""
    try:
        link = _one(connection, BY_ID, {"link_id": link_id})
    except NotFound:
        raise LinkOver from None
    if link.state(now) not in ("open", "spent"):
        raise LinkOver


def _make_room(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    if connection.execute(TASK, values).fetchone() is None:  # deleted or trashed since the caller looked
        raise NotFound
    for makes_room in (True, False):
        if connection.execute(COUNT_OF_TASK, values).fetchone()[0] < MAX_LINKS_OF_TASK:
            return
        if makes_room:
            connection.execute(MAKE_ROOM, values)
    raise TooManyLinks


def _values(terms: Terms) -> dict[str, Any]:
    return {field.name: getattr(terms, field.name) for field in fields(terms)}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _one(connection: sqlite3.Connection, statement: str, values: dict[str, Any]) -> Link:
    row = connection.execute(statement, values).fetchone()
    if row is None:
        raise NotFound
    return Link.from_row(row)
