"""Every message between the server and its children: small JSON objects, one per pipe message.

    parent              the model                             parent                the picture helper
           ←  ModelReady, or LoadFailed and its end                  ←  Ready
    Start  →                                                 Measure →
           ←  Began                                                  ←  Began
           ←  Progress, Grown, …       (Cancel →)                    ←  Measured or Refused
           ←  Done or Failed                                Prepare →
                                                                     ←  Began
                                                                     ←  Prepared or Refused

    parent              the label helper                      parent                the glimpse helper
           ←  Ready                                                  ←  Ready
    TryLabel or Burn →                                       Glimpse →
           ←  Began                                                  ←  Began
           ←  Burning, …                                             ←  Glimpsed or NotGlimpsed
           ←  Tried, Burned or NotBurned

What is done about them is left to both ends. Danger: what arrives is never trusted. `decode` raises
`ProtocolError` for whatever is not exactly one of these messages, and a child that sends such a thing is
treated as crashed. Spawn imports this module in the children, so it uses the standard library only.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

MAX_MESSAGE_BYTES = 32 * 1024  # the longest paths of this system, and the longest parameters
MAX_STAGE_LENGTH = 40  # characters of `Progress.stage` that are shown
MAX_SENTENCE_LENGTH = 300  # characters of a model's own sentence on a picture that are shown

CANCELED: Final = "canceled"  # Failed.code when the model stopped because it was told to
MODEL_ERROR: Final = "model_error"  # Failed.code when the model raised
MODEL_OUT_OF_MEMORY: Final = "model_out_of_memory"  # Failed.code for MemoryError
UNSUITABLE: Final = "unsuitable"  # Failed.code when the model says why it makes no video of this picture
DISK_FULL: Final = "disk_full"  # Failed.code when the video did not fit on the disk (ENOSPC)

FailureCode = Literal["canceled", "model_error", "model_out_of_memory", "unsuitable", "disk_full"]
WrongSetting = Literal["", "model", "model_options"]
RefusalCode = Literal[
    "empty_file",
    "not_a_picture",
    "unsupported_format",
    "damaged_picture",
    "too_many_pixels",
    "disk_low",
    "internal",
]


Parameters = dict[str, str | int | float | bool | None]  # what people chose for a picture, by name


class ProtocolError(Exception):
    """The other end of the pipe sent something that is not a message."""


@dataclass(frozen=True)
class Said:
    """A message, here or between machines: a dataclass whose fields are of the kinds that `_fits` knows."""


@dataclass(frozen=True)
class OfRun(Said):
    """Said of one run of one task, and of no other."""

    task_id: str
    run: int


# From the parent to either child


@dataclass(frozen=True)
class Shutdown(Said):
    """Exit as soon as possible."""


# From the parent to the model


@dataclass(frozen=True)
class Start(OfRun):
    """Make a video of the picture; write it to `video_path` and the newest still to `preview_path`.

    `parameters` are complete, and as the model's schema has them; {} where there is nothing to choose.
    """

    picture_path: str
    video_path: str
    preview_path: str
    parameters: Parameters


@dataclass(frozen=True)
class Cancel(OfRun):
    """Stop this run of this task at its next `report`; ignored for any other."""


# From the parent to the picture helper


@dataclass(frozen=True)
class Measure(Said):
    """Read the header of the file at `source_path`, and say how much memory its pixels need."""

    source_path: str


@dataclass(frozen=True)
class Prepare(Said):
    """Write what the model will see of the file that was measured last to `picture_path`, and its smaller ones."""

    picture_path: str
    thumbnail_path: str
    poster_path: str = ""  # where none is wanted, empty


# From the parent to the label helper


@dataclass(frozen=True)
class TryLabel(Said):
    """Say whether the label can be drawn with the fonts of this machine."""

    label: str


@dataclass(frozen=True)
class Burn(OfRun):
    """Write the video at `source_path`, with the label in its picture, to `copy_path`, by the encoder `codec`."""

    label: str
    source_path: str
    copy_path: str
    codec: str


# From the parent to the glimpse helper


@dataclass(frozen=True)
class Glimpse(Said):
    """Write small stills of the video at `source_path`, at most `count`, to `glimpses_path`, all in one file."""

    source_path: str
    glimpses_path: str
    count: int


# From any child


@dataclass(frozen=True)
class Ready(Said):
    """Waits for its first request; said once."""


@dataclass(frozen=True)
class Began(Said):
    """Has the request in hand; said once of each, first. A death from here on is the request's."""


# From the model


@dataclass(frozen=True)
class ModelReady(Ready):
    """The same of a model, and what people can choose for each picture: a JSON Schema, as text."""

    schema: str


@dataclass(frozen=True)
class LoadFailed(Said):
    """The model could not be loaded; the process exits after this message.

    `wrong` is the setting that no further try would make right: there is no such model, or no such option.
    """

    detail: str
    wrong: WrongSetting


@dataclass(frozen=True)
class Progress(OfRun):
    """`progress` is 0–100 and never falls within a run; None while nobody knows its share. At most 5 a second, the
    first and last always."""

    progress: float | None
    stage: str


@dataclass(frozen=True)
class Preview(OfRun):
    """A newer still lies at the preview path; `revision` counts from 1 within a run."""

    revision: int


@dataclass(frozen=True)
class Grown(OfRun):
    """So many whole segments, of so many seconds, lie at the video path, never to change; at most once a second."""

    segments: int
    seconds: float


@dataclass(frozen=True)
class Done(OfRun):
    """The complete video lies at the video path (not yet synced to disk)."""

    width: int
    height: int
    seconds: float
    sound: bool = False


