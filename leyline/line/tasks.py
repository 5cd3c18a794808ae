"""A task: its states, the legal moves between them, and its row. Pure: no I/O, no clock.

    queued ──→ processing ──→ succeeded | failed | canceled
      │ ↑______________│ put back after a crash or a stop, first in line again
      └──→ canceled | failed (its picture is gone)

Terminal states never change.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

LIVE_CHANGES_PER_MOVE = 1_000_000  # a stored move takes `version` to the next multiple of this
FIRST, IN_TURN, LAST = -1, 0, 1  # `out_of_turn`: before all turns of the fair order, in them, behind them
TRASH_SECONDS = 60 * 60  # how long the trash keeps what was put there


class TaskStatus(StrEnum):
    QUEUED = "queued"  # waits in line
    PROCESSING = "processing"  # the model process works on it
    SUCCEEDED = "succeeded"  # its video is on disk
    FAILED = "failed"  # it will never have a video; its error says why
    CANCELED = "canceled"  # somebody did not want it any more


TERMINAL = frozenset({TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELED})

# The legal moves, which the WHEREs of `moves` enforce and docs/states.md draws.
MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.QUEUED: frozenset({TaskStatus.PROCESSING, TaskStatus.CANCELED, TaskStatus.FAILED}),
    TaskStatus.PROCESSING: frozenset({TaskStatus.QUEUED}) | TERMINAL,
    TaskStatus.SUCCEEDED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELED: frozenset(),
}


@dataclass(frozen=True)
class NewTask:
    """What is known of a task before it has a number."""

    task_id: str
    owner: str | None
    client: str
    client_id: str | None
    retry_of: str | None
    upload_sha256: str | None
    idempotency_key: str | None
    image_name: str
    image_width: int
    image_height: int
    image_bytes: int
    network: str | None = None  # whence it came; None where that tells nobody apart
    parameters: str | None = None  # as `Task` has them
    sent_sha256: str | None = None
    webhook_url: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the store. Times are seconds since 1970 by the wall clock, or None before they happen."""

    number: int  # AUTOINCREMENT: the order of acceptance
    place: float  # the order in line; `number`, or the old place of a canceled task that was retried
    task_id: str  # 128 random bits as 32 lower-case hex digits
    owner: str | None  # digest of the session it was made with; None: reached by whoever has the id
    client: str  # whose it is for limits: the owner, else the address
    client_id: str | None  # the client's own word, echoed and never used
    status: TaskStatus
    moves: int  # stored moves so far; the larger half of `version`
    run: int  # grows at every claim; fences every message, UPDATE and video key
    attempt: int  # 1, and one more each time the model process died or hung in the task
    cancel_requested: bool
    retry_of: str | None
    upload_sha256: str | None
    idempotency_key: str | None  # digest of the header, scoped by `owner`, else by `upload_sha256`
    image_name: str
    image_width: int
    image_height: int
    image_bytes: int
    video_width: int | None
    video_height: int | None
    video_seconds: float | None
    video_bytes: int | None
    views: int
    error_code: str | None
    error_detail: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    files_removed: bool  # retention took picture and video; the row stays as long again
    trashed_at: float | None  # since when it lies in the trash
    network: str | None  # whence it came; None where that tells nobody apart, and each `client` counts as one
    pinned: bool  # its files stay until somebody says otherwise
    parameters: str | None  # JSON, complete; None while nobody knows what may be chosen
    sent_sha256: str | None  # digest of those that were sent, for it or what it repeats, without a seed; or None
    video_sound: bool  # there is something to hear in it
    webhook_url: str | None  # whom each of its moves is told; None for nobody
    batch_id: str | None  # the client's own word for what was sent together
    out_of_turn: int  # where it was put by hand, or put back; first come, first served, needs its `place` alone

    @property
    def finished(self) -> bool:
        return self.status in TERMINAL

    @property
    def is_being_made(self) -> bool:
        return self.status is TaskStatus.PROCESSING

    @property
    def is_trashed(self) -> bool:
        return self.trashed_at is not None

    @property
    def is_chosen(self) -> bool:
        """Whether anything was chosen for it, by who sent it or for the task that it repeats."""
        return self.sent_sha256 is not None

    @property
    def kept_until(self) -> float | None:
        """When the next thing of it goes: its files, in the trash all of it; None for never."""
        return self.expires_at if self.trashed_at is None else self.trashed_at + TRASH_SECONDS

    @property
    def holder(self) -> tuple[str, str]:
        """Whose its bytes are: a network, and a client in it; a client alone counts as a network."""
        return self.network or self.client, self.client

    @property
    def video_key(self) -> str:
        """The name of this run's video among the media."""
        return f"{self.task_id}-{self.run}"

    @classmethod
    def from_row(cls, row: Any) -> "Task":
        """The task in a row with a column for each field."""
        values = {field.name: row[field.name] for field in fields(cls)}
        values["status"] = TaskStatus(values["status"])
        values["cancel_requested"] = bool(values["cancel_requested"])
        values["files_removed"] = bool(values["files_removed"])
        values["pinned"] = bool(values["pinned"])
        values["video_sound"] = bool(values["video_sound"])
        return cls(**values)
