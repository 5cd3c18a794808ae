"""An owner's videos, found by words and in an order: all that there are, whatever a page has seen of them so far.

What a word is looked for in, and what is alike in it, the page does the same way (static/wall/found.js). Danger:
there is one reading thread for all, so each look reads a few rows, by an index, and says where the next goes on.
"""

import json
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from leyline.line.database import Database
from leyline.line.tasks import Task

MOST_READ = 500  # rows of one look, a few milliseconds: of many videos with rare words, a page asks again and again
MOST_LETTERS = 200  # of what is looked for


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    LENGTH = "length"  # the longest first


@dataclass(frozen=True)
class Found:
    """Some of an owner's videos, and the last that was looked at; None where there was nothing after it."""

    tasks: list[Task]
    next: str | None


class Videos:
    """Finished tasks that have their video and do not lie in the trash."""

    _OWN = """
        SELECT * FROM tasks
        WHERE owner = :owner AND status = 'succeeded' AND files_removed = 0 AND trashed_at IS NULL
    """
    NEWEST = f"""{_OWN}
        AND (finished_at, number) < (:key, :number) ORDER BY finished_at DESC, number DESC LIMIT :most
    """
    OLDEST = f"{_OWN} AND (finished_at, number) > (:key, :number) ORDER BY finished_at, number LIMIT :most"
    NAME = f"""{_OWN}
        AND (image_name COLLATE NOCASE, number) > (:key, :number)
        ORDER BY image_name COLLATE NOCASE, number LIMIT :most
    """
    LENGTH = f"""{_OWN}
        AND (video_seconds, number) < (:key, :number) ORDER BY video_seconds DESC, number DESC LIMIT :most
    """

    # By order: the statement, the column that it goes by, and what is before all there is.
    _ORDERS: ClassVar[dict[Order, tuple[str, str, Any, int]]] = {
        Order.NEWEST: (NEWEST, "finished_at", float("inf"), 2**62),
        Order.OLDEST: (OLDEST, "finished_at", float("-inf"), 0),
        Order.NAME: (NAME, "image_name", "", 0),
        Order.LENGTH: (LENGTH, "video_seconds", float("inf"), 2**62),
    }

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, owner: str, search: str, order: Order, after: Task | None, limit: int) -> Found:
        """At most `limit` videos that have each word of `search`, after the task `after` or from the first on."""
        statement, column, key, number = self._ORDERS[order]
        if after:
            key, number = getattr(after, column), after.number
        values = {"owner": owner, "key": key, "number": number, "most": MOST_READ + 1}
        return await self._database.read(
            lambda connection: _look(connection.execute(statement, values), words(search), limit)
        )


def words(text: str) -> list[str]:
    """What each of these words is looked for as."""
    return plain(text).split()


def plain(text: str) -> str:
    """The text without what people leave out where they search: capitals, accents, how letters are encoded."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn").lower()


def searched(name: str, parameters: str | None) -> str:
    """What is searched of a task: its picture's name and its prompt; without one, all texts that were chosen."""
    chosen = json.loads(parameters) if parameters else {}
    prompt = chosen.get("prompt")
    texts = [prompt] if isinstance(prompt, str) else [each for each in chosen.values() if isinstance(each, str)]
    return plain("\n".join([name, *texts]))


def _look(rows: sqlite3.Cursor, wanted: Sequence[str], limit: int) -> Found:
    found: list[Task] = []
    last: str | None = None
    for number, row in enumerate(rows):
        if len(found) == limit or number == MOST_READ:
            return Found(found, last)
        last = row["task_id"]
        text = searched(row["image_name"], row["parameters"]) if wanted else ""
        if all(word in text for word in wanted):
            found.append(Task.from_row(row))
    return Found(found, None)
