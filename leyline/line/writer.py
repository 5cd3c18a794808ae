"""How a move is made: committed, applied to the index, told, logged and counted, in the order of the commits.

Which moves there are is left to `moves`. Danger: whoever asked for a move may have left when it is durable, and it
is told all the same; and after a commit of unknown outcome nothing that was known before is believed.
"""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar

from leyline.errors import DatabaseBusy, DiskLow
from leyline.line.database import Database
from leyline.line.events import Events
from leyline.line.index import LineIndex
from leyline.line.store import TaskStore
from leyline.line.tasks import Task

log = logging.getLogger("leyline.line")

T = TypeVar("T")

RETRY_SECONDS = 1.0  # between two tries of a move that the disk or the database refused


class Move(StrEnum):
    """What happened to a task, by the names that the log has for it."""

    ACCEPTED = "accepted"
    CLAIMED = "claimed"
    MOVED = "moved"
    PUT_BACK = "put_back"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED = "canceled"
    VIEWED = "viewed"
    TRASHED = "trashed"
    RESTORED = "restored"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    EXPIRED = "expired"
    DELETED = "deleted"


# The line does not change by them.
OF_FINISHED = {Move.VIEWED, Move.TRASHED, Move.RESTORED, Move.PINNED, Move.UNPINNED, Move.EXPIRED}


class Said:
    """A move's line in the log, should it win; `counts_attempt` where the task has one less from now on."""

    def __init__(self, move: Move, *, counts_attempt: bool = False, **words: Any) -> None:
        self.move = move
        self.counts_attempt = counts_attempt
        self.words = words

    def to_log(self, task: Task) -> None:
        level = logging.ERROR if self.move is Move.FAILED else logging.INFO
        words = "".join(f" {name}={word!r}" for name, word in self.words.items())
        log.log(level, "event=%s task=%s run=%d%s", self.move.value, task.task_id, task.run, words)


class Outbox(Protocol):
    """What is written of a move in its own transaction, to be told to somebody elsewhere later."""

    def write(self, connection: sqlite3.Connection, move: Move, task: Task) -> None:
        """The task has just become this; or, deleted, was this. What is raised undoes the move."""

    def written(self, task: Task) -> None:
        """All of it is durable. On the event loop."""