@dataclass(frozen=True)
class Failed(OfRun):
    """The run ended without a video; `detail` is the model's own and may hold anything.

    It is for the log only, unless the code is `unsuitable`: then it was said to people.
    """

    code: FailureCode
    detail: str


# From the picture helper


@dataclass(frozen=True)
class Measured(Said):
    """The file is a picture, as far as its header tells; it can be prepared in so many bytes of memory."""

    memory_bytes: int


@dataclass(frozen=True)
class Prepared(Said):
    """Picture and thumbnail are written; width and height of what was sent, turned upright, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Refused(Said):
    """The picture is not taken, and why; `limit` and `actual` are for programs, `reason` is for the log."""

    code: RefusalCode
    detail: str
    limit: int | None
    actual: int | None
    reason: str


# From the label helper


@dataclass(frozen=True)
class Tried(Said):
    """Whether there is a font for it."""

    drawable: bool


@dataclass(frozen=True)
class Burning(OfRun):
    """Still at work; at most once a second."""


@dataclass(frozen=True)
class Burned(OfRun):
    """The complete copy lies at the copy's path (not yet synced to disk)."""


@dataclass(frozen=True)
class NotBurned(OfRun):
    """There is no copy; `reason` is for the log."""

    disk_full: bool
    reason: str


# From the glimpse helper


@dataclass(frozen=True)
class Glimpsed(Said):
    """So many stills lie at the glimpses' path (not yet synced to disk)."""

    count: int


@dataclass(frozen=True)
class NotGlimpsed(Said):
    """There are none; `reason` is for the log."""

    disk_full: bool
    reason: str


FromParent = Shutdown | Start | Cancel | Measure | Prepare | TryLabel | Burn | Glimpse
FromModel = ModelReady | LoadFailed | Progress | Preview | Grown | Done | Failed
FromHelpers = Measured | Prepared | Refused | Tried | Burning | Burned | NotBurned | Glimpsed | NotGlimpsed
FromChild = Ready | Began | FromModel | FromHelpers
Message = FromParent | FromChild
M = TypeVar("M", bound="Said")


@dataclass(frozen=True)
class Conversation:
    """What is said between the parent and one kind of child; each request ends with one of `ends`."""

    from_parent: tuple[type[FromParent], ...]
    from_child: tuple[type[FromChild], ...]
    ends: tuple[type[FromChild], ...]


MODEL = Conversation(
    from_parent=(Start, Cancel, Shutdown),
    from_child=(ModelReady, LoadFailed, Began, Progress, Preview, Grown, Done, Failed),
    ends=(Done, Failed),
)
PICTURES = Conversation(
    from_parent=(Measure, Prepare, Shutdown),
    from_child=(Ready, Began, Measured, Prepared, Refused),
    ends=(Measured, Prepared, Refused),
)
LABELS = Conversation(
    from_parent=(TryLabel, Burn, Shutdown),
    from_child=(Ready, Began, Burning, Tried, Burned, NotBurned),
    ends=(Tried, Burned, NotBurned),
)
GLIMPSES = Conversation(
    from_parent=(Glimpse, Shutdown),
    from_child=(Ready, Began, Glimpsed, NotGlimpsed),
    ends=(Glimpsed, NotGlimpsed),
)


def may_be_about(message: Said, request: Said) -> bool:
    """False of a message that names another run than the request does: it comes too late, or is a lie."""
    if isinstance(message, OfRun) and isinstance(request, OfRun):
        return (message.task_id, message.run) == (request.task_id, request.run)
    return True


def encode(message: Said) -> bytes:
    """The message as UTF-8 JSON, at most `MAX_MESSAGE_BYTES` long, else `ProtocolError`."""
    body = {"message": type(message).__name__, **dataclasses.asdict(message)}
    text = json.dumps(body, allow_nan=False, ensure_ascii=False)
    data = text.encode("utf-8", "surrogatepass")  # a path may hold bytes that are no text
    if len(data) > MAX_MESSAGE_BYTES:
        raise ProtocolError(f"a {type(message).__name__} of {len(data)} bytes is too long for the pipe")
    return data


def decode(data: bytes, expected: tuple[type[M], ...]) -> M:
    """The one message that `data` is, if it is of the `expected` kinds, else `ProtocolError`."""
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


def _build(message_type: type[M], body: dict[str, Any]) -> M:
    fields = dataclasses.fields(message_type)
    if {field.name for field in fields} != set(body):
        raise ProtocolError(f"a {message_type.__name__} with the wrong fields")
    for field in fields:
        if not _fits(field.type, body[field.name]):
            raise ProtocolError(f"a {message_type.__name__} whose {field.name} is not valid")
    if not 0 <= (body.get("progress") or 0) <= 100:
        raise ProtocolError("a progress outside 0–100")
    if 0 in (body.get("width"), body.get("height")):
        raise ProtocolError("a picture without a size")
    return message_type(**body)


def _fits(annotation: Any, value: object) -> bool:
    if annotation is int:
        return type(value) is int and 0 <= value < 2**53
    if annotation is float:
        return type(value) in (int, float) and abs(value) < 2**53  # type: ignore[arg-type]  # NaN neither
    if annotation == int | None or annotation == float | None:
        return value is None or _fits(get_args(annotation)[0], value)
    if annotation == Parameters:
        return isinstance(value, dict) and all(
            _fits(str, name) and _is_scalar(each) for name, each in value.items()
        )
    if get_origin(annotation) is Literal:
        return type(value) is str and value in get_args(annotation)
    return type(value) is annotation  # text, or true or false


def _is_scalar(value: object) -> bool:
    return value is None or type(value) in (str, bool) or (type(value) in (int, float) and _fits(float, value))
