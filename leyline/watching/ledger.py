"""The table `views`: whose view's key was told, until when that matters, and what was counted for it.

A browser's views of one video within an hour are one, and so are its views by one link, whichever of the link's
videos they are of. Whether anybody may watch is left to `watching`, the task's own count to the store. Danger:
that a key is told is written down in the transaction that counts the view; apart, a fault between them would cost
somebody a view.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

from leyline.errors import ClientLimit, KeyUsed, NotFound, ViewEnded, ViewsBusy
from leyline.line.database import Database
from leyline.network import share_of_network
from leyline.watching.links import check_link, count_link
from leyline.watching.views import View

SAME_VIEW_SECONDS = 60 * 60  # opened again by the same browser within this time, it is still the same view
MAX_TOLD = 50_000  # keys that are remembered; each for at most an hour and a quarter
MAX_TOLD_OF_NETWORK = share_of_network(MAX_TOLD)  # or one that makes session after session would close it to all
MAX_TOLD_OF_SESSION = 1_000
RETRY_AFTER_SECONDS = 60

FORGET = "DELETE FROM views WHERE ends_at <= :now"
IS_FULL = """
    SELECT (SELECT count(*) FROM views) >= :most AND (SELECT count(*) FROM views WHERE ends_at > :now) >= :most
        OR (SELECT count(*) FROM views WHERE session = :session AND ends_at > :now) >= :most_of_session
"""
IS_FULL_FOR_NETWORK = """
    SELECT (SELECT count(*) FROM views) >= :most_of_network
        AND (SELECT count(*) FROM views WHERE network = :network AND ends_at > :now) >= :most_of_network
"""
TOLD = "SELECT 1 FROM views WHERE view_id = :view_id"
COUNTED_AT = f"""
    SELECT counted_at FROM views WHERE session = :session AND task_id = :task_id AND link_id IS :link_id
        AND counted_at > :now - {SAME_VIEW_SECONDS}
"""
LINK_COUNTED_AT = f"""
    SELECT max(link_counted_at) FROM views
    WHERE session = :session AND link_id = :link_id AND link_counted_at > :now - {SAME_VIEW_SECONDS}
"""
TELL = f"""
    INSERT INTO views (view_id, session, network, task_id, link_id, counted_at, link_counted_at, ends_at)
    VALUES (:view_id, :session, :network, :task_id, :link_id, :counted_at, :link_counted_at,
        max(:ends, max(:counted_at, coalesce(:link_counted_at, 0)) + {SAME_VIEW_SECONDS}))
"""
COUNT = "SELECT count(*) FROM views WHERE ends_at > ?"
RUN_ENDED = """
    SELECT 1 FROM tasks WHERE task_id = :task_id AND (run != :run OR status NOT IN ('processing', 'succeeded'))
"""
TASK = "SELECT 1 FROM tasks WHERE task_id = :task_id AND trashed_at IS NULL"


class CountedAlready(Exception):
    """The view was counted before, when the same browser opened it."""


class Ledger:
    """What is remembered of the views of one installation. What a method wrote is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check_room(self, session: str, network: str | None, now: float) -> None:
        """Raise `ViewsBusy` when no more keys can be told to anybody, or to this session; `ClientLimit`: to this
        network."""
        values = {"session": session, "network": network, "now": now}
        await self._database.read(lambda connection: _check_room(connection, values))

    async def count(self, now: float) -> int:
        """How many views' keys are remembered, each since at most an hour and a quarter."""
        return await self._database.read(lambda connection: int(connection.execute(COUNT, (now,)).fetchone()[0]))

    async def is_counted(self, session: str, link_id: str, now: float) -> bool:
        """Whether the link's view was counted for the same browser within the hour, so that again costs nothing."""
        values = {"session": session, "link_id": link_id, "now": now}
        return await self._database.read(lambda connection: _link_counted_at(connection, values) is not None)

    async def tell_again(self, view: View, network: str | None, now: float) -> bool:
        """Write down that the key is told of a view that was counted within the hour; False where none was.

        Raises `KeyUsed`, `LinkOver`, `ViewEnded`, `NotFound`, `ViewsBusy` or `ClientLimit`, and then nothing was
        written.
        """
        values = _values(view, network, now)

        def tell(connection: sqlite3.Connection) -> bool:
            counted_at = _counted_at(connection, values)
            if counted_at is None:
                return False
            if connection.execute(TASK, values).fetchone() is None:
                raise NotFound
            _tell(connection, values, counted_at)
            return True

        return await self._database.write(tell)

    @staticmethod
    def telling(view: View, network: str | None, now: float) -> Callable[[sqlite3.Connection], None]:
        """What is to be written, in the transaction that counts the task's view, before the key is told first.

        Raises `CountedAlready`, `KeyUsed`, `LinkOver`, `ViewEnded`, `ViewsBusy` or `ClientLimit`: then that
        transaction counts nothing.
        """
        values = _values(view, network, now)

        def tell(connection: sqlite3.Connection) -> None:
            if _counted_at(connection, values) is not None:
                raise CountedAlready
            _tell(connection, values, now)

        return tell


def _values(view: View, network: str | None, now: float) -> dict[str, Any]:
    return {
        "view_id": view.view_id,
        "session": view.session,
        "network": network,
        "task_id": view.task_id,
        "run": view.run,
        "link_id": view.link_id,
        "ends": view.ends,
        "now": now,
    }


def _check_room(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    limits = {"most": MAX_TOLD, "most_of_network": MAX_TOLD_OF_NETWORK, "most_of_session": MAX_TOLD_OF_SESSION}
    refusals = (
        (IS_FULL, ViewsBusy("Too many videos were opened within the last hour. Try again in a few minutes.")),
        (IS_FULL_FOR_NETWORK, ClientLimit("Your network has opened too many videos within the last hour.")),
    )
    for is_full, refusal in refusals:
        if connection.execute(is_full, {**values, **limits}).fetchone()[0]:
            refusal.retry_after_seconds = RETRY_AFTER_SECONDS
            raise refusal


def _counted_at(connection: sqlite3.Connection, values: dict[str, Any]) -> float | None:
    row = connection.execute(COUNTED_AT, values).fetchone()
    return None if row is None else float(row[0])


def _link_counted_at(connection: sqlite3.Connection, values: dict[str, Any]) -> float | None:
    (counted_at,) = connection.execute(LINK_COUNTED_AT, values).fetchone()
    return None if counted_at is None else float(counted_at)


def _count_link(connection: sqlite3.Connection, values: dict[str, Any]) -> float:
    """Since when this browser's view of the link counts; a new one where its hour is over, or it never was here."""
    if (counted_at := _link_counted_at(connection, values)) is None:
        count_link(connection, values["link_id"], values["now"])
        return float(values["now"])
    check_link(connection, values["link_id"], values["now"])
    return counted_at


def _tell(connection: sqlite3.Connection, values: dict[str, Any], counted_at: float) -> None:
    link_counted_at = None if values["link_id"] is None else _count_link(connection, values)
    if connection.execute(TOLD, values).fetchone():
        raise KeyUsed
    if connection.execute(RUN_ENDED, values).fetchone():
        raise ViewEnded
    connection.execute(FORGET, values)
    _check_room(connection, values)
    connection.execute(TELL, {**values, "counted_at": counted_at, "link_counted_at": link_counted_at})
