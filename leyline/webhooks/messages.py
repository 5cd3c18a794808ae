"""What receivers are told, and of which moves: a small JSON object for each, made when it happens, never changed.

Pure: no I/O, no clock. Danger: it leaves this machine, so nothing is in it that is not the receiver's: no owner, no
path, no name of a file and nothing of what was chosen. Whoever needs more asks the API for the task.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from leyline.line import failures
from leyline.line.tasks import Task, TaskStatus
from leyline.line.writer import Move
from leyline.times import timestamp

ID = "msg_"  # before 32 hex digits
DAY_SECONDS = 86_400.0  # how long a message is tried
KEEP_SECONDS = 3 * DAY_SECONDS  # how long the operator sees what has become of it


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"  # to be tried, again or for the first time
    DELIVERED = "delivered"  # its receiver took it
    GONE = "gone"  # its receiver said 410: nothing of this task any more
    GIVEN_UP = "given_up"  # nobody took it for a day
    REFUSED = "refused"  # its host is not allowed any more
    DROPPED = "dropped"  # more waited for its receiver than may


EVENTS = {
    Move.CLAIMED: "task.started",
    Move.SUCCEEDED: "task.succeeded",
    Move.FAILED: "task.failed",
    Move.CANCELED: "task.canceled",
    Move.DELETED: "task.canceled",  # while it waited: nothing will ever come of it
}


@dataclass(frozen=True)
class Message:
    """A row of the outbox. Times are seconds since 1970."""

    number: int
    message_id: str
    task_id: str
    event: str
    url: str
    origin: str
    body: str
    state: State
    tries: tuple[dict[str, Any], ...]  # the last of them, as `Try` has them
    created_at: float
    due_at: float | None
    ended_at: float | None
    push_id: str | None  # the browser that it is for; None for a receiver of webhooks


PUSHES = {Move.SUCCEEDED: "push.succeeded", Move.FAILED: "push.failed"}  # what a browser is told of


def event_of(move: Move, task: Task) -> str | None:
    """What the move is called for receivers; None where they are told nothing of it."""
    return None if move is Move.DELETED and task.finished else EVENTS.get(move)


def body_of(event: str, task: Task, now: float) -> str:
    """The message's body."""
    data = {
        "task_id": task.task_id,
        "client_id": task.client_id,
        "status": TaskStatus.CANCELED.value if event == "task.canceled" else task.status.value,
        "attempt": task.attempt,
        "retry_of": task.retry_of,
        "error": _error(task),
        "created_at": timestamp(task.created_at),
        "started_at": timestamp(task.started_at),
        "finished_at": timestamp(task.finished_at or (now if event == "task.canceled" else None)),
    }
    said = {"type": event, "timestamp": timestamp(now), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _error(task: Task) -> dict[str, Any] | None:
    if task.error_code is None:
        return None
    failure = failures.named(task.error_code)
    title = failure.title()
    detail = task.error_detail or title
    return {"code": task.error_code, "title": title, "detail": detail, "retryable": failure.retryable}
