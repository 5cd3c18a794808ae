"""Every message between the worker and the model process: small JSON objects, one per pipe message.

The model process imports this module, so it uses the standard library only. What arrives is never
trusted: `decode` raises `ProtocolError` for whatever is not exactly one of these messages, and a peer
that sends such a thing is treated as crashed.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

MAX_MESSAGE_BYTES = 16 * 1024
MAX_STAGE_LENGTH = 40  # characters of `Progress.stage` that are shown

CANCELED = "canceled"  # Failed.code when the model stopped because it was told to
MODEL_ERROR = "model_error"  # Failed.code when the model raised
MODEL_OUT_OF_MEMORY = "model_out_of_memory"  # Failed.code for MemoryError
DISK_FULL = "disk_full"  # Failed.code when the video did not fit on the disk (ENOSPC)


class ProtocolError(Exception):
    """The other end of the pipe sent something that is not a message."""


# From the worker to the model process


@dataclass(frozen=True)
class Start:
    """Make a video of the picture; write it to `video_path` and the newest still to `preview_path`."""

    task_id: str
    run: int
    picture_path: str
    video_path: str
    preview_path: str


@dataclass(frozen=True)
class Cancel:
    """Stop this run of this task at its next `report`; ignored for any other."""

    task_id: str
    run: int


@dataclass(frozen=True)
class Shutdown:
    """Exit as soon as possible."""


# From the model process to the worker


@dataclass(frozen=True)
class Loading:
    """The process runs and has begun to load its model."""


@dataclass(frozen=True)
class Ready:
    """The model is loaded and waits for its first Start; said once."""


@dataclass(frozen=True)
class LoadFailed:
    """The model could not be loaded; the process exits after this message."""

    detail: str


@dataclass(frozen=True)
class Progress:
    """`progress` is 0–100 and never falls within a run; at most 5 a second, the first and last always."""

    task_id: str
    run: int
    progress: float
    stage: str


@dataclass(frozen=True)
class Preview:
    """A newer still lies at the preview path; `revision` counts from 1 within a run."""

    task_id: str
    run: int
    revision: int


@dataclass(frozen=True)
class Done:
    """The complete video lies at the video path (not yet synced to disk)."""

    task_id: str
    run: int
    width: int
    height: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """The run ended without a video; `code` is one of this module's four."""

    task_id: str
    run: int
    code: str
    detail: str


Message = Start | Cancel | Shutdown | Loading | Ready | LoadFailed | Progress | Preview | Done | Failed
FROM_WORKER: tuple[type[Message], ...] = (Start, Cancel, Shutdown)
FROM_MODEL: tuple[type[Message], ...] = (Loading, Ready, LoadFailed, Progress, Preview, Done, Failed)


def encode(message: Message) -> bytes:
    """The message as UTF-8 JSON, at most `MAX_MESSAGE_BYTES` long, else `ProtocolError`."""
    body = {"message": type(message).__name__, **dataclasses.asdict(message)}
    data = json.dumps(body, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > MAX_MESSAGE_BYTES:
        raise ProtocolError(f"a {type(message).__name__} of {len(data)} bytes is too long for the pipe")
    return data


def decode(data: bytes, expected: tuple[type[Message], ...]) -> Message:
    """The one message that `data` is, if it is of the `expected` direction, else `ProtocolError`."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise ProtocolError("a message that is not JSON") from None
    if not isinstance(body, dict):
        raise ProtocolError("a message that is not an object")
    name = body.pop("message", None)
    for message_type in expected:
        if message_type.__name__ == name:
            return _build(message_type, body)
    raise ProtocolError("a message of an unknown kind")


def _build(message_type: type[Message], body: dict[str, Any]) -> Message:
    fields = dataclasses.fields(message_type)
    if {field.name for field in fields} != set(body):
        raise ProtocolError(f"a {message_type.__name__} with the wrong fields")
    for field in fields:
        if not _fits(field.type, body[field.name]):
            raise ProtocolError(f"a {message_type.__name__} whose {field.name} is not valid")
    if not 0 <= body.get("progress", 0) <= 100:
        raise ProtocolError("a progress outside 0–100")
    return message_type(**body)


def _fits(annotation: Any, value: object) -> bool:
    if annotation is int:
        return type(value) is int and 0 <= value < 2**53
    if annotation is float:
        return type(value) in (int, float) and abs(value) < 2**53  # type: ignore[arg-type]  # NaN neither
    return isinstance(value, str)