class Writer:
    """The one writer. A move raises `DatabaseBusy` or `DiskLow`, and then nothing has moved; or it keeps trying."""

    def __init__(
        self,
        database: Database,
        events: Events,
        *,
        keep_seconds: float,
        clock: Callable[[], float] = time.time,
        keeps_trying: bool = False,
        index: LineIndex | None = None,
        outbox: Outbox | None = None,
        on_move: Callable[[Task, Said], None] = lambda task, said: None,
    ) -> None:
        """`keep_seconds`: how long files stay after the end, and the row after them; 0 for ever.

        `on_move` counts each move when it has been told; it returns at once.
        """
        self._database = database
        self.index = index or LineIndex()  # the line as it is after each move
        self._events = events
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._keeps_trying = keeps_trying
        self._outbox = outbox
        self._on_move = on_move

    def persistent(self) -> Self:
        """The same moves, each tried until the disk takes it: what came of a run is never dropped."""
        options: dict[str, Any] = {"keep_seconds": self._keep_seconds, "clock": self._clock}
        options |= {"index": self.index, "outbox": self._outbox, "on_move": self._on_move}
        return type(self)(self._database, self._events, **options, keeps_trying=True)

    async def fill_index(self) -> None:
        """Read the whole line into the index: at the start, and whenever it may differ from the table.

        It is read by the writer, so that each move is either in what is read, or applied to it afterwards.
        """

        is_fair = self.index.is_fair

        def read(connection: sqlite3.Connection) -> LineIndex:
            return LineIndex(TaskStore.line_within(connection, is_fair=is_fair), is_fair=is_fair)

        def take(index: LineIndex) -> None:
            self.index.take_over(index)
            self._events.line_changed()

        await self._write(read, take)

    # What the model printed last goes with whichever of these ends its run

    KEEP_OUTPUT = "INSERT OR REPLACE INTO outputs (task_id, run, ended_at, lines) VALUES (?, ?, ?, ?)"

    def _keep_output(self, connection: sqlite3.Connection, task: Task, output: Sequence[str]) -> None:
        if output:
            values = (task.task_id, task.run, self._clock(), json.dumps(list(output), ensure_ascii=False))
            connection.execute(self.KEEP_OUTPUT, values)

    async def _move(self, statement: str, values: Any, said: Said, output: Sequence[str] = ()) -> Task | None:
        def move(connection: sqlite3.Connection) -> Task | None:
            moved = one(connection, statement, values)
            if moved:
                self._keep_output(connection, moved, output)
            return moved

        return await self._commit(move, said, values["task_id"])

    async def _commit(
        self,
        move: Callable[[sqlite3.Connection], Task | None],
        said: Said,
        task_id: str = "",
        run_seconds: float | None = None,
    ) -> Task | None:
        """`task_id` is for the log, where it is known before the move is made."""

        def moved(connection: sqlite3.Connection) -> list[Task]:
            task = move(connection)
            return [task] if task else []

        tasks = await self._commit_together(moved, said, task_id, run_seconds)
        return tasks[0] if tasks else None

    async def _commit_together(
        self,
        move: Callable[[sqlite3.Connection], list[Task]],
        said: Said,
        task_id: str = "",
        run_seconds: float | None = None,
    ) -> list[Task]:
        """`move` gives the task that moves, and after it those that only stand elsewhere for it.

        Of these nothing is told but where they stand, with the line.
        """

        def noted(connection: sqlite3.Connection) -> list[Task]:
            tasks = move(connection)
            if tasks and self._outbox:
                self._outbox.write(connection, said.move, tasks[0])
            return tasks

        def told(tasks: list[Task]) -> None:
            if not tasks:
                return
            task, *others = tasks
            if others:
                self.index.stand(tasks)
                for other in others:
                    self._events.rows.moved(other)
            else:
                self._apply(task, said.move, run_seconds)
            self._tell(task, said.move)
            said.to_log(task)
            if self._outbox:
                self._outbox.written(task)
            self._on_move(task, said)

        return await self._write(noted, told, task_id)

    async def _write(
        self, work: Callable[[sqlite3.Connection], T], then: Callable[[T], None], task_id: str = ""
    ) -> T:
        """`then` is called once `work` is durable, in the order of the commits, though the caller may have left."""
        while True:
            try:
                return await self._database.write(work, then, in_doubt=self._doubt)
            except (DatabaseBusy, DiskLow) as error:
                if not self._keeps_trying:
                    raise
                of_task = f" task={task_id}" if task_id else ""
                log.error("event=persist_retry error=%r%s", str(error), of_task)
            await asyncio.sleep(RETRY_SECONDS)

    def _apply(self, task: Task, move: Move, run_seconds: float | None) -> None:
        """Have the index follow."""
        if run_seconds is not None:
            self.index.run_seconds.append(run_seconds)
        if move is Move.DELETED:
            self.index.remove(task.task_id)
        elif move not in OF_FINISHED and not self.index.apply(task):
            self._fill_again()

    def _doubt(self) -> None:
        """Nobody knows what a write has done: nothing that was known before it is believed."""
        self._events.rows.doubt()
        self._fill_again()

    def _fill_again(self) -> None:
        """Soon; what was asked of the index before is about to be made good."""
        if self.index.is_filled:
            log.error("event=index_in_doubt")
            self.index.is_filled = False
            self._filling = asyncio.create_task(self.persistent().fill_index())

    def _tell(self, task: Task, move: Move) -> None:
        """Tell whoever follows the task, its run or the line what this move means for them."""
        if move is Move.DELETED:
            self._events.rows.gone(task.task_id)
            self._events.task_gone(task.task_id, task.owner)
        else:
            self._events.rows.moved(task)
            self._events.task_changed(task.task_id, task.owner)
        match move:
            case _ if move in OF_FINISHED:
                return
            case Move.CLAIMED:
                self._events.run_started(task.task_id, task.run)
            case Move.CANCEL_REQUESTED:
                self._events.run_unwanted(task.task_id, task.run)
            case _:
                self._events.run_ended(task.task_id, task.run)
        self._events.line_changed()

    def _end(self) -> dict[str, float | None]:
        return {"now": self._clock(), "expires_at": self._expiry()}

    def _expiry(self) -> float | None:
        """When the files of a task that ends now will be removed; None for never."""
        return self._clock() + self._keep_seconds if self._keep_seconds else None


def one(connection: sqlite3.Connection, statement: str, values: Any) -> Task | None:
    """The task that the statement returns, or None."""
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Task.from_row(row)
