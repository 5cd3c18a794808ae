"""Every move of a task, and of the line itself. Nothing else moves one; docs/states.md is this file's contents.

Each move is one conditional UPDATE in a transaction: what must still be true stands in its WHERE. It returns the
task as it became, or None when somebody else was faster. How it is committed and told is left to `writer`, when
which is made to the callers.
Danger: a cancel that was asked comes first; no other move wins against it, and then the task is canceled.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from leyline.errors import LineMoved
from leyline.line import failures
from leyline.line.index import REMEMBERED_RUNS
from leyline.line.orders import Change
from leyline.line.places import Places
from leyline.line.store import InLine
from leyline.line.tasks import FIRST, NewTask, Task
from leyline.line.writer import Move, Said, Writer, one
from leyline.processes import protocol

log = logging.getLogger("leyline.line")

UNDO_SECONDS = (
    60  # the page offers it for ten, and longer while somebody reaches for it; it stops well within these
)
MOST_FREE_RUNS = 10  # that count no attempt: a task that takes the whole server down with it must end as well

_COLUMNS = ", ".join(NewTask.__dataclass_fields__)
_VALUES = ", ".join(f":{name}" for name in NewTask.__dataclass_fields__)


class Moves(Writer):
    """All of them, each by its name."""

    # Into the line

    SPEND_UNDO = """
        UPDATE tasks SET undo_until = NULL WHERE task_id = :undone AND undo_until >= :now RETURNING place
    """
    ENTER = f"""
        INSERT INTO tasks (place, status, created_at, {_COLUMNS})
        VALUES (coalesce(:place, 0), 'queued', :now, {_VALUES})
    """
    # A link that was to show what came to nothing shows what comes of it now.
    SHOW_AGAIN = """
        INSERT INTO link_videos (link_id, task_id, number)
        SELECT link_id, :task_id, link_videos.number FROM link_videos JOIN tasks USING (task_id)
        WHERE task_id = :retry_of AND status IN ('failed', 'canceled')
    """
    TAKE_PLACE = "UPDATE tasks SET place = coalesce(:place, number) WHERE task_id = :task_id RETURNING *"

    async def enter(self, new: NewTask, is_undo: bool = True) -> Task:
        """The picture is durable: its task stands in line from now on; the undo of a cancel at its old place."""
        values = {**vars(new), "now": self._clock(), "undone": new.retry_of if is_undo else None}

        def enter(connection: sqlite3.Connection) -> Task:
            undone = connection.execute(self.SPEND_UNDO, values).fetchone()
            placed = {**values, "place": undone and undone["place"]}
            connection.execute(self.ENTER, placed)
            if new.retry_of is not None:
                connection.execute(self.SHOW_AGAIN, placed)
            return Task.from_row(connection.execute(self.TAKE_PLACE, placed).fetchone())

        entered = await self._commit(enter, Said(Move.ACCEPTED, bytes=new.image_bytes), new.task_id)
        assert entered is not None
        return entered

    # Out of the line, and back

    CLAIM = """
        UPDATE tasks SET status = 'processing', run = run + 1, moves = moves + 1, started_at = :now
        WHERE number = (SELECT number FROM tasks WHERE status = 'queued' ORDER BY place, number LIMIT 1)
            AND NOT (SELECT paused FROM line)
        RETURNING *
    """

    CLAIM_PICKED = """
        UPDATE tasks SET status = 'processing', run = run + 1, moves = moves + 1, started_at = :now
        WHERE task_id = :picked AND status = 'queued' AND NOT (SELECT paused FROM line)
        RETURNING *
    """
    SETTLE = "UPDATE tasks SET parameters = :parameters WHERE task_id = :task_id RETURNING *"

    async def claim(self, settle: Callable[[Task], str | None] = lambda task: task.parameters) -> Task | None:
        """The first in line is to be worked on, under a new run; None when none waits or the line is paused.

        `settle` gives the parameters that it has from now on, which may not have been known before: called in the
        transaction, so that a run that is put back is never given others.
        """

        picked = self.index.next if self.index.is_fair else None  # first come, first served, the table itself knows
        statement = self.CLAIM_PICKED if picked else self.CLAIM
        if self.index.is_fair and not picked:
            return None

        def claim(connection: sqlite3.Connection) -> Task | None:
            task = one(connection, statement, {"now": self._clock(), "picked": picked})
            if task is None or (parameters := settle(task)) == task.parameters:
                return task
            return one(connection, self.SETTLE, {"task_id": task.task_id, "parameters": parameters})

        claimed = await self._commit(claim, Said(Move.CLAIMED))
        if claimed is None and picked and self.index.next != picked:  # it had left, as is known by now
            return await self.claim(settle)
        return claimed

    MOVE = """
        UPDATE tasks SET place = :place, out_of_turn = :out_of_turn, moves = moves + 1
        WHERE task_id = :task_id AND status = 'queued'
        RETURNING *
    """

    async def move(self, task_id: str, before: str | None) -> Task | None:
        """Waiting, it stands before another that waits from now on; None: last. Nobody else stands elsewhere.

        None when it does not wait; raises `LineMoved` when the other does not, and in the fair order `InTurn` when
        that other has a turn in it, unless it is the first of all.
        """
        out_of_turn = self.index.out_of_turn_before(before)
        before_all_turns = out_of_turn == FIRST and self.index.takes_turns(before)

        def move(connection: sqlite3.Connection) -> list[Task]:
            places = Places(connection, put=partial(self._put, connection))
            target = before and places.of(before)
            if (before and not target) or before == task_id:
                raise LineMoved
            if not target:
                place = places.last()
            elif before_all_turns:
                place = places.before_turns(task_id)
            else:
                place = places.in_front_of(target, task_id)
            values = {"task_id": task_id, "place": place, "out_of_turn": out_of_turn}
            moved = one(connection, self.MOVE, values)
            others = (other for other in places.spread.values() if other.task_id != task_id)
            return [moved, *others] if moved else []

        moved = await self._commit_together(move, Said(Move.MOVED), task_id)
        return moved[0] if moved else None

    SPREAD = "UPDATE tasks SET place = :place WHERE number = :number RETURNING *"

    def _put(self, connection: sqlite3.Connection, number: int, place: float) -> Task:
        """That task stands at this place, between the same two as before."""
        return Task.from_row(connection.execute(self.SPREAD, {"number": number, "place": place}).fetchone())

    TAKE_PLACE_OF = """
        UPDATE tasks SET place = :place, moves = moves + :is_moved
        WHERE task_id = :task_id AND status = 'queued' AND place = :was
        RETURNING *
    """
    TAKE_TURN_OF = """
        UPDATE tasks SET place = :place, out_of_turn = :out_of_turn, client = :client, network = :network,
            moves = moves + :is_moved
        WHERE task_id = :task_id AND status = 'queued' AND place = :was
        RETURNING *
    """

    async def take_places(self, moved: str, changes: Sequence[Change]) -> Task:
        """The task `moved` stands elsewhere among these, each of which takes another's place: all of them, or none.
        Where there are turns it takes the other's turn, and so counts as sent by who had that.

        Raises `LineMoved` when one of them does not stand any more as it did.
        """

        def take(connection: sqlite3.Connection) -> list[Task]:
            statement = self.TAKE_TURN_OF if self.index.is_fair else self.TAKE_PLACE_OF
            taken = [one(connection, statement, _taking(*change, moved)) for change in changes]
            stand = [task for task in taken if task]
            if len(stand) < len(changes):
                raise LineMoved
            return sorted(stand, key=lambda task: task.task_id != moved)

        return (await self._commit_together(take, Said(Move.MOVED), moved))[0]

    PUT_BACK = """
        UPDATE tasks SET status = 'queued', moves = moves + 1, attempt = attempt + :attempts, out_of_turn = -1,
            place = min(place, coalesce(
                (SELECT first.place - 1 FROM tasks AS first WHERE first.status = 'queued' AND first.run = 0
                    ORDER BY first.place, first.number LIMIT 1), place
            ))
        WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
        RETURNING *
    """

    async def put_back(
        self, task: Task, reason: str, *, count_attempt: bool = False, output: Sequence[str] = ()
    ) -> Task | None:
        """First in line again, among those put back in the order that they had; the log is told why. Failed when it
        was run too often; canceled when asked."""
        free_runs = task.run - task.attempt + 1  # this one included
        if not count_attempt and free_runs >= MOST_FREE_RUNS:
            return await self.fail(task, failures.Interrupted(), output=output)
        values = {**_fence(task), "attempts": int(count_attempt)}
        said = Said(Move.PUT_BACK, counts_attempt=count_attempt, reason=reason)
        return await self._move(self.PUT_BACK, values, said, output) or await self.cancel(task, output)

    # Ends

    SUCCEED = """
        UPDATE tasks SET status = 'succeeded', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
            video_width = :width, video_height = :height, video_seconds = :seconds, video_bytes = :bytes,
            video_sound = :sound
        WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
        RETURNING *
    """
    REMEMBER_RUN = "INSERT INTO durations (seconds) VALUES (:run_seconds)"
    FORGET_RUNS = f"DELETE FROM durations WHERE number <= (SELECT max(number) FROM durations) - {REMEMBERED_RUNS}"

    async def succeed(
        self,
        task: Task,
        done: protocol.Done,
        size_bytes: int,
        run_seconds: float,
        output: Sequence[str] = (),
    ) -> Task | None:
        """Its video is durable; canceled when that was asked."""
        made = {"width": done.width, "height": done.height, "seconds": done.seconds, "sound": done.sound}
        values = {**_fence(task), **made, **self._end(), "bytes": size_bytes, "run_seconds": run_seconds}

        def succeed(connection: sqlite3.Connection) -> Task | None:
            moved = one(connection, self.SUCCEED, values)
            if moved:
                connection.execute(self.REMEMBER_RUN, values)
                connection.execute(self.FORGET_RUNS)
                self._keep_output(connection, moved, output)
            return moved

        said = Said(Move.SUCCEEDED, seconds=round(run_seconds, 3), bytes=size_bytes)
        return await self._commit(succeed, said, task.task_id, run_seconds) or await self.cancel(task, output)

    FAIL = """
        UPDATE tasks SET status = 'failed', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
            error_code = :code, error_detail = :detail
        WHERE task_id = :task_id AND status = :status AND run = :run AND NOT cancel_requested
        RETURNING *
    """

    async def fail(
        self, task: Task, failure: failures.Failure, reason: str = "", output: Sequence[str] = ()
    ) -> Task | None:
        """Ended, queued or processing as it was seen, with an error. The log gets `reason`. Canceled when asked."""
        values = {**_fence(task), **self._end(), "code": failure.code, "detail": failure.detail}
        said = Said(Move.FAILED, code=failure.code, reason=reason or failure.detail)
        return await self._move(self.FAIL, values, said, output) or await self.cancel(task, output)

    REQUEST_CANCEL = """
        UPDATE tasks SET cancel_requested = 1, moves = moves + 1
        WHERE task_id = :task_id AND status = 'processing' AND run = :run AND NOT cancel_requested
        RETURNING *
    """

    async def request_cancel(self, task: Task) -> Task | None:
        """Still running, but from now on it can only be canceled; None also when that was asked before."""
        return await self._move(self.REQUEST_CANCEL, _fence(task), Said(Move.CANCEL_REQUESTED))

    CANCEL = """
        UPDATE tasks SET status = 'canceled', moves = moves + 1, finished_at = :now, expires_at = :expires_at,
            undo_until = CASE WHEN started_at IS NULL THEN :undo_until END
        WHERE task_id = :task_id AND status = :status AND run = :run
        RETURNING *
    """

    async def cancel(self, task: Task, output: Sequence[str] = ()) -> Task | None:
        """Ended, queued or processing as it was seen, because somebody did not want it any more."""
        values = {**_fence(task), **self._end(), "undo_until": self._clock() + UNDO_SECONDS}
        return await self._move(self.CANCEL, values, Said(Move.CANCELED), output)

    # What changes a finished task and not its status

    COUNT_VIEW = """
        UPDATE tasks SET views = views + 1, moves = moves + 1 WHERE task_id = :task_id AND trashed_at IS NULL
        RETURNING *
    """

    async def count_view(
        self, task_id: str, within: Callable[[sqlite3.Connection], object] = lambda connection: None
    ) -> Task | None:
        """One more view of its video; None for no such task, or one in the trash.

        `within` runs in the same transaction, for what must be written with it; what it raises undoes both.
        """

        def count(connection: sqlite3.Connection) -> Task | None:
            within(connection)
            return one(connection, self.COUNT_VIEW, {"task_id": task_id})

        return await self._commit(count, Said(Move.VIEWED), task_id)

    TRASH = """
        UPDATE tasks SET trashed_at = :now, moves = moves + 1
        WHERE task_id = :task_id AND finished_at IS NOT NULL AND trashed_at IS NULL
        RETURNING *
    """

    async def trash(self, task_id: str) -> Task | None:
        """Into the trash; None when it has not finished, lies there already or is not there."""
        return await self._move(self.TRASH, {"task_id": task_id, "now": self._clock()}, Said(Move.TRASHED))

    RESTORE = """
        UPDATE tasks SET trashed_at = NULL, moves = moves + 1
        WHERE task_id = :task_id AND trashed_at IS NOT NULL
        RETURNING *
    """

    async def restore(self, task_id: str) -> Task | None:
        """Out of the trash, as it was before; None when it does not lie there."""
        return await self._move(self.RESTORE, {"task_id": task_id}, Said(Move.RESTORED))

    PIN = """
        UPDATE tasks SET pinned = 1, moves = moves + 1, expires_at = NULL
        WHERE task_id = :task_id AND status = 'succeeded' AND NOT files_removed AND trashed_at IS NULL
            AND NOT pinned
            AND video_bytes <= :most - (SELECT coalesce(sum(video_bytes), 0) FROM tasks WHERE pinned = 1)
            AND video_bytes <= :most_of_network - (
                SELECT coalesce(sum(pins.video_bytes), 0) FROM tasks AS pins
                WHERE pins.pinned = 1
                    AND coalesce(pins.network, pins.client) = coalesce(tasks.network, tasks.client)
            )
        RETURNING *
    """

    async def pin(self, task_id: str, *, most: float, most_of_network: float) -> Task | None:
        """Its video stays until it is unpinned.

        None when it has none, or is pinned already, or when more bytes than these would be pinned.
        """
        values = {"task_id": task_id, "most": most, "most_of_network": most_of_network}
        return await self._move(self.PIN, values, Said(Move.PINNED))

    UNPIN = """
        UPDATE tasks SET pinned = 0, moves = moves + 1, expires_at = :expires_at WHERE task_id = :task_id AND pinned
        RETURNING *
    """

    async def unpin(self, task_id: str) -> Task | None:
        """Its video is kept as long from now on as one that has just been made; None when it was not pinned."""
        return await self._move(self.UNPIN, {"task_id": task_id, "expires_at": self._expiry()}, Said(Move.UNPINNED))

    REMOVE_FILES = """
        UPDATE tasks SET files_removed = 1, moves = moves + 1, expires_at = :expires_at
        WHERE task_id = :task_id AND finished_at IS NOT NULL AND NOT files_removed AND NOT pinned
        RETURNING *
    """

    async def remove_files(self, task: Task) -> Task | None:
        """The finished task's files may go now, unless it is pinned; its row stays as long again."""
        values = {"task_id": task.task_id, "expires_at": self._expiry()}
        return await self._move(self.REMOVE_FILES, values, Said(Move.EXPIRED))

    DELETE = "DELETE FROM tasks WHERE task_id = :task_id AND status != 'processing' RETURNING *"

    async def delete(self, task_id: str) -> Task | None:
        """Its row is gone, and its files may go; None when it is processing or not there."""
        return await self._move(self.DELETE, {"task_id": task_id}, Said(Move.DELETED))

    EMPTY = "DELETE FROM tasks WHERE task_id = :task_id AND trashed_at = :trashed_at RETURNING *"

    async def empty(self, task: Task) -> Task | None:
        """The trash gives it up: as `delete`, unless it was restored since it was seen there."""
        values = {"task_id": task.task_id, "trashed_at": task.trashed_at}
        return await self._move(self.EMPTY, values, Said(Move.DELETED))

    # The line itself

    PAUSE = "UPDATE line SET paused = ?"

    async def pause(self, paused: bool) -> None:
        """Pause or resume, also for later starts: what runs is finished, nothing new starts."""

        def told(_: object) -> None:
            self.index.paused = paused
            self._events.line_changed()
            log.info("event=%s", "paused" if paused else "resumed")

        await self._write(lambda connection: connection.execute(self.PAUSE, (paused,)), told)


def _fence(task: Task) -> dict[str, Any]:
    """What must still be true of a task for a move of it: nobody moved it since it was read."""
    return {"task_id": task.task_id, "status": task.status.value, "run": task.run}


def _taking(before: InLine, after: InLine, moved: str) -> dict[str, Any]:
    """One of some that take each other's places: how it must still stand, and how it stands from now on."""
    stands = {"place": after.place, "out_of_turn": after.out_of_turn, "client": after.client}
    stood = {"task_id": before.task_id, "was": before.place, "is_moved": before.task_id == moved}
    return {**stands, **stood, "network": after.network}
