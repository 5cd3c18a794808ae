"""Every refusal: one class each. Its docstring is the sentence people read.

    LeylineError
    ├── Refusal            what a request is answered with: an HTTP status and a stable code
    │   ├── EmptyFile, BadRequest, … NotFound, …
    │   └── LineFull, ClientLimit, Stopping, DatabaseBusy, DiskLow    try again later
    ├── Failure            why an accepted task ended without a video: in `failures`
    └── StartupError       why the server cannot start: one sentence for the operator, then exit

`title` never changes for a code. `detail` may add what is particular: a limit and what was met.
"""

import inspect
from typing import Any, ClassVar


class LeylineError(Exception):
    """Something went wrong."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.extra = extra

    @classmethod
    def title(cls) -> str:
        return inspect.cleandoc(cls.__doc__ or "").split("\n")[0]


class Refusal(LeylineError):
    """The request was refused."""

    status: ClassVar[int]
    retry_after_seconds: float | None = None


class StartupError(LeylineError):
    """The server cannot start."""

    code = "startup"


# The request itself


class BadRequest(Refusal):
    """The request is not understood."""

    status, code = 400, "bad_request"


class Unauthorized(Refusal):
    """This server needs an access token."""

    status, code = 401, "token_needed"


class OperatorOnly(Refusal):
    """This needs the operator's token."""

    status, code = 403, "operator_only"


class CrossOrigin(Refusal):
    """This request came from another site, and was refused to protect you."""

    status, code = 403, "cross_origin"


class NotFound(Refusal):
    """There is nothing at this address."""

    status, code = 404, "not_found"


class MethodNotAllowed(Refusal):
    """This address does not answer to that method."""

    status, code = 405, "method_not_allowed"


class UnknownHost(Refusal):
    """This server does not answer to that host name; LEYLINE_HOSTS adds it."""

    status, code = 421, "unknown_host"


class HeadersTooLarge(Refusal):
    """The request's headers are too large."""

    status, code = 431, "headers_too_large"


class Internal(Refusal):
    """Something went wrong on the server; its log says what."""

    status, code, retryable = 500, "internal", True


# The picture


class EmptyFile(Refusal):
    """The file is empty. Choose a picture and send it again."""

    status, code = 400, "empty_file"


class TooLarge(Refusal):
    """The file is too large. Send a smaller one."""

    status, code = 413, "too_large"


class NotAPicture(Refusal):
    """This file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF file."""

    status, code = 415, "not_a_picture"


class UnsupportedFormat(Refusal):
    """This kind of picture is not supported. Save it as JPEG or PNG and send that."""

    status, code = 415, "unsupported_format"


class DamagedPicture(Refusal):
    """The picture is damaged and cannot be read to its end. Export it again and send the new file."""

    status, code = 422, "damaged_picture"


class TooManyPixels(Refusal):
    """The picture has too many pixels. Make it smaller and send it again."""

    status, code = 422, "too_many_pixels"


# The idempotency key


class KeyInFlight(Refusal):
    """An upload with this Idempotency-Key is still under way. Ask again when it has ended."""

    status, code, retryable = 409, "key_in_flight", True
    retry_after_seconds = 1


class KeyReused(Refusal):
    """This Idempotency-Key was used for another picture. Use a new key for a new picture."""

    status, code = 422, "key_reused"


# The task's state


class TaskRunning(Refusal):
    """The task is running. Cancel it first."""

    status, code = 409, "task_running"


class TaskFinished(Refusal):
    """The task has already finished."""

    status, code = 409, "task_finished"


class TaskNotFinished(Refusal):
    """The task has not finished, so it cannot be tried again yet."""

    status, code = 409, "task_not_finished"


class NotReady(Refusal):
    """The video is not ready yet."""

    status, code, retryable = 409, "not_ready", True


class Expired(Refusal):
    """The video was kept for its time and has been removed. Send the picture again for a new one."""

    status, code = 410, "expired"


class VideoMissing(Refusal):
    """The video's file is missing on the server. Send the picture again for a new one."""

    status, code = 410, "video_missing"


class PictureMissing(Refusal):
    """The picture's file is missing on the server. Send the picture again."""

    status, code = 410, "picture_missing"


# Watching


class NoSession(Refusal):
    """Videos are watched in a browser session. Open this server's page first."""

    status, code = 401, "no_session"


class WatchOnly(Refusal):
    """This video is to be watched on its page, not downloaded."""

    status, code = 403, "watch_only"


class TicketRefused(Refusal):
    """This view is over, or it is not yours. Start the video again."""

    status, code = 403, "ticket_refused"


class RangeNotSatisfiable(Refusal):
    """The video has no bytes in that range."""

    status, code = 416, "range_not_satisfiable"


class KeyUsed(Refusal):
    """The key of this view has already been given out. Start the video again."""

    status, code = 409, "key_used"


class LinkOver(Refusal):
    """This viewing link has ended. Ask the person who sent it for a new one."""

    status, code = 410, "link_over"


class TooManyLinks(Refusal):
    """This video has reached its limit of viewing links. Revoke one first."""

    status, code = 409, "too_many_links"


class ViewsBusy(Refusal):
    """Many people are opening videos at this moment. Try again in a second."""

    status, code, retryable = 503, "views_busy", True
    retry_after_seconds = 1


# Not now


class LineFull(Refusal):
    """The line is full. Try again when it has moved."""

    status, code, retryable = 503, "line_full", True


class ClientLimit(Refusal):
    """You have reached the limit for one client. Try again later."""

    status, code, retryable = 429, "client_limit", True


class Stopping(Refusal):
    """The server is stopping. Try again in a moment."""

    status, code, retryable = 503, "stopping", True
    retry_after_seconds = 5


class DatabaseBusy(Refusal):
    """The server's database is busy. Try again in a moment."""

    status, code, retryable = 503, "database_busy", True
    retry_after_seconds = 2


class PicturesBusy(Refusal):
    """The server could not read pictures at this moment. Send yours again."""

    status, code, retryable = 503, "pictures_busy", True
    retry_after_seconds = 2


class DiskLow(Refusal):
    """The server's disk is nearly full. Try again when its operator has made room."""

    status, code, retryable = 507, "disk_low", True
    retry_after_seconds = 5
